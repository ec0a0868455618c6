import dataclasses
import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.tiering.segments import decide_segments

DAY = date(2026, 3, 31)


@pytest.fixture
def cut_at(shipped):
    """The shipped pack with cuts at 1,000 of revenue and 10 hours, and a known error of each axis."""
    axes = (
        dataclasses.replace(shipped.axes[0], cut_method="value", cut_value=1000.0, relative_sd=0.1),
        dataclasses.replace(
            shipped.axes[1], cut_method="value", cut_value=10.0, sd_column="demand_hours_sd", sd_method="none"
        ),
    )
    return shipped.replace(axes=axes)


def facts(**columns) -> pa.Table:
    n = len(next(iter(columns.values())))
    return pa.table({"customer_id": [f"c{k}" for k in range(n)], **columns})


def column(table: pa.Table, name: str) -> list:
    return table[name].to_pylist()


def test_four_quadrants_with_their_names(cut_at):
    table = decide_segments(facts(revenue_12m=[5000.0, 100, 5000, 100], demand_hours=[1.0, 1, 50, 50]), cut_at, DAY)
    assert column(table, "quadrant") == ["money_tree", "money_seedling", "wisdom_tree", "testing_ground"]
    assert column(table, "quadrant_label_ja") == ["金の成る木", "金の苗木", "知恵の成る木", "実験場"]


def test_probability_of_the_quadrant_comes_from_the_errors_of_both_axes(cut_at):
    # Revenue 1,100 with 10 %: (1100 - 1000) / 110 = 0.909, P(high) = 0.8183. Demand 8 with 4: (8 - 10) / 4, P(low) =
    # 0.6915.
    table = decide_segments(facts(revenue_12m=[1100.0], demand_hours=[8.0], demand_hours_sd=[4.0]), cut_at, DAY)
    assert column(table, "p_quadrant") == pytest.approx([0.8183 * 0.6915], abs=1e-4)
    parts = [
        column(table, f"p_{name}")[0] for name in ("money_tree", "money_seedling", "wisdom_tree", "testing_ground")
    ]
    assert sum(parts) == pytest.approx(1.0)
    assert column(table, "near_boundary") == [True]


def test_unknown_axis_gives_no_quadrant_and_is_named(cut_at):
    table = decide_segments(facts(revenue_12m=[5000.0, 5000], demand_hours=[None, 1.0]), cut_at, DAY)
    assert column(table, "quadrant") == [None, "money_tree"]
    assert column(table, "near_boundary")[0] is None
    assert "demand_hours" in column(table, "unknown_inputs")[0]


def test_own_faults_and_proactive_hours_are_cost_but_never_demand(cut_at):
    table = decide_segments(
        facts(revenue_12m=[5000.0], demand_hours=[1.0], vendor_fault_hours=[99.0], proactive_hours=[30.0]), cut_at, DAY
    )
    assert column(table, "quadrant") == ["money_tree"]
    assert column(table, "service_hours") == [31.0]


def test_error_of_demand_follows_the_number_of_contacts(shipped):
    # Four contacts: sd = 8 x sqrt((1 + 1) / 4) = 5.657. No contact: one mean contact, 8 / 4 hours, times sqrt(2).
    table = decide_segments(facts(revenue_12m=[1.0, 2.0], demand_hours=[8.0, 0.0], n_contacts=[4, 0]), shipped, DAY)
    assert column(table, "axis_2_sd") == pytest.approx([8 * np.sqrt(0.5), 2 * np.sqrt(2)])


def test_cut_by_quantile_leaves_that_share_below(shipped):
    table = decide_segments(
        facts(revenue_12m=[float(k) for k in range(1, 101)], demand_hours=[1.0] * 100), shipped, DAY
    )
    assert sum(q in ("money_tree", "wisdom_tree") for q in column(table, "quadrant")) == 30


def test_cut_by_capacity_lets_in_as_many_as_the_hours_are_enough_for(shipped):
    axis = dataclasses.replace(shipped.axes[0], cut_method="capacity", cut_value=25.0, capacity_column="demand_hours")
    policy = shipped.replace(axes=(axis, shipped.axes[1]))
    # From the top: 10, 20 and then 35 hours are taken, so two customers lie above the cut.
    table = decide_segments(facts(revenue_12m=[400.0, 300, 200, 100], demand_hours=[10.0, 10, 15, 1]), policy, DAY)
    assert [q in ("money_tree", "wisdom_tree") for q in column(table, "quadrant")] == [True, True, False, False]


def test_any_numeric_column_of_the_facts_may_be_an_axis(cut_at):
    axis = dataclasses.replace(cut_at.axes[0], column="seats_paid", cut_value=50.0)
    policy = cut_at.replace(axes=(axis, cut_at.axes[1]))
    table = decide_segments(facts(seats_paid=[80, 10], demand_hours=[1.0, 1.0]), policy, DAY)
    assert column(table, "quadrant") == ["money_tree", "money_seedling"]


def test_axis_that_is_in_no_fact_is_told_with_its_row(cut_at):
    axis = dataclasses.replace(cut_at.axes[0], column="shoe_size")
    with pytest.raises(
        NarukiError, match=r"cfg_segment_axis\.csv axis 1: column shoe_size is not in the customer facts"
    ):
        decide_segments(facts(demand_hours=[1.0]), cut_at.replace(axes=(axis, cut_at.axes[1])), DAY)


def test_hours_over_the_cap_are_a_review_and_never_a_refusal(cut_at):
    # The cap of the testing ground is 24 hours a year.
    table = decide_segments(
        facts(revenue_12m=[100.0, 100], demand_hours=[20.0, 20], proactive_hours=[3.0, 6]), cut_at, DAY
    )
    assert column(table, "over_cap") == [False, True]
    assert column(table, "hours_over_cap") == [0.0, 2.0]
    assert column(table, "quadrant") == ["testing_ground"] * 2


def test_priority_is_the_sum_of_its_parts_and_not_the_revenue_rank(cut_at):
    table = decide_segments(
        facts(
            revenue_12m=[9000.0, 2000, 1500],
            demand_hours=[1.0, 1, 1],
            ltv_mean=[100.0, 90, 80],
            renewal_p=[0.99, 0.5, 0.9],
            last_nps_bad=[False, True, False],
            days_since_touch=[5.0, 200, 5],
        ),
        cut_at,
        DAY,
    )
    assert column(table, "priority_rank") == [3, 1, 2]
    assert column(table, "revenue_rank") == [1, 2, 3]
    assert column(table, "rank_difference") == [-2, 1, 1]
    for parts, score in zip(column(table, "priority_parts"), column(table, "priority_score"), strict=True):
        assert sum(json.loads(parts).values()) == pytest.approx(score, abs=1e-5)


def test_unknown_part_of_the_priority_is_left_out_and_neither_helps_nor_harms(cut_at):
    # Known: value at stake .40, dissatisfaction .20 (no signal: unknown), neglect .15, quadrant .15.
    table = decide_segments(
        facts(revenue_12m=[5000.0], demand_hours=[1.0], ltv_mean=[9.0], renewal_p=[0.5]), cut_at, DAY
    )
    assert column(table, "priority_known_share") == pytest.approx([0.55])  # value at stake and quadrant
    assert column(table, "priority_score") == pytest.approx([(0.4 * 0.5 + 0.15 * 1.0) / 0.55])


@pytest.mark.parametrize(
    ("signal", "rule"),
    [
        ({"usage_z": [-2.0]}, "usage_below_baseline"),
        ({"last_csat_bad": [True]}, "poor_csat"),
        ({"last_nps_bad": [True]}, "poor_nps"),
        ({"days_since_survey": [91.0], "days_since_contact": [91.0]}, "no_survey_no_contact"),
        ({"is_silent": [True]}, "no_survey_no_contact"),
    ],
)
def test_hidden_dissatisfaction_of_a_money_tree_names_the_rule_that_fired(cut_at, signal, rule):
    table = decide_segments(facts(revenue_12m=[5000.0], demand_hours=[1.0], **signal), cut_at, DAY)
    assert column(table, "hidden_dissatisfaction") == [True]
    assert column(table, "hidden_rule") == [rule]


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ({"usage_z": [-1.9]}, False),
        ({"days_since_survey": [200.0], "days_since_contact": [10.0]}, False),
        ({}, None),  # nothing is known: not satisfied, unknown
    ],
)
def test_hidden_dissatisfaction_is_not_claimed_without_a_sign(cut_at, signal, expected):
    table = decide_segments(facts(revenue_12m=[5000.0], demand_hours=[1.0], **signal), cut_at, DAY)
    assert column(table, "hidden_dissatisfaction") == [expected]


def test_loud_customers_are_not_hidden(cut_at):
    table = decide_segments(facts(revenue_12m=[5000.0], demand_hours=[50.0], last_csat_bad=[True]), cut_at, DAY)
    assert column(table, "hidden_dissatisfaction") == [False]


def test_survey_is_due_when_never_answered_but_unknown_without_a_survey_feed(cut_at):
    known = facts(
        revenue_12m=[5000.0, 5000], demand_hours=[1.0, 1], days_since_survey=[None, 10.0], tenure_days=[400.0, 400]
    )
    assert column(decide_segments(known, cut_at, DAY), "survey_due") == [True, False]
    blind = facts(revenue_12m=[5000.0], demand_hours=[1.0], tenure_days=[400.0])
    assert column(decide_segments(blind, cut_at, DAY), "survey_due") == [None]


def test_customer_with_shallow_roots_may_be_served_elsewhere(cut_at):
    # Firm roots: 5 features, 10 users, 3 integrations. (1/5 + 10/10) / 2 known = 0.6.
    table = decide_segments(
        facts(revenue_12m=[5000.0, 5000], demand_hours=[1.0, 1], features_used=[1, None], active_users=[10, None]),
        cut_at,
        DAY,
    )
    assert column(table, "substitutability_risk") == [pytest.approx(0.4), None]


def test_small_customer_is_worth_investing_in_when_growth_pays_for_its_hours(cut_at):
    # Two hours of growth work at the mean rate of 4,850 yen cost 9,700; growth of
    # .3 x -.1 + .4 x .5 + .3 x 1 = .47 of 40,000 brings 18,800.
    table = decide_segments(
        facts(
            revenue_12m=[100.0, 100, 5000],
            demand_hours=[1.0] * 3,
            ltv_mean=[40_000.0] * 3,
            growth_cost_hours=[2.0] * 3,
            growth_p10=[-0.1, -0.1, -0.1],
            growth_p50=[0.5, 0.1, 0.5],
            growth_p90=[1.0, 0.2, 1.0],
        ),
        cut_at,
        DAY,
    )
    assert column(table, "invest_flag") == [True, False, False]
    assert column(table, "invest_gain")[0] == pytest.approx(18_800 - 9_700)
    assert column(table, "invest_gain_low")[0] < 0 < column(table, "invest_gain_high")[0]


def test_help_that_nobody_gave_so_far_is_not_free(cut_at):
    # The catalogue's growth actions take two hours: 9,700 yen, more than a tenth of 40,000.
    more = {f"growth_{end}": [0.1] * 3 for end in ("p10", "p50", "p90")}
    table = decide_segments(
        facts(
            revenue_12m=[100.0] * 3,
            demand_hours=[1.0] * 3,
            ltv_mean=[40_000.0] * 3,
            growth_cost_hours=[0.0] * 3,
            **more,
        ),
        cut_at,
        DAY,
    )
    assert column(table, "invest_gain") == pytest.approx([4_000 - 9_700] * 3)
    assert column(table, "invest_flag") == [False] * 3


def test_what_is_expected_to_grow_counts_and_not_the_middle_customer_who_never_does(cut_at):
    """Half of the customers do not grow at all, and some double: 30 % expected of 40,000 pays for 9,700."""
    table = decide_segments(
        facts(
            revenue_12m=[100.0, 5000],
            demand_hours=[1.0] * 2,
            ltv_mean=[40_000.0] * 2,
            growth_cost_hours=[2.0] * 2,
            growth_mean=[0.3] * 2,
            growth_p50=[0.0] * 2,
        ),
        cut_at,
        DAY,
    )
    assert column(table, "invest_flag") == [True, False]
    assert column(table, "invest_gain")[0] == pytest.approx(12_000 - 9_700)


def test_level_that_was_not_reached_is_censored_and_not_zero(cut_at):
    table = decide_segments(
        facts(
            revenue_12m=[5000.0, 10],
            demand_hours=[1.0, 1],
            months_to_threshold=[7.0, None],
            self_serve_ratio=[0.9, None],
        ),
        cut_at,
        DAY,
    )
    assert column(table, "is_threshold_censored") == [False, True]
    assert column(table, "months_to_threshold") == [7.0, None]


def test_judgement_of_a_person_about_fit_goes_before_the_source(cut_at):
    people = pa.table(
        {
            "customer_id": ["c0"],
            "kind": ["fit"],
            "value": ["yes"],
            "rater": ["Hana Example"],
            "rated_at": [DAY],
            "expires_at": pa.nulls(1, pa.date32()),
        }
    )
    table = decide_segments(
        facts(revenue_12m=[1.0, 1], demand_hours=[1.0, 1], fit_judgement=["pending", "no"]), cut_at, DAY, people
    )
    assert column(table, "fit_judgement") == ["yes", "no"]


def test_same_facts_in_another_order_give_the_same_table(shipped):
    rng = np.random.default_rng(2)
    table = facts(
        revenue_12m=rng.lognormal(12, 1, 80), demand_hours=rng.gamma(1, 5, 80), ltv_mean=rng.lognormal(12, 1, 80)
    )
    mixed = table.take(pa.array(rng.permutation(80)))
    assert decide_segments(table, shipped, DAY).equals(decide_segments(mixed, shipped, DAY))
