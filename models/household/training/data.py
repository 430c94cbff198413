"""The rendered tiles on disk (written by ../generate-tiles.ts) and their augmentation. Knows nothing of words.

meta.json     size, count, nouns [{noun, synonyms, parts, stuff}], colours, materials, parts
tiles.bin     uint8 [N, 64, 64, 3]
entities.bin  int16 [N, 4, 6]: noun, part, first colour, second colour, material (-1: none), weight * 1000
split.bin     uint8 [N]: 0 train, 1 held out
kind.bin      uint8 [N]: 0 pyramid crop, 1 centred object, 2 centred part, 3 stuff, 4 zero-padded region
side.bin      uint8 [N]: pixels across before resizing, at most 255
"""
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

MEAN, STD = 0.5, 0.25
NOUN, PART, COLOUR, COLOUR2, MATERIAL, WEIGHT = range(6)
CROP, OBJECT, PART_TILE, STUFF, REGION = range(5)


class Tiles:
    def __init__(self, folder):
        folder = Path(folder)
        self.meta = json.loads((folder / "meta.json").read_text())
        count, size = self.meta["count"], self.meta["size"]
        self.pixels = np.memmap(folder / "tiles.bin", np.uint8, "r", shape=(count, size, size, 3))
        self.entities = np.fromfile(folder / "entities.bin", np.int16).reshape(count, 4, 6)
        self.split = np.fromfile(folder / "split.bin", np.uint8)
        self.kind = np.fromfile(folder / "kind.bin", np.uint8)
        self.side = np.fromfile(folder / "side.bin", np.uint8)
        if not len(self.split) == len(self.kind) == len(self.side) == count:
            raise SystemExit(f"{folder}: split.bin, kind.bin and side.bin must hold {count} bytes, as meta.json says")
        self.train = np.flatnonzero(self.split == 0)
        self.held_out = np.flatnonzero(self.split == 1)

    def read(self, indices):
        """[B, 64, 64, 3] uint8; in file order on the disk, in the order asked for in memory."""
        order = np.argsort(indices)
        out = np.empty((len(indices), *self.pixels.shape[1:]), np.uint8)
        out[order] = self.pixels[np.asarray(indices)[order]]
        return torch.from_numpy(out)


def batches(count, size, seed, start=0):
    """Endless batches of indices below count, reshuffled every epoch; batch k is the same for every start."""
    per_epoch = max(1, count // size)
    step = start
    while True:
        epoch, first = divmod(step, per_epoch)
        order = np.random.default_rng([seed, epoch]).permutation(count)
        for k in range(first, per_epoch):
            yield order[k * size : (k + 1) * size]
            step += 1


def to_input(pixels, memory_format=torch.channels_last):
    """uint8 or 0..255 float [B, H, W, 3] -> normalised [B, 3, H, W]."""
    x = (pixels.float() / 255 - MEAN) / STD
    return x.permute(0, 3, 1, 2).contiguous(memory_format=memory_format)


def augment(pixels, kind, repaint, generator, chunk=64):
    """
    uint8 [B, S, S, 3], kind [B], repaint [B] bool -> normalised [B, 3, S, S]: flip, zoom, turn, stretch, colour, blur,
    noise, zero-padded sides; where `repaint`, all colours turned round the wheel by any angle. Pixels that are exactly
    black are padding and stay so. In chunks that stay in the cache.
    """
    out = torch.empty(pixels.shape)
    for start in range(0, len(pixels), chunk):
        part = slice(start, start + chunk)
        augment_chunk(pixels[part], kind[part], repaint[part], generator, out[part])
    return out.permute(0, 3, 1, 2)  # channels_last


def augment_chunk(pixels, kind, repaint, generator, out):
    rand = lambda *shape: torch.rand(*shape, generator=generator)
    b, size = pixels.shape[0], pixels.shape[1]
    flip = torch.nonzero(rand(b) < 0.5).flatten()
    pixels[flip] = pixels[flip].flip(2)
    x = move(pixels.float().div_(255), rand)
    inside = x.amax(3, keepdim=True) > 0  # [B, S, S, 1]
    mean = x.sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    matrix, offset = colour_change(b, mean, repaint, rand)
    x = torch.baddbmm(offset[:, None, :], x.reshape(b, -1, 3), matrix, out=out.reshape(b, -1, 3)).reshape(out.shape)
    soft = torch.nonzero(rand(b) < 0.25).flatten()
    x[soft] = soften(x[soft], 0.2 + 0.8 * rand(len(soft), 1, 1, 1))
    noisy = torch.nonzero(rand(b) < 0.2).flatten()
    amount = 0.03 * rand(len(noisy), 1, 1, 1)
    x[noisy] += amount * torch.randn(len(noisy), size, size, 3, generator=generator)
    x.clamp_(0, 1).mul_(inside)
    pad_sides(x, kind, rand)
    x.sub_(MEAN).div_(STD)


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
    angle = (2 * rand(b) - 1) * torch.where(repaint, torch.tensor(math.pi), torch.tensor(math.radians(4)))
    cos, sin = angle.cos(), angle.sin() / math.sqrt(3)
    near, left, right = cos + (1 - cos) / 3, (1 - cos) / 3 - sin, (1 - cos) / 3 + sin
    turn = torch.stack([near, left, right, right, near, left, left, right, near], 1).reshape(b, 3, 3)
    grey = torch.tensor([0.299, 0.587, 0.114])[:, None].expand(3, 3)
    matrix = turn @ (saturation * torch.eye(3) + (1 - saturation) * grey)
    gain = (brightness * balance)[:, None, :]
    offset = brightness * balance * (1 - contrast) * mean
    return matrix * contrast[:, :, None] * gain, offset


def soften(x, amount):
    """x [B, S, S, 3] towards its 3x3 average."""
    blurred = F.avg_pool2d(F.pad(x.permute(0, 3, 1, 2), (1, 1, 1, 1), mode="replicate"), 3, 1)
    return x + amount * (blurred.permute(0, 2, 3, 1) - x)


def pad_sides(x, kind, rand, share=0.15):
    """Black margins at one or two sides in place, as tiles at the border of a photo have; less of centred things."""
    size = x.shape[1]
    for i in torch.nonzero(rand(len(x)) < share).flatten().tolist():
        most = 0.4 if kind[i] in (CROP, STUFF) else 0.22
        sides, depth = rand(2), (rand(2) * most * size).long().tolist()
        if sides[0] < 0.6:
            rows = slice(0, depth[0]) if sides[0] < 0.3 else slice(size - depth[0], size)
            x[i, rows] = 0
        if sides[0] >= 0.6 or sides[1] < 0.4:
            cols = slice(0, depth[1]) if sides[1] < 0.2 or sides[1] > 0.7 else slice(size - depth[1], size)
            x[i, :, cols] = 0
