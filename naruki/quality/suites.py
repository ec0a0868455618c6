"""Great Expectations suites as JSON files, validated on data frames."""

import json
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naruki.errors import NarukiError
from naruki.project import EXPECTATIONS

if TYPE_CHECKING:
    import pandas as pd

BLOCKING = "critical"


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation: `observed` is the value that was found, `expected` what was asked for."""

    expectation: str
    passed: bool
    severity: str
    observed: str
    expected: str

    @property
    def blocks(self) -> bool:
        return not self.passed and self.severity == BLOCKING


def read_suite(kind: str, table: str, folder: Path = EXPECTATIONS) -> dict[str, Any]:
    """The suite of a table; `kind` is 'landed' or 'published'."""
    file = folder / kind / f"{table}.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NarukiError(f"The table {table} has no suite: write expectations/{kind}/{table}.json.") from error
    except json.JSONDecodeError as error:
        raise NarukiError(
            f"expectations/{kind}/{table}.json is not valid JSON (line {error.lineno}): mend it."
        ) from error


def suites(kind: str, folder: Path = EXPECTATIONS) -> list[str]:
    """Names of the tables of a kind that have a suite."""
    return sorted(file.stem for file in (folder / kind).glob("*.json"))


def validate(frame: "pd.DataFrame", suite: dict[str, Any]) -> list[Outcome]:
    """Outcomes of all expectations of a suite on a frame; a row of the frame is one row of the table or of its profile."""
    import great_expectations as gx

    expectations = [known_expectation(suite["name"], spec) for spec in suite["expectations"]]
    batch = gx_source().add_dataframe_asset(suite["name"]).add_batch_definition_whole_dataframe("all")
    try:
        batch = batch.get_batch({"dataframe": frame})
        result = batch.validate(gx.ExpectationSuite(name=suite["name"], expectations=expectations))
    finally:
        gx_source().delete_asset(suite["name"])
    return [outcome(entry) for entry in result.results]


@cache
def gx_source() -> Any:
    """The one in-memory source of data frames; making a context takes longer than most suites."""
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context.data_sources.add_pandas("frames")


def known_expectation(suite: str, spec: dict[str, Any]) -> Any:
    import great_expectations.expectations as gxe

    name = "".join(part.title() for part in spec["type"].split("_"))
    if not hasattr(gxe, name):
        raise NarukiError(
            f"The suite {suite} asks for an unknown expectation '{spec['type']}': use one of Great Expectations' own."
        )
    kwargs = spec.get("kwargs", {})
    about = [spec["type"].removeprefix("expect_"), kwargs.get("column"), kwargs.get("row_condition")]
    # Results come back in another order and with rewritten conditions, so each carries how we name it.
    label = {"label": " ".join(part for part in about if part)}
    return getattr(gxe, name)(**kwargs, severity=spec.get("severity", BLOCKING), meta=label)


def outcome(entry: Any) -> Outcome:
    config = entry.expectation_config
    raised = (entry.exception_info or {}).get("exception_message") or next(
        (part["exception_message"] for part in (entry.exception_info or {}).values() if isinstance(part, dict)), None
    )
    named_already = ("batch_id", "column", "row_condition", "condition_parser")
    asked = {key: value for key, value in config.kwargs.items() if key not in named_already}
    found = raised or entry.result.get("observed_value", entry.result.get("unexpected_count"))
    return Outcome(
        expectation=config.meta["label"],
        passed=bool(entry.success),
        severity=str(getattr(config.severity, "value", config.severity) or BLOCKING),
        observed=str(found),
        expected=", ".join(f"{key}={value}" for key, value in asked.items()),
    )
