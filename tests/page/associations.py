"""What is told as an association in the invented company: themes by source, what leavers said, articles sent, measured effects."""

from datetime import date

import pyarrow as pa

from naruki.tiering import schemas
from tests.page.marts import DAY

SHOWN = {"label_en": "Ease of use", "label_ja": "使いやすさ"}


def associations() -> dict[str, pa.Table]:
    heard = [
        {"period": "recent", "source": source, "theme": "usability", "n": n, "negative_n": n // 2, "share": n / 40}
        for source, n in (("support", 20), ("survey", 10), ("community", 6))
    ]
    silent = {
        "period": "recent",
        "source": "social",
        "theme": "usability",
        "n": None,
        "negative_n": None,
        "share": None,
    }
    groups = [
        {
            "source_group": group,
            "share": share,
            "mrr_lost": lost,
            "lift_low": low,
            "lift_high": high,
            "is_common_theme": common,
        }
        for group, share, lost, low, high, common in (
            ("churned", 0.3, 5000.0, None, None, True),
            ("churned_before", 0.2, None, 1.5, 2.5, True),
            ("current", 0.1, None, None, None, False),
        )
    ]
    plan = {"department": "product", "plan_en": "Guide first steps", "plan_ja": "初期設定を案内する"}
    push = {"reason": "how_to", "finding": "none_shown", "pushes": 400, "pushed_customers": 300}
    spared = {
        "avoided_per_push_low": -0.02,
        "avoided_per_push_high": 0.03,
        "avoided_hours": 1.0,
        "avoided_hours_low": -2.0,
        "avoided_hours_high": 3.0,
    }
    effect = {
        "action": "check_in",
        "metric": "is_retained",
        "effect_low": 0.01,
        "effect_high": 0.05,
        "n_treated": 40,
        "n_control": 80,
        "is_credited": True,
    }
    trial = {
        "experiment": "guide",
        "arm": "with",
        "metric": "mrr_change",
        "n_arm": 50,
        "n_control": 50,
        "status": "underpowered",
        "started_on": date(2026, 7, 1),
    }
    return {
        "voc_source_comparison": dated(
            [row | SHOWN | {"share_low": 0.1, "share_high": 0.6, "is_published": True} for row in heard]
            + [silent | SHOWN | {"share_low": None, "share_high": None, "is_published": False}]
        ),
        "churn_triangulation": dated(
            [row | SHOWN | plan | {"theme": "usability", "is_published": True} for row in groups]
        ),
        "push_effect": dated([push | spared]),
        "action_effects": by_schema(effect, schemas.ACTION_EFFECTS),
        "experiments": by_schema(trial, schemas.EXPERIMENTS),
    }


def dated(rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist([{"as_of_date": DAY} | row for row in rows])


def by_schema(row: dict, schema: pa.Schema) -> pa.Table:
    """One row of a decision table; what is not set is unknown."""
    return pa.Table.from_pylist(
        [{field.name: ({"as_of_date": DAY} | row).get(field.name) for field in schema}], schema=schema
    )
