"""The seeds of the voice, read as the analyst writes them."""

import csv
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from naruki.voice.examples import SEEDS as EXAMPLE_SEEDS
from naruki.voice.examples import Examples, examples_from
from naruki.voice.rules import RuleSet, rules_from
from naruki.voice.settings import VoiceSettings, settings_from
from naruki.voice.taxonomy import Taxonomy, taxonomy_from

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def seed_rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return rules_from(seed_rows("cfg_voc_rule.csv"))


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return taxonomy_from(seed_rows("cfg_voc_taxonomy.csv"))


@pytest.fixture(scope="session")
def policy_settings() -> dict[str, str]:
    return {row["setting"]: row["value"] for row in seed_rows("cfg_setting.csv")}


@pytest.fixture(scope="session")
def settings(policy_settings) -> VoiceSettings:
    return settings_from(policy_settings)


@pytest.fixture(scope="session")
def examples(settings) -> Examples:
    return examples_from({name: seed_rows(f"voice/{name}.csv") for name in EXAMPLE_SEEDS}, settings)


@pytest.fixture(scope="session")
def gold() -> list[dict[str, str]]:
    return seed_rows("voice/cfg_voc_gold.csv")


def documents(*texts: str | None, source: str = "ticket", categories: list[str | None] | None = None) -> pa.Table:
    """Documents d0, d1, … of one day, in the form that the pipeline reads."""
    count = len(texts)
    return pa.table(
        {
            "document_id": pa.array([f"d{number}" for number in range(count)], pa.string()),
            "source": pa.array([source] * count, pa.string()),
            "customer_id": pa.array([f"c{number}" for number in range(count)], pa.string()),
            "occurred_at": pa.array([datetime(2025, 5, 2, 9)] * count, pa.timestamp("us")),
            "category": pa.array(categories or [None] * count, pa.string()),
            "text": pa.array(texts, pa.string()),
            "text_hash": pa.nulls(count, pa.string()),
        }
    )
