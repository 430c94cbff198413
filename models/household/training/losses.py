"""How true each caption is of each tile, and CLIP's contrastive loss against that truth in place of identity."""
import numpy as np
import torch
from torch.nn import functional as F

from data import COLOUR, COLOUR2, MATERIAL, NOUN, PART, WEIGHT
from words import FIRST_CONTENT, PAD

SECOND_COLOUR = 0.5


def caption_arrays(texts, lexicon):
    """ids [T, L] int64 padded to the longest text; readings [T, K, 5] int64, unused ones with noun -2."""
    ids = [lexicon.ids(t) for t in texts]
    readings = [lexicon.readings(t) for t in texts]
    out = np.full((len(texts), max(map(len, ids))), PAD)
    table = np.full((len(texts), max(map(len, readings)), 5), -2)
    for t, (row, meant) in enumerate(zip(ids, readings)):
        assert min(row) >= FIRST_CONTENT
        out[t, : len(row)] = row
        table[t, : len(meant)] = meant
    return out, table


def truth(entities, readings, stuff, generic=0.15, stuff_bonus=0.15):
    """
    entities [B, 4, 6] int64, readings [T, K, 5], stuff [nouns] bool -> truth [B, T] in 0..1.

    The best over a tile's entities and a caption's readings of weight * match. Generic captions are true of every tile
    by the same little amount, "stuff" words by more where the tile shows stuff.
    """
    weight = entities[..., WEIGHT].float().clamp(min=0) / 1000 * (entities[..., NOUN] >= 0)  # [B, 4]
    shows_stuff = (weight * stuff[entities[..., NOUN].clamp(min=0)]).amax(1)  # [B]
    result = torch.zeros(len(entities), len(readings), device=entities.device)
    for k in range(readings.shape[1]):
        # Most captions have one reading: further rounds concern few columns.
        columns = torch.nonzero(readings[:, k, 0] > -2).flatten()
        meant = readings[columns, k]
        match = weight[..., None] * matches(entities, meant)  # [B, 4, t]
        best = match.amax(1)
        base = generic + stuff_bonus * shows_stuff[:, None] * (meant[:, 4] == 2)
        best = torch.where(meant[:, 4] > 0, base, best)
        result[:, columns] = torch.maximum(result[:, columns], best)
    return result


def matches(entities, meant):
    """[B, 4, 6], [t, 5] -> [B, 4, t]: 1 where every attribute that the caption gives agrees."""
    e = entities[..., None]  # [B, 4, 6, 1]
    noun, part, colour, material = meant[:, 0], meant[:, 1], meant[:, 2], meant[:, 3]
    # A noun without a part is the whole thing; qualities alone may be those of a thing or of a part.
    ok = ((noun < 0) | (e[:, :, NOUN] == noun)) & ((material < 0) | (e[:, :, MATERIAL] == material))
    ok &= (e[:, :, PART] == part) | ((part < 0) & (noun < 0))
    first = (colour < 0) | (e[:, :, COLOUR] == colour)
    second = SECOND_COLOUR * (e[:, :, COLOUR2] == colour).float()
    return ok * torch.where(first, 1.0, second)


def contrastive(images, texts, target, scale):
    """
    images [B, D], texts [T, D], target [B, T] >= 0 -> mean of the two cross-entropies, less the entropy of the target
    (so that 0 is perfect). Rows and columns without any truth are left out.
    """
    logits = scale * images @ texts.T
    return (divergence(logits, target) + divergence(logits.T, target.T)) / 2


def divergence(logits, target):
    total = target.sum(1)
    keep = total > 0.05
    p = target[keep] / total[keep, None]
    q = F.log_softmax(logits[keep], 1)
    return (torch.special.xlogy(p, p) - p * q).sum(1).mean()
