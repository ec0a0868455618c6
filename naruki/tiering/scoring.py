"""An index as a weighted mean over what is known, with every part stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from naruki.tiering.policy_types import Weight


@dataclass(frozen=True)
class Score:
    """score (n,) in 0..1 or NaN; values (n, k) in 0..1; weights (n, k) after renormalising; known (n,) share of the
    weight.
    """

    score: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    known: np.ndarray


def weighted_score(weights: Iterable[Weight], columns: Mapping[str, np.ndarray]) -> Score:
    """Mean of the parts that are known, by weight: what is missing neither helps nor harms, `known` tells how much
    there was.
    """
    weights = list(weights)
    n = len(next(iter(columns.values())))
    values = (
        np.column_stack([_unit(weight, columns[weight.column]) for weight in weights]) if weights else np.zeros((n, 0))
    )
    plain = np.where(np.isnan(values), 0.0, np.array([weight.weight for weight in weights]))
    total, full = plain.sum(axis=1), sum(weight.weight for weight in weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = plain / total[:, None]
        score = np.where(total > 0, np.nansum(np.where(plain > 0, shares * values, 0.0), axis=1), np.nan)
    return Score(score, values, np.where(total[:, None] > 0, shares, 0.0), total / full if full else total)


def _unit(weight: Weight, column: np.ndarray) -> np.ndarray:
    if weight.method == "rank":
        return percent_rank(column)
    if weight.method == "rating":
        return np.clip((column - 1) / 4, 0, 1)
    return np.clip(column, 0, 1)


def percent_rank(values: np.ndarray) -> np.ndarray:
    """Mid-rank in 0..1 among the known values (n,), NaN where unknown; equal values get the same rank."""
    known = ~np.isnan(values)
    result = np.full(len(values), np.nan)
    if known.any():
        _, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
        result[known] = ((np.cumsum(counts) - counts / 2) / known.sum())[inverse]
    return result


def rank_down(ids: np.ndarray, *keys: np.ndarray) -> np.ndarray:
    """1 for the largest key; ties go to the next key and last to the id; unknown ranks last. ids must be sorted
    upwards.
    """
    order = np.lexsort([np.arange(len(ids)), *[np.where(np.isnan(key), np.inf, -key) for key in reversed(keys)]])
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(1, len(ids) + 1)
    return rank
