"""Reasons are sentences an account manager can read, and never rest on what is unknown."""

import csv

import numpy as np
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.policy import read_rows
from naruki.value import read_catalogue, top_reasons
from naruki.value.reasons import COLUMNS, transform_features

SENTENCES = {
    "up_en": "{label}: {value} (usually {typical}), good",
    "down_en": "{label}: {value} (usually {typical}), bad",
    "up_ja": "{label}は{value}で良い",
    "down_ja": "{label}は{value}で悪い",
}


def row(feature: str, transform: str, value_format: str) -> dict[str, str]:
    return {
        "feature": feature,
        "label_en": feature.title(),
        "label_ja": f"特徴{feature}",
        "transform": transform,
        "value_format": value_format,
    } | SENTENCES


CATALOGUE = read_catalogue(
    [row("use", "identity", "percent"), row("seats", "log1p", "integer"), row("revenue", "log1p", "money")]
)
TYPICAL = [0.6, np.log1p(20), np.log1p(50_000)]


def reasons(parts, values, minimum=0.05):
    return top_reasons(np.array(parts), np.array(values), CATALOGUE, TYPICAL, minimum=minimum)


def test_the_largest_part_comes_first_and_the_sign_decides_what_it_speaks_for():
    found = reasons([[0.2, -0.9, 0.4]], [[0.123, np.log1p(40), np.log1p(123_456)]])
    assert [found.column(rank, "en")[0].as_py() for rank in range(3)] == [
        "Seats: 40 (usually 20), good",
        "Revenue: 123,000 (usually 50,000), bad",
        "Use: 12% (usually 60%), bad",
    ]
    assert found.column(0, "ja")[0].as_py() == "特徴seatsは40で良い"


def test_an_unknown_value_is_never_a_reason():
    found = reasons([[0.9, 0.1, 0.0]], [[np.nan, np.log1p(3), 0.0]])
    assert found.column(0, "en")[0].as_py() == "Seats: 3 (usually 20), bad"
    assert found.column(1, "en")[0].as_py() is None


def test_small_parts_are_no_reason():
    found = reasons([[0.04, 0.01, 0.0]], [[0.5, 1.0, 1.0]])
    assert found.column(0, "ja").null_count == 1


def test_fewer_features_than_reasons_leave_the_rest_empty():
    found = top_reasons(np.array([[0.5]]), np.array([[0.5]]), CATALOGUE[:1], TYPICAL[:1], minimum=0.05)
    assert found.column(0, "en")[0].as_py() == "Use: 50% (usually 60%), bad"
    assert found.column(2, "en")[0].as_py() is None


def test_the_shipped_catalogue_is_readable_and_speaks_both_languages():
    catalogue = read_catalogue(read_rows("cfg_value_feature"))
    assert len(catalogue) >= 10
    for feature in catalogue:
        words = {"label": "L", "value": "1", "typical": "2"}
        assert feature.up_en.format(**words) != feature.down_en.format(**words)
        assert any("\u3040" <= letter <= "\u9fff" for letter in feature.up_ja + feature.down_ja)
    barred = {"age", "sex", "gender", "income", "education"}  # never used unless somebody decides so openly
    assert not barred & {feature.feature for feature in catalogue}


def test_transforms_keep_unknown_unknown():
    table = pa.table({"use": [0.5, None], "seats": pa.array([0, 9]), "revenue": [None, 99.0]})
    matrix = transform_features(table, CATALOGUE)
    np.testing.assert_allclose(matrix, [[0.5, 0.0, np.nan], [np.nan, np.log(10), np.log(100)]], rtol=1e-6)
    with pytest.raises(NarukiError, match="seats"):
        transform_features(table.drop_columns(["seats"]), CATALOGUE)


@pytest.mark.parametrize(
    "change",
    [{"transform": "sqrt"}, {"value_format": "stars"}, {"up_en": "{labell}"}, {"down_ja": ""}, {"up_ja": "{value"}],
)
def test_a_wrong_row_of_the_catalogue_is_named_with_its_line(change):
    with pytest.raises(NarukiError, match="line 2"):
        read_catalogue([row("use", "identity", "percent") | change])


def test_a_feature_named_twice_is_refused():
    with pytest.raises(NarukiError, match="twice"):
        read_catalogue([row("use", "identity", "percent")] * 2)


def test_seed_has_exactly_the_columns_that_are_read():
    from naruki.project import SEEDS

    with (SEEDS / "cfg_value_feature.csv").open(encoding="utf-8", newline="") as lines:
        assert tuple(next(csv.reader(lines))) == COLUMNS
