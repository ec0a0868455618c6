"""From the header of a file to canonical columns: by name, whatever its case, width and blanks, or by a known alias."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from naruki.sources.contract import Table


@dataclass(frozen=True)
class Match:
    """Which source column feeds which canonical column, and which source columns are kept out."""

    columns: Mapping[str, str]
    unknown: tuple[str, ...]


def clean_header(cells: Sequence[str]) -> list[str]:
    """Header cells as column names: NFKC, blanks and line ends as one space, one name each.

    A blank cell is `column_3` by its place, a repeated name becomes `name_2`.
    """
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        name = " ".join(unicodedata.normalize("NFKC", cell).split()) or f"column_{number}"
        unique, count = name, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique.casefold())
        names.append(unique)
    return names


def match_header(names: Sequence[str], table: Table, path: Path | None = None) -> Match:
    """Canonical columns found among `names`; a column of the exact name goes before an alias.

    `path` is the list of aliases (default: the one that ships with the package).
    """
    aliases = _aliases(path or Path(__file__).with_name("header_aliases.csv"))
    by_name = {_folded(name): name for name in reversed(names)}
    columns = {}
    for canonical in table.column_names:
        spellings = [canonical, *aliases.get((table.name, canonical), ()), *aliases.get(("", canonical), ())]
        hit = next((by_name[_folded(spelling)] for spelling in spellings if _folded(spelling) in by_name), None)
        if hit is not None and hit not in columns.values():
            columns[canonical] = hit
    used = set(columns.values())
    return Match(columns, tuple(name for name in names if name not in used))


def _folded(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", unicodedata.normalize("NFKC", name).strip()).casefold()


@cache
def _aliases(path: Path) -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            key = (row["table"], row["column"])
            found[key] = (*found.get(key, ()), row["alias"])
    return found
