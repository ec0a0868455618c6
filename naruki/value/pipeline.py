"""From the warehouse's tables to `mart_customer_value`: train, store, score; tables and settings in, tables out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from naruki.errors import NarukiError
from naruki.value.contractual import RetentionFit, retention_from_dict
from naruki.value.growth import GrowthModel
from naruki.value.hazard import HazardModel
from naruki.value.honesty import checks_as_rows
from naruki.value.lookback import Backtest, backtest_panel
from naruki.value.reasons import Feature, as_floats, read_catalogue, transform_features
from naruki.value.repeat import fit_purchases, purchase_reasons
from naruki.value.scoring import (
    Scores,
    contract_reasons,
    score_contracts,
    score_growth,
    score_purchases,
    write_reasons,
)
from naruki.value.sentences import segment_reasons
from naruki.value.settings import ValueSettings
from naruki.value.spend import GammaGammaFit
from naruki.value.tables import (
    SCORING_COLUMNS,
    month_index,
    month_name,
    read_panel,
    require,
    segment_churn,
    segment_curves,
    texts,
)
from naruki.value.transactional import BgNbdFit

PARAMETERS = 4  # the layout and meaning of what `TrainedModel.to_json` writes: raise it with every change of either


@dataclass(frozen=True)
class TrainedModel:
    """All that scoring needs, as plain JSON.

    Attributes:
        version: given by the caller (method and policy version); first_month, last_month: 'YYYY-MM', landmarks used.
        hazard: None if there were too few losses or the naive baseline was not beaten; `reason` says which.
        overall, segments: sBG curves by tenure, for new customers and as the fallback.
        churn: the naive baseline, a monthly churn rate per segment ('' = all).
        bgnbd, spend: for customers without a contract; None if there were too few of them or the naive baseline was not
            beaten; `purchases_reason` says which.
        growth: None if the panel has no `revenue_growth_12m` or too few known ones.
        drift: the same of `seat_growth_12m`; its mean is the growth that value counts on (volume at today's price),
            with what of it lasts if the panel has `seat_growth_6m`.
        report: the back-test and its checks.
    """

    version: str
    first_month: str | None
    last_month: str | None
    hazard: HazardModel | None
    reason: str
    overall: RetentionFit
    segments: dict[str, RetentionFit]
    churn: dict[str, float]
    bgnbd: BgNbdFit | None
    spend: GammaGammaFit | None
    purchases_reason: str
    growth: GrowthModel | None
    drift: GrowthModel | None
    report: dict[str, Any]

    def to_json(self) -> str:
        """The model as text, the same for the same data."""
        parts: dict[str, Any] = {"layout": PARAMETERS}
        parts |= {
            name: getattr(self, name)
            for name in ("version", "first_month", "last_month", "reason", "purchases_reason", "churn", "report")
        }
        models = {name: getattr(self, name) for name in ("hazard", "overall", "bgnbd", "spend", "growth", "drift")}
        parts |= {name: None if model is None else model.to_dict() for name, model in models.items()}
        parts["segments"] = {name: curve.to_dict() for name, curve in self.segments.items()}
        return json.dumps(parts, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> TrainedModel:
        """The model from `to_json`; raises NarukiError for one that was written in another layout."""
        parts = json.loads(text)
        layout = parts.pop("layout", None)
        if layout != PARAMETERS:
            raise NarukiError(
                f"The stored value model has parameters of layout {layout or 1}, this version reads layout {PARAMETERS}: "
                "it is trained anew."
            )
        parts["overall"] = retention_from_dict(parts["overall"])
        parts["segments"] = {name: retention_from_dict(curve) for name, curve in parts["segments"].items()}
        kinds = {
            "hazard": HazardModel,
            "bgnbd": BgNbdFit,
            "spend": GammaGammaFit,
            "growth": GrowthModel,
            "drift": GrowthModel,
        }
        for name, kind in kinds.items():
            parts[name] = None if parts[name] is None else kind.from_dict(parts[name])
        return cls(**parts)


def train(
    panel: Any,
    settings: Mapping[str, str],
    catalogue: list[Mapping[str, str]],
    *,
    version: str,
    purchases: Any = None,
    purchases_before: Any = None,
) -> TrainedModel:
    """Train on a panel whose rows were all known by the day of training.

    Args:
        panel: pyarrow table, one row per (customer, as-of month), `PANEL_COLUMNS` and the catalogue's features;
            optional `revenue_growth_12m`, `seat_growth_12m` and `seat_growth_6m`, revenue or seats a year (half a year)
            later / then - 1, null where unknown or the customer left.
        settings: setting -> value, of `cfg_setting`; catalogue: rows of `cfg_value_feature`.
        purchases: pyarrow table of customers without a contract, columns purchases (after the first), recency_months,
            age_months, mean_purchase; or None. purchases_before: from `purchases_then`, or None.

    The hazard is used only if it beats the naive baseline on a time hold-out (`Backtest.promotion`).
    """
    policy = ValueSettings.from_mapping(settings)
    features = read_catalogue(catalogue)
    data, side = read_panel(panel, features)
    look_back = backtest_panel(data, side, policy)
    hazard = None
    if look_back.promotion.promoted:
        hazard = HazardModel.fit(
            data,
            horizon=policy.horizon_months,
            ridge=policy.ridge,
            max_rows=policy.max_training_rows,
            clip=policy.feature_clip,
            steady_after=policy.holdout_months,
        )
    overall, segments = segment_curves(data, side["tenure"], side["segment"], policy)
    churn = segment_churn(data, side["tenure"], side["segment"], policy)
    (bgnbd, spend), purchases_reason = fit_purchases(purchases, purchases_before, policy)
    first, last = (month_name(int(data.as_of.min())), month_name(int(data.as_of.max()))) if len(data) else (None, None)
    return TrainedModel(
        version=version,
        first_month=first,
        last_month=last,
        hazard=hazard,
        reason=look_back.reason,
        overall=overall,
        segments=segments,
        churn=churn,
        bgnbd=bgnbd,
        spend=spend,
        purchases_reason=purchases_reason,
        growth=_fit_growth(panel, "revenue_growth_12m", features, policy),
        drift=_fit_growth(panel, "seat_growth_12m", features, policy, halfway="seat_growth_6m"),
        report=_report(look_back),
    )


def score(
    scoring: Any,
    model: TrainedModel,
    settings: Mapping[str, str],
    catalogue: list[Mapping[str, str]],
    purchase_catalogue: Sequence[Mapping[str, str]] = (),
    sentences: Sequence[Mapping[str, str]] = (),
) -> Any:
    """One row per customer of the scoring table, in its order, as `mart_customer_value` needs it (pyarrow).

    Columns: customer_id, method (hazard / segment_retention / bgnbd / past_spend / unknown), prior_only, ltv_mean, ltv_p10, ltv_p50,
    ltv_p90, ltv_naive, ltv_coverage, expected_months, renewal_p, renewal_p_low, renewal_p_high, n_effective,
    renewal_month, reason_1..3_en, reason_1..3_ja, growth_mean, growth_p10, growth_p50, growth_p90, model_version. Money is in the
    unit of monthly_margin and mean_purchase; null means unknown.
    """
    import pyarrow as pa

    require(scoring, SCORING_COLUMNS, "scoring")
    policy, features = ValueSettings.from_mapping(settings), read_catalogue(catalogue)
    contract = as_floats(scoring.column("is_contractual")) != 0  # unknown counts as a contract: most customers have one
    scores = Scores.empty(scoring.num_rows)
    seasoned = np.zeros(scoring.num_rows, dtype=bool)
    if model.hazard is not None:
        if list(model.hazard.names) != [feature.feature for feature in features]:
            raise NarukiError("The feature catalogue has changed since the model was trained: train it again.")
        seasoned = contract & (as_floats(scoring.column("tenure_months")) >= policy.cold_start_months)
    segment = texts(scoring.column("segment"))
    score_contracts(scoring, np.flatnonzero(contract), seasoned, segment, model, policy, features, scores)
    bought = score_purchases(scoring, np.flatnonzero(~contract), model, policy, scores)
    columns = {"customer_id": scoring.column("customer_id").cast(pa.string()), **scores.columns()}
    told = contract_reasons(scoring, np.flatnonzero(seasoned), model, policy, features)
    if len(bought) and model.bgnbd is not None and purchase_catalogue:
        said = read_catalogue(purchase_catalogue)
        told += [(bought, purchase_reasons(scoring, bought, (model.bgnbd, model.spend), said, policy))]
    growth = score_growth(scoring, model, features)
    rest = np.flatnonzero(contract & ~seasoned)
    if len(rest) and sentences:
        # Of a contract of one month the first reason has said the same.
        longer = np.where(as_floats(scoring.column("term_months")) > 1, scores.renewal_month, np.nan)
        known = (scores.numbers["renewal_p"], longer, as_floats(growth["growth_mean"]))
        told.append((rest, segment_reasons(*(column[rest] for column in known), sentences)))
    columns |= write_reasons(scoring.num_rows, told)
    columns |= growth
    columns["model_version"] = pa.array([model.version] * scoring.num_rows, pa.string())
    return pa.table(columns)


def _fit_growth(
    panel: Any, column: str, features: tuple[Feature, ...], policy: ValueSettings, halfway: str = ""
) -> GrowthModel | None:
    """On the newest landmark of each customer whose growth is known: one customer, one opinion."""
    if column not in panel.column_names:
        return None
    known = panel.filter(np.isfinite(as_floats(panel.column(column))))
    ids, month = texts(known.column("customer_id")), month_index(known.column("as_of_month"))
    newest = np.lexsort((-month, ids.astype(str)))
    newest = newest[np.unique(ids[newest].astype(str), return_index=True)[1]]
    if len(newest) < policy.growth_minimum:
        return None
    known = known.take(newest)
    names = tuple(feature.feature for feature in features)
    growth = np.maximum(as_floats(known.column(column)), -1.0)
    matrix = transform_features(known, features)
    middle = as_floats(known.column(halfway)) if halfway in known.column_names else None
    # Growth is counted in money in the end: larger customers tell more of it, yet the few largest must not tell all.
    size = np.sqrt(np.maximum(np.nan_to_num(as_floats(known.column("monthly_margin"))), 0.0))
    weight = np.maximum(size, 1e-3 * size.max()) if size.any() else None
    fit = {"minimum": policy.growth_minimum, "ridge": policy.ridge, "halfway": middle, "weight": weight}
    return GrowthModel.fit(ids[newest], matrix, growth, names, **fit)


def _report(look_back: Backtest) -> dict[str, Any]:
    """The back-test as plain values, for the model's record."""
    return {
        "cut": look_back.cut,
        "months": look_back.months,
        "result": look_back.report,
        "curves": look_back.curves,
        "checks": checks_as_rows(look_back.checks),
        "leaks": [list(pair) for pair in look_back.leaks],
        "promoted": look_back.promotion.promoted,
        "reason": look_back.reason,
    }
