"""Segments, tiers and what follows from them, for one day."""

from collections.abc import Iterator, Mapping
from datetime import date

import dagster as dg
import pyarrow as pa

from naruki.project import SEEDS, code_version
from naruki.tiering import kept
from naruki.tiering.policy import load_policy
from orchestration.decision_inputs import facts_of, inputs_of, judgements, outcomes, rosters, touches
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained

SEGMENT_TABLES = {
    "customer_segments": "One row per day and customer: revenue × demand, the quadrant with its probability, and the priority."
}
TIER_TABLES = {
    "customer_tiers": "One row per day and customer: how much service it gets, within the hours there are.",
    "tier_reasons": "One row per day, customer and rule: the value, the threshold, and what would change the tier.",
    "tier_moves": "One row per move between tiers: from, to, cause and evidence.",
    "tier_capacity": "One row per day, week and skill pool: hours there are, hours needed, value of one more hour.",
    "tier_summary": "One row per day and tier: customers, revenue, cost, complaints, customers per full-time employee.",
    "tier_policy_comparison": "One row per day and policy: all-high, all-tech, LTV-only, current and optimal.",
    "tier_disparity": "One row per day, attribute and group: service and waits of groups beside each other.",
    "action_plan": "One row per day and action of the catalogue: planned against done, seats filled, cost per attendee.",
    "action_queue": "One row per day, customer and action, in the order in which to do them; a line where the hours end.",
}
STEERING_TABLES = {
    "failure_modes": "One row per day and failure mode of touch tiers, with the evidence for and against it.",
    "objectives": "One row per day and objective: baseline, target, where it stands, and the sample it would need.",
    "objective_cohorts": "One row per objective and customer: who belonged to it when it was set.",
    "segment_profile": "One row per day, industry, size and quadrant; groups too small show no figures.",
    "segment_statistics": "One row per day and statistic: how revenue and effort go together, seedlings that grew.",
    "whatif": "One row per day, change of hours and figure: before, after, difference.",
    "sensitivity": "One row per day and changed threshold: how many tiers and quadrants would change.",
}
# Hours that are tried each day, as shares of the hours a pool has: a fifth less, a fifth and a half more.
WHAT_IF_SHARES = (-0.2, 0.2, 0.5)
DECISIONS = (*SEGMENT_TABLES, *TIER_TABLES, *STEERING_TABLES)

CUSTOMER_MONTHS = """
    select
        month_start_date, customer_id, movement = 'churn' as is_churned,
        cast(cost_to_serve_minor as double) as cost_to_serve, cast(gross_margin_minor as double) as gross_margin,
        demand_hours + vendor_fault_hours + proactive_hours as hours
    from fct_customer_month
    where is_complete and month_start_date <= date '{day}'
    order by month_start_date, customer_id
"""


def write(day: date, tables: Mapping[str, pa.Table]) -> Iterator[dg.MaterializeResult]:
    """Write the tables of one day."""
    for name, rows in tables.items():
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": home.write_computed(name, day, rows)})


def specs(tables: Mapping[str, str], deps: list[str]) -> list[dg.AssetSpec]:
    kinds = {"python", "parquet"}
    return [
        dg.AssetSpec(name, description=text, group_name="decisions", deps=deps, kinds=kinds)
        for name, text in tables.items()
    ]


@dg.multi_asset(
    name="customer_segments",
    specs=specs(SEGMENT_TABLES, ["mart_customer_facts", "stg_judgements"]),
    partitions_def=daily,
)
def customer_segments(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """What service is for: the quadrant of every customer."""
    from naruki.tiering.segments import decide_segments

    day = as_of(context)
    with explained():
        segments = decide_segments(facts_of(day), load_policy(SEEDS), day, judgements(), code_version=code_version())
    yield from write(day, {"customer_segments": segments})


@dg.multi_asset(
    name="customer_tiers",
    specs=specs(
        TIER_TABLES,
        [
            "customer_segments",
            "restated_facts",
            "mart_customer_facts",
            "mart_roster_hours",
            "stg_judgements",
            "stg_outcomes",
            "fct_touch",
        ],
    ),
    partitions_def=daily,
)
def customer_tiers(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """How much service each customer gets, why, and what to do this week."""
    from naruki.tiering.actions import action_queue
    from naruki.tiering.compare import compare_policies
    from naruki.tiering.disparity import disparity_table
    from naruki.tiering.plan import action_plan
    from naruki.tiering.profile import tier_summary
    from naruki.tiering.tiers import decide_tiers

    day = as_of(context)
    with explained():
        inputs = inputs_of(day)
        kept.keep(home, inputs, SEEDS)
        tiers = decide_tiers(
            inputs.facts,
            inputs.policy,
            home.read_computed("customer_tiers", before=day),
            inputs.judgements,
            day,
            before=kept.before(home, day),
            supply=inputs.supply,
            code_version=inputs.code_version,
        )
        segments = home.read_computed("customer_segments", on=day)
        queue = action_queue(tiers.decision, segments, outcomes(), home.read_computed("action_queue", before=day))
    yield from write(
        day,
        {
            "customer_tiers": tiers.tiers,
            "tier_reasons": tiers.reasons,
            "tier_moves": tiers.moves,
            "tier_capacity": tiers.capacity,
            "tier_summary": tier_summary(tiers.decision),
            "tier_policy_comparison": compare_policies(tiers.decision),
            "tier_disparity": disparity_table(tiers.decision),
            "action_plan": action_plan(tiers.decision, touches(day)),
            "action_queue": queue,
        },
    )


@dg.multi_asset(
    name="steering",
    specs=specs(STEERING_TABLES, ["customer_segments", "customer_tiers", "tier_capacity", "fct_customer_month"]),
    partitions_def=daily,
)
def steering(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Whether the policy works: failure modes, objectives, profiles, and what other hours or thresholds would do."""
    from naruki.tiering.failure_modes import failure_modes, tier_metrics
    from naruki.tiering.objectives import freeze_cohorts, objectives_table
    from naruki.tiering.profile import segment_profile, statistics
    from naruki.tiering.whatif import sensitivity, what_if

    day, policy = as_of(context), load_policy(SEEDS)
    facts, segments = facts_of(day), home.read_computed("customer_segments", on=day)
    before, people, supply = home.read_computed("customer_tiers", before=day), judgements(), rosters(day)
    with explained():
        metrics = tier_metrics(
            with_tiers(home.read_warehouse(CUSTOMER_MONTHS.format(day=day)), day), tier_history("tier_capacity", day)
        )
        placed = facts.join(
            segments.select(["customer_id", "quadrant"]), "customer_id", join_type="left outer"
        ).sort_by("customer_id")
        cohorts = freeze_cohorts(placed, policy, day, home.read_computed("objective_cohorts", before=day))
        weekly = zip(policy.pool_names, policy.supply(day)[0], strict=True)
        questions = [{pool: round(float(hours) * share, 1)} for pool, hours in weekly for share in WHAT_IF_SHARES]
        answers = [what_if(facts, policy, before, people, day, hours, supply) for hours in questions]
    yield from write(
        day,
        {
            "failure_modes": failure_modes(metrics, policy, day, code_version()),
            "objectives": objectives_table(placed, policy, day, cohorts, code_version()),
            "objective_cohorts": cohorts,
            "segment_profile": segment_profile(facts, segments, policy, day),
            "segment_statistics": statistics(
                facts, segments, policy, day, home.read_computed("customer_segments", before=day)
            ),
            "whatif": pa.concat_tables(answers),
            "sensitivity": sensitivity(facts, policy, before, people, day),
        },
    )


def tier_history(table: str, day: date) -> pa.Table | None:
    """All days of a table of decisions up to `day`."""
    with home.connect() as connection:
        rows = f"read_parquet('computed/{table}/as_of_date=[2-9]*/{table}.parquet', union_by_name = true, hive_partitioning = false)"
        return connection.execute(
            f"select * from {rows} where as_of_date <= date '{day}' order by all"
        ).to_arrow_table()


def with_tiers(months: pa.Table, day: date) -> pa.Table:
    """Customer months with the tier that was in force when the month began; months before the first decision have none."""
    with home.connect() as connection:
        connection.register("months", months)
        connection.register("decided", tier_history("customer_tiers", day))
        return connection.execute("""
            select months.*, decided.tier
            from months asof join decided
                on months.customer_id = decided.customer_id and months.month_start_date >= decided.as_of_date
            order by months.month_start_date, months.customer_id
        """).to_arrow_table()


defs = dg.Definitions(assets=[customer_segments, customer_tiers, steering])
