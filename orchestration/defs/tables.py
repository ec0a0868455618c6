"""Which tables are published: facts, marts and decisions, as dbt's manifest and the decision assets name them."""

import json
from functools import cache
from typing import Any

from orchestration.defs.warehouse import manifest

PUBLISHED_LAYERS = ("facts", "marts")
PUBLISHED_SEEDS = ("cfg_quadrant", "cfg_tier")


@cache
def published_models() -> dict[str, dict[str, Any]]:
    """Name -> node of the manifest for every fact and mart."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = (n for n in nodes if n["resource_type"] == "model" and any(layer in n["fqn"] for layer in PUBLISHED_LAYERS))
    return {n["name"]: n for n in models}


def is_dated(node: dict[str, Any]) -> bool:
    """Whether a model holds one set of rows per as-of day."""
    return "marts" in node["fqn"]
