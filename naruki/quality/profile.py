"""Profiles of tables: what is validated where the rows themselves are too many."""

import duckdb
import pyarrow as pa

from naruki.home import quoted


def profile(connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str]) -> pa.Table:
    """One row per column of a relation, computed by the engine.

    Columns: column_name, rows, nulls, null_share (null for an empty relation), distincts (approximate), minimum and maximum as text.
    """
    measured = ", ".join(
        f"{{'column_name': '{quoted(name)}', 'rows': count(*), 'nulls': count(*) - count(\"{name}\"), "
        f"'null_share': (count(*) - count(\"{name}\")) / nullif(count(*), 0), 'distincts': approx_count_distinct(\"{name}\"), "
        f"'minimum': cast(min(\"{name}\") as varchar), 'maximum': cast(max(\"{name}\") as varchar)}}"
        for name in columns
    )
    query = f"select unnest([{measured}], recursive := true) from {relation}"
    return connection.execute(query).to_arrow_table()


def newest_load(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """The rows of the newest load of a landed table as a relation; None where nothing has landed. Finds landing/ by relative paths."""
    landed = f"read_parquet('landing/{table}/*/*.parquet', union_by_name = true, hive_partitioning = false)"
    (load_id,) = connection.execute(f"select max(_load_id) from {landed} where _deleted_at is null").fetchone()
    return f"(select * from {landed} where _load_id = '{quoted(load_id)}')" if load_id else None
