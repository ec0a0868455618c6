"""A home as it was known: what landed later, or was decided later, is not in it."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.known import home_known_at, instant
from tests.unit.sources.conftest import NOON, Deployment


@pytest.fixture
def home(deployment: Deployment) -> Home:
    deployment.put("tickets.csv", "ticket_id,status,created_at\nT-1,open,2025-01-05\n")
    deployment.land()
    deployment.put("tickets.csv", "ticket_id,status,created_at\nT-1,solved,2025-01-05\nT-2,open,2025-01-06\n")
    deployment.land()
    home = Home(deployment.home)
    home.prepare()
    for day in (30, 31):
        home.write_computed("customer_tiers", date(2025, 5, day), pa.table({"tier": ["high"]}))
        file = home.computed / "customer_tiers" / f"as_of_date=2025-05-{day}" / "customer_tiers.parquet"
        written = (datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=day - 30)).timestamp()
        os.utime(file, (written, written))
    return home


def test_only_what_had_landed_by_then_is_in_it(deployment: Deployment, home: Home) -> None:
    there = Deployment(deployment.folder, home_known_at(home, NOON + timedelta(minutes=5)).root)
    assert [(row["ticket_id"], row["status"]) for row in there.landed("tickets")] == [("T-1", "open")]
    assert {row.loaded_at for row in there.manifest()} == {NOON}
    assert len(deployment.landed("tickets")) == 3


def test_it_builds_on_the_decisions_of_that_time_only(home: Home) -> None:
    there = home_known_at(home, NOON + timedelta(minutes=5))
    assert [folder.name for folder in (there.computed / "customer_tiers").iterdir()] == ["as_of_date=2025-05-30"]
    before = home_known_at(home, datetime(2025, 6, 3), as_of=date(2025, 5, 31))
    assert [folder.name for folder in (before.computed / "customer_tiers").iterdir()] == ["as_of_date=2025-05-30"]


def test_before_anything_landed_there_is_nothing_to_know(home: Home) -> None:
    with pytest.raises(NarukiError, match="Nothing had landed"):
        home_known_at(home, NOON - timedelta(days=1))


def test_an_instant_may_have_a_zone(home: Home) -> None:
    there = home_known_at(home, instant("2025-06-01T21:30+09:00"))
    assert there.root.name == "20250601T123000"
    assert there.is_known
    with pytest.raises(NarukiError, match="write it as"):
        instant("yesterday")
