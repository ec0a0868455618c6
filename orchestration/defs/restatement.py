"""Late rows: what would have been known when the last decision was made, had they been there in time."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from naruki.policy import read_rows, read_setting, read_settings
from naruki.sources.contract import load_contract
from naruki.sources.late import late_rows
from naruki.tiering.kept import RESTATED, anybody_moves, kept
from orchestration.dbt_process import call_dbt
from orchestration.decision_inputs import FACTS, inputs_of
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.defs.value import read_inputs
from orchestration.errors import explained

# Tables that no customer fact is made of.
ASIDE = frozenset({"agents_shifts", "judgements", "leads", "lead_events", "outcomes", "social_mentions"})


@dg.asset(
    group_name="decisions",
    deps=["mart_customer_facts", "customer_segments"],
    partitions_def=daily,
    pool="warehouse",
    kinds={"dbt", "parquet"},
)
def restated_facts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Customer facts of the day decided last as they are known now; no row where nothing came late or nobody moves.

    Marts and predictions of that day are replaced, as in any rerun of a day; what was decided then stays.
    """
    day = as_of(context)
    with explained():
        earlier = home.read_computed("customer_tiers", before=day)
        last = earlier["as_of_date"][0].as_py() if earlier is not None and earlier.num_rows else None
        late = rows_since(last) if last else {}
        rows = home.read_warehouse(FACTS.format(day=day)).slice(0, 0)
        if late and anybody_moves(inputs_of(day), earlier):
            restate(last)
            rows = home.read_warehouse(FACTS.format(day=last))
    written = home.write_computed(RESTATED, day, rows)
    told = ", ".join(f"{name}: {count}" for name, count in late.items()) or "none"
    return dg.MaterializeResult(metadata={"dagster/row_count": written, "late_rows": told})


def rows_since(last: date) -> dict[str, int]:
    """Late rows by table, since the decision of the day `last`."""
    inputs = kept(home, last)
    if inputs is None or inputs.landed_until is None:
        return {}
    zone = ZoneInfo(read_setting("business_time_zone"))
    ends = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone).astimezone(ZoneInfo("UTC"))
    contract = load_contract()
    tables = [table.name for table in contract.tables if table.name not in ASIDE]
    return late_rows(home.root, contract, inputs.landed_until, ends.replace(tzinfo=None), tables)


def restate(last: date) -> None:
    """Predictions and marts of a past day anew, by the model that served then."""
    from naruki.value.daily import ValuePolicy, rescore

    model = home.read_computed("value_model", on=last)
    if model is not None:
        policy = ValuePolicy(
            read_settings(),
            read_rows("cfg_value_feature"),
            read_rows("cfg_renewal_rating"),
            read_rows("cfg_purchase_reason"),
            read_rows("cfg_value_sentence"),
        )
        prediction = rescore(read_inputs(last), policy, last, model)
        if prediction is not None:
            home.write_computed("value_prediction", last, prediction)
    done = call_dbt(
        home,
        ["run", "--select", "+mart_customer_facts,path:models/marts"],
        capture=True,
        NARUKI_AS_OF=str(last),
    )
    if done.returncode:
        raise dg.Failure(f"dbt could not restate the marts of {last}: {done.stdout[-500:]}", allow_retries=False)


defs = dg.Definitions(assets=[restated_facts])
