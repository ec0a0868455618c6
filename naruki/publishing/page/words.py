"""Sentences with numbers in them, in both languages."""

from collections.abc import Mapping
from typing import Any

from naruki.policy import read_rows, read_setting

LANGUAGES = ("en", "ja")
SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def headlines(values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The sentence of each section, from the texts `headline_<section>` and the one row of the query `headlines`.

    A placeholder {name:kind} is shown as kind: integer, share, money, hours or text; an unknown value is a dash. A section's text may have a
    variant `headline_<section>_none` for when its first value is 0 or unknown.
    """
    texts = {row["key"]: row for row in read_rows("cfg_page_text") if row["key"].startswith("headline_")}
    sections = [key.removeprefix("headline_") for key in texts if not key.endswith("_none")]
    return {section: {f"text_{language}": sentence(texts, section, values, language) for language in LANGUAGES} for section in sections}


def sentence(texts: Mapping[str, Mapping[str, str]], section: str, values: Mapping[str, Any], language: str) -> str:
    words = texts[f"headline_{section}"][language]
    decisive = values.get(words.partition("{")[2].partition(":")[0])
    if not decisive and (none := texts.get(f"headline_{section}_none")):
        words = none[language]
    return words.format_map({name: Shown(value, language) for name, value in values.items()})


class Shown:
    """A value that knows how to be shown: used by str.format as {name:kind}."""

    def __init__(self, value: Any, language: str) -> None:
        self.value, self.language = value, language

    def __format__(self, kind: str) -> str:
        if self.value is None:
            return "–"
        if kind == "share":
            return f"{self.value:.0%}"
        if kind == "money":
            return money(float(self.value), self.language)
        if kind in ("integer", "hours"):
            return f"{self.value:,.0f}"
        return str(self.value)


def money(value: float, language: str) -> str:
    """A rounded amount in the reporting currency: ¥12.3 million, 1,230万円."""
    currency = read_setting("reporting_currency")
    if language == "ja" and currency == "JPY":
        units = ((1e8, "億円"), (1e4, "万円"), (1, "円"))
        size, unit = next(((size, unit) for size, unit in units if abs(value) >= size), units[-1])
        return f"{value / size:,.{1 if size > 1 and abs(value) / size < 100 else 0}f}{unit}"
    units = ((1e9, " billion"), (1e6, " million"), (1e3, " thousand"), (1, ""))
    size, unit = next(((size, unit) for size, unit in units if abs(value) >= size), units[-1])
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{sign}{value / size:,.{1 if size > 1 and abs(value) / size < 100 else 0}f}{unit}"
