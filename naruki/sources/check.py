"""A dry look at the sources: what was found, what is missing, what to mend; nothing is written to the home."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from naruki.sources.decode import UnreadableFile, encoding_by_mark, head_of
from naruki.sources.mapping import Entry, Sources, file_format
from naruki.sources.reading import load_lookup, open_file
from naruki.sources.statement import plan_file

# Enough rows to know the header, the encoding and the delimiter.
HEAD_BYTES = 256 << 10
_RECORD_BYTES = 2_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `level` is 'ok', 'warning' or 'error'; `message` is one sentence."""

    level: Literal["ok", "warning", "error"]
    message: str
    table: str | None = None


def check_sources(sources: Sources) -> list[Finding]:
    """Findings on every file of the sources, from its header and its first rows."""
    return list(_findings(sources))


def _findings(sources: Sources) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="naruki-check-") as folder, duckdb.connect() as con:
        scratch = Path(folder)
        broken = {}
        for lookup in sources.lookups.values():
            try:
                load_lookup(con, lookup.name, lookup.files, lookup.options, scratch, _RECORD_BYTES)
            except UnreadableFile as error:
                broken[lookup.name] = str(error)
                yield Finding("error", f"Lookup {lookup.name} {error}.")
        for entry in sources.entries:
            if not entry.files:
                told = f"{entry.table}: no file matches {', '.join(entry.patterns)}; deliver it or correct `files:`."
                yield Finding("error", told, entry.table)
            for path in entry.files:
                yield _look(con, sources, entry, path, scratch)
    for name in sources.unknown_files:
        yield Finding("warning", f"{name} belongs to no table; name it after one, or put `_` before its name.")
    fed = {entry.table for entry in sources.entries}
    without = [name for name in sources.contract.table_names if name not in fed]
    if without:
        yield Finding("ok", f"No feed for {', '.join(without)}: what depends on them will be empty and say so.")


def _look(con: duckdb.DuckDBPyConnection, sources: Sources, entry: Entry, path: Path, scratch: Path) -> Finding:
    name = sources.relative(path)
    try:
        head, is_cut = _head(path, scratch)
        reading = open_file(con, head, entry.options, scratch, _RECORD_BYTES, is_head=is_cut)
        if reading.is_empty:
            return Finding("warning", f"{name} ({entry.table}) is empty, not even a header.", entry.table)
        plan = plan_file(con, sources.contract.table(entry.table), entry, reading)
    except UnreadableFile as error:
        return Finding("error", f"{name} ({entry.table}) {error}.", entry.table)
    told = f"{name} ({entry.table}): {len(plan.mapped)} of {len(plan.table.columns)} columns"
    told += f", {reading.encoding}" if reading.encoding else ""
    told += f", delimiter {reading.delimiter!r}" if reading.delimiter else ""
    if plan.unknown:
        return Finding("warning", f"{told}; kept out, not in the contract: {', '.join(plan.unknown)}.", entry.table)
    return Finding("ok", f"{told}.", entry.table)


def _head(path: Path, scratch: Path) -> tuple[Path, bool]:
    """The first rows of a text file as a file of its own, and whether it was cut; a parquet file as it is."""
    if file_format(path) == "parquet":
        return path, False
    head = head_of(path, HEAD_BYTES)
    is_cut = len(head) == HEAD_BYTES
    if is_cut:
        # A line end is a safe place to cut characters of several bytes; in UTF-16 every even place is.
        line_end = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
        head = head if encoding_by_mark(head) == "utf-16" else head[:line_end] or head
    suffixes = [suffix for suffix in path.suffixes if suffix.lower() not in {".gz", ".zst", ".zstd"}]
    copy = scratch / f"head{suffixes[-1] if suffixes else '.csv'}"
    copy.write_bytes(head)
    return copy, is_cut
