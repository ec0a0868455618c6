import dataclasses
from datetime import date, timedelta

import pyarrow as pa
import pytest
import yaml

from naruki.tiering.objective_metrics import MADE_OF
from naruki.tiering.objectives import freeze_cohorts, objectives_table, required_n_mean

DAY = date(2026, 3, 31)


def only(shipped, name: str):
    return shipped.replace(objectives=tuple(o for o in shipped.objectives if o.objective == name))


def facts(n: int, retained: int, **more) -> pa.Table:
    ids = [f"c{k:04d}" for k in range(n)]
    return pa.table(
        {
            "customer_id": ids,
            "revenue_12m": [float(n - k) for k in range(n)],
            "is_retained": [k < retained for k in range(n)],
            **more,
        }
    )


def test_difference_of_half_a_standard_deviation_needs_63_per_arm():
    assert required_n_mean(0.5, 1.0, 0.80, 0.05) == 63


def test_top_tenth_is_too_small_to_see_one_point_and_the_table_says_so(shipped):
    row = objectives_table(facts(1000, 950), only(shipped, "top_retention"), DAY).to_pylist()[0]
    assert (row["population_n"], row["required_n_per_arm"], row["is_powered"]) == (100, 13_495, False)
    assert (
        row["note"] == "13495 customers per arm are needed to see the target, 50 are there: a difference may be chance"
    )
    assert row["smallest_visible_difference"] == pytest.approx(2.8016 * 0.3 * (2 / 50) ** 0.5, rel=1e-3)
    # Both ways of saying it: one point, which is 1.1 % of 90 %.
    assert (row["target_difference"], row["target_relative"]) == (pytest.approx(0.01), pytest.approx(0.0111, abs=1e-4))


def test_objective_without_its_data_is_unanswerable(shipped):
    row = objectives_table(facts(100, 90).drop_columns("is_retained"), only(shipped, "top_retention"), DAY).to_pylist()[
        0
    ]
    assert (row["status"], row["missing_columns"], row["current"]) == ("unanswerable", "is_retained", None)


def test_column_that_is_there_but_empty_is_unanswerable_too(shipped):
    empty = facts(100, 90).drop_columns("is_retained").append_column("is_retained", pa.nulls(100, pa.bool_()))
    assert objectives_table(empty, only(shipped, "top_retention"), DAY).to_pylist()[0]["status"] == "unanswerable"


def test_cohort_is_frozen_and_does_not_follow_the_result(shipped):
    policy = only(shipped, "top_retention")
    first = freeze_cohorts(facts(100, 90), policy, DAY)
    assert first["customer_id"].to_pylist() == [f"c{k:04d}" for k in range(10)]
    reversed_revenue = facts(100, 90).set_column(1, "revenue_12m", pa.array([float(k) for k in range(100)]))
    later = freeze_cohorts(reversed_revenue, policy, date(2026, 6, 30), first)
    assert later.equals(first)


def test_rate_of_the_cohort_stands_with_its_interval(shipped):
    row = objectives_table(facts(100, 8), only(shipped, "top_retention"), DAY).to_pylist()[0]
    assert row["n_measured"] == 10
    assert row["current"] == pytest.approx(0.8)
    assert row["current_low"] < 0.8 < row["current_high"]
    assert row["status"] == "underpowered"


def test_rate_of_fewer_than_five_is_not_published(shipped):
    row = objectives_table(facts(40, 40), only(shipped, "top_retention"), DAY).to_pylist()[0]
    assert (row["status"], row["n_measured"], row["current"]) == ("too_few", 4, None)


def test_target_that_is_reached_is_met(shipped):
    assert objectives_table(facts(100, 100), only(shipped, "top_retention"), DAY).to_pylist()[0]["status"] == "met"


def frozen(shipped, name: str, later: date, then: dict, now: dict) -> dict:
    """The objective's row at `later`, of a group that was frozen at DAY."""
    ids = [f"c{k}" for k in range(10)]
    first, second = (pa.table({"customer_id": ids, **columns}) for columns in (then, now))
    policy = only(shipped, name)
    cohorts = freeze_cohorts(first, policy, DAY)
    return objectives_table(second, policy, later, cohorts).to_pylist()[0]


def test_retention_of_a_group_is_whether_it_still_pays_and_is_reached_only_when_the_horizon_is_over(shipped):
    everybody = {"revenue_12m": [1.0] * 10, "is_paying": [True] * 10}
    policy = shipped.replace(
        objectives=tuple(
            dataclasses.replace(o, population_rule="all") for o in shipped.objectives if o.objective == "top_retention"
        )
    )
    for later, paying, status, current in (
        (DAY, 10, "started", None),
        (date(2026, 9, 30), 10, "underpowered", 1.0),
        (date(2026, 9, 30), 8, "missed", 0.8),
        (date(2027, 3, 31), 10, "met", 1.0),
    ):
        now = {"revenue_12m": [1.0] * 10, "is_paying": [k < paying for k in range(10)]}
        row = frozen(policy, "top_retention", later, everybody, now)
        assert (row["status"], row["current"], row["ends_on"]) == (status, current, date(2027, 3, 31))


def test_seedling_that_left_is_counted_as_not_grown(shipped):
    then = {"quadrant": ["money_seedling"] * 10}
    now = {"quadrant": ["money_tree", *["money_seedling"] * 8, None]}
    row = frozen(shipped, "seedling_growth", date(2026, 9, 30), then, now)
    assert (row["n_measured"], row["current"], row["status"]) == (10, 0.1, "met")


def test_silent_customer_counts_as_contacted_only_by_a_touch_after_the_freezing(shipped):
    # 30 days later: touched 10 days ago, 60 days ago, or never.
    then = {"is_silent": [True] * 10, "days_since_touch": [None] * 10}
    now = {"is_silent": [True] * 10, "days_since_touch": [10.0] * 4 + [60.0] * 3 + [None] * 3}
    row = frozen(shipped, "silent_contact", DAY + timedelta(days=30), then, now)
    assert (row["current"], row["n_measured"]) == (0.4, 10)


def test_new_group_is_frozen_after_the_horizon_and_a_rest(shipped):
    policy, members = only(shipped, "silent_contact"), pa.table({"customer_id": ["a", "b"], "is_silent": [True, False]})
    others = pa.table({"customer_id": ["a", "b"], "is_silent": [False, True]})
    first = freeze_cohorts(members, policy, DAY)
    for days, expected in ((121, "a"), (122, "b")):
        later = freeze_cohorts(others, policy, DAY + timedelta(days=days), first)
        assert later["customer_id"].to_pylist() == [expected]


def test_group_is_drawn_from_the_customers_who_are_served(shipped):
    facts = pa.table({"customer_id": ["a", "b"], "is_silent": [True, True], "lifecycle_stage": ["active", "churned"]})
    assert freeze_cohorts(facts, only(shipped, "silent_contact"), DAY)["customer_id"].to_pylist() == ["a"]


def test_data_that_shipped_objectives_need_are_in_the_contract_of_the_customer_facts(shipped, seeds):
    model = yaml.safe_load((seeds.parent / "models/marts/success/mart_customer_facts.yml").read_text(encoding="utf-8"))
    there = {column["name"] for column in model["models"][0]["columns"]} | {"quadrant"}
    for objective in shipped.objectives:
        for column in objective.required_columns.split(";"):
            assert MADE_OF.get(column, column) in there, (objective.objective, column)
