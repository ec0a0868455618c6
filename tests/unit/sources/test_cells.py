"""Cells as people and programs write them: read if the meaning is certain, else null, never guessed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from naruki.sources.cells import text_of, typed
from naruki.sources.contract import Column


def read(kind: str, text: str | None, zone: str = "UTC", values: tuple[str, ...] = ()) -> Any:
    column = Column("x", kind, values=values)
    with duckdb.connect() as con:
        con.execute(f"set TimeZone = '{zone}'")
        cell = f"(select {text_of('c')} as t from (select cast(? as varchar) as c))"
        return con.execute(f"select {typed('t', column, utc=zone == 'UTC')} from {cell}", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5),
        ("1,234.50", 1234.5),
        ("￥1,234", 1234.0),
        ("¥-1,234", -1234.0),
        ("$0.50", 0.5),
        ("１，２３４．５", 1234.5),
        ("1,234円", 1234.0),
        ("(1,234)", -1234.0),
        ("△1,234", -1234.0),
        ("-1e3", -1000.0),
        ("　42　", 42.0),
    ],
)
def test_numbers_are_read_with_signs_grouping_and_full_width_digits(text: str, value: float) -> None:
    assert read("number", text) == value


@pytest.mark.parametrize(
    "text", ["abc", "1,23", "1.234,5", "12%", "nan", "inf", "1e999", "--1", "(-1)", "", "1 or 2", None]
)
def test_what_is_no_certain_number_is_null(text: str | None) -> None:
    assert read("number", text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("12.0", 12), ("1,234", 1234), ("９", 9), ("9223372036854775807", 9223372036854775807), ("1e3", 1000)],
)
def test_integers_are_exact(text: str, value: int) -> None:
    assert read("integer", text) == value


@pytest.mark.parametrize("text", ["12.5", "9223372036854775808", "0x1F", "1_000"])
def test_integers_are_not_rounded_nor_wrapped(text: str) -> None:
    assert read("integer", text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("TRUE", True),
        ("1", True),
        ("yes", True),
        ("はい", True),
        ("false", False),
        ("０", False),
        ("No", False),
        ("いいえ", False),
    ],
)
def test_booleans(text: str, value: bool) -> None:
    assert read("boolean", text) is value


@pytest.mark.parametrize("text", ["maybe", "2", "-1", "有"])
def test_what_is_no_certain_boolean_is_null(text: str) -> None:
    assert read("boolean", text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-01-02", datetime(2025, 1, 2)),
        ("2025/1/2", datetime(2025, 1, 2)),
        ("2025.1.2", datetime(2025, 1, 2)),
        ("20250102", datetime(2025, 1, 2)),
        ("２０２５／１／２", datetime(2025, 1, 2)),
        ("2025年1月2日", datetime(2025, 1, 2)),
        ("2025年1月2日 3時4分", datetime(2025, 1, 2, 3, 4)),
        ("2025年1月2日3時4分5秒", datetime(2025, 1, 2, 3, 4, 5)),
        ("2025/1/2(木)", datetime(2025, 1, 2)),
        ("令和7年1月2日", datetime(2025, 1, 2)),
        ("令和元年5月1日", datetime(2019, 5, 1)),
        ("平成31年4月30日", datetime(2019, 4, 30)),
        ("昭和64年1月7日", datetime(1989, 1, 7)),
        ("R7.1.2", datetime(2025, 1, 2)),
        ("H31/4/30", datetime(2019, 4, 30)),
        ("2025-01-02T03:04:05Z", datetime(2025, 1, 2, 3, 4, 5)),
        ("2025-01-02T03:04:05.25Z", datetime(2025, 1, 2, 3, 4, 5, 250000)),
        ("2025-01-02 03:04", datetime(2025, 1, 2, 3, 4)),
        ("2025/1/2 3:04 PM", datetime(2025, 1, 2, 15, 4)),
        # The offset counts: 03:04:05 in Tokyo is 18:04:05 of the day before in UTC.
        ("2025-01-02T03:04:05+09:00", datetime(2025, 1, 1, 18, 4, 5)),
        ("2025-01-02 03:04:05 +0900", datetime(2025, 1, 1, 18, 4, 5)),
        ("2025-01-02T03:04:05-05:00", datetime(2025, 1, 2, 8, 4, 5)),
    ],
)
def test_instants_are_stored_in_utc(text: str, value: datetime) -> None:
    assert read("timestamp", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "1735786800",
        "1735786800000",
        "1/2/2025",
        "02.01.2025",
        "2025-13-01",
        "2025-02-30",
        "12:00",
        "epoch",
        "infinity",
        "now",
        "令和",
        "2025",
    ],
)
def test_what_is_no_certain_instant_is_null(text: str) -> None:
    assert read("timestamp", text) is None


def test_instants_without_a_zone_are_in_the_zone_of_the_source() -> None:
    assert read("timestamp", "2025-01-02 03:04:05", "Asia/Tokyo") == datetime(2025, 1, 1, 18, 4, 5)
    assert read("timestamp", "2025-01-02 03:04:05Z", "Asia/Tokyo") == datetime(2025, 1, 2, 3, 4, 5)
    # New York keeps daylight-saving time: -5 hours in January, -4 in July.
    assert read("timestamp", "2025-01-02 00:00", "America/New_York") == datetime(2025, 1, 2, 5)
    assert read("timestamp", "2025-07-02 00:00", "America/New_York") == datetime(2025, 7, 2, 4)


def test_a_date_is_the_day_as_written_in_every_zone() -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        assert read("date", "2025-01-02", zone) == date(2025, 1, 2)
        assert read("date", "令和7年1月2日", zone) == date(2025, 1, 2)


def test_values_are_those_of_the_contract_whatever_their_case() -> None:
    assert read("string", " Active ", values=("active", "paused")) == "active"
    assert read("string", "gone", values=("active", "paused")) is None


def test_text_is_trimmed_and_empty_text_is_null() -> None:
    assert read("string", "\u3000 Aoba\t") == "Aoba"
    assert read("string", " \u3000") is None


def test_json_is_written_anew_so_that_escapes_hide_nothing() -> None:
    assert read("json", '{"a":  "taro\\u0040example.com"}') == '{"a":"taro@example.com"}'
    assert read("json", "{broken") is None
