import dataclasses
import json
from datetime import timedelta

import pyarrow as pa
import pytest

from naruki.tiering.moves import Before
from naruki.tiering.tiers import decide_tiers


@pytest.fixture
def move(priced, customers, day):
    """move(before, now, policies, corrected) -> the move of customer `a`, who is at severe risk and so moves up at
    once.
    """

    def run(before: float, now: float, old=None, new=None, corrected=None) -> dict:
        def facts(value):
            return customers(a=value, x=100, y=10_000, renewal_p=[0.1, 0.9, 0.9])

        yesterday = day - timedelta(days=7)
        first = decide_tiers(facts(before), old or priced, None, None, yesterday)
        known = Before(facts(before), old or priced, yesterday, None if corrected is None else facts(corrected))
        found = decide_tiers(facts(now), new or priced, first.tiers, None, day, before=known)
        return next(line for line in found.moves.to_pylist() if line["customer_id"] == "a")

    return run


def test_own_new_data_are_the_cause_customer(move):
    line = move(500, 4000)
    assert (line["from_tier"], line["to_tier"], line["direction"], line["cause"]) == ("tech", "high", "up", "customer")
    assert json.loads(line["evidence"])["tier_if_only_changed"] == {
        "nothing": "tech",
        "data correction": "tech",
        "customer": "high",
        "policy": "tech",
        "capacity": "tech",
    }


def test_old_data_that_are_known_better_now_are_a_data_correction(move):
    assert move(500, 4000, corrected=4000)["cause"] == "data correction"


def test_new_assumptions_are_the_cause_policy(move, priced):
    # At half the effect high pays from 4 x 104.36 / 0.15 = 2,783 on: 2,000 was tech.
    half = tuple(dataclasses.replace(u, low=u.low / 2) for u in priced.uplifts)
    assert move(2000, 2000, old=priced.replace(uplifts=half))["cause"] == "policy"


def test_new_hours_are_the_cause_capacity(move, priced, with_hours):
    # Four hours were enough for y alone.
    assert move(4000, 4000, old=with_hours(priced, 4.0))["cause"] == "capacity"


def test_hours_that_another_customer_gave_up_are_the_cause_capacity(simple, customers, day, with_hours):
    policy, yesterday = with_hours(simple, 4.0), day - timedelta(days=7)
    before = customers(a=4000, b=9000, renewal_p=[0.1, 0.9])
    first = decide_tiers(before, policy, None, None, yesterday)
    gone = customers(a=4000, renewal_p=[0.1])
    found = decide_tiers(gone, policy, first.tiers, None, day, before=Before(before, policy, yesterday))
    assert found.moves.to_pylist()[0]["cause"] == "capacity"


def test_cause_is_the_one_of_the_day_on_which_the_move_was_first_proposed(priced, customers, day):
    def facts(value):
        return customers(a=value, x=100, y=10_000)

    days = [day + timedelta(days=7 * k) for k in range(3)]
    first = decide_tiers(facts(500), priced, None, None, days[0])
    second = decide_tiers(facts(4000), priced, first.tiers, None, days[1], before=Before(facts(500), priced, days[0]))
    history = pa.concat_tables([first.tiers, second.tiers])
    # In the last week nothing is new: the cause is remembered.
    third = decide_tiers(facts(4000), priced, history, None, days[2], before=Before(facts(4000), priced, days[1]))
    assert third.moves.to_pylist()[0]["cause"] == "customer"


def test_proposal_that_only_now_lies_far_enough_from_the_cut_is_the_customers_doing(priced, customers, day):
    # 1,700 is high by the plan but within the band, so nothing waits; 4,000 counts at once and moves a week later.
    def facts(value):
        return customers(a=value, x=100, y=10_000)

    history, before, found = None, None, None
    for week, value in enumerate((500, 1700, 4000, 4000)):
        on = day + timedelta(days=7 * week)
        found = decide_tiers(facts(value), priced, history, None, on, before=before)
        history = found.tiers if history is None else pa.concat_tables([history, found.tiers])
        before = Before(facts(value), priced, on)
    assert [(m["to_tier"], m["cause"]) for m in found.moves.to_pylist()] == [("high", "customer")]


def test_first_decision_of_all_makes_no_moves_and_a_newcomer_later_does(priced, customers, day):
    first = decide_tiers(customers(a=1), priced, None, None, day - timedelta(days=7))
    second = decide_tiers(customers(a=1, b=1), priced, first.tiers, None, day)
    assert first.moves.num_rows == 0
    assert [(m["customer_id"], m["from_tier"], m["direction"]) for m in second.moves.to_pylist()] == [
        ("b", None, "new")
    ]


def test_cause_is_unknown_when_the_inputs_of_the_last_decision_are_not_given(priced, customers, day):
    facts = customers(a=4000, x=100, y=10_000, renewal_p=[0.1, 0.9, 0.9])
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["tech"]})
    lines = {line["customer_id"]: line for line in decide_tiers(facts, priced, before, None, day).moves.to_pylist()}
    assert (lines["a"]["to_tier"], lines["a"]["cause"]) == ("high", None)


def test_each_move_says_why_in_a_sentence_of_both_languages(move, priced, customers, day, judged):
    # High pays from 1,565.4 on.
    line = move(500, 4000)
    assert line["reason_en"] == (
        "Its own data changed: a value of 4,000 JPY calls for High touch; the cut to Low touch lies at 1,565 JPY."
    )
    assert line["reason_ja"].startswith("自身のデータが変わった：価値 4,000 JPY はハイタッチに当たる")
    person = judged(("a", "high", day, day + timedelta(days=9), "a launch"))
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["tech"]})
    (told,) = decide_tiers(customers(a=100), priced, before, person, day).moves.to_pylist()
    assert told["reason_en"] == "Hana Example decided High touch: a launch"


def test_unknown_cause_is_said_and_not_guessed(priced, customers, day):
    facts = customers(a=4000, renewal_p=[0.1])
    before = pa.table({"as_of_date": [day - timedelta(days=7)], "customer_id": ["a"], "tier": ["tech"]})
    (line,) = decide_tiers(facts, priced, before, None, day).moves.to_pylist()
    assert "what changed is unknown" in line["reason_en"]
