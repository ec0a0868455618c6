"""The rules of landing: nothing is lost, nothing lands twice, nothing half, nothing private."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from naruki.errors import NarukiError
from naruki.sources.contract import AUDIT_COLUMNS, load_contract
from naruki.sources.landing import Limits, land, landing_profile, open_session
from naruki.sources.mapping import load_sources
from tests.unit.sources.conftest import GENEROUS, NOON, Deployment, few

TICKETS = "ticket_id,status,created_at,body\nT-1,open,2025-01-05T23:59:00Z,one\nT-2,open,2025-01-03,two\n"


def test_every_landed_row_says_where_it_came_from(deployment: Deployment) -> None:
    path = deployment.put("tickets/2025-01.csv", TICKETS)
    deployment.land()
    first, second = deployment.landed("tickets")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert first["_source_file"] == "tickets/2025-01.csv"
    assert (first["_file_sha256"], first["_loaded_at"], first["_deleted_at"]) == (sha256, NOON, None)
    assert [first["_row_number"], second["_row_number"]] == [1, 2]
    (load,) = (deployment.home / "landing" / "tickets").glob("load_date=2025-06-01/*.parquet")
    assert load.stem == first["_load_id"]


def test_the_manifest_tells_what_became_of_a_file(deployment: Deployment) -> None:
    outcome = deployment.land_one("tickets.csv", TICKETS)
    assert (outcome.encoding, outcome.delimiter, outcome.status) == ("utf-8", ",", "landed")
    assert (outcome.rows_read, outcome.rows_landed, outcome.rows_quarantined) == (2, 2, 0)
    assert (outcome.first_event_on, outcome.last_event_on) == (date(2025, 1, 3), date(2025, 1, 5))
    assert outcome.loaded_at == NOON
    assert [row for row in deployment.manifest() if row.table_name == "tickets"] == [outcome]


def test_every_table_has_a_file_with_all_columns_though_nothing_was_delivered(deployment: Deployment) -> None:
    deployment.contract = load_contract()
    deployment.land()
    for table in load_contract().tables:
        empty = deployment.home / "landing" / table.name / "load_date=1970-01-01" / "empty.parquet"
        assert pq.read_schema(empty).equals(table.arrow_schema())
        assert pq.read_metadata(empty).num_rows == 0


@pytest.mark.parametrize("name", load_contract().table_names)
def test_a_landed_file_has_exactly_the_contracts_types(deployment: Deployment, name: str) -> None:
    table = load_contract().table(name)
    deployment.contract = few(*{"customers": None, name: None})
    samples = {
        "string": "x",
        "integer": "1",
        "number": "1.5",
        "boolean": "yes",
        "timestamp": "2025-01-02",
        "date": "2025-01-02",
        "json": "{}",
    }
    cells = [column.values[0] if column.values else samples[column.type] for column in table.columns]
    deployment.put(f"{name}.csv", ",".join(table.column_names) + "\n" + ",".join(cells) + "\n")
    deployment.land()
    (load,) = (deployment.home / "landing" / name).glob("load_date=2025-06-01/*.parquet")
    assert pq.read_schema(load).remove_metadata().equals(table.arrow_schema())
    (row,) = deployment.landed(name)
    assert all(row[column] is not None for column in table.column_names)
    assert row["_nulled_columns"] is None


def test_the_same_file_again_is_skipped_and_recorded(deployment: Deployment) -> None:
    deployment.land_one("tickets.csv", TICKETS)
    again = deployment.land()
    assert {row.status for row in again.rows} == {"skipped_same_file"}
    assert not again.changed
    assert len(deployment.landed("tickets")) == 2
    assert [row.status for row in deployment.manifest() if row.table_name == "tickets"] == [
        "landed",
        "skipped_same_file",
    ]


def test_skipped_files_of_a_run_share_one_file_of_the_manifest(deployment: Deployment) -> None:
    for number in range(5):
        deployment.put(f"tickets_{number}.csv", TICKETS.replace("T-", f"T-{number}"))
    deployment.land()
    before = len(list((deployment.home / "landing" / "_manifest").rglob("*.parquet")))
    deployment.land()
    assert len(list((deployment.home / "landing" / "_manifest").rglob("*.parquet"))) == before + 1
    assert [row.status for row in deployment.manifest()] == ["landed"] * 6 + ["skipped_same_file"] * 6


def test_two_runs_cannot_land_into_one_home_at_a_time(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    sources = load_sources(deployment.folder)
    with open_session(sources, deployment.home, now=NOON, salt="s"), pytest.raises(NarukiError, match="Another run"):
        deployment.land()
    assert deployment.land().is_good


def test_the_same_content_under_another_name_is_skipped_too(deployment: Deployment) -> None:
    deployment.put("tickets_1.csv", TICKETS)
    deployment.put("tickets_2.csv", TICKETS)
    deployment.land()
    assert len(deployment.landed("tickets")) == 2


def test_late_and_corrected_rows_are_appended_and_the_old_version_stays(deployment: Deployment) -> None:
    deployment.land_one("tickets.csv", TICKETS)
    outcome = deployment.land_one("tickets.csv", TICKETS.replace("two", "corrected"))
    assert outcome.status == "landed"
    assert [row["body"] for row in deployment.landed("tickets")] == ["one", "two", "one", "corrected"]


def test_of_two_files_of_a_run_the_later_one_sorts_last(deployment: Deployment) -> None:
    deployment.put("tickets_2025-01.csv", TICKETS)
    deployment.put("tickets_2025-02.csv", TICKETS.replace("two", "newer"))
    deployment.land()
    newest = max(deployment.landed("tickets"), key=lambda row: (row["_loaded_at"], row["_load_id"], row["_row_number"]))
    assert newest["body"] == "newer"


def test_what_a_crash_left_is_removed_before_it_is_read(deployment: Deployment) -> None:
    deployment.land_one("tickets.csv", TICKETS)
    folder = deployment.home / "landing" / "tickets" / "load_date=2025-06-01"
    (load,) = folder.glob("*.parquet")
    (folder / "20250601T110000-tickets-0001-00000000.parquet").write_bytes(load.read_bytes())  # no manifest row
    (folder / "20250601T110000-tickets-0002-00000000.tmp").write_bytes(b"half")
    report = deployment.land()
    assert len(report.removed) == 2
    assert len(deployment.landed("tickets")) == 2


def test_a_lost_manifest_is_an_error_and_deletes_nothing(deployment: Deployment) -> None:
    deployment.put("tickets_1.csv", TICKETS)
    deployment.put("tickets_2.csv", TICKETS.replace("T-", "T-9"))
    deployment.land()
    shutil.rmtree(deployment.home / "landing" / "_manifest")
    with pytest.raises(NarukiError, match="3 loads that its manifest doesn't know"):
        deployment.land()
    assert len(deployment.landed("tickets")) == 4


def test_a_crash_before_the_manifest_lands_the_file_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from naruki.sources import manifest

    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    whole = manifest.append_manifest

    def killed(home, rows):
        raise KeyboardInterrupt

    monkeypatch.setattr(manifest, "append_manifest", killed)
    with pytest.raises(KeyboardInterrupt):
        deployment.land()
    assert len(deployment.landed("customers")) == 1  # renamed, but unknown to the manifest
    monkeypatch.setattr(manifest, "append_manifest", whole)
    deployment.land()
    assert len(deployment.landed("customers")) == 1


def test_a_bad_required_cell_quarantines_the_row_with_every_reason(deployment: Deployment) -> None:
    deployment.put(
        "subscriptions.csv",
        "subscription_id,customer_id,status,unit_amount_minor,currency,billing_interval,started_at\n"
        "S-1,C-1,gone,many,JPY,month,\nS-2,C-1,ACTIVE,1000,JPY,month,2025-01-01\n",
    )
    deployment.land()
    (good,) = deployment.landed("subscriptions")
    assert good["status"] == "active"
    (bad,) = deployment.quarantined("subscriptions")
    assert bad["reasons"] == (
        "status is not one of active, trialing, past_due, paused, canceled, incomplete, incomplete_expired, unpaid; "
        "unit_amount_minor is no integer; started_at is missing"
    )
    assert '"unit_amount_minor":"many"' in bad["raw"]


def test_a_bad_optional_cell_is_null_and_counted(deployment: Deployment) -> None:
    outcome = deployment.land_one(
        "tickets.csv",
        "ticket_id,status,created_at,handle_seconds,fault,solved_at\n"
        "T-1,open,2025-01-01,ten,nobody,\nT-2,open,2025-01-01,10,ours,2025-01-02\n",
    )
    assert (outcome.rows_landed, outcome.cells_nulled) == (2, 2)
    first, second = deployment.landed("tickets")
    assert (first["handle_seconds"], first["fault"], first["_nulled_columns"]) == (None, None, "handle_seconds,fault")
    assert (second["handle_seconds"], second["fault"], second["_nulled_columns"]) == (10, "ours", None)


def test_an_event_needs_a_customer_or_a_user(deployment: Deployment) -> None:
    outcome = deployment.land_one(
        "usage_events.csv",
        "event_id,customer_id,user_id,event_name,occurred_at\n"
        "E-1,C-1,,login,2025-01-01\nE-2,,U-1,login,2025-01-01\nE-3,,,login,2025-01-01\n",
    )
    assert (outcome.rows_landed, outcome.rows_quarantined) == (2, 1)
    assert deployment.quarantined("usage_events")[0]["reasons"] == "customer_id or user_id is missing"


EVENTS = [
    "C-1,login,2025-01-01T08:00:00Z",
    "C-1,login,2025-01-01T08:00:00Z",
    "C-1,Login,2025-01-01T08:00:00Z",
    "C-2,login,2025-01-01T08:00:00Z",
]


def test_events_without_an_id_get_a_stable_one_and_identical_rows_stay_apart(deployment: Deployment) -> None:
    deployment.put("usage_events.csv", "customer_id,event_name,occurred_at\n" + "\n".join(EVENTS) + "\n")
    deployment.land()
    first = sorted(row["event_id"] for row in deployment.landed("usage_events"))
    assert len(set(first)) == 4
    assert sum(key.endswith("-2") for key in first) == 1
    # The same events in another order, with the columns in another order and another spelling of the instant.
    other = [
        "{2},{0},{1}".format(*event.replace("T08:00:00Z", " 17:00:00+09:00").split(",")) for event in reversed(EVENTS)
    ]
    deployment.put("usage_events.csv", "occurred_at,customer_id,event_name\n" + "\n".join(other) + "\n")
    deployment.land()
    both = [row["event_id"] for row in deployment.landed("usage_events")]
    assert sorted(both) == sorted(first * 2)


def test_parquet_lands_with_its_own_types(deployment: Deployment) -> None:
    table = pa.table(
        {
            "event_id": pa.array([1, 2], pa.int32()),
            "customer_id": ["C-1", "C-1"],
            "user_id": [7.0, float("nan")],
            "event_name": pa.array(["a", "b"]).dictionary_encode(),
            "occurred_at": pa.array([datetime(2025, 1, 2, 3, tzinfo=UTC)] * 2, pa.timestamp("ms", tz="Asia/Tokyo")),
            "received_at": pa.array([datetime(2025, 1, 2, 4), None], pa.timestamp("ns")),
            "quantity": pa.array([1.5, float("nan")]),
            "is_error": [True, None],
            "properties": [{"plan": "a"}, None],
        }
    )
    pq.write_table(table, deployment.folder / "usage_events.parquet")
    outcome = next(row for row in deployment.land().rows if row.table_name == "usage_events")
    assert (outcome.rows_landed, outcome.cells_nulled) == (2, 1)
    first, second = deployment.landed("usage_events")
    assert (first["event_id"], first["user_id"], second["user_id"]) == ("1", "7", None)
    assert first["occurred_at"] == datetime(2025, 1, 2, 3)
    assert first["received_at"] == datetime(2025, 1, 2, 4)
    assert (first["quantity"], second["quantity"], second["_nulled_columns"]) == (1.5, None, "quantity")
    assert (first["is_error"], first["properties"]) == (True, '{"plan":"a"}')


def test_limits_of_memory_and_threads_are_kept(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    assert deployment.land(Limits(quarantine_share=1.0, memory="200MB", threads=1)).is_good


def test_a_table_whose_feed_ended_is_told(deployment: Deployment) -> None:
    deployment.land_one("tickets.csv", TICKETS)
    (deployment.folder / "tickets.csv").unlink()
    report = deployment.land()
    assert "tickets has no file any more; the rows that landed earlier stay" in report.warnings
    assert len(deployment.landed("tickets")) == 2


def test_an_unwritable_home_is_an_error_in_one_sentence(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    deployment.home.write_text("a file where the home should be")
    with pytest.raises(NarukiError, match="home can't be written"):
        deployment.land()


def test_failures_are_told_in_one_sentence(deployment: Deployment) -> None:
    deployment.put("tickets.csv", "ticket_id\nT-1\n")
    with pytest.raises(NarukiError, match=r"^tickets.csv lacks the required columns status, created_at .*columns:`\.$"):
        deployment.land().raise_if_failed()


def test_a_profile_has_one_row_a_load_and_column(deployment: Deployment) -> None:
    deployment.put("tickets_1.csv", TICKETS)
    deployment.put("tickets_2.csv", "ticket_id,status,created_at\nT-9,open,2025-02-01\n")
    deployment.land()
    profile = landing_profile(deployment.home, "tickets").to_pylist()
    columns = load_contract().table("tickets").column_names
    assert len(profile) == 2 * len(columns)
    of = {(row["load_id"].split("-")[2], row["column_name"]): row for row in profile}
    ids = of["0001", "ticket_id"]
    assert (ids["rows"], ids["nulls"], ids["distincts"], ids["minimum"], ids["maximum"]) == (2, 0, 2, "T-1", "T-2")
    assert of["0002", "body"]["null_share"] == 1.0
    assert not set(AUDIT_COLUMNS) & {row["column_name"] for row in profile}


def test_a_profile_of_a_table_without_loads_has_no_rows(deployment: Deployment) -> None:
    deployment.land()
    assert len(landing_profile(deployment.home, "calls")) == 0


def test_landing_at_an_instant_with_a_zone_is_landing_at_that_instant_in_utc(deployment: Deployment) -> None:
    from datetime import timedelta, timezone

    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    now = datetime(2025, 6, 2, 3, tzinfo=timezone(timedelta(hours=9)))
    land(load_sources(deployment.folder), deployment.home, now=now, salt="s", limits=GENEROUS)
    assert deployment.landed("customers")[0]["_loaded_at"] == datetime(2025, 6, 1, 18)
