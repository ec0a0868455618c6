"""Reads policy CSVs strictly: an error names the file, the row and the column, and says what would be right."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from naruki.errors import NarukiError
from naruki.tiering.policy_schema import KEYS, SCHEMAS

Row = dict[str, Any]


def read_csv(seeds_dir: Path, name: str) -> tuple[list[Row], bytes]:
    """Typed rows of one seed (empty cells are None) and the file's bytes; the row number stands under `_row`."""
    raw, header, lines = read_lines(seeds_dir, name)
    columns = [_column(text) for text in SCHEMAS[name]]
    missing = [column[0] for column in columns if column[0] not in header]
    if missing:
        raise NarukiError(f"{name}.csv: column {missing[0]} is missing; found {', '.join(header)}.")
    rows, seen = [], {}
    for number, cells in lines:
        record = dict(zip(header, cells, strict=True))
        row: Row = {"_row": number}
        for column, kind, required, allowed in columns:
            row[column] = _cell(name, number, column, record[column].strip(), kind, required, allowed)
        key = tuple(row[column] for column in KEYS[name])
        if key in seen:
            raise NarukiError(
                f"{name}.csv row {number}: {', '.join(map(str, key))} stands already in row {seen[key]}; keep "
                f"one of them."
            )
        seen[key] = number
        rows.append(row)
    return rows, raw


def read_lines(seeds_dir: Path, name: str) -> tuple[bytes, list[str], list[tuple[int, list[str]]]]:
    """Bytes, header and (row number, cells) of a seed; row 1 is the header, as a spreadsheet counts."""
    path = Path(seeds_dir) / f"{name}.csv"
    if not path.is_file():
        raise NarukiError(f"{name}.csv is missing in {Path(seeds_dir).name}/; copy the shipped one back and edit it.")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NarukiError(f"{name}.csv is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    lines = [cells for cells in csv.reader(io.StringIO(text, newline=""))]
    if not lines:
        raise NarukiError(f"{name}.csv is empty; it needs at least its header line.")
    header = [cell.strip() for cell in lines[0]]
    body = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise NarukiError(
                f"{name}.csv row {number}: {len(cells)} cells where the header has {len(header)}; quote cells "
                f"that hold a comma."
            )
        body.append((number, cells))
    return raw, header, body


def _column(text: str) -> tuple[str, str, bool, tuple[str, ...]]:
    text, _, choices = text.partition("=")
    name, _, kind = text.partition(":")
    return name, kind.rstrip("!"), kind.endswith("!"), tuple(choices.split("|")) if choices else ()


def _cell(name: str, number: int, column: str, text: str, kind: str, required: bool, allowed: tuple[str, ...]) -> Any:
    where = f"{name}.csv row {number}, column {column}"
    if text == "":
        if required:
            raise NarukiError(f"{where}: must not be empty.")
        return None
    if allowed and text not in allowed:
        raise NarukiError(f"{where}: {text!r} is none of {', '.join(allowed)}.")
    return convert(where, text, kind)


def convert(where: str, text: str, kind: str) -> Any:
    """One cell as its type; the error says where it stands and what form is right."""
    if kind == "string":
        return text
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise NarukiError(f"{where}: {text!r} is neither true nor false.")
        return text.lower() == "true"
    try:
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "integer":
            return int(text)
        value = float(text)
    except ValueError:
        form = {"date": "a date such as 2026-04-01", "integer": "a whole number"}.get(kind, "a number")
        raise NarukiError(f"{where}: {text!r} is not {form}.") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise NarukiError(f"{where}: {text!r} is not a finite number.")
    return value
