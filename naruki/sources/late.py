"""Rows that came late: they landed after an instant and tell of what happened before the end of a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb

from naruki.sources.cells import literal
from naruki.sources.contract import AUDIT_COLUMNS, Contract, Table
from naruki.sources.manifest import LANDED, read_manifest

# When the terms of a row without an event began, first known column first.
BEGAN = ("effective_at", "started_at", "updated_at", "created_at", "signed_up_at", "valid_from")


def late_rows(
    home: Path, contract: Contract, landed_after: datetime, happened_before: datetime, tables: Collection[str]
) -> dict[str, int]:
    """Table (of `tables`) -> rows that are new or changed since `landed_after` and speak of the time before
    `happened_before` (both UTC without zone). The same row delivered once more is not late.
    """
    loads: dict[str, set[str]] = {}
    for row in read_manifest(home):
        if row.table_name in tables and row.status == LANDED and row.rows_landed and row.loaded_at > landed_after:
            loads.setdefault(row.table_name, set()).add(row.load_id)
    with duckdb.connect() as connection:
        found = {
            name: _late(connection, home, contract.table(name), ids, happened_before)
            for name, ids in sorted(loads.items())
        }
    return {name: rows for name, rows in found.items() if rows}


def _late(
    connection: duckdb.DuckDBPyConnection, home: Path, table: Table, loads: set[str], happened_before: datetime
) -> int:
    files = sorted((home / "landing" / table.name).glob("load_date=*/*.parquet"))
    new = [file for file in files if file.stem in loads]
    old = [file for file in files if file.stem not in loads]
    began = [column for column in ([table.event_at] if table.event_at else BEGAN) if column in table.column_names]
    spoken = f"coalesce(coalesce({', '.join(began)}) < timestamp '{happened_before}', true)" if began else "true"
    audit = ", ".join(column for column in AUDIT_COLUMNS if column != "_deleted_at")

    def rows(of: list[Path]) -> str:
        listed = ", ".join(literal(str(file)) for file in of)
        source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        return f"select distinct * exclude ({audit}) from {source} where {spoken}"

    query = f"{rows(new)} except {rows(old)}" if old else rows(new)
    (count,) = connection.execute(f"select count(*) from ({query})").fetchone() if new else (0,)
    return int(count)
