"""Publishing: one folder per version, switched by one rename, so that readers never see half of it."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from naruki.home import Home, quoted

# The oldest storage version that DuckDB writes: drivers of BI tools lag behind the engine.
STORAGE_VERSION = "v1.0.0"


@dataclass(frozen=True)
class Published:
    """One table of a publication."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a publication is made of.

    `warehouse` tables are copied from the warehouse, `policy` seeds too (into a schema of their own: the rules as they were), all
    computed tables but those `inside` and the manifest of landed files from their parquet; `described` gives the comments of tables.
    """

    warehouse: Sequence[str]
    policy: Sequence[str] = ()
    inside: Sequence[str] = ()
    described: Mapping[str, str] = field(default_factory=dict)


Extra = Callable[[duckdb.DuckDBPyConnection, Path, dict[str, Any]], None]


def publish(
    home: Home, version: str, as_of: date, contents: Contents, facts: Mapping[str, Any], extra: Extra | None = None
) -> list[Published]:
    """Write `published/<version>/` and make it the current one.

    `facts` (run, policy and code version, ...) goes into the manifest; `extra` may add files such as the page, from the tables
    just written. On any error the last publication stays as it is.
    """
    folder = home.published / version
    aside = home.published / f".{version}.part"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "parquet").mkdir(parents=True)
    try:
        tables = write_database(home, aside, contents)
        manifest = dict(facts) | {
            "as_of_date": str(as_of),
            "tables": {t.name: {"rows": t.rows, "sha256": t.sha256} for t in tables},
        }
        (aside / "manifest.json").write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        if extra:
            with duckdb.connect(str(aside / "published.duckdb"), read_only=True) as connection:
                extra(connection, aside, manifest)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    switch(home, version)
    return tables


def write_database(home: Home, folder: Path, contents: Contents) -> list[Published]:
    """published.duckdb and parquet/<table>.parquet with the same rows in the same order."""
    with home.connect() as connection:
        connection.execute(f"attach '{quoted(home.warehouse)}' as warehouse (read_only)")
        connection.execute(
            f"attach '{quoted(folder / 'published.duckdb')}' as published (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute("create schema published.policy")
        for name in contents.policy:
            connection.execute(
                f"create table published.policy.{name} as select * from warehouse.main.{name} order by all"
            )
        sources = {name: f"warehouse.main.{name}" for name in contents.warehouse}
        sources |= {
            name: computed_rows(connection, name) for name in home.computed_tables() if name not in contents.inside
        }
        if any((home.landing / "_manifest").glob("landed_files/*/*.parquet")):
            sources["landed_files"] = (
                "read_parquet('landing/_manifest/landed_files/*/*.parquet', union_by_name = true, hive_partitioning = false)"
            )
        return [
            write_table(connection, folder, name, source, contents.described.get(name))
            for name, source in sorted(sources.items())
        ]


def computed_rows(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """All days of a computed table; of one without days of its own (a list that is carried on) only the newest file."""
    every = f"read_parquet('computed/{name}/as_of_date=[2-9]*/{name}.parquet', union_by_name = true, hive_partitioning = false)"
    if any(column == "as_of_date" for (column, *_) in connection.execute(f"describe select * from {every}").fetchall()):
        return every
    files = f"select max(file) from glob('computed/{name}/as_of_date=[2-9]*/{name}.parquet')"
    (newest,) = connection.execute(files).fetchone()
    return f"read_parquet('{quoted(newest)}', hive_partitioning = false)"


def write_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str, source: str, description: str | None
) -> Published:
    columns = {column for (column, *_) in connection.execute(f"describe select * from {source}").fetchall()}
    # Sorted by all columns: the same rows give the same file, whatever the threads did.
    connection.execute(f"create table published.main.{name} as select * from {source} order by all")
    if description:
        connection.execute(f"comment on table published.main.{name} is '{quoted(description)}'")
    if "as_of_date" in columns:
        newest = f"select max(as_of_date) from {name}"
        connection.execute("use published")
        connection.execute(f"create view {name}_current as select * from {name} where as_of_date = ({newest})")
        connection.execute("use memory")
    file = folder / "parquet" / f"{name}.parquet"
    (rows,) = connection.execute(
        f"copy published.main.{name} to '{quoted(file)}' (format parquet, compression zstd)"
    ).fetchone()
    return Published(name, rows, hashlib.file_digest(file.open("rb"), "sha256").hexdigest())


def switch(home: Home, version: str) -> None:
    """Point `published/current` at a version by one atomic rename."""
    link = home.published / f".current.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(version, target_is_directory=True)
    link.replace(home.current)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the manifest of a publication tells: run, day, versions, tables."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def published_day(home: Home) -> date | None:
    """The day that the current publication decides; None before the first."""
    return (
        date.fromisoformat(read_manifest(home.current)["as_of_date"])
        if (home.current / "manifest.json").exists()
        else None
    )


def prune(home: Home, keep: int) -> list[str]:
    """Remove all publications but the current one and the `keep` - 1 newest others. Returns what was removed."""
    current = home.current.resolve().name
    others = [p for p in home.published.iterdir() if p.is_dir() and not p.is_symlink() and p.name != current]
    old = sorted(others, key=lambda p: (p.stat().st_mtime, p.name))[: max(len(others) - keep + 1, 0)]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in old]
