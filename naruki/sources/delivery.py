"""Is what was delivered what is usual? Too few rows, feeds that stopped, days without an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Literal

import duckdb

from naruki.sources.cells import literal, quoted
from naruki.sources.contract import Contract, Table
from naruki.sources.manifest import EMPTY, HELD, LANDED, ManifestRow, read_manifest
from naruki.sources.snapshot import SNAPSHOT


@dataclass(frozen=True)
class DeliveryPolicy:
    """What is unusual; the values are rows of seeds/cfg_setting.csv.

    `low_share`: fewer rows than this share of the usual number (0..1). `history`: so many earlier deliveries make the
    usual number (their median), and at least `least_history` are needed. `stale_days`: no event for longer than this.
    `window_days`: missing days are looked for in so many days before the newest event.
    """

    low_share: float = 0.5
    history: int = 8
    least_history: int = 3
    stale_days: int = 3
    window_days: int = 28


@dataclass(frozen=True)
class DeliveryFinding:
    """One thing that is unusual: `value` beside its `threshold` (rows or days); `message` is one sentence."""

    table_name: str
    source: str | None
    check: Literal["volume", "freshness", "missing_day"]
    level: Literal["warning", "error"]
    value: float
    threshold: float
    message: str


def delivery_findings(
    home: Path, contract: Contract, *, as_of: date, policy: DeliveryPolicy | None = None
) -> list[DeliveryFinding]:
    """What is unusual about the newest deliveries of a home on a day (UTC); later deliveries are not looked at.

    Volume: the newest delivery of a table by a source has far fewer rows than those before it, or none where
    there are usually some. Freshness: the newest event is too old. Missing day: no event on a day, though the weeks
    before and after have some on the same weekday.
    """
    policy = policy or DeliveryPolicy()
    rows = [row for row in read_manifest(home) if row.loaded_at.date() <= as_of]
    findings = list(_volumes(rows, policy))
    for table in contract.tables:
        if table.event_at and any(row.table_name == table.name and row.rows_landed for row in rows):
            findings += _days(home, table, as_of, policy)
    return findings


def _volumes(rows: Sequence[ManifestRow], policy: DeliveryPolicy) -> Iterator[DeliveryFinding]:
    for (table, source), counts in sorted(_deliveries(rows).items()):
        *before, newest = counts
        before = before[-policy.history :]
        if len(before) < policy.least_history:
            continue
        usual = median(before)
        threshold = policy.low_share * usual
        if newest < threshold:
            level: Literal["warning", "error"] = "warning" if newest else "error"
            message = f"{table} from {source}: {newest:,} rows in the newest delivery where {usual:,.0f} are usual."
            yield DeliveryFinding(table, source, "volume", level, newest, threshold, message)


def _deliveries(rows: Iterable[ManifestRow]) -> dict[tuple[str, str], list[int]]:
    """Rows read per run in which a table got something new from a source, oldest first."""
    runs: dict[tuple[str, str], dict[object, int]] = {}
    for row in rows:
        if row.status in {LANDED, EMPTY, HELD} and row.source_file != SNAPSHOT:
            counts = runs.setdefault((row.table_name, row.source), {})
            counts[row.loaded_at] = counts.get(row.loaded_at, 0) + row.rows_read
    return {key: [count for _, count in sorted(counts.items())] for key, counts in runs.items()}


def _days(home: Path, table: Table, as_of: date, policy: DeliveryPolicy) -> Iterator[DeliveryFinding]:
    days = _event_days(home, table, as_of, policy.window_days)
    if not days:
        return
    newest = max(days)
    age = (as_of - newest).days
    if age > policy.stale_days:
        message = f"{table.name}: the newest event is of {newest}, {age} days before {as_of}."
        yield DeliveryFinding(table.name, None, "freshness", "warning", age, policy.stale_days, message)
    first = min(days)
    week = timedelta(days=7)
    for offset in range((newest - first).days):
        day = first + timedelta(days=offset)
        same_weekday = [day + step * week for step in (-2, -1, 1, 2) if first <= day + step * week <= newest]
        # Weekends may be quiet; a day is missing if its own weekday never is.
        if day not in days and len(same_weekday) >= 2 and all(other in days for other in same_weekday):
            message = f"{table.name}: no event on {day}, though the weeks around it have some on that weekday."
            yield DeliveryFinding(table.name, None, "missing_day", "warning", 0, 1, message)


def _event_days(home: Path, table: Table, as_of: date, window_days: int) -> set[date]:
    """Days (UTC) with an event within the window before the newest event that is not after the day."""
    files = literal(str(home / "landing" / table.name / "*" / "*.parquet"))
    at = quoted(table.event_at or "")
    after = literal((as_of + timedelta(days=1)).isoformat())
    rows = (
        f"select {at} as happened_at from read_parquet({files}, hive_partitioning = false) "
        f"where _deleted_at is null and {at} < {after}"
    )
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        newest = con.execute(f"select max(happened_at) from ({rows})").fetchone()[0]
        if newest is None:
            return set()
        since = literal((newest.date() - timedelta(days=window_days)).isoformat())
        found = con.execute(
            f"select distinct cast(happened_at as date) from ({rows}) where happened_at >= {since}"
        ).fetchall()
    return {row[0] for row in found}
