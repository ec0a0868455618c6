"""What Dagster's event log says of a run: checks and seconds per step."""

from datetime import date
from typing import Any

import dagster as dg


def check_rows(instance: dg.DagsterInstance, as_of: date) -> list[dict[str, Any]]:
    """The newest result of every asset check that ever ran in this home, one row each."""
    graph = latest_checks(instance)
    rows = []
    for evaluation in graph:
        metadata = {key: value.value for key, value in evaluation.metadata.items()}
        warned = evaluation.severity == dg.AssetCheckSeverity.WARN
        rows.append(
            {
                "as_of_date": as_of,
                "table_name": evaluation.asset_key.path[-1],
                "check_name": evaluation.check_name,
                "status": "passed" if evaluation.passed else "warned" if warned else "failed",
                "evidence": evidence(metadata),
                "n": metadata.get("dagster_dbt/failed_row_count"),
            }
        )
    return sorted(rows, key=lambda row: (row["table_name"], row["check_name"]))


def carried_on(now: list[dict[str, Any]], earlier: list[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    """Results of this run, and those of checks on steps that had nothing new to build, as they stood."""
    rows = {(row["table_name"], row["check_name"]): row for row in earlier} | {
        (row["table_name"], row["check_name"]): row for row in now
    }
    return [rows[key] | {"as_of_date": as_of} for key in sorted(rows)]


def latest_checks(instance: dg.DagsterInstance) -> list[Any]:
    """Newest evaluation per check, from the newest run that evaluated it."""
    newest: dict[tuple[str, ...], Any] = {}
    for run in instance.get_runs(limit=2):
        for record in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
            evaluation = record.dagster_event.event_specific_data
            newest.setdefault((*evaluation.asset_key.path, evaluation.check_name), evaluation)
    return list(newest.values())


def evidence(metadata: dict[str, Any]) -> str | None:
    """The words a reader needs: what failed, else how many rows broke the rule."""
    if (failed := metadata.get("failed")) not in (None, "none"):
        return str(failed)
    count = metadata.get("dagster_dbt/failed_row_count")
    return f"{count} rows" if count else None


def step_rows(instance: dg.DagsterInstance, run_id: str) -> list[dict[str, Any]]:
    """Seconds of every finished step of a run, in order of their start."""
    statistics = instance.get_run_step_stats(run_id)
    finished = [step for step in statistics if step.start_time and step.end_time]
    return [
        {"step": step.step_key, "seconds": round(step.end_time - step.start_time, 2)}
        for step in sorted(finished, key=lambda step: step.start_time)
    ]
