"""Landing: every file of the sources becomes typed, redacted parquet, quarantined rows, and one row of the manifest."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from naruki.errors import NarukiError
from naruki.sources import manifest
from naruki.sources.cells import literal, quoted
from naruki.sources.contract import AUDIT_COLUMNS, Table
from naruki.sources.decode import UnreadableFile, sha256_of
from naruki.sources.manifest import EMPTY, FAILED, HELD, LANDED, SKIPPED, ManifestRow
from naruki.sources.mapping import Entry, Sources
from naruki.sources.privacy import Redaction, prepare_privacy, redacted
from naruki.sources.reading import Reading, load_lookup, open_file
from naruki.sources.statement import Plan, checked, landing_columns, plan_file, with_derived_key

HELD_BACK = "held back: the file is over the quarantine limit"


@dataclass(frozen=True)
class Limits:
    """What landing may use and when it must refuse.

    `quarantine_share`: more than this share of a file's rows in quarantine and nothing of it lands (0..1).
    `record_bytes`: a longer record is quarantined. `vanished_share`: more keys than this share gone from a full
    snapshot and the snapshot is not believed (0..1). `memory`, `threads`: for DuckDB.
    """

    quarantine_share: float = 0.01
    record_bytes: int = 2_000_000
    vanished_share: float = 0.2
    memory: str = "2GB"
    threads: int = 2


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


@dataclass
class Session:
    """One run of landing: its connection, its instant, and what landed before."""

    con: duckdb.DuckDBPyConnection
    sources: Sources
    home: Path
    scratch: Path
    now: datetime
    limits: Limits
    past: list[ManifestRow]
    redaction: Redaction
    lookups: dict[str, str | None] = field(default_factory=dict)

    def record(self, row: ManifestRow) -> ManifestRow:
        """Write a manifest row; from here on the load counts."""
        manifest.append_manifest(self.home, row)
        self.past.append(row)
        return row

    def free_load_id(self, table: str, digest: str) -> str:
        """`<UTC instant>-<table>-<8 hex digits>`: sortable, and unique in the home."""
        base = f"{self.now:%Y%m%dT%H%M%S}-{table}-{digest[:8]}"
        taken = {row.load_id for row in self.past}
        number = 1
        while (load_id := base if number == 1 else f"{base}-{number}") in taken:
            number += 1
        return load_id


def land(sources: Sources, home: Path, *, now: datetime, salt: str, limits: Limits = Limits()) -> LandingReport:
    """Land all files of the sources under `home` (landing/, quarantine/); `now` is the instant of the load.

    A file that can't be read, or of which too many rows are bad, is told in the report and lands nothing; it never stops
    the others. Raises NarukiError only for what concerns the run as a whole (the home can't be written, no salt).
    """
    with open_session(sources, home, now=now, salt=salt, limits=limits) as (session, removed):
        rows: list[ManifestRow] = []
        for table in sources.contract.tables:
            rows += land_table(session, table.name)
        return LandingReport(tuple(rows), _warnings(session, rows), tuple(removed))


@contextmanager
def open_session(
    sources: Sources, home: Path, *, now: datetime, salt: str, limits: Limits = Limits()
) -> Iterator[tuple[Session, list[str]]]:
    """A session for `land_table`, and the leftovers of an interrupted run that were removed."""
    now = (now if now.tzinfo is None else now.astimezone(UTC).replace(tzinfo=None)).replace(microsecond=now.microsecond)
    home = Path(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        past = manifest.read_manifest(home)
        removed = manifest.clean_home(home, sources.contract, [row.load_id for row in past])
        folder = tempfile.TemporaryDirectory(prefix=".landing-", dir=home)
    except OSError as error:
        raise NarukiError(f"The home can't be written ({error.strerror}); choose another with --home.") from None
    with folder as scratch, duckdb.connect() as con:
        con.execute(f"set threads = {limits.threads}")
        con.execute(f"set memory_limit = {literal(limits.memory)}")
        con.execute(f"set temp_directory = {literal(scratch)}")
        # A filter pushed below the typed cells would compute every cell twice.
        con.execute("set disabled_optimizers = 'filter_pushdown'")
        session = Session(con, sources, home, Path(scratch), now, limits, past, prepare_privacy(con, salt))
        session.redaction.know(_landed_names(session))
        yield session, removed


def land_table(session: Session, table_name: str) -> list[ManifestRow]:
    """Land all files of one table; customers go first in a run, since their names are redacted in all other tables."""
    table = session.sources.contract.table(table_name)
    rows: list[ManifestRow] = []
    for entry in session.sources.of(table_name):
        if not entry.files:
            rows.append(_no_file(session, entry))
        delivered = [_land_file(session, table, entry, path) for path in entry.files]
        rows += delivered
    if table_name == "customers":
        session.redaction.know(_landed_names(session))
    return rows


def _no_file(session: Session, entry: Entry) -> ManifestRow:
    patterns = ", ".join(entry.patterns)
    start = _start(session, entry, patterns, None)
    return session.record(replace(start, status=FAILED, message=f"matches no file; deliver it or correct `files:` of {entry.table}"))


def _start(session: Session, entry: Entry, source_file: str, sha256: str | None) -> ManifestRow:
    mapping = _mapping_sha256(session, entry)
    digest = hashlib.sha256(f"{sha256 or source_file}{mapping}".encode()).hexdigest()
    return ManifestRow(
        load_id=session.free_load_id(entry.table, digest),
        table_name=entry.table,
        source=entry.source,
        source_file=source_file,
        file_sha256=sha256,
        mapping_sha256=mapping,
        encoding=None,
        delimiter=None,
        rows_read=0,
        rows_landed=0,
        rows_quarantined=0,
        rows_filtered=0,
        cells_nulled=0,
        status=FAILED,
        message=None,
        seconds=0.0,
        loaded_at=session.now,
    )


def _mapping_sha256(session: Session, entry: Entry) -> str:
    """Changes when the mapping, the contract of the table or a lookup changes: then the same file lands anew."""
    table = session.sources.contract.table(entry.table)
    parts = {
        "columns": dict(entry.columns),
        "same_names": entry.same_names,
        "where": entry.where,
        "options": asdict(entry.options),
        "contract": [asdict(column) for column in table.columns],
        "lookups": {name: _lookup_sha256(session, name) for name in _lookups_of(session, entry)},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _lookups_of(session: Session, entry: Entry) -> list[str]:
    text = " ".join([*entry.columns.values(), entry.where or ""])
    return [name for name in entry.lookups if name in text]


def _lookup_sha256(session: Session, name: str) -> list[str]:
    digests = []
    for path in session.sources.lookups[name].files:
        try:
            digests.append(sha256_of(path))
        except UnreadableFile:
            digests.append("missing")
    return digests


def _land_file(session: Session, table: Table, entry: Entry, path: Path) -> ManifestRow:
    """Land one file; whatever happens to it ends in one row of the manifest."""
    began = time.perf_counter()
    source_file = session.sources.relative(path)
    row = _start(session, entry, source_file, None)
    try:
        sha256 = sha256_of(path)
        row = _start(session, entry, source_file, sha256)
        row = _skipped(session, entry, row) or _landed(session, table, entry, path, row)
    except UnreadableFile as error:
        row = replace(row, status=FAILED, message=str(error))
    except duckdb.Error as error:
        row = replace(row, status=FAILED, message=_explained(error))
    if row.status == FAILED:
        _discard(session, row)
        row = replace(row, rows_read=0, rows_landed=0, rows_quarantined=0, cells_nulled=0)
    return session.record(replace(row, seconds=round(time.perf_counter() - began, 3)))


def _explained(error: duckdb.Error) -> str:
    """The kind of the error without its text, which may quote a cell."""
    kind = type(error).__name__.removesuffix("Exception")
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
        return f"can't be landed for want of memory or disk ({kind}); free some and run again"
    return f"can't be landed: an expression of the mapping fails on one of its values ({kind}); use try_cast in sources.yml"


def _skipped(session: Session, entry: Entry, row: ManifestRow) -> ManifestRow | None:
    """The outcome of a file that was landed before with the same mapping, or None."""
    same = [p for p in session.past if p.table_name == row.table_name and p.mapping_sha256 == row.mapping_sha256]
    if entry.full_snapshot:
        # A snapshot that comes back after another one says something new: keys may have returned.
        newest = [p for p in same if p.source == row.source and p.source_file == row.source_file and p.status in {LANDED, EMPTY}]
        same = newest[-1:]
    for past in reversed(same):
        if past.file_sha256 == row.file_sha256 and past.status in {LANDED, EMPTY}:
            return replace(row, status=SKIPPED, message=f"is the same file as in load {past.load_id}", encoding=past.encoding)
    return None


def _landed(session: Session, table: Table, entry: Entry, path: Path, row: ManifestRow) -> ManifestRow:
    con, limits = session.con, session.limits
    con.execute("set TimeZone = 'UTC'")
    _load_lookups(session, entry)
    reading = open_file(con, path, entry.options, session.scratch, limits.record_bytes)
    row = replace(row, encoding=reading.encoding, delimiter=reading.delimiter)
    if reading.is_empty:
        return replace(row, status=EMPTY, message="is empty, not even a header; see whether the delivery is complete")
    con.execute(f"set TimeZone = {literal(entry.options.time_zone)}")
    plan = plan_file(con, table, entry, reading)
    landing = _target(session, "landing", row)
    landed = _copy(con, _landing_rows(plan, row), landing)
    filtered, bad = 0, 0
    if landed + reading.rejected != reading.rows:
        taken, bad = con.execute(f"select count(*), count(_reasons) from ({checked(plan, with_raw=False)})").fetchone()
        filtered = reading.rows - reading.rejected - taken
    row = replace(
        row,
        status=LANDED,
        rows_read=reading.rows - filtered,
        rows_landed=landed,
        rows_quarantined=reading.rejected + bad,
        rows_filtered=filtered,
        message=_kept_out(plan),
    )
    if filtered < 0 or (filtered and not entry.where) or row.rows_read != row.rows_landed + row.rows_quarantined:
        raise UnreadableFile(
            f"doesn't add up: {reading.rows} rows stand in it, {landed} could land and {row.rows_quarantined} were "
            "bad; see that no expression of the mapping yields several rows"
        )
    over = row.rows_quarantined > limits.quarantine_share * row.rows_read
    if row.rows_quarantined:
        _quarantine(session, plan, row, everything=over)
    if over:
        return _held(session, row)
    return _finish(session, table, row, landing)


def _finish(session: Session, table: Table, row: ManifestRow, landing: Path) -> ManifestRow:
    """Give the landed file its name and the manifest row what only the landed rows tell."""
    if not row.rows_landed:
        return replace(row, message=row.message or "holds no rows")
    aside = landing.with_suffix(".tmp")
    event = f"cast(min({quoted(table.event_at)}) as date), cast(max({quoted(table.event_at)}) as date)" if table.event_at else "null, null"
    nulled, first, last = session.con.execute(
        f"select coalesce(sum(len(string_split(_nulled_columns, ','))), 0), {event} from read_parquet({literal(str(aside))})"
    ).fetchone()
    os.replace(aside, landing)
    return replace(row, cells_nulled=int(nulled), first_event_on=first, last_event_on=last)


def _held(session: Session, row: ManifestRow) -> ManifestRow:
    """Too much is bad: nothing lands, all rows lie in quarantine, the good ones with the reason why."""
    bad, share = row.rows_quarantined, session.limits.quarantine_share
    _target(session, "landing", row).with_suffix(".tmp").unlink(missing_ok=True)
    return replace(
        row,
        status=HELD,
        rows_landed=0,
        rows_quarantined=row.rows_read,
        message=f"has {bad:,} bad rows of {row.rows_read:,}, more than {share:.1%}; nothing of it landed: mend the rows listed in quarantine",
    )


def _kept_out(plan: Plan) -> str | None:
    if not plan.unknown:
        return None
    return f"columns kept out, not in the contract: {', '.join(plan.unknown)}"


def _landing_rows(plan: Plan, row: ManifestRow) -> str:
    rows = with_derived_key(plan, checked(plan, with_raw=False))
    audit = {
        "_load_id": literal(row.load_id),
        "_source": literal(row.source),
        "_source_file": literal(row.source_file),
        "_file_sha256": literal(row.file_sha256 or ""),
        "_row_number": "_row_number",
        "_loaded_at": literal(row.loaded_at.isoformat(sep=" ")),
        "_deleted_at": "null",
        "_nulled_columns": "_nulled_columns",
    }
    listed = ", ".join(f"cast({value} as {AUDIT_COLUMNS[name]}) as {name}" for name, value in audit.items())
    return f"select {landing_columns(plan)}, {listed} from ({rows})"


def _target(session: Session, area: str, row: ManifestRow) -> Path:
    folder = session.home / area / row.table_name / f"load_date={row.loaded_at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{row.load_id}.parquet"


def _copy(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    """Write rows beside `path` (suffix .tmp); returns how many."""
    target = literal(str(path.with_suffix(".tmp")))
    return int(con.execute(f"copy ({select}) to {target} (format parquet, compression zstd)").fetchone()[0])


def _quarantine(session: Session, plan: Plan, row: ManifestRow, *, everything: bool) -> None:
    """Write the rows that may not land, with every reason; raw text is redacted."""
    reading: Reading = plan.reading
    parts = []
    if reading.rejected:
        source = f"read_json({literal(str(reading.rejects))}, format = 'newline_delimited', maximum_object_size = 134217728, "
        source += "columns = {row: 'BIGINT', reason: 'VARCHAR', raw: 'VARCHAR'})"
        parts.append(f"select row as _row_number, reason as reasons, {redacted('raw')} as raw from {source}")
    where = "" if everything else "where _reasons is not null"
    parts.append(
        f"select _row_number, coalesce(_reasons, {literal(HELD_BACK)}) as reasons, _raw as raw "
        f"from (select * from ({checked(plan, with_raw=True)}) {where})"
    )
    audit = (
        f"{literal(row.load_id)} as _load_id, {literal(row.source)} as _source, {literal(row.source_file)} as _source_file, "
        f"{literal(row.file_sha256 or '')} as _file_sha256, _row_number, "
        f"cast({literal(row.loaded_at.isoformat(sep=' '))} as timestamp) as _loaded_at"
    )
    path = _target(session, "quarantine", row)
    written = _copy(session.con, f"select {literal(row.table_name)} as table_name, reasons, raw, {audit} from ({' union all '.join(parts)})", path)
    expected = row.rows_read if everything else row.rows_quarantined
    if written != expected:
        raise UnreadableFile(f"doesn't add up: {expected} rows belong in quarantine and {written} came there; deliver it again")
    os.replace(path.with_suffix(".tmp"), path)


def _discard(session: Session, row: ManifestRow) -> None:
    for area in ("landing", "quarantine"):
        path = session.home / area / row.table_name / f"load_date={row.loaded_at:%Y-%m-%d}" / f"{row.load_id}.parquet"
        path.unlink(missing_ok=True)
        path.with_suffix(".tmp").unlink(missing_ok=True)


def _load_lookups(session: Session, entry: Entry) -> None:
    for name in _lookups_of(session, entry):
        if name not in session.lookups:
            lookup = session.sources.lookups[name]
            try:
                load_lookup(session.con, name, lookup.files, lookup.options, session.scratch, session.limits.record_bytes)
                session.lookups[name] = None
            except UnreadableFile as error:
                session.lookups[name] = str(error)
        if session.lookups[name]:
            raise UnreadableFile(f"needs the lookup {name}, which {session.lookups[name]}")


def _landed_names(session: Session) -> set[str]:
    """Names of customers that landed, now or before."""
    pattern = session.home / "landing" / "customers" / "*" / "*.parquet"
    found = session.con.execute(f"select distinct name from read_parquet({literal(str(pattern))}) where name is not null").fetchall()
    return {row[0] for row in found}


def _warnings(session: Session, rows: Sequence[ManifestRow]) -> tuple[str, ...]:
    told = [f"{name} belongs to no table and was left out" for name in session.sources.unknown_files]
    told += [f"{row.source_file}: {row.message}" for row in rows if row.status in {EMPTY, LANDED} and row.message]
    fed = {entry.table for entry in session.sources.entries}
    before = {row.table_name for row in session.past if row.status == LANDED and row.rows_landed}
    for name in session.sources.contract.table_names:
        if name in before - fed:
            told.append(f"{name} has no file any more; the rows that landed earlier stay")
    return tuple(told)
