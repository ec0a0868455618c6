"""Great Expectations suites beside what has landed and what is about to be published."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from naruki.calendar import PLANNED_AHEAD
from naruki.errors import NarukiError
from naruki.home import quoted
from naruki.quality.profile import newest_load, profile
from naruki.quality.suites import Outcome, read_suite, suites, validate
from naruki.sources.contract import load_contract
from naruki.sources.delivery import delivery_findings, read_delivery_policy
from naruki.sources.manifest import read_manifest
from orchestration.defs.decisions import DECISIONS, STEERING_TABLES, TIER_TABLES
from orchestration.defs.partitions import as_of
from orchestration.defs.resources import home
from orchestration.defs.tables import is_dated, published_models
from orchestration.defs.value import VALUE_TABLES, key
from orchestration.defs.voice import VOICE_TABLES

if TYPE_CHECKING:
    import pandas as pd

NAME = "expectations"


def specs(kind: str, keys: Mapping[str, dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """One blocking check for each table of a kind that has a suite."""
    about = f"The suite expectations/{kind}/<table>.json holds."
    return [
        dg.AssetCheckSpec(NAME, asset=keys[name], description=about, blocking=True)
        for name in suites(kind)
        if name in keys
    ]


def check_result(asset_key: dg.AssetKey, outcomes: list[Outcome], rows: int) -> dg.AssetCheckResult:
    """One asset check from the outcomes of a suite; only critical expectations stop what is downstream."""
    failed = [outcome for outcome in outcomes if not outcome.passed]
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=NAME,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if any(o.blocks for o in failed) else dg.AssetCheckSeverity.WARN,
        metadata={
            "rows": rows,
            "expectations": len(outcomes),
            "failed": "; ".join(f"{o.expectation}: {o.observed} (expected {o.expected})" for o in failed) or "none",
        },
    )


landed_keys = {name: dg.AssetKey(["landing", name]) for name in load_contract().table_names}


@dg.multi_asset_check(name="check_landed_rows", specs=specs("landed", landed_keys))
def landed_rows(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """What has landed keeps the expectations of its table: the profile of the newest load of each is validated."""
    with home.connect() as connection:
        for table in load_contract().tables:
            if load := newest_load(connection, table.name):
                frame = profile(connection, load, list(table.column_names)).to_pandas()
                yield check_result(
                    landed_keys[table.name], validate(frame, read_suite("landed", table.name)), int(frame["rows"].max())
                )
            else:
                yield check_result(landed_keys[table.name], [], 0)


@dg.multi_asset_check(
    name="check_deliveries",
    specs=[
        dg.AssetCheckSpec("delivery", asset=landed_keys[t.name], description="As many rows and as fresh as is usual.")
        for t in load_contract().tables
        if t.event_at
    ],
)
def deliveries(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Deliveries that are not what is usual: too few rows, a missing day, older than the other feeds."""
    contract, today = load_contract(), datetime.now(UTC).date()
    # How old a feed is shows beside the others: a whole deployment may be a day late, one feed of it should not.
    manifest = read_manifest(home.root)
    days = [row.last_event_on for row in manifest if row.last_event_on and row.table_name not in PLANNED_AHEAD]
    newest = min(max(days, default=today), today)
    found = delivery_findings(home.root, contract, as_of=today, fresh_on=newest, policy=read_delivery_policy())
    for table in contract.tables:
        if table.event_at:
            told = [finding.message for finding in found if finding.table_name == table.name]
            yield dg.AssetCheckResult(
                asset_key=landed_keys[table.name],
                check_name="delivery",
                passed=not told,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"failed": "; ".join(told) or "none"},
            )


def published_check(step: str, keys: Mapping[str, dg.AssetKey]) -> dg.AssetChecksDefinition:
    """The suites of what one step made. One check step a step: what is downstream waits for it, and for nothing else."""

    @dg.multi_asset_check(name=f"check_{step}", specs=specs("published", keys))
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for spec in context.selected_asset_check_keys:
            name = spec.asset_key.path[-1]
            suite = read_suite("published", name)
            frame = frame_of(name, suite, as_of(context))
            yield check_result(spec.asset_key, validate(frame, suite), len(frame))

    return check


def by_name(names: Iterable[str]) -> dict[str, dg.AssetKey]:
    return {name: dg.AssetKey(name) for name in names}


models = published_models()
published_keys = {
    "facts": by_name(name for name, node in models.items() if not is_dated(node)),
    "value": {name: key(name) for name in VALUE_TABLES},
    "marts": by_name(name for name, node in models.items() if is_dated(node)),
    "segments": by_name(["customer_segments"]),
    "tiers": by_name(TIER_TABLES),
    "steering": by_name(STEERING_TABLES),
    "voice": by_name(VOICE_TABLES),
}
for name in suites("published"):
    if not any(name in keys for keys in published_keys.values()):
        raise NarukiError(
            f"expectations/published/{name}.json is for a table that does not exist: rename or remove it."
        )


def frame_of(name: str, suite: dict[str, Any], day: date) -> "pd.DataFrame":
    """The rows of a customer-level table on the day of the run, or the profile of a table of events ("validates": "profile")."""
    if name in (*DECISIONS, *VALUE_TABLES, *VOICE_TABLES):
        return home.read_computed(name, on=day).to_pandas()
    source = (
        f"select * from {name} where as_of_date = '{day}'"
        if is_dated(published_models()[name])
        else f"select * from {name}"
    )
    if suite["meta"]["validates"] == "rows":
        return home.read_warehouse(source).to_pandas()
    with home.connect() as connection:
        connection.execute(f"attach '{quoted(home.warehouse)}' as warehouse (read_only)")
        connection.execute("use warehouse")
        columns = [column for (column, *_) in connection.execute(f"describe {source}").fetchall()]
        return profile(connection, f"({source})", columns).to_pandas()


defs = dg.Definitions(
    asset_checks=[landed_rows, deliveries, *(published_check(step, keys) for step, keys in published_keys.items())]
)
