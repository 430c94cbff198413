"""The words of a data set, their ids, and what a phrase can mean: a list of readings.

A reading is (noun, part, colour, material, generic), -1 where the phrase does not say; generic is 0, 1 for words like
"object" and 2 for words like "stuff". Words may have several meanings ("glass"), hence several readings; where one is a noun, the others are dropped ("orange").
"""
import re
from functools import lru_cache

from words import (
    ARTICLES, COLOUR_SYNONYMS, FILLERS, FIRST_CONTENT, MATERIAL_SYNONYMS, OBJECT_WORDS, STUFF_WORDS, UNK, synonyms_of,
)

NOUN, PART, COLOUR, MATERIAL, GENERIC = range(5)
UNKNOWN = "[UNK]"
MOST_READINGS = 3


def split(text):
    """As the tokenizer does: lower case, cut at everything that is no letter or digit."""
    return tuple(w for w in re.split(r"[\W_]+", text.lower()) if w)


class Lexicon:
    def __init__(self, meta):
        self.meta = meta
        self.parts = list(meta["parts"])
        self.noun_words = [[n["noun"], *n["synonyms"]] for n in meta["nouns"]]
        self.stuff = [n["stuff"] for n in meta["nouns"]]
        given = {c["word"]: c["synonyms"] for c in meta.get("colourSynonyms", [])}
        self.colour_words = with_synonyms(meta["colours"], {**COLOUR_SYNONYMS, **given})
        self.material_words = with_synonyms(meta["materials"], MATERIAL_SYNONYMS)
        self.meanings = {}  # words -> [(slot, value)]
        for slot, lists in (
            (NOUN, self.noun_words),
            (PART, [[p] for p in self.parts]),
            (COLOUR, self.colour_words),
            (MATERIAL, self.material_words),
            (GENERIC, [[], OBJECT_WORDS, STUFF_WORDS]),
        ):
            for value, names in enumerate(lists):
                for name in names:
                    meanings = self.meanings.setdefault(split(name), [])
                    if (slot, value) not in meanings:
                        meanings.append((slot, value))
        self.longest = max(map(len, self.meanings))
        words = sorted({w for phrase in self.meanings for w in phrase} | set(FILLERS) - set(ARTICLES))
        self.vocabulary = {w: i for i, w in enumerate(["[PAD]", UNKNOWN, *ARTICLES, *words])}
        # Words that mean something only beside others, such as "coffee" of "coffee mug".
        self.fragments = [w for w in words if (w,) not in self.meanings and w not in FILLERS]
        self.noun_parts = [
            (n, self.parts.index(p)) for n, noun in enumerate(meta["nouns"]) for p in noun["parts"]
        ]  # distinct (noun, part) pairs
        self.readings = lru_cache(maxsize=200_000)(self._readings)
        self.ids = lru_cache(maxsize=200_000)(self._ids)

    def _ids(self, text):
        """The ids that count, in order; without articles and unknown words."""
        ids = (self.vocabulary.get(w, UNK) for w in split(text.replace(UNKNOWN, " zzz ")))
        found = tuple(i for i in ids if i >= FIRST_CONTENT)
        return found or (self.vocabulary["object"],)

    def _readings(self, text):
        """Tuple of readings; those that leave the least unread. Nothing but fillers reads as "object"."""
        words = tuple(w for w in split(text) if self.vocabulary.get(w, UNK) >= FIRST_CONTENT)
        costs = [3 if (w,) in self.meanings and w not in FILLERS else 1 for w in words]
        best, least = [], sum(costs)
        stack = [(0, (-1, -1, -1, -1, 0), 0)]
        while stack:
            at, reading, unread = stack.pop()
            if unread > least:
                continue
            if at == len(words):
                if unread < least:
                    best, least = [], unread
                if reading not in best:
                    best.append(reading)
                continue
            stack.append((at + 1, reading, unread + costs[at]))
            for end in range(at + 1, min(len(words), at + self.longest) + 1):
                for slot, value in self.meanings.get(words[at:end], ()):
                    if reading[slot] == (0 if slot == GENERIC else -1):
                        stack.append((end, (*reading[:slot], value, *reading[slot + 1 :]), unread))
        # "orange" alone is the fruit: a noun goes before a bare quality of the same name.
        if any(r[NOUN] >= 0 for r in best):
            best = [r for r in best if r[NOUN] >= 0]
        return tuple(plain(r) for r in best[:MOST_READINGS])

    def phrases(self):
        """Content phrases for encoder.json: what a person may usefully ask."""
        nouns = [w for words in self.noun_words for w in words]
        pairs = [f"{self.noun_words[n][0]} {self.parts[p]}" for n, p in self.noun_parts]
        rest = [w for words in (*self.colour_words, *self.material_words) for w in words]
        return list(dict.fromkeys([*nouns, *pairs, *self.parts, *rest]))


def plain(reading):
    """A generic word beside others says nothing ("red thing"); alone it is what the phrase means."""
    said = any(value >= 0 for value in reading[:GENERIC])
    return (*reading[:GENERIC], 0) if said else (*reading[:GENERIC], reading[GENERIC] or 1)


def with_synonyms(names, table):
    return [[name, *synonyms_of(name, table, names)] for name in names]
