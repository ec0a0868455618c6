import dataclasses
from datetime import date, timedelta

import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.tiering.actions import action_queue, draw_line
from naruki.tiering.outcomes import action_effects, experiment_effects
from naruki.tiering.segments import decide_segments
from naruki.tiering.tiers import decide_tiers


@pytest.fixture
def week(shipped, customers, day):
    """week(facts, policy=…, day=…, …) -> rows of the action list."""

    def run(facts, policy=None, on=day, **more) -> list[dict]:
        policy = policy or shipped
        found = decide_tiers(facts, policy, None, None, on)
        return action_queue(found.decision, decide_segments(facts, policy, on), **more).to_pylist()

    return run


def valuable(customers, **columns) -> pa.Table:
    """Four quiet customers of rising revenue; the last one is a money tree."""
    revenue = {"revenue_12m": [1e5, 2e5, 3e5, 9e6], "demand_hours": [1.0, 1.0, 1.0, 0.5]}
    return customers(a=1e5, b=2e5, c=3e5, d=9e6, renewal_p=[0.8] * 4, **revenue, **columns)


def test_hidden_dissatisfaction_calls_for_a_check_in_with_its_reason_and_due_day(week, customers, day):
    rows = week(valuable(customers, last_nps_bad=[False, False, False, True]))
    row = next(row for row in rows if row["trigger"] == "hidden_dissatisfaction")
    assert (row["customer_id"], row["action"], row["quadrant"]) == ("d", "check_in", "money_tree")
    assert row["due_on"] == day + timedelta(days=7)
    # A fifth of 9 million is at stake; a check-in is thought to keep 3, 8 or 15 % of it.
    assert [row[f"value_at_stake{end}"] for end in ("_low", "", "_high")] == pytest.approx([54_000, 144_000, 270_000])


def test_several_signs_for_the_same_action_make_one_row(week, customers):
    rows = week(valuable(customers, last_nps_bad=[False, False, False, True], is_silent=[False, False, False, True]))
    assert len([row for row in rows if (row["customer_id"], row["action"]) == ("d", "check_in")]) == 1


def test_promises_go_first_and_the_rest_by_value_per_hour(week, customers):
    rows = week(valuable(customers, last_csat_bad=[False] * 3 + [True], days_since_touch=[400.0, 1, 1, 1]))
    assert rows[0]["trigger"] == "coverage_floor"
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    rest = [row["value_per_hour"] for row in rows if not row["is_promise"]]
    assert rest == sorted(rest, reverse=True)


def test_small_gain_in_little_time_goes_before_a_larger_one_that_takes_long(week, customers):
    # a: 6 % of 30,000 for an hour of talk is 1,800 an hour. c: 1 % of 20,000 for a tenth of an hour is 2,000 an hour.
    facts = customers(
        a=60_000,
        c=100_000,
        revenue_12m=[10.0, 10.0],
        demand_hours=[1.0, 1.0],
        renewal_p=[0.5, 0.8],
        days_since_survey=[10.0, 400.0],
    )
    rows = [(row["customer_id"], row["action"], row["value_per_hour"]) for row in week(facts)]
    assert rows == [("c", "satisfaction_survey", pytest.approx(2000)), ("a", "renewal_talk", pytest.approx(1800))]


def test_line_is_drawn_where_the_hours_of_a_pool_end(week, customers, shipped):
    # Four talks of an hour; 15 % of 20 hours are kept for them, no tier uses the rest, so make it 2.5 in all.
    pools = tuple(
        dataclasses.replace(p, hours_per_week=2.5, reserve_share=0.0) if p.pool == "csm" else p for p in shipped.pools
    )
    facts = customers(a=1e4, b=2e4, c=3e4, d=4e4, renewal_p=[0.5] * 4)
    rows = [row for row in week(facts, shipped.replace(pools=pools)) if row["action"] == "renewal_talk"]
    assert [row["customer_id"] for row in rows] == ["d", "c", "b", "a"]
    assert [row["pool_hours"] for row in rows] == pytest.approx([2.5] * 4)
    assert [row["below_line"] for row in rows] == [False, False, True, True]


def test_large_action_that_does_not_fit_stops_no_smaller_one():
    # Of 2.5 hours sixteen are asked for first; two hours fit, one more does not.
    rows = [{"pool": "csm", "hours": hours} for hours in (16.0, 1.5, 1.0, 1.0)]
    draw_line(rows, {"csm": 2.5})
    assert [row["below_line"] for row in rows] == [True, False, False, True]
    assert [row["cumulative_pool_hours"] for row in rows] == [16.0, 17.5, 18.5, 19.5]


def test_unknown_value_never_triggers(week, customers):
    assert week(customers(a=1e5, renewal_p=[None])) == []


def test_action_keeps_its_key_and_first_day_until_it_is_done(week, customers, day):
    facts = customers(a=1e5, renewal_p=[0.5])
    first = week(facts)[0]
    previous = pa.Table.from_pylist([first])
    later = week(facts, on=day + timedelta(days=21), previous=previous)[0]
    assert (later["action_key"], later["first_listed_on"], later["is_overdue"]) == (first["action_key"], day, True)


def outcome(key: str, contacted: date, resolved: date | None) -> pa.Table:
    kinds = pa.schema([("action_key", pa.string()), ("contacted_at", pa.date32()), ("resolved_at", pa.date32())])
    return pa.Table.from_pylist([{"action_key": key, "contacted_at": contacted, "resolved_at": resolved}], schema=kinds)


def test_outcome_is_read_back_and_a_resolved_action_rests(week, customers, day):
    facts = customers(a=1e5, renewal_p=[0.5])
    first = week(facts)[0]
    previous = pa.Table.from_pylist([first])
    done = day + timedelta(days=3)
    contacted = week(
        facts, on=day + timedelta(days=7), previous=previous, outcomes=outcome(first["action_key"], done, None)
    )
    assert (contacted[0]["status"], contacted[0]["contacted_on"]) == ("contacted", done)
    resolved = outcome(first["action_key"], done, done)
    # A talk about renewal is to be done within 14 days, so it rests for 14 days.
    assert week(facts, on=done + timedelta(days=13), previous=previous, outcomes=resolved) == []
    again = week(facts, on=done + timedelta(days=14), previous=previous, outcomes=resolved)
    assert again[0]["action_key"] != first["action_key"]


def test_outcome_after_the_day_is_not_known_yet(week, customers, day):
    facts = customers(a=1e5, renewal_p=[0.5])
    first = week(facts)[0]
    future = outcome(first["action_key"], day + timedelta(days=30), day + timedelta(days=30))
    assert (
        week(facts, on=day + timedelta(days=7), previous=pa.Table.from_pylist([first]), outcomes=future)[0]["status"]
        == "open"
    )


def test_customer_that_opted_out_is_left_alone_but_still_reviewed(week, customers):
    signs = {"last_nps_bad": [False, False, False, True], "growth_p50": [0.0, 0.0, 50.0, 0.0]}
    asked = {(row["customer_id"], row["action"]) for row in week(valuable(customers, **signs))}
    assert {("d", "check_in"), ("c", "growth_review")} <= asked
    left = {
        (row["customer_id"], row["action"])
        for row in week(valuable(customers, is_opted_out=[None, None, True, True], **signs))
    }
    assert {action for customer, action in left if customer in "cd"} == {"growth_review"}
    assert {one for one in left if one[0] in "ab"} == {one for one in asked if one[0] in "ab"}


def test_trigger_on_a_column_that_does_not_exist_is_told(week, customers, shipped):
    broken = dataclasses.replace(shipped.triggers[0], trigger="typo", column="is_angry")
    with pytest.raises(NarukiError, match=r"cfg_trigger\.csv, trigger typo: column is_angry is in no table"):
        week(customers(a=1e5), shipped.replace(triggers=(broken,)))


def test_resolved_action_rests_although_the_list_of_yesterday_knows_it_no_more(week, customers, day):
    facts = customers(a=1e5, renewal_p=[0.5])
    key = week(facts)[0]["action_key"]
    assert key == f"{day}:a:renewal_talk"
    done = day + timedelta(days=3)
    resolved = outcome(key, done, done).append_column("customer_id", pa.array(["a"]))
    resolved = resolved.append_column("action", pa.array(["renewal_talk"]))
    nothing = pa.Table.from_pylist([], schema=pa.schema([("as_of_date", pa.date32())]))
    assert week(facts, on=done + timedelta(days=5), previous=nothing, outcomes=resolved) == []
    assert len(week(facts, on=done + timedelta(days=14), previous=nothing, outcomes=resolved)) == 1


def listed(day: date, n: int, quadrant) -> pa.Table:
    rows = [
        {
            "action": "check_in",
            "customer_id": f"c{k}",
            "action_key": f"k{k}",
            "first_listed_on": day,
            "quadrant": quadrant(k),
            "value_at_stake": 1.0,
        }
        for k in range(n)
    ]
    return pa.Table.from_pylist(rows)


def called(day: date, numbers, action: str = "check_in") -> pa.Table:
    numbers = list(numbers)
    return pa.table(
        {"customer_id": [f"c{k}" for k in numbers], "action": [action] * len(numbers), "done_on": [day] * len(numbers)}
    )


def results(day: date, n: int, **metrics) -> pa.Table:
    columns = {name: [float(value(k)) for k in range(n)] for name, value in metrics.items()}
    return pa.table({"customer_id": [f"c{k}" for k in range(n)], "since": [day] * n, **columns})


def test_action_is_credited_only_against_similar_untreated_customers(shipped, day):
    # Of 40 listed, 20 were called: 15 of the 20 money trees, who stay anyway, and 5 of the 20 others, who all leave.
    # Raw: 15/20 against 5/20. Within each quadrant there is no difference at all.
    then = day - timedelta(days=120)
    done = called(then, (k for k in range(40) if k < 15 or 20 <= k < 25))
    stayed = results(then, 40, is_retained=lambda k: k < 20)
    queue = listed(then, 40, lambda k: "money_tree" if k < 20 else "testing_ground")
    (row,) = action_effects(queue, done, stayed, shipped, day).to_pylist()
    assert row["raw_difference"] == pytest.approx(0.5)
    assert row["effect"] == pytest.approx(0.0)
    assert row["is_credited"] is False


def test_clear_effect_among_similar_customers_is_credited(shipped, day):
    then = day - timedelta(days=120)
    stayed = results(then, 40, is_retained=lambda k: k < 18 or k >= 30)
    (row,) = action_effects(
        listed(then, 40, lambda k: "money_tree"), called(then, range(20)), stayed, shipped, day
    ).to_pylist()
    assert row["effect"] == pytest.approx(0.9 - 0.5)
    assert row["effect_low"] > 0
    assert row["is_credited"] is True


def test_fewer_hours_of_demand_are_a_gain_and_more_are_none(shipped, day):
    then = day - timedelta(days=120)
    for change, credited in ((-1.0, True), (1.0, False)):
        hours = results(then, 40, demand_hours_change=lambda k, change=change: (change if k < 20 else 0) + k % 2 / 10)
        (row,) = action_effects(
            listed(then, 40, lambda k: "testing_ground"), called(then, range(20)), hours, shipped, day
        ).to_pylist()
        assert (row["metric"], row["is_credited"]) == ("demand_hours_change", credited)


def test_touch_before_the_action_was_listed_or_of_another_action_is_no_treatment(shipped, day):
    then = day - timedelta(days=120)
    queue, stayed = listed(then, 40, lambda k: "money_tree"), results(then, 40, is_retained=lambda k: 1)
    early, other = called(then - timedelta(days=1), range(20)), called(then, range(20), "education")
    for done in (early, other):
        (row,) = action_effects(queue, done, stayed, shipped, day).to_pylist()
        assert (row["n_treated"], row["n_control"]) == (0, 40)


def test_effect_of_a_handful_is_not_published(shipped, day):
    then = day - timedelta(days=120)
    stayed = results(then, 9, is_retained=lambda k: 1)
    (row,) = action_effects(
        listed(then, 9, lambda k: "money_tree"), called(then, [0, 1]), stayed, shipped, day
    ).to_pylist()
    assert (row["effect"], row["is_credited"]) == (None, False)


def test_experiment_leaves_out_who_did_not_consent_and_warns_about_carrying_over(shipped, day):
    n, started = 40, day - timedelta(days=60)
    arms = pa.table(
        {
            "experiment": ["guide"] * n,
            "customer_id": [f"c{k}" for k in range(n)],
            "arm": ["new" if k % 2 else "old" for k in range(n)],
            "is_control": [k % 2 == 0 for k in range(n)],
            "started_on": [started] * n,
            "has_consent": [k > 3 for k in range(n)],
        }
    )
    hours = results(started, n, demand_hours_change=lambda k: 4.0 + k % 3 - (2.0 if k % 2 else 0.0))
    (row,) = experiment_effects(arms, hours, shipped, day).to_pylist()
    assert (row["arm"], row["control_arm"], row["n_arm"], row["n_control"], row["without_consent"]) == (
        "new",
        "old",
        18,
        18,
        4,
    )
    assert row["effect"] == pytest.approx(-2.0, abs=0.2)
    assert row["effect_high"] < 0
    assert (row["status"], row["is_powered"], row["metric"]) == ("effect", True, "demand_hours_change")
    assert "may not carry over" in row["warning_en"]
