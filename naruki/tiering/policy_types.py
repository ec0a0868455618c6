"""One frozen object per row of a policy CSV; the columns are described in the yml beside each file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Axis:
    axis: int
    column: str
    label_en: str
    label_ja: str
    scale: str
    cut_method: str
    cut_value: float
    capacity_column: str | None
    sd_column: str | None
    sd_method: str
    relative_sd: float | None
    unit: str | None


@dataclass(frozen=True)
class Quadrant:
    quadrant: str
    axis_1_side: str
    axis_2_side: str
    label_en: str
    label_ja: str
    meaning_en: str | None
    meaning_ja: str | None


@dataclass(frozen=True)
class QuadrantPolicy:
    quadrant: str
    purpose_en: str
    purpose_ja: str
    actions: str
    hour_cap: float | None
    minimum_touch_days: int
    survey_every_days: int
    priority_weight: float
    version: str


@dataclass(frozen=True)
class Tier:
    tier: str
    rank: int
    label_en: str
    label_ja: str
    main_pool: str
    demand_pool: str
    demand_share: float
    coverage_floor_days: int
    ltv_only_quantile: float
    share_alert: float | None
    first_reply_target_hours: float | None
    description_en: str | None
    description_ja: str | None


@dataclass(frozen=True)
class Pool:
    """Hours a week of one skill, valid from one day to another; `reserve_share` is kept for prospects and the
    unforeseen.
    """

    pool: str
    label_en: str
    label_ja: str
    hours_per_week: float
    reserve_share: float
    hourly_cost: float
    currency: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Action:
    action: str
    tier: str
    kind: str
    label_en: str
    label_ja: str
    pool: str
    hours: float
    times_per_year: float | None
    is_group: bool
    attendees: float | None
    travel_cost: float
    unit_cost: float
    phase: str
    due_days: int

    @property
    def hours_each(self) -> float:
        """Hours for one customer: a group session is divided by its attendees."""
        return self.hours / self.attendees if self.is_group else self.hours

    @property
    def cost_each(self) -> float:
        return self.unit_cost + (self.travel_cost / self.attendees if self.is_group else self.travel_cost)


@dataclass(frozen=True)
class Uplift:
    tier: str
    group_column: str | None
    group_value: str | None
    low: float
    mid: float
    high: float
    uplift_source: str
    evidence: str | None


@dataclass(frozen=True)
class Override:
    customer_id: str
    tier: str
    reason: str
    decided_by: str
    starts_on: date
    expires_on: date


@dataclass(frozen=True)
class Guarantee:
    column: str
    value: str
    minimum_tier: str
    reason_en: str
    reason_ja: str


@dataclass(frozen=True)
class Weight:
    component: str
    column: str
    method: str
    weight: float
    label_en: str
    label_ja: str


@dataclass(frozen=True)
class Objective:
    objective: str
    label_en: str
    label_ja: str
    population_column: str | None
    population_rule: str
    population_value: str | None
    metric_column: str
    metric_kind: str
    baseline: float
    target: float
    horizon_days: int
    required_columns: str


@dataclass(frozen=True)
class FailureMode:
    mode: int
    code: str
    label_en: str
    label_ja: str
    cause_metric: str
    cause_tier: str
    cause_rise: float
    effect_metric: str
    effect_tier: str
    effect_rise: float
    periods: int
    minimum_n: int
    meaning_en: str
    meaning_ja: str


@dataclass(frozen=True)
class ReasonText:
    rule: str
    label_en: str
    label_ja: str
    text_en: str
    text_ja: str
    change_en: str
    change_ja: str


@dataclass(frozen=True)
class Trigger:
    trigger: str
    action: str
    column: str
    operator: str
    value: str | None
    quadrant: str | None
    tier: str | None
    value_column: str
    effect_low: float
    effect_mid: float
    effect_high: float
    is_promise: bool
    reason_en: str
    reason_ja: str
