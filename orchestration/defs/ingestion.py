"""From the sources to landing/: every row by the contract, or in quarantine with the reason."""

from datetime import UTC, datetime

import dagster as dg

from naruki.errors import NarukiError
from naruki.policy import read_setting
from naruki.sources.contract import load_contract
from naruki.sources.landing import land
from naruki.sources.mapping import load_sources
from orchestration.defs.resources import home, retry_twice, settings

landed_tables = [
    dg.AssetSpec(["landing", table.name], description=table.description, group_name="landing", kinds={"parquet"})
    for table in load_contract().tables
]
landed_files = dg.AssetSpec(
    ["landing", "landed_files"],
    description="One row per file that was looked at: rows read, landed and quarantined, encoding, status.",
    group_name="landing",
    kinds={"parquet"},
)


@dg.multi_asset(name="land_sources", specs=[*landed_tables, landed_files], retry_policy=retry_twice)
def land_sources(context: dg.AssetExecutionContext):
    """Rows of the sources, canonical and typed, appended to landing/."""
    home.prepare()
    if settings.sources is None:
        raise NarukiError("No sources are named: set NARUKI_SOURCES (or --sources) to a folder of canonical files or to a sources.yml.")
    report = land(
        load_sources(settings.sources),
        home.root,
        now=datetime.now(UTC).replace(tzinfo=None),
        salt=home.salt(),
        quarantine_limit=float(read_setting("quarantine_limit_share")),
    )
    for file in report.files:
        context.log.info(f"{file.source_file}: {file.rows_landed} of {file.rows_read} rows landed ({file.status})")
    for spec in landed_tables:
        yield dg.MaterializeResult(asset_key=spec.key, metadata=report.table_metadata(spec.key.path[-1]))
    yield dg.MaterializeResult(asset_key=landed_files.key, metadata={"dagster/row_count": len(report.files)})


defs = dg.Definitions(assets=[land_sources])
