"""What holds for every delivery, however dirty: nothing lost, nothing twice, order without meaning."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from naruki.sources.decode import UnreadableFile, utf8_chunks
from naruki.sources.records import Stager
from tests.unit.sources.conftest import Deployment, few

lands = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])

DIRTY = st.text(alphabet='ab1 ,"\n\r\t\0;あ①ｱ\u3000=\\/', max_size=6)
CELL = st.text(alphabet='ab1 ,"\n;あ①ｱ\u3000', max_size=6)
EVENT = st.tuples(
    st.sampled_from(["C-1", "C-2", ""]),
    st.sampled_from(["login", "log,in", 'log"in', "ログイン", ""]),
    st.sampled_from(["2025-01-01", "2025/1/2", "令和7年1月3日", "2025-01-04T05:06:07+09:00", "never", ""]),
    st.sampled_from(["1", "1,000", "￥5", "many", ""]),
)
COLUMNS = ("customer_id", "event_name", "occurred_at", "quantity")


def deployment_in(folder: str) -> Deployment:
    (Path(folder) / "in").mkdir()
    return Deployment(Path(folder) / "in", Path(folder) / "home", contract=few("customers", "usage_events", "tickets"))


def written(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue()


def content(deployment: Deployment) -> list[tuple]:
    """What landed of the events, without what says how they came."""
    return sorted(
        tuple(str(row[column]) for column in ("event_id", *COLUMNS, "_nulled_columns"))
        for row in deployment.landed("usage_events")
    )


@lands
@given(
    rows=st.lists(st.lists(DIRTY, min_size=1, max_size=5).map(",".join), max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_rows_read_are_rows_landed_and_rows_quarantined_for_any_text(rows: list[str], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        deployment = deployment_in(folder)
        outcome = deployment.land_one("tickets.csv", end.join(["ticket_id,status,created_at,body", *rows]))
        landed, quarantined = deployment.landed("tickets"), deployment.quarantined("tickets")
        assert outcome.status in {"landed", "failed"}
        assert outcome.rows_read == outcome.rows_landed + outcome.rows_quarantined
        assert (len(landed), len(quarantined)) == (outcome.rows_landed, outcome.rows_quarantined)
        # Every row of the delivery is in one place, once.
        numbers = [row["_row_number"] for row in landed + quarantined]
        assert sorted(numbers) == list(range(1, outcome.rows_read + 1))


@lands
@given(rows=st.lists(EVENT, max_size=12))
def test_events_land_if_their_required_cells_can_be_read_and_landing_twice_changes_nothing(rows: list[tuple]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        deployment = deployment_in(folder)
        outcome = deployment.land_one("usage_events.csv", written(COLUMNS, rows))
        given_rows = [row for row in rows if any(row)]
        good = [row for row in given_rows if row[0] and row[1] and row[2] not in {"", "never"}]
        assert (outcome.rows_read, outcome.rows_landed) == (len(given_rows), len(good))
        assert outcome.cells_nulled == sum(row[3] == "many" for row in good)
        before = deployment.landed("usage_events")
        assert len({row["event_id"] for row in before}) == len(good)
        deployment.land()
        assert deployment.landed("usage_events") == before


@lands
@given(rows=st.lists(EVENT, min_size=1, max_size=10), data=st.data())
def test_the_order_of_rows_and_columns_does_not_matter(rows: list[tuple], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(COLUMNS))))
    shuffled = data.draw(st.permutations(rows))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = deployment_in(one), deployment_in(other)
        first.land_one("usage_events.csv", written(COLUMNS, rows))
        turned = [tuple(row[i] for i in order) for row in shuffled]
        second.land_one("usage_events.csv", written(tuple(COLUMNS[i] for i in order), turned))
        assert content(first) == content(second)


def staged(text: bytes, size: int) -> tuple[list[list[str]], list[dict], object]:
    """Records by the stager, fed in chunks of a size: parsed good ones (with row numbers), rejects, counts."""
    out, rejects = io.BytesIO(), io.BytesIO()
    stager = Stager(out, rejects, max_record_bytes=1000)
    result = stager.run(utf8_chunks((text[i : i + size] for i in range(0, len(text), size)), "utf-8"))
    good = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    return good, [json.loads(line) for line in rejects.getvalue().splitlines()], result


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=20), size=st.integers(1, 40))
def test_well_formed_records_come_out_as_another_reader_reads_them(rows: list[tuple], size: int) -> None:
    text = written(("a", "b", "c"), rows).encode()
    good, rejects, result = staged(text, size)
    # Rows of blanks and delimiters alone are no rows; a row that repeats the header is none either (not drawn here).
    expected = [list(row) for row in rows if not is_blank(row)]
    assert [cells[1:] for cells in good] == expected
    assert [int(cells[0]) for cells in good] == list(range(1, len(expected) + 1))
    assert (result.rows, result.rejected, rejects) == (len(expected), 0, [])


def is_blank(row: tuple[str, ...]) -> bool:
    line = written(row, []).rstrip("\n")
    return not line.strip(" \t,")


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet='a,"\n\0 あ', max_size=60), size=st.integers(1, 30))
@example(text='aaaaaaaa"\n,"\nあ",\n', size=12)
def test_where_a_chunk_ends_makes_no_difference(text: str, size: int) -> None:
    whole = ("a,b,c\n" + text).encode()
    try:
        once = staged(whole, len(whole))
    except UnreadableFile as error:
        once = str(error)
    try:
        again = staged(whole, size)
    except UnreadableFile as error:
        again = str(error)
    assert once == again


TICKETS = [f'T-{i},open,2025-01-0{i},"sub, ject",本文{i}' for i in range(1, 9)]
PLAIN = "\n".join(["ticket_id,status,created_at,subject,body", *TICKETS, ""])
LINES = "".join(f'{{"ticket_id":"T-{i}","status":"open","created_at":"2025-01-0{i}"}}\n' for i in range(1, 9))


def as_parquet() -> bytes:
    out = io.BytesIO()
    ids = [f"T-{i}" for i in range(8)]
    pq.write_table(pa.table({"ticket_id": ids, "status": ["open"] * 8, "created_at": ["2025-01-01"] * 8}), out)
    return out.getvalue()


WHOLE = {
    "tickets.csv": PLAIN.encode(),
    "tickets_sjis.csv": PLAIN.encode("cp932"),
    "tickets_wide.csv": PLAIN.encode("utf-16"),
    "tickets.csv.gz": gzip.compress(PLAIN.encode(), mtime=0),
    "tickets.csv.zst": zstandard.compress(PLAIN.encode()),
    "tickets.jsonl": LINES.encode(),
    "tickets.parquet": as_parquet(),
}
DAMAGE = st.tuples(
    st.floats(0, 1),
    st.integers(0, 20),
    st.sampled_from([b"", b'"', b",", b"\n", b"\0", b"\r", b"\xff", b"{", b"\xef\xbb\xbf"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(WHOLE)), damages=st.lists(DAMAGE, min_size=1, max_size=4))
def test_a_damaged_file_ends_in_quarantine_or_an_error_and_never_in_a_traceback(
    name: str, damages: list[tuple]
) -> None:
    content = WHOLE[name]
    for place, length, put in damages:
        start = int(place * len(content))
        content = content[:start] + put + content[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        deployment = deployment_in(folder)
        outcome = deployment.land_one(name, content)
        assert outcome.status in {"landed", "empty", "failed"}
        assert outcome.rows_read == outcome.rows_landed + outcome.rows_quarantined
        assert len(deployment.landed("tickets")) == outcome.rows_landed
        assert len(deployment.quarantined("tickets")) == outcome.rows_quarantined
        assert (outcome.message is not None) or (outcome.status == "landed")
        assert "\n" not in (outcome.message or "")
