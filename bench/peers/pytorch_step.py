"""One training step of LERF on nerfacto in plain PyTorch, eager, timed: what `bench gpu` is compared with.

The same work as langfield's joint step at the same sizes: pose refinement, two proposal rounds, the radiance field,
colours, the language field's hash grids with their CLIP and DINO heads (the direct form, with an embedding per sample, as
the original has it), all losses, all gradients, Adam and RAdam over every parameter. Hash grids are index_select on a
table; nothing is compiled or fused by hand. Needs PyTorch and nothing else; says so and ends where it is missing, or
where there is no CUDA device (`--device cpu` with `--size tiny` tries the script out).

    python3 bench/peers/pytorch_step.py --size base
"""

import argparse
import json
import math
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("skipped: PyTorch is not installed")
    sys.exit(0)

NERFACTO = {
    "proposals": [((5, 2, 17, 16, 128), 256), ((5, 2, 17, 16, 256), 96)],
    "samples": 48,
    "grid": (16, 2, 19, 16, 2048),
    "width": 64,
    "appearance": 32,
}
SMALL = {
    "proposals": [((5, 2, 14, 16, 64), 64), ((5, 2, 14, 16, 128), 48)],
    "samples": 32,
    "grid": (8, 2, 15, 16, 1024),
    "width": 64,
    "appearance": 0,
}
TINY = {
    "proposals": [((2, 2, 8, 4, 8), 16), ((2, 2, 8, 4, 16), 12)],
    "samples": 8,
    "grid": (2, 2, 8, 4, 32),
    "width": 16,
    "appearance": 4,
}
# Grids are (levels, features, log2 of the table, coarsest, finest); heads (width, hidden layers of the CLIP head).
SIZES = {
    "tiny": (TINY, {"grids": [(2, 4, 8, 4, 8)], "head": (32, 2), "clip": 24, "dino": 12, "samples": 4, "rays": 16}),
    "small": (SMALL, {"grids": [(8, 4, 15, 16, 128), (8, 4, 15, 128, 512)], "head": (128, 2), "clip": 512, "dino": 384,
                      "samples": 12, "rays": 4096}),
    "lite": (NERFACTO, {"grids": [(16, 8, 19, 16, 512)], "head": (256, 4), "clip": 512, "dino": 384, "samples": 12,
                        "rays": 4096}),
    "base": (NERFACTO, {"grids": [(12, 8, 19, 16, 128), (12, 8, 19, 128, 512)], "head": (256, 4), "clip": 512,
                        "dino": 384, "samples": 24, "rays": 4096}),
    "big": (NERFACTO, {"grids": [(16, 8, 19, 16, 128), (16, 8, 19, 128, 512)], "head": (256, 4), "clip": 768,
                       "dino": 384, "samples": 32, "rays": 4096}),
}
CAMERAS = 50


class HashGrid(torch.nn.Module):
    """Multi-resolution hash grid with trilinear interpolation; one table for all levels."""

    def __init__(self, levels, features, log2_entries, coarsest, finest):
        super().__init__()
        growth = math.exp((math.log(finest) - math.log(coarsest)) / max(1, levels - 1))
        scales, resolutions, entries = [], [], []
        for level in range(levels):
            scale = coarsest * growth**level - 1
            resolution = math.ceil(scale) + 1
            scales.append(scale)
            resolutions.append(resolution)
            entries.append(min(math.ceil(resolution**3 / 8) * 8, 2**log2_entries))
        self.hashed = [r**3 > e for r, e in zip(resolutions, entries)]
        self.scales, self.resolutions, self.entries = scales, resolutions, entries
        self.table = torch.nn.Parameter(torch.empty(sum(entries), features).uniform_(-1e-4, 1e-4))
        self.width = levels * features

    def rows(self, level, node):
        """node [points, 8, 3] to rows of the table."""
        x, y, z = node.unbind(-1)
        if self.hashed[level]:
            return (x ^ (y * 2654435761) ^ (z * 805459861)) & (self.entries[level] - 1)
        resolution = self.resolutions[level]
        return (x + resolution * (y + resolution * z)) % self.entries[level]

    def forward(self, positions):
        """positions [points, 3] in [0, 1] to features [points, width]."""
        corners = torch.tensor([[c & 1, c >> 1 & 1, c >> 2] for c in range(8)], device=positions.device)
        encoded, first = [], 0
        for level, scale in enumerate(self.scales):
            place = positions * scale + 0.5
            below = place.detach().floor()
            fraction = (place - below)[:, None]
            rows = self.rows(level, below.long()[:, None] + corners) + first
            parts = torch.where(corners == 1, fraction, 1 - fraction)
            values = self.table.index_select(0, rows.reshape(-1)).view(*rows.shape, -1)
            encoded.append((parts.prod(-1, keepdim=True) * values).sum(1))
            first += self.entries[level]
        return torch.cat(encoded, -1)


def perceptron(*widths):
    """ReLU between linear layers; the first has a bias, as padding with ones gives one."""
    layers = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        layers += [torch.nn.Linear(inputs, outputs, bias=index == 0), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def contract(points, order):
    """Scene to the unit cube, by the norm of the given order."""
    norm = torch.linalg.norm(points, ord=order, dim=-1, keepdim=True).clamp_min(1e-9)
    inside = torch.where(norm < 1, points, (2 - 1 / norm) * points / norm)
    return (inside + 2) / 4


def distances_of(edges, near=0.05, far=1000.0):
    to_spacing = lambda t: t / 2 if t < 1 else 1 - 1 / (2 * t)
    s = edges * to_spacing(far) + (1 - edges) * to_spacing(near)
    return torch.where(s < 0.5, 2 * s, 1 / (2 - 2 * s))


def composite(density, distances):
    depth = density * distances.diff(dim=-1)
    before = depth.cumsum(-1) - depth
    return (1 - torch.exp(-depth)) * torch.exp(-before)


def resample(edges, weights, samples, jitter):
    """Stratified samples of the histogram of weights, one jitter per ray."""
    weights = weights + 0.01
    cumulative = (weights / weights.sum(-1, keepdim=True)).cumsum(-1)
    cumulative = torch.cat([torch.zeros_like(cumulative[:, :1]), cumulative], -1)
    wanted = (torch.arange(samples + 1, device=edges.device) + jitter) / (samples + 1)
    above = torch.searchsorted(cumulative, wanted.contiguous(), right=True).clamp(1, edges.shape[-1] - 1)
    low, high = cumulative.gather(-1, above - 1), cumulative.gather(-1, above)
    near, end = edges.gather(-1, above - 1), edges.gather(-1, above)
    return near + ((wanted - low) / (high - low).clamp_min(1e-9)).clamp(0, 1) * (end - near)


def harmonics(d):
    x, y, z = d.unbind(-1)
    xx, yy, zz = x * x, y * y, z * z
    return torch.stack([
        torch.full_like(x, 0.28209479), -0.48860251 * y, 0.48860251 * z, -0.48860251 * x, 1.09254843 * x * y,
        -1.09254843 * y * z, 0.94617470 * zz - 0.31539157, -1.09254843 * x * z, 0.54627422 * (xx - yy),
        0.59004359 * y * (yy - 3 * xx), 2.89061144 * x * y * z, 0.45704580 * y * (1 - 5 * zz),
        0.37317633 * z * (5 * zz - 3), 0.45704580 * x * (1 - 5 * zz), 1.44530572 * z * (xx - yy),
        0.59004359 * x * (3 * yy - xx),
    ], -1)


def interlevel_loss(edges, weights, outer_edges, outer_weights):
    """How much the final weights exceed the proposal's histogram around them."""
    cumulative = F.pad(outer_weights.cumsum(-1), (1, 0))
    last = outer_edges.shape[-1] - 1
    first = (torch.searchsorted(outer_edges, edges[:, :-1].contiguous(), right=True) - 1).clamp(0, last)
    end = torch.searchsorted(outer_edges, edges[:, 1:].contiguous(), right=True).clamp(0, last)
    bound = cumulative.gather(-1, end) - cumulative.gather(-1, first)
    excess = (weights - bound).clamp_min(0)
    return (excess**2 / (weights + 1e-7)).mean()


def distortion_loss(edges, weights):
    middle = (edges[:, 1:] + edges[:, :-1]) / 2
    pairs = (weights[:, :, None] * weights[:, None] * (middle[:, :, None] - middle[:, None]).abs()).sum((-1, -2))
    return (pairs + (weights**2 * edges.diff(dim=-1)).sum(-1) / 3).mean()


class Scene(torch.nn.Module):
    def __init__(self, radiance, language):
        super().__init__()
        self.radiance, self.language = radiance, language
        self.proposals = torch.nn.ModuleList()
        for grid, _ in radiance["proposals"]:
            table = HashGrid(*grid)
            self.proposals.append(torch.nn.Sequential(table, perceptron(table.width, 16, 1)))
        width = radiance["width"]
        self.grid = HashGrid(*radiance["grid"])
        self.density = perceptron(self.grid.width, width, 16)
        self.colour = perceptron(31 + radiance["appearance"], width, width, 3)
        self.appearance = torch.nn.Parameter(torch.randn(CAMERAS, radiance["appearance"]))
        self.poses = torch.nn.Parameter(torch.zeros(CAMERAS, 6))
        self.language_grids = torch.nn.ModuleList(HashGrid(*grid) for grid in language["grids"])
        encoded = sum(grid.width for grid in self.language_grids)
        head, layers = language["head"]
        self.clip = perceptron(encoded + 1, *[head] * layers, language["clip"])
        self.dino = perceptron(encoded, head, language["dino"])

    def groups(self):
        language = [*self.language_grids.parameters(), *self.clip.parameters(), *self.dino.parameters()]
        fields = [*self.grid.parameters(), *self.density.parameters(), *self.colour.parameters(), self.appearance]
        return {"proposal": [*self.proposals.parameters()], "fields": fields, "camera": [self.poses], "language": language}

    def refine(self, batch):
        """Rays moved by their cameras' poses: translation and axis-angle rotation."""
        shift, axis = self.poses[batch["cameras"]].split(3, -1)
        angle = (axis**2).sum(-1, keepdim=True).clamp_min(1e-12).sqrt()
        unit, d = axis / angle, batch["directions"]
        turned = d * angle.cos() + torch.cross(unit, d, dim=-1) * angle.sin()
        return batch["origins"] + shift, turned + unit * (unit * d).sum(-1, keepdim=True) * (1 - angle.cos())

    def points(self, origins, directions, edges):
        distances = distances_of(edges)
        middle = (distances[:, 1:] + distances[:, :-1]) / 2
        return distances, middle, origins[:, None] + directions[:, None] * middle[..., None]

    def loss(self, batch, update_proposals):
        origins, directions = self.refine(batch)
        rays = origins.shape[0]
        rounds = []
        edges = torch.linspace(0, 1, self.radiance["proposals"][0][1] + 1, device=origins.device).expand(rays, -1)
        for index, (network, (_, samples)) in enumerate(zip(self.proposals, self.radiance["proposals"])):
            if index > 0:
                edges = resample(edges, rounds[-1][1].detach(), samples, batch["jitter"][:, index : index + 1])
            with torch.set_grad_enabled(update_proposals):
                distances, _, points = self.points(origins, directions, edges)
                density = network(contract(points.reshape(-1, 3), math.inf)).float().exp().view(rays, samples)
                rounds.append((edges, composite(density, distances)))
        samples = self.radiance["samples"]
        edges = resample(edges, rounds[-1][1].detach(), samples, batch["jitter"][:, 2:])
        distances, middle, points = self.points(origins, directions, edges)
        outputs = self.density(self.grid(contract(points.reshape(-1, 3), math.inf))).float().view(rays, samples, -1)
        weights = composite(outputs[..., 0].exp(), distances)
        colours = self.shade(batch, directions, outputs[..., 1:])
        rgb = (weights[..., None] * colours).sum(1) + (1 - weights.sum(-1, keepdim=True)) * colours[:, -1]
        loss = F.mse_loss(rgb, batch["colours"]) + 0.002 * distortion_loss(edges, weights)
        if update_proposals:
            for outer_edges, outer in rounds:
                loss = loss + interlevel_loss(edges, weights.detach(), outer_edges.contiguous(), outer)
        shift, axis = self.poses.split(3, -1)
        loss = loss + 1e-2 * (shift + 1e-9).norm(dim=-1).mean() + 1e-3 * (axis + 1e-9).norm(dim=-1).mean()
        return loss + self.language_loss(batch, points.detach(), middle.detach(), weights.detach())

    def shade(self, batch, directions, geometry):
        rays, samples = geometry.shape[:2]
        per_ray = torch.cat([harmonics(directions), self.appearance[batch["cameras"]]], -1)
        inputs = torch.cat([geometry, per_ray[:, None].expand(rays, samples, -1)], -1)
        return self.colour(inputs).float().sigmoid()

    def language_loss(self, batch, points, middle, weights):
        chosen = self.language["samples"]
        weights, index = weights.topk(chosen, dim=-1)
        points = points.gather(1, index[..., None].expand(-1, -1, 3)).reshape(-1, 3)
        positions = contract(points, 2)
        encoded = torch.cat([grid(positions) for grid in self.language_grids], -1)
        scales = batch["scales"][:, None] * 0.8 * middle.gather(1, index)
        clip = self.clip(torch.cat([encoded, scales.reshape(-1, 1)], -1)).float().view(-1, chosen, self.language["clip"])
        rendered = F.normalize((weights[..., None] * F.normalize(clip, dim=-1)).sum(1), dim=-1)
        dino = self.dino(encoded).float().view(-1, chosen, self.language["dino"])
        features = (weights[..., None] * dino).sum(1)
        clip_loss = 0.1 * F.huber_loss(rendered, batch["clip"], delta=1.25, reduction="none").sum(-1).nanmean()
        return clip_loss + ((features - batch["dino"]) ** 2).sum(-1).nanmean()


def random_batch(language, device):
    rays = language["rays"]
    normal = lambda *shape: torch.randn(*shape, device=device)
    return {
        "origins": 2 * torch.rand(rays, 3, device=device) - 1,
        "directions": F.normalize(normal(rays, 3), dim=-1),
        "cameras": torch.randint(CAMERAS, (rays,), device=device),
        "colours": torch.rand(rays, 3, device=device),
        "jitter": torch.rand(rays, 3, device=device),
        "scales": torch.rand(rays, device=device),
        "clip": 0.9 * F.normalize(normal(rays, language["clip"]), dim=-1),
        "dino": normal(rays, language["dino"]),
    }


class Trainer:
    def __init__(self, size, device, precision):
        torch.manual_seed(1)
        radiance, self.language = SIZES[size]
        self.device, self.precision = device, precision
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        self.scene = Scene(radiance, self.language).to(device)
        groups = self.scene.groups()
        self.optimisers = {
            "proposal": torch.optim.Adam(groups["proposal"], lr=1e-2, eps=1e-15),
            "fields": torch.optim.Adam(groups["fields"], lr=1e-2, eps=1e-15),
            "camera": torch.optim.Adam(groups["camera"], lr=1e-3, eps=1e-15),
            "language": torch.optim.RAdam(groups["language"], lr=1e-2, eps=1e-15, weight_decay=1e-9),
        }
        self.batches = [random_batch(self.language, device) for _ in range(4)]
        self.scaler = torch.cuda.amp.GradScaler(enabled=precision == "f16")
        self.count = 0

    def step(self, update_proposals):
        batch = self.batches[self.count % len(self.batches)]
        self.count += 1
        for optimiser in self.optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=torch.float16, enabled=self.precision == "f16"):
            loss = self.scene.loss(batch, update_proposals)
        self.scaler.scale(loss).backward()
        for name, optimiser in self.optimisers.items():
            if name != "proposal" or update_proposals:
                self.scaler.step(optimiser)
        self.scaler.update()
        return loss

    def time(self, update_proposals):
        """Milliseconds of a step."""
        if self.device == "cpu":
            start = time.perf_counter()
            self.step(update_proposals)
            return 1000 * (time.perf_counter() - start)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        self.step(update_proposals)
        end.record()
        torch.cuda.synchronize()
        return begin.elapsed_time(end)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def measure(size, device, precision, repeats):
    trainer = Trainer(size, device, precision)
    for update in (True, False, True):
        loss = float(trainer.step(update).detach())
    update, still = (median([trainer.time(kind) for _ in range(repeats)]) for kind in (True, False))
    average = (update + 5 * still) / 6
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    memory = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0
    rays = trainer.language["rays"]
    print(f"{size}, {rays} rays, {precision}: {average:.1f} ms a step (proposals updated {update:.1f}, not {still:.1f}), "
          f"{memory:.1f} GiB, loss {loss:.4f}, {name}, PyTorch {torch.__version__}")
    return {"size": size, "rays": rays, "precision": precision, "msPerStep": average, "msPerUpdateStep": update,
            "msPerStillStep": still, "peakGiB": memory, "loss": loss, "device": name, "torch": torch.__version__}


def main():
    parser = argparse.ArgumentParser(description="Time of LERF's training step in plain PyTorch.")
    parser.add_argument("--size", default="base", choices=SIZES)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--precision", default="f32,tf32,f16", help="f32, tf32 and f16 (autocast), separated by commas")
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print(f"skipped: PyTorch {torch.__version__} finds no CUDA device (--device cpu --size tiny tries the script out)")
        return
    wanted = options.precision.split(",") if options.device == "cuda" else ["f32"]
    for precision in wanted:
        print(json.dumps(measure(options.size, options.device, precision, options.repeats)))


if __name__ == "__main__":
    main()
