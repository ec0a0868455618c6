"""Every model says what a row is, has a description and a Japanese label, is tested, and fits a screen or two."""

import re
from pathlib import Path

import pytest
import yaml

from naruki.project import ROOT

MODELS = sorted((ROOT / "models").glob("*/**/*.sql"))
LONGEST = 135
PUBLISHED = ("facts", "marts")


def described(file: Path) -> dict:
    found = [
        model
        for described in file.parent.glob("*.yml")
        for model in yaml.safe_load(described.read_text(encoding="utf-8")).get("models", [])
        if model["name"] == file.stem
    ]
    assert len(found) == 1, f"{file.stem} is described {len(found)} times"
    return found[0]


def is_table(file: Path) -> bool:
    return "materialized='ephemeral'" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_a_model_says_what_a_row_is_and_fits_a_screen_or_two(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- One row per "), lines[0]
    assert len(lines) <= LONGEST


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_a_model_has_a_description_and_a_japanese_label(file):
    model = described(file)
    assert len(model["description"]) > 40
    assert re.search(r"[぀-ヿ一-鿿]|MRR", model["config"]["meta"]["label_ja"])


@pytest.mark.parametrize(
    "file", [file for file in MODELS if file.parts[-3] in PUBLISHED and is_table(file)], ids=lambda file: file.stem
)
def test_a_published_model_is_tested_and_each_of_its_columns_is_described_in_both_languages(file):
    model = described(file)
    columns = model["columns"]
    assert model.get("data_tests") or any(column.get("data_tests") for column in columns)
    lacking = [
        column["name"]
        for column in columns
        if not column.get("description") or not column.get("config", {}).get("meta", {}).get("label_ja")
    ]
    assert lacking == []
    assert model["config"]["contract"]["enforced"]
