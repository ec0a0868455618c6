"""What customers are worth: the model, its predictions, and how honest they are."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg

from naruki.policy import read_rows, read_setting, read_settings
from naruki.project import code_version
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained

VALUE_TABLES = {
    "value_model": "One row per day: which model serves, why, what it was trained on, and all its parameters.",
    "value_prediction": "One row per day and customer: value with its range, likelihood of renewal, reasons, growth.",
    "value_backtest": "One row per past quarter, method and decile: predicted beside what came and beside the naive.",
    "renewal_likelihood": "One row per day and term that ends ahead: the model's probability beside a person's (R105).",
    "renewal_calibration": "One row per group of probabilities or rating: how many renewed of the ended terms (R105).",
    "supported_association": "One row per measure: support in the 90 days before leaving, never a cause (R106).",
    "value_by_attribute": "One row per attribute and value: who stays and what they are worth, shrunk (R57, R68).",
}
CHECKS = {
    "calibration_slope": "Predicted and observed odds of leaving rise together.",
    "ece10": "Predicted and observed shares of leaving are close in ten groups.",
    "total_value": "The total value came true.",
    "decile_value": "The value of each decile came true.",
    "coverage": "As many outcomes lie between P10 and P90 as the model says.",
    "no_leak": "No feature alone tells the future.",
    "beats_baseline": "The model beats the naive baseline on a time hold-out; else the baseline serves.",
}
READS = [
    "int_value__panel",
    "int_value__purchases",
    "fct_churn_event",
    "int_billing__churn_evidence",
    "stg_judgements",
    "dim_customer",
]
PANEL = "select * from int_value__panel where month_end_date <= date '{day}' order by customer_id, as_of_month"
PURCHASES = "select * from int_value__purchases order by customer_id, purchased_on"
CHURNS = """
    select customer_id, decided_on, supported_90d
    from fct_churn_event join int_billing__churn_evidence using (customer_id, ended_at)
    where decided_on <= date '{day}' and not fct_churn_event.is_pause
    order by customer_id, ended_at
"""
RATINGS = """
    select customer_id, rating, rater, rated_at, coalesce(expires_at >= {ends}, true) as is_valid
    from stg_judgements
    where judgement_kind = 'renewal' and rated_at < {ends}
    order by customer_id, rated_at, rater
"""
CUSTOMERS = "select customer_id, {attributes} from dim_customer order by customer_id"


def key(table: str) -> dg.AssetKey:
    """The prediction is read by SQL, as a source of dbt."""
    return dg.AssetKey(["computed", table] if table == "value_prediction" else [table])


def read_inputs(day: date) -> Any:
    """What the warehouse knows, with nothing that was said or decided later."""
    from naruki.value import ValueInputs
    from naruki.value.daily import ATTRIBUTES

    zone = read_setting("business_time_zone")
    ends = f"timezone('UTC', timezone('{zone}', cast(date '{day}' + 1 as timestamp)))"
    return ValueInputs(
        panel=home.read_warehouse(PANEL.format(day=day)),
        purchases=home.read_warehouse(PURCHASES),
        churns=home.read_warehouse(CHURNS.format(day=day)),
        ratings=home.read_warehouse(RATINGS.format(ends=ends)),
        customers=home.read_warehouse(CUSTOMERS.format(attributes=", ".join(ATTRIBUTES))),
    )


@dg.multi_asset(
    name="customer_value",
    specs=[
        dg.AssetSpec(key(name), description=text, group_name="value", deps=READS, kinds={"python", "parquet"})
        for name, text in VALUE_TABLES.items()
    ],
    check_specs=[dg.AssetCheckSpec(name, asset=key("value_model"), description=text) for name, text in CHECKS.items()],
    partitions_def=daily,
)
def customer_value(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Value of every customer on one day, with its reasons, and what past predictions were worth."""
    from naruki.value import ValuePolicy, value_day

    day = as_of(context)
    until = day + timedelta(days=1)
    policy = ValuePolicy(
        read_settings(),
        read_rows("cfg_value_feature"),
        read_rows("cfg_renewal_rating"),
        read_rows("cfg_purchase_reason"),
        read_rows("cfg_value_sentence"),
    )
    with explained():
        found = value_day(
            read_inputs(day),
            policy,
            day,
            version=code_version().split("+")[0],
            stored_model=home.read_computed("value_model", before=until),
            stored_backtest=home.read_computed("value_backtest", before=until),
        )
    context.log.info(found.why_trained)
    for name, rows in found.tables.items():
        written = home.write_computed(name, day, rows)
        yield dg.MaterializeResult(
            asset_key=key(name),
            metadata={"dagster/row_count": written, "model": found.model.reason, "training": found.why_trained},
        )
    for check in found.checks:
        yield check_result(check)


def check_result(check: dict[str, Any]) -> dg.AssetCheckResult:
    """Failed is an error, yet stops nothing: what serves is still the better of model and baseline. Chance only warns."""
    passed = check["status"] in ("passed", "skipped")
    return dg.AssetCheckResult(
        asset_key=key("value_model"),
        check_name=check["name"],
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR if check["status"] == "failed" else dg.AssetCheckSeverity.WARN,
        description=check["message"],
        metadata={
            "status": check["status"],
            "message": check["message"],
            "failed": "none" if check["status"] == "passed" else check["message"],
        },
    )


defs = dg.Definitions(assets=[customer_value])
