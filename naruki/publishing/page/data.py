"""Asks the publication everything that the page shows. Every number is computed in queries/."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from naruki.errors import NarukiError
from naruki.home import quoted
from naruki.policy import read_rows, read_settings
from naruki.publishing.reading import Rows, rows_of
from naruki.publishing.words import Texts, headlines, sentence

QUERIES = Path(__file__).parent / "queries"
# Queries that fill lists and charts, by the name under which the page's script finds them.
LISTS = (
    *("actions", "teams", "failures", "matrix", "quadrants", "cuts", "capacity", "policies", "whatif", "moves", "held"),
    *("reasons", "themes", "silent", "unmet", "renewals", "churn_reasons", "ratings", "coverage", "waits"),
    *("triangulation", "pushes", "effects"),
)
# Values of queries, by the setting of the policy that gives them.
SETTINGS = {
    "list_limit": "page_list_limit",
    "card_limit": "page_card_limit",
    "minimum_n": "minimum_group_size",
    "voice_days": "voice_window_days",
    "renewal_days": "renewal_window_days",
    "support_days": "churn_support_window_days",
    "feed_days": "page_feed_days",
}
# Labels that other seeds hold: kind on the page -> seed, column of the code, rows that count.
LABELS = {
    "quadrant": ("cfg_quadrant", "quadrant", {}),
    "tier": ("cfg_tier", "tier", {}),
    "action": ("cfg_action", "action", {}),
    "left_because": ("cfg_churn_reason", "reason", {}),
    "reason": ("cfg_voc_taxonomy", "reason", {"kind": "contact_reason"}),
}
Data = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a page is asked for: the publication and the settings of the policy."""

    publication: Mapping[str, Any]
    settings: Mapping[str, str]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Asked":
        names = ("as_of_date", "version", "code_version", "policy_version")
        return cls({name: manifest[name] for name in names}, read_settings())

    @cached_property
    def literals(self) -> dict[str, str]:
        """What a query may use as $name: the day and whole numbers, as SQL."""
        day = date.fromisoformat(self.publication["as_of_date"])
        return {"as_of_date": f"date '{day}'"} | {name: str(int(self.settings[row])) for name, row in SETTINGS.items()}

    @property
    def currency(self) -> str:
        return self.settings["reporting_currency"]


def page_data(connection: duckdb.DuckDBPyConnection, asked: Asked) -> tuple[Data, Rows]:
    """Everything on the page, and the cards. A list whose tables are not published is None."""
    know_days(connection, asked)
    lists = {name: ask(connection, name, asked) for name in LISTS}
    texts = {row["key"]: row for row in read_rows("cfg_page_text")}
    total = ask(connection, "actions_total", asked)
    data = {
        "meta": dict(asked.publication)
        | {
            "currency": asked.currency,
            "minimum_n": int(asked.literals["minimum_n"]),
            "stale_days": int(asked.settings["page_stale_days"]),
            "actions_total": total[0]["actions"] if total else 0,
        },
        "lists": lists,
        "week": week(connection, asked, texts),
        "warnings": warnings(connection, asked, texts),
        "headlines": headlines(texts, headline_values(connection, asked), asked.currency),
    }
    return data, cards(connection, asked)


def know_days(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Let queries use business_day(instant): the day in the zone of the business."""
    zone = quoted(asked.settings["business_time_zone"])
    day = f"cast(timezone('{zone}', timezone('UTC', instant)) as date)"
    connection.execute(f"create or replace temp macro business_day(instant) as {day}")


def ask(connection: duckdb.DuckDBPyConnection, name: str, asked: Asked, around: str = "{}") -> Rows | None:
    """Rows of a query of the page, or None where a table that it needs is not published."""
    query = around.replace("{}", (QUERIES / f"{name}.sql").read_text(encoding="utf-8"))
    try:
        return rows_of(connection, re.sub(r"\$(\w+)", lambda found: asked.literals[found[1]], query))
    except duckdb.CatalogException as error:
        if "Table with name" not in str(error):
            raise
        return None
    except duckdb.BinderException as error:
        lacking = str(error).splitlines()[0].removeprefix("Binder Error: ")
        raise NarukiError(
            f"This publication was made by another version of Naruki ({name}: {lacking}): publish anew with `naruki run`."
        ) from error


def warnings(connection: duckdb.DuckDBPyConnection, asked: Asked, texts: Texts) -> list[list[str]]:
    """What the reader must know before trusting the page, in both languages."""
    return [sentence(texts, row["key"], row, asked.currency) for row in ask(connection, "warnings", asked) or []]


def week(connection: duckdb.DuckDBPyConnection, asked: Asked, texts: Texts) -> Rows:
    """The measures of the week, each with its sentence, in the order of the files in queries/week/."""
    around = f"with measured as (\n{{}}\n)\nselect * from (\n{(QUERIES / 'week.sql').read_text(encoding='utf-8')}\n)"
    found: Rows = []
    for file in sorted((QUERIES / "week").glob("*.sql")):
        found += ask(connection, f"week/{file.stem}", asked, around) or []
    for row in found:
        row["why"] = sentence(texts, f"why_{row['measure']}", row.pop("details") or {}, asked.currency)
    return found


def headline_values(connection: duckdb.DuckDBPyConnection, asked: Asked) -> dict[str, Data]:
    """Section -> the one row of its headline; empty where it is not known."""
    names = sorted(file.stem for file in (QUERIES / "headlines").glob("*.sql"))
    return {name: next(iter(ask(connection, f"headlines/{name}", asked) or []), {}) for name in names}


def labels() -> dict[str, dict[str, list[str]]]:
    """Kind -> code -> names in English and Japanese."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for kind, (seed, code, wanted) in LABELS.items():
        for row in read_rows(seed):
            if all(row[column] == value for column, value in wanted.items()):
                found[kind][row[code]] = [row["label_en"], row["label_ja"]]
    for row in read_rows("cfg_page_label"):
        found[row["kind"]][row["code"]] = [row["label_en"], row["label_ja"]]
    return found


def cards(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Rows:
    """One card per customer, the most urgent first: facts, reasons, actions and what happened."""
    if ask(connection, "cards", asked, "create or replace temp table carded as {}") is None:
        return []
    rows = rows_of(connection, "select * from carded order by priority_rank, customer_id")
    parts = {name: grouped(ask(connection, f"card_{name}", asked) or []) for name in ("reasons", "actions", "timeline")}
    for row in rows:
        for name, part in parts.items():
            row[name] = part.get(row["customer_id"], [])
        # The newest things that happened are many and small: only their values, in the order of the query.
        row["timeline"] = [list(event.values()) for event in row["timeline"]]
    return rows


def grouped(rows: Rows) -> defaultdict[str, Rows]:
    groups: defaultdict[str, Rows] = defaultdict(list)
    for row in rows:
        groups[row.pop("customer_id")].append(row)
    return groups
