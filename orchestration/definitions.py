"""The one entry of the Dagster code location."""

import dagster as dg

from orchestration.defs import (
    alerts,
    decisions,
    ingestion,
    publishing,
    quality,
    restatement,
    schedules,
    value,
    voice,
    warehouse,
)

defs = dg.Definitions.merge(
    ingestion.defs,
    warehouse.defs,
    voice.defs,
    value.defs,
    restatement.defs,
    decisions.defs,
    quality.defs,
    publishing.defs,
    alerts.defs,
    schedules.defs,
)
