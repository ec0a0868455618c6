"""Go back in time, predict, and compare with what came: beside the naive baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError
from naruki.value.hazard import HazardModel
from naruki.value.honesty import Check, Outcomes, backtest_report, honesty_checks, value_report
from naruki.value.lifetime import annuity, lifetime_value, monthly_rate
from naruki.value.optimum import Floats
from naruki.value.panel import Panel, split_by_time
from naruki.value.reasons import read_catalogue
from naruki.value.segments import segment_survival
from naruki.value.settings import ValueSettings
from naruki.value.tables import count_losses, month_name, read_panel, segment_churn, segment_curves
from naruki.value.validation import Promotion, grouped, leaking_features, log_loss, promote

QUARTER = 3
MONEY = ("total_value", "decile_value")


@dataclass(frozen=True)
class Backtest:
    """A look back.

    Attributes:
        cut: the month ('YYYY-MM') at whose end the prediction was made; months: how far ahead it was checked.
        report: plain JSON values, see `backtest_report`; None if nothing could be compared, `reason` says why.
        checks: the honesty checks; leaks: features that alone tell too much, with their AUC.
        promotion: may the model replace the baseline?
        naive: the naive baselines alone, known also where no model could be trained.
        curves: as `report`, for the retention curves that serve where no model does.
    """

    cut: str | None
    months: int
    report: dict[str, Any] | None
    checks: list[Check]
    leaks: list[tuple[str, float]]
    promotion: Promotion
    reason: str
    naive: dict[str, Any] | None = None
    curves: dict[str, Any] | None = None


def backtest(panel_table: Any, settings: Mapping[str, str], catalogue_rows: list[Mapping[str, str]]) -> Backtest:
    """Train on what was known `value_holdout_months` before the end of the panel and compare with what came since."""
    panel, side = read_panel(panel_table, read_catalogue(catalogue_rows))
    return backtest_panel(panel, side, ValueSettings.from_mapping(settings))


def backtest_panel(panel: Panel, side: Mapping[str, NDArray[Any]], settings: ValueSettings) -> Backtest:
    """As `backtest`, on arrays: `side` holds segment, tenure and margin, row for row of the panel."""
    months = settings.holdout_months
    cuts = panel.as_of[panel.as_of <= last_seen(panel) - months]
    if not len(cuts):
        return _nothing(months, f"The panel holds no {months} months after any landmark: nothing can be compared yet.")
    return backtest_at(panel, side, settings, int(cuts.max()), months)


def backtest_quarters(
    panel_table: Any, settings: Mapping[str, str], catalogue_rows: list[Mapping[str, str]]
) -> list[Backtest]:
    """As `backtest`, as of the end of each past quarter after which at least a quarter was seen, oldest first."""
    policy = ValueSettings.from_mapping(settings)
    panel, side = read_panel(panel_table, read_catalogue(catalogue_rows))
    last = last_seen(panel)
    cuts = [
        int(month) for month in np.unique(panel.as_of) if month % QUARTER == QUARTER - 1 and month <= last - QUARTER
    ]
    cuts = cuts[-policy.backtest_quarters :]
    return [backtest_at(panel, side, policy, cut, min(policy.holdout_months, last - cut)) for cut in cuts]


def backtest_at(
    panel: Panel, side: Mapping[str, NDArray[Any]], settings: ValueSettings, cut: int, months: int
) -> Backtest:
    """Train on what was known at the end of month `cut` (index) and compare with the `months` that followed.

    Without enough losses to train a model, only the retention curves and the naive baselines are compared.
    """
    train, test = split_by_time(panel, cut)
    # Only those whose fate is known over the whole window; nobody is left out for having left.
    test = test.take(test.lost | (test.months >= months))
    events = count_losses(train)
    reason = f"{events} losses by {month_name(cut)}, {settings.minimum_events} are needed to train a model."
    if len(test) < 2:
        return _nothing(months, "Fewer than two customers to look back on.")
    place, here = _rows(panel, train), _rows(panel, test)
    churn = segment_churn(train, side["tenure"][place], side["segment"][place], settings)
    naive = np.array([churn.get(str(name), churn[""]) for name in side["segment"][here]])
    margin = side["margin"][here]
    if not np.isfinite(margin).any():
        margin = np.ones(len(test))  # without any money, values are discounted months
    known = np.isfinite(margin)
    test, margin, naive = test.take(known), margin[known], naive[known]
    grown = side["tenure"][place], side["segment"][place]
    now = side["tenure"][here][known], side["segment"][here][known]
    curve = _by_segment(train, grown, test, now, months, settings)
    found, baselines, renewals = compare(curve, test, margin, naive, months, settings)
    actual = found.actual
    beside = {
        "curves": backtest_report(found, {}) | {"renewal": renewals},
        "naive": {name: value_report(value, actual) for name, value in baselines.items()},
    }
    if events < settings.minimum_events:
        return replace(_nothing(months, reason), cut=month_name(cut), **beside)
    model = HazardModel.fit(
        train,
        horizon=settings.horizon_months,
        ridge=settings.ridge,
        max_rows=settings.max_training_rows,
        clip=settings.feature_clip,
        steady_after=settings.holdout_months,
    )
    ends = {"to_term_end": test.to_term_end, "term": test.term}
    curve = model.predict_survival(test.features, month=months, **ends).curve
    outcomes, baselines, renewals = compare(curve, test, margin, naive, months, settings)
    promotion = promote(
        log_loss(outcomes.p_lost, outcomes.lost),
        log_loss(1 - (1 - naive) ** months, outcomes.lost),
        confidence=settings.promotion_confidence,
    )
    leaks = leaking_features(test.features, outcome(test, months)[0], test.names, limit=settings.leak_auc)
    if leaks:
        said = ", ".join(f"{name} ({strength:.2f})" for name, strength in leaks)
        promotion = Promotion(
            False, promotion.gain, promotion.low, promotion.n, f"Features that leak the future: {said}."
        )
    checks = honesty_checks(outcomes, settings)
    if promotion.promoted:
        promotion = _with_honesty(
            promotion, checks, replace(outcomes, predicted=baselines["segment_retention"]), settings
        )
    report = backtest_report(outcomes, baselines) | {"renewal": renewals}
    return Backtest(month_name(cut), months, report, checks, leaks, promotion, promotion.reason, **beside)


def _by_segment(
    train: Panel,
    grown: tuple[NDArray[Any], NDArray[Any]],
    test: Panel,
    now: tuple[NDArray[Any], NDArray[Any]],
    months: int,
    settings: ValueSettings,
) -> NDArray[np.float32]:
    """Survival of the test customers by the retention curves of the training; `grown`, `now`: tenure and segment."""
    overall, curves = segment_curves(train, *grown, settings)
    unknown = np.full(len(test), np.nan)
    terms = tuple(unknown if column is None else column for column in (test.to_term_end, test.term))
    asked = np.full(len(test), months)
    return segment_survival(curves, overall, now[1], now[0].astype(float), asked, terms, settings.horizon_months)[0]


def _with_honesty(promotion: Promotion, checks: list[Check], baseline: Outcomes, settings: ValueSettings) -> Promotion:
    """A model that won is kept out if its money is off for certain and further off than the baseline's.

    Probabilities were judged by the log loss, which punishes overconfidence too; what is still broken is said aloud.
    """
    broken = [check for check in checks if check.status == "failed"]
    if not broken:
        return promotion
    beside = {check.name: abs(check.value or 0.0) for check in honesty_checks(baseline, settings)}
    behind = [check.name for check in broken if check.name in MONEY and abs(check.value or 0.0) > beside[check.name]]
    if behind:
        return replace(promotion, promoted=False, reason=f"Further off than the naive baseline: {', '.join(behind)}.")
    names = ", ".join(check.name for check in broken)
    return replace(promotion, reason=f"{promotion.reason} Beyond an honesty limit, though: {names}.")


def compare(
    survival: NDArray[np.float32], test: Panel, margin: Floats, naive: Floats, months: int, settings: ValueSettings
) -> tuple[Outcomes, dict[str, Floats], list[dict[str, float]]]:
    """Predicted and realised value of the test customers, the naive predictions, and renewals by group.

    Margins are held at what they were on the day: the comparison judges the prediction of staying, not of prices.
    """
    rate = monthly_rate(settings.discount_yearly)
    value = lifetime_value(survival[:, : months + 1], margin, monthly_discount=rate)
    lost, paid = outcome(test, months)
    outcomes = Outcomes(
        p_lost=1 - survival[:, months].astype(float),
        lost=lost,
        predicted=value.mean,
        actual=margin * annuity(paid, rate),
        low=value.quantiles[:, 0],
        high=value.quantiles[:, -1],
        coverage=value.coverage,
    )
    return outcomes, naive_values(margin, naive, months, rate), renewals_by_group(survival, test, months)


def renewals_by_group(curve: NDArray[np.float32], test: Panel, months: int) -> list[dict[str, float]]:
    """P(renewal) of the terms that ended within the window beside what came, in groups from low to high."""
    if test.to_term_end is None:
        return []
    due = np.flatnonzero((test.to_term_end >= 1) & (test.to_term_end <= months))
    if not len(due):
        return []
    end = test.to_term_end[due].astype(np.int64)
    renewed = ~(test.lost[due] & (test.months[due] <= end))
    found = grouped(curve[due, end], renewed)
    columns = zip(found.n, found.predicted, found.actual * found.n, strict=True)
    return [
        {"group": group + 1, "n": int(n), "predicted": float(p), "renewed": float(y)}
        for group, (n, p, y) in enumerate(columns)
    ]


def naive_values(margin: Floats, churn: Floats, months: int, rate: float) -> dict[str, Floats]:
    """Values without a model: one churn rate per segment for ever; today's margin for ever."""
    steady = (1 - churn)[:, None] ** np.arange(months + 1)
    return {
        "segment_retention": lifetime_value(steady, margin, monthly_discount=rate).mean,
        "past_spend": margin * float(annuity(months, rate)),
    }


def last_seen(panel: Panel) -> int:
    """Index of the newest month that any customer was seen in; 0 without rows."""
    return int((panel.as_of + panel.months).max()) if len(panel) else 0


def outcome(test: Panel, months: int) -> tuple[NDArray[np.bool_], Floats]:
    """Whether each customer left within `months`, and how many of them it paid."""
    return test.lost & (test.months <= months), np.minimum(test.months, months).astype(float)


def _rows(panel: Panel, part: Panel) -> NDArray[np.intp]:
    """Where the rows of a part stand in the panel."""
    order = np.argsort(panel.source_row)
    return order[np.searchsorted(panel.source_row, part.source_row, sorter=order)]


def _nothing(months: int, reason: str) -> Backtest:
    if months < 1:
        raise NarukiError("seeds/cfg_setting.csv: 'value_holdout_months' must be at least 1.")
    return Backtest(None, months, None, [], [], Promotion(False, float("nan"), float("nan"), 0, reason), reason)
