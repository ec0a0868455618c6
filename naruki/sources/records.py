"""Text -> a staged file that holds one clean record a row; what is broken goes to a list of rejects with its reason.

The structure is judged here, not by the reader: a record is well-formed if quotes open at the start of a field, close
at its end, and the number of fields is the header's. Blocks are judged as a whole with numpy (about 0.3 s for a million
rows of 90 bytes); only blocks with a misplaced quote are walked record by record. Each staged record begins with its
row number in the delivery, so that the reader may work in parallel, and its row count proves that none was lost.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from naruki.sources.blocks import (
    BLANK_LINES,
    HEADER,
    NUMBER_WIDTH,
    Records,
    is_blank,
    numbered,
    open_quote,
    records_at_once,
    records_by_walk,
    without,
)
from naruki.sources.decode import UnreadableFile

JSON_DELIMITER = "\x1f"
# A quote that stays open, or a line without end, makes the rest of a file unreadable; so much text is looked at first.
OPEN_LIMIT = 16 << 20
# Of an overlong record quarantine shows so many characters; the rest stays in the delivery, under its row number.
SHOWN = 10_000
LONGEST_NAME = 200
_DELIMITERS = ",\t;|"


class NotUtf8(Exception):
    """Bytes that are not UTF-8 were met; raised only on demand, to try another encoding."""


@dataclass
class Staged:
    """What was found in a file: `rows` counts all records without the header, `rejected` those that are broken."""

    header: list[str] = field(default_factory=list)
    delimiter: str | None = None
    rows: int = 0
    rejected: int = 0


@dataclass
class Stager:
    """Copies records to `out`, each behind its row number, and broken ones to `rejects` (JSON lines: row, reason, raw).

    Without `quotes` a record is a line (JSON lines); with them it is a CSV record and the first one is the header,
    which is not copied. `is_head` says that the text was cut, so that an unfinished record at its end means nothing.
    """

    out: IO[bytes]
    rejects: IO[bytes]
    max_record_bytes: int
    delimiter: str | None = None
    quotes: bool = True
    stop_at_not_utf8: bool = False
    is_head: bool = False
    staged: Staged = field(default_factory=Staged)
    _header_line: bytes = b""
    _room: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint8))

    def run(self, chunks: Iterable[bytes]) -> Staged:
        """Stage a whole file; raises UnreadableFile if it can't be told where its rows end."""
        carry = b""
        for chunk in chunks:
            carry += chunk
            carry = carry[self._take(carry, final=False) :]
            if len(carry) > OPEN_LIMIT:
                self._never_ends(carry)
        if carry and not self.is_head:
            carry += b"" if carry.endswith(b"\n") else b"\n"
            rest = carry[self._take(carry, final=True) :]
            if rest:
                self._never_ends(rest)
        return self.staged

    def _never_ends(self, rest: bytes) -> None:
        row = self.staged.rows + 1
        if self.quotes and b'"' in rest:
            raise open_quote(row)
        raise UnreadableFile(
            f"has no line end within {OPEN_LIMIT >> 20} MB from row {row} on; deliver it with one record a line"
        )

    def _take(self, block: bytes, final: bool) -> int:
        """Stage the complete records at the start of `block`; returns how many bytes they took."""
        begin = 0
        if self.quotes and not self.staged.header:
            begin = self._take_header(block, final)
            if not self.staged.header:
                return begin
        piece = block[begin:] if begin else block
        if not piece:
            return begin
        delimiter = self.staged.delimiter if self.quotes else None
        found = records_at_once(piece, delimiter)
        if found is None:
            found = records_by_walk(piece, delimiter or ",", self.staged.rows, final)
        if not len(found.ends):
            return begin
        taken = int(found.ends[-1]) + 1
        self._stage(piece[:taken], found)
        return begin + taken

    def _take_header(self, block: bytes, final: bool) -> int:
        """Read the first record that is not blank; 0 bytes taken means: more text is needed."""
        begin = BLANK_LINES.match(block).end()
        text = block[begin:]
        if not text:
            return len(block) if final else 0
        match = HEADER.match(text)
        if not match:
            if final:
                self._never_ends(text)
            return 0
        line = match.group()
        try:
            header = line.decode("utf-8")
        except UnicodeDecodeError:
            if self.stop_at_not_utf8:
                raise NotUtf8 from None
            raise UnreadableFile(
                "has a header that is not readable text; state the right `encoding:` in sources.yml"
            ) from None
        if "\0" in header:
            raise UnreadableFile("has NUL bytes in its header; deliver it as text")
        self.staged.delimiter = self.delimiter or sniff_delimiter(header)
        self.staged.header = _header_cells(header, self.staged.delimiter)
        self._header_line = line
        return begin + len(line)

    def _stage(self, block: bytes, found: Records) -> None:
        """Write a block of complete records, without the broken and the blank ones."""
        flags = dict(self._flags(block, found))
        count = len(found.starts)
        numbers = np.arange(self.staged.rows + 1, self.staged.rows + count + 1)
        starts = found.starts
        if flags:
            flagged = np.array(sorted(flags))
            blank = np.zeros(count, bool)
            blank[[number for number in flagged if flags[number] == "blank"]] = True
            numbers -= np.cumsum(blank)
            self._reject(block, found, numbers, {n: reason for n, reason in flags.items() if reason != "blank"})
            good = np.ones(count, bool)
            good[flagged] = False
            block = without(block, found, flagged)
            lengths = (found.ends - found.starts + 1)[good]
            starts, numbers = np.cumsum(lengths) - lengths, numbers[good]
            count -= int(blank.sum())
        self.staged.rows += count
        if len(starts):
            needed = len(block) + (NUMBER_WIDTH + 1) * len(starts)
            if len(self._room) < needed:
                self._room = np.empty(2 * needed, np.uint8)
            self.out.write(numbered(block, starts, numbers, self.staged.delimiter or JSON_DELIMITER, self._room))

    def _reject(self, block: bytes, found: Records, numbers: np.ndarray, flags: dict[int, str]) -> None:
        for number in sorted(flags):
            raw = block[found.starts[number] : found.ends[number]].decode("utf-8", "replace")
            raw = _shortened(raw.replace("\0", "\N{SYMBOL FOR NULL}"), self.max_record_bytes)
            entry = {"row": int(numbers[number]), "reason": flags[number], "raw": raw}
            self.rejects.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self.staged.rejected += len(flags)

    def _flags(self, block: bytes, found: Records) -> Iterator[tuple[int, str]]:
        """Numbers of the records that can't be staged as they are, with the reason; the last reason counts."""
        array = np.frombuffer(block, np.uint8)
        lengths = found.ends - found.starts
        if found.fields is not None:
            expected = len(self.staged.header)
            for number in np.flatnonzero(found.fields != expected):
                yield int(number), f"{found.fields[number]} fields where the header has {expected}"
            yield from ((number, "the header line again") for number in self._repeated_header(block, found))
        yield from found.broken.items()
        for number in np.flatnonzero(lengths > self.max_record_bytes):
            yield int(number), f"longer than {self.max_record_bytes:,} bytes"
        if b"\0" in block:
            yield from ((number, "NUL byte") for number in found.holding(array == 0))
        if not self.quotes and JSON_DELIMITER.encode() in block:
            yield from ((number, "control character") for number in found.holding(array == ord(JSON_DELIMITER)))
        if not block.isascii():
            yield from ((number, "bytes that are no valid text") for number in self._not_text(block, array, found))
        # Only what begins with a blank or a delimiter can be blank.
        may_begin = np.isin(
            array[found.starts], np.frombuffer(b" \t\n" + (self.staged.delimiter or "").encode(), np.uint8)
        )
        for number in np.flatnonzero(may_begin & (lengths < 1000)):
            if is_blank(block[found.starts[number] : found.ends[number]], self.staged.delimiter or ""):
                yield int(number), "blank"

    def _repeated_header(self, block: bytes, found: Records) -> Iterator[int]:
        position = block.find(self._header_line)
        while position >= 0:
            number = int(np.searchsorted(found.starts, position))
            if number < len(found.starts) and found.starts[number] == position:
                yield number
            position = block.find(self._header_line, position + 1)

    def _not_text(self, block: bytes, array: np.ndarray, found: Records) -> Iterator[int]:
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            if self.stop_at_not_utf8:
                raise NotUtf8 from None
            for number in found.holding(array > 127):
                try:
                    block[found.starts[number] : found.ends[number]].decode("utf-8")
                except UnicodeDecodeError:
                    yield number


def _header_cells(header: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader(io.StringIO(header), delimiter=delimiter))
    except csv.Error:
        cells = []
    # A quote that opens in the header may swallow the rows up to the next one.
    if not cells or max(map(len, cells)) > LONGEST_NAME:
        raise UnreadableFile("has a header that is no list of column names; mend its first line and deliver it again")
    return cells


def sniff_delimiter(header: str) -> str:
    """The delimiter that splits the header into most fields; a comma if none does."""
    outside = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=lambda mark: (outside.count(mark), mark == ","))


def _shortened(raw: str, limit: int) -> str:
    """The beginning of an overlong record, cut between words so that no half of an address escapes redaction."""
    if len(raw) <= limit:
        return raw
    kept = raw[:SHOWN]
    return kept[: max(kept.rfind(mark) for mark in ' ,;\t"\n') + 1] + f"… ({len(raw):,} characters)"
