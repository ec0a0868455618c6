"""The value of a day reads only what had happened by then."""

import datetime as dt

import pyarrow as pa
import pytest

from naruki.value.asof import known_panel, last_ended_month, purchases_by, scoring_rows
from naruki.value.tables import month_index

FIELDS = {
    "customer_id": pa.string(),
    "as_of_month": pa.date32(),
    "segment": pa.string(),
    "tenure_months": pa.int64(),
    "monthly_margin": pa.float64(),
    "months_to_term_end": pa.int64(),
    "term_months": pa.float64(),
    "stop_month": pa.date32(),
    "loss_month": pa.date32(),
    "seat_growth_12m": pa.float64(),
}


def month(text):
    return dt.date.fromisoformat(text + "-01")


def panel(*rows):
    """Rows of (customer, month, first month without payment, the same without pauses)."""
    columns = {name: [] for name in FIELDS}
    for customer, at, stop, loss in rows:
        values = (customer, month(at), "pro/month", 5, 100.0, 1, 1.0, stop and month(stop), loss and month(loss), 0.5)
        for name, value in zip(FIELDS, values, strict=True):
            columns[name].append(value)
    return pa.table(columns, schema=pa.schema(list(FIELDS.items())))


def observed(table):
    names = ("customer_id", "as_of_month", "months_observed", "is_lost")
    return [tuple(row[name] for name in names) for row in table.select(names).to_pylist()]


STAYS = [("stays", f"2025-{number:02d}", None, None) for number in range(1, 13)]


def test_a_month_counts_from_the_day_on_which_it_has_ended():
    assert last_ended_month(dt.date(2025, 10, 31)) == 2025 * 12 + 9
    assert last_ended_month(dt.date(2025, 10, 30)) == 2025 * 12 + 8
    assert last_ended_month(dt.date(2026, 1, 5)) == 2025 * 12 + 11


def test_a_loss_is_known_from_the_end_of_its_month_on():
    rows = panel(*STAYS, ("left", "2025-03", "2025-06", "2025-06"))
    assert ("left", month("2025-03"), 3, True) in observed(known_panel(rows, dt.date(2025, 6, 30)))
    assert ("left", month("2025-03"), 2, False) in observed(known_panel(rows, dt.date(2025, 6, 29)))


def test_a_pause_ends_the_watching_without_a_loss():
    rows = panel(*STAYS, ("pauses", "2025-03", "2025-06", "2025-11"))
    assert ("pauses", month("2025-03"), 3, False) in observed(known_panel(rows, dt.date(2025, 12, 31)))


def test_what_happens_later_changes_nothing():
    early = panel(*STAYS[:8], ("left", "2025-03", None, None))
    late = panel(*STAYS, ("left", "2025-03", "2025-11", "2025-11"))
    day = dt.date(2025, 8, 31)
    assert known_panel(late, day).equals(known_panel(early, day))


def test_growth_over_a_year_is_known_a_year_later():
    known = known_panel(panel(("stays", "2024-06", None, None), *STAYS), dt.date(2025, 6, 30))
    growth = dict(zip(known["as_of_month"].to_pylist(), known["seat_growth_12m"].to_pylist(), strict=True))
    assert growth[month("2024-06")] == 0.5
    assert growth[month("2025-01")] is None


def test_scored_are_those_who_paid_at_the_end_of_the_newest_month():
    known = known_panel(panel(*STAYS, ("left", "2025-11", "2025-12", "2025-12")), dt.date(2026, 1, 20))
    assert scoring_rows(known, dt.date(2026, 1, 20))["customer_id"].to_pylist() == ["stays"]


PURCHASES = pa.table(
    {
        "customer_id": ["again", "again", "again", "once", "signed"],
        "purchased_on": pa.array(
            [dt.date(2025, 1, 1), dt.date(2025, 3, 1), dt.date(2025, 5, 1), dt.date(2025, 2, 1), dt.date(2025, 1, 1)]
        ),
        "amount": [50.0, 100.0, 300.0, 70.0, 10.0],
        "first_contract_on": pa.array([None, None, None, None, dt.date(2025, 4, 1)], pa.date32()),
    }
)


def test_purchases_are_counted_up_to_the_day_after_the_first():
    found = purchases_by(PURCHASES, dt.date(2025, 4, 1)).to_pylist()
    again = found[0]
    assert (again["customer_id"], again["purchases"], again["mean_purchase"]) == ("again", 1.0, 100.0)
    assert again["recency_months"] == pytest.approx(59 / 30.4375)
    assert again["age_months"] == pytest.approx(90 / 30.4375)
    once = found[1]
    assert (once["purchases"], once["recency_months"], once["mean_purchase"]) == (0.0, 0.0, None)


def test_who_has_a_contract_by_then_is_no_buyer_without_one():
    assert "signed" in purchases_by(PURCHASES, dt.date(2025, 3, 31))["customer_id"].to_pylist()
    assert "signed" not in purchases_by(PURCHASES, dt.date(2025, 4, 1))["customer_id"].to_pylist()


def test_buyers_stand_beside_contracts_with_what_is_known_of_them():
    day = dt.date(2025, 12, 31)
    rows = scoring_rows(known_panel(panel(*STAYS), day), day, purchases_by(PURCHASES, day)).to_pylist()
    assert [(row["customer_id"], row["is_contractual"]) for row in rows] == [
        ("stays", True),
        ("again", False),
        ("once", False),
    ]
    assert rows[1]["monthly_margin"] is None


def test_month_index_counts_months():
    assert month_index(pa.array([month("2025-10")])).tolist() == [2025 * 12 + 9]
