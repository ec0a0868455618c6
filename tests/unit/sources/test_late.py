"""Late rows are those that tell something new of a day that was decided already."""

from datetime import datetime
from types import SimpleNamespace

import duckdb
import pytest

from naruki.sources import late
from naruki.sources.contract import load_contract
from naruki.sources.manifest import LANDED

ENDS = datetime(2026, 10, 31, 15)  # the end of 31 October in Tokyo
DECIDED = datetime(2026, 11, 1, 6)


@pytest.fixture
def landed(tmp_path, monkeypatch):
    """landed(load, loaded_at, (invoice, amount, issued_at), ...) lays a load of invoices."""
    rows = []

    def lay(load: str, loaded_at: datetime, *invoices: tuple) -> None:
        folder = tmp_path / "landing" / "invoices" / f"load_date={loaded_at:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        values = ", ".join(
            f"('{name}', {amount}, timestamp '{at}', '{load}', timestamp '{loaded_at}')"
            for name, amount, at in invoices
        )
        columns = ("_source", "_source_file", "_file_sha256", "_row_number", "_nulled_columns")
        duckdb.sql(
            f"select *, {', '.join(f'null::varchar as {name}' for name in columns)}, null::timestamp as _deleted_at "
            f"from (values {values}) as t(invoice_id, amount_minor, issued_at, _load_id, _loaded_at)"
        ).write_parquet(str(folder / f"{load}.parquet"))
        rows.append(
            SimpleNamespace(
                table_name="invoices", status=LANDED, rows_landed=len(invoices), loaded_at=loaded_at, load_id=load
            )
        )

    monkeypatch.setattr(late, "read_manifest", lambda home: rows)
    lay("first", datetime(2026, 11, 1, 5), ("a", 100, "2026-10-30 01:00:00"), ("b", 200, "2026-10-31 01:00:00"))
    return lay


@pytest.fixture
def found(tmp_path, landed):
    return lambda: late.late_rows(tmp_path, load_contract(), DECIDED, ENDS, ["invoices"])


def test_row_of_a_decided_day_that_lands_afterwards_is_late(found, landed):
    landed("second", datetime(2026, 11, 2, 5), ("c", 300, "2026-10-30 02:00:00"))
    assert found() == {"invoices": 1}


def test_row_of_a_later_day_is_not_late(found, landed):
    # 15:00 UTC is already the first of November in Tokyo.
    landed("second", datetime(2026, 11, 2, 5), ("c", 300, "2026-10-31 15:00:00"))
    assert found() == {}


def test_whole_table_delivered_once_more_is_not_late_but_a_changed_row_of_it_is(found, landed):
    landed("again", datetime(2026, 11, 2, 5), ("a", 100, "2026-10-30 01:00:00"), ("b", 200, "2026-10-31 01:00:00"))
    assert found() == {}
    landed("changed", datetime(2026, 11, 3, 5), ("a", 150, "2026-10-30 01:00:00"))
    assert found() == {"invoices": 1}


def test_what_had_landed_before_the_decision_is_not_late(found):
    assert found() == {}
