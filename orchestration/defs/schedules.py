"""When: every morning for the day before, one run at a time."""

import dagster as dg

from orchestration.defs.alerts import hooks
from orchestration.defs.partitions import daily

ingest_job = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.groups("landing"),
    description="Land what the sources deliver and check it.",
    hooks=hooks,
)
decide_job = dg.define_asset_job(
    "decide",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("landing"),
    partitions_def=daily,
    description="Build facts, marts and decisions of one day from what has landed, check and publish them.",
    hooks=hooks,
)
morning_job = dg.define_asset_job(
    "every_morning",
    selection=dg.AssetSelection.all(),
    partitions_def=daily,
    description="The whole way, from the sources to the publication, for one day.",
    tags={"dagster/max_runtime": str(6 * 3600)},
    hooks=hooks,
)
every_morning = dg.build_schedule_from_partitioned_job(
    morning_job, hour_of_day=5, minute_of_hour=30, default_status=dg.DefaultScheduleStatus.STOPPED
)

defs = dg.Definitions(jobs=[ingest_job, decide_job, morning_job], schedules=[every_morning])
