"""Decision tables of the invented company, by their real schemas."""

from datetime import timedelta

import pyarrow as pa

from naruki.tiering import schemas
from tests.page.marts import CUSTOMERS, DAY, Rows


def decisions(everyone: Rows) -> dict[str, pa.Table]:
    """The tables that Python decides, by their real schemas; what is not set is unknown."""
    segments = [
        row
        | {
            "axis_1_value": row["mrr"] * 12,
            "axis_2_value": row["demand_hours"],
            "axis_1_cut": 700_000.0,
            "axis_2_cut": 5.0,
            "purpose_en": "Protect",
            "purpose_ja": "守る",
            "p_quadrant": 0.9,
            "near_boundary": number % 9 == 0,
            "hidden_dissatisfaction": number % 16 == 0,
            "priority_rank": number + 1,
            "revenue_rank": number + 1,
        }
        for number, row in enumerate(everyone)
    ]
    actions = [
        row
        | {
            "rank": number + 1,
            "action_key": f"a{number}",
            "action": "check_in",
            "action_label_en": "Check-in",
            "action_label_ja": "様子うかがい",
            "reason_en": "A silent customer",
            "reason_ja": "沈黙している顧客",
            "pool": "csm",
            "hours": 0.5,
            "pool_hours": 45.0,
            "below_line": number >= 90,
            "value_per_hour": 1000.0 - number,
            "value_at_stake_low": 100.0,
            "value_at_stake_high": 90_000.0 - number,
            "due_on": DAY + timedelta(days=7),
            "is_overdue": number == 2,
            "owner": row["owner_name"],
            "status": "open",
        }
        for number, row in enumerate(everyone)
    ]
    reasons = [
        row
        | {
            "rule_order": 1,
            "rule": "value_of_service",
            "is_decisive": True,
            "reason_en": "Its value is high",
            "reason_ja": "価値が高い",
            "change_en": "A lower value",
            "change_ja": "価値が下がる",
        }
        for row in everyone
    ]
    moves = [
        everyone[number]
        | {
            "from_tier": "low",
            "to_tier": "high" if number < 3 else "tech",
            "direction": "up" if number < 3 else "down",
            "cause": "customer",
            "reason_en": "Its own data changed.",
            "reason_ja": "自身のデータが変わった。",
            "p_tier": 0.9,
            "value_gain": 100.0,
        }
        for number in range(4)
    ]
    capacity = [
        {
            "as_of_date": DAY,
            "week_start_date": DAY + timedelta(days=1 + 7 * week),
            "pool": pool,
            "label_en": english,
            "label_ja": japanese,
            "plannable_hours": 100.0,
            "demand_hours": need,
            "load": need / 100,
            "unserved_hours": max(need - 100, 0),
            "hour_price": price,
        }
        for week in range(13)
        for pool, english, japanese, need, price in (
            ("csm", "Customer success managers", "カスタマーサクセス担当", 112.5, 4321.0),
            ("support", "Support desk", "サポート窓口", 80.0, 0.0),
        )
    ]
    policies = [
        {
            "as_of_date": DAY,
            "policy": code,
            "label_en": code,
            "label_ja": code,
            "customers": CUSTOMERS,
            "customers_by_tier": '{"high":1,"low":2,"tech":117}',
            "hours_per_week": 10.0,
            "hours_short": 0.0,
            "is_feasible": code != "all_high",
            "value_p10": 1e6,
            "value_p50": 2e6,
            "value_p90": 3e6,
        }
        for code in ("all_high", "all_tech", "ltv_only", "current", "optimal")
    ]
    whatif = [
        {
            "as_of_date": DAY,
            "scenario": "csm=+10",
            "item": item,
            "unit": "x",
            "before": 0.0,
            "after": change,
            "difference": change,
        }
        for item, change in (
            ("value_p10", 10_000.0),
            ("value_p50", 20_000.0),
            ("value_p90", 30_000.0),
            ("customers_high", 3.0),
            ("customers_low", -3.0),
        )
    ]
    modes = [
        {
            "as_of_date": DAY,
            "mode": 1,
            "code": "over_serving",
            "label_en": "Over-serving",
            "label_ja": "過剰対応",
            "meaning_en": "Cost rises",
            "meaning_ja": "費用が上がる",
            "status": "alarm",
            "cause_metric": "cost_share_of_margin",
            "cause_before": 0.1,
            "cause_now": 0.2,
            "effect_metric": "churn_rate",
            "effect_before": 0.01,
            "effect_now": 0.02,
        }
    ]
    checks = [
        {
            "as_of_date": DAY,
            "table_name": "fct_ticket",
            "check_name": "unique",
            "status": "failed",
            "evidence": None,
            "n": 1,
        }
    ]
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
    tables = {
        name: pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in found], schema=schema)
        for name, (found, schema) in rows.items()
    }
    # A tier of an earlier day, so that this is not the first decision.
    earlier = tables["customer_tiers"].set_column(
        0, "as_of_date", pa.array([DAY - timedelta(days=7)] * CUSTOMERS, pa.date32())
    )
    tables["customer_tiers"] = pa.concat_tables([tables["customer_tiers"], earlier])
    return tables | {"data_quality": pa.Table.from_pylist(checks)}
