"""Marts and decisions are made for one day; these are the days."""

from datetime import date

import dagster as dg

from naruki.policy import read_setting

# Days that are over; a past day may be computed at any time.
daily = dg.DailyPartitionsDefinition(start_date="2010-01-01", timezone=read_setting("business_time_zone"))


def as_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The day of this run."""
    return date.fromisoformat(context.run.tags["dagster/partition"])
