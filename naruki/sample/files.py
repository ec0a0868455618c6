"""The sample as files: CSV, JSON lines and parquet, byte for byte the same for the same table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from naruki.sample.blemishes import blemish
from naruki.sample.scale import SampleSummary, Scale

JSONL = {"success_touches", "community_posts", "social_mentions"}
PARQUET = {"usage_events", "ticket_events", "self_service_events"}
PARQUET_WHEN_BIG = {
    "tickets",
    "invoices",
    "survey_responses",
    "calls",
    "users",
    "subscriptions",
    "success_touches",
    "feature_requests",
    "customer_aliases",
}
TRUTH = "_truth"
_LATE = 86_400_000_000


class SampleFiles:
    """Writes the tables of one sample into a folder; the truth goes into `_truth/`, which is never landed."""

    def __init__(self, out: Path, scale: Scale, seed: int, progress: Callable[[str], None] | None) -> None:
        self.out, self.scale, self.seed = out, scale, seed
        self.progress = progress or (lambda _: None)
        self.summary = SampleSummary(scale.name, seed)
        self.database = duckdb.connect(config={"threads": 1})
        (out / TRUTH).mkdir(parents=True, exist_ok=True)

    def extension(self, name: str) -> str:
        """The kind of file in which a table comes."""
        if name in PARQUET or (self.scale.is_big and name in PARQUET_WHEN_BIG):
            return "parquet"
        return "jsonl" if name in JSONL else "csv"

    def write(self, name: str, chunks: pa.Table | Iterable[pa.Table]) -> None:
        """A canonical table; several chunks become one parquet file."""
        chunks = [chunks] if isinstance(chunks, pa.Table) else chunks
        kind = self.extension(name)
        for other in ("csv", "jsonl", "parquet"):
            (self.out / f"{name}.{other}").unlink(missing_ok=True)
        path = self.out / f"{name}.{kind}"
        if kind == "parquet":
            rows = self._write_parquet(path, self._blemished(name, chunks))
        else:
            rows = self._write_text(path, name, pa.concat_tables(chunks), kind)
        self.summary.rows[name] = rows
        self.progress(f"{path.name}: {rows:,} rows")

    def write_truth(self, name: str, chunks: pa.Table | Iterable[pa.Table]) -> None:
        """A table of the truth."""
        chunks = [chunks] if isinstance(chunks, pa.Table) else chunks
        self.summary.truth_rows[name] = self._write_parquet(self.out / TRUTH / f"{name}.parquet", chunks)

    def _count(self, name: str, counts: dict[str, int]) -> None:
        known = self.summary.blemishes.setdefault(name, {}) if counts else {}
        for kind, count in counts.items():
            known[kind] = known.get(kind, 0) + count

    def _blemished(self, name: str, chunks: Iterable[pa.Table]) -> Iterable[pa.Table]:
        """The first chunk with its blemishes, the others as they are; rows that came days late are counted."""
        for number, chunk in enumerate(chunks):
            if "received_at" in chunk.column_names:
                wait = pc.subtract(chunk["received_at"].cast(pa.int64()), chunk["occurred_at"].cast(pa.int64()))
                self._count(name, {"late_row": pc.sum(pc.greater_equal(wait, _LATE)).as_py() or 0})
            if number == 0:
                made = blemish(name, chunk, self.seed, typed=True)
                self._count(name, made.counts)
                chunk = made.table
            yield chunk

    @staticmethod
    def _write_parquet(path: Path, chunks: Iterable[pa.Table]) -> int:
        rows, writer = 0, None
        try:
            for chunk in chunks:
                if writer is None:
                    writer = pq.ParquetWriter(path, chunk.schema, compression="zstd", store_schema=False)
                writer.write_table(chunk, row_group_size=500_000)
                rows += chunk.num_rows
        finally:
            if writer is not None:
                writer.close()
        return rows

    def _write_text(self, path: Path, name: str, table: pa.Table, kind: str) -> int:
        """CSV or JSON lines with ISO instants; spoilt cells replace the values in CSV."""
        made = blemish(name, table, self.seed, typed=kind == "jsonl")
        self._count(name, made.counts)
        table = made.table.append_column("_row", pa.array(range(made.table.num_rows), type=pa.int64()))
        columns = [_as_text(field, made.cells.get(field.name, {})) for field in made.table.schema]
        options = "format csv, header true" if kind == "csv" else "format json"
        self.database.register("sample_table", table)
        self.database.execute(f"copy (select {', '.join(columns)} from sample_table) to '{_quoted(path)}' ({options})")
        self.database.unregister("sample_table")
        return table.num_rows


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _as_text(field: pa.Field, cells: dict[int, str]) -> str:
    """The SQL that writes a column."""
    value = f'"{field.name}"'
    if pa.types.is_timestamp(field.type):
        value = f"strftime({value}, '%Y-%m-%dT%H:%M:%SZ')"
    if cells:
        cases = " ".join(f"when {row} then '{text.replace(chr(39), chr(39) * 2)}'" for row, text in cells.items())
        value = f"case _row {cases} else cast({value} as varchar) end"
    return f'{value} as "{field.name}"'
