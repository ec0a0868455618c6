"""Marts and facts of the invented company: enough of every column that the page reads."""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

DAY = date(2026, 10, 31)
CUSTOMERS = 120
Rows = list[dict[str, Any]]


def table(rows: Rows, *columns: str) -> pa.Table:
    return pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])


def marts(everyone: Rows) -> dict[str, pa.Table]:
    """The marts and facts that the page reads, as the warehouse would hold them."""
    months = [date(2025, month, 1) for month in range(11, 13)] + [date(2026, month, 1) for month in range(1, 11)]
    retention = [
        {
            "as_of_date": DAY,
            "month_start_date": month,
            "horizon_months": 12,
            "grr": 0.9 - number / 200,
            "nrr": 1.0 + number / 100,
            "customers_opening": 100,
            "customers_lost": 12,
            "customers_closing": CUSTOMERS,
            "revenue_lost": 50_000.0,
            "revenue_expanded": 80_000.0,
            "lost_explained_share": 0.75,
            "revenue_lost_explained": 40_000.0,
            "revenue_lost_controllable": 30_000.0,
        }
        for number, month in enumerate(months)
    ]
    return {
        "dim_customer": table(
            everyone, "customer_id", "customer_name", "owner_name", "industry", "plan", "signed_up_at", "purpose_of_use"
        ),
        "mart_customer_value": table(
            everyone,
            "as_of_date",
            "customer_id",
            "mrr",
            "interval_group",
            "term_end_on",
            "notice_at",
            "renewal_p",
            "renewal_p_low",
            "renewal_p_high",
            "prior_only",
            "is_paying",
            "ltv_p10",
            "ltv_p90",
            "cost_to_serve",
        ),
        "mart_support_effort": table(everyone, "as_of_date", "customer_id", "demand_hours", "vendor_fault_hours"),
        "mart_customer_voice": table(
            everyone,
            "as_of_date",
            "customer_id",
            "silence",
            "is_silent",
            "days_since_contact",
            "days_since_survey",
            "usage_z",
            "is_paying",
        ).set_column(5, "days_since_survey", pa.nulls(CUSTOMERS, pa.int64())),
        "mart_revenue_retention": pa.Table.from_pylist(retention),
        "mart_deflection": pa.Table.from_pylist(
            [
                {
                    "as_of_date": DAY,
                    "month_start_date": date(2026, 9, 1),
                    "deflected_hours_low": 12.0,
                    "deflected_hours_high": 40.0,
                }
            ]
        ),
        **comparisons(everyone),
        **events(everyone),
    }


def events(everyone: Rows) -> dict[str, pa.Table]:
    """Tickets, contacts, touches, answers, payments, notices, texts and the reasons of contacts."""
    ids = [row["customer_id"] for row in everyone]
    reasons = (
        ("how_to", 60, 20.0, True),
        ("login", 30, 30.0, True),
        ("bug", 25, 70.0, False),
        ("unclassified", 5, 1.0, None),
    )
    left = [("price", number) for number in range(6)] + [("business_closed", 6 + number) for number in range(4)]
    voices = [
        {
            "document_id": f"support:{number}",
            "customer_id": ids[number % 40],
            "source": "support",
            "signal": signal,
            "value": value,
            "polarity": None,
            "is_chosen": True,
            "occurred_at": datetime(2026, 9, 1),
        }
        for number in range(40)
        for signal, value in (
            ("contact_reason", "bug" if number < 25 else "login"),
            ("voc_type", "complaint" if number < 30 else "wish"),
        )
    ]
    return {
        "contact_reasons": pa.Table.from_pylist(
            [
                {
                    "as_of_date": DAY,
                    "week_start_date": date(2026, 10, 19),
                    "reason": reason,
                    "contacts": contacts,
                    "hours": hours,
                    "cost": hours * 3800,
                    "is_unclassified": reason == "unclassified",
                    "article_exists": article,
                    "searches_without_result": 2,
                    "push_list_size": 7 if article else None,
                }
                for reason, contacts, hours, article in reasons
            ]
        ),
        "fct_ticket": pa.Table.from_pylist(
            [
                {
                    "is_counted": True,
                    "is_long_wait": number % 7 == 0,
                    "first_resolved_at": datetime(2026, 10, 30) - timedelta(days=number),
                }
                for number in range(300)
            ]
        ),
        "fct_interaction": pa.Table.from_pylist(
            [
                {
                    "customer_id": ids[0],
                    "occurred_on": DAY - timedelta(days=number),
                    "channel": "mail",
                    "reason": "how_to",
                    "is_contact": True,
                }
                for number in range(30)
            ]
        ),
        "fct_touch": pa.Table.from_pylist(
            [
                {
                    "customer_id": ids[1],
                    "action_id": "visit",
                    "touch_kind": "visit",
                    "outcome": "done",
                    "occurred_date": DAY,
                }
            ]
        ),
        "fct_survey_response": pa.Table.from_pylist(
            [
                {
                    "customer_id": ids[1],
                    "survey_kind": "csat",
                    "is_good": False,
                    "is_bad": True,
                    "is_answered": True,
                    "answered_at": datetime(2026, 10, 2),
                }
            ]
        ),
        "fct_mrr_movement": pa.Table.from_pylist(
            [
                {
                    "customer_id": ids[1],
                    "month_end_date": date(2026, 9, 30),
                    "kind": "expansion",
                    "amount_minor": 5000,
                    "currency": "JPY",
                    "is_complete": True,
                }
            ]
        ),
        "fct_churn_event": pa.Table.from_pylist(
            [
                {
                    "customer_id": f"L{number:03d}",
                    "reason": reason,
                    "is_controllable": reason == "price",
                    "mrr_lost_minor": 1000 * (number + 1),
                    "currency": "JPY",
                    "is_pause": False,
                    "notice_at": datetime(2026, 5, 1),
                    "ended_at": datetime(2026, 5, 20),
                    "supported_90d": number % 2 == 0,
                }
                for reason, number in left
            ]
        ),
        "fct_voc_signal": pa.Table.from_pylist(voices),
        "feed_match_rate": pa.Table.from_pylist(
            [
                {"feed": "tickets", "has_rows": True, "days_behind_newest": 0.5},
                {"feed": "social_mentions", "has_rows": False, "days_behind_newest": None},
            ]
        ),
    }


def comparisons(everyone: Rows) -> dict[str, pa.Table]:
    """What is told as an association: people's rating beside the model, who is heard, who waited, who had support."""
    rated = [
        {"as_of_date": DAY, "customer_id": row["customer_id"], "human_rating": 4, "human_p": 0.8, "rater": "Aoi"}
        for row in everyone
    ]
    heard = {
        "paying_customers": CUSTOMERS,
        "heard_customers": 60,
        "voc_coverage": 0.5,
        "heard_then": 60,
        "heard_churn_rate": 0.1,
    }
    waits = {"customers": 40, "churned": 4, "churn_rate": 0.1}
    adjusted = {"measure": "adjusted_difference", "detail": None, "value": -0.01, "low": -0.03, "high": 0.02, "n": 90}
    return {
        "renewal_likelihood": pa.Table.from_pylist(rated[:30]),
        "mart_voice_coverage": pa.Table.from_pylist(
            [{"as_of_date": DAY, "source": "any", "silent_then": 4, "silent_churn_rate": 0.5} | heard]
        ),
        "mart_churn_by_wait": pa.Table.from_pylist(
            [{"as_of_date": DAY, "wait_band": band} | waits for band in ("long", "short")]
        ),
        "supported_association": pa.Table.from_pylist([{"as_of_date": DAY} | adjusted]),
    }
