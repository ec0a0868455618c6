"""The policy of this package, read from the rows of `cfg_setting`; nothing has a default in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from naruki.errors import NarukiError

NAMES = {
    "horizon_months": "ltv_horizon_months",
    "discount_yearly": "ltv_discount_rate_yearly",
    "gross_margin_rate": "gross_margin_rate",
    "interval_z": "interval_z",
    "prior_monthly_retention": "retention_prior_monthly",
    "prior_overall_strength": "retention_prior_overall_strength",
    "prior_segment_strength": "retention_prior_strength",
}


@dataclass(frozen=True)
class ValueSettings:
    """See the descriptions in the seed; a field is the row `value_<field>` unless `NAMES` says otherwise."""

    horizon_months: int
    discount_yearly: float
    gross_margin_rate: float
    interval_z: float
    prior_monthly_retention: float
    prior_overall_strength: float
    prior_segment_strength: float
    minimum_events: int
    growth_minimum: int
    growth_months: int
    cold_start_months: int
    holdout_months: int
    backtest_quarters: int
    overlap_trim: float
    agreement_within: float
    max_training_rows: int
    ridge: float
    feature_clip: float
    reason_minimum: float
    leak_auc: float
    promotion_confidence: float
    calibration_slope_low: float
    calibration_slope_high: float
    ece_limit: float
    total_limit: float
    decile_limit: float
    coverage_limit: float

    @classmethod
    def from_mapping(cls, settings: Mapping[str, str]) -> ValueSettings:
        """From setting -> value as text (or numbers); raises NarukiError for a missing or unreadable one."""
        values = {}
        for field in fields(cls):
            name = NAMES.get(field.name, f"value_{field.name}")
            if name not in settings:
                raise NarukiError(f"seeds/cfg_setting.csv has no row for '{name}': add it with its value and unit.")
            try:
                number = float(settings[name])
            except ValueError as error:
                raise NarukiError(
                    f"seeds/cfg_setting.csv: '{name}' must be a number, not '{settings[name]}'."
                ) from error
            values[field.name] = int(number) if field.type == "int" else number
        return cls(**values)

    @property
    def confidence(self) -> float:
        """Of published intervals, from the half width in standard errors."""
        from scipy.special import ndtr

        return float(2 * ndtr(self.interval_z) - 1)
