"""One tier per customer within the hours there are: a multiple-choice knapsack, with a proven bound beside the answer.

Method (Sinha & Zoltners 1979): drop dominated and LP-dominated options, sort what is left by value per hour and take
while hours last. The fractional item gives the bound, the first refused slope the price of an hour. Small cases are
solved exactly, several pools by a search for prices (`dual.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.errors import NarukiError

EXACT_LIMIT = 200  # customers up to which the exact solver is quick; above it greedy loses next to nothing
CORE_LIMIT = 1_500  # customers left open by the prices up to which these are solved exactly
CORE_NODES = 50
CORE_GAP = 5e-4  # a plan that is proven this good is good enough without
ROUNDING = 1e-9  # hours above capacity (relative) that are float dust, not hours


@dataclass(frozen=True)
class Problem:
    """values (n, t), hours (n, t, p) >= 0, capacity (p,), allowed (n, t); values may hold a stay bonus already."""

    values: np.ndarray
    hours: np.ndarray
    capacity: np.ndarray
    allowed: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        return np.arange(self.values.shape[0])

    def used(self, choice: np.ndarray) -> np.ndarray:
        """Hours by pool (p,) of a choice (n,)."""
        return self.hours[self.rows, choice].sum(axis=0)

    def worth(self, choice: np.ndarray) -> float:
        return float(self.values[self.rows, choice].sum())

    def room(self) -> np.ndarray:
        return self.capacity + ROUNDING * np.maximum(1.0, np.abs(self.capacity))


@dataclass(frozen=True)
class Allocation:
    """The answer: `choice` (n,) option per customer, and how good it provably is.

    `value` is the plain value of the choice, `objective` the same with the stay bonus that was optimised; `bound` is
    an upper bound on any objective, `gap` = (bound - objective) / |bound|. `prices` (p,) is the value of one more
    hour, by pool.
    """

    choice: np.ndarray
    value: float
    objective: float
    bound: float
    gap: float
    prices: np.ndarray
    hours: np.ndarray
    method: str


def allocate(
    values: np.ndarray,
    hours: np.ndarray,
    capacity: np.ndarray,
    allowed: np.ndarray | None = None,
    *,
    current: np.ndarray | None = None,
    stay_bonus: float = 0.0,
    exact_limit: int = EXACT_LIMIT,
) -> Allocation:
    """Choose one allowed option per customer so that value is greatest and no pool runs over.

    values (n, t); hours (n, t, p) or (n, t) for one pool; capacity (p,); allowed (n, t) bool, default all; current
    (n,) index of today's option or -1. The stay bonus is a share of the customer's largest absolute value, paid for
    keeping `current`. Raises NarukiError when a customer has no option or when even the cheapest options need more
    hours than there are.
    """
    problem = _problem(values, hours, capacity, allowed)
    plain = problem.values
    if current is not None and stay_bonus > 0:
        problem = Problem(with_stay_bonus(plain, current, stay_bonus), problem.hours, problem.capacity, problem.allowed)
    if problem.values.shape[0] == 0:
        zero = np.zeros(len(problem.capacity))
        return Allocation(np.zeros(0, dtype=np.int64), 0.0, 0.0, 0.0, 0.0, zero, zero, "empty")
    choice, bound, prices, method = _solve(problem, exact_limit)
    objective = problem.worth(choice)
    bound = max(bound, objective)
    return Allocation(
        choice=choice,
        value=float(plain[problem.rows, choice].sum()),
        objective=objective,
        bound=bound,
        # What the solver's own cushion adds is no gap.
        gap=0.0 if bound - objective <= 2e-9 * max(1.0, abs(bound)) else (bound - objective) / abs(bound),
        prices=prices,
        hours=problem.used(choice),
        method=method,
    )


def with_stay_bonus(values: np.ndarray, current: np.ndarray, share: float) -> np.ndarray:
    """Values with `share` of the customer's largest absolute value added to the option that is held now."""
    held = np.flatnonzero(current >= 0)
    result = values.copy()
    result[held, current[held]] += share * np.abs(values[held]).max(axis=1)
    return result


def _problem(values: np.ndarray, hours: np.ndarray, capacity: np.ndarray, allowed: np.ndarray | None) -> Problem:
    values = np.ascontiguousarray(values, dtype=np.float64)
    hours = np.asarray(hours, dtype=np.float64)
    hours = hours[:, :, None] if hours.ndim == 2 else hours
    capacity = np.atleast_1d(np.asarray(capacity, dtype=np.float64))
    mask = np.ones(values.shape, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool)
    if hours.shape != (*values.shape, len(capacity)) or mask.shape != values.shape:
        raise NarukiError(
            f"Allocation: values {values.shape}, hours {hours.shape}, allowed {mask.shape} and "
            f"{len(capacity)} pools do not fit together."
        )
    if not np.isfinite(values[mask]).all() or not np.isfinite(hours[mask]).all() or (hours[mask] < 0).any():
        raise NarukiError(
            "Allocation: values must be numbers and hours must be numbers of at least 0; fill or forbid "
            "unknown options."
        )
    lonely = np.flatnonzero(~mask.any(axis=1))
    if len(lonely):
        raise NarukiError(
            f"Allocation: {len(lonely)} customers (first: row {lonely[0]}) have no allowed tier; loosen "
            f"overrides or floors."
        )
    problem = Problem(values, hours, capacity, mask)
    least = (
        np.where(mask[:, :, None], hours, np.inf).min(axis=1).sum(axis=0) if len(values) else np.zeros(len(capacity))
    )
    short = np.flatnonzero(least > problem.room())
    if len(short):
        pool = int(short[0])
        raise NarukiError(
            f"Allocation: the least that floors, guarantees and overrides ask of pool {pool} is "
            f"{least[pool]:.1f} hours, "
            f"but there are {capacity[pool]:.1f}; add hours or withdraw a guarantee."
        )
    return problem


def _solve(problem: Problem, exact_limit: int) -> tuple[np.ndarray, float, np.ndarray, str]:
    from naruki.tiering import dual, exact

    if len(problem.capacity) == 1:
        choice, bound, prices = greedy(problem)
        method = "greedy"
    else:
        choice, bound, prices = dual.search(problem)
        method = "dual"
    feasible = choice is not None
    if problem.values.shape[0] <= exact_limit and not (feasible and problem.worth(choice) >= bound):
        best, proven = exact.solve(problem, choice)
        if best is not None:
            bound = min(bound, proven)
            # Where the node limit ended the search, what was found stands with what was proven.
            finished = bound - problem.worth(best) <= 1e-6 * max(1.0, abs(bound))
            return best, bound, prices, "exact" if finished else "bounded"
    if feasible and problem.values.shape[0] > exact_limit and exact_limit:
        choice, bound, is_proven = settle_core(problem, choice, bound, prices, CORE_LIMIT)
        method = f"{method} + core" if is_proven else method
    if not feasible:
        raise NarukiError(
            "Allocation: no plan within the hours was found although every pool alone would do; add hours "
            "or loosen floors."
        )
    return choice, bound, prices, method


def settle_core(
    problem: Problem, choice: np.ndarray, bound: float, prices: np.ndarray, limit: int
) -> tuple[np.ndarray, float, bool]:
    """Choice, bound, and whether the core was solved: customers of whom the prices leave more than one option.

    An option that costs more against the customer's best, at these prices, than all that is missing to the bound is in
    no plan that is better than this one. Where at most `limit` customers remain open they are solved exactly.
    """
    from naruki.tiering import exact

    missing = bound - problem.worth(choice)
    if missing <= CORE_GAP * abs(bound):
        return choice, bound, False
    reduced = np.where(problem.allowed, problem.values - problem.hours @ prices, -np.inf)
    open_ = reduced.max(axis=1, keepdims=True) - reduced <= missing * (1 + 1e-9)
    open_[problem.rows, choice] = True
    core = np.flatnonzero(open_.sum(axis=1) > 1)
    if not 0 < len(core) <= limit:
        return choice, bound, False
    fixed = np.ones(len(choice), dtype=bool)
    fixed[core] = False
    spent = problem.hours[problem.rows, choice][fixed].sum(axis=0)
    worth = float(problem.values[problem.rows, choice][fixed].sum())
    # The dust above capacity is the whole problem's, so it is handed on as hours.
    part = Problem(problem.values[core], problem.hours[core], np.maximum(problem.room() - spent, 0.0), open_[core])
    best, proven = exact.solve(part, choice[core], enough=CORE_GAP / 10 * abs(bound), nodes=CORE_NODES)
    result = choice.copy()
    if best is not None:
        result[core] = best
    if (problem.used(result) > problem.room() * (1 + 1e-12)).any() or problem.worth(result) < problem.worth(choice):
        result = choice
    return result, min(bound, max(worth + proven, problem.worth(result))), True


def greedy(problem: Problem) -> tuple[np.ndarray, float, np.ndarray]:
    """Choice (n,), LP bound and price of an hour (1,) for one pool."""
    hours = np.where(problem.allowed, problem.hours[:, :, 0], np.inf)
    values = np.where(problem.allowed, problem.values, -np.inf)
    start, owner, target, gain, cost = _increments(values, hours)
    rows = problem.rows
    choice = start.copy()
    left = float(problem.room()[0] - hours[rows, start].sum())
    bound = float(values[rows, start].sum())
    if len(owner) == 0:
        return choice, bound, np.zeros(1)
    spent = np.cumsum(cost)
    taken = int(np.searchsorted(spent, left, side="right"))
    bound += float(gain[:taken].sum())
    price = 0.0
    # Increments of one customer lie in falling slope, so the last one taken is where the customer stands.
    choice[owner[:taken]] = target[:taken]
    if taken < len(owner):
        price = float(gain[taken] / cost[taken])
        before = float(spent[taken - 1]) if taken else 0.0
        bound += price * max(left - before, 0.0)
    return fill(problem, choice, np.array([price])), bound, np.array([price])


def _increments(values: np.ndarray, hours: np.ndarray) -> tuple[np.ndarray, ...]:
    """Cheapest option (n,) and the steps of every customer's upper hull, sorted by value per hour, dearest value
    first.
    """
    n, t = values.shape
    rows = np.arange(n)
    # The start is the cheapest option, the more valuable one where two cost the same.
    least = hours.min(axis=1)
    at = np.where(hours == least[:, None], values, -np.inf).argmax(axis=1)
    start = at.copy()
    owners, targets, gains, costs, steps = [], [], [], [], []
    for step in range(t - 1):
        gain = values - values[rows, at][:, None]
        cost = hours - hours[rows, at][:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.where((cost > 0) & (gain > 0), gain / cost, -np.inf)
        best = slope.max(axis=1)
        moved = np.flatnonzero(best > 0)
        if len(moved) == 0:
            break
        # Of equally steep options the farthest one: the points between lie on the line and only add steps.
        tied = np.where(slope[moved] == best[moved][:, None], cost[moved], -np.inf)
        to = tied.argmax(axis=1)
        owners.append(moved)
        targets.append(to)
        gains.append(gain[moved, to])
        costs.append(cost[moved, to])
        steps.append(np.full(len(moved), step))
        at[moved] = to
    if not owners:
        empty = np.zeros(0)
        return start, empty.astype(np.int64), empty.astype(np.int64), empty, empty
    owner, target = np.concatenate(owners), np.concatenate(targets)
    gain, cost, step = np.concatenate(gains), np.concatenate(costs), np.concatenate(steps)
    # Rounding must not put a customer's second step before the first.
    order = np.lexsort((owner, step, -(gain / cost)))
    return start, owner[order], target[order], gain[order], cost[order]


def fill(problem: Problem, choice: np.ndarray, prices: np.ndarray, rounds: int = 60) -> np.ndarray:
    """Spend hours that are left on the upgrades that are worth most beyond their hours' price."""
    choice = choice.copy()
    rows = problem.rows
    for _ in range(rounds):
        left = problem.room() - problem.used(choice)
        now_v, now_h = problem.values[rows, choice], problem.hours[rows, choice]
        gain = np.where(problem.allowed, problem.values - now_v[:, None], -np.inf)
        extra = problem.hours - now_h[:, None, :]
        fits = (extra <= np.maximum(left, 0.0)).all(axis=2) & (gain > 0)
        if not fits.any():
            break
        net = np.where(fits, gain - np.maximum(extra, 0.0) @ prices, -np.inf)
        to = net.argmax(axis=1)
        open_ = np.flatnonzero(fits.any(axis=1))
        order = open_[np.argsort(-net[open_, to[open_]], kind="stable")]
        need = np.cumsum(extra[order, to[order]], axis=0)
        ok = (np.maximum.accumulate(need, axis=0) <= np.maximum(left, 0.0)).all(axis=1)
        count = max(int(ok.argmin()) if not ok.all() else len(order), 1)
        choice[order[:count]] = to[order[:count]]
    return choice
