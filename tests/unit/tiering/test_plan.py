from datetime import timedelta

import pyarrow as pa
import pytest

from naruki.tiering.plan import action_plan
from naruki.tiering.tiers import decide_tiers


def touch(number: int, action: str, day, session=None, minutes=60.0, attendees=1, missed=False) -> dict:
    return {
        "touch_id": f"t{number}",
        "customer_id": f"c{number}",
        "action_id": action,
        "session_id": session,
        "session_minutes": minutes,
        "attendees": attendees,
        "is_missed": missed,
        "occurred_date": day,
    }


@pytest.fixture
def planned(shipped, customers, day):
    """Plan and deed of a quarter for two low touch customers who are long-standing."""

    def run(touches: list[dict]) -> dict[str, dict]:
        facts = customers(a=2_000_000, b=2_000_000)
        decision = decide_tiers(facts, shipped, None, None, day).decision
        assert decision.settled.tier.tolist() == [1, 1]
        empty = {name: [] for name in touch(0, "", day)}
        table = (
            pa.Table.from_pylist(touches)
            if touches
            else pa.table({k: pa.array(v, pa.string()) for k, v in empty.items()})
        )
        return {row["action"]: row for row in action_plan(decision, table).to_pylist()}

    return run


def test_plan_of_a_quarter_follows_the_catalogue(planned, day):
    # Two customers, two calls of half an hour a year: 2 x 2 x 91 / 365.25 calls.
    row = planned([touch(1, "phone_call", day)])["phone_call"]
    assert row["planned_touches"] == pytest.approx(4 * 91 / 365.25)
    assert row["planned_hours"] == pytest.approx(2 * 91 / 365.25)
    assert row["done_share"] == pytest.approx(365.25 / 364)


def test_group_session_is_counted_once_and_its_cost_is_shared_by_those_who_came(planned, day):
    # One workshop of 10 hours for 3 customers, 15 of 30 seats taken; 5,200 an hour and 500 for each customer.
    session = [touch(k, "workshop", day, "s1", 600.0, 15, missed=k == 3) for k in (1, 2, 3)]
    row = planned(session)["workshop"]
    assert (row["done_sessions"], row["done_touches"], row["done_hours"], row["seats_filled_share"]) == (
        1,
        3,
        10.0,
        0.5,
    )
    assert row["cost"] == pytest.approx(10 * 5200 + 3 * 500)
    assert row["cost_per_attendee"] == pytest.approx((10 * 5200 + 3 * 500) / 15)
    assert row["hours_per_useful_outcome"] == pytest.approx(10 / 2)


def test_floor_is_planned_for_everybody_and_a_single_mail_has_no_seats(planned, day):
    row = planned([touch(1, "automated_mail", day)])["automated_mail"]
    assert (row["customers"], row["seats"], row["seats_filled_share"]) == (2, None, None)


def test_touches_before_the_period_or_after_the_day_do_not_count(planned, day):
    dates = (day - timedelta(days=91), day + timedelta(days=1), day)
    assert planned([touch(k, "phone_call", on) for k, on in enumerate(dates)])["phone_call"]["done_touches"] == 1


def test_without_a_feed_of_touches_nothing_is_said_to_be_undone(planned):
    row = planned([])["phone_call"]
    assert (row["done_touches"], row["done_share"]) == (None, None)
    assert row["planned_touches"] > 0


def test_action_that_is_only_called_for_has_no_plan(planned, day):
    assert planned([touch(1, "check_in", day)])["check_in"]["planned_touches"] is None
