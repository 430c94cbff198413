"""What the trained towers know, measured on held-out tiles: accuracies, relevancy statistics, confusions."""
import argparse
import math
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from data import ALONE, COLOUR, KINDS, MATERIAL, NOUN, OBJECT, PART, PART_TILE, REGION, STUFF, WEIGHT, Tiles, to_input
from json_file import write_json
from words import CANONICAL

UNKNOWN_PHRASE = "zyxomma"
CLEAR_SIDE, CLEAR_SEEN = 32, 0.85
CLEAR_OBJECT, CLEAR_PART = "clear object", "clear part"
FEW_NOUNS = 40


def embed_phrases(model, lexicon, phrases):
    """[phrases, DIM]"""
    ids = [lexicon.ids(p) for p in phrases]
    table = torch.zeros((len(ids), max(map(len, ids))), dtype=torch.long)
    for row, values in zip(table, ids):
        row[: len(values)] = torch.tensor(values)
    with torch.no_grad():
        return model["text"](table.to(model["text"].words.weight.device))


def embed_tiles(model, tiles, indices, batch=128):
    """[tiles, DIM]"""
    with torch.no_grad():
        parts = [
            model["image"](to_input(tiles.read(indices[i : i + batch]))) for i in range(0, len(indices), batch)
        ]
    return torch.cat(parts) if parts else torch.zeros(0, 1)


def main_entity(tiles, indices, part):
    """[B, 6]: the weightiest whole thing (or, with part, the weightiest part) of each tile."""
    e = tiles.entities[indices].astype(int)
    fits = (e[..., NOUN] >= 0) & ((e[..., PART] >= 0) == part)
    return e[np.arange(len(e)), np.where(fits, e[..., WEIGHT], -1).argmax(1)]


def noun_accuracy(images, nouns, tiles, indices):
    """Share of tiles whose nearest noun is that of their main whole entity."""
    if len(indices) == 0:
        return float("nan")
    found = (images @ nouns.T).argmax(1).cpu().numpy()
    return float((found == main_entity(tiles, indices, False)[:, NOUN]).mean())


def relevancy(images, phrases, canonical):
    """[B, D], [T, D], [C, D] -> [B, T]: LERF's, against the closest canonical phrase."""
    return torch.sigmoid(10 * (images @ phrases.T - (images @ canonical.T).amax(1, keepdim=True)))


def clear(tiles, indices, part):
    """
    Of the indices, tiles that show their thing (or part) as a person would photograph it: CLEAR_SIDE pixels across or
    more, CLEAR_SEEN of the thing in the photo with nothing before it, nothing else of note in the tile.
    """
    e = tiles.entities[indices].astype(int)
    weight = np.where((e[..., NOUN] >= 0) & ((e[..., PART] >= 0) == part), e[..., WEIGHT], 0)
    main = main_entity(tiles, indices, part)
    others = np.where((e[..., NOUN] >= 0) & (e[..., NOUN] != main[:, None, NOUN]), e[..., WEIGHT], 0)
    whole = tiles.seen[indices] >= 255 * CLEAR_SEEN
    return indices[whole & (tiles.side[indices] >= CLEAR_SIDE) & (weight.max(1) >= 900) & (others.max(1) <= 300)]


class Measurement:
    def __init__(self, model, lexicon, tiles, most):
        self.model, self.lexicon, self.tiles = model, lexicon, tiles
        self.nouns = [words[0] for words in lexicon.noun_words]
        self.noun_vectors = self.text(self.nouns)
        self.canonical = self.text(list(CANONICAL))
        self.indices, self.images = {}, {}
        held = np.random.default_rng(0).permutation(tiles.held_out)
        for kind in KINDS:
            self.indices[kind] = held[tiles.kind[held] == kind][:most]
        for name, kind, part in ((CLEAR_OBJECT, OBJECT, False), (CLEAR_PART, PART_TILE, True)):
            self.indices[name] = clear(tiles, held[tiles.kind[held] == kind], part)[:most]
        for name, indices in self.indices.items():
            self.images[name] = embed_tiles(model, tiles, indices)

    def text(self, phrases):
        return embed_phrases(self.model, self.lexicon, phrases)

    def nouns_of(self, kind):
        """Top-1 among all nouns and among FEW_NOUNS, the same per noun, and the commonest confusions."""
        indices = self.indices[kind]
        if len(indices) == 0:
            return {}
        true = main_entity(self.tiles, indices, False)[:, NOUN]
        cosines = self.images[kind] @ self.noun_vectors.T
        found = cosines.argmax(1).numpy()
        nearer = (cosines > cosines[torch.arange(len(true)), true][:, None]).sum(1).tolist()
        wrong = Counter((self.nouns[t], self.nouns[f]) for t, f in zip(true, found) if t != f)
        each = {self.nouns[n]: share(found[true == n] == n) for n in np.unique(true)}
        return {
            "tiles": len(indices),
            "top1": share(found == true),
            f"top1Of{FEW_NOUNS}": share([none_drawn(count, FEW_NOUNS - 1, len(self.nouns) - 1) for count in nearer]),
            "perNoun": dict(sorted(each.items(), key=lambda pair: pair[1])),
            "confusions": [[*pair, count] for pair, count in wrong.most_common(15)],
        }

    def parts(self, kind):
        pairs, indices = self.lexicon.noun_parts, self.indices[kind]
        main = main_entity(self.tiles, indices, True)
        known = {pair: i for i, pair in enumerate(pairs)}
        kept = [i for i, e in enumerate(main) if (e[NOUN], e[PART]) in known]
        if not kept:
            return {}
        true = np.array([known[main[i][NOUN], main[i][PART]] for i in kept])
        names = [f"{self.nouns[n]} {self.lexicon.parts[p]}" for n, p in pairs]
        cosines = self.images[kind][kept] @ torch.cat([self.text(names), self.noun_vectors]).T
        words = sorted({p for _, p in pairs})
        word = (self.images[kind][kept] @ self.text([self.lexicon.parts[p] for p in words]).T).argmax(1).numpy()
        found = cosines[:, : len(pairs)].argmax(1).numpy()
        wrong = Counter((names[t], names[f]) for t, f in zip(true, found) if t != f)
        return {
            "tiles": len(kept),
            "top1AmongParts": share(found == true),
            "top1AmongPartsAndNouns": share(cosines.argmax(1).numpy() == true),
            "top1PartWordAlone": share(np.array(words)[word] == [pairs[t][1] for t in true]),
            "confusions": [[*pair, count] for pair, count in wrong.most_common(15)],
        }

    def quality(self, slot, names):
        """Top-1 among the words for colours or materials, of whole centred things that have one."""
        result = {}
        for kind in (OBJECT, REGION):
            true = main_entity(self.tiles, self.indices[kind], False)[:, slot]
            kept = np.flatnonzero(true >= 0)
            found = (self.images[kind][kept] @ self.text(names).T).argmax(1).numpy()
            result[f"kind{kind}"] = share(found == true[kept])
        return result

    def relevancies(self, kind):
        """How often the right noun is above, and wrong ones below, the levels that a user sees."""
        indices = self.indices[kind]
        if len(indices) == 0:
            return {}
        r = relevancy(self.images[kind], self.noun_vectors, self.canonical).numpy()
        shown = np.zeros(r.shape, bool)  # any noun that the tile shows a little is not wrong
        e = self.tiles.entities[indices].astype(int)
        for slot in range(e.shape[1]):
            rows = np.flatnonzero((e[:, slot, NOUN] >= 0) & (e[:, slot, WEIGHT] > 0))
            shown[rows, e[rows, slot, NOUN]] = True
        right = r[np.arange(len(r)), main_entity(self.tiles, indices, False)[:, NOUN]]
        unknown = relevancy(self.images[kind], self.text([UNKNOWN_PHRASE]), self.canonical)
        return {
            "rightAbove0.6": share(right > 0.6),
            "rightAbove0.5": share(right > 0.5),
            "rightMedian": float(np.median(right)),
            "wrongBelow0.45": share(r[~shown] < 0.45),
            "wrongBelow0.5": share(r[~shown] < 0.5),
            "wrongMedian": float(np.median(r[~shown])) if (~shown).any() else float("nan"),
            "tilesWithoutWrongAbove0.5": share(~((r > 0.5) & ~shown).any(1)),
            "unknownMost": float(unknown.max()),
        }

    def all(self):
        return {
            "nouns": {
                "clearObject": self.nouns_of(CLEAR_OBJECT), "object": self.nouns_of(OBJECT),
                "region": self.nouns_of(REGION), "alone": self.nouns_of(ALONE), "stuff": self.nouns_of(STUFF),
            },
            "parts": {"clear": self.parts(CLEAR_PART), "all": self.parts(PART_TILE)},
            "colours": self.quality(COLOUR, self.lexicon.meta["colours"]),
            "materials": self.quality(MATERIAL, self.lexicon.meta["materials"]),
            "relevancy": {
                "clearObject": self.relevancies(CLEAR_OBJECT), "object": self.relevancies(OBJECT),
                "region": self.relevancies(REGION), "stuff": self.relevancies(STUFF), "crop": self.relevancies(0),
            },
        }


def none_drawn(marked, drawn, total):
    """Chance that none of the marked ones is drawn: that the right noun wins against so many nouns drawn at random."""
    return math.comb(total - marked, drawn) / math.comb(total, drawn)


def share(values):
    return float(np.mean(values)) if len(values) else float("nan")


def main():
    from train import load

    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", required=True)
    p.add_argument("--checkpoint", required=True, nargs="+", help="checkpoint.pt of train.py")
    p.add_argument("--out", default="metrics.json")
    p.add_argument("--most", type=int, default=4000, help="tiles of each kind")
    args = p.parse_args()
    torch.set_num_threads(2)
    model, lexicon, state = load(*args.checkpoint)
    metrics = Measurement(model, lexicon, Tiles(args.data), args.most).all()
    metrics["samples"] = state["step"] * state["config"]["batch"]
    write_json(Path(args.out), rounded(metrics))
    print(Path(args.out).read_text(), end="")


def rounded(value):
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, float):
        return None if value != value else round(value, 4)
    return value


if __name__ == "__main__":
    main()
