"""Go back in time, predict, and compare with what came: beside the naive baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError
from naruki.value.hazard import HazardModel
from naruki.value.honesty import Check, Outcomes, backtest_report, honesty_checks
from naruki.value.lifetime import annuity, lifetime_value, monthly_rate
from naruki.value.optimum import Floats
from naruki.value.panel import Panel, split_by_time
from naruki.value.reasons import read_catalogue
from naruki.value.settings import ValueSettings
from naruki.value.tables import month_name, read_panel, segment_churn
from naruki.value.validation import Promotion, leaking_features, log_loss, promote


@dataclass(frozen=True)
class Backtest:
    """A look back.

    Attributes:
        cut: the month ('YYYY-MM') at whose end the prediction was made; months: how far ahead it was checked.
        report: plain JSON values, see `backtest_report`; None if nothing could be compared, `reason` says why.
        checks: the honesty checks; leaks: features that alone tell too much, with their AUC.
        promotion: may the model replace the baseline?
    """

    cut: str | None
    months: int
    report: dict[str, Any] | None
    checks: list[Check]
    leaks: list[tuple[str, float]]
    promotion: Promotion
    reason: str


def backtest(panel_table: Any, settings: Mapping[str, str], catalogue_rows: list[Mapping[str, str]]) -> Backtest:
    """Train on what was known `value_holdout_months` before the end of the panel and compare with what came since."""
    panel, side = read_panel(panel_table, read_catalogue(catalogue_rows))
    return backtest_panel(panel, side, ValueSettings.from_mapping(settings))


def backtest_panel(panel: Panel, side: Mapping[str, NDArray[Any]], settings: ValueSettings) -> Backtest:
    """As `backtest`, on arrays: `side` holds segment, tenure and margin, row for row of the panel."""
    months = settings.holdout_months
    last = int((panel.as_of + panel.months).max()) if len(panel) else 0
    cuts = panel.as_of[panel.as_of <= last - months]
    if not len(cuts):
        return _nothing(months, f"The panel holds no {months} months after any landmark: nothing can be compared yet.")
    cut = int(cuts.max())
    train, test = split_by_time(panel, cut)
    # Only those whose fate is known over the whole window; nobody is left out for having left.
    test = test.take(test.lost | (test.months >= months))
    events = int(np.count_nonzero(train.lost))
    if events < settings.minimum_events or len(test) < 2:
        reason = f"{events} losses before {month_name(cut)}, {settings.minimum_events} are needed to train a model."
        return _nothing(months, reason)
    place, here = _rows(panel, train), _rows(panel, test)
    model = HazardModel.fit(
        train,
        horizon=settings.horizon_months,
        ridge=settings.ridge,
        max_rows=settings.max_training_rows,
        clip=settings.feature_clip,
    )
    churn = segment_churn(train, side["tenure"][place], side["segment"][place], settings)
    naive = np.array([churn.get(str(name), churn[""]) for name in side["segment"][here]])
    margin = side["margin"][here]
    if not np.isfinite(margin).any():
        margin = np.ones(len(test))  # without any money, values are discounted months
    known = np.isfinite(margin)
    test, margin, naive = test.take(known), margin[known], naive[known]
    outcomes, baselines = compare(model, test, margin, naive, months, settings)
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
    report = backtest_report(outcomes, baselines)
    return Backtest(month_name(cut), months, report, checks, leaks, promotion, promotion.reason)


def compare(
    model: HazardModel, test: Panel, margin: Floats, naive: Floats, months: int, settings: ValueSettings
) -> tuple[Outcomes, dict[str, Floats]]:
    """Predicted and realised value of the test customers, and the naive predictions.

    Margins are held at what they were on the day: the comparison judges the prediction of staying, not of prices.
    """
    rate = monthly_rate(settings.discount_yearly)
    survival = model.predict_survival(test.features, month=months, to_term_end=test.to_term_end, term=test.term)
    value = lifetime_value(survival.curve[:, : months + 1], margin, monthly_discount=rate)
    lost, paid = outcome(test, months)
    outcomes = Outcomes(
        p_lost=1 - survival.at_month(),
        lost=lost,
        predicted=value.mean,
        actual=margin * annuity(paid, rate),
        low=value.quantiles[:, 0],
        high=value.quantiles[:, -1],
        coverage=value.coverage,
    )
    steady = (1 - naive)[:, None] ** np.arange(months + 1)
    return outcomes, {
        "segment_retention": lifetime_value(steady, margin, monthly_discount=rate).mean,
        "past_spend": margin * float(annuity(months, rate)),
    }


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
