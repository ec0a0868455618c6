"""Segments, tiers and what follows from them, for one day."""

from collections.abc import Iterator, Mapping
from datetime import date

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from naruki.project import SEEDS, code_version
from naruki.tiering import kept
from naruki.tiering.policy import Policy, load_policy
from orchestration.decision_inputs import asked, facts_of, inputs_of, judgements, outcomes, rosters, touches
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained

SEGMENT_TABLES = {
    "customer_segments": "One row per day and customer: revenue × demand, the quadrant with its probability, the hour cap and the priority (R10, R22)."
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
    "action_queue": "One row per day, customer and action, in the order in which to do them; a line where the hours end (R15).",
}
STEERING_TABLES = {
    "failure_modes": "One row per day and failure mode of touch tiers, with the evidence for and against it.",
    "objectives": "One row per day and objective: baseline, target, where it stands, and the sample it would need.",
    "objective_cohorts": "One row per objective and customer: who belonged to it when it was set.",
    "segment_profile": "One row per day, industry, size and quadrant; groups too small show no figures.",
    "segment_statistics": "One row per day and statistic: revenue and effort, seedlings that grew, community, coverage.",
    "tier_metrics": "One row per month, tier and metric: what service cost and brought, who left, which promises failed.",
    "action_outcomes": "One row per action ever listed: due, contacted, resolved, what came of it (R15).",
    "action_effects": "One row per day, action and metric: what it brought, against similar customers without it.",
    "experiments": "One row per day, experiment, arm and metric: effect against the control, with interval.",
    "whatif": "One row per day, change of hours and figure: before, after, difference.",
    "sensitivity": "One row per day and changed threshold: how many tiers and quadrants would change.",
}
# Hours that are tried each day, as shares of the hours a pool has: a fifth less, a fifth and a half more.
WHAT_IF_SHARES = (-0.2, 0.2, 0.5)
EXPERIMENT_ARMS = "select * from cfg_experiment_arm order by experiment, customer_id"
DECISIONS = (*SEGMENT_TABLES, *TIER_TABLES, *STEERING_TABLES)


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
            "warehouse_loads",
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
        earlier = home.read_computed("customer_tiers", before=day)
        tiers = decide_tiers(
            inputs.facts,
            inputs.policy,
            earlier,
            inputs.judgements,
            day,
            before=kept.before(home, day),
            supply=inputs.supply,
            code_version=inputs.code_version,
        )
        segments = home.read_computed("customer_segments", on=day)
        history = asked("back_test", day) if earlier is not None else None
        queue = action_queue(tiers.decision, segments, outcomes(), home.read_computed("action_queue", before=day))
    yield from write(
        day,
        {
            "customer_tiers": tiers.tiers,
            "tier_reasons": tiers.reasons,
            "tier_moves": tiers.moves,
            "tier_capacity": tiers.capacity,
            "tier_summary": tier_summary(tiers.decision),
            "tier_policy_comparison": compare_policies(tiers.decision, history),
            "tier_disparity": disparity_table(tiers.decision),
            "action_plan": action_plan(tiers.decision, touches(day)),
            "action_queue": queue,
        },
    )


@dg.multi_asset(
    name="steering",
    specs=specs(
        STEERING_TABLES,
        [
            "customer_segments",
            "customer_tiers",
            "tier_capacity",
            "action_queue",
            "fct_customer_month",
            "fct_churn_event",
            "fct_ticket",
            "fct_touch",
            "stg_outcomes",
            "cfg_experiment_arm",
        ],
    ),
    partitions_def=daily,
)
def steering(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Whether the policy works: failure modes, objectives, effects, and what other hours or thresholds would do."""
    from naruki.tiering.failure_modes import failure_modes, tier_metrics
    from naruki.tiering.objectives import freeze_cohorts, objectives_table
    from naruki.tiering.outcomes import action_effects, experiment_effects
    from naruki.tiering.profile import segment_profile
    from naruki.tiering.schemas import ACTION_OUTCOMES
    from naruki.tiering.whatif import sensitivity, what_if

    day, policy = as_of(context), load_policy(SEEDS)
    facts, segments = facts_of(day), home.read_computed("customer_segments", on=day)
    before, people, supply = home.read_computed("customer_tiers", before=day), judgements(), rosters(day)
    with explained():
        metrics = tier_metrics(asked("tier_months", day), history("tier_capacity", day))
        placed = facts.join(segments.select(["customer_id", "quadrant"]), "customer_id").sort_by("customer_id")
        cohorts = freeze_cohorts(placed, policy, day, home.read_computed("objective_cohorts", before=day))
        results = asked("results", day)
        weekly = zip(policy.pool_names, policy.supply(day)[0], strict=True)
        questions = [{pool: round(float(hours) * share, 1)} for pool, hours in weekly for share in WHAT_IF_SHARES]
        answers = [what_if(facts, policy, before, people, day, hours, supply) for hours in questions]
    yield from write(
        day,
        {
            "failure_modes": failure_modes(metrics, policy, day, code_version()),
            "tier_metrics": metrics,
            "objectives": objectives_table(placed, policy, day, cohorts, code_version()),
            "objective_cohorts": cohorts,
            "action_outcomes": asked("action_outcomes", day).cast(ACTION_OUTCOMES),
            "action_effects": action_effects(
                asked("listed_actions", day), asked("done_actions", day), results, policy, day
            ),
            "experiments": experiment_effects(home.read_warehouse(EXPERIMENT_ARMS), results, policy, day),
            "segment_profile": segment_profile(facts, segments, policy, day),
            "segment_statistics": statistics_of(facts, segments, policy, day),
            "whatif": pa.concat_tables(answers),
            "sensitivity": sensitivity(facts, policy, before, people, day),
        },
    )


def statistics_of(facts: pa.Table, segments: pa.Table, policy: Policy, day: date) -> pa.Table:
    """Statistics of the day, and what became of customers since a decision a quarter to a year ago."""
    from naruki.tiering.profile import community_effect, statistics

    then = earlier_day(day)
    was = home.read_computed("customer_segments", on=then) if then else None
    found = [statistics(facts, segments, policy, day, was)]
    tiers = home.read_computed("customer_tiers", on=day)
    found.append(community_effect(tiers, facts, facts, "csat", policy, day))
    known = kept.kept(home, then) if then else None
    if known is not None:
        paying = pa.table({"customer_id": known.facts.filter(pc.field("is_paying"))["customer_id"]})
        retained = paying.join(facts.select(["customer_id", "is_paying"]), "customer_id")
        tiers, note = home.read_computed("customer_tiers", on=then), f", since {then}"
        found.append(community_effect(tiers, known.facts, retained, "is_paying", policy, day, note))
    return pa.concat_tables(found).sort_by("statistic")


def earlier_day(day: date) -> date | None:
    """The oldest decision of the year before that is at least a quarter old: since then something can have happened."""
    days = [known for known in home.computed_days("customer_segments") if 91 <= (day - known).days <= 366]
    return days[0] if days else None


def history(table: str, day: date) -> pa.Table:
    """All days of a table of decisions up to `day`."""
    days = [known for known in home.computed_days(table) if known <= day]
    return pa.concat_tables([home.read_computed(table, on=known) for known in days], promote_options="default")


defs = dg.Definitions(assets=[customer_segments, customer_tiers, steering])
