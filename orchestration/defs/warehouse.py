"""dbt: staging, intermediate and facts as they are known, then marts for one day."""

import os
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import pyarrow as pa
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from naruki.home import Home
from naruki.policy import read_setting
from naruki.project import facts_version
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import dbt, dbt_project, home, settings
from orchestration.manifest import ensure_manifest
from orchestration.unchanged import Built, computed, landed

LAYERS = ("staging", "intermediate", "facts", "marts")


class Layers(DagsterDbtTranslator):
    """Models are named as in SQL and grouped by layer; seeds are the policy."""

    def get_group_name(self, props: Mapping[str, Any]) -> str:
        return (
            "policy"
            if props["resource_type"] == "seed"
            else next((name for name in LAYERS if name in props["fqn"]), "other")
        )

    def get_asset_key(self, props: Mapping[str, Any]) -> dg.AssetKey:
        return dg.AssetKey(
            [props["source_name"], props["name"]] if props["resource_type"] == "source" else props["name"]
        )


manifest = ensure_manifest(home)


@dbt_assets(
    manifest=manifest,
    project=dbt_project,
    dagster_dbt_translator=Layers(),
    name="build_facts",
    exclude="path:models/marts",
    pool="warehouse",
)
def facts(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Policy seeds, staging, intermediate models and facts, with their tests."""
    from naruki.voice.pipeline import SIGNALS

    # A view of the facts shows what is read out of texts later in the run: its file has to be there, without rows at first.
    home.ensure_computed("voc_signal", SIGNALS.append(pa.field("as_of_date", pa.date32())))
    # Event-level facts keep the rows of days that nothing touched: when their SQL (or when a day closes) changed, those are built
    # anew as well.
    file, version = home.target / "facts_version", f"{facts_version()} {read_setting('business_time_zone')}"
    is_other = home.warehouse.exists() and (not file.exists() or file.read_text() != version)
    yield from build(context, dbt, Built(home, "facts", landed(home)), anew=is_other)
    file.write_text(version)


@dbt_assets(
    manifest=manifest,
    project=dbt_project,
    dagster_dbt_translator=Layers(),
    name="build_marts",
    select="path:models/marts",
    partitions_def=daily,
    pool="warehouse",
)
def marts(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Marts of one day, with their tests."""
    day = as_of(context)
    os.environ["NARUKI_AS_OF"] = str(day)
    read = [computed(home, "voc_signal", day), computed(home, "value_prediction", day)]
    yield from build(context, dbt, Built(home, "marts", [str(day), *landed(home), *read]))


def build(context: dg.AssetExecutionContext, dbt: DbtCliResource, built: Built, anew: bool = False) -> Iterator[Any]:
    """Run `dbt build`, unless it would build the same again; `anew` keeps no row of what stands.

    Results are handed on once dbt is done, when rows can be counted without standing in its way.
    """
    if built.is_current() and not settings.full_refresh:
        context.log.info("Nothing changed since the last build.")
        for key in in_order(context):
            yield dg.MaterializeResult(asset_key=key, metadata={"unchanged": True})
        return
    built.forget()
    arguments = ["build", *(["--full-refresh"] if settings.full_refresh or anew else [])]
    # One folder for every call, so that dbt finds what it parsed the last time.
    invocation = dbt.cli(arguments, context=context, target_path=home.target, raise_on_error=False)
    results = list(invocation.stream())
    invocation.process.wait()
    counts = row_counts(home)
    for event in results:
        yield with_row_count(event, counts)
    if not invocation.is_successful():
        raise dg.Failure(what_failed(invocation.get_artifact("run_results.json")), allow_retries=False)
    built.remember()


def in_order(context: dg.AssetExecutionContext) -> list[dg.AssetKey]:
    """The assets of a step, each after those that it reads."""
    reads = context.assets_def.asset_deps
    graph = {key: reads[key] & context.selected_asset_keys for key in context.selected_asset_keys}
    return list(TopologicalSorter(graph).static_order())


def what_failed(run_results: Mapping[str, Any]) -> str:
    """The first models and tests that failed, with what dbt says of them, in one sentence."""
    failed = [result for result in run_results["results"] if result["status"] in ("error", "fail", "runtime error")]
    told = [
        f"{result['unique_id'].split('.')[2]} ({' '.join(str(result['message']).split())[:300]})"
        for result in failed[:3]
    ]
    more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
    return f"dbt stopped at {', '.join(told)}{more}; nothing was published. Try it with `naruki dbt build --select <model>+`."


def with_row_count(event: Any, counts: Mapping[str, int]) -> Any:
    """Add the number of rows to a materialisation."""
    name = getattr(event, "output_name", "").split("__", 1)[-1] if isinstance(event, dg.Output) else None
    return event.with_metadata({**event.metadata, "dagster/row_count": counts[name]}) if name in counts else event


def row_counts(home: Home) -> dict[str, int]:
    """Rows of every table of the warehouse."""
    if not home.warehouse.exists():
        return {}
    names = home.read_warehouse("select table_name from duckdb_tables() where database_name = 'warehouse'")[
        "table_name"
    ].to_pylist()
    counts = " union all ".join(f"select '{name}' as name, count(*) as row_count from {name}" for name in names)
    return {row["name"]: row["row_count"] for row in home.read_warehouse(counts).to_pylist()} if names else {}


defs = dg.Definitions(assets=[facts, marts], resources={"dbt": dbt})
