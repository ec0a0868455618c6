import json
from datetime import date

import pyarrow as pa
import pytest

from naruki.tiering.failure_modes import failure_modes, tier_metrics

DAY = date(2026, 6, 30)
MONTHS = [date(2026, month, 1) for month in range(1, 7)]


def metrics(**series: list[float]) -> pa.Table:
    """metrics(churn_rate__high=[six values], …): one value a month from January to June, for 50 customers."""
    rows = [
        {
            "period_start_date": month,
            "tier": name.split("__")[1],
            "metric": name.split("__")[0],
            "value": value,
            "n": 50,
        }
        for name, values in series.items()
        for month, value in zip(MONTHS, values, strict=True)
    ]
    return pa.Table.from_pylist(rows)


def judged(shipped, table: pa.Table, day: date = DAY) -> dict[str, dict]:
    return {row["code"]: row for row in failure_modes(table, shipped, day).to_pylist()}


FLAT = [0.02] * 6


def test_over_serving_is_an_alarm_when_cost_eats_margin_and_churn_does_not_fall(shipped):
    dearer = metrics(cost_share_of_margin__high=[0.2] * 3 + [0.3] * 3, churn_rate__high=FLAT)
    row = judged(shipped, dearer)["over_serving"]
    assert row["status"] == "alarm"
    assert row["cause_change"] == pytest.approx(0.5)
    assert json.loads(row["evidence"])["cause"]["high"][-1] == ["2026-06-01", 0.3]


def test_dear_service_that_lowers_churn_is_only_a_warning(shipped):
    paid_off = metrics(cost_share_of_margin__high=[0.2] * 3 + [0.3] * 3, churn_rate__high=[0.04] * 3 + [0.01] * 3)
    assert judged(shipped, paid_off)["over_serving"]["status"] == "warning"


def test_starving_needs_more_hours_above_and_more_missed_targets_below(shipped):
    hungry = {
        "hours__high": [100.0] * 3 + [130.0] * 3,
        "missed_target_rate__low": [0.05] * 3 + [0.10] * 3,
        "missed_target_rate__tech": FLAT,
    }
    assert judged(shipped, metrics(**hungry))["starving"]["status"] == "alarm"
    fed = hungry | {"missed_target_rate__low": FLAT}
    assert judged(shipped, metrics(**fed))["starving"]["status"] == "warning"


def test_spread_thin_needs_missed_touches_and_more_churn_in_high_touch(shipped):
    thin = metrics(missed_touch_rate__high=[0.1] * 3 + [0.3] * 3, churn_rate__high=[0.01] * 3 + [0.04] * 3)
    assert judged(shipped, thin)["spread_thin"]["status"] == "alarm"


def test_outgrown_needs_load_over_one_in_every_period_and_churn_rising_in_every_tier(shipped):
    rising = [0.01] * 3 + [0.03] * 3
    churn = {f"churn_rate__{tier}": rising for tier in ("high", "low", "tech")}
    assert judged(shipped, metrics(load__all=[0.9] * 3 + [1.1, 1.2, 1.3], **churn))["outgrown"]["status"] == "alarm"
    assert judged(shipped, metrics(load__all=[0.9] * 3 + [1.1, 0.9, 1.5], **churn))["outgrown"]["status"] == "warning"
    one_calm = churn | {"churn_rate__low": FLAT}
    assert judged(shipped, metrics(load__all=[0.9] * 3 + [1.1] * 3, **one_calm))["outgrown"]["status"] == "warning"


def test_missing_feed_is_said_and_not_taken_for_calm(shipped):
    rows = judged(shipped, metrics(churn_rate__high=FLAT))
    assert {row["status"] for row in rows.values()} == {"no_feed"}
    assert rows["over_serving"]["is_cause"] is None


def test_first_decision_lacks_history_and_not_a_feed(shipped):
    # Cost and churn of everybody are known for years, those of a tier from the first decision on.
    found = judged(shipped, metrics(cost_share_of_margin__all=[0.2] * 6, churn_rate__all=FLAT))
    assert (found["over_serving"]["status"], found["starving"]["status"]) == ("too_few", "no_feed")


def test_too_few_customers_or_periods_are_no_evidence(shipped):
    table = metrics(cost_share_of_margin__high=[0.2] * 3 + [0.3] * 3, churn_rate__high=FLAT)
    few = table.set_column(table.column_names.index("n"), "n", pa.array([5] * table.num_rows))
    assert judged(shipped, few)["over_serving"]["status"] == "too_few"
    assert judged(shipped, table, date(2026, 4, 30))["over_serving"]["status"] == "too_few"


def test_metrics_by_tier_are_sums_over_sums_and_unknown_ones_are_left_out(shipped):
    months = pa.table(
        {
            "month_start_date": [MONTHS[0]] * 3,
            "customer_id": ["a", "b", "c"],
            "tier": ["high", "high", "low"],
            "cost_to_serve": [10.0, 20.0, 1.0],
            "gross_margin": [100.0, 50.0, 10.0],
            "is_churned": [True, False, None],
        }
    )
    found = {(row["metric"], row["tier"]): row for row in tier_metrics(months).to_pylist()}
    assert found["cost_share_of_margin", "high"]["value"] == pytest.approx(30 / 150)
    assert found["churn_rate", "high"]["value"] == 0.5
    assert ("churn_rate", "low") not in found
    assert ("hours", "high") not in found


def test_load_of_a_month_is_that_of_the_heaviest_pool_in_the_first_planned_week():
    capacity = pa.table(
        {
            "as_of_date": [date(2026, 1, 9)] * 4,
            "week_start_date": [date(2026, 1, 10)] * 2 + [date(2026, 1, 17)] * 2,
            "pool": ["csm", "support"] * 2,
            "demand_hours": [50.0, 120.0, 500.0, 500.0],
            "plannable_hours": [100.0] * 4,
            "customers": [30] * 4,
        }
    )
    empty = pa.table({name: pa.array([], pa.string()) for name in ("month_start_date", "customer_id", "tier")})
    rows = tier_metrics(empty, capacity).to_pylist()
    assert [(row["metric"], row["tier"], row["value"]) for row in rows] == [("load", "all", 1.2)]
