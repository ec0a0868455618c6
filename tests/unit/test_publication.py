"""Readers always see one whole version."""

import json
import threading
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from naruki.home import Home
from naruki.publishing.publication import Contents, prune, publish

DAY = date(2026, 10, 31)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.prepare()
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("create table fct_ticket as select range as ticket_id from range(3)")
    home.write_computed("customer_tiers", DAY, tiers("high"))
    return home


def tiers(tier, day=DAY):
    return pa.table({"as_of_date": [day], "customer_id": ["c1"], "tier": [tier]})


def publish_as(home, version, tables=("fct_ticket",)):
    return publish(
        home, version, DAY, Contents(tables, described={"fct_ticket": "One row per ticket."}), {"run_id": version}
    )


def test_a_publication_holds_the_tables_as_duckdb_and_parquet_with_a_manifest(home):
    publish_as(home, "v1")
    manifest = json.loads((home.current / "manifest.json").read_text())
    assert manifest["run_id"] == "v1"
    assert {name: t["rows"] for name, t in manifest["tables"].items()} == {"customer_tiers": 1, "fct_ticket": 3}
    assert pq.read_table(home.current / "parquet" / "fct_ticket.parquet").num_rows == 3
    with duckdb.connect(str(home.current / "published.duckdb"), read_only=True) as published:
        assert published.execute("select tier from customer_tiers_current").fetchall() == [("high",)]
        comments = published.execute("select comment from duckdb_tables() where table_name = 'fct_ticket'").fetchall()
        assert comments == [("One row per ticket.",)]


def test_the_current_view_shows_only_the_newest_day_and_the_table_keeps_history(home):
    home.write_computed("customer_tiers", date(2026, 10, 30), tiers("low", date(2026, 10, 30)))
    publish_as(home, "v1")
    with duckdb.connect(str(home.current / "published.duckdb"), read_only=True) as published:
        assert published.execute("select count(*) from customer_tiers").fetchone() == (2,)
        assert published.execute("select tier from customer_tiers_current").fetchall() == [("high",)]


def test_a_publication_that_fails_leaves_the_last_one_in_place_and_nothing_half_done(home):
    publish_as(home, "v1")
    with pytest.raises(duckdb.CatalogException):
        publish_as(home, "v2", tables=("no_such_table",))
    assert home.current.resolve().name == "v1"
    assert [path.name for path in home.published.iterdir() if "v2" in path.name] == []


def test_readers_in_a_loop_never_meet_half_a_publication(home):
    publish_as(home, "v0")
    seen, errors, stop = set(), [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                version = home.current.resolve()
                with duckdb.connect(str(version / "published.duckdb"), read_only=True) as published:
                    rows = published.execute(
                        "select (select count(*) from fct_ticket), (select count(*) from customer_tiers)"
                    ).fetchone()
                assert rows == (3, 1)
                assert json.loads((version / "manifest.json").read_text())["tables"]["fct_ticket"]["rows"] == 3
                seen.add(version.name)
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 11):
        publish_as(home, f"v{number}")
    stop.set()
    reader.join()
    assert errors == []
    assert len(seen) > 1


def test_the_same_rows_give_the_same_checksums(home):
    first, second = publish_as(home, "v1"), publish_as(home, "v2")
    assert first == second


def test_pruning_keeps_the_newest_versions_and_always_the_current_one(home):
    for number in range(4):
        publish_as(home, f"v{number}")
    assert prune(home, keep=2) == ["v0", "v1"]
    assert home.current.resolve().name == "v3"
