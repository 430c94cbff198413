"""Captions for a batch of tiles: short phrases about one of the things a tile shows, in many forms."""
import numpy as np

from data import COLOUR, COLOUR2, MATERIAL, NOUN, PART, WEIGHT
from lexicon import UNKNOWN, Lexicon
from words import CANONICAL, OBJECT_WORDS, STUFF_WORDS

FRAMES = ("a {}", "the {}", "a {}", "the {}", "a photo of a {}", "a picture of the {}", "photo of {}", "image of a {}",
          "a close up of a {}", "small {}", "a big {}", "the large {}", "one {}", "this {}")
EMPTY = (UNKNOWN, "a " + UNKNOWN, "the photo of " + UNKNOWN, "picture of a " + UNKNOWN, "small " + UNKNOWN)


class CaptionMaker:
    def __init__(self, lexicon: Lexicon, seed):
        self.lexicon, self.seed = lexicon, seed

    def batch(self, step, entities, second=0.5, generics=8):
        """
        entities [B, 4, 6] -> list of distinct texts. Every tile gets one caption, a share of them a second one; the
        canonical phrases and some other generic or unknown phrases are always there. Decided by seed and step alone.
        """
        rng = np.random.default_rng([self.seed, 1, step])
        texts = []
        for tile in entities:
            weights = np.where(tile[:, NOUN] >= 0, np.maximum(tile[:, WEIGHT], 0), 0).astype(np.float64)
            if weights.sum() <= 0:
                continue
            cumulative = np.cumsum(weights / weights.sum())
            for _ in range(1 + (rng.random() < second)):
                chosen = min(int(np.searchsorted(cumulative, rng.random())), len(tile) - 1)
                texts.append(self.caption(tile[chosen].tolist(), rng))
        texts += CANONICAL
        for _ in range(generics):
            pick = rng.random()
            fragments = self.lexicon.fragments or EMPTY
            pool = OBJECT_WORDS if pick < 0.3 else STUFF_WORDS if pick < 0.5 else fragments if pick < 0.75 else EMPTY
            word = one_of(pool, rng)
            texts.append(self.framed(word, rng) if pick < 0.5 else word)
        # One text per sequence of words that count: "the mug" and "mug" are the same to the text tower.
        return list({self.lexicon.ids(t): t for t in texts}.values())

    def caption(self, entity, rng):
        colour, material = self.qualities(entity, rng)
        alone = rng.random()
        if colour and alone < 0.07:
            text = colour if rng.random() < 0.7 else f"{colour} {one_of(OBJECT_WORDS, rng)}"
        elif material and alone > 0.95:
            text = material if rng.random() < 0.7 else f"{material} {one_of(OBJECT_WORDS, rng)}"
        else:
            amount = rng.random()
            before = []
            if colour and (amount < 0.3 or amount > 0.9):
                before.append(colour)
            if material and (0.3 <= amount < 0.42 or amount > 0.9):
                before.append(material)
            text = " ".join([*before, self.thing(entity, before, rng)])
        return self.framed(text, rng)

    def thing(self, entity, before, rng):
        """The noun, its part in several orders, or the part alone."""
        names = self.lexicon.noun_words[entity[NOUN]]
        noun = names[0] if len(names) == 1 or rng.random() < 0.6 else one_of(names[1:], rng)
        if entity[PART] < 0:
            return noun
        part = self.lexicon.parts[entity[PART]]
        form = rng.random()
        if form < 0.5:
            return f"{noun} {part}"
        if form < 0.8:
            return f"{part} of {one_of(('', 'the ', 'a '), rng)}{noun}"
        return part

    def qualities(self, entity, rng):
        """One of its colours and its material, in one of their words; "" where it has none."""
        index = entity[COLOUR2] if entity[COLOUR2] >= 0 and rng.random() < 0.25 else entity[COLOUR]
        colour = self.name(self.lexicon.colour_words, index, rng)
        return colour, self.name(self.lexicon.material_words, entity[MATERIAL], rng)

    def name(self, lists, index, rng):
        if index < 0:
            return ""
        names = lists[index]
        return names[0] if len(names) == 1 or rng.random() < 0.7 else one_of(names[1:], rng)

    def framed(self, text, rng):
        """Half of them bare, half in a frame, some after a word that says nothing here ("coffee bowl" is a bowl)."""
        odd = rng.random()
        if odd < 0.03:
            text = f"{UNKNOWN} {text}"
        elif odd < 0.06 and self.lexicon.fragments:
            text = f"{one_of(self.lexicon.fragments, rng)} {text}"
        return text if rng.random() < 0.5 else one_of(FRAMES, rng).format(text)


def one_of(options, rng):
    return options[int(rng.integers(len(options)))]
