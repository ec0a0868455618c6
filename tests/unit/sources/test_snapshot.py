"""Deletes at the source, found by a full pull of keys: marked, never removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from naruki.sources.landing import LandingReport, Limits
from tests.unit.sources.conftest import Deployment

HEADER = "ticket_id,status,created_at\n"
HALF = Limits(quarantine_share=1.0, vanished_share=0.5)
YML = "tables:\n  customers: {files: customers.csv}\n  tickets: {files: 'tickets*.csv', full_snapshot: true}\n"


@pytest.fixture
def pull(deployment: Deployment):
    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    path: Path = deployment.put("sources.yml", YML)

    def run(*keys: str, extra: str = "", limits: Limits = HALF) -> LandingReport:
        rows = "".join(f"{key},open,2025-01-0{int(key[2:])}\n" for key in keys)
        deployment.put("tickets.csv", HEADER + rows + extra)
        return deployment.land(limits, mapping=path)

    return run


def standing(deployment: Deployment) -> set[str]:
    """Keys whose newest version is no deletion, as staging sees them."""
    newest = {}
    for row in sorted(deployment.landed("tickets"), key=lambda row: (row["_loaded_at"], row["_load_id"])):
        newest[row["ticket_id"]] = row["_deleted_at"]
    return {key for key, deleted_at in newest.items() if deleted_at is None}


def test_a_key_that_a_full_snapshot_no_longer_holds_is_marked_deleted(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    report = pull("T-1", "T-3")
    assert standing(deployment) == {"T-1", "T-3"}
    (tombstone,) = [row for row in deployment.landed("tickets") if row["_deleted_at"]]
    assert (tombstone["ticket_id"], tombstone["_deleted_at"]) == ("T-2", tombstone["_loaded_at"])
    assert f"{tombstone['created_at']:%Y-%m-%d}" == "2025-01-02"  # the day it touches
    marked = next(row for row in report.rows if row.source_file == "(full snapshot)")
    assert (marked.status, marked.rows_read, marked.rows_landed) == ("landed", 1, 1)


def test_a_key_that_comes_back_stands_again_even_in_a_file_seen_before(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    pull("T-1", "T-3")
    pull("T-1", "T-2", "T-3")
    assert standing(deployment) == {"T-1", "T-2", "T-3"}


def test_the_same_snapshot_again_changes_nothing(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    pull("T-1", "T-3")
    before = deployment.landed("tickets")
    pull("T-1", "T-3")
    assert deployment.landed("tickets") == before


def test_a_key_that_cannot_be_read_is_not_gone(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    pull("T-1", "T-3", extra="T-2,open,no day\n")
    assert standing(deployment) == {"T-1", "T-2", "T-3"}


def test_a_snapshot_that_lacks_too_much_is_not_believed(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    report = pull("T-1")
    assert standing(deployment) == {"T-1", "T-2", "T-3"}
    assert "lacks 2 of 3 keys" in report.failures[0].message


def test_an_empty_or_failed_snapshot_deletes_nothing(deployment: Deployment, pull) -> None:
    pull("T-1", "T-2", "T-3")
    deployment.put("tickets.csv", "")
    deployment.land(mapping=deployment.folder / "sources.yml")
    pull("T-1", extra='T-4,open,"2025-01-01\n')
    assert standing(deployment) == {"T-1", "T-2", "T-3"}


def test_without_the_setting_a_missing_key_means_nothing(deployment: Deployment) -> None:
    deployment.land_one("tickets.csv", HEADER + "T-1,open,2025-01-01\nT-2,open,2025-01-01\n")
    deployment.land_one("tickets.csv", HEADER + "T-1,open,2025-01-01\n")
    assert standing(deployment) == {"T-1", "T-2"}
