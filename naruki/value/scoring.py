"""Values of customers, part by part: under contract (hazard or segment curve) and without (purchases)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from naruki.value.lifetime import YEAR, annuity, lifetime_value, monthly_rate
from naruki.value.optimum import Floats
from naruki.value.reasons import Feature, Reasons, as_floats, top_reasons, transform_features
from naruki.value.segments import segment_survival
from naruki.value.settings import ValueSettings

if TYPE_CHECKING:
    from naruki.value.pipeline import TrainedModel

CHUNK = 100_000
METHODS = ("unknown", "segment_retention", "hazard", "bgnbd", "past_spend")
MONEY = ("ltv_mean", "ltv_p10", "ltv_p50", "ltv_p90", "ltv_se", "ltv_naive", "ltv_coverage")
MONTHS = ("expected_months", "discounted_months")
RENEWAL = ("renewal_p", "renewal_p_low", "renewal_p_high", "n_effective")
LEVELS = (0.1, 0.5, 0.9)
REASONS = 3
STEP = 3  # months between the points at which purchases are discounted


@dataclass(frozen=True)
class Scores:
    """Columns under way, NaN = unknown; filled row by row."""

    method: NDArray[np.int8]
    prior_only: NDArray[np.bool_]
    renewal_month: Floats
    numbers: dict[str, Floats]

    @classmethod
    def empty(cls, rows: int) -> Scores:
        numbers = {name: np.full(rows, np.nan) for name in (*MONEY, *MONTHS, *RENEWAL)}
        return cls(np.zeros(rows, np.int8), np.zeros(rows, bool), np.full(rows, np.nan), numbers)

    def columns(self) -> dict[str, Any]:
        """As pyarrow arrays."""
        import pyarrow as pa

        method = pa.DictionaryArray.from_arrays(pa.array(self.method), pa.array(METHODS)).dictionary_decode()
        numbers = {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in self.numbers.items()}
        month = pa.array(self.renewal_month, from_pandas=True).cast(pa.int64())
        return {"method": method, "prior_only": pa.array(self.prior_only), **numbers, "renewal_month": month}


def score_contracts(
    table: Any,
    rows: NDArray[np.intp],
    seasoned: NDArray[np.bool_],
    segment: NDArray[Any],
    model: TrainedModel,
    policy: ValueSettings,
    features: tuple[Feature, ...],
    scores: Scores,
) -> None:
    """Fill the rows of customers under contract: the hazard for the seasoned, their segment's curve for the others."""
    term_end, term = as_floats(table.column("months_to_term_end")), as_floats(table.column("term_months"))
    margin, tenure = as_floats(table.column("monthly_margin")), as_floats(table.column("tenure_months"))
    ahead = (term_end >= 1) & (term_end <= policy.horizon_months)
    month = np.where(ahead, term_end, policy.horizon_months).astype(np.int64)
    drift, lasting = np.zeros(table.num_rows), np.zeros(table.num_rows)
    if model.drift is not None:
        matrix = transform_features(table, features)
        drift = np.expm1(np.log1p(np.maximum(model.drift.predict_mean(matrix), -0.95)) / YEAR)
        lasting = model.drift.predict_lasting(matrix)
    scores.renewal_month[rows] = np.where(ahead, term_end, np.nan)[rows]
    scores.prior_only[rows] = ~seasoned[rows]
    scores.method[rows] = np.where(seasoned[rows], METHODS.index("hazard"), METHODS.index("segment_retention"))
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        curve = np.empty((len(part), policy.horizon_months + 1), dtype=np.float32)
        spread, own = np.empty(len(part)), seasoned[part]
        if own.any():
            mine = part[own]
            ends = {"to_term_end": term_end[mine], "term": term[mine]} if model.hazard.has_terms else {}
            found = model.hazard.predict_survival(
                transform_features(table.take(mine), features), month=month[mine], confidence=policy.confidence, **ends
            )
            curve[own], spread[own] = found.curve, found.log_error
        if not own.all():
            rest = part[~own]
            known = np.nan_to_num(tenure[rest], nan=0.0), month[rest], (term_end[rest], term[rest])
            curve[~own], spread[~own] = segment_survival(
                model.segments, model.overall, segment[rest], *known, policy.horizon_months
            )
        growth = drift[part], lasting[part]
        _fill(scores, part, curve, spread, month[part], ahead[part], margin[part], growth, policy)
        scores.numbers["ltv_naive"][part] = _naive(segment[part], margin[part], model, policy)


def _fill(
    scores: Scores,
    rows: NDArray[np.intp],
    curve: NDArray[np.float32],
    spread: Floats,
    month: NDArray[np.int64],
    ahead: NDArray[np.bool_],
    margin: Floats,
    growth: tuple[Floats, Floats],
    policy: ValueSettings,
) -> None:
    rate = monthly_rate(policy.discount_yearly)
    value = lifetime_value(
        curve,
        margin,
        monthly_discount=rate,
        quantiles=LEVELS,
        monthly_growth=growth[0],
        growth_months=policy.growth_months,
        growth_spread=growth[1],
    )
    paid = curve[:, :-1].astype(float)
    weights = (1 + rate) ** -np.arange(1.0, paid.shape[1] + 1)
    # How far the mean moves when the log of the whole cumulative hazard moves by its standard error.
    moved = (paid * -np.log(np.maximum(paid, 1e-12))) @ weights * np.abs(margin) * spread
    columns = (value.mean, *value.quantiles.T, moved, value.coverage, value.months, paid @ weights)
    names = ("ltv_mean", "ltv_p10", "ltv_p50", "ltv_p90", "ltv_se", "ltv_coverage", *MONTHS)
    for name, column in zip(names, columns, strict=True):
        scores.numbers[name][rows] = column
    s = np.clip(curve[np.arange(len(rows)), month].astype(float), 1e-9, 1 - 1e-9)
    reach = np.exp(np.minimum(policy.interval_z * spread, 30.0))
    for name, column in (("renewal_p", s), ("renewal_p_low", s**reach), ("renewal_p_high", s ** (1 / reach))):
        scores.numbers[name][rows] = np.where(ahead, column, np.nan)
    # As many customers, watched for the same months, would pin the share down as well: s (1 - s) / error**2.
    error = s * -np.log(s) * np.maximum(spread, 1e-9)
    scores.numbers["n_effective"][rows] = np.round(s * (1 - s) / error**2, 1)


def _naive(segment: NDArray[Any], margin: Floats, model: TrainedModel, policy: ValueSettings) -> Floats:
    """One churn rate per segment, for ever: what the model has to beat."""
    names, place = np.unique(segment.astype(str), return_inverse=True)
    keep = np.array([1 - model.churn.get(name, model.churn[""]) for name in names])
    steady = keep[:, None] ** np.arange(policy.horizon_months + 1)
    unit = lifetime_value(steady, np.ones(len(names)), monthly_discount=monthly_rate(policy.discount_yearly))
    return margin * unit.mean[place]


def score_purchases(
    table: Any, rows: NDArray[np.intp], model: TrainedModel, policy: ValueSettings, scores: Scores
) -> NDArray[np.intp]:
    """Fill the rows of customers without a contract: purchases to come x value of a purchase x margin.

    Without a model that earned its place, spending goes on as so far (`past_spend`), with no range: it has none to offer.
    Returns the rows that the model speaks for.
    """
    nobody = np.empty(0, dtype=np.intp)
    if not len(rows):
        return nobody
    columns = [as_floats(table.column(name))[rows] for name in ("purchases", "recency_months", "age_months")]
    mean = as_floats(table.column("mean_purchase"))[rows]
    known = np.isfinite(columns[0]) & np.isfinite(columns[1]) & np.isfinite(columns[2])
    rows, mean = rows[known], mean[known]
    x, last, age = (column[known] for column in columns)
    rate, horizon = monthly_rate(policy.discount_yearly), policy.horizon_months
    past = (
        np.where(np.isfinite(mean), x * np.nan_to_num(mean), np.nan) / np.maximum(age, 1.0) * policy.gross_margin_rate
    )
    naive = past * float(annuity(horizon, rate))
    scores.numbers["ltv_naive"][rows] = naive
    scores.numbers["n_effective"][rows] = x
    if model.bgnbd is None or model.spend is None or not len(rows):
        scores.numbers["ltv_mean"][rows] = naive
        scores.method[rows] = np.where(np.isfinite(naive), METHODS.index("past_spend"), METHODS.index("unknown"))
        return nobody
    worth = model.spend.expected_value(x, mean) * policy.gross_margin_rate
    points = np.append(np.arange(STEP, horizon, STEP), horizon)
    counts = np.stack([model.bgnbd.expected_transactions(point, x, last, age) for point in points], axis=1)
    steps = np.diff(counts, axis=1, prepend=0.0)
    middle = (np.append(0, points[:-1]) + points) / 2
    discounted = steps @ (1 + rate) ** -middle
    share = discounted / np.maximum(counts[:, -1], 1e-12)  # quantiles are discounted like the mean
    scores.numbers["ltv_mean"][rows] = discounted * worth
    for level, name in zip(LEVELS, ("ltv_p10", "ltv_p50", "ltv_p90"), strict=True):
        ahead = model.bgnbd.transactions_quantile(level, horizon, x, last, age)
        scores.numbers[name][rows] = ahead * share * worth
    scores.method[rows] = METHODS.index("bgnbd")
    return rows


def score_growth(table: Any, model: TrainedModel, features: tuple[Feature, ...]) -> dict[str, Any]:
    """Growth of revenue over a year, for those who stay: expected, and the range; null without a model.

    Most stay as they are and some double: the middle is then nothing, while the expected is not.
    """
    import pyarrow as pa

    names = ("growth_p10", "growth_p50", "growth_p90")
    if model.growth is None:
        return {name: pa.nulls(table.num_rows, pa.float64()) for name in ("growth_mean", *names)}
    matrix = transform_features(table, features)
    ranges = model.growth.predict(matrix)
    columns = {name: pa.array(ranges[:, level]) for level, name in enumerate(names)}
    return {"growth_mean": pa.array(model.growth.predict_mean(matrix))} | columns


def contract_reasons(
    table: Any, rows: NDArray[np.intp], model: TrainedModel, policy: ValueSettings, features: tuple[Feature, ...]
) -> list[tuple[NDArray[np.intp], Reasons]]:
    """The rows that the hazard scored with their reasons, if there are any."""
    if not len(rows):
        return []
    values = transform_features(table.take(rows), features)
    parts = model.hazard.explain(values)
    usual = model.hazard.scaler.median
    return [(rows, top_reasons(parts, values, features, usual, minimum=policy.reason_minimum, count=REASONS))]


def write_reasons(count: int, told: list[tuple[NDArray[np.intp], Reasons]]) -> dict[str, Any]:
    """reason_1..3 in both languages of `count` customers; null where nobody told one."""
    import pyarrow as pa

    code = np.full((count, REASONS), -1, dtype=np.int32)
    english: tuple[str, ...] = ()
    japanese: tuple[str, ...] = ()
    for rows, reasons in told:
        code[rows] = np.where(reasons.code >= 0, reasons.code + len(english), -1)
        english, japanese = english + reasons.sentences_en, japanese + reasons.sentences_ja
    everyone = Reasons(code, code, english, japanese)
    names = [(rank, language) for rank in range(REASONS) for language in ("en", "ja")]
    columns = {f"reason_{rank + 1}_{language}": everyone.column(rank, language) for rank, language in names}
    return {name: column.cast(pa.string()) for name, column in columns.items()}
