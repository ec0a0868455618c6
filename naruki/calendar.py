"""Which day the data can be decided for."""

from datetime import date

import duckdb

from naruki.errors import NarukiError
from naruki.sources.contract import load_contract

PLANNED_AHEAD = frozenset({"agents_shifts", "judgements", "outcomes"})


def newest_complete_day(connection: duckdb.DuckDBPyConnection, time_zone: str) -> date:
    """The newest business day of which the landed events are complete.

    It is the newest day with an event that lies before its own loading; a day on which its load ran itself was not over yet, so then
    the day before it. Tables that hold plans or opinions of people do not count. `connection` finds landing/ by relative paths.
    """
    events = [
        f"select {table.event_at} as event_at, _loaded_at from read_parquet('landing/{table.name}/*/*.parquet', union_by_name = true)"
        for table in load_contract().tables
        if table.event_at and table.name not in PLANNED_AHEAD
    ]
    local = "cast(timezone(?, timezone('UTC', {})) as date)"
    newest = f"""
        select max(least({local.format("event_at")}, {local.format("_loaded_at")} - 1))
        from ({" union all ".join(events)}) as events
        where event_at <= _loaded_at
    """
    (day,) = connection.execute(newest, [time_zone, time_zone]).fetchone()
    if day is None:
        raise NarukiError(
            "No table with events has landed yet, so there is no day to decide for: add invoices, usage_events or tickets, or give --as-of."
        )
    return day
