import dataclasses
import json
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.tiering.compare import back_test, compare_policies
from naruki.tiering.decide import weekly_supply
from naruki.tiering.tiers import decide_tiers
from naruki.tiering.whatif import parse_hours, sensitivity, what_if, with_hours


@pytest.fixture
def compared(simple, customers, day):
    """Ten hours; all-high would take sixteen."""
    found = decide_tiers(customers(a=1000, b=600, c=300, d=100), simple, None, None, day)
    return {row["policy"]: row for row in compare_policies(found.decision).to_pylist()}


def test_the_five_policies_stand_side_by_side(compared):
    assert list(compared) == ["all_high", "all_tech", "ltv_only", "current", "optimal"]
    assert compared["all_high"]["hours_short"] == pytest.approx(6.0)
    assert not compared["all_high"]["is_feasible"]
    assert json.loads(compared["optimal"]["customers_by_tier"]) == {"tech": 0, "low": 2, "high": 2}


def test_plan_that_lacks_hours_reaches_only_the_served_share_of_its_effect(compared):
    # 2,000 of value; everybody high: + 30 % x 10 / 16 of the hours.
    assert compared["all_high"]["served_share"] == pytest.approx(10 / 16)
    assert compared["all_high"]["value_p50"] == pytest.approx(2000 + 600 * 10 / 16, rel=1e-3)
    assert compared["all_high"]["value_unlimited_p50"] == pytest.approx(2600, rel=1e-3)
    assert compared["all_tech"]["value_p50"] == pytest.approx(2000, rel=1e-3)


def test_plan_beyond_the_hours_saves_nothing_of_the_floor_that_everybody_gets(shipped, customers, day):
    # Hours of one team for one in a hundred customers: whatever else was planned, the floor is served and paid.
    facts = customers(**{f"c{k:03d}": 500_000.0 for k in range(300)}, demand_hours=[1.0] * 300)
    few = tuple(dataclasses.replace(p, hours_per_week=0.01) if p.pool == "csm" else p for p in shipped.pools)
    rows = {
        row["policy"]: row
        for row in compare_policies(
            decide_tiers(facts, shipped.replace(pools=few), None, None, day).decision
        ).to_pylist()
    }
    assert rows["all_high"]["served_share"] < 0.001
    assert rows["all_high"]["value_p50"] == pytest.approx(rows["all_tech"]["value_p50"], rel=1e-3)
    assert rows["optimal"]["value_p50"] >= rows["all_high"]["value_p50"]


def test_newcomers_keep_their_onboarding_touch_under_every_policy(simple, customers, day):
    facts = customers(a=1000, b=600, lifecycle_stage=["onboarding", "active"])
    rows = compare_policies(decide_tiers(facts, simple, None, None, day).decision).to_pylist()
    found = {row["policy"]: json.loads(row["customers_by_tier"]) for row in rows}
    assert found["all_tech"] == {"tech": 1, "low": 1, "high": 0}
    assert found["all_high"] == {"tech": 0, "low": 1, "high": 1}


def test_best_plan_beats_every_other_within_the_hours(compared):
    best = compared["optimal"]["value_p50"]
    assert best == pytest.approx(2520, rel=1e-3)
    assert all(row["value_p50"] <= best + 1e-6 for row in compared.values())
    assert all(row["value_p10"] < row["value_p50"] < row["value_p90"] for row in compared.values())


def history(rows: list[tuple]) -> pa.Table:
    names = (
        "as_of_date",
        "customer_id",
        "tier",
        "tier_by_ltv_only",
        "proposed_tier",
        "previous_tier",
        "value_baseline",
        "outcome",
    )
    return pa.table({name: [row[k] for row in rows] for k, name in enumerate(names)})


def test_back_test_takes_the_outcome_of_similar_customers_who_had_the_tier(day):
    # One stratum of equal value: high brought 10, tech brought 4. By value only all would be high, the best plan is
    # half and half.
    rows = [
        (
            day,
            f"c{k}",
            "high" if k < 10 else "tech",
            "high",
            "high" if k % 2 else "tech",
            None,
            100.0,
            (10.0 if k < 10 else 4.0) + k % 2,
        )
        for k in range(20)
    ]
    found = back_test(history(rows), ("tech", "low", "high"), 5, 0.8)
    assert found["ltv_only"]["back_test_value"] == pytest.approx(10.5)
    assert found["optimal"]["back_test_value"] == pytest.approx((10.5 + 4.5) / 2)
    assert found["all_tech"]["back_test_value"] == pytest.approx(4.5)
    # Half of them brought 10.5 and half 4.5, whatever a policy would have given them.
    assert [found[name]["back_test_actual"] for name in ("ltv_only", "all_tech")] == pytest.approx([7.5, 7.5])
    assert found["optimal"]["back_test_coverage"] == 1.0
    assert found["optimal"]["back_test_low"] < 7.5 < found["optimal"]["back_test_high"]


def test_back_test_leaves_out_cells_that_nobody_like_them_was_in(day):
    rows = [(day, f"c{k}", "tech", "low", "tech", None, 100.0, 1.0) for k in range(20)]
    found = back_test(history(rows), ("tech", "low", "high"), 5, 0.8)
    assert found["ltv_only"] == {"back_test_coverage": 0.0, "back_test_n": 0}


def test_without_history_the_back_test_says_so(compared):
    assert compared["optimal"]["back_test_value"] is None
    assert compared["optimal"]["back_test_note"] == "no_feed"


def test_hours_are_read_by_tier_or_pool():
    assert parse_hours("high=+40, low=-10.5") == {"high": 40.0, "low": -10.5}
    with pytest.raises(NarukiError, match=r"'high' *: write tier=hours"):
        parse_hours("high")


def test_tier_stands_for_its_main_pool_and_added_hours_are_all_plannable(shipped, day):
    more = with_hours(shipped, {"high": 40.0})[0]
    assert (more.supply(day) - shipped.supply(day))[0] == pytest.approx([40.0, 0, 0, 0])
    assert more.version != shipped.version
    with pytest.raises(NarukiError, match="neither a tier nor a pool; known are tech, low, high, csm"):
        with_hours(shipped, {"medium": 1.0})
    with pytest.raises(NarukiError, match=r"only .* hours a week are there"):
        with_hours(shipped, {"csm": -1000.0})


def test_added_hours_come_on_top_of_a_roster_too(shipped, day):
    week = day + timedelta(days=1)
    roster = pa.table({"week_start_date": [week], "pool": ["csm"], "hours": [20.0]})
    policy, more = with_hours(shipped, {"high": 7.65}, roster)
    # Of an hour of the team tiers may plan .9 x .85 = .765.
    assert more.to_pylist() == [{"week_start_date": week, "pool": "csm", "hours": pytest.approx(30.0)}]
    assert weekly_supply(policy, day, more)[0, 0] == pytest.approx(30 * 0.765)


def test_what_if_tells_value_customers_and_churn_before_and_after(simple, customers, day):
    facts = customers(a=1000, b=600, c=300, d=100, renewal_p=[0.5] * 4)
    rows = {row["item"]: row for row in what_if(facts, simple, None, None, day, {"team": 6.0}).to_pylist()}
    # Sixteen hours are enough for everybody: 30 % of 2,000 instead of 520.
    assert (rows["value_gain_of_service"]["before"], rows["value_gain_of_service"]["after"]) == pytest.approx(
        (520.0, 600.0)
    )
    assert (rows["customers_high"]["before"], rows["customers_high"]["after"]) == (2, 4)
    # Renewal .5 x 1.3 twice and .5 x 1.1 twice, then .5 x 1.3 for all four.
    assert rows["expected_churned_customers"]["before"] == pytest.approx(4 - 2 * 0.65 - 2 * 0.55)
    assert rows["expected_churned_customers"]["difference"] == pytest.approx(-0.2)


def test_value_of_one_more_hour_agrees_with_what_one_more_hour_brings(simple, customers, day, with_hours):
    rng = np.random.default_rng(4)
    facts = customers(**{f"c{k:03d}": float(v) for k, v in enumerate(rng.lognormal(5, 1, 400))})
    policy = with_hours(simple, 300.0)
    one, two = (
        decide_tiers(facts, with_hours(simple, h), None, None, day).decision.proposal.plan for h in (300.0, 301.0)
    )
    assert policy.supply(day)[0, 0] == 300.0
    assert two.bound - one.bound == pytest.approx(one.prices[0], rel=0.05)


def test_sensitivity_counts_tiers_and_quadrants_that_a_threshold_would_change(priced, customers, day):
    facts = customers(a=800, b=100, c=9000, revenue_12m=[1.0, 2.0, 3.0], demand_hours=[1.0, 2.0, 3.0])
    rows = {(row["knob"], row["change"]): row for row in sensitivity(facts, priced, None, None, day).to_pylist()}
    assert rows["uplift", "x2"]["tiers_changed"] == 1  # a becomes low
    assert rows["uplift", "x0.5"]["tiers_changed"] == 0
    assert rows["hours_team", "x0.8"]["tiers_changed"] == 0
    assert rows["axis_1_cut", "x0.9"]["tiers_changed"] is None


def test_current_policy_is_the_tier_held_before_the_decision(priced, customers, day):
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["low"]})
    found = decide_tiers(customers(a=9000), priced, before, None, day)
    rows = {row["policy"]: json.loads(row["customers_by_tier"]) for row in compare_policies(found.decision).to_pylist()}
    assert rows["current"]["low"] == 1
    assert rows["optimal"]["high"] == 1
