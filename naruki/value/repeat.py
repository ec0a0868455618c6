"""Customers without a contract: the model of their purchases, if it earned its place, and why it says what it says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.value.asof import DAYS_A_MONTH, PURCHASE_COLUMNS, purchases_by
from naruki.value.optimum import Floats
from naruki.value.reasons import Feature, Reasons, as_floats, top_reasons
from naruki.value.settings import ValueSettings
from naruki.value.spend import GammaGammaFit, fit_gamma_gamma
from naruki.value.tables import require
from naruki.value.transactional import BgNbdFit, fit_bgnbd
from naruki.value.validation import promote

REASONS_OF = ("purchases", "months_since_purchase", "mean_purchase")
Fits = tuple[BgNbdFit | None, GammaGammaFit | None]


def purchases_then(purchases: Any, as_of: date, months: int) -> Any:
    """What was known `months` before the day, and how often each customer bought since (pyarrow, rows of `purchases_by`).

    Columns beside: came (days with a purchase after the cut), months_ahead (how long that was watched). A customer that
    got a contract since is left out: its purchases ended for another reason.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    cut = as_of - timedelta(days=round(months * DAYS_A_MONTH))
    known, now = purchases_by(purchases, cut), purchases_by(purchases, as_of)
    before = dict(zip(now.column("customer_id").to_pylist(), now.column("purchases").to_pylist(), strict=True))
    known = known.filter(pc.is_in(known.column("customer_id"), now.column("customer_id")))
    total = np.array([before[name] for name in known.column("customer_id").to_pylist()], dtype=float)
    ahead = np.full(known.num_rows, (as_of - cut).days / DAYS_A_MONTH)
    known = known.append_column("came", pa.array(total - as_floats(known.column("purchases"))))
    return known.append_column("months_ahead", pa.array(ahead))


def fit_purchases(table: Any, then: Any, policy: ValueSettings) -> tuple[Fits, str]:
    """Both models, if they beat "as often as so far" on a time hold-out, else (None, None); and why, in one sentence.

    Args:
        table: today's customers without a contract, `PURCHASE_COLUMNS`, or None; then: from `purchases_then`, or None.
    """
    if table is None or not table.num_rows:
        return (None, None), "No customer buys without a contract."
    x, last, age, mean = _known(table)
    paying = (x > 0) & (np.nan_to_num(mean, nan=0.0) > 0)
    needed = f"{policy.minimum_events} are needed to model purchases: what was spent so far goes on."
    if paying.sum() < policy.minimum_events:
        return (None, None), f"{int(paying.sum())} customers without a contract came back, {needed}"
    if then is None or not then.num_rows:
        return (None, None), "No purchases were seen after an earlier day to judge a model of them: spending goes on."
    x_then, last_then, age_then, _ = _known(then)
    if (x_then > 0).sum() < policy.minimum_events:
        return (None, None), f"{int((x_then > 0).sum())} customers had come back by the hold-out, {needed}"
    came, ahead = as_floats(then.column("came")), as_floats(then.column("months_ahead"))
    told = fit_bgnbd(x_then, last_then, age_then).expected_transactions(ahead, x_then, last_then, age_then)
    naive = x_then / np.maximum(age_then, 1.0) * ahead
    found = promote((told - came) ** 2, (naive - came) ** 2, confidence=policy.promotion_confidence)
    if not found.promoted:
        return (None, None), f"Purchases: {found.reason}"
    return (fit_bgnbd(x, last, age), fit_gamma_gamma(x[paying], mean[paying])), f"Purchases: {found.reason}"


def purchase_reasons(
    table: Any, rows: NDArray[np.intp], fits: Fits, catalogue: tuple[Feature, ...], policy: ValueSettings
) -> Reasons:
    """Why the model values the given rows as it does: how far each part moves it from the typical (median) customer.

    From a customer that buys as often as most and bought one usual gap ago, first the number of purchases becomes the
    customer's own, then the silence since the last one (which says more of those who bought often), then the amount:
    parts are steps of the log of the value, below 0 where it rises, as in `HazardModel.explain`.
    """
    bgnbd, spend = fits
    if bgnbd is None or spend is None:
        raise ValueError("Reasons need both models of purchases.")
    x, last, age, mean = (as_floats(table.column(name))[rows] for name in PURCHASE_COLUMNS)
    months = np.maximum(age, 1.0)
    often = float(np.median(x / months))
    gap = np.where(x > 0, last / np.maximum(x, 1.0), 0.0)
    usual = float(np.nanmedian(mean)) if np.isfinite(mean).any() else np.nan

    def count(bought: Floats, until: Floats) -> Floats:
        return bgnbd.expected_transactions(policy.horizon_months, bought, np.where(bought > 0, until, 0.0), age)

    bought = often * months
    typical_gap = np.minimum(1 / max(often, 1e-9), months)
    pairs = (bought, age - np.minimum(typical_gap, age)), (x, age - np.minimum(gap, age)), (x, last)
    typical, frequent, own = (np.log(np.maximum(count(*pair), 1e-9)) for pair in pairs)
    usual_amount = spend.expected_value(x, np.where(np.isfinite(mean), usual, np.nan))
    amount = np.log(usual_amount / spend.expected_value(x, mean))
    parts = np.stack([typical - frequent, frequent - own, amount], axis=1)
    values = np.stack([x, age - last, mean], axis=1)
    place = [REASONS_OF.index(feature.feature) for feature in catalogue]
    middle = np.array([np.median(bought), np.median(gap[x > 0]) if np.any(x > 0) else np.nan, usual])
    return top_reasons(
        parts[:, place],
        values[:, place],
        catalogue,
        middle[place],
        minimum=policy.reason_minimum,
        count=len(REASONS_OF),
    )


def _known(table: Any) -> list[Floats]:
    """`PURCHASE_COLUMNS` of the customers whose purchases are known."""
    require(table, PURCHASE_COLUMNS, "purchases")
    columns = [as_floats(table.column(name)) for name in PURCHASE_COLUMNS]
    known: NDArray[np.bool_] = np.isfinite(columns[0]) & np.isfinite(columns[1]) & np.isfinite(columns[2])
    return [column[known] for column in columns]
