"""What every column of the decision tables means: type, description and Japanese label, for dictionaries and
contracts.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

import naruki.tiering.schemas as schemas

# Published name -> schema. The first columns that identify a row are the key.
TABLES: dict[str, tuple[pa.Schema, tuple[str, ...]]] = {
    "customer_segments": (schemas.SEGMENTS, ("as_of_date", "customer_id")),
    "customer_tiers": (schemas.TIERS, ("as_of_date", "customer_id")),
    "tier_reasons": (schemas.REASONS, ("as_of_date", "customer_id", "rule_order")),
    "tier_moves": (schemas.MOVES, ("as_of_date", "customer_id")),
    "tier_capacity": (schemas.CAPACITY, ("as_of_date", "week_start_date", "pool")),
    "tier_policy_comparison": (schemas.COMPARISON, ("as_of_date", "policy")),
    "action_queue": (schemas.ACTIONS, ("as_of_date", "customer_id", "action")),
    "action_plan": (schemas.ACTION_PLAN, ("as_of_date", "action")),
    "action_outcomes": (schemas.ACTION_OUTCOMES, ("action_key",)),
    "action_effects": (schemas.ACTION_EFFECTS, ("as_of_date", "action", "metric")),
    "failure_modes": (schemas.FAILURE_MODES, ("as_of_date", "mode")),
    "objectives": (schemas.OBJECTIVES, ("as_of_date", "objective")),
    "objective_cohorts": (schemas.COHORTS, ("objective", "customer_id")),
    "tier_disparity": (schemas.DISPARITY, ("as_of_date", "attribute", "group")),
    "tier_summary": (schemas.TIER_SUMMARY, ("as_of_date", "tier")),
    "tier_metrics": (schemas.TIER_METRICS, ("period_start_date", "tier", "metric")),
    "segment_profile": (schemas.PROFILE, ("as_of_date", "industry", "employees_band", "quadrant")),
    "segment_statistics": (schemas.STATISTICS, ("as_of_date", "statistic")),
    "experiments": (schemas.EXPERIMENTS, ("as_of_date", "experiment", "arm", "metric")),
    "whatif": (schemas.WHAT_IF, ("as_of_date", "scenario", "item")),
    "sensitivity": (schemas.SENSITIVITY, ("as_of_date", "knob", "change")),
}
# Published name -> Japanese label.
LABELS = {
    "customer_segments": "顧客セグメント（四象限）",
    "customer_tiers": "顧客の層",
    "tier_reasons": "層の理由",
    "tier_moves": "層の移動",
    "tier_capacity": "体制と容量",
    "tier_policy_comparison": "方針の比較",
    "action_queue": "対応リスト",
    "action_plan": "施策の計画と実績",
    "action_outcomes": "施策の結果",
    "action_effects": "施策の効果",
    "failure_modes": "失敗の型",
    "objectives": "目的",
    "objective_cohorts": "目的の対象顧客",
    "tier_disparity": "層の格差",
    "tier_summary": "層のまとめ",
    "tier_metrics": "層の推移",
    "segment_profile": "セグメントの構成",
    "segment_statistics": "セグメントの統計",
    "experiments": "実験",
    "whatif": "時間を変えた場合",
    "sensitivity": "感度",
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    description: str
    label_ja: str
    is_key: bool


@cache
def _texts() -> dict[str, tuple[str, str]]:
    with (Path(__file__).parent / "columns.csv").open(encoding="utf-8", newline="") as lines:
        return {row["column"]: (row["description"], row["label_ja"]) for row in csv.DictReader(lines)}


def describe(table: str) -> tuple[Column, ...]:
    """Columns of a decision table in order. A text of `table.column` goes before the one shared by all tables."""
    schema, key = TABLES[table]
    texts = _texts()
    rows = [(field, texts.get(f"{table}.{field.name}") or texts[field.name]) for field in schema]
    return tuple(Column(f.name, str(f.type), text, label, f.name in key) for f, (text, label) in rows)
