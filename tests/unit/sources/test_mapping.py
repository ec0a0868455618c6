"""Where rows come from: a folder of canonical files or a sources.yml, and what is told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from naruki.errors import NarukiError
from naruki.sources.check import check_sources
from naruki.sources.contract import load_contract
from naruki.sources.mapping import load_sources
from tests.unit.sources.conftest import Deployment

CUSTOMERS = "  customers: {files: c.csv}\n"


def files_of(folder: Path) -> dict[str, list[str]]:
    sources = load_sources(folder)
    return {entry.table: [sources.relative(path) for path in entry.files] for entry in sources.entries}


def test_a_folder_of_files_named_after_the_tables_needs_no_mapping(deployment: Deployment) -> None:
    for name in (
        "customers.csv", "Tickets_2025-01.csv", "tickets_2025-02.csv.gz", "tickets/2025-03.jsonl",
        "tickets/load_date=x/a.parquet", "ticket_events.csv.zst", "README.md",
        "_notes.csv", ".hidden.csv", "_old/tickets.csv", "tickets/_half.csv",
    ):  # fmt: skip
        deployment.put(name, "x")
    assert files_of(deployment.folder) == {
        "customers": ["customers.csv"],
        "tickets": [
            "Tickets_2025-01.csv",
            "tickets/2025-03.jsonl",
            "tickets/load_date=x/a.parquet",
            "tickets_2025-02.csv.gz",
        ],
        "ticket_events": ["ticket_events.csv.zst"],
    }


def test_a_data_file_that_belongs_to_no_table_is_told(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    deployment.put("custmers.csv", "x")
    assert "custmers.csv belongs to no table and was left out" in deployment.land().warnings


def test_without_customers_there_is_an_error(deployment: Deployment) -> None:
    deployment.put("tickets.csv", "x")
    with pytest.raises(NarukiError, match=r"holds no customers file; add customers.csv"):
        load_sources(deployment.folder)


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NarukiError, match="'nowhere' don't exist"):
        load_sources(tmp_path / "nowhere")


def mapping(deployment: Deployment, text: str) -> Path:
    return deployment.put("sources.yml", text)


def test_columns_are_sql_over_the_sources_own_columns(deployment: Deployment) -> None:
    deployment.put("crm/accounts.csv", "id,first,last,since,seats\n7,Ao,Ba,2025-01-01,3\n8,Ku,Ro,2025-01-02,x\n")
    path = mapping(
        deployment,
        """
name: crm
time_zone: Asia/Tokyo
tables:
  customers:
    files: crm/*.csv
    where: id <> '9'
    columns:
      customer_id: "'C-' || id"
      name: first || ' ' || last
      signed_up_at: since
      employees: try_cast(seats as integer) * 10
      currency: "'JPY'"
""",
    )
    deployment.land(mapping=path)
    first, second = deployment.landed("customers")
    assert (first["customer_id"], first["name"], first["employees"]) == ("C-7", "Ao Ba", 30)
    assert f"{first['signed_up_at']:%Y-%m-%dT%H}" == "2024-12-31T15"  # midnight in Tokyo
    assert (second["employees"], second["_source"], second["_source_file"]) == (None, "crm", "crm/accounts.csv")


def test_several_sources_may_feed_one_table_and_rows_left_out_are_counted(deployment: Deployment) -> None:
    deployment.put("c.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    deployment.put("a.csv", "nr,opened,kind\n1,2025-01-01,mail\n2,2025-01-02,spam\n")
    deployment.put("b.csv", "ticket_id,status,created_at\nB-1,open,2025-01-03\n")
    path = mapping(
        deployment,
        """
tables:
  customers: {files: c.csv}
  tickets:
    - files: a.csv
      source: desk
      where: kind <> 'spam'
      columns: {ticket_id: nr, status: "'open'", created_at: opened}
    - files: b.csv
""",
    )
    report = deployment.land(mapping=path)
    desk = next(row for row in report.rows if row.source == "desk")
    assert (desk.rows_read, desk.rows_landed, desk.rows_filtered) == (1, 1, 1)
    assert [row["ticket_id"] for row in deployment.landed("tickets")] == ["1", "B-1"]


def test_a_changed_mapping_lands_the_same_file_anew(deployment: Deployment) -> None:
    deployment.put("c.csv", "id,day\n1,2025-01-01\n")
    text = "tables:\n  customers:\n    files: c.csv\n    columns: {customer_id: id, signed_up_at: day}\n"
    deployment.land(mapping=mapping(deployment, text))
    deployment.land(mapping=mapping(deployment, text))
    assert len(deployment.landed("customers")) == 1
    deployment.land(mapping=mapping(deployment, text.replace("id, s", "\"'C-' || id\", s")))
    assert [row["customer_id"] for row in deployment.landed("customers")] == ["1", "C-1"]


def test_a_lookup_finds_what_the_file_itself_lacks_and_its_change_lands_the_file_anew(deployment: Deployment) -> None:
    deployment.put("c.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    deployment.put("subs.csv", "sub,customer\nS-1,C-1\n")
    deployment.put("usage.csv", "sub,what,day\nS-1,login,2025-01-01\nS-9,login,2025-01-01\n")
    path = mapping(
        deployment,
        """
lookups:
  subs: {files: subs.csv}
tables:
  customers: {files: c.csv}
  usage_events:
    files: usage.csv
    columns:
      customer_id: (select max(s.customer) from subs as s where s.sub = source.sub)
      event_name: what
      occurred_at: day
""",
    )
    report = deployment.land(mapping=path)
    usage = next(row for row in report.rows if row.table_name == "usage_events")
    assert (usage.rows_landed, usage.rows_quarantined) == (1, 1)
    deployment.put("subs.csv", "sub,customer\nS-1,C-1\nS-9,C-1\n")
    report = deployment.land(mapping=path)
    assert next(row for row in report.rows if row.table_name == "usage_events").rows_landed == 2


def test_an_expression_that_fails_on_a_value_fails_the_file_without_telling_the_value(deployment: Deployment) -> None:
    deployment.put("c.csv", "id,day\ntaro@example.com,2025-01-01\n")
    path = mapping(
        deployment,
        "tables:\n  customers:\n    files: c.csv\n    columns: {customer_id: cast(id as integer), signed_up_at: day}\n",
    )
    (failure,) = deployment.land(mapping=path).failures
    assert "use try_cast" in failure.message
    assert "taro" not in failure.message


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("nosuch", "expression of customer_id is wrong"),
        ("id ||", "expression of customer_id is wrong"),
        ("unnest([id, id])", "doesn't add up|is wrong"),
    ],
)
def test_wrong_sql_fails_the_file_with_the_columns_found(deployment: Deployment, expression: str, told: str) -> None:
    deployment.put("c.csv", "id,day\n1,2025-01-01\n")
    path = mapping(
        deployment,
        f"tables:\n  customers:\n    files: c.csv\n    columns: {{customer_id: '{expression}', signed_up_at: day}}\n",
    )
    (failure,) = deployment.land(mapping=path).failures
    assert any(part in failure.message for part in told.split("|"))
    assert deployment.landed("customers") == []


def test_a_pattern_that_matches_nothing_is_a_failure(deployment: Deployment) -> None:
    deployment.put("c.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    path = mapping(deployment, f"tables:\n{CUSTOMERS}  tickets: {{files: 'tickets/*.csv'}}\n")
    (failure,) = deployment.land(mapping=path).failures
    assert (failure.source_file, failure.status) == ("tickets/*.csv", "failed")


def test_given_null_values_encoding_and_delimiter_count(deployment: Deployment) -> None:
    deployment.put(
        "c.csv", "customer_id|signed_up_at|employees|name\nC-1|2025-01-01|NULL|caf\u00e9\n".encode("latin-1")
    )
    path = mapping(
        deployment, 'tables:\n  customers: {files: c.csv, encoding: latin-1, delimiter: "|", null_values: ["NULL"]}\n'
    )
    (row,) = deployment.land(mapping=path).rows
    assert (row.cells_nulled, row.rows_landed, row.delimiter) == (0, 1, "|")
    assert deployment.landed("customers")[0]["name"] == "café"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tables:\n  custmers: {files: c.csv}\n", "line 2: there is no canonical table 'custmers'; did you mean 'cust"),
        (
            "tables:\n  customers:\n    files: c.csv\n    columns:\n      customer_nr: id\n",
            r"line 5: table customers has no column 'customer_nr'; did you mean 'customer_id'\?",
        ),
        ("tables:\n  customers: {file: c.csv}\n", "line 2, setting tables.customers.file"),
        (
            "tables:\n  customers:\n    files: c.csv\n    delimeter: ';'\n",
            r"line 4, setting tables.customers.delimeter: not known; did you mean 'delimiter'\?",
        ),
        ("tables:\n  customers: {files: c.csv, delimiter: ';;'}\n", "must be one character"),
        ("tables:\n  customers: {files: c.csv, encoding: sjis-x}\n", "no known encoding"),
        (
            "time_zone: Asia/Tokio\ntables:\n  customers: {files: c.csv}\n",
            r"line 1, setting time_zone: 'Asia/Tokio' is no time zone; did you mean 'Asia/Tokyo'",
        ),
        ("tables:\n  tickets: {files: c.csv}\n", "gives no table customers"),
        (
            "tables:\n  customers: {files: c.csv}\n  customers: {files: d.csv}\n",
            r"line 3: 'customers' stands twice \(first in line 2\)",
        ),
        ("tables: [\n", "not valid YAML"),
        ("", "is empty or no mapping"),
        ("root: nowhere\ntables:\n  customers: {files: c.csv}\n", "folder 'nowhere' doesn't exist"),
        ("lookups:\n  subs: {files: none.csv}\ntables:\n  customers: {files: c.csv}\n", "lookup subs: no file matches"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_told_in_one_sentence_with_the_place(deployment: Deployment, text: str, told: str) -> None:
    with pytest.raises(NarukiError, match=told) as error:
        load_sources(mapping(deployment, text))
    assert str(error.value).startswith("sources.yml")
    assert "\n" not in str(error.value)


def test_the_doctor_tells_what_was_found_and_what_to_mend(deployment: Deployment) -> None:
    deployment.put("customers.csv", "顧客ID,登録日,備考\nC-1,2025-01-01,x\n".encode("cp932"))
    deployment.put("tickets.csv", "ticket_id\nT-1\n")
    deployment.put("calls.csv", "")
    deployment.put("invoices.csv", 'invoice_id,note\n"a,b')
    findings = {finding.table: finding for finding in check_sources(load_sources(deployment.folder))}
    assert findings["customers"].level == "warning"
    assert "customers.csv (customers): 2 of " in findings["customers"].message
    assert "columns, cp932, delimiter" in findings["customers"].message
    assert "kept out, not in the contract: 備考" in findings["customers"].message
    assert "lacks the required columns status, created_at" in findings["tickets"].message
    assert "is empty" in findings["calls"].message
    assert findings["invoices"].level == "error"
    assert not deployment.home.exists()


def test_the_doctor_reads_only_the_head_of_a_long_file(deployment: Deployment) -> None:
    deployment.put("customers.csv", "customer_id,name,signed_up_at\n" + 'C-1,"a\nb",2025-01-01\n' * 50_000)
    (customers, _) = check_sources(load_sources(deployment.folder))
    assert customers.level == "ok"


def test_the_contract_is_consistent() -> None:
    contract = load_contract()
    assert contract.table("customers").required == ("customer_id", "signed_up_at")
    assert contract.table("usage_events").key_from_hash == "event_id"
    with pytest.raises(NarukiError, match="did you mean 'tickets'"):
        contract.table("ticket")
    with pytest.raises(NarukiError, match="did you mean 'ticket_id'"):
        contract.table("tickets").column("ticketid")
