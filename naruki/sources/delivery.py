"""Is what was delivered what is usual? Too few rows, feeds that stopped, days without an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Literal

import duckdb

from naruki.calendar import PLANNED_AHEAD
from naruki.policy import read_settings
from naruki.project import SEEDS
from naruki.sources.cells import literal, quoted
from naruki.sources.contract import Contract, Table
from naruki.sources.manifest import EMPTY, HELD, LANDED, ManifestRow, read_manifest
from naruki.sources.snapshot import SNAPSHOT


@dataclass(frozen=True)
class DeliveryPolicy:
    """What is unusual; the values are rows of seeds/cfg_setting.csv.

    `low_share`: fewer rows than this share of the usual number (0..1). `history`: so many earlier deliveries make the
    usual number (their median), and at least `least_history` are needed. `stale_days`: no event for longer than this,
    and for more than twice the longest of its last `rhythm_gaps` silences. `window_days`: so many days before the newest
    event are searched for missing days. `least_events`: a day is missed where so many are usual.
    """

    low_share: float = 0.5
    history: int = 8
    least_history: int = 3
    stale_days: int = 3
    rhythm_gaps: int = 20
    window_days: int = 28
    least_events: int = 10


def read_delivery_policy(seeds: Path = SEEDS) -> DeliveryPolicy:
    """The rows `delivery_…` of seeds/cfg_setting.csv."""
    settings = read_settings(seeds)
    return DeliveryPolicy(
        **{one.name: type(one.default)(settings[f"delivery_{one.name}"]) for one in fields(DeliveryPolicy)}
    )


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
    home: Path, contract: Contract, *, as_of: date, fresh_on: date | None = None, policy: DeliveryPolicy | None = None
) -> list[DeliveryFinding]:
    """What is unusual about the newest deliveries of a home on a day (UTC); later ones are not looked at.

    `fresh_on`: the day against which the age of a feed is measured, such as the newest day of all feeds; default `as_of`.

    Volume: the newest delivery of a table by a source has far fewer rows than those before it, or none where
    there are usually some. Freshness: the newest event is too old. Missing day: no event on a day, though the weeks
    before and after have many on the same weekday.
    """
    policy = policy or DeliveryPolicy()
    rows = [row for row in read_manifest(home) if row.loaded_at.date() <= as_of]
    findings = list(_volumes(rows, policy))
    for table in contract.tables:
        if table.event_at and any(row.table_name == table.name and row.rows_landed for row in rows):
            findings += _days(home, table, as_of, fresh_on or as_of, policy)
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


def _days(home: Path, table: Table, as_of: date, fresh_on: date, policy: DeliveryPolicy) -> Iterator[DeliveryFinding]:
    counts, last_days = _events_by_day(home, table, as_of, policy)
    if not counts:
        return
    first, newest = min(counts), max(counts)
    gaps = [(later - earlier).days for earlier, later in pairwise(last_days)]
    age = (fresh_on - newest).days
    # A feed that is quiet over weekends, or speaks once a month, is stale only after twice its own longest silence; one of
    # which too little is known has no rhythm yet.
    threshold = max(policy.stale_days, 2 * max(gaps, default=0))
    if age > threshold and len(gaps) >= policy.least_history and table.name not in PLANNED_AHEAD:
        message = (
            f"{table.name}: the newest event is of {newest}, {age} days before {fresh_on}; "
            f"silences of up to {max(gaps)} days are usual."
        )
        yield DeliveryFinding(table.name, None, "freshness", "warning", age, threshold, message)
    for offset in range((newest - first).days):
        day = first + timedelta(days=offset)
        around = [day + timedelta(weeks=step) for step in (-2, -1, 1, 2)]
        usual = [counts.get(other, 0) for other in around if first <= other <= newest]
        # Weekends may be quiet: a day is missing if its own weekday never is.
        if day not in counts and len(usual) >= 2 and min(usual) >= policy.least_events:
            message = (
                f"{table.name}: no event on {day}, where {min(usual):,} to {max(usual):,} are usual on that weekday."
            )
            yield DeliveryFinding(table.name, None, "missing_day", "warning", 0, policy.least_events, message)


def _events_by_day(home: Path, table: Table, as_of: date, policy: DeliveryPolicy) -> tuple[dict[date, int], list[date]]:
    """Events per day (UTC) in the window that ends with the newest event up to the day; the last days that had any."""
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
            return {}, []
        since = literal((newest.date() - timedelta(days=policy.window_days)).isoformat())
        day = "cast(happened_at as date)"
        found = con.execute(f"select {day}, count(*) from ({rows}) where happened_at >= {since} group by 1").fetchall()
        last = con.execute(
            f"select distinct {day} as day from ({rows}) order by day desc limit {policy.rhythm_gaps + 1}"
        ).fetchall()
    return dict(found), sorted(day for (day,) in last)
