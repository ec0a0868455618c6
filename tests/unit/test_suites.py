"""Suites say what is wrong, how severely, and are there for every table."""

import json

import pandas as pd
import pytest

from naruki.errors import NarukiError
from naruki.project import EXPECTATIONS
from naruki.quality.suites import read_suite, suites, validate
from naruki.sources.contract import load_contract


def suite(*expectations):
    return {"name": "tiers", "expectations": list(expectations)}


def test_a_broken_critical_expectation_blocks_and_a_warning_does_not():
    frame = pd.DataFrame({"tier": ["high", "gold"], "hours": [1.0, -1.0]})
    known = {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "tier", "value_set": ["high"]},
        "severity": "critical",
    }
    positive = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "hours", "min_value": 0},
        "severity": "warning",
    }
    outcomes = {outcome.expectation: outcome for outcome in validate(frame, suite(known, positive))}
    assert outcomes["column_values_to_be_in_set tier"].blocks
    assert not outcomes["column_values_to_be_between hours"].passed
    assert not outcomes["column_values_to_be_between hours"].blocks


def test_a_missing_column_is_a_broken_expectation_not_a_crash():
    (outcome,) = validate(
        pd.DataFrame({"a": [1]}), suite({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "b"}})
    )
    assert outcome.blocks
    assert "b" in outcome.observed


def test_an_unknown_expectation_names_the_suite():
    with pytest.raises(NarukiError, match="suite tiers asks for an unknown expectation 'expect_luck'"):
        validate(pd.DataFrame({"a": [1]}), suite({"type": "expect_luck"}))


def test_a_missing_suite_names_the_file_to_write():
    with pytest.raises(NarukiError, match=r"expectations/landed/unicorns.json"):
        read_suite("landed", "unicorns")


def test_every_landed_table_has_a_suite_that_asks_for_its_required_columns():
    assert suites("landed") == sorted(load_contract().table_names)
    for table in load_contract().tables:
        suite = json.loads((EXPECTATIONS / "landed" / f"{table.name}.json").read_text(encoding="utf-8"))
        filled = [
            spec["kwargs"]
            for spec in suite["expectations"]
            if spec["kwargs"].get("max_value") == 0 and spec["severity"] == "critical"
        ]
        assert all(any(f'"{name}"' in kwargs["row_condition"] for kwargs in filled) for name in table.required), (
            table.name
        )
