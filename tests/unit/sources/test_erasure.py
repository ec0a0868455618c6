"""The rules of erasure: nothing of the customer stays, everything of the others does, and it does not come back."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from naruki.alerts.memory import Memory
from naruki.erasure import erase, keep_out
from naruki.errors import NarukiError
from naruki.home import Home
from tests.unit.sources.conftest import Deployment

NOW = datetime(2025, 6, 2)
FILES = {
    "customers.csv": "customer_id,name,parent_customer_id,signed_up_at\nC-1,Aoba,,2025-01-01\nC-2,Bessho,C-1,2025-01-01\n",
    "users.csv": "user_id,customer_id\nU-1,C-1\nU-2,C-2\n",
    "usage_events.csv": "event_id,user_id,customer_id,event_name,occurred_at\n"
    "E-1,U-1,,login,2025-02-01\nE-2,U-2,,login,2025-02-01\nE-3,,C-1,login,2025-02-01\nE-4,U-1,,,2025-02-01\nE-5,U-2,,,2025-02-01\n",
    "tickets.csv": "ticket_id,customer_id,requester_user_id,status,merged_into_id,created_at\n"
    "T-1,C-1,,open,,2025-01-05\nT-2,,U-1,open,,2025-01-05\nT-3,C-2,,closed,T-1,2025-01-05\n",
    "ticket_events.csv": "event_id,ticket_id,kind,actor_role,occurred_at\n"
    "A-1,T-2,comment,agent,2025-01-06\nA-2,T-3,comment,agent,2025-01-06\n",
}


@pytest.fixture
def home(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NARUKI_SALT", "salt")
    for name, content in FILES.items():
        deployment.put(name, content)
    deployment.land()
    home = Home(deployment.home)
    home.prepare()
    queue = pa.table({"action_key": ["k1", "k2"], "customer_id": ["C-1", "C-2"]})
    home.write_computed("action_queue", date(2025, 5, 31), queue)
    home.warehouse.touch()
    Memory(home.told).remember("json://localhost", ["severe_risk/C-1", "severe_risk/C-2", "digest/2025-W22"])
    return home


def ids(deployment: Deployment, table: str, column: str) -> list[str]:
    return [row[column] for row in deployment.landed(table)]


def test_users_tickets_events_and_decisions_go_with_their_customer(deployment: Deployment, home: Home) -> None:
    erased = erase(home, ["C-1"], now=NOW)
    assert ids(deployment, "customers", "customer_id") == ["C-2"]
    assert ids(deployment, "users", "user_id") == ["U-2"]
    assert ids(deployment, "usage_events", "event_id") == ["E-2"]
    assert ids(deployment, "tickets", "ticket_id") == ["T-3"]
    assert ids(deployment, "ticket_events", "event_id") == ["A-2"]
    assert [row["raw"] for row in deployment.quarantined("usage_events") if "U-1" in row["raw"]] == []
    assert len(deployment.quarantined("usage_events")) == 1
    assert home.read_computed("action_queue")["customer_id"].to_pylist() == ["C-2"]
    assert not home.warehouse.exists()
    assert Memory(home.told).known("json://localhost") == {"severe_risk/C-2", "digest/2025-W22"}
    assert erased.rows == {
        "customers": 1,
        "users": 1,
        "usage_events": 3,
        "tickets": 2,
        "ticket_events": 1,
        "action_queue": 1,
    }


def test_rows_of_others_lose_only_the_pointer(deployment: Deployment, home: Home) -> None:
    erase(home, ["C-1"], now=NOW)
    assert ids(deployment, "customers", "parent_customer_id") == [None]
    assert ids(deployment, "tickets", "merged_into_id") == [None]


def test_the_list_of_the_erased_names_nobody(home: Home) -> None:
    erase(home, ["C-1"], now=NOW)
    written = b"".join(file.read_bytes() for file in (home.root / "erased").glob("*.parquet"))
    assert not any(name in written for name in (b"C-1", b"U-1", b"T-1", b"Aoba"))


def test_an_erased_customer_that_is_delivered_again_is_kept_out(deployment: Deployment, home: Home) -> None:
    erase(home, ["C-1"], now=NOW)
    keep_out(home)
    deployment.put("customers.csv", FILES["customers.csv"] + "C-3,Chino,,2025-03-01\n")
    deployment.put("usage_events.csv", FILES["usage_events.csv"] + "E-6,U-1,,login,2025-03-01\n")
    deployment.land()
    assert keep_out(home).rows == {"customers": 1, "usage_events": 4}
    assert set(ids(deployment, "customers", "customer_id")) == {"C-2", "C-3"}
    assert set(ids(deployment, "usage_events", "event_id")) == {"E-2"}
    assert keep_out(home).rows == {}


def test_an_interrupted_erasure_is_completed_by_the_next_call(
    deployment: Deployment, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        context.setattr("naruki.erasure.take_out", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(home, ["C-1"], now=NOW)
    erase(home, ["C-1"], now=datetime(2025, 6, 3))
    assert ids(deployment, "customers", "customer_id") == ["C-2"]
    assert ids(deployment, "tickets", "ticket_id") == ["T-3"]


def test_an_id_that_nothing_belongs_to_erases_nothing(deployment: Deployment, home: Home) -> None:
    with pytest.raises(NarukiError, match="Nothing in this home belongs to the customer 'C-9'"):
        erase(home, ["C-1", "C-9"], now=NOW)
    assert len(deployment.landed("customers")) == 2
    assert home.warehouse.exists()


def test_no_file_of_the_home_holds_the_customers_name(home: Home) -> None:
    def holding() -> list[str]:
        return [file.name for file in home.root.rglob("*") if file.is_file() and b"Aoba" in file.read_bytes()]

    assert holding()
    erase(home, ["C-1"], now=NOW)
    assert holding() == []
