"""The sample company: what its files promise to everybody who tests with them."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from naruki.errors import NarukiError
from naruki.sample import write_sample
from naruki.sample.blemishes import UNKNOWN_CUSTOMER

CONTRACT = yaml.safe_load((Path(__file__).parents[2] / "naruki/sources/contract.yml").read_text(encoding="utf-8"))
CUTOFF = "timestamp '2026-10-31 15:00:00'"
PLANNED = {"current_term_end_at", "due_at", "expires_at", "period_end"}
"""Columns that may lie ahead."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The smallest sample, its summary and a database of its files (every cell of CSV as text, bad cells null)."""
    out = tmp_path_factory.mktemp("sample")
    summary = write_sample(out, "xs", seed=7)
    return out, summary, _database(out)


def _database(out: Path) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(config={"threads": 1})
    for path in sorted(out.glob("*.*")):
        source = f"'{path}'"
        if path.suffix == ".csv":
            source = f"read_csv('{path}', header=true, all_varchar=true, quote='\"', escape='\"')"
        if path.suffix == ".jsonl":
            source = f"read_json('{path}', format='newline_delimited')"
        kinds = {
            "timestamp": "timestamp",
            "integer": "bigint",
            "number": "double",
            "boolean": "boolean",
            "date": "date",
        }
        columns = CONTRACT[path.stem]["columns"]
        casts = [
            f'try_cast("{name}" as {kinds.get(spec["type"], "varchar")}) as "{name}"' for name, spec in columns.items()
        ]
        db.execute(f"create table {path.stem} as select {', '.join(casts)} from {source}")
    for path in sorted((out / "_truth").glob("*.parquet")):
        db.execute(f"create view truth_{path.stem} as select * from '{path}'")
    return db


def _one(db: duckdb.DuckDBPyConnection, query: str):
    return db.execute(query).fetchone()[0]


def _digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(sample, tmp_path):
    out, _, _ = sample
    write_sample(tmp_path / "again", "xs", seed=7)
    write_sample(tmp_path / "other", "xs", seed=8)
    assert _digests(tmp_path / "again") == _digests(out)
    other = _digests(tmp_path / "other")
    assert {name for name, digest in _digests(out).items() if other[name] == digest} == {"_truth/touch_tiers.parquet"}


def test_every_canonical_table_comes_with_exactly_the_columns_of_the_contract(sample):
    out, summary, db = sample
    assert set(summary.rows) == set(CONTRACT)
    for path in out.glob("*.*"):
        reader = {".csv": f"read_csv('{path}', all_varchar=true)", ".jsonl": f"read_json('{path}')"}
        source = reader.get(path.suffix, f"'{path}'")
        names = [row[0] for row in db.execute(f"describe select * from {source}").fetchall()]
        assert names == list(CONTRACT[path.stem]["columns"]), path.name
    for name, rows in summary.rows.items():
        assert _one(db, f"select count(*) from {name}") == rows


def test_values_of_closed_lists_are_those_of_the_contract(sample):
    _, _, db = sample
    for table, spec in CONTRACT.items():
        for column, rule in spec["columns"].items():
            if "values" not in rule:
                continue
            found = {row[0] for row in db.execute(f'select distinct "{column}" from {table}').fetchall()}
            assert found - {None} - {"nobody"} <= set(rule["values"]), f"{table}.{column}"


def test_the_truth_lies_apart_and_no_hidden_trait_is_in_a_file_that_lands(sample):
    out, summary, _ = sample
    assert {path.name for path in out.iterdir() if path.is_dir()} == {"_truth"}
    assert all(path.stem in CONTRACT for path in out.iterdir() if path.is_file())
    assert {path.stem for path in (out / "_truth").iterdir()} == set(summary.truth_rows)
    columns = {column for spec in CONTRACT.values() for column in spec["columns"]}
    assert not columns & {"satisfaction", "monthly_hazard", "need_hours_month", "quadrant", "churn_intent", "polarity"}


def test_sizes_are_those_that_the_scale_promises(sample):
    _, summary, db = sample
    assert _one(db, "select count(distinct customer_id) from customers") == 200
    assert summary.rows["usage_events"] == pytest.approx(20_000, rel=0.1)
    assert summary.rows["tickets"] == pytest.approx(2_000, rel=0.1)


def test_two_years_of_history_end_on_the_last_day_and_nothing_is_later(sample):
    _, _, db = sample
    for table, spec in CONTRACT.items():
        for column, rule in spec["columns"].items():
            if rule["type"] != "timestamp" or column in PLANNED:
                continue
            latest = _one(db, f'select count(*) from {table} where "{column}" >= {CUTOFF}')
            assert latest == 0, f"{table}.{column}"
    first, last = db.execute("select min(occurred_at), max(occurred_at) from usage_events").fetchone()
    assert first.date() <= date(2024, 11, 10)
    assert last.date() == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("child", "column", "parent", "key", "among"),
    [
        ("customers", "parent_customer_id", "customers", "customer_id", "true"),
        ("customer_aliases", "customer_id", "customers", "customer_id", "true"),
        ("users", "customer_id", "customers", "customer_id", "true"),
        ("subscriptions", "customer_id", "customers", "customer_id", "true"),
        ("invoices", "customer_id", "customers", "customer_id", "true"),
        ("invoices", "subscription_id", "subscriptions", "subscription_id", "true"),
        ("refunds", "invoice_id", "invoices", "invoice_id", "true"),
        ("usage_events", "customer_id", "customers", "customer_id", "true"),
        ("usage_events", "user_id", "users", "user_id", "true"),
        ("tickets", "customer_id", "customers", "customer_id", f"customer_id <> '{UNKNOWN_CUSTOMER}'"),
        ("tickets", "requester_user_id", "users", "user_id", "true"),
        ("tickets", "merged_into_id", "tickets", "ticket_id", "true"),
        ("ticket_events", "ticket_id", "tickets", "ticket_id", "true"),
        ("calls", "ticket_id", "tickets", "ticket_id", "true"),
        ("calls", "agent_id", "agents_shifts", "agent_id", "true"),
        ("tickets", "assignee_id", "agents_shifts", "agent_id", "true"),
        ("success_touches", "owner", "agents_shifts", "agent_id", "true"),
        ("customers", "owner", "agents_shifts", "agent_id", "true"),
        ("survey_responses", "customer_id", "customers", "customer_id", "true"),
        ("survey_responses", "ticket_id", "tickets", "ticket_id", "true"),
        ("survey_responses", "user_id", "users", "user_id", "true"),
        ("success_touches", "customer_id", "customers", "customer_id", "true"),
        ("community_posts", "customer_id", "customers", "customer_id", "true"),
        ("community_posts", "user_id", "users", "user_id", "author_role = 'customer'"),
        ("self_service_events", "customer_id", "customers", "customer_id", "true"),
        ("self_service_events", "user_id", "users", "user_id", "true"),
        ("feature_requests", "ticket_id", "tickets", "ticket_id", "true"),
        ("lead_events", "lead_id", "leads", "lead_id", "true"),
        ("judgements", "customer_id", "customers", "customer_id", "true"),
    ],
)
def test_every_reference_resolves_but_the_deliberate_ones(sample, child, column, parent, key, among):
    _, _, db = sample
    lost = f"select count(*) from {child} where {among} and {column} not in (select {key} from {parent})"
    assert _one(db, lost) == 0
    assert _one(db, f"select count({column}) from {child}") > 0


def test_usage_of_users_belongs_to_their_customer_and_comes_after_their_creation(sample):
    _, _, db = sample
    wrong = """
        select count(*) from usage_events join users using (user_id)
        where usage_events.customer_id <> users.customer_id or occurred_at < created_at
    """
    assert _one(db, wrong) == 0


def test_blemishes_are_few_counted_and_present(sample):
    _, summary, db = sample
    made = summary.blemishes
    for table, limit in summary.rows.items():
        assert made.get(table, {}).get("bad_required", 0) <= 0.005 * limit, table
    assert made["tickets"] == {
        "bad_required": 3,
        "bad_optional": 2,
        "full_width": 1,
        "thousands": 1,
        "slash_date": 1,
        "unknown_customer": 2,
        "duplicate_row": 3,
        "newer_version": 2,
    }
    repeated = "select count(*) - count(distinct ticket_id) from tickets"
    assert _one(db, repeated) == made["tickets"]["duplicate_row"] + made["tickets"]["newer_version"]
    assert _one(db, "select count(*) from tickets where created_at is null or coalesce(status, '') = ''") >= 3
    assert _one(db, f"select count(*) from tickets where customer_id = '{UNKNOWN_CUSTOMER}'") == 2
    late = "select count(*) from usage_events where received_at >= occurred_at + interval 1 day"
    assert _one(db, late) >= made["usage_events"]["late_row"] > 0


def test_odd_numbers_and_dates_are_in_the_files_as_people_type_them(sample):
    out, _, _ = sample
    tickets = (out / "tickets.csv").read_text(encoding="utf-8")
    assert any(digit in tickets for digit in "０１２３４５６７８９")
    assert "2025-13-45T00:00:00Z" in tickets
    invoices = (out / "invoices.csv").read_text(encoding="utf-8")
    assert ",N/A," in invoices
    assert '\n"' not in invoices.split("\n", 1)[0]


def test_an_unknown_scale_is_refused_with_the_scales_there_are(tmp_path):
    with pytest.raises(NarukiError, match="xs, s, m, l"):
        write_sample(tmp_path, "xxl")
