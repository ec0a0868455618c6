"""The policy pack: what analysts decide in `seeds/cfg_*.csv`, as frozen objects with a version."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from naruki.errors import NarukiError
from naruki.tiering.policy_csv import Row, convert, read_csv, read_lines
from naruki.tiering.policy_schema import SCHEMAS, SETTINGS, SHARED_SETTINGS
from naruki.tiering.policy_types import (
    Action,
    Axis,
    FailureMode,
    Guarantee,
    Objective,
    Override,
    Pool,
    Quadrant,
    QuadrantPolicy,
    ReasonText,
    Tier,
    Trigger,
    Uplift,
    Weight,
)

WEEKS_PER_YEAR = 365.25 / 7


@dataclass(frozen=True)
class Policy:
    """Everything that is decided by people and not by data; tiers run from the lowest rank (the floor) to the
    highest.
    """

    version: str
    axes: tuple[Axis, ...]
    quadrants: tuple[Quadrant, ...]
    quadrant_policies: dict[str, QuadrantPolicy]
    tiers: tuple[Tier, ...]
    pools: tuple[Pool, ...]
    actions: tuple[Action, ...]
    uplifts: tuple[Uplift, ...]
    overrides: tuple[Override, ...]
    guarantees: tuple[Guarantee, ...]
    settings: dict[str, Any]
    priority: tuple[Weight, ...]
    score: tuple[Weight, ...]
    objectives: tuple[Objective, ...]
    failure_modes: tuple[FailureMode, ...]
    triggers: tuple[Trigger, ...]
    reasons: dict[str, ReasonText]

    def __getitem__(self, setting: str) -> Any:
        return self.settings[setting]

    @property
    def pool_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(pool.pool for pool in self.pools))

    @property
    def tier_names(self) -> tuple[str, ...]:
        return tuple(tier.tier for tier in self.tiers)

    def pool_on(self, name: str, day: date) -> Pool | None:
        """The pool's row that holds on a day; the newest one if several do."""
        rows = [
            pool
            for pool in self.pools
            if pool.pool == name and (pool.valid_from or date.min) <= day <= (pool.valid_to or date.max)
        ]
        return max(rows, key=lambda pool: pool.valid_from or date.min) if rows else None

    def supply(self, as_of: date) -> np.ndarray:
        """Plannable hours (weeks, pools) of the planning weeks that start the day after `as_of`; see tier_share."""
        weeks = [as_of + timedelta(days=1 + 7 * week) for week in range(self["planning_weeks"])]
        rows = [[self.pool_on(name, week) for name in self.pool_names] for week in weeks]
        return np.array([[0.0 if p is None else p.hours_per_week * self.tier_share(p) for p in row] for row in rows])

    def tier_share(self, pool: Pool | None) -> float:
        """Share of a pool's hours that tiers may plan with: without its reserve and without the hours kept for
        called-for actions.
        """
        return (1 - (pool.reserve_share if pool else 0.0)) * (1 - self["action_hours_share"])

    def hourly_cost(self, as_of: date) -> np.ndarray:
        """Cost of an hour by pool (pools,) in the reporting currency."""
        found = [self.pool_on(name, as_of) or next(p for p in self.pools if p.pool == name) for name in self.pool_names]
        return np.array([pool.hourly_cost for pool in found])

    def replace(self, **changes: Any) -> Policy:
        """A changed copy for what-if questions; its version says that it is not a file's."""
        digest = hashlib.sha256(repr(sorted(changes.items(), key=lambda item: item[0])).encode()).hexdigest()[:8]
        changes.setdefault("version", f"{self.version}+{digest}")
        return dataclasses.replace(self, **changes)

    def with_settings(self, **settings: Any) -> Policy:
        return self.replace(settings={**self.settings, **settings})


def load_policy(seeds_dir: Path | str) -> Policy:
    """Read and check the policy pack. Errors name the file, the row and the setting.

    The version is a hash over the bytes of the pack's CSVs and the shared settings that the pack reads.
    """
    seeds_dir = Path(seeds_dir)
    tables: dict[str, list[Row]] = {}
    digest = hashlib.sha256()
    for name in sorted(SCHEMAS):
        tables[name], raw = read_csv(seeds_dir, name)
        digest.update(name.encode() + b"\0" + raw + b"\0")
    settings = _settings(seeds_dir, tables["cfg_tier_setting"])
    digest.update(repr([(key, settings[key]) for key in sorted(SHARED_SETTINGS)]).encode())
    policy = Policy(
        version=f"p{digest.hexdigest()[:12]}",
        axes=tuple(sorted(_build(Axis, tables["cfg_segment_axis"]), key=lambda axis: axis.axis)),
        quadrants=_build(Quadrant, tables["cfg_quadrant"]),
        quadrant_policies={row.quadrant: row for row in _build(QuadrantPolicy, tables["cfg_quadrant_policy"])},
        tiers=tuple(sorted(_build(Tier, tables["cfg_tier"]), key=lambda tier: tier.rank)),
        pools=_build(Pool, tables["cfg_capacity"]),
        actions=_build(Action, tables["cfg_action"]),
        uplifts=_build(Uplift, tables["cfg_uplift"]),
        overrides=_build(Override, tables["cfg_override"]),
        guarantees=_build(Guarantee, tables["cfg_guarantee"]),
        settings=settings,
        priority=_build(Weight, tables["cfg_priority"]),
        score=_build(Weight, tables["cfg_tier_score"]),
        objectives=_build(Objective, tables["cfg_objective"]),
        failure_modes=_build(FailureMode, tables["cfg_failure_mode"]),
        triggers=_build(Trigger, tables["cfg_trigger"]),
        reasons={row.rule: row for row in _build(ReasonText, tables["cfg_tier_reason"])},
    )
    from naruki.tiering.policy_check import check

    check(policy, tables)
    return policy


def _build(kind: type, rows: list[Row]) -> tuple:
    return tuple(kind(**{key: value for key, value in row.items() if key != "_row"}) for row in rows)


def _settings(seeds_dir: Path, rows: list[Row]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for row in rows:
        if row["setting"] not in SETTINGS:
            raise NarukiError(
                f"cfg_tier_setting.csv row {row['_row']}: setting {row['setting']} is unknown; remove it or "
                f"correct its name."
            )
        where = f"cfg_tier_setting.csv row {row['_row']}, setting {row['setting']}"
        values[row["setting"]] = convert(where, row["value"], SETTINGS[row["setting"]])
    _, header, lines = read_lines(seeds_dir, "cfg_setting")
    for number, cells in lines:
        record = dict(zip(header, cells, strict=True))
        if record.get("setting") in SHARED_SETTINGS:
            where = f"cfg_setting.csv row {number}, setting {record['setting']}"
            values[record["setting"]] = convert(where, record["value"].strip(), SHARED_SETTINGS[record["setting"]])
    for file, names in (("cfg_tier_setting", SETTINGS), ("cfg_setting", SHARED_SETTINGS)):
        lost = [name for name in names if name not in values]
        if lost:
            raise NarukiError(f"{file}.csv: setting {lost[0]} is missing; add a row for it.")
    return values
