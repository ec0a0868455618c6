"""Segments and tiers of one day, with their reasons."""

from collections.abc import Mapping
from datetime import date

import dagster as dg
import pyarrow as pa

from naruki.project import SEEDS, code_version
from naruki.tiering.policy import load_policy
from naruki.tiering.segments import decide_segments
from naruki.tiering.tiers import decide_tiers
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained

TIER_TABLES = {
    "customer_tiers": "One row per day and customer: how much service it gets, within the hours there are.",
    "tier_reasons": "One row per day, customer and rule: the value, the threshold, and what would change the tier.",
    "tier_moves": "One row per move between tiers: from, to, cause and evidence.",
    "tier_capacity": "One row per day, week and skill pool: hours there are, hours needed, value of one more hour.",
}
DECISIONS = ("customer_segments", *TIER_TABLES)


def facts_of(day: date) -> pa.Table:
    return home.read_warehouse(f"select * from mart_customer_facts where as_of_date = '{day}'")


def judgements() -> pa.Table:
    """What people judged, under the names that decisions read."""
    return home.read_warehouse(
        "select customer_id, judgement_kind as kind, judgement_value as value, rater, rated_at, expires_at, evidence from stg_judgements"
    )


def write(day: date, tables: Mapping[str, pa.Table]) -> dict[str, int]:
    """Write the tables of one day; rows by name."""
    return {name: home.write_computed(name, day, rows) for name, rows in tables.items()}


@dg.asset(group_name="decisions", partitions_def=daily, deps=["mart_customer_facts", "stg_judgements"], kinds={"python", "parquet"})
def customer_segments(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One row per day and customer: revenue × demand, the quadrant with its probability, and the priority with its parts."""
    day = as_of(context)
    with explained():
        segments = decide_segments(facts_of(day), load_policy(SEEDS), day, judgements(), code_version=code_version())
    return dg.MaterializeResult(metadata={"dagster/row_count": write(day, {"customer_segments": segments})["customer_segments"]})


@dg.multi_asset(
    name="customer_tiers",
    specs=[
        dg.AssetSpec(name, description=text, group_name="decisions", deps=["mart_customer_facts", "stg_judgements"], kinds={"python", "parquet"})
        for name, text in TIER_TABLES.items()
    ],
    partitions_def=daily,
)
def customer_tiers(context: dg.AssetExecutionContext):
    """How much service each customer gets, and why."""
    day = as_of(context)
    with explained():
        decision = decide_tiers(
            facts_of(day), load_policy(SEEDS), home.read_computed("customer_tiers", before=day), judgements(), day, code_version=code_version()
        )
    tables = {
        "customer_tiers": decision.tiers,
        "tier_reasons": decision.reasons,
        "tier_moves": decision.moves,
        "tier_capacity": decision.capacity,
    }
    for name, rows in write(day, tables).items():
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": rows})


defs = dg.Definitions(assets=[customer_segments, customer_tiers])
