"""The publication in Postgres, where NARUKI_PUBLISH_POSTGRES_URL names one: loaded beside, then swapped in one transaction.

Readers use the schema `naruki`. The next version is loaded into `naruki_next`; then, in one transaction, the last one is
renamed to `naruki_<version>` and the next one takes its place. Renaming a schema locks no table: a reader who is in the
middle of a query neither waits nor makes the run wait. Whoever might read the last version may read the next one.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import duckdb

from naruki.errors import NarukiError
from naruki.home import quoted
from naruki.publishing import postgres_statements as sql

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Connection, Cursor

VARIABLE = "NARUKI_PUBLISH_POSTGRES_URL"
ROWS_AT_ONCE = 100_000
# A session lock of our own: two runs never publish into one database at once.
LOCK = 0x6E6172756B69
# What the row of the table `publication` tells, from the manifest.
FACTS = ("version", "as_of_date", "run_id", "code_version", "policy_version")


@dataclass(frozen=True)
class Swapped:
    """What came of a publication: tables and rows loaded, versions removed, versions kept because somebody uses them."""

    tables: int
    rows: int
    removed: list[str]
    kept: list[str]


def publish_postgres(url: str, folder: Path, manifest: Mapping[str, Any], keep: int, schema: str = "naruki") -> Swapped:
    """Load the publication in `folder` and make it the one that readers of `schema` see.

    `keep` versions stay. Publishing the same version again changes nothing. Raises NarukiError, never with the password; the
    last version then stays as it is.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", schema):
        raise NarukiError(
            f"The Postgres schema '{schema}' can't be used: lower-case letters, digits and _, at most 30 characters."
        )
    with connected(url) as connection, connection.cursor() as cursor:
        if not one(cursor, f"select pg_try_advisory_lock({LOCK})"):
            raise NarukiError("Another run is publishing into this Postgres right now: run again when it is done.")
        rows: dict[str, int] = {}
        if version_of(cursor, schema) != manifest["version"]:
            rows = load(connection, cursor, folder / "published.duckdb", manifest, schema)
            swap(connection, cursor, schema)
        removed, kept = prune(connection, cursor, schema, keep)
    return Swapped(len(rows), sum(rows.values()), removed, kept)


def can_publish(url: str) -> None:
    """Try the address without changing anything. Raises NarukiError where a publication would not be taken."""
    with connected(url) as connection, connection.cursor() as cursor:
        if not one(cursor, "select has_database_privilege(current_database(), 'create')"):
            raise NarukiError(
                f"The user of {VARIABLE} may not make schemas: grant create on database {one(cursor, 'select current_database()')} to it."
            )


@contextmanager
def connected(url: str) -> Iterator["Connection"]:
    """A connection in UTC; every error of the database becomes one sentence without the password."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    parts = split(url)
    try:
        with dbapi.connect(url) as connection:
            with connection.cursor() as cursor:
                cursor.execute("set time zone 'UTC'")
            yield connection
    except Error as error:
        # `from None`: what the driver says may repeat the address with the password.
        raise NarukiError(
            f"Postgres did not take the publication ({VARIABLE}, {parts.hostname or 'local socket'}): {plain(error, parts)}; "
            "its last version stays in place."
        ) from None


def split(url: str) -> SplitResult:
    """The parts of the address; one that can't be read is told without repeating it."""
    parts = None
    with suppress(ValueError):
        parts = urlsplit(url)
        _ = parts.port
    # An '@' or '/' inside a password makes the driver take a part of it for the host, and say so aloud.
    unclear = (
        parts is None
        or parts.scheme not in ("postgresql", "postgres")
        or re.search(r"[@/:#?\[\]]", parts.password or "")
    )
    if unclear or "@" in parts.path + parts.query + parts.fragment:
        raise NarukiError(
            f"{VARIABLE} can't be read: write it as postgresql://user:password@host:5432/database, with special characters of "
            "the password percent-encoded (@ as %40, / as %2F)."
        )
    return parts


def plain(error: Exception, parts: SplitResult) -> str:
    """What the database says, in one line, with the password blotted out wherever it stands."""
    words = str(error)
    for secret in {parts.password, unquote(parts.password or "")} - {None, ""}:
        words = words.replace(secret, "***")
    lines = [
        re.sub(r"^(INVALID\w*|IO|UNKNOWN|INTERNAL|NOT_FOUND|UNAUTHORIZED):\s*", "", line).strip()
        for line in words.splitlines()
    ]
    said = next(
        (line for line in lines if re.search(r"ERROR:|FATAL:|could not|denied", line)), lines[0] if lines else ""
    )
    return re.sub(r"^.*?\b(ERROR|FATAL):\s*", "", said).rstrip(". ") or type(error).__name__


def one(cursor: "Cursor", query: str) -> Any:
    cursor.execute(query)
    row = cursor.fetchone()
    return row[0] if row else None


def many(cursor: "Cursor", query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return cursor.fetchall()


def run(cursor: "Cursor", statements: list[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def version_of(cursor: "Cursor", schema: str) -> str | None:
    """The version that a schema holds; None where there is none."""
    if not one(cursor, f"select to_regclass('{schema}.publication')::text"):
        return None
    return one(cursor, f"select version from {schema}.publication")


def load(
    connection: "Connection", cursor: "Cursor", file: Path, manifest: Mapping[str, Any], schema: str
) -> dict[str, int]:
    """Every table of published.duckdb, seeds included, into `<schema>_next`. Returns rows by table."""
    following = f"{schema}_next"
    run(cursor, [f"drop schema if exists {following} cascade", f"create schema {following}"])
    # What is granted beforehand on tables to come holds for tables that the last version did not have.
    run(cursor, [statement for (statement,) in many(cursor, sql.default_grants(schema, following))])
    loaded = {}
    with duckdb.connect(str(file), read_only=True) as published:
        for place, name, comment in published.execute(sql.PUBLISHED_TABLES).fetchall():
            rows = published.execute(f'select * from {place}."{name}"').to_arrow_reader(ROWS_AT_ONCE)
            loaded[name] = cursor.adbc_ingest(name, rows, mode="create", db_schema_name=following)
            if comment:
                cursor.execute(f"comment on table {following}.\"{name}\" is '{quoted(comment)}'")
        for (view,) in published.execute(sql.CURRENT_VIEWS).fetchall():
            cursor.execute(sql.current_view(following, view))
    cursor.execute(sql.publication(following, {name: str(manifest.get(name)) for name in FACTS}))
    run(cursor, [f'analyze {following}."{name}"' for name in loaded])
    connection.commit()
    return loaded


def swap(connection: "Connection", cursor: "Cursor", schema: str) -> None:
    """Grants of the last version onto the next one, then both names change hands in one transaction."""
    following = f"{schema}_next"
    if last := version_of(cursor, schema):
        run(cursor, [statement for (statement,) in many(cursor, sql.grants(schema, following))])
        cursor.execute(f"alter schema {schema} rename to {sql.past(schema, last)}")
    elif one(cursor, f"select to_regnamespace('{schema}')::text"):
        raise NarukiError(
            f"The Postgres schema '{schema}' holds something that Naruki did not write: rename it, or choose another with "
            "NARUKI_PUBLISH_POSTGRES_SCHEMA."
        )
    cursor.execute(f"alter schema {following} rename to {schema}")
    connection.commit()


def prune(connection: "Connection", cursor: "Cursor", schema: str, keep: int) -> tuple[list[str], list[str]]:
    """Remove past versions beyond `keep` (the one that is read counts). What others built upon, or still read, stays."""
    from adbc_driver_manager import Error

    past = [name for (name,) in many(cursor, sql.past_versions(schema))]
    removed, kept = [], []
    for name in past[max(keep - 1, 0) :]:
        try:
            cursor.execute("set local lock_timeout = '2s'")
            run(cursor, [statement for (statement,) in many(cursor, sql.removal(name))])
            cursor.execute(f"drop schema {name}")
            connection.commit()
            removed.append(name)
        except Error:
            connection.rollback()
            kept.append(name)
    return removed, kept
