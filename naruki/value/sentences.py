"""What is told of customers whose value comes from the retention curve of their segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError
from naruki.value.optimum import Floats
from naruki.value.reasons import Reasons

NAMES = ("term_end", "growth")


def segment_reasons(
    renewal_p: Floats, months: Floats, growth: Floats, sentences: Sequence[Mapping[str, str]]
) -> Reasons:
    """Second and third reason of n customers: who stays at the end of such terms, how the revenue of such customers moves.

    The first is left to the baseline of the segment. Unknown (NaN) numbers give no sentence.

    Args:
        renewal_p, months: at the end of the running term, and when that is; growth: expected, a year.
        sentences: rows of `cfg_value_sentence`; raises NarukiError if one is missing or cannot be filled.
    """
    texts = {row["sentence"]: row for row in sentences}
    absent = [name for name in NAMES if name not in texts]
    if absent:
        raise NarukiError(f"seeds/cfg_value_sentence.csv has no row for {', '.join(absent)}: add it with both texts.")
    code = np.full((len(growth), 3), -1, dtype=np.int32)
    english: list[str] = []
    japanese: list[str] = []
    keys = {"term_end": (np.round(renewal_p * 100, 1), months), "growth": (np.round(growth * 100) + 0.0,)}
    for rank, name in enumerate(NAMES, start=1):
        numbers = np.stack(keys[name], axis=1)
        known = np.isfinite(numbers).all(axis=1)
        alike, place = np.unique(numbers[known], axis=0, return_inverse=True)
        code[known, rank] = len(english) + place.ravel()
        for row in alike:
            words: dict[str, Any] = {"percent": f"{row[0]:.1f}" if rank == 1 else f"{row[0]:+.0f}"}
            words |= {"months": f"{row[1]:.0f}"} if rank == 1 else {}
            english.append(_filled(texts[name]["text_en"], words, name))
            japanese.append(_filled(texts[name]["text_ja"], words, name))
    feature: NDArray[np.int32] = code.copy()
    return Reasons(code, feature, tuple(english), tuple(japanese))


def _filled(text: str, words: Mapping[str, str], name: str) -> str:
    try:
        return text.format(**words)
    except (KeyError, IndexError, ValueError) as error:
        known = ", ".join(f"{{{word}}}" for word in words)
        raise NarukiError(f"seeds/cfg_value_sentence.csv: {name} may use only {known} ({error}).") from error
