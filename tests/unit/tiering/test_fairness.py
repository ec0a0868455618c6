import dataclasses
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from naruki.tiering.disparity import ATTRIBUTES, disparity_table
from naruki.tiering.effects import matched_effect, wilson
from naruki.tiering.profile import community_effect, segment_profile, statistics, tier_summary
from naruki.tiering.segments import decide_segments
from naruki.tiering.tiers import decide_tiers

DAY = date(2026, 3, 31)


def country_facts(customers, far_value: float, n: int = 40) -> pa.Table:
    values = {f"c{k:02d}": 9000.0 if k < n / 2 else far_value for k in range(n)}
    return customers(
        **values, country=["JP"] * (n // 2 + 1) + ["NZ"] * (n // 2 - 1), wait_minutes=[float(k) for k in range(n)]
    )


def test_sensitive_attributes_of_people_are_never_looked_at():
    assert not {"age", "sex", "income", "education"} & set(ATTRIBUTES)


def test_group_that_is_served_far_less_than_the_largest_one_is_listed(priced, customers):
    rows = disparity_table(decide_tiers(country_facts(customers, 10.0), priced, None, None, DAY).decision).to_pylist()
    largest, other = rows
    assert (largest["group"], largest["is_reference"], largest["is_listed"]) == ("JP", True, False)
    assert (other["group"], other["high_touch_share"], other["ratio_to_reference"], other["is_listed"]) == (
        "NZ",
        0.0,
        0.0,
        True,
    )
    assert largest["wait_minutes_median"] == 10.0


def test_groups_that_are_served_alike_are_not_listed(priced, customers):
    rows = disparity_table(decide_tiers(country_facts(customers, 9000.0), priced, None, None, DAY).decision).to_pylist()
    assert [row["is_listed"] for row in rows] == [False, False]


def test_group_of_fewer_than_five_shows_no_rates(priced, customers):
    facts = customers(**{f"c{k}": 9000.0 for k in range(8)}, country=["JP"] * 5 + ["NZ"] * 3)
    small = disparity_table(decide_tiers(facts, priced, None, None, DAY).decision).to_pylist()[1]
    assert (small["n"], small["is_published"], small["high_touch_share"]) == (3, False, None)


def test_every_tier_is_summed_up_with_its_hours_and_its_neglected(priced, customers):
    facts = customers(
        a=9000,
        b=10,
        c=20,
        revenue_12m=[60.0, 30.0, 10.0],
        days_since_touch=[50.0, 200.0, 10.0],
        is_community_member=[True, True, None],
    )
    rows = {row["tier"]: row for row in tier_summary(decide_tiers(facts, priced, None, None, DAY).decision).to_pylist()}
    high, tech = rows["high"], rows["tech"]
    assert (high["customers"], high["hours_per_week"], high["customers_per_full_time"]) == (
        1,
        pytest.approx(4.0),
        pytest.approx(10.0),
    )
    assert (tech["customers"], tech["revenue_share"], tech["community_members"]) == (2, pytest.approx(0.4), 1)
    # Promised: 45 days in high, 180 in tech touch.
    assert (high["below_coverage_floor"], tech["below_coverage_floor"]) == (1, 1)
    assert high["is_share_alert"] is True  # a third of all customers where a fifth is the limit


def test_customer_who_was_never_touched_is_below_the_floor_once_its_tenure_is(priced, customers):
    facts = customers(a=10, b=20, days_since_touch=[None, 10.0]).set_column(2, "tenure_days", pa.array([400.0, 400.0]))
    rows = {row["tier"]: row for row in tier_summary(decide_tiers(facts, priced, None, None, DAY).decision).to_pylist()}
    assert (rows["tech"]["below_coverage_floor"], rows["tech"]["coverage_known"]) == (1, 2)


def test_profile_by_industry_and_size_hides_small_groups(shipped):
    n = 12
    facts = pa.table(
        {
            "customer_id": [f"c{k:02d}" for k in range(n)],
            "industry": ["retail"] * 9 + ["mining"] * 3,
            "employees_band": ["1-9"] * n,
            "revenue_12m": [10.0] * n,
            "demand_hours": [1.0] * n,
        }
    )
    rows = segment_profile(facts, decide_segments(facts, shipped, DAY), shipped, DAY).to_pylist()
    assert [(row["industry"], row["n"], row["revenue_12m"]) for row in rows] == [
        ("mining", 3, None),
        ("retail", 9, 90.0),
    ]


def test_rank_correlation_of_revenue_and_effort_is_published(shipped):
    facts = pa.table(
        {"customer_id": list("abcd"), "revenue_12m": [1.0, 2.0, 3.0, 4.0], "demand_hours": [40.0, 30.0, 20.0, None]}
    )
    rows = {
        row["statistic"]: row
        for row in statistics(facts, decide_segments(facts, shipped, DAY), shipped, DAY).to_pylist()
    }
    assert (rows["rank_correlation_revenue_demand"]["value"], rows["rank_correlation_revenue_demand"]["n"]) == (
        pytest.approx(-1.0),
        3,
    )


def test_conversion_of_seedlings_is_compared_with_untouched_ones(shipped):
    policy = shipped.replace(
        axes=tuple(dataclasses.replace(axis, cut_method="value", cut_value=100.0) for axis in shipped.axes)
    )
    n, then = 40, date(2025, 12, 31)
    ids = [f"c{k:02d}" for k in range(n)]
    before = pa.table({"customer_id": ids, "revenue_12m": [50.0] * n, "demand_hours": [1.0] * n})
    # Half were touched within the quarter; 12 of those 20 grew, and 4 of the other 20.
    revenue = [150.0 if k < 12 or 20 <= k < 24 else 50.0 for k in range(n)]
    touch = [30.0 if k < 20 else 300.0 for k in range(n)]
    now = pa.table({"customer_id": ids, "revenue_12m": revenue, "demand_hours": [1.0] * n, "days_since_touch": touch})
    table = statistics(now, decide_segments(now, policy, DAY), policy, DAY, decide_segments(before, policy, then))
    rows = {row["statistic"]: row["value"] for row in table.to_pylist()}
    assert rows["seedling_to_money_tree_rate"] == pytest.approx(16 / 40)
    assert rows["seedling_conversion_effect"] == pytest.approx(12 / 20 - 4 / 20)
    assert rows["seedling_conversion_low"] < 0.4 < rows["seedling_conversion_high"]


def test_companies_over_individuals_is_measured_and_not_assumed(shipped):
    n = 20
    facts = pa.table(
        {
            "customer_id": [f"c{k:02d}" for k in range(n)],
            "entity_type": ["company", "individual"] * 10,
            "employees_band": ["250+", "1-9"] * 10,
            "ltv_mean": [(10.0 if k % 2 == 0 else 30.0) + k // 2 % 3 for k in range(n)],
        }
    )
    rows = {
        row["statistic"]: row["value"]
        for row in statistics(facts, decide_segments(facts, shipped, DAY), shipped, DAY).to_pylist()
    }
    assert rows["company_over_individual_value_effect"] == pytest.approx(-20.0)
    assert rows["company_over_individual_value_high"] < 0
    assert rows["rank_correlation_employees_value"] < 0


def test_members_of_the_community_are_compared_within_their_tier(priced, customers):
    # All tech touch. Members 9, others 7; whoever is in high touch would not be mixed in.
    values = {f"c{k:02d}": 100.0 for k in range(20)}
    facts = customers(**values, z=90_000, is_community_member=[k % 2 == 0 for k in range(21)])
    tiers = decide_tiers(facts, priced, None, None, DAY).tiers
    scores = [(9.0 if k % 2 == 0 else 7.0) for k in range(20)]
    measured = pa.table({"customer_id": [*values, "z"], "csat": [*scores, 1.0]})
    rows = {row["statistic"]: row for row in community_effect(tiers, facts, measured, "csat", priced, DAY).to_pylist()}
    assert rows["community_csat_tech_effect"]["value"] == pytest.approx(2.0)
    assert rows["community_csat_tech_effect"]["note"] == "members chose to join: self-selected"
    assert rows["community_csat_high_effect"]["value"] is None


def test_matched_difference_takes_the_mix_of_the_treated():
    # Stratum x: 3 treated, +1; stratum y: 1 treated, +5. Mean over the treated: (3 + 5) / 4 = 2.
    treated = np.array([True] * 3 + [False] * 2 + [True] + [False] * 2)
    outcome = np.array([2.0, 2, 2, 1, 1, 15, 10, 10])
    strata = np.array(list("xxxxxyyy"))
    found = matched_effect(treated, outcome, strata)
    assert found.effect == pytest.approx(2.0)
    assert found.coverage == 1.0


def test_treated_customers_without_anybody_like_them_are_left_out_of_the_effect():
    found = matched_effect(
        np.array([True, True, True, False, False]), np.array([9.0, 9, 1, 1, 1]), np.array(list("zzxxx")), minimum=1
    )
    assert np.isnan(found.effect)  # one treated customer is left: no interval, no claim
    assert found.coverage == 0.0


def test_wilson_interval_of_eight_in_ten():
    assert wilson(8, 10, 0.95) == pytest.approx((0.4902, 0.9433), abs=1e-4)
