"""A company that connected its customers and nothing else: support is unknown, never 0."""

import pytest

from tests.models.support_company import MARTS
from tests.models.warehouse import build_warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    rows = {"customers": [{"customer_id": "c1", "signed_up_at": "2025-01-01 00:00"}]}
    models = [f"+{mart}" for mart in MARTS]
    return build_warehouse(tmp_path_factory.mktemp("no_feed"), rows, *models, as_of="2026-06-30")


def test_effort_without_a_feed_is_unknown_and_says_so(warehouse):
    row = warehouse.execute(
        "select no_feed, effort_source, demand_hours, proactive_hours, contacts, contact_rate, cost, demand_level"
        " from mart_support_effort"
    ).fetchall()
    assert row == [(True, "no_feed", None, None, None, None, None, None)]


def test_staffing_without_shifts_and_contacts_is_unknown(warehouse):
    known = "count(contacts), count(staffed_agent_hours), count(is_unstaffed), count(*)"
    assert warehouse.execute(f"select {known} from mart_staffing_hours").fetchall() == [(0, 0, 0, 168)]


def test_nothing_is_counted_that_never_landed(warehouse):
    for mart in ("contact_reasons", "contact_center", "mart_support_quality", "mart_self_service"):
        assert warehouse.execute(f"select count(*) from {mart}").fetchone() == (0,), mart
