"""A warehouse built from a handful of rows: what the tests of models use.

`build_warehouse` writes rows as landed parquet, by the contract and without the landing code, runs dbt on them and
hands back a read-only connection, so that a test states rows and expects rows.

All homes of a session share what dbt knows of the project and begin with a copy of one warehouse that holds the seeds:
reading the project and loading them anew would take longer than most tests.
"""

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

REPO = Path(__file__).resolve().parents[2]
CONTRACT = yaml.safe_load((REPO / "naruki" / "sources" / "contract.yml").read_text(encoding="utf-8"))
ARROW = {
    "string": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}
AUDIT = {
    "_load_id": pa.string(),
    "_source": pa.string(),
    "_source_file": pa.string(),
    "_file_sha256": pa.string(),
    "_row_number": pa.int64(),
    "_loaded_at": pa.timestamp("us"),
    "_deleted_at": pa.timestamp("us"),
}
Rows = dict[str, list[dict[str, Any]]]


def land_rows(home: Path, rows: Rows, load_id: str = "load-1", loaded_at: str = "2030-01-01 00:00:00") -> None:
    """Write one load per table (instants as 'YYYY-MM-DD HH:MM[:SS]' in UTC) and a zero-row file for every other table."""
    unknown = set(rows) - set(CONTRACT)
    assert not unknown, f"not in the contract: {sorted(unknown)}"
    for table, spec in CONTRACT.items():
        types = {name: ARROW[column["type"]] for name, column in spec["columns"].items()} | AUDIT
        schema = pa.schema(list(types.items()))
        write(home, table, "1970-01-01", "empty", schema.empty_table())
        if table in rows:
            landed = [audited(row, i, load_id, loaded_at) for i, row in enumerate(rows[table], start=1)]
            extra = {name for row in landed for name in row} - set(types)
            assert not extra, f"{table} has no column {sorted(extra)}"
            columns = [pa.array([typed(row.get(name), types[name]) for row in landed], types[name]) for name in types]
            write(home, table, loaded_at[:10], load_id, pa.table(columns, schema=schema))


def audited(row: dict[str, Any], number: int, load_id: str, loaded_at: str) -> dict[str, Any]:
    audit = {"_load_id": load_id, "_source": "test", "_source_file": "test.csv", "_file_sha256": load_id}
    return audit | {"_row_number": number, "_loaded_at": loaded_at} | row


def typed(value: Any, arrow_type: pa.DataType) -> Any:
    if isinstance(value, str) and pa.types.is_timestamp(arrow_type):
        return datetime.fromisoformat(value)
    return value


def write(home: Path, table: str, load_date: str, load_id: str, data: pa.Table) -> None:
    folder = home / "landing" / table / f"load_date={load_date}"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(data, folder / f"{load_id}.parquet")


@functools.cache
def shared() -> Path:
    """The session's folder: dbt's own files, and `home`, a link to the home at hand (dbt reads the project anew when the
    path of the warehouse changes)."""
    folder = Path(tempfile.mkdtemp(prefix="naruki-dbt-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def seeded() -> Path:
    """A warehouse with all seeds and nothing else."""
    home = shared() / "seeded"
    home.mkdir()
    call_dbt(home, "seed")
    return home / "warehouse.duckdb"


def run_dbt(home: Path, *arguments: str, as_of: str | None = None) -> None:
    """Run dbt on a home that has the seeds already; `seed` loads those selected again."""
    if not (home / "warehouse.duckdb").exists():
        shutil.copy(seeded(), home / "warehouse.duckdb")
    without_seeds = [] if arguments[0] == "seed" else ["--exclude", "resource_type:seed"]
    call_dbt(home, *arguments, *without_seeds, as_of=as_of)


def call_dbt(home: Path, *arguments: str, as_of: str | None = None) -> None:
    """Run dbt in a process of its own, as the pipeline does; its last lines are the message when it fails."""
    link = shared() / "home"
    link.unlink(missing_ok=True)
    link.symlink_to(home)
    environment = os.environ | {"NARUKI_HOME": str(link), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    if as_of:
        environment["NARUKI_AS_OF"] = as_of
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments]
    paths = ["--project-dir", str(REPO), "--profiles-dir", str(REPO / "dbt_project")]
    paths += ["--target-path", str(shared() / "target"), "--log-path", str(shared() / "logs")]
    done = subprocess.run([*command, *paths], cwd=REPO, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def build_warehouse(
    home: Path, rows: Rows, *select: str, as_of: str | None = None, command: str = "build"
) -> duckdb.DuckDBPyConnection:
    """Land the rows and build the selected models with all that stands before them (`build` also runs their tests)."""
    land_rows(home, rows)
    run_dbt(home, command, "--select", *select, as_of=as_of)
    return connect(home)


def connect(home: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(home / "warehouse.duckdb"), read_only=True)
    connection.execute(f"set TimeZone = 'UTC'; set file_search_path = '{home}'")
    return connection
