"""What there is to tell: each message names the conditions it tells of, so that none is told twice.

A message holds ids, names of tables and links, never the name of a person or a customer, nor a value of a source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from naruki.policy import read_rows
from naruki.publishing.page.data import Asked, headline_values, know_days
from naruki.publishing.reading import Rows, rows_of
from naruki.publishing.words import LANGUAGES, sentence

QUERIES = Path(__file__).parent / "queries"
# Query -> channel. What lasts is told when it begins, and again only after it was over.
LASTING = {"failed_checks": "failures", "failure_modes": "risks", "severe_risk": "risks"}
# The questions of the digest and the sections of the page that answer them.
QUESTIONS = {
    "actions": "actions",
    "short": "capacity",
    "hour": "capacity",
    "voice": "voice",
    "silent": "voice",
    "moves": "moves",
}


@dataclass(frozen=True)
class Message:
    """Something to tell on a channel: failures, risks or digest. `keys` are the conditions it tells of."""

    channel: str
    keys: tuple[str, ...]
    title: str
    body: str


@dataclass(frozen=True)
class Speech:
    """How messages are worded: texts of the policy, the languages to speak, where the page is, and how long a list may be."""

    page: str
    languages: Sequence[str] = LANGUAGES
    currency: str = "JPY"
    longest_list: int = 20

    def say(self, key: str, values: Mapping[str, Any] | None = None) -> dict[str, str]:
        """A text by language, with values, without the marks that the page shows in bold."""
        texts = {row["key"]: row for name in ("cfg_page_text", "cfg_alert_text") for row in read_rows(name)}
        spoken = sentence(texts, key, values or {}, self.currency)
        return {code: words.replace("[[", "").replace("]]", "") for code, words in zip(LANGUAGES, spoken, strict=True)}

    def link(self, place: str) -> str:
        return f"{self.page}#{place}"

    def message(self, channel: str, keys: Sequence[str], title: dict[str, str], lines: Sequence[Any]) -> Message:
        """One message in all languages; a line is a text by language, or the same for all."""
        bodies = ["\n".join(line if isinstance(line, str) else line[code] for line in lines) for code in self.languages]
        return Message(channel, tuple(keys), " · ".join(title[code] for code in self.languages), "\n\n".join(bodies))


def rows(connection: duckdb.DuckDBPyConnection, name: str, day: date) -> Rows:
    """Rows of a query; none where a table that it needs is not published."""
    query = (QUERIES / f"{name}.sql").read_text(encoding="utf-8").replace("$as_of_date", f"date '{day}'")
    try:
        return rows_of(connection, query)
    except duckdb.CatalogException:
        return []


def lasting(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, Rows]:
    """What is the case on a day, by condition: key -> row, in the order in which to tell."""
    return {name: rows(connection, name, day) for name in LASTING}


def key_of(name: str, row: Mapping[str, Any]) -> str:
    return f"{name}/{row['code']}"


def news(speech: Speech, name: str, found: Rows, told: frozenset[str]) -> list[Message]:
    """One message about the conditions of a kind that were not told yet."""
    new = [row for row in found if key_of(name, row) not in told]
    if not new:
        return []
    lines: list[Any] = [speech.say(f"{name}_body")]
    for row in new[: speech.longest_list]:
        lines.append(speech.say(f"{name}_line", row | {"variant": variant(row)}))
        if name == "severe_risk":
            lines.append(speech.link(f"actions?customer={quote(row['code'], safe='')}"))
    if len(new) > speech.longest_list:
        lines.append(speech.say("more_body", {"n": len(new) - speech.longest_list}))
    if name != "severe_risk":
        lines.append(speech.link("week"))
    keys = [key_of(name, row) for row in new]
    return [speech.message(LASTING[name], keys, speech.say(f"{name}_title", {"n": len(new)}), lines)]


def variant(row: Mapping[str, Any]) -> str | None:
    """Why a customer is at risk: it speaks of leaving, it is unlikely to renew, or both."""
    if "speaks_of_leaving" not in row:
        return None
    if row["speaks_of_leaving"] and row["is_unlikely_to_renew"]:
        return "both"
    return "speaks" if row["speaks_of_leaving"] else None


def run_failed(speech: Speech, run_id: str, step: str, checks: Sequence[str], home: Path) -> Message:
    """A run that broke off. Not why: the words of an error may hold values of a source."""
    told = {"step": step, "run": run_id[:8], "checks": ", ".join(checks), "home": str(home)}
    lines = [speech.say("run_failed_body", told | {"variant": "checks" if checks else None}), speech.link("week")]
    return speech.message("failures", [f"run/{run_id}"], speech.say("run_failed_title", told), lines)


def digest(speech: Speech, connection: duckdb.DuckDBPyConnection, asked: Asked, day: date) -> Message:
    """The six answers of Monday morning, each with a link to its section."""
    know_days(connection, asked)
    values = headline_values(connection, asked)
    lines: list[Any] = [speech.say("digest_body", {"date": str(day)})]
    for name, section in QUESTIONS.items():
        question = speech.say("question_capacity" if name == "short" else f"question_{name}")
        lines += ["", question, speech.say(*answer(name, values[name])), speech.link(section)]
    return speech.message("digest", [digest_key(day)], speech.say("digest_title", {"date": str(day)}), lines)


def answer(name: str, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The text of an answer and its values: names of customers stay on the page."""
    if not values:
        return "headline_unknown", {}
    unnamed = {key: value for key, value in values.items() if key not in ("first_name", "next")}
    own = {row["key"] for row in read_rows("cfg_alert_text")}
    full = f"{name}_{values['variant']}" if values.get("variant") else name
    return (f"digest_{name}" if f"digest_{full}" in own else f"headline_{name}"), unnamed


def digest_key(day: date) -> str:
    """The week in which a digest of this day is read: the one of the morning after."""
    week = (day + timedelta(days=1)).isocalendar()
    return f"digest/{week.year}-W{week.week:02d}"
