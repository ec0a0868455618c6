"""Columns made in one go: ids, instants, choices; no loop over rows."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DAY = 86_400
HOUR = 3_600
NEVER = 2**62
"""An instant that does not come: it is written as null."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one part of the sample, independent of how much the other parts draw."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def ids(prefix: str, numbers: np.ndarray, width: int, missing: np.ndarray | None = None) -> pa.Array:
    """Fixed-width ids such as ``C000012``; `missing` rows become null."""
    numbers = np.asarray(numbers, dtype=np.int64)
    head = prefix.encode()
    size = len(head) + width
    matrix = np.empty((len(numbers), size), dtype=np.uint8)
    matrix[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    rest = numbers.copy()
    for place in range(size - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        matrix[:, place] = digit + 48
    offsets = np.arange(len(numbers) + 1, dtype=np.int64) * size
    values = pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(matrix.reshape(-1)))
    text = values.cast(pa.string()) if len(numbers) * size < 2**31 else values
    return text if missing is None else blank(text, missing)


def blank(values: pa.Array, missing: np.ndarray) -> pa.Array:
    """The same column with null where `missing`."""
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def instants(seconds: np.ndarray, cutoff: int = NEVER) -> pa.Array:
    """Seconds since 1970 UTC as timestamps; what is not before `cutoff` has not happened and is null."""
    seconds = np.asarray(seconds, dtype=np.int64)
    late = seconds >= min(cutoff, NEVER)
    micros = np.where(late, 0, seconds) * 1_000_000
    return pa.array(micros, mask=late).cast(pa.timestamp("us"))


def labels(names: Sequence[str], index: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """`names[index]` as text; negative indexes and `missing` rows become null."""
    index = np.asarray(index, dtype=np.int32)
    none = index < 0 if missing is None else (index < 0) | missing
    codes = pa.array(np.where(none, 0, index), mask=none)
    return pa.array(list(names), type=pa.string()).take(codes)


def numbers(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Integers, reals or booleans with nulls where `missing`."""
    return pa.array(values) if missing is None else pa.array(values, mask=missing)


def nulls(count: int, kind: pa.DataType | None = None) -> pa.Array:
    """A column without values."""
    return pa.nulls(count, kind or pa.string())


def pick(rng: np.random.Generator, shares: Sequence[float], count: int) -> np.ndarray:
    """`count` indexes drawn with the given shares."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    index = np.searchsorted(edges / edges[-1], rng.random(count), side="right")
    return np.minimum(index, len(edges) - 1)


def pick_rows(rng: np.random.Generator, table: np.ndarray, row: np.ndarray) -> np.ndarray:
    """One index per row drawn with the shares of `table[row]` (rows of shares)."""
    edges = np.cumsum(table, axis=1)
    edges = edges / edges[:, -1:]
    stacked = (edges + np.arange(len(edges))[:, None]).reshape(-1)
    found = np.searchsorted(stacked, rng.random(len(row)) + row, side="right")
    return np.clip(found - row * table.shape[1], 0, table.shape[1] - 1)


def ragged(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row number and ordinal within the row of each of `sum(counts)` items."""
    owner = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - start[owner]
