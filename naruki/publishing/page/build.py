"""Builds the page: every number by a query on the publication, every text from the seeds, then plain files."""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from naruki.policy import read_rows, read_setting
from naruki.publishing.page.words import headlines
from naruki.publishing.reading import Rows, rows_of

HERE = Path(__file__).parent
QUERIES = HERE / "queries"
# Queries that fill the lists and charts, by the name under which the page's script finds them.
SECTIONS = ("week", "actions", "matrix", "quadrants", "capacity", "policies", "whatif", "moves", "reasons", "themes", "silent", "unmet", "renewals", "churn_reasons")
CARDS_IN_A_PORTION = 100
Data = dict[str, Any]


@dataclass(frozen=True)
class PageReport:
    """What was built: customers on the list and with a card, and the size of all files in bytes."""

    listed: int
    cards: int
    size: int


def build_page(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Data) -> PageReport:
    """Write the page of one publication into `folder`.

    `connection` has the published tables in its main schema; `manifest` gives as_of_date, version, code_version and policy_version.
    """
    limit = int(read_setting("page_list_limit"))
    asked = {"as_of_date": manifest["as_of_date"], "list_limit": limit, "minimum_n": int(read_setting("minimum_group_size"))}
    found = {name: ask(connection, name, asked) for name in SECTIONS}
    (total,) = connection.execute("select count(*) from action_queue_current").fetchone()
    data = found | {
        "meta": {name: manifest[name] for name in ("as_of_date", "version", "code_version", "policy_version")}
        | {"currency": read_setting("reporting_currency"), "actions_total": total},
        "texts": {row["key"]: {"en": row["en"], "ja": row["ja"]} for row in read_rows("cfg_page_text")},
        "labels": labels(),
        "cuts": one(ask(connection, "cuts", asked)),
        "warnings": warnings(ask(connection, "warnings", asked)),
        "headlines": headlines(one(ask(connection, "headlines", asked))),
    }
    cards = customer_cards(connection, asked)
    data["places"] = {card["customer_id"]: number // CARDS_IN_A_PORTION for number, card in enumerate(cards)}
    write_files(folder, data, cards)
    return PageReport(len(found["actions"]), len(cards), sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def ask(connection: duckdb.DuckDBPyConnection, name: str, values: Data) -> Rows:
    """Rows of a query of the page; it may use $as_of_date, $list_limit and $minimum_n."""
    query = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    return rows_of(connection, query, {key: value for key, value in values.items() if f"${key}" in query})


def one(rows: Rows) -> Data:
    return rows[0] if rows else {}


def labels() -> dict[str, dict[str, dict[str, str]]]:
    """Kind -> code -> names in both languages, from the policy seeds."""

    def of(seed: str, code: str) -> dict[str, dict[str, str]]:
        return {row[code]: {"label_en": row["label_en"], "label_ja": row["label_ja"]} for row in read_rows(seed)}

    return {"quadrant": of("cfg_quadrant", "quadrant"), "tier": of("cfg_tier", "tier"), "source": of("cfg_voice_source", "source")}


def warnings(rows: Rows) -> Rows:
    """Checks that failed or warned about staleness, as sentences in both languages."""
    texts = {row["key"]: row for row in read_rows("cfg_page_text")}
    return [{f"text_{language}": texts[row["key"]][language].format(**row) for language in ("en", "ja")} for row in rows]


def customer_cards(connection: duckdb.DuckDBPyConnection, asked: Data) -> Rows:
    """One card per customer of the list, in the order of priority."""
    reasons, timeline = grouped(ask(connection, "card_reasons", asked)), grouped(ask(connection, "card_timeline", asked))
    return [
        {
            **{name: row[name] for name in ("customer_id", "customer_name", "quadrant", "tier", "goal")},
            "facts": facts(row),
            "reasons": [reason for reason in reasons[row["customer_id"]] if reason["reason_en"]],
            "changes": [reason for reason in reasons[row["customer_id"]] if reason["change_en"]],
            "timeline": timeline[row["customer_id"]],
        }
        for row in ask(connection, "cards", asked)
    ]


def facts(row: Data) -> list[list[Any]]:
    """What stands on a card: name of the text, value (or range), kind of number."""
    return [
        ["mrr", row["mrr"], "money"],
        ["ltv", [row["ltv_p10"], row["ltv_p90"]], "short_money"],
        ["renewal", [row["renewal_p_low"], row["renewal_p_high"]], "share"],
        ["demand", row["demand_hours"], "hours"],
        ["faults", row["vendor_fault_hours"], "hours"],
        ["cost", row["cost_to_serve"], "short_money"],
        ["utilisation", row["utilisation_rate"], "share"],
        ["contact", row["days_since_contact"], "integer"],
        ["p_quadrant", row["p_quadrant"], "share"],
        ["term_end", row["term_end_on"], "date"],
        ["owner", row["owner"], "text"],
    ]


def grouped(rows: Rows) -> defaultdict[str, Rows]:
    groups: defaultdict[str, Rows] = defaultdict(list)
    for row in rows:
        groups[row.pop("customer_id")].append(row)
    return groups


def write_files(folder: Path, data: Data, cards: Rows) -> None:
    """The page's own files, the chart library as its package ships it, the data and the cards in portions."""
    import plotly

    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "static", folder)
    (folder / "cards").mkdir()
    shutil.copy(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", folder)
    (folder / "data.js").write_text(f"window.NARUKI = {dumps(data)};\n", encoding="utf-8")
    for place, portion in portions(cards):
        text = f"Naruki.portion({dumps(str(place))}, {dumps({card['customer_id']: card for card in portion})});\n"
        (folder / "cards" / f"{place}.js").write_text(text, encoding="utf-8")


def portions(cards: Rows) -> Iterator[tuple[int, Rows]]:
    for start in range(0, len(cards), CARDS_IN_A_PORTION):
        yield start // CARDS_IN_A_PORTION, cards[start : start + CARDS_IN_A_PORTION]


def dumps(value: Any) -> str:
    """JSON that is safe inside a script: no '<', no line separators; ascii keeps odd names from meaning anything."""
    text = json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place on the page")
