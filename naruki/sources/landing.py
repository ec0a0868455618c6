"""Landing: every file of the sources becomes typed, redacted parquet, quarantined rows, and one row of the manifest.

    landing/<table>/load_date=YYYY-MM-DD/<load_id>.parquet      rows by the contract, append-only
    quarantine/<table>/load_date=YYYY-MM-DD/<load_id>.parquet   rows that may not land, with every reason
    landing/_manifest/landed_files/load_date=…/<load_id>.parquet   what became of each file; written last

Rows read = rows landed + rows quarantined for every file, or the file failed as a whole. A file with more bad rows than
the limit is held: nothing of it lands, all its rows lie in quarantine (the good ones as "held back"), and the report
says so, so that downstream stays on the last good data. A mended file is another file and lands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from naruki.errors import NarukiError
from naruki.sources.cells import literal
from naruki.sources.contract import Table, load_contract
from naruki.sources.file_landing import land_file
from naruki.sources.manifest import EMPTY, FAILED, HELD, LANDED, ManifestRow
from naruki.sources.mapping import Entry, Sources
from naruki.sources.session import DEFAULT_LIMITS, Limits, Session, open_session
from naruki.sources.snapshot import mark_vanished

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LandingReport", "Limits", "Session", "land", "land_table", "landing_profile", "open_session"]


@dataclass(frozen=True)
class LandingReport:
    """What became of each file of a run, and what was found beside them."""

    rows: tuple[ManifestRow, ...]
    warnings: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[ManifestRow, ...]:
        """Files that keep downstream on the last good data."""
        return tuple(row for row in self.rows if row.status in {FAILED, HELD})

    @property
    def is_good(self) -> bool:
        """Whether downstream may go on."""
        return not self.failures

    @property
    def changed(self) -> bool:
        """Whether any row landed that was not there before."""
        return any(row.status == LANDED and row.rows_landed for row in self.rows)

    def raise_if_failed(self) -> None:
        """A NarukiError with the first failure, for callers that want to stop."""
        if self.failures:
            first, others = self.failures[0], len(self.failures) - 1
            more = f" ({others} more file{'s' if others > 1 else ''} failed, see landed_files)" if others else ""
            raise NarukiError(f"{first.source_file} {first.message}{more}.")


def land(sources: Sources, home: Path, *, now: datetime, salt: str, limits: Limits = DEFAULT_LIMITS) -> LandingReport:
    """Land all files of the sources under `home`; `now` is the instant of the load, `salt` the key that hashes e-mails.

    A file that can't be read, or of which too many rows are bad, lands nothing and is told in the report; it never
    stops the others. Raises NarukiError only for what concerns the run as a whole (the home can't be written, no salt).
    """
    with open_session(sources, home, now=now, salt=salt, limits=limits) as session:
        rows = [row for table in sources.contract.table_names for row in land_table(session, table)]
        return LandingReport(tuple(rows), _warnings(session, rows), session.removed)


def land_table(session: Session, table_name: str) -> list[ManifestRow]:
    """Land all files of one table; customers go first in a run, since their names are redacted in all other tables."""
    table = session.sources.contract.table(table_name)
    rows: list[ManifestRow] = []
    for entry in session.sources.of(table_name):
        delivered = [land_file(session, table, entry, path) for path in entry.files] or [_no_file(session, entry)]
        rows += delivered
        if entry.full_snapshot:
            rows += mark_vanished(session, table, entry, delivered)
    if table_name == "customers":
        session.redaction.know(session.landed_names())
    return rows


def _no_file(session: Session, entry: Entry) -> ManifestRow:
    row = session.begin(entry, ", ".join(entry.patterns), None)
    told = f"matches no file; deliver it, or correct or remove `files:` of {entry.table} in sources.yml"
    return session.record(replace(row, message=told))


def _warnings(session: Session, rows: Sequence[ManifestRow]) -> tuple[str, ...]:
    told = [f"{name} belongs to no table and was left out" for name in session.sources.unknown_files]
    told += [f"{row.source_file}: {row.message}" for row in rows if row.status in {EMPTY, LANDED} and row.message]
    fed = {entry.table for entry in session.sources.entries}
    gone = [name for name in session.sources.contract.table_names if name in session.past.fed - fed]
    return (*told, *(f"{name} has no file any more; the rows that landed earlier stay" for name in gone))


def landing_profile(home: Path, table: Table | str, load_id: str | None = None) -> pa.Table:
    """One row per load and column of a table: rows, nulls, null_share, distincts (approximate), minimum, maximum.

    Of the loads of the newest run, or of `load_id`; no rows if nothing landed. Minimum and maximum are text.
    """
    import duckdb
    import pyarrow as pa

    from naruki.quality.profile import profile

    table = load_contract().table(table) if isinstance(table, str) else table
    files = sorted((Path(home) / "landing" / table.name).glob("*/*.parquet"), key=lambda path: path.stem)
    loads = [path for path in files if path.stem != "empty" and (load_id is None or path.stem == load_id)]
    if load_id is None and loads:
        run = loads[-1].stem.split("-")[0]
        loads = [path for path in loads if path.stem.startswith(run + "-")]
    profiles = []
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for path in loads or [Path(home) / "landing" / table.name / "load_date=1970-01-01" / "empty.parquet"]:
            if not path.exists():
                raise NarukiError(f"Nothing has landed in this home for {table.name}; run `naruki run` first.")
            relation = f"read_parquet({literal(str(path))})"
            found = profile(con, relation, list(table.column_names))
            profiles.append(found.add_column(0, "load_id", pa.array([path.stem] * len(found), pa.string())))
    return pa.concat_tables(profiles) if loads else profiles[0].slice(0, 0)
