"""The manifest: one row per file and run, written last, so that what it doesn't know has never landed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from naruki.errors import NarukiError
from naruki.sources.cells import literal
from naruki.sources.contract import Contract

if TYPE_CHECKING:
    import pyarrow as pa

LANDED, SKIPPED, EMPTY, FAILED, HELD = "landed", "skipped_same_file", "empty", "failed", "quarantine_limit"
FOLDER = Path("landing") / "_manifest" / "landed_files"
_EMPTY_DAY = "load_date=1970-01-01"


@dataclass(frozen=True)
class ManifestRow:
    """What became of one file. For every status but `failed`: rows_read = rows_landed + rows_quarantined.

    `rows_filtered` are rows that the mapping's `where` left out; they count neither as read nor as lost. `cells_nulled`
    are optional cells that held something unreadable. `first_event_on` / `last_event_on` are UTC days.
    """

    load_id: str
    table_name: str
    source: str
    source_file: str
    file_sha256: str | None
    mapping_sha256: str
    status: str
    loaded_at: datetime
    encoding: str | None = None
    delimiter: str | None = None
    rows_read: int = 0
    rows_landed: int = 0
    rows_quarantined: int = 0
    rows_filtered: int = 0
    cells_nulled: int = 0
    message: str | None = None
    seconds: float = 0.0
    first_event_on: date | None = None
    last_event_on: date | None = None


def manifest_schema() -> pa.Schema:
    """The manifest's Arrow schema."""
    import pyarrow as pa

    text, count = pa.string(), pa.int64()
    return pa.schema(
        [
            *(
                (name, text)
                for name in ("load_id", "table_name", "source", "source_file", "file_sha256", "mapping_sha256")
            ),
            *((name, text) for name in ("encoding", "delimiter")),
            *(
                (name, count)
                for name in ("rows_read", "rows_landed", "rows_quarantined", "rows_filtered", "cells_nulled")
            ),
            ("status", text),
            ("message", text),
            ("seconds", pa.float64()),
            ("loaded_at", pa.timestamp("us")),
            ("first_event_on", pa.date32()),
            ("last_event_on", pa.date32()),
        ]
    )


def append_manifest(home: Path, rows: Sequence[ManifestRow]) -> None:
    """Record files of one run in one file of the manifest; from here on their loads count."""
    import pyarrow as pa

    first = rows[0]
    folder = home / FOLDER / f"load_date={first.loaded_at:%Y-%m-%d}"
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=manifest_schema())
    write_aside(table, folder / f"{first.load_id}.parquet")


def write_aside(table: pa.Table, path: Path) -> None:
    """Write parquet to a temporary name, then rename: a reader sees all of it or nothing."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    pq.write_table(table, aside, compression="zstd")
    os.replace(aside, path)


def read_manifest(home: Path) -> list[ManifestRow]:
    """All rows, oldest first."""
    files = sorted((home / FOLDER).glob("*/*.parquet"))
    if not files:
        return []
    with duckdb.connect() as con:
        listed = ", ".join(literal(str(file)) for file in files)
        source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        result = con.execute(f"select * from {source} order by loaded_at, load_id")
        names = [column[0] for column in result.description]
        rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [ManifestRow(**row) for row in rows]


def clean_home(home: Path, contract: Contract, known: Iterable[str]) -> list[str]:
    """Remove what an interrupted run left (temporary files, loads without a manifest row) and lay the empty files.

    Returns the names of removed files, relative to the home. Every canonical table has a zero-row file with all columns
    afterwards, so that a table without a feed is an empty table. An interrupted run leaves one load at most: if there
    are more, the manifest itself is gone, which is a NarukiError, since nothing may be lost.
    """
    loads = set(known)
    found = [path for area in ("landing", "quarantine") for path in sorted((home / area).glob("**/*"))]
    landed = [path for path in found if path.suffix == ".parquet" and "_manifest" not in path.parts]
    orphans = [path for path in landed if path.parent.name != _EMPTY_DAY and path.stem not in loads]
    unknown = {path.stem for path in orphans}
    if len(unknown) > 1:
        raise NarukiError(
            f"landing/ holds {len(unknown)} loads that its manifest doesn't know, such as {min(unknown)}; "
            "restore landing/_manifest, or move these files away to land them anew."
        )
    leftovers = [*(path for path in found if path.suffix == ".tmp"), *orphans]
    for path in leftovers:
        path.unlink()
    removed = [path.relative_to(home).as_posix() for path in leftovers]
    for table in contract.tables:
        path = home / "landing" / table.name / _EMPTY_DAY / "empty.parquet"
        schema = table.arrow_schema()
        if not path.exists() or not _same_schema(path, schema):
            write_aside(schema.empty_table(), path)
    return removed


def _same_schema(path: Path, schema: pa.Schema) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path).equals(schema)
    except (OSError, pa.ArrowInvalid):
        return False
