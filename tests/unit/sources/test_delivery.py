"""Deliveries that are no errors and yet not what is usual: too few rows, a feed that stopped, a day without events."""

from __future__ import annotations

from datetime import date, timedelta

from naruki.sources.contract import load_contract
from naruki.sources.delivery import DeliveryPolicy, delivery_findings, read_delivery_policy
from tests.unit.sources.conftest import NOON, Deployment

HEADER = "event_id,customer_id,event_name,occurred_at\n"
TODAY = NOON.date()  # 2025-06-01


def events(name: str, days: list[date], each: int = 1) -> str:
    return HEADER + "".join(f"{name}-{day}-{i},C-1,login,{day}\n" for day in days for i in range(each))


def findings(deployment: Deployment, as_of: date = TODAY, **policy: float) -> list[tuple[str, str, str]]:
    found = delivery_findings(deployment.home, load_contract(), as_of=as_of, policy=DeliveryPolicy(**policy))
    return [(one.table_name, one.check, one.level) for one in found if one.table_name == "usage_events"]


def deliver(deployment: Deployment, *contents: str) -> None:
    for number, content in enumerate(contents):
        deployment.put(f"usage_events_{deployment.runs}_{number}.csv", content)
        deployment.land()


def test_a_delivery_without_rows_where_hundreds_are_usual_is_an_error(deployment: Deployment) -> None:
    deliver(deployment, *(events(name, [TODAY], 300) for name in "abc"), HEADER)
    assert findings(deployment) == [("usage_events", "volume", "error")]


def test_an_empty_file_where_rows_are_usual_is_an_error(deployment: Deployment) -> None:
    deliver(deployment, *(events(name, [TODAY], 10) for name in "abc"), "")
    assert findings(deployment) == [("usage_events", "volume", "error")]


def test_less_than_half_the_usual_rows_is_a_warning_and_half_is_none(deployment: Deployment) -> None:
    deliver(deployment, *(events(name, [TODAY], 10) for name in "abc"), events("d", [TODAY], 5))
    assert findings(deployment) == []
    deliver(deployment, events("e", [TODAY], 4))
    assert findings(deployment) == [("usage_events", "volume", "warning")]


def test_of_too_few_deliveries_nothing_is_said(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY], 10), events("b", [TODAY], 10), HEADER)
    assert findings(deployment) == []


def test_the_same_files_again_are_no_delivery_of_no_rows(deployment: Deployment) -> None:
    deliver(deployment, *(events(name, [TODAY], 10) for name in "abc"))
    deployment.land()
    assert findings(deployment) == []


def test_a_feed_whose_newest_event_is_too_old_is_stale(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in range(3, 9)]))
    assert findings(deployment) == []
    assert findings(deployment, as_of=TODAY + timedelta(days=1)) == [("usage_events", "freshness", "warning")]


def test_a_day_without_events_is_found_and_quiet_weekends_are_not(deployment: Deployment) -> None:
    month = [TODAY - timedelta(days=ago) for ago in range(28)]
    weekdays = [day for day in month if day.weekday() < 5]
    deliver(deployment, events("a", [day for day in weekdays if day != date(2025, 5, 14)], 12))
    found = delivery_findings(deployment.home, load_contract(), as_of=TODAY)
    assert [(one.check, one.message) for one in found if one.table_name == "usage_events"] == [
        ("missing_day", "usage_events: no event on 2025-05-14, where 12 to 12 are usual on that weekday.")
    ]


def test_of_a_trickle_no_day_is_missed(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in range(28) if ago != 9], 2))
    assert findings(deployment) == []


def test_a_feed_of_too_few_days_has_no_rhythm_yet(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in (0, 1, 2)]))
    assert findings(deployment, as_of=TODAY + timedelta(days=300)) == []


def test_a_feed_that_speaks_every_other_month_is_compared_to_its_own_rhythm(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in (0, 60, 120, 180)]))
    assert findings(deployment, as_of=TODAY + timedelta(days=120)) == []
    assert findings(deployment, as_of=TODAY + timedelta(days=121)) == [("usage_events", "freshness", "warning")]


def test_a_silence_of_long_ago_is_no_rhythm_of_today(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in (*range(21), 300)]))
    assert findings(deployment, as_of=TODAY + timedelta(days=3)) == []
    assert findings(deployment, as_of=TODAY + timedelta(days=4)) == [("usage_events", "freshness", "warning")]


def test_a_feed_that_speaks_every_ten_days_is_not_stale_after_twenty(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in (0, 10, 20, 30)]))
    assert findings(deployment, as_of=TODAY + timedelta(days=20)) == []
    assert findings(deployment, as_of=TODAY + timedelta(days=21)) == [("usage_events", "freshness", "warning")]


def test_what_was_delivered_after_the_day_is_not_looked_at(deployment: Deployment) -> None:
    deliver(deployment, *(events(name, [TODAY], 10) for name in "abc"), HEADER)
    assert findings(deployment, as_of=TODAY - timedelta(days=1)) == []


def test_a_feed_is_as_old_as_it_is_behind_the_others(deployment: Deployment) -> None:
    deliver(deployment, events("a", [TODAY - timedelta(days=ago) for ago in range(5)]))
    late = TODAY + timedelta(days=30)
    found = delivery_findings(deployment.home, load_contract(), as_of=late, fresh_on=TODAY)
    assert [one.check for one in found if one.table_name == "usage_events"] == []


def test_every_value_of_the_policy_is_a_row_of_the_settings() -> None:
    assert read_delivery_policy() == DeliveryPolicy()
