"""Sentences with numbers in them, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

LANGUAGES = ("en", "ja")
SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
LONGEST_NAME = 60
Texts = Mapping[str, Mapping[str, str]]


def headlines(texts: Texts, values: Mapping[str, Mapping[str, Any]], currency: str) -> dict[str, list[str]]:
    """Section -> its sentence in English and Japanese; where nothing is known, the text that says so."""
    keys = {section: f"headline_{section}" if row else "headline_unknown" for section, row in values.items()}
    return {section: sentence(texts, keys[section], row, currency) for section, row in values.items()}


def sentence(texts: Texts, key: str, values: Mapping[str, Any], currency: str) -> list[str]:
    """One text in English and Japanese, with values.

    A placeholder {name:kind} is shown as kind: integer, share, points, money, hours, month, name or text; it takes name, or
    name_en and name_ja. A value `variant` picks the text `<key>_<variant>` instead.
    """
    variant = values.get("variant")
    words = texts[f"{key}_{variant}" if variant else key]
    return [words[language].format_map(told(values, language, currency)) for language in LANGUAGES]


def told(values: Mapping[str, Any], language: str, currency: str) -> dict[str, "Shown"]:
    """Values by name for one language: team_ja counts as team in Japanese."""
    own = {name.removesuffix(f"_{language}"): value for name, value in values.items() if name.endswith(f"_{language}")}
    return {name: Shown(value, language, currency) for name, value in {**values, **own}.items()}


class Shown:
    """A value that knows how to be shown: used by str.format as {name:kind}. Unknown is a dash."""

    def __init__(self, value: Any, language: str, currency: str) -> None:
        self.value, self.language, self.currency = value, language, currency

    def __format__(self, kind: str) -> str:
        if self.value is None:
            return "–"
        if kind == "share":
            return f"{float(self.value):.0%}"
        if kind == "points":
            return f"{100 * float(self.value):+.1f}"
        if kind == "money":
            return money(float(self.value), self.language, self.currency)
        if kind == "hours":
            return f"{float(self.value):,.{0 if abs(self.value) >= 10 else 1}f}"
        if kind == "integer":
            return f"{float(self.value):,.0f}"
        if kind == "month":
            return month(self.value, self.language)
        if kind == "name":
            return name(str(self.value))
        if isinstance(self.value, list):
            return {"en": ", ", "ja": "、"}[self.language].join(name(one) for one in self.value) or "–"
        return str(self.value)


def name(value: str) -> str:
    """A name inside a sentence: isolated, so that its direction does not turn the sentence, and not endless."""
    return f"\u2068{value if len(value) <= LONGEST_NAME else value[: LONGEST_NAME - 1] + '…'}\u2069"


def month(value: date | datetime, language: str) -> str:
    return f"{value.year}年{value.month}月" if language == "ja" else f"{value:%B %Y}"


def money(value: float, language: str, currency: str) -> str:
    """A rounded amount: ¥12.3 million, 1,230万円."""
    if language == "ja" and currency == "JPY":
        size, unit = scaled(value, ((1e8, "億円"), (1e4, "万円"), (1, "円")))
        return f"{figures(value / size, size)}{unit}"
    size, unit = scaled(value, ((1e9, " billion"), (1e6, " million"), (1e3, " thousand"), (1, "")))
    return f"{SIGNS.get(currency, f'{currency} ')}{figures(value / size, size)}{unit}"


def scaled(value: float, units: tuple[tuple[float, str], ...]) -> tuple[float, str]:
    return next(((size, unit) for size, unit in units if abs(value) >= size), units[-1])


def figures(number: float, size: float) -> str:
    return f"{number:,.{1 if size > 1 and abs(number) < 100 else 0}f}"
