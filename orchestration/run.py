"""The whole job in one process: land, find the day, build and publish it."""

import json
import os
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

from naruki.errors import NarukiError
from naruki.home import Home
from orchestration.manifest import ensure_manifest

# The command line tells progress itself; everything else is in the event log.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
OURS = "# Written by `naruki run`: take this line out to keep settings of your own.\n"
INSTANCE = (
    OURS
    + """telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
event_log_storage:
  module: orchestration.event_log
  class: OpenEventLog
  config:
    base_dir: {history}
"""
)
Report = Callable[[str, str], None]


@dataclass
class Progress:
    """Turns Dagster's events into what a person follows: `report(kind, text)` with kind 'step', 'done', 'note' or 'check'."""

    report: Report
    started: dict[str, float] = field(default_factory=dict)
    passed: int = 0
    warned: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    error: str | None = None
    complete: bool = False

    def __call__(self, record: Any) -> None:
        event = record.dagster_event
        if event is None:
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self.started[event.step_key] = time.monotonic()
            self.report("step", event.step_key)
        elif kind == "STEP_SUCCESS":
            self.report("done", f"{event.step_key}\t{time.monotonic() - self.started[event.step_key]:.1f}")
        elif kind == "ASSET_CHECK_EVALUATION":
            self.count(event.event_specific_data)
        elif kind == "STEP_FAILURE":
            self.error = self.error or root_cause(event.event_specific_data.error)
            self.report("failed", event.step_key)

    def count(self, check: Any) -> None:
        name = f"{check.asset_key.path[-1]}.{check.check_name}"
        if check.passed:
            self.passed += 1
        elif check.severity.value == "WARN":
            self.warned.append(name)
        else:
            self.failed.append(name)


def root_cause(error: Any) -> str:
    """The sentence meant for the user, or the last line of what went wrong."""
    while error.cause is not None:
        error = error.cause
    return error.message.split("\n\nStack Trace")[0].removeprefix("naruki.errors.NarukiError: ").strip()


@dataclass(frozen=True)
class Finished:
    """What a run leaves: its day, its checks, seconds per step, and the error if it failed."""

    as_of: date | None
    progress: Progress
    steps: list[dict[str, Any]]
    error: str | None


def run_pipeline(home: Home, sources: Path | None, as_of: date | None, full_refresh: bool, report: Report) -> Finished:
    """Run both jobs, or without sources only the second, on what has landed.

    Nothing is published unless every blocking check passed.
    """
    prepare_environment(home, sources, full_refresh)
    if home.is_known:
        silence()
    # What the tools print goes to a file: a person follows `report`.
    with (home.logs / "run.log").open("w", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        return run_jobs(home, sources is not None, as_of, report)


def run_jobs(home: Home, landing: bool, as_of: date | None, report: Report) -> Finished:
    """Land, find the day, decide."""
    report("phase", "Reading the project")
    parsing = Thread(target=parse_ahead, args=(home,))
    parsing.start()
    # Imported late: the definitions read the environment and parse the SQL.
    import dagster as dg
    import dagster_dbt  # noqa: F401

    parsing.join()
    from naruki.calendar import newest_complete_day
    from naruki.policy import read_setting
    from orchestration.definitions import defs
    from orchestration.results import step_rows

    Thread(target=import_ahead, daemon=True).start()
    progress = Progress(report)
    with dg.DagsterInstance.get() as instance:
        run_ids = []
        if landing:
            report("phase", "Landing")
            run_ids.append(execute(defs, instance, "ingest", progress, None))
            if not progress.complete:
                return finished(None, progress, step_rows(instance, run_ids[0]))
        if as_of is None:
            with home.connect() as connection:
                as_of = newest_complete_day(connection, read_setting("business_time_zone"))
        report("phase", f"Deciding for {as_of}")
        run_ids.append(execute(defs, instance, "decide", progress, as_of))
        steps = [row for run_id in run_ids for row in step_rows(instance, run_id)]
    return finished(as_of, progress, steps)


def parse_ahead(home: Home) -> None:
    """Let dbt read the project while Dagster is imported; an error is told when the definitions ask again."""
    with suppress(NarukiError):
        ensure_manifest(home)


def import_ahead() -> None:
    """Import what later steps need while this process waits for DuckDB and dbt: they cost several seconds."""
    for module in (
        "great_expectations.expectations",
        "naruki.voice.pipeline",
        "sklearn.svm",
        "naruki.value",
        "naruki.tiering.tiers",
    ):
        import_module(module)


def finished(as_of: date | None, progress: Progress, steps: list[dict[str, Any]]) -> Finished:
    error = progress.error
    if not progress.complete and progress.failed:
        error = f"{len(progress.failed)} blocking check(s) failed: {', '.join(progress.failed[:5])}; the last publication stays in place."
    return Finished(as_of, progress, steps, error)


def execute(defs: Any, instance: Any, job: str, progress: Progress, as_of: date | None) -> str:
    """One job in this process; returns the id of its run."""
    run_id = str(uuid4())
    instance.add_event_listener(run_id, progress)
    try:
        done = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_id=run_id,
            run_config=QUIET,
            partition_key=str(as_of) if as_of else None,
            raise_on_error=False,
        )
    except Exception as error:
        if type(error).__name__ == "DagsterUnknownPartitionError":
            raise NarukiError(
                f"The day {as_of} can't be decided: it is not over yet, or before 2010 (--as-of)."
            ) from error
        raise
    progress.complete = done.success
    return run_id


def silence() -> None:
    """What is decided again to look back goes to nobody: no database, no message."""
    for name in [name for name in os.environ if name.startswith(("NARUKI_PUBLISH_", "NARUKI_NOTIFY"))]:
        del os.environ[name]


def prepare_environment(home: Home, sources: Path | None, full_refresh: bool) -> None:
    """What the definitions and their tools read from the environment."""
    home.prepare()
    instance = home.dagster / "dagster.yaml"
    if not instance.exists() or instance.read_text(encoding="utf-8").startswith(OURS):
        instance.write_text(
            INSTANCE.format(history=json.dumps(str(home.dagster / "history" / "runs"))), encoding="utf-8"
        )
    os.environ.update(
        DAGSTER_HOME=str(home.dagster),
        NARUKI_HOME=str(home.root),
        NARUKI_SALT=home.salt(),
        NARUKI_SOURCES=str(sources.resolve()) if sources else "",
        NARUKI_FULL_REFRESH=str(full_refresh).lower(),
        DO_NOT_TRACK="1",
        GX_ANALYTICS_ENABLED="false",
    )
