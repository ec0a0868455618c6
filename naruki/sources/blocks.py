"""A block of text as records: where each begins and ends, how many fields it has, and what stands where it may not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from naruki.sources.decode import UnreadableFile

NUMBER_WIDTH = 12
_FOUR_DIGITS = (np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10 + ord("0")).astype(np.uint8)
_NEWLINE, _QUOTE = 10, 34
_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
BLANK_LINES = re.compile(rb"(?:[ \t]*\n)*")
# Of the header only the end is looked for: the delimiter isn't known yet.
HEADER = re.compile(rb"(?>(?:" + _QUOTED + rb'|[^"\n]++)*+)\n')


@dataclass(frozen=True)
class Records:
    """Where the records of a block lie; `fields` is None where records have no fields (JSON lines)."""

    starts: np.ndarray
    ends: np.ndarray
    fields: np.ndarray | None
    broken: dict[int, str]

    def holding(self, mask: np.ndarray) -> list[int]:
        """Numbers of the records that hold a marked byte."""
        return np.unique(np.searchsorted(self.ends, np.flatnonzero(mask))).tolist()


def records_at_once(piece: bytes, delimiter: str | None) -> Records | None:
    """The complete records of a block, or None if a quote stands where none may stand.

    `delimiter` is that of CSV records; None means that every line is a record.
    """
    array = np.frombuffer(piece, np.uint8)
    if delimiter is None:
        ends = np.flatnonzero(array == _NEWLINE)
        return Records(_starts(ends), ends, None, {})
    if b'"' not in piece:
        events = np.flatnonzero((array == _NEWLINE) | (array == ord(delimiter)))
        kinds, outside = array[events], True
    else:
        events = np.flatnonzero((array == _NEWLINE) | (array == ord(delimiter)) | (array == _QUOTE))
        kinds = array[events]
        is_quote = kinds == _QUOTE
        if not _quotes_fit(array, events[is_quote], delimiter):
            return None
        # The parity of the quotes so far; counting in a byte wraps around, which keeps the parity.
        outside = (np.cumsum(is_quote, dtype=np.uint8) & 1) == 0
    is_end = (kinds == _NEWLINE) & outside
    ends = events[is_end]
    fields = np.diff(np.cumsum((kinds == ord(delimiter)) & outside)[is_end], prepend=0) + 1
    return Records(_starts(ends), ends, fields, {})


def _quotes_fit(array: np.ndarray, positions: np.ndarray, delimiter: str) -> bool:
    border = np.zeros(256, bool)
    border[[_QUOTE, _NEWLINE, ord(delimiter)]] = True
    opening, closing = positions[0::2], positions[1::2]
    before = array[opening[opening > 0] - 1]
    after = array[closing[closing + 1 < len(array)] + 1]
    return bool(border[before].all() and border[after].all())


def records_by_walk(piece: bytes, delimiter: str, rows_before: int, final: bool) -> Records:
    """Record by record, for blocks with a misplaced quote: the line that holds it is broken, the others stand.

    Raises UnreadableFile if a quote stays open beyond its line and is not closed as it should be.
    """
    mark = delimiter.encode()
    record, still_open = re.compile(_record_pattern(mark)), re.compile(_open_pattern(mark))
    unfinished = re.compile(_unfinished_pattern(mark))
    starts, ends, fields, broken, position = [], [], [], {}, 0
    while position < len(piece):
        match = record.match(piece, position)
        if match:
            end = match.end() - 1
        else:
            end = piece.find(b"\n", position)
            if end < 0 or (not final and unfinished.fullmatch(piece, position)):
                break
            if still_open.fullmatch(piece, position, end):
                lines = zip(starts, ends, strict=True)
                row = rows_before + 1 + sum(not is_blank(piece[start:stop], delimiter) for start, stop in lines)
                raise open_quote(row)
            broken[len(starts)] = "broken quote"
        starts.append(position)
        ends.append(end)
        outside = re.sub(_QUOTED, b"", piece[position:end]) if match else b""
        fields.append(outside.count(mark) + 1)
        position = end + 1
    return Records(np.array(starts, np.int64), np.array(ends, np.int64), np.array(fields, np.int64), broken)


def open_quote(row: int) -> UnreadableFile:
    """The error of a quote that stays open: what follows it can't be told from what it holds."""
    return UnreadableFile(
        f"has a quote that opens in row {row} and is not closed as it should be; mend it and deliver the file again"
    )


def is_blank(record: bytes, delimiter: str) -> bool:
    """A row without any value, as spreadsheets append them: it is no row."""
    return not record.strip(b" \t" + delimiter.encode())


def without(block: bytes, found: Records, flagged: np.ndarray) -> bytes:
    """A block without some of its records."""
    parts, copied = [], 0
    for number in flagged:
        parts.append(block[copied : found.starts[number]])
        copied = int(found.ends[number]) + 1
    return b"".join([*parts, block[copied:]])


def _starts(ends: np.ndarray) -> np.ndarray:
    return np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends


def numbered(block: bytes, starts: np.ndarray, numbers: np.ndarray, delimiter: str, room: np.ndarray) -> memoryview:
    """The block with each record behind its number, in a fixed width, and a delimiter; written into `room`."""
    width = NUMBER_WIDTH + 1
    result = room[: len(block) + width * len(starts)]
    places = (starts + width * np.arange(len(starts)))[:, None] + np.arange(width)
    is_text = np.ones(len(result), bool)
    is_text[places] = False
    result[is_text] = np.frombuffer(block, np.uint8)
    for part in range(NUMBER_WIDTH // 4):
        four = numbers // 10 ** (NUMBER_WIDTH - 4 * (part + 1)) % 10_000
        result[places[:, 4 * part : 4 * part + 4]] = _FOUR_DIGITS[four]
    result[places[:, -1]] = ord(delimiter)
    return memoryview(result)


def _record_pattern(delimiter: bytes) -> bytes:
    fields = _field_pattern(delimiter)
    return fields + rb"(?:" + re.escape(delimiter) + fields + rb")*+\n"


def _unfinished_pattern(delimiter: bytes) -> bytes:
    return _open_pattern(delimiter) + rb"|" + _record_pattern(delimiter).removesuffix(rb"\n")


def _open_pattern(delimiter: bytes) -> bytes:
    """A record that ends inside a quoted field, or right behind a quote that may close it."""
    return rb"(?:" + _field_pattern(delimiter) + re.escape(delimiter) + rb')*+"[^"]*+(?:""[^"]*+)*+"?'


def _field_pattern(delimiter: bytes) -> bytes:
    return rb"(?>" + _QUOTED + rb'|[^"\n' + re.escape(delimiter) + rb"]*+)"
