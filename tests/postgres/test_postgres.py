"""Readers of Postgres see one whole version, keep what they were granted, and never hold a run up."""

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from naruki.doctor import outlets
from naruki.errors import NarukiError
from naruki.home import Home
from naruki.publishing.older import remove_older
from naruki.publishing.postgres import publish_postgres
from tests.postgres.server import ENCODED, SECRET, Server


@pytest.fixture
def folder(tmp_path: Path, server: Server) -> Path:
    """A publication with every type that published tables have; each test finds an empty database."""
    server.run(
        *(
            f"drop schema {name} cascade"
            for (name,) in server.rows("select nspname::text from pg_namespace where nspname ~ '^naruki'")
        ),
        "alter default privileges revoke all on tables from reader",
    )
    with duckdb.connect(str(tmp_path / "published.duckdb")) as published:
        published.execute("""
            create schema policy;
            create table policy.cfg_tier as select 'high' as tier;
            create table customer_tiers as
            select date '2026-10-30' + i::int as as_of_date, 'C' || i as customer_id, '成る木' as tier, i > 0 as is_floor, 1.5::double as p,
                12.34::decimal(18, 2) as money, 7::bigint as rank, timestamp '2026-10-31 09:00:00' as decided_at, null::varchar as owner,
                2::integer as small, ['a', 'b'] as terms
            from range(2) t(i);
            comment on table customer_tiers is 'One row per day, customer''s tier.';
            create view customer_tiers_current as
            select * from customer_tiers where as_of_date = (select max(as_of_date) from customer_tiers);
        """)
    return tmp_path


def version(number: int) -> dict[str, str]:
    facts = {"run_id": "r", "as_of_date": "2026-10-31", "code_version": "1", "policy_version": "p"}
    return facts | {"version": f"20261101T0000{number:02d}Z-abc"}


def schemas(server: Server) -> list[str]:
    return [
        name for (name,) in server.rows("select nspname::text from pg_namespace where nspname ~ '^naruki' order by 1")
    ]


def test_tables_arrive_with_their_types_comments_policy_and_the_newest_day(server: Server, folder: Path):
    done = publish_postgres(server.url(), folder, version(1), keep=3)
    assert (done.tables, done.rows) == (2, 3)
    (row,) = server.rows("select * from naruki.customer_tiers_current")
    assert row[:4] == (date(2026, 10, 31), "C1", "成る木", True)
    assert row[4] == 1.5
    assert Decimal(row[5]) == Decimal("12.34")
    assert row[6:10] == (7, datetime(2026, 10, 31, 9), None, 2)
    kinds = dict(
        server.rows(
            "select column_name::text, data_type::text from information_schema.columns where table_name = 'customer_tiers'"
        )
    )
    assert kinds["as_of_date"] == "date"
    assert kinds["money"] == "numeric"
    assert kinds["decided_at"] == "timestamp without time zone"
    assert kinds["is_floor"] == "boolean"
    assert kinds["terms"] == "ARRAY"
    assert server.rows("select obj_description('naruki.customer_tiers'::regclass)") == [
        ("One row per day, customer's tier.",)
    ]
    assert server.rows("select tier from naruki.cfg_tier") == [("high",)]
    assert server.rows("select version, as_of_date from naruki.publication") == [
        (version(1)["version"], date(2026, 10, 31))
    ]


def test_the_next_version_takes_the_name_and_older_ones_stay_readable_up_to_the_number_kept(
    server: Server, folder: Path
):
    for number in range(1, 5):
        done = publish_postgres(server.url(), folder, version(number), keep=3)
    assert schemas(server) == ["naruki", "naruki_20261101t000002z_abc", "naruki_20261101t000003z_abc"]
    assert done.removed == ["naruki_20261101t000001z_abc"]
    assert server.rows("select version from naruki.publication") == [(version(4)["version"],)]
    assert server.rows("select count(*) from naruki_20261101t000002z_abc.customer_tiers_current") == [(1,)]


def test_the_same_version_twice_changes_nothing(server: Server, folder: Path):
    publish_postgres(server.url(), folder, version(1), keep=3)
    assert publish_postgres(server.url(), folder, version(1), keep=3).tables == 0
    assert schemas(server) == ["naruki"]


def test_grants_on_schema_tables_columns_and_on_tables_to_come_are_kept(server: Server, folder: Path):
    publish_postgres(server.url(), folder, version(1), keep=3)
    server.run(
        "grant usage on schema naruki to reader",
        "grant select on naruki.customer_tiers_current to reader",
        "grant select (tier) on naruki.cfg_tier to reader",
        "alter default privileges in schema naruki grant select on tables to reader",
    )
    with duckdb.connect(str(folder / "published.duckdb")) as published:
        published.execute(
            "create table new_table as select 1 as one; alter table policy.cfg_tier add column hidden integer"
        )
    for number in (2, 3):
        publish_postgres(server.url(), folder, version(number), keep=3)
        server.run("select count(*) from naruki.customer_tiers_current", user="reader")
        assert server.rows("select one from naruki.new_table", user="reader") == [(1,)]
    assert server.rows(
        "select count(*) from information_schema.column_privileges where grantee = 'reader' and table_name = 'cfg_tier' and table_schema = 'naruki' and column_name = 'tier'"
    ) == [(1,)]


def test_a_reader_without_a_grant_stays_outside(server: Server, folder: Path):
    for number in (1, 2):
        publish_postgres(server.url(), folder, version(number), keep=3)
    with pytest.raises(Exception, match="permission denied"):
        server.rows("select * from naruki.customer_tiers", user="reader")


def test_readers_in_a_loop_through_ten_publications_never_meet_half_a_version(server: Server, folder: Path):
    def publish(number: int) -> None:
        with duckdb.connect(str(folder / "published.duckdb")) as published:
            published.execute(f"create or replace table step as select {number} as number")
        publish_postgres(server.url(), folder, version(number), keep=2)

    publish(0)
    server.run(
        "grant usage on schema naruki to reader",
        "grant select on all tables in schema naruki to reader",
        "alter default privileges in schema naruki grant select on tables to reader",
    )
    seen, errors, stop = set(), [], threading.Event()

    def read() -> None:
        query = (
            "select version, number, (select count(*) from naruki.customer_tiers) from naruki.publication, naruki.step"
        )
        with server.connect("reader") as connection, connection.cursor() as cursor:
            while not stop.is_set() and not errors:
                try:
                    cursor.execute(query)
                    name, number, rows = cursor.fetchone()
                    assert (name, rows) == (version(number)["version"], 2)
                    seen.add(name)
                except Exception as error:
                    errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 11):
        publish(number)
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert len(seen) > 1


def test_a_long_reader_does_not_hold_up_a_publication_and_reads_on(server: Server, folder: Path):
    publish_postgres(server.url(), folder, version(1), keep=1)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("select count(*) from naruki.customer_tiers")
        cursor.fetchone()
        done = publish_postgres(server.url(), folder, version(2), keep=1)
        assert done.kept == ["naruki_20261101t000001z_abc"]
        cursor.execute("select count(*) from naruki_20261101t000001z_abc.customer_tiers")
        assert cursor.fetchone() == (2,)
        cursor.execute("commit")
    assert publish_postgres(server.url(), folder, version(3), keep=1).removed == [
        "naruki_20261101t000002z_abc",
        "naruki_20261101t000001z_abc",
    ]


def test_a_version_on_which_somebody_built_a_view_is_not_taken_from_under_it(server: Server, folder: Path):
    publish_postgres(server.url(), folder, version(1), keep=1)
    server.run(
        "drop view if exists public.own", "create view public.own as select customer_id from naruki.customer_tiers"
    )
    assert publish_postgres(server.url(), folder, version(2), keep=1).kept == ["naruki_20261101t000001z_abc"]
    assert server.rows("select count(*) from public.own") == [(2,)]
    server.run("drop view public.own")


def test_a_load_that_breaks_off_leaves_the_last_version_and_the_next_run_clears_it_away(
    server: Server, folder: Path, monkeypatch
):
    publish_postgres(server.url(), folder, version(1), keep=3)
    from naruki.publishing import postgres

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(postgres, "swap", killed)
        with pytest.raises(KeyboardInterrupt):
            publish_postgres(server.url(), folder, version(2), keep=3)
    assert server.rows("select version from naruki.publication") == [(version(1)["version"],)]
    publish_postgres(server.url(), folder, version(3), keep=3)
    assert schemas(server) == ["naruki", "naruki_20261101t000001z_abc"]


def test_a_schema_of_somebody_else_is_not_touched(server: Server, folder: Path):
    server.run("create schema naruki", "create table naruki.theirs (a int)")
    with pytest.raises(NarukiError, match="holds something that Naruki did not write"):
        publish_postgres(server.url(), folder, version(1), keep=3)
    assert server.rows("select count(*) from naruki.theirs") == [(0,)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://publisher:wr0ng-secret@127.0.0.1:{port}/bi", "password authentication failed"),
        (f"postgresql://publisher:{ENCODED}@127.0.0.1:1/bi", "refused"),
        (f"postgresql://publisher:{ENCODED}@127.0.0.1:{{port}}/nowhere", 'database "nowhere" does not exist'),
        (f"postgresql://reader:{ENCODED}@127.0.0.1:{{port}}/bi", "permission denied for database bi"),
        (f"postgresql://publisher:{SECRET}@127.0.0.1:{{port}}/bi", "percent-encoded"),
        (f"publisher:{SECRET}@127.0.0.1", "percent-encoded"),
    ],
)
def test_errors_are_one_sentence_without_the_password(server: Server, folder: Path, url: str, words: str):
    with pytest.raises(NarukiError) as caught:
        publish_postgres(url.format(port=server.port), folder, version(1), keep=3)
    said = str(caught.value)
    assert words in said
    assert "\n" not in said
    assert not any(secret in said for secret in (SECRET, ENCODED, "wr0ng-secret", "ss/word"))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert json.dumps(said)


def test_two_runs_never_publish_into_one_database_at_once(server: Server, folder: Path):
    from naruki.publishing.postgres import LOCK

    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_lock({LOCK})")
        with pytest.raises(NarukiError, match="Another run is publishing"):
            publish_postgres(server.url(), folder, version(1), keep=3)


def test_times_are_utc_whatever_the_database_prefers(server: Server, folder: Path):
    server.run("alter database bi set timezone to 'Asia/Tokyo'")
    publish_postgres(server.url(), folder, version(1), keep=3)
    assert server.rows("select max(decided_at) from naruki.customer_tiers") == [
        (datetime(2026, 10, 31, 9, tzinfo=UTC).replace(tzinfo=None),)
    ]
    server.run("alter database bi reset timezone")


def test_what_was_erased_is_in_no_older_version(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch):
    for number in (1, 2):
        publish_postgres(server.url(), folder, version(number), keep=3)
    home = Home(folder / "home")
    newest = home.published / version(2)["version"]
    for name in (version(1)["version"], version(2)["version"]):
        (home.published / name).mkdir(parents=True)
    (newest / "manifest.json").write_text(json.dumps(version(2)))
    home.current.symlink_to(newest.name)
    monkeypatch.setenv("NARUKI_PUBLISH_POSTGRES_URL", server.url())
    remove_older(home)
    assert schemas(server) == ["naruki"]
    assert sorted(path.name for path in home.published.iterdir()) == [newest.name, "current"]

    publish_postgres(server.url(), folder, version(3), keep=3)
    (newest / "manifest.json").write_text(json.dumps(version(3)))
    past = next(name for name in schemas(server) if name != "naruki")
    server.run("create schema others", f"create view others.mine as select * from {past}.customer_tiers")
    with pytest.raises(NarukiError, match="views of others"):
        remove_older(home)


def test_doctor_finds_a_database_that_takes_publications_and_one_that_does_not(server: Server, monkeypatch):
    monkeypatch.setenv("NARUKI_PUBLISH_POSTGRES_URL", server.url())
    assert [one.level for one in outlets()] == ["ok"]
    monkeypatch.setenv("NARUKI_PUBLISH_POSTGRES_URL", server.url("reader"))
    (found,) = outlets()
    assert (found.level, "grant create on database bi" in found.message) == ("error", True)
