"""What is private never reaches the disk as it came: not landing, not quarantine, not the manifest."""

from __future__ import annotations

import hmac

import duckdb
import pyarrow.parquet as pq
import pytest

from naruki.errors import NarukiError
from tests.unit.sources.conftest import Deployment


def test_an_e_mail_address_lands_as_a_keyed_hash_of_its_lower_case(deployment: Deployment) -> None:
    deployment.put("users.csv", "user_id,customer_id,email\nU-1,C-1, Taro@Example.com \nU-2,C-1,\n")
    deployment.land(salt="pepper")
    first, second = deployment.landed("users")
    assert first["email"] == hmac.new(b"pepper", b"taro@example.com", "sha256").hexdigest()
    assert second["email"] is None


def test_texts_are_redacted_while_they_land_names_of_customers_included(deployment: Deployment) -> None:
    deployment.put(
        "customers.csv",
        "customer_id,name,signed_up_at,purpose_of_use\nC-1,Aobadai Foods,2025-01-01,Aobadai Foods logistics\n",
    )
    deployment.put(
        "tickets.csv",
        "ticket_id,status,created_at,subject,body\n"
        "T-1,open,2025-01-01,For Aobadai Foods,Mail taro@example.com or call 090-1234-5678\n",
    )
    deployment.put(
        "usage_events.csv",
        "event_id,customer_id,event_name,occurred_at,properties\n"
        'E-1,C-1,login,2025-01-01,"{""by"": ""taro\\u0040example.com"", ""n"": 4111111111111111}"\n',
    )
    deployment.land()
    (ticket,) = deployment.landed("tickets")
    assert "Aobadai" not in ticket["subject"]
    assert "taro@" not in ticket["body"]
    assert "090-1234" not in ticket["body"]
    (customer,) = deployment.landed("customers")
    assert customer["name"] == "Aobadai Foods"
    assert "Aobadai" not in customer["purpose_of_use"]
    (event,) = deployment.landed("usage_events")
    assert "example.com" not in event["properties"]
    assert "4111111111111111" not in event["properties"]
    with duckdb.connect() as con:
        assert con.execute("select json_valid(?)", [event["properties"]]).fetchone()[0]


def test_names_that_landed_earlier_are_redacted_in_later_deliveries(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,name,signed_up_at\nC-1,Aobadai Foods,2025-01-01\n")
    deployment.land()
    deployment.put("customers.csv", "customer_id,name,signed_up_at\nC-2,Other,2025-01-01\n")
    deployment.put("tickets.csv", "ticket_id,status,created_at,body\nT-1,open,2025-01-01,Aobadai Foods is late\n")
    deployment.land()
    assert "Aobadai" not in deployment.landed("tickets")[0]["body"]


def test_no_private_text_reaches_quarantine_nor_manifest_nor_warnings(deployment: Deployment) -> None:
    mail = "taro@example.com"
    deployment.put(
        "tickets.csv",
        f"ticket_id,status,created_at,body,secret\n,open,2025-01-01,write {mail},{mail}\n"
        f"T-1,open,{mail}\nT-2,shifted,{mail},by one,column\n",
    )
    deployment.put(
        "tickets_2.jsonl", f'{{"ticket_id": "{mail}\n{{"ticket_id": 1, "status": "{mail}", "created_at": ""}}\n'
    )
    deployment.put("users.csv", f"user_id,customer_id,email\n,C-1,{mail}\n")
    report = deployment.land()
    quarantined = deployment.quarantined("tickets") + deployment.quarantined("users")
    assert len(quarantined) == 6
    assert mail not in str(quarantined)
    assert mail not in str(report)
    for path in deployment.home.rglob("*.parquet"):
        assert mail not in str(pq.read_table(path).to_pylist())


def test_a_missing_salt_is_an_error(deployment: Deployment) -> None:
    with pytest.raises(NarukiError, match="salt"):
        deployment.land(salt="")


def test_a_file_without_a_header_is_not_quoted_in_the_message(deployment: Deployment) -> None:
    outcome = deployment.land_one("users.csv", "U-1,C-1,taro@example.com\nU-2,C-1,jiro@example.com\n")
    assert outcome.status == "failed"
    assert "lacks the required column" in outcome.message
    assert "taro" not in str(deployment.manifest())
