"""The rendered tiles on disk (written by ../generate-tiles.ts) and their augmentation. Knows nothing of words.

meta.json     size, count, nouns [{noun, synonyms, parts, stuff}], colours, materials, parts
tiles.bin     uint8 [N, 64, 64, 3]
entities.bin  int16 [N, 4, 6]: noun, part, first colour, second colour, material (-1: none), weight * 1000
split.bin     uint8 [N]: 0 train, 1 held out
kind.bin      uint8 [N]: 0 pyramid crop, 1 centred object, 2 centred part, 3 stuff, 4 zero-padded region,
              5 the same alone on a plain ground
side.bin      uint8 [N]: pixels across before resizing, at most 255
seen.bin      uint8 [N]: how much of the first entity's thing can be seen in the photo, of 255
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

MEAN, STD = 0.5, 0.25
NOUN, PART, COLOUR, COLOUR2, MATERIAL, WEIGHT = range(6)
KINDS = CROP, OBJECT, PART_TILE, STUFF, REGION, ALONE = range(6)
BYTES = ("split", "kind", "side", "seen")


class Tiles:
    """All tiles of a folder, or of every folder in it that is whole (its meta.json is written last), in memory."""

    def __init__(self, folder, device="cpu"):
        self.folder, self.device = Path(folder), torch.device(device)
        self.known = []
        self.pixels = torch.empty(0, dtype=torch.uint8, device=self.device)
        self.entities = np.empty((0, 4, 6), np.int16)
        self.split, self.kind, self.side, self.seen = (np.empty(0, np.uint8) for _ in BYTES)
        if self.grow() == 0:
            raise SystemExit(f"{folder}: no meta.json in it or in a folder of it; generate-tiles.ts writes it last")

    def grow(self):
        """Takes in what has become whole since; returns how many folders that is."""
        whole = [meta.parent for meta in sorted([*self.folder.glob("meta.json"), *self.folder.glob("*/meta.json")])]
        fresh = [folder for folder in whole if folder not in self.known]
        if not fresh:
            return 0
        read = [self.read_folder(folder) for folder in fresh]
        self.known += fresh
        self.pixels = torch.cat([*([self.pixels] if len(self.pixels) else []), *(pixels for pixels, _ in read)])
        for name in ("entities", *BYTES):
            setattr(self, name, np.concatenate([getattr(self, name), *(columns[name] for _, columns in read)]))
        self.train = np.flatnonzero(self.split == 0)
        self.held_out = np.flatnonzero(self.split == 1)
        return len(fresh)

    def read_folder(self, folder):
        self.meta = json.loads((folder / "meta.json").read_text())
        count, size = self.meta["count"], self.meta["size"]
        columns = {name: np.fromfile(folder / f"{name}.bin", np.uint8) for name in BYTES}
        if any(len(column) != count for column in columns.values()):
            raise SystemExit(f"{folder}: split.bin, kind.bin, side.bin and seen.bin must hold {count} bytes, as meta.json says")
        columns["entities"] = np.fromfile(folder / "entities.bin", np.int16).reshape(count, 4, 6)
        pixels = np.fromfile(folder / "tiles.bin", np.uint8).reshape(count, size, size, 3)
        return torch.from_numpy(pixels).to(self.device), columns

    def read(self, indices):
        """[B, 64, 64, 3] uint8, on the device of the tiles."""
        return self.pixels[torch.as_tensor(np.asarray(indices), device=self.device)]


def to_input(pixels, memory_format=torch.channels_last):
    """uint8 or 0..255 float [B, H, W, 3] -> normalised [B, 3, H, W]."""
    x = (pixels.float() / 255 - MEAN) / STD
    return x.permute(0, 3, 1, 2).contiguous(memory_format=memory_format)


def augment(pixels, kind, repaint, generator):
    """
    uint8 [B, S, S, 3], kind [B], repaint [B] bool -> normalised [B, 3, S, S]: flip, zoom, turn, stretch, colour, blur,
    noise, things in front, zero-padded sides; where `repaint`, all colours turned round the wheel by any angle. Pixels
    that are exactly black are padding and stay so. On a CPU in chunks that stay in the cache.
    """
    chunk = 64 if pixels.device.type == "cpu" else len(pixels)
    out = torch.empty(pixels.shape, device=pixels.device)
    for start in range(0, len(pixels), chunk):
        part = slice(start, start + chunk)
        augment_chunk(pixels[part], kind[part], repaint[part], generator, out[part])
    return out.permute(0, 3, 1, 2)  # channels_last


def augment_chunk(pixels, kind, repaint, generator, out):
    rand = lambda *shape: torch.rand(*shape, generator=generator, device=pixels.device)
    b, size = pixels.shape[0], pixels.shape[1]
    x = move(pixels.float().div_(255), rand)
    inside = x.amax(3, keepdim=True) > 0  # [B, S, S, 1]
    mean = x.sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    matrix, offset = colour_change(b, mean, repaint, rand)
    x = torch.baddbmm(offset[:, None, :], x.reshape(b, -1, 3), matrix, out=out.reshape(b, -1, 3)).reshape(out.shape)
    some = lambda share, *shape: rand(b, *shape) * (rand(b, *shape) < share)
    x.copy_(soften(x, (0.2 + 0.8 * rand(b, 1, 1, 1)) * (rand(b, 1, 1, 1) < 0.25)))
    noise = torch.randn(x.shape, generator=generator, device=x.device)
    x += 0.03 * some(0.2, 1, 1, 1) * noise
    put_in_front(x, noise, rand)
    x.clamp_(0, 1).mul_(inside * open_sides(b, size, kind, rand))
    x.sub_(MEAN).div_(STD)


def move(x, rand, share=0.8):
    """x [B, S, S, 3]: flipped, zoomed, turned, stretched and shifted a little; what comes in from outside is black."""
    b = len(x)
    spread = lambda amount: amount * (2 * rand(b) - 1) * (rand(b) < share)
    zoom, stretch, angle = torch.exp(spread(0.2)), torch.exp(spread(0.15)), spread(math.radians(14))
    flip = torch.where(rand(b) < 0.5, -1.0, 1.0)
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    rows = [flip * cos * stretch, -sin / stretch, spread(0.12), flip * sin * stretch, cos / stretch, spread(0.12)]
    grid = F.affine_grid(torch.stack(rows, 1).reshape(b, 2, 3), (b, 3, *x.shape[1:3]), align_corners=False)
    return F.grid_sample(x.permute(0, 3, 1, 2), grid, align_corners=False).permute(0, 2, 3, 1).contiguous()


def move(x, rand, share=0.8):
    """x [B, S, S, 3]: zoomed, turned, stretched and shifted a little; what comes in from outside is black."""
    b = len(x)
    spread = lambda amount: amount * (2 * rand(b) - 1) * (rand(b) < share)
    zoom, stretch, angle = torch.exp(spread(0.2)), torch.exp(spread(0.15)), spread(math.radians(14))
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    rows = [cos * stretch, -sin / stretch, spread(0.12), sin * stretch, cos / stretch, spread(0.12)]
    grid = F.affine_grid(torch.stack(rows, 1).reshape(b, 2, 3), (b, 3, *x.shape[1:3]), align_corners=False)
    return F.grid_sample(x.permute(0, 3, 1, 2), grid, align_corners=False).permute(0, 2, 3, 1).contiguous()


def colour_change(b, mean, repaint, rand):
    """
    One affine map per tile, row vectors: pixel @ matrix [B, 3, 3] + offset [B, 3]. Brightness, contrast around the
    tile's mean colour, saturation, a white balance and a hue turn that are too small to change the colour's name;
    where `repaint`, a hue turn by any angle.
    """
    spread = lambda amount, *shape: 1 + amount * (2 * rand(*shape) - 1)
    brightness, contrast = spread(0.2, b, 1), spread(0.2, b, 1)
    saturation, balance = spread(0.2, b, 1, 1), spread(0.05, b, 3)
    angle = (2 * rand(b) - 1) * torch.where(repaint, math.pi, math.radians(4))
    cos, sin = angle.cos(), angle.sin() / math.sqrt(3)
    near, left, right = cos + (1 - cos) / 3, (1 - cos) / 3 - sin, (1 - cos) / 3 + sin
    turn = torch.stack([near, left, right, right, near, left, left, right, near], 1).reshape(b, 3, 3)
    grey = torch.tensor([0.299, 0.587, 0.114], device=mean.device)[:, None].expand(3, 3)
    matrix = turn @ (saturation * torch.eye(3, device=mean.device) + (1 - saturation) * grey)
    gain = (brightness * balance)[:, None, :]
    offset = brightness * balance * (1 - contrast) * mean
    return matrix * contrast[:, :, None] * gain, offset


def soften(x, amount):
    """x [B, S, S, 3] towards its 3x3 average."""
    blurred = F.avg_pool2d(F.pad(x.permute(0, 3, 1, 2), (1, 1, 1, 1), mode="replicate"), 3, 1)
    return x + amount * (blurred.permute(0, 2, 3, 1) - x)


def put_in_front(x, noise, rand, share=0.15):
    """A bar or patch of one grainy colour over part of some tiles in place, as things in front of the thing would be."""
    b, size = x.shape[0], x.shape[1]
    at = (torch.arange(size, device=x.device) + 0.5) / size
    covered = (rand(b) < share).reshape(b, 1, 1, 1)
    for shape in ((b, size, 1, 1), (b, 1, size, 1)):
        middle, half = rand(b, 1), 0.06 + 0.2 * rand(b, 1) ** 2
        covered = covered & ((at - middle).abs() < half).reshape(shape)
    x.copy_(torch.where(covered, rand(b, 1, 1, 3) + 0.05 * noise, x))


def open_sides(b, size, kind, rand, share=0.15):
    """[B, S, S, 1] bool: false in black margins at one or two sides, as tiles at the border of a photo have them."""
    most = torch.where((kind == CROP) | (kind == STUFF), 0.4, 0.22)
    at = torch.arange(size, device=kind.device)
    padded, sides = rand(b) < share, rand(b)
    result = None
    for shape, chosen in (((b, size, 1, 1), sides < 0.6), ((b, 1, size, 1), (sides > 0.4))):
        depth = (padded & chosen) * rand(b) * most * size
        far = (rand(b) < 0.5)[:, None]
        free = torch.where(far, at + depth[:, None] < size, at >= depth[:, None].floor()).reshape(shape)
        result = free if result is None else result & free
    return result
