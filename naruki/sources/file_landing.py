"""One file: read, matched, typed, written aside, counted, renamed. Whatever happens ends in one manifest row."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import duckdb

from naruki.sources.cells import literal, quoted
from naruki.sources.contract import AUDIT_COLUMNS, Table
from naruki.sources.decode import UnreadableFile, sha256_of
from naruki.sources.manifest import EMPTY, FAILED, HELD, LANDED, SKIPPED, ManifestRow
from naruki.sources.mapping import Entry, file_format
from naruki.sources.privacy import redacted
from naruki.sources.reading import is_damaged_parquet, open_file
from naruki.sources.session import Session
from naruki.sources.statement import Plan, checked, landing_columns, plan_file, raw_cells, with_derived_key

HELD_BACK = "held back: the file is over the quarantine limit"


def land_file(session: Session, table: Table, entry: Entry, path: Path) -> ManifestRow:
    """Land one file and record what became of it; never raises for what is wrong with the file."""
    began = time.perf_counter()
    row = session.begin(entry, session.sources.relative(path), None)
    try:
        row = session.begin(entry, row.source_file, sha256_of(path))
        row = _seen_before(session, entry, row) or _landed(session, table, entry, path, row)
    except UnreadableFile as error:
        # What was taken for a header may be a row: names and addresses have no place in a message.
        row = replace(row, status=FAILED, message=session.redaction.text(str(error)))
    except OSError as error:
        told = f"can't be staged ({error.strerror or 'input/output error'}); see that the disk has room and run again"
        row = replace(row, status=FAILED, message=told)
    except duckdb.Error as error:
        row = replace(row, status=FAILED, message=_explained(session, path, error))
    if row.status == FAILED:
        session.discard(row)
        row = replace(row, rows_read=0, rows_landed=0, rows_quarantined=0, rows_filtered=0, cells_nulled=0)
    return session.record(replace(row, seconds=round(time.perf_counter() - began, 3)))


def _explained(session: Session, path: Path, error: duckdb.Error) -> str:
    """The kind of the error without its text, which may quote a cell."""
    kind = type(error).__name__.removesuffix("Exception")
    if file_format(path) == "parquet" and is_damaged_parquet(session.con, path):
        return "is a damaged parquet file; deliver it again"
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
        return f"can't be landed for want of memory or disk ({kind}); free some and run again"
    if not isinstance(error, (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)):
        return f"can't be landed ({kind}); deliver it again or leave it out"
    return f"can't be landed: an expression of the mapping fails on a value ({kind}); use try_cast in sources.yml"


def _seen_before(session: Session, entry: Entry, row: ManifestRow) -> ManifestRow | None:
    """The outcome of a file that was seen before with the same mapping, or None if it has to be read."""
    same = session.past.same_content(row)
    settled = [past for past in same if past.status in {LANDED, EMPTY}]
    if entry.full_snapshot:
        # A snapshot that comes back after another one says something new: keys may have returned.
        file = (row.source, row.source_file)
        newest = [past for past in session.past.same_mapping(row) if (past.source, past.source_file) == file][-1:]
        settled = [past for past in newest if past in settled]
    if settled:
        past = settled[-1]
        message = f"is the same file as in load {past.load_id}"
        return replace(row, status=SKIPPED, message=message, encoding=past.encoding, delimiter=past.delimiter)
    held = [past for past in same if past.status == HELD and past.rows_read]
    if held and (bad := _bad_rows(session, held[-1])) > session.limits.quarantine_share * held[-1].rows_read:
        told = _too_many(bad, held[-1].rows_read, session.limits.quarantine_share)
        return replace(row, status=HELD, message=f"is unchanged since load {held[-1].load_id} and {told}")
    return None


def _bad_rows(session: Session, past: ManifestRow) -> int:
    path = session.target("quarantine", past)
    if not path.exists():
        return 0
    count = f"select count(*) from read_parquet({literal(str(path))}) where reasons <> {literal(HELD_BACK)}"
    return int(session.con.execute(count).fetchone()[0])


def _too_many(bad: int, rows: int, share: float) -> str:
    return f"has {bad:,} bad rows of {rows:,}, more than {share:.1%}; nothing of it landed, mend the rows in quarantine"


def _landed(session: Session, table: Table, entry: Entry, path: Path, row: ManifestRow) -> ManifestRow:
    con, limits = session.con, session.limits
    con.execute("set TimeZone = 'UTC'")
    session.use_lookups(entry)
    reading = open_file(con, path, entry.options, session.scratch, limits.record_bytes)
    row = replace(row, encoding=reading.encoding, delimiter=reading.delimiter)
    if reading.is_empty:
        return replace(row, status=EMPTY, message="is empty, not even a header; see whether the delivery is complete")
    con.execute(f"set TimeZone = {literal(entry.options.time_zone)}")
    plan = plan_file(con, table, entry, reading)
    _know_names(session, plan)
    landing = session.target("landing", row)
    landed = session.copy_aside(_landing_rows(plan, row), landing)
    filtered, bad = 0, 0
    if landed + reading.rejected != reading.rows:
        (found,) = con.execute(f"select count(*) from ({reading.relation})").fetchone()
        count = f"select count(*), count(_reasons) from ({checked(plan)})"
        taken, bad = con.execute(count).fetchone()
        # Only what `where` left out may be missing: a row that the reader itself lost makes the sum wrong below.
        filtered = found - taken if entry.where else 0
    row = replace(
        row,
        status=LANDED,
        rows_read=reading.rows - filtered,
        rows_landed=landed,
        rows_quarantined=reading.rejected + bad,
        rows_filtered=filtered,
    )
    if filtered < 0 or row.rows_read != row.rows_landed + row.rows_quarantined:
        raise UnreadableFile(
            f"doesn't add up: {reading.rows} rows stand in it, {landed} could land and {row.rows_quarantined} were "
            "bad; see that no expression of the mapping yields several rows"
        )
    if row.rows_quarantined > limits.quarantine_share * row.rows_read:
        _quarantine(session, plan, row, everything=True)
        landing.with_suffix(".tmp").unlink()
        told = _too_many(row.rows_quarantined, row.rows_read, limits.quarantine_share)
        return replace(row, status=HELD, rows_landed=0, rows_quarantined=row.rows_read, message=told)
    if row.rows_quarantined:
        _quarantine(session, plan, row, everything=False)
    return _finished(session, plan, row, landing)


def _know_names(session: Session, plan: Plan) -> None:
    """Customers' own names are redacted in the texts of the same file."""
    if plan.table.name == "customers" and any(column.privacy == "redact" for column in plan.mapped):
        rows = checked(plan)
        if "name" in plan.expressions:
            found = session.con.execute(f"select distinct name from ({rows}) where name is not null").fetchall()
            session.redaction.know(session.landed_names() | {row[0] for row in found})


def _finished(session: Session, plan: Plan, row: ManifestRow, landing: Path) -> ManifestRow:
    """Give the landed file its name and the manifest row what only the landed rows tell."""
    aside = landing.with_suffix(".tmp")
    unknown = session.redaction.text(", ".join(plan.unknown))
    notes = [f"columns kept out, not in the contract: {unknown}"] if unknown else []
    if not row.rows_landed:
        aside.unlink()
        return replace(row, message="; ".join(["holds no row that lands", *notes]))
    at = quoted(plan.table.event_at) if plan.table.event_at else "cast(null as timestamp)"
    nulled, first, last = session.con.execute(
        f"select coalesce(sum(len(string_split(_nulled_columns, ','))), 0), cast(min({at}) as date), "
        f"cast(max({at}) as date) from read_parquet({literal(str(aside))})"
    ).fetchone()
    os.replace(aside, landing)
    if nulled:
        notes.append(f"optional cells that could not be read and are null: {nulled:,} (see _nulled_columns)")
    told = "; ".join(notes) or None
    return replace(row, cells_nulled=int(nulled), first_event_on=first, last_event_on=last, message=told)


def audit_columns(row: ManifestRow, **given: str) -> str:
    """SQL of the audit columns of a load; `given` are expressions for those that differ from row to row."""
    fixed = {
        "_load_id": literal(row.load_id),
        "_source": literal(row.source),
        "_source_file": literal(row.source_file),
        "_file_sha256": literal(row.file_sha256 or ""),
        "_loaded_at": literal(row.loaded_at.isoformat(sep=" ")),
    }
    values = dict.fromkeys(AUDIT_COLUMNS, "null") | fixed | given
    return ", ".join(f"cast({value} as {AUDIT_COLUMNS[name]}) as {name}" for name, value in values.items())


def _landing_rows(plan: Plan, row: ManifestRow) -> str:
    rows = with_derived_key(plan, checked(plan))
    audit = audit_columns(row, _row_number="_row_number", _nulled_columns="_nulled_columns")
    return f"select {landing_columns(plan)}, {audit} from ({rows})"


def _quarantine(session: Session, plan: Plan, row: ManifestRow, *, everything: bool) -> None:
    """Write the rows that may not land, with every reason; raw text is redacted."""
    parts = []
    if plan.reading.rejected:
        source = (
            f"read_json({literal(str(plan.reading.rejects))}, format = 'newline_delimited', "
            "maximum_object_size = 134217728, columns = {row: 'BIGINT', reason: 'VARCHAR', raw: 'VARCHAR'})"
        )
        parts.append(f"select row as _row_number, reason as reasons, {redacted('raw')} as raw from {source}")
    bad = "" if everything else "where _reasons is not null"
    parts.append(
        f"select _row_number, coalesce(_reasons, {literal(HELD_BACK)}) as reasons, {raw_cells(plan)} as raw "
        f"from ({checked(plan, with_cells=True)}) {bad}"
    )
    path = session.target("quarantine", row)
    audit = audit_columns(row, _row_number="_row_number")
    rows = f"select {literal(row.table_name)} as table_name, reasons, raw, {audit} from ({' union all '.join(parts)})"
    written = session.copy_aside(rows, path)
    expected = row.rows_read if everything else row.rows_quarantined
    if written != expected:
        raise UnreadableFile(
            f"doesn't add up: {expected} rows belong in quarantine and {written} came there; deliver it again"
        )
    os.replace(path.with_suffix(".tmp"), path)
