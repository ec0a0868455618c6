"""Which tables are published: facts, marts and decisions, as dbt's manifest and the decision assets name them."""

import json
from functools import cache
from typing import Any

from orchestration.defs.warehouse import manifest

PUBLISHED_LAYERS = ("facts", "marts")


@cache
def nodes() -> list[dict[str, Any]]:
    return list(json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values())


def published_models() -> dict[str, dict[str, Any]]:
    """Name -> node of the manifest for every fact and mart; what is only a part of one (ephemeral) is no table."""
    models = (n for n in nodes() if n["resource_type"] == "model" and n["config"]["materialized"] != "ephemeral")
    return {n["name"]: n for n in models if any(layer in n["fqn"] for layer in PUBLISHED_LAYERS)}


def policy_seeds() -> list[str]:
    """Names of the seeds: the policy, published as it was."""
    return sorted(n["name"] for n in nodes() if n["resource_type"] == "seed")


def is_dated(node: dict[str, Any]) -> bool:
    """Whether a model holds one set of rows per as-of day."""
    return "marts" in node["fqn"]
