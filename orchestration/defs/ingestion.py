"""From the sources to landing/: every row by the contract, or in quarantine with the reason."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from naruki.erasure import keep_out
from naruki.errors import NarukiError
from naruki.policy import read_setting
from naruki.sources.contract import load_contract
from naruki.sources.landing import Limits, land
from naruki.sources.manifest import ManifestRow
from naruki.sources.mapping import load_sources
from orchestration.defs.resources import home, retry_twice, settings
from orchestration.errors import explained

landed_tables = [
    dg.AssetSpec(["landing", table.name], description=table.description, group_name="landing", kinds={"parquet"})
    for table in load_contract().tables
]
landed_files = dg.AssetSpec(
    ["landing", "landed_files"],
    description="One row per file and run: rows read, landed and quarantined, encoding, status, seconds.",
    group_name="landing",
    kinds={"parquet"},
)


@dg.multi_asset(name="land_sources", specs=[*landed_tables, landed_files], retry_policy=retry_twice)
def land_sources(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Rows of the sources, canonical and typed, appended to landing/."""
    with explained():
        if settings.sources is None:
            raise NarukiError(
                "No sources are named: set NARUKI_SOURCES (or --sources) to a folder of canonical files or to a sources.yml."
            )
        home.prepare()
        limits = Limits(
            quarantine_share=float(read_setting("quarantine_limit_share")),
            vanished_share=float(read_setting("snapshot_vanished_limit_share")),
            threads=settings.threads,
        )
        report = land(load_sources(settings.sources), home.root, now=datetime.now(UTC), salt=home.salt(), limits=limits)
        erased = keep_out(home)
        for warning in report.warnings:
            context.log.warning(warning)
        if erased.total:
            context.log.warning(f"{erased.total} rows of erased customers came again and were kept out: {erased.rows}")
        for spec in landed_tables:
            yield dg.MaterializeResult(asset_key=spec.key, metadata=landed_metadata(report.rows, spec.key.path[-1]))
        yield dg.MaterializeResult(asset_key=landed_files.key, metadata={"dagster/row_count": len(report.rows)})
        report.raise_if_failed()


def landed_metadata(rows: Sequence[ManifestRow], table: str) -> dict[str, Any]:
    """What became of the files of one table in this run."""
    mine = [row for row in rows if row.table_name == table]
    counted = ("rows_read", "rows_landed", "rows_quarantined", "cells_nulled", "seconds")
    statuses = {row.source_file: row.status for row in mine}
    return {name: sum(getattr(row, name) for row in mine) for name in counted} | {
        "files": dg.MetadataValue.json(statuses)
    }


defs = dg.Definitions(assets=[land_sources])
