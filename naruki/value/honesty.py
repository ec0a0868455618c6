"""The checks a published value has to pass on matured cohorts, and the back-test report beside the naive baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from naruki.value.optimum import Floats
from naruki.value.settings import ValueSettings
from naruki.value.validation import auc, calibration, expected_calibration_error, gini, grouped

CHECKS = ("calibration_slope", "ece10", "total_value", "decile_value", "coverage")
CERTAIN = 1.96  # a limit is broken for certain only beyond this many standard errors


@dataclass(frozen=True)
class Outcomes:
    """Predictions of one past day beside what came; all arrays (n,), one row per customer.

    Attributes:
        p_lost: predicted probability of leaving within the window; lost: whether it did.
        predicted, actual: value within the window (money, discounted alike); low, high: P10 and P90 of the prediction.
        coverage: model-implied probability of ending between low and high.
    """

    p_lost: Floats
    lost: Floats
    predicted: Floats
    actual: Floats
    low: Floats
    high: Floats
    coverage: Floats


@dataclass(frozen=True)
class Check:
    """One check: status is passed, failed, uncertain (over the limit, but chance would explain it) or skipped."""

    name: str
    status: str
    value: float | None
    error: float | None
    limit: float
    n: int
    message: str


def honesty_checks(outcomes: Outcomes, settings: ValueSettings) -> list[Check]:
    """Calibration slope, ECE10, total value, each decile, coverage; all skipped, and said so, with too few losses."""
    events, n = int(np.sum(outcomes.lost)), len(outcomes.lost)
    names = CHECKS
    if events < settings.minimum_events:
        message = f"Skipped: {events} losses have matured, {settings.minimum_events} are needed to judge."
        return [Check(name, "skipped", None, None, float("nan"), n, message) for name in names]
    slope, slope_error, _ = calibration(outcomes.p_lost, outcomes.lost)
    reach = (settings.calibration_slope_high - settings.calibration_slope_low) / 2
    centre = (settings.calibration_slope_high + settings.calibration_slope_low) / 2
    ece = expected_calibration_error(outcomes.p_lost, outcomes.lost)
    groups = grouped(outcomes.p_lost, outcomes.lost)
    noise = float(np.sum(groups.n * groups.error) / np.sum(groups.n))
    gap = outcomes.actual - outcomes.predicted
    total = max(abs(float(outcomes.predicted.sum())), 1e-300)
    total_error = float(gap.std() * np.sqrt(n)) / total
    inside = _inside(outcomes)
    implied = float(outcomes.coverage.mean())
    return [
        _judge(
            names[0],
            slope - centre,
            slope_error,
            reach,
            n,
            f"calibration slope {slope:.3f}",
        ),
        _judge(names[1], ece, noise, settings.ece_limit, n, f"mean calibration gap {ece:.4f}"),
        _judge(
            names[2], float(gap.sum()) / total, total_error, settings.total_limit, n, "total value off by {value:+.1%}"
        ),
        _worst_decile(outcomes, settings.decile_limit),
        _judge(
            names[4],
            float(inside.mean()) - implied,
            float(np.sqrt(implied * (1 - implied) / n)),
            settings.coverage_limit,
            n,
            f"{inside.mean():.1%} between P10 and P90, {implied:.1%} implied",
        ),
    ]


def _inside(outcomes: Outcomes) -> Floats:
    slack = 1e-6 * np.maximum(
        np.abs(outcomes.high), 1.0
    )  # single precision must not push an outcome over its own bound
    return ((outcomes.actual >= outcomes.low - slack) & (outcomes.actual <= outcomes.high + slack)).astype(float)


def _worst_decile(outcomes: Outcomes, limit: float) -> Check:
    deciles = grouped(outcomes.predicted, outcomes.actual)
    base = np.maximum(np.abs(deciles.predicted), 1e-300)
    off, error = (deciles.actual - deciles.predicted) / base, deciles.error / base
    worst = int(np.argmax(np.abs(off) - CERTAIN * error))
    text = f"decile {worst + 1} of value off by {{value:+.1%}}"
    if np.all(np.abs(off) - CERTAIN * error <= limit):
        worst = int(np.argmax(np.abs(off)))
        text = f"decile {worst + 1} of value off by {{value:+.1%}}"
    return _judge("decile_value", float(off[worst]), float(error[worst]), limit, len(outcomes.lost), text)


def _judge(name: str, value: float, error: float, limit: float, n: int, text: str) -> Check:
    off = abs(value)
    status = "passed" if off <= limit + 1e-12 else "failed" if off - CERTAIN * error > limit else "uncertain"
    verdict = {
        "passed": f"within the limit of {limit:g}",
        "failed": f"beyond the limit of {limit:g}",
        "uncertain": f"beyond the limit of {limit:g}, though chance alone could explain that",
    }[status]
    return Check(name, status, value, error, limit, n, f"{text.format(value=value)}: {verdict}.")


def backtest_report(outcomes: Outcomes, baselines: Mapping[str, Floats]) -> dict[str, Any]:
    """What was predicted beside what came, and the same for each naive baseline (plain JSON values).

    Args:
        baselines: name -> (n,) predicted value within the window, for instance `segment_retention` and `past_spend`.
    """
    slope, slope_error, intercept = calibration(outcomes.p_lost, outcomes.lost)
    report = {
        "customers": len(outcomes.lost),
        "lost": int(np.sum(outcomes.lost)),
        "lost_predicted": float(np.sum(outcomes.p_lost)),
        "auc": auc(outcomes.p_lost, outcomes.lost),
        "calibration_slope": slope,
        "calibration_slope_error": slope_error,
        "calibration_intercept": intercept,
        "ece10": expected_calibration_error(outcomes.p_lost, outcomes.lost),
        "coverage": float(_inside(outcomes).mean()),
        "coverage_implied": float(outcomes.coverage.mean()),
        "model": value_report(outcomes.predicted, outcomes.actual),
    }
    return report | {"baselines": {name: value_report(value, outcomes.actual) for name, value in baselines.items()}}


def value_report(predicted: Floats, actual: Floats) -> dict[str, Any]:
    """Totals, deciles by prediction, error and ranking of predicted values, (n,) each, as plain JSON values."""
    deciles = grouped(predicted, actual)
    return {
        "predicted": float(predicted.sum()),
        "actual": float(actual.sum()),
        "mean_absolute_error": float(np.abs(predicted - actual).mean()),
        "gini": gini(predicted, actual),
        "deciles": [
            {"decile": index + 1, "n": int(n), "predicted": float(p), "actual": float(a), "error": float(e)}
            for index, (n, p, a, e) in enumerate(
                zip(deciles.n, deciles.predicted, deciles.actual, deciles.error, strict=True)
            )
        ],
    }


def checks_as_rows(checks: list[Check]) -> list[dict[str, Any]]:
    """Checks as plain rows, for a table or for check results."""
    return [asdict(check) for check in checks]
