"""Columns of every decision table, in order; money in the reporting currency, hours as the name says, null is
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

TYPES = {
    "s": pa.string(),
    "f": pa.float64(),
    "i": pa.int64(),
    "b": pa.bool_(),
    "d": pa.date32(),
}


def _schema(text: str) -> pa.Schema:
    pairs = [item.split(":") for item in text.split()]
    return pa.schema([(name, TYPES[kind]) for name, kind in pairs])


SEGMENTS = _schema("""
    as_of_date:d customer_id:s name:s
    axis_1_column:s axis_1_value:f axis_1_sd:f axis_1_cut:f axis_1_p_high:f
    axis_2_column:s axis_2_value:f axis_2_sd:f axis_2_cut:f axis_2_p_high:f
    quadrant:s quadrant_label_en:s quadrant_label_ja:s purpose_en:s purpose_ja:s p_quadrant:f
    p_money_tree:f p_money_seedling:f p_wisdom_tree:f p_testing_ground:f near_boundary:b
    priority_rank:i priority_score:f priority_known_share:f
    priority_value_at_stake:f priority_dissatisfaction:f priority_growth:f priority_neglect:f priority_quadrant:f
    priority_parts:s value_at_stake:f revenue_rank:i rank_difference:i
    demand_hours:f demand_level:f need_difficulty_hours:f growth_cost_hours:f
    self_serve_ratio:f months_to_threshold:f hours_to_threshold:f is_threshold_censored:b onboarding_hours:f
    steady_hours:f service_hours:f hour_cap:f over_cap:b hours_over_cap:f
    days_since_touch:f minimum_touch_days:i is_touch_overdue:b
    survey_due:b days_since_survey:f days_since_contact:f days_since_usage:f utilisation_rate:f
    substitutability_risk:f hidden_dissatisfaction:b hidden_rule:s is_silent:b
    growth_p10:f growth_p50:f growth_p90:f invest_flag:b invest_gain_low:f invest_gain:f invest_gain_high:f
    fit_judgement:s fit_judged_by:s fit_judged_on:d fit_evidence:s upgrade_intent:f
    executive_rating:f executive_rated_by:s executive_rated_on:d executive_expires_on:d
    support_need:s purpose_of_use:s customer_goal:s plan_fit_reviewed_on:d usefulness_rating:f is_opted_out:b gross_margin:f contribution:f return_on_service:f
    unknown_inputs:s quadrant_policy_version:s policy_version:s code_version:s
""")

TIERS = _schema("""
    as_of_date:d customer_id:s name:s
    tier:s tier_label_en:s tier_label_ja:s tier_by_ltv_only:s proposed_tier:s previous_tier:s
    p_tier:f p_proposed:f state:s hold_rule:s community_touch:b
    tier_since:d lock_until:d candidate_tier:s candidate_since:d confirmations:i last_confirmed_on:d candidate_cause:s
    is_floor:b is_guaranteed:b is_override:b override_reason:s override_by:s override_expires_on:d is_onboarding:b
    is_fast_lane:b value_baseline:f value_se:f service_value:f value_gain:f service_cost:f uplift_low:f uplift_mid:f
    uplift_high:f cut_below:f cut_above:f hours_per_week:f hours_by_pool:s
    tier_score:f tier_score_known_share:f rank_in_tier:i
    uplift_source:s not_robust:b tier_if_uplift_low:s tier_if_uplift_high:s
    unknown_inputs:s policy_version:s code_version:s run_id:s
""")

REASONS = _schema("""
    as_of_date:d customer_id:s rule_order:i rule:s value:f threshold:f contribution:f is_decisive:b
    reason_en:s reason_ja:s change_en:s change_ja:s policy_version:s code_version:s
""")

MOVES = _schema("""
    as_of_date:d customer_id:s from_tier:s to_tier:s direction:s cause:s reason_en:s reason_ja:s evidence:s p_tier:f value_gain:f hours_change:f
    days_in_tier:i approved_by:s approved_on:d policy_version:s code_version:s
""")

CAPACITY = _schema("""
    as_of_date:d week_start_date:d pool:s label_en:s label_ja:s
    supply_hours:f reserve_hours:f plannable_hours:f demand_hours:f base_hours:f tier_hours:f onboarding_hours:f
    load:f unserved_hours:f is_over:b hour_price:f pending_demotion_hours:f
    all_high_feasible:b all_high_hours:f hours_short:f
    value_reached:f stay_bonus:f proven_bound:f gap:f customers:i policy_version:s code_version:s
""")

COMPARISON = _schema("""
    as_of_date:d policy:s label_en:s label_ja:s customers:i customers_by_tier:s
    hours_per_week:f hours_by_pool:s capacity_per_week:f hours_short:f is_feasible:b served_share:f service_cost:f
    value_p10:f value_p50:f value_p90:f value_unlimited_p50:f
    back_test_value:f back_test_low:f back_test_high:f back_test_actual:f back_test_coverage:f back_test_n:i back_test_note:s
    policy_version:s code_version:s
""")

WHAT_IF = _schema("as_of_date:d scenario:s item:s unit:s before:f after:f difference:f policy_version:s")

SENSITIVITY = _schema("""
    as_of_date:d knob:s change:s customers:i tiers_changed:i tiers_changed_share:f
    quadrants_changed:i quadrants_changed_share:f value_change:f policy_version:s
""")

FAILURE_MODES = _schema("""
    as_of_date:d mode:i code:s label_en:s label_ja:s status:s
    cause_metric:s cause_tier:s cause_before:f cause_now:f cause_change:f cause_threshold:f is_cause:b
    effect_metric:s effect_tier:s effect_before:f effect_now:f effect_change:f effect_threshold:f is_effect:b
    periods:i n:i minimum_n:i evidence:s meaning_en:s meaning_ja:s policy_version:s code_version:s
""")

TIER_METRICS = _schema("period_start_date:d tier:s metric:s value:f numerator:f denominator:f n:i")

OBJECTIVES = _schema("""
    as_of_date:d objective:s label_en:s label_ja:s status:s required_columns:s missing_columns:s
    population:s population_n:i frozen_on:d ends_on:d metric:s metric_kind:s n_measured:i
    baseline:f target:f target_difference:f target_relative:f current:f current_low:f current_high:f
    required_n_per_arm:i is_powered:b smallest_visible_difference:f horizon_days:i note:s policy_version:s
    code_version:s
""")

COHORTS = _schema("objective:s customer_id:s frozen_on:d")

DISPARITY = _schema("""
    as_of_date:d attribute:s group:s n:i is_reference:b is_published:b
    high_touch_share:f high_touch_low:f high_touch_high:f lowest_tier_share:f ratio_to_reference:f
    wait_minutes_median:f complaints_per_customer:f demotions:i demotion_share:f is_listed:b policy_version:s
""")

ACTIONS = _schema("""
    as_of_date:d rank:i action_key:s customer_id:s name:s quadrant:s tier:s action:s action_label_en:s action_label_ja:s
    trigger:s reason_en:s reason_ja:s is_promise:b pool:s hours:f cumulative_pool_hours:f pool_hours:f below_line:b
    value_at_stake_low:f value_at_stake:f value_at_stake_high:f value_per_hour:f
    first_listed_on:d due_on:d is_overdue:b owner:s status:s contacted_on:d policy_version:s code_version:s
""")

ACTION_OUTCOMES = _schema("""
    action_key:s action:s customer_id:s trigger:s owner:s first_listed_on:d due_on:d
    contacted_on:d resolved_on:d outcome:s reported_by:s is_in_time:b
""")

ACTION_EFFECTS = _schema("""
    as_of_date:d action:s metric:s treated_mean:f control_mean:f raw_difference:f effect:f effect_low:f effect_high:f
    n_treated:i n_control:i coverage:f is_credited:b note:s policy_version:s
""")

ACTION_PLAN = _schema("""
    as_of_date:d period_days:i action:s tier:s label_en:s label_ja:s pool:s is_group:b customers:i
    planned_touches:f planned_hours:f done_touches:i done_sessions:i reached_touches:i done_share:f done_hours:f
    attendees:i seats:f seats_filled_share:f cost:f cost_per_attendee:f hours_per_useful_outcome:f policy_version:s
""")

TIER_SUMMARY = _schema("""
    as_of_date:d tier:s label_en:s label_ja:s customers:i customer_share:f share_alert:f is_share_alert:b
    revenue_12m:f revenue_share:f gross_margin:f cost_to_serve:f complaints:f complaints_per_customer:f
    wait_minutes_median:f mean_renewal_p:f
    hours_per_week:f hours_per_customer_year:f customers_per_full_time:f below_coverage_floor:i coverage_known:i
    service_value:f value_per_hour:f automation_rate:f community_members:i policy_version:s
""")

PROFILE = _schema("""
    as_of_date:d industry:s employees_band:s quadrant:s n:i share_of_group:f revenue_12m:f service_hours:f mean_growth:f
    is_published:b policy_version:s
""")

EXPERIMENTS = _schema("""
    as_of_date:d experiment:s arm:s metric:s control_arm:s started_on:d n_arm:i n_control:i mean_arm:f mean_control:f
    effect:f effect_low:f effect_high:f required_n_per_arm:i is_powered:b without_consent:i status:s warning_en:s
    warning_ja:s
""")

STATISTICS = _schema("as_of_date:d statistic:s value:f n:i note:s")


def to_table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """Arrow table in the schema's order. NaN becomes null; a scalar is repeated; a missing column is null."""
    n = next(
        len(column) for column in columns.values() if isinstance(column, np.ndarray | list | pa.Array | pa.ChunkedArray)
    )
    return pa.table([_array(columns.get(field.name), field.type, n) for field in schema], schema=schema)


def _array(column: Any, kind: pa.DataType, n: int) -> pa.Array | pa.ChunkedArray:
    if column is None:
        return pa.nulls(n, kind)
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column.cast(kind)
    if not isinstance(column, np.ndarray | list):
        return pa.repeat(pa.scalar(column, kind), n)
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        null = np.isnan(column)
        if pa.types.is_boolean(kind):
            return pa.array(np.nan_to_num(column) != 0, kind, mask=null)
        if pa.types.is_integer(kind):
            return pa.array(np.nan_to_num(column).astype(np.int64), kind, mask=null)
        return pa.array(column, kind, mask=null)
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        return pa.array(column.astype("datetime64[D]")).cast(kind)
    return pa.array(column, kind, from_pandas=True)
