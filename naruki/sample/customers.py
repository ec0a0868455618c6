"""The customers and what nobody sees: their value, need, growth, satisfaction and voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.sample.calendar import Calendar
from naruki.sample.catalog import CHANNEL_SHARE, INDUSTRY_SHARE, ZONE_SHARE
from naruki.sample.columns import HOUR, pick, stream


@dataclass(frozen=True)
class Customers:
    """Traits, one element a customer; the first group is visible to the company, the second is the hidden truth."""

    is_company: np.ndarray
    zone: np.ndarray
    is_japanese: np.ndarray
    is_usd: np.ndarray
    industry: np.ndarray
    channel: np.ndarray
    employees: np.ndarray
    is_test: np.ndarray
    parent: np.ndarray
    pays_by_card: np.ndarray
    start_month: np.ndarray
    anchor_day: np.ndarray
    anchor_second: np.ndarray

    value: np.ndarray
    need: np.ndarray
    difficulty: np.ndarray
    growth: np.ndarray
    satisfaction: np.ndarray
    voice: np.ndarray
    patience: np.ndarray
    engagement: np.ndarray
    is_held_out: np.ndarray

    @property
    def count(self) -> int:
        """Number of customers."""
        return len(self.zone)


def make_customers(count: int, seed: int, calendar: Calendar) -> Customers:
    """Draw the traits. Value and need are only weakly correlated, so every mixture of the two occurs.

    The company opened 24 months before the end: a third of its customers came in the first months, the rest steadily,
    so that no history lies before the sample (no survivorship).
    """
    rng = stream(seed, "customers")
    normal = rng.standard_normal
    is_company = rng.random(count) < 0.68
    zone = pick(rng, ZONE_SHARE, count)
    value, need = normal(count), normal(count)
    need = 0.15 * value + np.sqrt(1 - 0.15**2) * need
    launch = rng.random(count) < 0.36
    start_month = np.where(launch, np.floor(4 * rng.random(count) ** 1.5), np.floor(24 * rng.random(count) ** 0.85))
    employees = np.where(is_company, np.exp(3.4 + 0.7 * value + 1.0 * normal(count)), 1.0)
    children = is_company & (rng.random(count) < 0.04)
    parents = max(2, count // 100)
    return Customers(
        is_company=is_company,
        zone=zone,
        is_japanese=zone == 0,
        is_usd=(zone > 0) | (rng.random(count) < 0.03),
        industry=pick(rng, INDUSTRY_SHARE, count),
        channel=pick(rng, CHANNEL_SHARE, count),
        employees=np.maximum(1, np.round(employees)).astype(np.int64),
        is_test=rng.random(count) < 0.01,
        parent=_parents(rng, is_company, children, parents),
        pays_by_card=~is_company | (rng.random(count) < 0.6),
        start_month=start_month.astype(np.int64),
        anchor_day=rng.integers(1, 29, count),
        anchor_second=rng.integers(8 * HOUR, 22 * HOUR, count),
        value=value,
        need=need,
        difficulty=np.exp(0.35 * normal(count)),
        growth=normal(count),
        satisfaction=0.8 * normal(count) - 0.15 * need,
        voice=rng.random(count),
        patience=normal(count),
        engagement=np.clip(0.62 + 0.16 * normal(count), 0.2, 1.0),
        is_held_out=rng.random(count) < 0.15,
    )


def _parents(rng: np.random.Generator, is_company: np.ndarray, children: np.ndarray, groups: int) -> np.ndarray:
    """Index of the parent or -1; a few companies have several children each."""
    companies = np.flatnonzero(is_company)
    heads = companies[:groups]
    chosen = heads[rng.integers(0, max(1, len(heads)), len(is_company))]
    children = children & ~np.isin(np.arange(len(is_company)), heads)
    return np.where(children, chosen, -1)
