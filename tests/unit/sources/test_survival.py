"""What must survive: deliveries as they really come, each with the rows that land and the rows that don't."""

from __future__ import annotations

import gzip

import pytest
import zstandard

from naruki.sources.landing import Limits
from tests.unit.sources.conftest import Deployment

HEADER = "ticket_id,status,created_at,subject,body\n"


def row(number: int, subject: str = "hello", body: str = "text") -> str:
    return f"T-{number},open,2025-01-0{number},{subject},{body}\n"


GOOD = HEADER + row(1) + row(2) + row(3)


def ids(rows: list[dict]) -> list[str]:
    return [one["ticket_id"] for one in rows]


def test_ragged_rows_and_broken_quotes_go_to_quarantine_and_the_others_land(deployment: Deployment) -> None:
    content = (
        HEADER
        + row(1)
        + "T-2,open\n"  # too few
        + "T-3,open,2025-01-03,a,b,c\n"  # too many
        + 'T-4,open,2025-01-04,"broken" quote,b\n'
        + 'T-5,open,2025-01-05,24" screen,b\n'
        + row(6)
    )
    outcome = deployment.land_one("tickets.csv", content)
    assert (outcome.rows_read, outcome.rows_landed, outcome.rows_quarantined) == (6, 2, 4)
    assert ids(deployment.landed("tickets")) == ["T-1", "T-6"]
    assert [(r["_row_number"], r["reasons"]) for r in deployment.quarantined("tickets")] == [
        (2, "2 fields where the header has 5"),
        (3, "6 fields where the header has 5"),
        (4, "broken quote"),
        (5, "broken quote"),
    ]
    assert [r["_row_number"] for r in deployment.landed("tickets")] == [1, 6]


@pytest.mark.parametrize("rest", ["", row(3), row(3) + row(4, '"quoted"')])
def test_an_unterminated_quote_fails_the_whole_file(deployment: Deployment, rest: str) -> None:
    outcome = deployment.land_one("tickets.csv", HEADER + row(1) + 'T-2,open,2025-01-02,"never closed,b\n' + rest)
    assert outcome.status == "failed"
    assert "quote that opens in row 2" in outcome.message
    assert (outcome.rows_read, outcome.rows_landed) == (0, 0)
    assert deployment.landed("tickets") == []


def test_a_truncated_gz_fails_the_file(deployment: Deployment) -> None:
    whole = gzip.compress((HEADER + "".join(f"T-{i},open,2025-01-01,s,b\n" for i in range(5000))).encode())
    outcome = deployment.land_one("tickets.csv.gz", whole[: len(whole) // 2])
    assert outcome.status == "failed"
    assert "truncated gzip" in outcome.message
    assert deployment.landed("tickets") == []


def test_a_truncated_zst_fails_the_file(deployment: Deployment) -> None:
    whole = zstandard.compress((HEADER + "".join(f"T-{i},open,2025-01-01,s,{i * 7}\n" for i in range(5000))).encode())
    outcome = deployment.land_one("tickets.csv.zst", whole[: len(whole) // 2])
    assert outcome.status == "failed"
    assert "truncated zstd" in outcome.message


def test_a_damaged_gz_fails_the_file(deployment: Deployment) -> None:
    whole = bytearray(gzip.compress(GOOD.encode()))
    whole[-5] ^= 0xFF  # the checksum
    outcome = deployment.land_one("tickets.csv.gz", bytes(whole))
    assert outcome.status == "failed"
    assert "damaged gzip" in outcome.message


def test_a_gz_of_several_members_is_read_to_its_end(deployment: Deployment) -> None:
    both = gzip.compress((HEADER + row(1)).encode()) + gzip.compress(row(2).encode()) + b"\0" * 16
    assert deployment.land_one("tickets.csv.gz", both).rows_landed == 2


def test_a_file_named_gz_that_is_none_fails(deployment: Deployment) -> None:
    assert "isn't compressed" in deployment.land_one("tickets.csv.gz", GOOD).message


def test_cp932_with_circled_digits_rare_kanji_and_half_width_kana_is_read(deployment: Deployment) -> None:
    content = (HEADER + row(1, "①髙﨑様", "ﾊﾝｶｸｶﾅ") + row(2, "〜波ー線", "表示能力ソ")).encode("cp932", "replace")
    outcome = deployment.land_one("tickets.csv", content)
    assert (outcome.encoding, outcome.rows_landed) == ("cp932", 2)
    landed = deployment.landed("tickets")
    assert landed[0]["subject"].startswith("①")
    assert landed[0]["body"] == "ﾊﾝｶｸｶﾅ"
    assert landed[1]["body"] == "表示能力ソ"  # their second bytes are backslash and pipe


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read(deployment: Deployment, codec: str) -> None:
    mark = "" if codec == "utf-16" else "\ufeff"
    outcome = deployment.land_one("tickets.csv", (mark + HEADER + row(1, "表題𠮷")).encode(codec))
    assert (outcome.encoding, outcome.rows_landed) == ("utf-16", 1)
    assert deployment.landed("tickets")[0]["subject"] == "表題𠮷"


def test_utf_16_without_a_mark_fails_with_the_way_out(deployment: Deployment) -> None:
    assert "encoding: utf-16-le" in deployment.land_one("tickets.csv", GOOD.encode("utf-16-le")).message


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        (HEADER + row(1).replace("\n", "\r\n") + row(2).replace("\n", "\r") + row(3)).encode(),
        GOOD.rstrip("\n").encode(),
        ("\n\n" + GOOD + "\n\n  \n").encode(),
        (GOOD + ",,,,\n,,,,\n").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace(",", ";").encode(),
    ],
    ids=[
        "bom",
        "crlf",
        "cr",
        "mixed",
        "no last line end",
        "blank lines",
        "empty spreadsheet rows",
        "tabs",
        "semicolons",
    ],
)
def test_marks_line_ends_blank_lines_and_delimiters_make_no_difference(deployment: Deployment, content: bytes) -> None:
    outcome = deployment.land_one("tickets.csv", content)
    assert (outcome.status, outcome.rows_read, outcome.rows_landed) == ("landed", 3, 3)
    assert [(r["ticket_id"], r["body"]) for r in deployment.landed("tickets")] == [
        ("T-1", "text"),
        ("T-2", "text"),
        ("T-3", "text"),
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["tickets.csv", "tickets.jsonl"])
def test_compressed_files_land_like_plain_ones(deployment: Deployment, pack, name: str) -> None:
    lines = '{"ticket_id": "T-1", "status": "open", "created_at": "2025-01-01"}\n'
    content = HEADER + row(1) if name.endswith("csv") else lines
    suffix = ".gz" if pack is gzip.compress else ".zst"
    assert deployment.land_one(name + suffix, pack(content.encode())).rows_landed == 1


def test_quoted_line_ends_delimiters_and_quotes_stay_in_their_cell(deployment: Deployment) -> None:
    body = '"line one\r\nline, two\n\n""quoted"" end"'
    outcome = deployment.land_one("tickets.csv", HEADER + row(1, "s", body) + row(2))
    assert outcome.rows_landed == 2
    assert deployment.landed("tickets")[0]["body"] == 'line one\nline, two\n\n"quoted" end'


def test_a_header_only_delivery_lands_no_rows_and_is_no_failure(deployment: Deployment) -> None:
    outcome = deployment.land_one("tickets.csv", HEADER)
    assert (outcome.status, outcome.rows_read, outcome.message) == ("landed", 0, "holds no row that lands")


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.jsonl", "tickets.parquet", "tickets.csv.gz"])
def test_an_empty_file_is_empty_and_no_success(deployment: Deployment, name: str) -> None:
    outcome = deployment.land_one(name, b"")
    assert (outcome.status, outcome.rows_read) == ("empty", 0)


def test_a_file_of_blank_lines_is_empty(deployment: Deployment) -> None:
    assert deployment.land_one("tickets.csv", b"\n \n\n").status == "empty"


def test_a_first_column_without_a_name_keeps_its_place(deployment: Deployment) -> None:
    content = "\tticket_id\tstatus\tcreated_at\n0\tT-1\topen\t2025-01-01\n"
    assert deployment.land_one("tickets.tsv", content).rows_landed == 1
    assert ids(deployment.landed("tickets")) == ["T-1"]


def test_a_header_may_break_its_lines_but_not_swallow_the_rows(deployment: Deployment) -> None:
    broken = '"Ticket\nID",status,created_at\nT-1,open,2025-01-01\n'
    assert deployment.land_one("tickets.csv", broken).rows_landed == 1
    swallowed = deployment.land_one("tickets.csv", '"' + GOOD * 3 + '"')
    assert "header that is no list of column names" in swallowed.message


def test_rows_with_invalid_bytes_or_nul_are_quarantined_and_the_others_land(deployment: Deployment) -> None:
    content = HEADER.encode() + row(1).encode() + b"T-2,open,2025-01-02,\xff\xfe,b\nT-3,open,2025-01-03,a\0b,c\n"
    content += row(4, "日本語の件名").encode() + b"T-5,open,2025-01-05,caf\xe9,b\n"
    outcome = deployment.land_one("tickets.csv", content)
    assert (outcome.encoding, outcome.rows_read, outcome.rows_landed) == ("utf-8", 5, 2)
    assert ids(deployment.landed("tickets")) == ["T-1", "T-4"]
    assert [(r["_row_number"], r["reasons"]) for r in deployment.quarantined("tickets")] == [
        (2, "bytes that are no valid text"),
        (3, "NUL byte"),
        (5, "bytes that are no valid text"),
    ]


def test_a_repeated_header_line_is_quarantined(deployment: Deployment) -> None:
    outcome = deployment.land_one("tickets.csv", HEADER + row(1) + HEADER + row(2))
    assert (outcome.rows_read, outcome.rows_landed) == (3, 2)
    assert deployment.quarantined("tickets")[0]["reasons"] == "the header line again"


def test_both_rows_of_a_duplicate_key_land(deployment: Deployment) -> None:
    outcome = deployment.land_one("tickets.csv", HEADER + row(1, "old") + row(1, "new"))
    assert outcome.rows_landed == 2
    assert [(r["_row_number"], r["subject"]) for r in deployment.landed("tickets")] == [(1, "old"), (2, "new")]


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_3_mb_line_is_quarantined_and_its_neighbours_land(deployment: Deployment, quote: str) -> None:
    outcome = deployment.land_one(
        "tickets.csv", HEADER + row(1) + row(2, "s", quote + "x" * 3_000_000 + quote) + row(3)
    )
    assert (outcome.rows_read, outcome.rows_landed) == (3, 2)
    assert ids(deployment.landed("tickets")) == ["T-1", "T-3"]
    assert deployment.quarantined("tickets")[0]["reasons"] == "longer than 2,000,000 bytes"


def test_columns_may_come_in_any_order_and_extra_ones_are_kept_out_with_a_warning(deployment: Deployment) -> None:
    deployment.put("tickets.csv", "Extra, CREATED_AT ,status,Ticket ID\nx,2025-01-01,open,T-1\n")
    report = deployment.land()
    assert ids(deployment.landed("tickets")) == ["T-1"]
    assert any("kept out, not in the contract: Extra" in warning for warning in report.warnings)


def test_a_missing_required_column_fails_the_file_with_what_was_found_and_expected(deployment: Deployment) -> None:
    outcome = deployment.land_one("tickets.csv", "ticket_id,created\nT-1,2025-01-01\n")
    assert outcome.status == "failed"
    assert "lacks the required columns status, created_at" in outcome.message
    assert "found: ticket_id, created;" in outcome.message
    assert "expected: ticket_id, status, created_at" in outcome.message


def test_japanese_headers_are_known_whatever_their_width(deployment: Deployment) -> None:
    deployment.put("customers.csv", "顧客ＩＤ,会社名,契約開始日,従業員数\nC-1,あおば,令和7年1月2日,１，２００\n")
    deployment.land()
    (customer,) = deployment.landed("customers")
    assert (customer["customer_id"], customer["name"], customer["employees"]) == ("C-1", "あおば", 1200)
    assert f"{customer['signed_up_at']:%Y-%m-%d}" == "2025-01-02"


def test_over_the_quarantine_limit_nothing_lands_and_nothing_is_lost(deployment: Deployment) -> None:
    content = HEADER + "".join(f"T-{i},open,2025-01-01,s,b\n" for i in range(98)) + ",open,2025-01-01,s,b\n" * 2
    deployment.put("tickets.csv", content)
    report = deployment.land(Limits(quarantine_share=0.01))
    (outcome,) = report.failures
    assert (outcome.status, outcome.rows_read, outcome.rows_landed, outcome.rows_quarantined) == (
        "quarantine_limit",
        100,
        0,
        100,
    )
    assert deployment.landed("tickets") == []
    reasons = [r["reasons"] for r in deployment.quarantined("tickets")]
    assert reasons.count("ticket_id is missing") == 2
    assert reasons.count("held back: the file is over the quarantine limit") == 98


def test_a_held_file_that_comes_again_is_still_a_failure_but_is_not_quarantined_twice(deployment: Deployment) -> None:
    strict = Limits(quarantine_share=0.01)
    deployment.land_one("tickets.csv", HEADER + row(1) + ",open,2025-01-01,s,b\n", strict)
    report = deployment.land(strict)
    assert [row_.status for row_ in report.failures] == ["quarantine_limit"]
    assert len(deployment.quarantined("tickets")) == 2
    mended = deployment.land_one("tickets.csv", HEADER + row(1) + row(2), strict)
    assert (mended.status, mended.rows_landed) == ("landed", 2)


def test_at_the_quarantine_limit_the_good_rows_land(deployment: Deployment) -> None:
    content = HEADER + "".join(f"T-{i},open,2025-01-01,s,b\n" for i in range(99)) + ",open,2025-01-01,s,b\n"
    outcome = deployment.land_one("tickets.csv", content, Limits(quarantine_share=0.01))
    assert (outcome.status, outcome.rows_landed, outcome.rows_quarantined) == ("landed", 99, 1)


def test_json_lines_that_are_no_objects_are_quarantined(deployment: Deployment) -> None:
    content = (
        '{"ticket_id": "T-1", "status": "open", "created_at": "2025-01-01", "tags": ["a", "b"]}\n'
        '{"ticket_id": "T-2"\n\n[1, 2]\n"text"\n'
        '{"created_at": "2025-01-02", "status": null, "ticket_id": "T-3"}\n'
        '{"ticket_id": "T\\u0000-4", "status": "open", "created_at": "2025-01-01"}\n'
        '{"ticket_id": 5, "status": "open", "created_at": "2025-01-01", "late": 1}\n'
    )
    outcome = deployment.land_one("tickets.jsonl", content)
    assert (outcome.rows_read, outcome.rows_landed, outcome.rows_quarantined) == (7, 2, 5)
    assert ids(deployment.landed("tickets")) == ["T-1", "5"]
    assert [r["reasons"] for r in deployment.quarantined("tickets")] == [
        "not a JSON object",
        "not a JSON object",
        "not a JSON object",
        "status is missing",
        "ticket_id holds a NUL character",
    ]


def test_a_json_array_fails_with_the_way_out(deployment: Deployment) -> None:
    assert "one JSON object per line" in deployment.land_one("tickets.jsonl", '[\n{"ticket_id": 1}\n]').message


@pytest.mark.parametrize("content", [b"PAR1 but not really", b"no parquet at all", b"PAR1" * 100])
def test_a_damaged_parquet_file_fails(deployment: Deployment, content: bytes) -> None:
    outcome = deployment.land_one("tickets.parquet", content)
    assert outcome.status == "failed"
    assert "parquet" in outcome.message


def test_one_bad_file_does_not_stop_the_others(deployment: Deployment) -> None:
    deployment.put("tickets_1.csv", GOOD)
    deployment.put("tickets_2.csv", HEADER + '"open')
    report = deployment.land()
    assert [row_.status for row_ in report.rows if row_.table_name == "tickets"] == ["landed", "failed"]
    assert len(deployment.landed("tickets")) == 3
    assert not report.is_good


def test_a_file_that_goes_away_between_listing_and_reading_fails_without_a_traceback(deployment: Deployment) -> None:
    from naruki.sources.landing import land
    from naruki.sources.mapping import load_sources

    deployment.put("customers.csv", "customer_id,signed_up_at\nC-1,2025-01-01\n")
    path = deployment.put("tickets.csv", GOOD)
    sources = load_sources(deployment.folder)
    path.unlink()
    report = land(sources, deployment.home, now=__import__("datetime").datetime(2025, 1, 1), salt="s")
    assert "deliver it again" in report.failures[0].message
