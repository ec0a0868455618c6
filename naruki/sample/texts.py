"""Texts composed in columns: `texts_<lang>.csv` holds sentences with slots, `words.csv` what fills a slot."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.sample.columns import blank

LANGS = ("ja", "en")
POLARITIES = ("none", "complaint", "praise", "wish")
INTENTS = ("none", "procedure", "considering", "request")
MAX_SLOTS = 3
_SLOT = re.compile(r"\{(\w+)\}")


class Texts:
    """Templates by part, topic and language; each knows the polarity and the churn intent of what it says."""

    def __init__(self, templates: list[dict[str, str]], words: list[dict[str, str]]) -> None:
        templates = sorted(templates, key=lambda row: (row["part"], row["topic"], row["lang"]))
        self._range: dict[tuple[str, str, str], tuple[int, int]] = {}
        for index, row in enumerate(templates):
            start, count = self._range.get((row["part"], row["topic"], row["lang"]), (index, 0))
            self._range[(row["part"], row["topic"], row["lang"])] = (start, count + 1)
        self.polarity = np.array([POLARITIES.index(row["polarity"] or "none") for row in templates], dtype=np.int8)
        self.intent = np.array([INTENTS.index(row["intent"] or "none") for row in templates], dtype=np.int8)
        self._load_words(words)
        pieces, slots = [], np.zeros((len(templates), MAX_SLOTS), dtype=np.int64)
        for index, row in enumerate(templates):
            split = _SLOT.split(row["text"].replace("\\n", "\n"))
            names = split[1::2]
            pieces.append((split[0::2] + [""] * MAX_SLOTS)[: MAX_SLOTS + 1])
            slots[index, : len(names)] = [self._slot_number[(name, row["lang"])] for name in names]
        self._pieces = [pa.array([piece[k] for piece in pieces]) for k in range(MAX_SLOTS + 1)]
        self._slots = slots

    @classmethod
    def load(cls) -> Texts:
        """The templates that come with the package."""
        templates = [row | {"lang": lang} for lang in LANGS for row in _read(f"texts_{lang}.csv")]
        return cls(templates, _read("words.csv"))

    def _load_words(self, words: list[dict[str, str]]) -> None:
        """Slot number 0 is the empty word."""
        by_slot: dict[tuple[str, str], list[str]] = {}
        for row in words:
            for lang in LANGS if row["lang"] == "*" else (row["lang"],):
                by_slot.setdefault((row["slot"], lang), []).append(row["word"])
        self._slot_number = {slot: number for number, slot in enumerate(by_slot, start=1)}
        sizes = [1] + [len(list_) for list_ in by_slot.values()]
        self._words = pa.array([""] + [word for list_ in by_slot.values() for word in list_])
        self._word_count = np.array(sizes)
        self._word_start = np.cumsum(self._word_count) - self._word_count

    def choose(
        self,
        rng: np.random.Generator,
        part: str,
        is_japanese: np.ndarray,
        topics: Sequence[str] = ("",),
        topic: np.ndarray | None = None,
    ) -> np.ndarray:
        """A template for each row: of this part, in its language, about `topics[topic]`."""
        table = np.array([[self._range[(part, name, lang)] for name in topics] for lang in ("en", "ja")])
        which = np.zeros(len(is_japanese), dtype=np.int64) if topic is None else topic
        start, count = table[is_japanese.astype(np.int64), which].T
        return start + np.floor(count * rng.random(len(is_japanese))).astype(np.int64)

    def fill(self, rng: np.random.Generator, template: np.ndarray) -> pa.Array:
        """The texts of the templates, each slot filled with a random word of its kind."""
        chosen = pa.array(template)
        parts = [self._pieces[0].take(chosen)]
        slots = self._slots[template]
        for k in range(MAX_SLOTS):
            slot = slots[:, k]
            if not slot.any():
                break
            word = self._word_start[slot] + np.floor(self._word_count[slot] * rng.random(len(slot))).astype(np.int64)
            parts += [self._words.take(pa.array(word)), self._pieces[k + 1].take(chosen)]
        return pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]

    def write(
        self,
        rng: np.random.Generator,
        part: str,
        is_japanese: np.ndarray,
        topics: Sequence[str] = ("",),
        topic: np.ndarray | None = None,
    ) -> tuple[pa.Array, np.ndarray]:
        """Choose and fill: the texts and their templates."""
        template = self.choose(rng, part, is_japanese, topics, topic)
        return self.fill(rng, template), template

    @staticmethod
    def missing(text: pa.Array, where: np.ndarray) -> pa.Array:
        """The texts with null at `where`."""
        return blank(text, where)


def only(text: pa.Array, where: np.ndarray) -> pa.Array:
    """The texts with '' except at `where`."""
    return pc.if_else(pa.array(where), text, pa.scalar(""))


def lines(*parts: pa.Array) -> pa.Array:
    """Parts below each other; empty ones leave no line."""
    result = parts[0]
    for part in parts[1:]:
        both = pc.and_(pc.not_equal(part, ""), pc.not_equal(result, ""))
        result = pc.binary_join_element_wise(result, pc.if_else(both, "\n", ""), part, "")
    return result


def _read(name: str) -> list[dict[str, str]]:
    with files("naruki.sample").joinpath(name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
