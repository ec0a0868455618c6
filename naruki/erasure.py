"""Erasure of customers: out of landing/, quarantine/ and computed/, and kept out when a source delivers them again.

What is erased is remembered as keyed hashes only (`erased/<instant>.parquet`: kind, hash, erased_at), so that the list
itself tells nobody who was a customer. The warehouse is removed, for it is rebuilt from landing/.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from naruki.alerts.memory import Memory
from naruki.errors import NarukiError
from naruki.home import Home, quoted
from naruki.sources.manifest import write_aside
from naruki.sources.privacy import keyed, prepare_privacy
from naruki.sources.session import landing_lock

# Rows go by these columns, whichever table they stand in.
KEYS: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer_id",),
    "user": ("user_id", "requester_user_id"),
    "ticket": ("ticket_id", "document_id"),
    "action": ("action_key",),
}
# Rows of others that only point at what is gone stay, without the pointer.
POINTERS: Mapping[str, tuple[str, ...]] = {"customer": ("parent_customer_id",), "ticket": ("merged_into_id",)}
CHECKED = "checked_until"


@dataclass(frozen=True)
class Erased:
    """What was taken away: rows by table, of landing/, quarantine/ and computed/ together."""

    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def erase(home: Home, customer_ids: Sequence[str], *, now: datetime) -> Erased:
    """Remove every row of these customers, of their users and of their tickets; `now` is when, UTC.

    Safe to repeat: an erasure that was interrupted is completed. Raises NarukiError for an id that nothing belongs to.
    """
    with landing_lock(home.root), privacy(home) as connection:
        known = remembered(home)
        lost = belongings(connection, home, customer_ids)
        hashes = {kind: hashed(connection, kind, ids) for kind, ids in lost.items()}
        found = found_customers(connection, home, customer_ids)
        for customer_id in customer_ids:
            if customer_id not in found and not (
                hashed(connection, "customer", [customer_id]) <= known.get("customer", set())
            ):
                raise NarukiError(
                    f"Nothing in this home belongs to the customer '{customer_id}': "
                    "give the customer_id as the tables show it; nothing was erased."
                )
        remember(home, hashes, now)
        rows = take_out(connection, remembered(home), files_of(home))
        if home.told.exists():
            Memory(home.told).forget(customer_ids)
        shutil.rmtree(home.known, ignore_errors=True)
        home.warehouse.unlink(missing_ok=True)
        for built in home.target.glob("built_*"):
            built.unlink()
    return Erased(rows)


def keep_out(home: Home) -> Erased:
    """Take erased customers out of what landed since the last call: a source may deliver them again."""
    known = remembered(home)
    if not known:
        return Erased({})
    mark = home.root / "erased" / CHECKED
    since = mark.read_text(encoding="ascii") if mark.exists() else ""
    with landing_lock(home.root), privacy(home) as connection:
        loads = [file for file in files_of(home, computed=False) if file.stem[:15] >= since and file.stem != "empty"]
        rows = take_out(connection, known, loads)
    if loads:
        mark.write_text(max(file.stem[:15] for file in loads), encoding="ascii")
    return Erased(rows)


@contextmanager
def privacy(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that hashes with the home's salt."""
    with home.connect() as connection:
        prepare_privacy(connection, home.salt())
        yield connection


def belongings(connection: duckdb.DuckDBPyConnection, home: Home, customer_ids: Sequence[str]) -> dict[str, set[str]]:
    """Ids of everything that belongs to the customers, by kind."""
    lost = {"customer": set(customer_ids)}
    lost["user"] = ids_where(connection, home.landing, "users", "user_id", {"customer_id": lost["customer"]})
    owners = {"customer_id": lost["customer"], "requester_user_id": lost["user"]}
    lost["ticket"] = ids_where(connection, home.landing, "tickets", "ticket_id", owners)
    lost["action"] = ids_where(
        connection, home.computed, "action_queue", "action_key", {"customer_id": lost["customer"]}
    )
    return lost


def found_customers(connection: duckdb.DuckDBPyConnection, home: Home, customer_ids: Sequence[str]) -> set[str]:
    """Those of the ids of which a row has landed in any table that names customers."""
    wanted = {"customer_id": set(customer_ids)}
    tables = [folder.name for folder in home.landing.iterdir() if not folder.name.startswith("_")]
    return set().union(*(ids_where(connection, home.landing, table, "customer_id", wanted) for table in tables))


def ids_where(
    connection: duckdb.DuckDBPyConnection, area: Path, table: str, column: str, wanted: Mapping[str, set[str]]
) -> set[str]:
    """Values of a column where one of the other columns holds a wanted id; none where there is no such table or column."""
    files = [str(file) for file in sorted((area / table).glob("*/*.parquet"))]
    if not files:
        return set()
    source = "read_parquet(?, union_by_name = true, hive_partitioning = false)"
    names = {name for (name, *_) in connection.execute(f"describe select * from {source}", [files]).fetchall()}
    asked = [name for name in wanted if name in names]
    if column not in names or not asked:
        return set()
    any_of = " or ".join(f"list_contains(?, {name})" for name in asked)
    query = f"select distinct {column} from {source} where {column} is not null and ({any_of})"
    return {value for (value,) in connection.execute(query, [files, *(sorted(wanted[n]) for n in asked)]).fetchall()}


def hashed(connection: duckdb.DuckDBPyConnection, kind: str, ids: Iterable[str]) -> set[str]:
    """Keyed hashes of ids of one kind."""
    told = f"select {key_of(kind, 'id')} from unnest(?::varchar[]) as given(id)"
    return {value for (value,) in connection.execute(told, [sorted(ids)]).fetchall()}


def key_of(kind: str, column: str) -> str:
    """SQL: the hash by which an id of this kind is remembered; ids of two kinds may be the same text."""
    return keyed(f"'{kind}:' || {column}")


def remembered(home: Home) -> dict[str, set[str]]:
    """Hashes of all that was ever erased in this home, by kind."""
    files = sorted((home.root / "erased").glob("*.parquet"))
    known: dict[str, set[str]] = {}
    for kind, value in duckdb.read_parquet([str(f) for f in files]).project("kind, hash").fetchall() if files else []:
        known.setdefault(kind, set()).add(value)
    return known


def remember(home: Home, hashes: Mapping[str, set[str]], now: datetime) -> None:
    import pyarrow as pa

    rows = [{"kind": kind, "hash": one, "erased_at": now} for kind, ones in hashes.items() for one in sorted(ones)]
    schema = pa.schema([("kind", pa.string()), ("hash", pa.string()), ("erased_at", pa.timestamp("us"))])
    write_aside(pa.Table.from_pylist(rows, schema=schema), home.root / "erased" / f"{now:%Y%m%dT%H%M%S%f}.parquet")


def files_of(home: Home, computed: bool = True) -> list[Path]:
    """Every file that may hold rows of customers; the manifest tells of files only."""
    areas = [home.landing, home.root / "quarantine", *([home.computed] if computed else [])]
    found = [file for area in areas for file in sorted(area.glob("*/*/*.parquet"))]
    return [file for file in found if file.parts[-4:-2] != ("landing", "_manifest")]


def take_out(
    connection: duckdb.DuckDBPyConnection, known: Mapping[str, set[str]], files: Iterable[Path]
) -> dict[str, int]:
    """Rewrite the files without the rows of what is known to be erased; returns rows taken out by table."""
    connection.execute("create or replace temp table gone (kind varchar, hash varchar)")
    for kind, hashes in known.items():
        connection.execute("insert into gone select ?, unnest(?::varchar[])", [kind, sorted(hashes)])
    rows: Counter[str] = Counter()
    for file in files:
        if taken := rewrite(connection, file):
            rows[file.parts[-3]] += taken
    return dict(rows)


def rewrite(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """One file without the rows of erased customers, written aside and renamed; untouched where it holds none."""
    source = f"read_parquet('{quoted(file)}', hive_partitioning = false)"
    names = [name for (name, *_) in connection.execute(f"describe select * from {source}").fetchall()]
    mine = {column: kind for kind, columns in KEYS.items() for column in columns if column in names}
    points = {column: kind for kind, columns in POINTERS.items() for column in columns if column in names}
    rows_gone = [any_of_raw(source)] if "raw" in names else []
    for column, kind in (mine | points).items():
        connection.execute(
            f"create or replace temp table gone_{column} as "
            f"select id from (select distinct {column} as id from {source}) "
            f"where {key_of(kind, 'id')} in (select hash from gone where kind = '{kind}')"
        )
    rows_gone += [f"coalesce({column} in (select id from gone_{column}), false)" for column in mine]
    pointers_gone = [f"coalesce({column} in (select id from gone_{column}), false)" for column in points]
    if not rows_gone:
        return 0
    here, there = " or ".join(rows_gone), " or ".join(pointers_gone) or "false"
    taken, pointing = connection.execute(
        f"select count(*) filter (where {here}), count(*) filter (where {there}) from {source}"
    ).fetchone()
    if taken or pointing:
        blank = ", ".join(f"case when {gone} then null else {column} end as {column}"
                          for gone, column in zip(pointers_gone, points, strict=True))  # fmt: skip
        kept = f"select * {f'replace ({blank})' if blank else ''} from {source} where not ({here})"
        aside = file.with_suffix(".tmp")
        connection.execute(f"copy ({kept}) to '{quoted(aside)}' (format parquet, compression zstd)")
        os.replace(aside, file)
    return int(taken)


def any_of_raw(source: str) -> str:
    """SQL: whether any value of a quarantined row, as it came, is an id of what was erased."""
    values = "list_transform(json_extract_string(raw, '$.*'), value -> {})"
    hashes = [values.format(key_of(kind, "value")) for kind in KEYS]
    any_of = " or ".join(f"list_has_any({one}, (select coalesce(list(hash), []) from gone))" for one in hashes)
    return f"coalesce(json_valid(raw) and ({any_of}), false)"
