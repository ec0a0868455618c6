"""A small world whose tiers can be worked out by hand: one team, no hourly cost, round effects."""

import dataclasses
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from naruki.tiering.policy import WEEKS_PER_YEAR, Policy, load_policy
from naruki.tiering.policy_types import Action, Pool, Uplift

SEEDS = Path(__file__).parents[3] / "seeds"


@pytest.fixture(scope="session")
def seeds() -> Path:
    return SEEDS


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_policy(SEEDS)


@pytest.fixture
def day() -> date:
    return date(2026, 3, 31)


def _action(tier: str, hours_a_week: float) -> Action:
    times = {"hours": hours_a_week, "times_per_year": WEEKS_PER_YEAR}
    labels = {"label_en": tier, "label_ja": tier, "pool": "team", "kind": "meeting", "phase": "steady"}
    return Action(
        action=f"serve_{tier}",
        tier=tier,
        is_group=False,
        attendees=None,
        travel_cost=0,
        unit_cost=0,
        due_days=7,
        **labels,
        **times,
    )


@pytest.fixture
def simple(shipped: Policy) -> Policy:
    """tech: nothing; low: 1 hour a week, +10 %; high: 4 hours a week, +30 %. One team with 10 hours a week, free of
    charge.
    """
    tiers = tuple(dataclasses.replace(t, main_pool="team", demand_pool="team", demand_share=0.0) for t in shipped.tiers)
    team = Pool("team", "Team", "チーム", 10.0, 0.0, 0.0, "JPY", None, None)
    effects = {"tech": 0.0, "low": 0.1, "high": 0.3}
    return shipped.replace(
        version="simple",
        tiers=tiers,
        pools=(team,),
        actions=(_action("low", 1.0), _action("high", 4.0)),
        uplifts=tuple(Uplift(tier, None, None, u, u, u, "assumed", None) for tier, u in effects.items()),
        settings={**shipped.settings, "action_hours_share": 0.0, "stay_bonus_share": 0.0, "value_relative_se": 0.01},
    )


def hours(policy: Policy, amount: float) -> Policy:
    """The same policy with another number of hours a week in its one pool."""
    return policy.replace(pools=(dataclasses.replace(policy.pools[0], hours_per_week=amount),))


@pytest.fixture
def with_hours():
    return hours


@pytest.fixture
def customers():
    """customers(a=100, b=200, column=[...]) -> facts with these values as ltv_mean, all of them long-standing."""

    def build(**values) -> pa.Table:
        columns = {key: value for key, value in values.items() if isinstance(value, list)}
        names = {key: value for key, value in values.items() if not isinstance(value, list)}
        return pa.table(
            {
                "customer_id": list(names),
                "ltv_mean": pa.array([None if v is None else float(v) for v in names.values()], pa.float64()),
                "tenure_days": [1000.0] * len(names),
                **columns,
            }
        )

    return build


@pytest.fixture
def tier_of():
    def read(table: pa.Table, column: str = "tier") -> dict[str, str]:
        return dict(zip(table["customer_id"].to_pylist(), table[column].to_pylist(), strict=True))

    return read


@pytest.fixture
def judged():
    """judged((customer, value, rated_on, expires_on, evidence), ...) -> judgements of kind tier_override."""

    def build(*rows: tuple) -> pa.Table:
        schema = pa.schema(
            [
                ("customer_id", pa.string()),
                ("kind", pa.string()),
                ("value", pa.string()),
                ("rater", pa.string()),
                ("rated_at", pa.date32()),
                ("expires_at", pa.date32()),
                ("evidence", pa.string()),
            ]
        )
        names = schema.names
        lines = [
            dict(zip(names, (c, "tier_override", v, "Hana Example", on, until, why), strict=True))
            for c, v, on, until, why in rows
        ]
        return pa.Table.from_pylist(lines, schema=schema)

    return build


@pytest.fixture
def priced(simple: Policy) -> Policy:
    """`simple` with more hours than anybody needs at 1 yen an hour: 104.36 a weekly hour over 24 months.

    So low pays from 104.36 / 0.1 = 1,043.6 on, and high from 3 x 104.36 / 0.2 = 1,565.4 on; high beats tech from
    4 x 104.36 / 0.3 = 1,391.4 on.
    """
    team = dataclasses.replace(simple.pools[0], hours_per_week=1000.0, hourly_cost=1.0)
    return simple.replace(version="priced", pools=(team,))
