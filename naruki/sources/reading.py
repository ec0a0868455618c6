"""A file of any format as a DuckDB relation of its own columns, with row numbers and with what was rejected."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from naruki.sources.cells import literal, quoted
from naruki.sources.decode import UnreadableFile, encoding_by_mark, head_of, is_cp932, plain_chunks, utf8_chunks
from naruki.sources.headers import clean_header
from naruki.sources.mapping import FileOptions, file_format
from naruki.sources.records import JSON_DELIMITER, NotUtf8, Staged, Stager

ROW = "naruki row"
LINE = "naruki line"


@dataclass(frozen=True)
class Reading:
    """A staged file: `relation` is a SELECT of ROW (bigint, from 1) and the columns, without rejected records.

    `rows` counts all records, `rejected` those that are broken; `rejects` holds them (JSON lines: row, reason, raw).
    """

    format: str
    relation: str
    columns: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    rejected: int = 0
    rejects: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def is_empty(self) -> bool:
        """No header and no row: nothing was delivered."""
        return not self.rows and not self.columns


def open_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    options: FileOptions,
    scratch: Path,
    max_record_bytes: int,
    *,
    is_head: bool = False,
) -> Reading:
    """Stage one file under `scratch`; raises UnreadableFile if it can't be read as a whole.

    `is_head` says that a text file was cut somewhere: what is unfinished at its end is left out.
    """
    kind = file_format(path)
    if kind is None:
        raise UnreadableFile("is of no known format; use .csv, .tsv, .jsonl or .parquet (also .gz, .zst)")
    try:
        if path.stat().st_size == 0:
            return Reading(kind, "")
        if kind == "parquet":
            return _parquet(con, path, scratch)
        return _text(con, path, kind, options, scratch, max_record_bytes, is_head)
    except OSError as error:
        raise UnreadableFile(f"can't be read ({error.strerror or 'read error'}); deliver it again") from None


def _parquet(con: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Reading:
    if head_of(path, 4) != b"PAR1":
        raise UnreadableFile("is no parquet file (damaged or of another format); deliver it again")
    if path.suffix.lower() in {".gz", ".zst", ".zstd"}:
        plain = scratch / "staged.parquet"
        with plain.open("wb") as stream:
            for chunk in plain_chunks(path):
                stream.write(chunk)
        path = plain
    source = f"read_parquet({_path(path)}, file_row_number = true, hive_partitioning = false)"
    try:
        described = con.execute(f"describe select * exclude (file_row_number) from {source}").fetchall()
        rows = con.execute(f"select count(*) from {source}").fetchone()[0]
    except duckdb.Error:
        raise UnreadableFile("is a damaged parquet file; deliver it again") from None
    names = clean_header([row[0] for row in described])
    columns = {name: row[1] for name, row in zip(names, described, strict=True)}
    listed = ", ".join(f"{quoted(row[0])} as {quoted(name)}" for name, row in zip(names, described, strict=True))
    return Reading("parquet", f"select file_row_number + 1 as {quoted(ROW)}, {listed} from {source}", columns, rows)


def is_damaged_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether some value of a parquet file can't be read at all."""
    try:
        con.execute(f"select count(hash(columns(*))) from read_parquet({_path(path)}, hive_partitioning = false)")
    except duckdb.Error:
        return True
    return False


def _text(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    kind: str,
    options: FileOptions,
    scratch: Path,
    max_record_bytes: int,
    is_head: bool,
) -> Reading:
    head = head_of(path)
    encoding = options.encoding or encoding_by_mark(head) or "utf-8"
    delimiter = options.delimiter or ("\t" if ".tsv" in path.name.lower() else None)
    text, rejects = scratch / "staged.txt", scratch / "rejects.jsonl"

    def stage(name: str, stop: bool) -> Staged:
        with text.open("wb") as out, rejects.open("wb") as bad:
            stager = Stager(out, bad, max_record_bytes, delimiter, kind == "csv", stop, is_head)
            return stager.run(utf8_chunks(plain_chunks(path), name))

    try:
        staged = stage(encoding, stop=options.encoding is None and encoding == "utf-8")
    except NotUtf8:
        encoding = "cp932" if is_cp932(path) else "utf-8"
        staged = stage(encoding, stop=False)
    if kind == "jsonl":
        if re.match(rb"\s*\[\s*(\{|$)", head.split(b"\n")[0]):
            raise UnreadableFile("is a JSON array; deliver one JSON object per line (.jsonl)")
        return _json_lines(con, text, staged, rejects, encoding, max_record_bytes)
    if not staged.header:
        return Reading(kind, "", encoding=encoding)
    names = clean_header(staged.header)
    fields = [f"c{number}" for number in range(len(names))]
    source = _read_csv(text, fields, staged.delimiter or ",", max_record_bytes, quote='"')
    listed = ", ".join(f"{one} as {quoted(name)}" for one, name in zip(fields, names, strict=True))
    relation = f"select row as {quoted(ROW)}, {listed} from {source}"
    columns = dict.fromkeys(names, "VARCHAR")
    return Reading(kind, relation, columns, staged.rows, staged.rejected, rejects, encoding, staged.delimiter)


def _json_lines(
    con: duckdb.DuckDBPyConnection, text: Path, staged: Staged, rejects: Path, encoding: str, max_record_bytes: int
) -> Reading:
    if not staged.rows:
        return Reading("jsonl", "", encoding=encoding)
    source = _read_csv(text, ["line"], JSON_DELIMITER, max_record_bytes, quote="")
    is_object = "json_valid(line) and json_type(line) = 'OBJECT'"
    lines = f"select row as {quoted(ROW)}, line, case when {is_object} then line end as object from {source}"
    every_key = f"select unnest(json_keys(object)) as key, {quoted(ROW)} as n from ({lines}) where object is not null"
    keys = con.execute(f"select key from ({every_key}) group by key order by min(n), key").fetchall()
    originals = [row[0] for row in keys]
    names = clean_header(originals)
    paths = ", ".join(literal("/" + name.replace("~", "~0").replace("/", "~1")) for name in originals)
    listed = "".join(f", cells[{number}] as {quoted(name)}" for number, name in enumerate(names, start=1))
    cells = f"json_extract_string(object, [{paths}])" if originals else "null"
    relation = (
        f"select {quoted(ROW)}, {quoted(LINE)}{listed} from (select {quoted(ROW)}, "
        f"case when object is null then line end as {quoted(LINE)}, {cells} as cells from ({lines}))"
    )
    columns = dict.fromkeys(names, "VARCHAR")
    return Reading("jsonl", relation, columns, staged.rows, staged.rejected, rejects, encoding)


def _read_csv(path: Path, fields: list[str], delimiter: str, max_record_bytes: int, *, quote: str) -> str:
    columns = {"row": "BIGINT"} | dict.fromkeys(fields, "VARCHAR")
    types = json.dumps(columns).replace('"', "'")
    longest = 2 * max_record_bytes + 4096
    return (
        f"read_csv({_path(path)}, auto_detect = false, header = false, columns = {types}, "
        f"delim = {literal(delimiter)}, quote = {literal(quote)}, escape = {literal(quote)}, new_line = '\\n', "
        f"strict_mode = true, max_line_size = {longest}, buffer_size = {max(32 << 20, 4 * longest)})"
    )


def _path(path: Path) -> str:
    # Names are taken literally: a glob sign in a file's name is part of the name.
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return literal(escaped)


def load_lookup(
    con: duckdb.DuckDBPyConnection, name: str, paths: tuple[Path, ...], options: FileOptions, scratch: Path, limit: int
) -> None:
    """Make the rows of a lookup's files a temporary table of that name; broken records are left out."""
    for number, path in enumerate(paths):
        reading = open_file(con, path, options, scratch, limit)
        if reading.is_empty:
            raise UnreadableFile("is empty; deliver it again")
        listed = ", ".join(quoted(column) for column in reading.columns)
        verb = (
            f"create or replace temp table {quoted(name)} as" if number == 0 else f"insert into {quoted(name)} by name"
        )
        con.execute(f"{verb} select {listed} from ({reading.relation})")
