"""Single-value rules of the business, read from seeds/cfg_setting.csv."""

import csv
from pathlib import Path

from naruki.errors import NarukiError
from naruki.project import SEEDS


def read_settings(seeds: Path = SEEDS) -> dict[str, str]:
    """Setting -> value as text, from cfg_setting.csv."""
    file = seeds / "cfg_setting.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["setting"]: row["value"] for row in csv.DictReader(lines)}


def read_setting(name: str, seeds: Path = SEEDS) -> str:
    """One value as text."""
    settings = read_settings(seeds)
    if name not in settings:
        raise NarukiError(
            f"seeds/cfg_setting.csv has no row for '{name}': add it with its value, unit and description."
        )
    return settings[name]


def read_rows(name: str, seeds: Path = SEEDS) -> list[dict[str, str]]:
    """All rows of a policy seed as text, by column."""
    file = seeds / f"{name}.csv"
    if not file.exists():
        raise NarukiError(f"seeds/{name}.csv is missing: restore it from the repository.")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
