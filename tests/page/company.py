"""A small invented company as published tables: enough of every column that the page reads, and names that bite."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from naruki.home import Home
from naruki.project import SEEDS
from naruki.publishing.page import build_page
from naruki.publishing.publication import Contents, publish
from naruki.tiering import schemas

DAY = date(2026, 10, 31)
CUSTOMERS = 120
HOSTILE = (
    "<script>window.broken = 1</script>",
    "\"' onmouseover=\"window.broken = 1\" '><img src=x onerror=\"window.broken = 1\">",
    "</script><svg onload=window.broken=1>",
    "\u202eشركة مثال\u202c",
    "長い名前株式会社" * 38,
    '=HYPERLINK("http://example.invalid","x")',
    "＝1+1",
    "+441234\r\n-2",
    "{first_name:name} [[bold]] {0}",
    "`${window.broken = 1}` \u2028 \\u003c",
)
QUADRANTS = ("money_tree", "wisdom_tree", "money_seedling", "testing_ground")
SILENCE = ("not_silent", "not_silent", "not_silent", "healthy_silent", "fading_silent", "unknown")
Rows = list[dict[str, Any]]


def name_of(number: int) -> str:
    return HOSTILE[number] if number < len(HOSTILE) else f"Invented Works {number:03d}"


def customer(number: int) -> dict[str, Any]:
    """What is true of a customer, whichever table tells it."""
    silence = SILENCE[number % 6]
    return {
        "as_of_date": DAY,
        "customer_id": f"C{number:04d}",
        "customer_name": name_of(number),
        "name": name_of(number),
        "quadrant": QUADRANTS[number % 4],
        "tier": ("high", "low", "tech")[min(number // 10, 2)],
        "owner_name": ("Aoi", "Ren", None)[number % 3],
        "industry": "retail",
        "plan": "pro",
        "signed_up_at": datetime(2024, 1, 1),
        "purpose_of_use": "Answer within a day" if number == 1 else None,
        "mrr": 1000.0 * (CUSTOMERS - number),
        "interval_group": "year" if number % 2 else "month",
        "term_end_on": DAY + timedelta(days=number),
        "notice_at": datetime(2026, 10, 1) if number == 3 else None,
        "renewal_p": 0.9,
        "renewal_p_low": 0.8,
        "renewal_p_high": 0.95,
        "prior_only": number % 5 == 0,
        "is_paying": True,
        "ltv_p10": 10_000.0,
        "ltv_p90": 90_000.0,
        "cost_to_serve": 5_000.0,
        "demand_hours": 0.5 + number / 10,
        "vendor_fault_hours": 0.25,
        "silence": silence,
        "is_silent": silence != "not_silent",
        "days_since_contact": 20 + number,
        "days_since_survey": None,
        "usage_z": -1.0,
    }


def table(rows: Rows, *columns: str) -> pa.Table:
    return pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])


def marts(everyone: Rows) -> dict[str, pa.Table]:
    """The marts and facts that the page reads, as the warehouse would hold them."""
    months = [date(2025, month, 1) for month in range(11, 13)] + [date(2026, month, 1) for month in range(1, 11)]
    retention = [
        {
            "as_of_date": DAY, "month_start_date": month, "horizon_months": 12, "grr": 0.9 - number / 200, "nrr": 1.0 + number / 100,
            "customers_opening": 100, "customers_lost": 12, "customers_closing": CUSTOMERS, "revenue_lost": 50_000.0,
            "revenue_expanded": 80_000.0, "lost_explained_share": 0.75, "revenue_lost_explained": 40_000.0,
            "revenue_lost_controllable": 30_000.0,
        }
        for number, month in enumerate(months)
    ]  # fmt: skip
    return {
        "dim_customer": table(everyone, "customer_id", "customer_name", "owner_name", "industry", "plan", "signed_up_at", "purpose_of_use"),
        "mart_customer_value": table(
            everyone, "as_of_date", "customer_id", "mrr", "interval_group", "term_end_on", "notice_at", "renewal_p", "renewal_p_low",
            "renewal_p_high", "prior_only", "is_paying", "ltv_p10", "ltv_p90", "cost_to_serve",
        ),
        "mart_support_effort": table(everyone, "as_of_date", "customer_id", "demand_hours", "vendor_fault_hours"),
        "mart_customer_voice": table(
            everyone, "as_of_date", "customer_id", "silence", "is_silent", "days_since_contact", "days_since_survey", "usage_z", "is_paying"
        ).set_column(5, "days_since_survey", pa.nulls(CUSTOMERS, pa.int64())),
        "mart_revenue_retention": pa.Table.from_pylist(retention),
        "mart_deflection": pa.Table.from_pylist(
            [{"as_of_date": DAY, "month_start_date": date(2026, 9, 1), "deflected_hours_low": 12.0, "deflected_hours_high": 40.0}]
        ),
        **events(everyone),
    }  # fmt: skip


def events(everyone: Rows) -> dict[str, pa.Table]:
    """Tickets, contacts, touches, answers, payments, notices, texts and the reasons of contacts."""
    ids = [row["customer_id"] for row in everyone]
    reasons = (("how_to", 60, 20.0, True), ("login", 30, 30.0, True), ("bug", 25, 70.0, False), ("unclassified", 5, 1.0, None))
    left = [("price", number) for number in range(6)] + [("business_closed", 6 + number) for number in range(4)]
    voices = [
        {"document_id": f"support:{number}", "customer_id": ids[number % 40], "source": "support", "signal": signal, "value": value,
         "polarity": None, "is_chosen": True, "occurred_at": datetime(2026, 9, 1)}
        for number in range(40)
        for signal, value in (("contact_reason", "bug" if number < 25 else "login"), ("voc_type", "complaint" if number < 30 else "wish"))
    ]  # fmt: skip
    return {
        "contact_reasons": pa.Table.from_pylist(
            [
                {"as_of_date": DAY, "week_start_date": date(2026, 10, 19), "reason": reason, "contacts": contacts, "hours": hours,
                 "cost": hours * 3800, "is_unclassified": reason == "unclassified", "article_exists": article,
                 "searches_without_result": 2, "push_list_size": 7 if article else None}
                for reason, contacts, hours, article in reasons
            ]
        ),
        "fct_ticket": pa.Table.from_pylist(
            [{"is_counted": True, "is_long_wait": number % 7 == 0, "first_resolved_at": datetime(2026, 10, 30) - timedelta(days=number)}
             for number in range(300)]
        ),
        "fct_interaction": pa.Table.from_pylist(
            [{"customer_id": ids[0], "occurred_on": DAY - timedelta(days=number), "channel": "mail", "reason": "how_to", "is_contact": True}
             for number in range(30)]
        ),
        "fct_touch": pa.Table.from_pylist([{"customer_id": ids[1], "action_id": "visit", "touch_kind": "visit", "outcome": "done", "occurred_date": DAY}]),
        "fct_survey_response": pa.Table.from_pylist(
            [{"customer_id": ids[1], "survey_kind": "csat", "is_good": False, "is_bad": True, "is_answered": True, "answered_at": datetime(2026, 10, 2)}]
        ),
        "fct_mrr_movement": pa.Table.from_pylist(
            [{"customer_id": ids[1], "month_end_date": date(2026, 9, 30), "kind": "expansion", "amount_minor": 5000, "currency": "JPY", "is_complete": True}]
        ),
        "fct_churn_event": pa.Table.from_pylist(
            [{"customer_id": f"L{number:03d}", "reason": reason, "is_controllable": reason == "price", "mrr_lost_minor": 1000 * (number + 1),
              "currency": "JPY", "is_pause": False, "notice_at": datetime(2026, 5, 1), "ended_at": datetime(2026, 5, 20), "supported_90d": number % 2 == 0}
             for reason, number in left]
        ),
        "fct_voc_signal": pa.Table.from_pylist(voices),
        "feed_match_rate": pa.Table.from_pylist(
            [{"feed": "tickets", "has_rows": True, "days_behind_newest": 0.5}, {"feed": "social_mentions", "has_rows": False, "days_behind_newest": None}]
        ),
    }  # fmt: skip


def decisions(everyone: Rows) -> dict[str, pa.Table]:
    """The tables that Python decides, by their real schemas; what is not set is unknown."""
    segments = [
        row | {"axis_1_value": row["mrr"] * 12, "axis_2_value": row["demand_hours"], "axis_1_cut": 700_000.0, "axis_2_cut": 5.0,
               "purpose_en": "Protect", "purpose_ja": "守る", "p_quadrant": 0.9, "near_boundary": number % 9 == 0,
               "hidden_dissatisfaction": number % 16 == 0, "priority_rank": number + 1, "revenue_rank": number + 1}
        for number, row in enumerate(everyone)
    ]  # fmt: skip
    actions = [
        row | {"rank": number + 1, "action_key": f"a{number}", "action": "check_in", "action_label_en": "Check-in", "action_label_ja": "様子うかがい",
               "reason_en": "A silent customer", "reason_ja": "沈黙している顧客", "pool": "csm", "hours": 0.5, "pool_hours": 45.0,
               "below_line": number >= 90, "value_at_stake_low": 100.0, "value_at_stake_high": 90_000.0 - number, "due_on": DAY + timedelta(days=7),
               "is_overdue": number == 2, "owner": row["owner_name"], "status": "open"}
        for number, row in enumerate(everyone)
    ]  # fmt: skip
    reasons = [
        row | {"rule_order": 1, "rule": "value_of_service", "is_decisive": True, "reason_en": "Its value is high", "reason_ja": "価値が高い",
               "change_en": "A lower value", "change_ja": "価値が下がる"}
        for row in everyone
    ]  # fmt: skip
    moves = [
        everyone[number] | {"from_tier": "low", "to_tier": "high" if number < 3 else "tech", "direction": "up" if number < 3 else "down",
                            "cause": "customer", "p_tier": 0.9, "value_gain": 100.0}
        for number in range(4)
    ]  # fmt: skip
    capacity = [
        {"as_of_date": DAY, "week_start_date": DAY + timedelta(days=1 + 7 * week), "pool": pool, "label_en": english, "label_ja": japanese,
         "plannable_hours": 100.0, "demand_hours": need, "load": need / 100, "unserved_hours": max(need - 100, 0), "hour_price": price}
        for week in range(13)
        for pool, english, japanese, need, price in (
            ("csm", "Customer success managers", "カスタマーサクセス担当", 112.5, 4321.0), ("support", "Support desk", "サポート窓口", 80.0, 0.0))
    ]  # fmt: skip
    policies = [
        {"as_of_date": DAY, "policy": code, "label_en": code, "label_ja": code, "customers": CUSTOMERS, "customers_by_tier": '{"high":1,"low":2,"tech":117}',
         "hours_per_week": 10.0, "hours_short": 0.0, "is_feasible": code != "all_high", "value_p10": 1e6, "value_p50": 2e6, "value_p90": 3e6}
        for code in ("all_high", "all_tech", "ltv_only", "current", "optimal")
    ]  # fmt: skip
    whatif = [
        {"as_of_date": DAY, "scenario": "csm=+10", "item": item, "unit": "x", "before": 0.0, "after": change, "difference": change}
        for item, change in (("value_p10", 10_000.0), ("value_p50", 20_000.0), ("value_p90", 30_000.0), ("customers_high", 3.0), ("customers_low", -3.0))
    ]
    modes = [
        {"as_of_date": DAY, "mode": 1, "code": "over_serving", "label_en": "Over-serving", "label_ja": "過剰対応", "meaning_en": "Cost rises",
         "meaning_ja": "費用が上がる", "status": "alarm", "cause_metric": "cost_share_of_margin", "cause_before": 0.1, "cause_now": 0.2,
         "effect_metric": "churn_rate", "effect_before": 0.01, "effect_now": 0.02}
    ]  # fmt: skip
    checks = [{"as_of_date": DAY, "table_name": "fct_ticket", "check_name": "unique", "status": "failed", "evidence": None, "n": 1}]
    rows = {
        "customer_segments": (segments, schemas.SEGMENTS),
        "customer_tiers": (everyone, schemas.TIERS),
        "tier_reasons": (reasons, schemas.REASONS),
        "tier_moves": (moves, schemas.MOVES),
        "tier_capacity": (capacity, schemas.CAPACITY),
        "tier_policy_comparison": (policies, schemas.COMPARISON),
        "whatif": (whatif, schemas.WHAT_IF),
        "action_queue": (actions, schemas.ACTIONS),
        "failure_modes": (modes, schemas.FAILURE_MODES),
    }
    tables = {name: pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in found], schema=schema) for name, (found, schema) in rows.items()}
    # A tier of an earlier day, so that this is not the first decision.
    earlier = tables["customer_tiers"].set_column(0, "as_of_date", pa.array([DAY - timedelta(days=7)] * CUSTOMERS, pa.date32()))
    tables["customer_tiers"] = pa.concat_tables([tables["customer_tiers"], earlier])
    return tables | {"data_quality": pa.Table.from_pylist(checks)}


def told(rows: pa.Table) -> pa.Table:
    """A column that is unknown for everybody still has a type."""
    return rows.cast(pa.schema([field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in rows.schema]))


def publish_company(root: Path, leave_out: frozenset[str] = frozenset()) -> Home:
    """A home whose current publication holds the company, page included; tables of `leave_out` are not published."""
    home = Home(root)
    home.prepare()
    everyone = [customer(number) for number in range(CUSTOMERS)]
    tables = {name: rows for name, rows in (marts(everyone) | decisions(everyone)).items() if name not in leave_out}
    seeds = sorted(file.stem for file in SEEDS.glob("cfg_*.csv"))
    with duckdb.connect(str(home.warehouse)) as connection:
        for name in seeds:
            connection.execute(f"create table {name} as select * from read_csv('{SEEDS / name}.csv', header = true)")
        for name, rows in tables.items():
            connection.register("rows_of_table", told(rows))
            connection.execute(f"create table {name} as select * from rows_of_table")
            connection.unregister("rows_of_table")
    facts = {"run_id": "r", "version": "20261101T000000Z-test", "code_version": "1", "policy_version": "p"}
    publish(home, facts["version"], DAY, Contents(list(tables), seeds), facts, lambda c, folder, manifest: build_page(c, folder / "page", manifest) and None)
    return home
