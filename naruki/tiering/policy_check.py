"""Rules that hold between policy files; a broken one stops the load with the file, the row and the way out."""

from __future__ import annotations

from naruki.errors import NarukiError
from naruki.tiering.policy import Policy
from naruki.tiering.policy_csv import Row, convert

REASONS = [
    "value_of_service",
    "hour_price",
    "uplift",
    "uplift_assumed",
    "uplift_matched",
    "uplift_experiment",
    "no_value",
    "onboarding",
    "onboarding_over",
    "guarantee",
    "override",
    "override_expired",
    "override_void",
    "band",
    "probability",
    "confirmation",
    "lock",
    "approval",
    "no_room",
    "fast_lane",
    "community",
    "not_robust",
    "score",
    "unknown_inputs",
    "move_new",
    "move_onboarding_over",
    "move_customer",
    "move_policy",
    "move_data_correction",
    "move_capacity",
    "move_override",
    "move_guarantee",
    "move_unknown",
]


def check(policy: Policy, tables: dict[str, list[Row]]) -> None:
    """Raise NarukiError on the first rule that does not hold."""
    for test in (_tiers, _references, _quadrants, _pools, _actions, _uplifts, _settings, _texts):
        test(policy, tables)


def _fail(name: str, row: Row | None, text: str) -> None:
    where = f" row {row['_row']}" if row else ""
    raise NarukiError(f"{name}.csv{where}: {text}")


def _references(policy: Policy, tables: dict[str, list[Row]]) -> None:
    pools, tiers = set(policy.pool_names), set(policy.tier_names)
    quadrants = {row["quadrant"] for row in tables["cfg_quadrant"]}
    actions = {row["action"] for row in tables["cfg_action"]}
    known = (
        ("cfg_tier", "main_pool", pools, "cfg_capacity"),
        ("cfg_tier", "demand_pool", pools, "cfg_capacity"),
        ("cfg_action", "pool", pools, "cfg_capacity"),
        ("cfg_action", "tier", tiers | {"any"}, "cfg_tier"),
        ("cfg_uplift", "tier", tiers, "cfg_tier"),
        ("cfg_override", "tier", tiers, "cfg_tier"),
        ("cfg_guarantee", "minimum_tier", tiers, "cfg_tier"),
        ("cfg_quadrant_policy", "quadrant", quadrants, "cfg_quadrant"),
        ("cfg_trigger", "action", actions, "cfg_action"),
        ("cfg_trigger", "quadrant", quadrants | {None}, "cfg_quadrant"),
        ("cfg_trigger", "tier", tiers | {None}, "cfg_tier"),
    )
    for name, column, allowed, other in known:
        for row in tables[name]:
            if row[column] not in allowed:
                _fail(
                    name,
                    row,
                    f"{column} {row[column]!r} is not in {other}.csv ({', '.join(sorted(filter(None, allowed)))}).",
                )
    for row in tables["cfg_quadrant_policy"]:
        for action in row["actions"].split(";"):
            if action not in actions:
                _fail("cfg_quadrant_policy", row, f"action {action!r} is not in cfg_action.csv.")


def _quadrants(policy: Policy, tables: dict[str, list[Row]]) -> None:
    if [axis.axis for axis in policy.axes] != [1, 2]:
        _fail("cfg_segment_axis", None, "needs exactly the axes 1 and 2.")
    sides = {(quadrant.axis_1_side, quadrant.axis_2_side) for quadrant in policy.quadrants}
    if len(sides) != 4 or len(policy.quadrants) != 4:
        _fail("cfg_quadrant", None, "needs the four combinations of high and low, once each.")
    for row in tables["cfg_quadrant"]:
        if row["quadrant"] not in policy.quadrant_policies:
            _fail("cfg_quadrant_policy", None, f"quadrant {row['quadrant']} has no policy; add a row.")
    for row in tables["cfg_segment_axis"]:
        if row["cut_method"] == "quantile" and not 0 < row["cut_value"] < 1:
            _fail(
                "cfg_segment_axis", row, f"cut_value {row['cut_value']:g} is no quantile; it must lie between 0 and 1."
            )
        if row["cut_method"] == "capacity" and not row["capacity_column"]:
            _fail("cfg_segment_axis", row, "cut_method capacity needs a capacity_column that holds hours.")
        if row["sd_method"] == "relative" and row["relative_sd"] is None:
            _fail("cfg_segment_axis", row, "sd_method relative needs relative_sd.")


def _tiers(policy: Policy, tables: dict[str, list[Row]]) -> None:
    ranks = [tier.rank for tier in policy.tiers]
    if len(ranks) < 2 or len(set(ranks)) != len(ranks):
        _fail("cfg_tier", None, "needs at least two tiers with different ranks.")
    if "community" in policy.tier_names:
        _fail("cfg_tier", None, "community is an overlay on any tier and no tier of its own; remove its row.")
    for row in tables["cfg_tier"]:
        if not 0 <= row["demand_share"] <= 1:
            _fail("cfg_tier", row, f"demand_share {row['demand_share']:g} must lie between 0 and 1.")
    if policy.tiers[0].ltv_only_quantile != 0:
        _fail("cfg_tier", None, f"ltv_only_quantile of the lowest tier {policy.tiers[0].tier} must be 0.")


def _pools(policy: Policy, tables: dict[str, list[Row]]) -> None:
    for row in tables["cfg_capacity"]:
        if row["hours_per_week"] < 0 or row["hourly_cost"] < 0 or not 0 <= row["reserve_share"] < 1:
            _fail("cfg_capacity", row, "hours and cost must be at least 0 and reserve_share in 0..1 (below 1).")
        if row["currency"] != policy["reporting_currency"]:
            text = (
                f"currency {row['currency']} is not the reporting currency {policy['reporting_currency']} of "
                f"cfg_setting.csv;"
            )
            _fail("cfg_capacity", row, f"{text} restate hourly_cost in {policy['reporting_currency']}.")
        if row["valid_from"] and row["valid_to"] and row["valid_to"] < row["valid_from"]:
            _fail("cfg_capacity", row, "valid_to lies before valid_from.")


def _actions(policy: Policy, tables: dict[str, list[Row]]) -> None:
    for row in tables["cfg_action"]:
        if row["hours"] < 0 or (row["times_per_year"] or 0) < 0:
            _fail("cfg_action", row, "hours and times_per_year must be at least 0.")
        if row["is_group"] and not (row["attendees"] or 0) > 0:
            _fail("cfg_action", row, "a group action needs attendees, because its hours are divided by them.")
    for row in tables["cfg_trigger"]:
        if row["operator"] in ("at_least", "at_most", "equals") and row["value"] is None:
            _fail("cfg_trigger", row, f"operator {row['operator']} needs a value.")
        if row["operator"] in ("at_least", "at_most"):
            convert(f"cfg_trigger.csv row {row['_row']}, column value", row["value"], "number")
        if not row["effect_low"] <= row["effect_mid"] <= row["effect_high"]:
            _fail("cfg_trigger", row, "must have effect_low <= effect_mid <= effect_high.")
    for row in tables["cfg_override"]:
        if row["expires_on"] < row["starts_on"]:
            _fail("cfg_override", row, "expires_on lies before starts_on.")


def _uplifts(policy: Policy, tables: dict[str, list[Row]]) -> None:
    for row in tables["cfg_uplift"]:
        if not row["low"] <= row["mid"] <= row["high"]:
            _fail("cfg_uplift", row, "must have low <= mid <= high.")
        if (row["group_column"] is None) != (row["group_value"] is None):
            _fail("cfg_uplift", row, "group_column and group_value go together.")
    for tier in policy.tier_names:
        if not any(uplift.tier == tier and uplift.group_column is None for uplift in policy.uplifts):
            _fail("cfg_uplift", None, f"tier {tier} needs a row for everybody (empty group_column).")


def _settings(policy: Policy, tables: dict[str, list[Row]]) -> None:
    where = {row["setting"]: row for row in tables["cfg_tier_setting"]}
    if policy["onboarding_tier"] not in policy.tier_names:
        _fail(
            "cfg_tier_setting",
            where["onboarding_tier"],
            f"setting onboarding_tier: {policy['onboarding_tier']!r} is not in cfg_tier.csv.",
        )
    for name in (
        "minimum_tier_probability",
        "near_boundary_p",
        "winsor_quantile",
        "confidence",
        "power",
        "significance",
    ):
        if not 0 < policy[name] <= 1:
            _fail("cfg_tier_setting", where[name], f"setting {name}: {policy[name]:g} must lie between 0 and 1.")
    if not 0 <= policy["action_hours_share"] < 1:
        text = f"setting action_hours_share: {policy['action_hours_share']:g} must lie between 0 and 1."
        _fail("cfg_tier_setting", where["action_hours_share"], text)
    for name in ("stay_bonus_share", "band_sd", "confirmations", "lock_days", "planning_weeks"):
        if policy[name] < (1 if name == "planning_weeks" else 0):
            _fail("cfg_tier_setting", where[name], f"setting {name}: {policy[name]:g} is too small.")


def _texts(policy: Policy, tables: dict[str, list[Row]]) -> None:
    lost = [rule for rule in REASONS if rule not in policy.reasons]
    if lost:
        _fail("cfg_tier_reason", None, f"rule {lost[0]} has no text; add a row.")
