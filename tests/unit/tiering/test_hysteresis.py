import dataclasses
from datetime import date, timedelta

import pyarrow as pa
import pytest

from naruki.tiering.tiers import decide_tiers

START = date(2026, 1, 5)
UP, DOWN = 4000, 300  # clearly above and below 1,391, where high and tech are worth the same


class Weeks:
    """Decisions week after week for one customer `a` among customers that set the spread of all values."""

    def __init__(self, policy, customers, **columns) -> None:
        self.policy, self.customers, self.columns = policy, customers, columns
        self.day, self.history = START, None

    def next(self, value, days=7, judgements=None) -> dict:
        if self.history is not None:
            self.day += timedelta(days=days)
        columns = {name: [v, None, None] for name, v in self.columns.items()}
        facts = self.customers(a=value, x=100, y=10_000, **columns)
        self.found = decide_tiers(facts, self.policy, self.history, judgements, self.day)
        tiers = self.found.tiers
        self.history = tiers if self.history is None else pa.concat_tables([self.history, tiers])
        return next(line for line in tiers.to_pylist() if line["customer_id"] == "a")


@pytest.fixture
def weeks(priced, customers):
    return Weeks(priced, customers)


def test_move_needs_two_confirmations_in_a_row(weeks):
    assert weeks.next(DOWN)["tier"] == "tech"
    first = weeks.next(UP)
    assert (first["tier"], first["proposed_tier"], first["hold_rule"], first["confirmations"]) == (
        "tech",
        "high",
        "confirmation",
        1,
    )
    assert weeks.next(UP)["tier"] == "high"


def test_confirmation_is_lost_when_the_proposal_is_not_repeated(weeks):
    weeks.next(DOWN)
    weeks.next(UP)
    assert weeks.next(DOWN)["confirmations"] == 0
    assert weeks.next(UP)["hold_rule"] == "confirmation"


def test_proposal_of_the_next_day_is_the_same_evidence(weeks):
    weeks.next(DOWN)
    weeks.next(UP)
    assert weeks.next(UP, days=1)["hold_rule"] == "confirmation"
    assert weeks.next(UP, days=6)["tier"] == "high"


def test_rerun_of_a_day_does_not_see_its_own_result(weeks):
    weeks.next(DOWN)
    first = weeks.next(UP)
    assert weeks.next(UP, days=0) == first
    moved = weeks.next(UP)
    assert moved["state"] == "moved"
    assert weeks.next(UP, days=0) == moved


def test_value_within_the_band_around_the_cut_does_not_move(weeks):
    # The values 1,700, 100 and 10,000 spread by 1.90 on the log scale, so a quarter of it is 0.48; ln(1,700 / 1,391)
    # is 0.20.
    weeks.next(DOWN)
    weeks.next(1700)
    line = weeks.next(1700)
    assert (line["proposed_tier"], line["hold_rule"]) == ("high", "band")


def test_uncertain_value_does_not_move(priced, customers):
    # 4,000 with a standard error of 8,000: P(above 1,391) = Phi(ln(4000 / 1391) / 1.27) = 0.80; with 9,000 it is 0.78.
    unsure = Weeks(priced, customers, ltv_se=9000.0)
    unsure.next(DOWN)
    unsure.next(UP)
    line = unsure.next(UP)
    assert line["hold_rule"] == "probability"
    assert line["p_proposed"] == pytest.approx(0.78, abs=0.01)


def test_no_move_for_thirteen_weeks_after_a_move(weeks):
    weeks.next(DOWN)
    weeks.next(UP)
    moved = weeks.next(UP)
    assert moved["lock_until"] == weeks.day + timedelta(days=91)
    lines = [weeks.next(DOWN) for _ in range(13)]
    assert [line["hold_rule"] for line in lines[1:12]] == ["lock"] * 11
    assert lines[12]["hold_rule"] == "approval"


def demote(weeks) -> date:
    """Bring `a` to a confirmed, unlocked demotion that waits; the day on which it was first proposed."""
    weeks.next(UP)
    weeks.next(DOWN)
    first = weeks.day
    assert weeks.next(DOWN)["state"] == "awaiting_approval"
    return first


def test_demotion_waits_for_a_person_and_happens_once_approved(weeks, judged):
    demote(weeks)
    assert weeks.next(DOWN)["tier"] == "high"
    line = weeks.next(DOWN, judgements=judged(("a", "approve:tech", weeks.day, None, "agreed")))
    assert line["tier"] == "tech"
    move = weeks.found.moves.to_pylist()[0]
    assert (move["from_tier"], move["to_tier"], move["direction"], move["approved_by"]) == (
        "high",
        "tech",
        "down",
        "Hana Example",
    )


def test_approval_of_another_tier_or_of_an_earlier_proposal_does_not_count(weeks, judged):
    first = demote(weeks)
    for value, on in (("approve:low", weeks.day), ("approve", first - timedelta(days=1))):
        assert weeks.next(DOWN, judgements=judged(("a", value, on, None, "agreed")))["hold_rule"] == "approval"


def test_severe_risk_opens_the_fast_lane_upwards_only(priced, customers):
    risky = Weeks(priced, customers, renewal_p=0.2)
    risky.next(DOWN)
    line = risky.next(UP)
    assert (line["tier"], line["is_fast_lane"]) == ("high", True)
    assert risky.next(DOWN)["tier"] == "high"


def test_override_moves_at_once_and_locks_like_a_move(weeks, judged):
    weeks.next(DOWN)
    word = judged(("a", "high", weeks.day, weeks.day + timedelta(days=60), "strategic"))
    line = weeks.next(DOWN, judgements=word)
    assert (line["tier"], line["is_override"], line["lock_until"]) == ("high", True, weeks.day + timedelta(days=91))
    assert weeks.found.moves.to_pylist()[0]["cause"] == "policy"


def test_promotion_waits_while_held_customers_use_up_the_hours(simple, customers, with_hours):
    # Four hours: one customer can be high. `a` holds them until a person agrees; `b` is due and finds no room.
    policy = with_hours(simple, 4.0)
    first = decide_tiers(customers(a=9000, b=10, c=8000), policy, None, None, START)
    later = customers(a=10, b=90_000, c=8000)
    second = decide_tiers(later, policy, first.tiers, None, START + timedelta(days=7))
    history = pa.concat_tables([first.tiers, second.tiers])
    third = decide_tiers(later, policy, history, None, START + timedelta(days=14))
    lines = {line["customer_id"]: line for line in third.tiers.to_pylist()}
    assert (lines["a"]["tier"], lines["a"]["hold_rule"]) == ("high", "approval")
    assert (lines["b"]["tier"], lines["b"]["proposed_tier"], lines["b"]["hold_rule"]) == ("tech", "high", "no_room")
    assert third.capacity.to_pylist()[0]["load"] == pytest.approx(1.0)
    assert third.capacity.to_pylist()[0]["pending_demotion_hours"] == pytest.approx(4.0)


def test_cut_of_the_hours_shows_an_overload_instead_of_demoting_without_a_person(simple, customers, with_hours):
    first = decide_tiers(customers(a=9000, b=8000), with_hours(simple, 8.0), None, None, START)
    second = decide_tiers(
        customers(a=9000, b=8000), with_hours(simple, 4.0), first.tiers, None, START + timedelta(days=7)
    )
    assert second.tiers["tier"].to_pylist() == ["high", "high"]
    assert sorted(second.tiers["proposed_tier"].to_pylist()) != ["high", "high"]
    assert second.capacity.to_pylist()[0]["unserved_hours"] == pytest.approx(4.0)


def test_end_of_onboarding_places_a_customer_by_the_rule_and_needs_no_approval(priced, customers):
    # Worth 500, so tech by the rule; a newcomer gets the onboarding touch (low) whatever it is worth.
    later = START + timedelta(days=7)
    first = decide_tiers(customers(a=500, lifecycle_stage=["onboarding"]), priced, None, None, START)
    second = decide_tiers(customers(a=500, lifecycle_stage=["active"]), priced, first.tiers, None, later)
    assert first.tiers["tier"].to_pylist() == ["low"]
    (row,) = second.tiers.to_pylist()
    assert (row["tier"], row["state"], row["hold_rule"], row["lock_until"]) == ("tech", "moved", None, None)
    (move,) = second.moves.to_pylist()
    assert move["cause"] == "customer"
    assert move["reason_en"].startswith("The first days are over: a value of 500 JPY calls for Tech touch")
    (reason,) = [r for r in second.reasons.to_pylist() if r["rule"] == "onboarding_over"]
    assert reason["is_decisive"]


def test_approved_demotion_waits_while_its_team_has_no_hours(simple, customers, judged):
    # One hour a week of a second team serves low touch. a (high) may go down, for c is worth more; b should leave low
    # for a, but nobody has approved that yet.
    second = dataclasses.replace(simple.pools[0], pool="second", hours_per_week=1.0)
    team = dataclasses.replace(simple.pools[0], hours_per_week=4.0)
    low, high = simple.actions
    quick = {"confirmations": 1, "band_sd": 0.0, "minimum_tier_probability": 1e-9}
    policy = simple.with_settings(**quick).replace(
        pools=(team, second), actions=(dataclasses.replace(low, pool="second"), high)
    )
    first = decide_tiers(customers(a=9000, b=100), policy, None, None, START)
    assert first.tiers["tier"].to_pylist() == ["high", "low"]
    later = START + timedelta(days=7)
    person = judged(("a", "approve", later, None, "agreed"))
    found = decide_tiers(customers(a=9000, b=100, c=50_000), policy, first.tiers, person, later)
    rows = {row["customer_id"]: row for row in found.tiers.to_pylist()}
    assert [rows[c]["proposed_tier"] for c in "abc"] == ["low", "tech", "high"]
    assert [(rows[c]["tier"], rows[c]["hold_rule"]) for c in "ab"] == [("high", "no_room"), ("low", "approval")]
    assert not any(row["is_over"] for row in found.capacity.to_pylist())
