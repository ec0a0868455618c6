"""Writes the page of one publication as plain files: what the queries found, texts, scripts, the chart library."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from naruki.home import Home
from naruki.policy import read_rows
from naruki.publishing.page.data import Asked, labels, page_data
from naruki.publishing.page.library import library
from naruki.publishing.publication import read_manifest
from naruki.publishing.reading import Rows, publication

STATIC = Path(__file__).parent / "static"
CARDS_IN_A_PORTION = 50
# Shorter lists are easier to read as rows; longer ones repeat themselves too much.
PACKED_FROM = 50


@dataclass(frozen=True)
class PageReport:
    """What was built: customers with a card, rows of the action list, and the size of all files in bytes."""

    listed: int
    cards: int
    size: int


def rebuild_page(home: Home) -> PageReport:
    """Write the page of the current publication anew, for instance after texts or labels were edited."""
    with publication(home) as connection:
        folder = home.current.resolve()
        manifest = read_manifest(folder)
        return build_page(connection, folder / "page", manifest)


def build_page(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Mapping[str, Any]) -> PageReport:
    """Write the page of one publication into `folder`: aside first, so that readers never see half of it.

    `connection` has the published tables in its main schema and the seeds in `policy`; `manifest` gives as_of_date,
    version, code_version and policy_version. A table that is not published leaves its section saying that it is not
    known.
    """
    data, cards = page_data(connection, Asked.of(manifest))
    data["texts"] = {row["key"]: [row["en"], row["ja"]] for row in read_rows("cfg_page_text")}
    data["labels"] = labels()
    data["places"] = {card["customer_id"]: number // CARDS_IN_A_PORTION for number, card in enumerate(cards)}
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    write_files(aside, data, cards)
    size = sum(file.stat().st_size for file in aside.rglob("*") if file.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return PageReport(len(data["lists"]["actions"] or ()), len(cards), size)


def write_files(folder: Path, data: dict[str, Any], cards: Rows) -> None:
    """The page's own files, the chart library as far as it is needed, the data and the cards in portions."""
    shutil.copytree(STATIC, folder)
    (folder / "plotly.min.js").write_text(library(), encoding="utf-8")
    lists = {name: packed(rows) for name, rows in data["lists"].items()}
    (folder / "data.js").write_text(f"window.NARUKI = {dumps(data | {'lists': lists})};\n", encoding="utf-8")
    (folder / "cards").mkdir()
    for place, portion in portions(cards):
        content = f'Naruki.portion("{place}", {dumps({card["customer_id"]: card for card in portion})});\n'
        (folder / "cards" / f"{place}.js").write_text(content, encoding="utf-8")


def packed(rows: Rows | None) -> Any:
    """Rows as they are, or columns of a long list: values that repeat are told once and pointed at."""
    if rows is None or len(rows) < PACKED_FROM:
        return rows
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        different = list(dict.fromkeys(values))
        if len(different) <= len(values) // 2:
            place = {value: number for number, value in enumerate(different)}
            columns[name] = {"values": different, "at": [place[value] for value in values]}
        else:
            columns[name] = {"values": values}
    return {"rows": len(rows), "columns": columns}


def portions(cards: Rows) -> Iterator[tuple[int, Rows]]:
    for start in range(0, len(cards), CARDS_IN_A_PORTION):
        yield start // CARDS_IN_A_PORTION, cards[start : start + CARDS_IN_A_PORTION]


def dumps(value: Any) -> str:
    """JSON that is safe inside a script: no '<', no line separators, no NaN."""
    text = json.dumps(clean(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def clean(value: Any) -> Any:
    """Only what JSON knows; numbers keep six digits, which is more than the page ever shows."""
    if isinstance(value, float | Decimal):
        number = float(value)
        return float(f"{number:.6g}") if abs(number) < float("inf") else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    return value
