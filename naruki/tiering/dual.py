"""Several skill pools: search the prices of an hour by cutting planes, then repair the plan until every pool fits.

For any prices l >= 0 the sum of every customer's best (value - l . hours) plus l . capacity is an upper bound on the
value of any plan (Lagrange), so the smallest one seen is proven. The search is Kelley's method inside a box that
follows the best point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.tiering.allocation import Problem, fill

SAMPLE = 20_000  # customers whose prices are searched first; the whole base then needs few evaluations
TOLERANCE = 1e-7
ESCALATION = (1.02, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0, 10.0, 100.0)


@dataclass
class _Point:
    prices: np.ndarray
    bound: float
    choice: np.ndarray


def search(problem: Problem) -> tuple[np.ndarray | None, float, np.ndarray]:
    """Choice (n,) or None if no repair fits, the proven upper bound, and prices (p,)."""
    n = problem.values.shape[0]
    start, width = np.zeros(len(problem.capacity)), None
    if n > 2 * SAMPLE:
        # Every k-th customer: the same inputs must give the same sample.
        every = np.arange(0, n, max(1, n // SAMPLE))
        share = len(every) / n
        small = Problem(problem.values[every], problem.hours[every], problem.capacity * share, problem.allowed[every])
        start = _prices(small, start, None, 120).prices
        width = 0.1 * np.maximum(start, start.max(initial=0.0) * 0.01) + 1e-12
    best = _prices(problem, start, width, 60 if width is not None else 150)
    choice = _repair(problem, best)
    return choice, best.bound, best.prices


def _evaluate(problem: Problem, prices: np.ndarray) -> tuple[_Point, np.ndarray]:
    """The bound at these prices, the choice behind it, and its slope in the prices."""
    reduced = _reduced(problem, prices)
    choice = reduced.argmax(axis=1)
    bound = float(reduced[problem.rows, choice].sum() + prices @ problem.room())
    return _Point(prices, bound, choice), problem.room() - problem.used(choice)


def _reduced(problem: Problem, prices: np.ndarray) -> np.ndarray:
    return np.where(problem.allowed, problem.values - problem.hours @ prices, -np.inf)


def _prices(problem: Problem, start: np.ndarray, width: np.ndarray | None, limit: int) -> _Point:
    """Cutting planes: each evaluation adds a line that the bound stays above; go to the lowest point of the lines."""
    point, slope = _evaluate(problem, start)
    best, top = point, _steepest(problem)
    lines = _Envelope(point.bound, top)
    lines.add(point.bound, slope, start)
    for _ in range(limit):
        low = np.zeros_like(start) if width is None else np.maximum(best.prices - width, 0.0)
        high = top if width is None else np.minimum(best.prices + width, top)
        floor, prices = lines.lowest(low, high)
        if best.bound - floor <= TOLERANCE * max(abs(best.bound), 1e-12):
            at_edge = (
                width is not None
                and ((prices >= high - 1e-12) & (high < top) | (prices <= low + 1e-12) & (low > 0)).any()
            )
            if not at_edge:
                break
            width = width * 4
            continue
        point, slope = _evaluate(problem, prices)
        lines.add(point.bound, slope, prices)
        if point.bound < best.bound:
            best = point
        elif width is not None:
            width = width * 0.7
    return best


def _steepest(problem: Problem) -> np.ndarray:
    """Prices above which nobody buys an hour of the pool: the largest value over the smallest hours, by pool."""
    values = np.where(problem.allowed, problem.values, np.nan)
    spread = float(np.nanmax(np.nanmax(values, axis=1) - np.nanmin(values, axis=1)))
    tops = []
    for pool in range(problem.hours.shape[2]):
        used = problem.hours[:, :, pool]
        used = used[used > 0]
        tops.append(max(spread, 1e-9) / float(used.min()) if len(used) else 0.0)
    return np.asarray(tops)


class _Envelope:
    """The lines that the bound stays above, as a linear programme in the prices and one height that grows line by line.

    Heights and prices are scaled so that the solver's absolute tolerances mean the same for every currency.
    """

    def __init__(self, first: float, top: np.ndarray) -> None:
        import highspy

        self.base, self.unit = first, max(abs(first), 1e-9)
        self.scale = np.maximum(top, 1e-12)
        self.solver = highspy.Highs()
        for key, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("primal_feasibility_tolerance", 1e-9),
        ):
            self.solver.setOptionValue(key, value)
        for _ in top:
            self.solver.addVar(0.0, 1.0)
        self.solver.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        self.solver.changeColCost(len(top), 1.0)
        self.infinite = highspy.kHighsInf

    def add(self, bound: float, slope: np.ndarray, prices: np.ndarray) -> None:
        right = (bound - self.base - float(slope @ prices)) / self.unit
        values = np.r_[-slope * self.scale / self.unit, 1.0]
        self.solver.addRow(right, self.infinite, len(values), np.arange(len(values), dtype=np.int32), values)

    def lowest(self, low: np.ndarray, high: np.ndarray) -> tuple[float, np.ndarray]:
        """The lowest height inside the box and the prices there."""
        for pool, (a, b) in enumerate(zip(low / self.scale, high / self.scale, strict=True)):
            self.solver.changeColBounds(pool, a, b)
        self.solver.run()
        x = np.asarray(self.solver.getSolution().col_value)
        return float(x[-1] * self.unit + self.base), np.clip(x[:-1] * self.scale, low, high)


def _repair(problem: Problem, best: _Point) -> np.ndarray | None:
    """Move the customers who lose least per relieved hour until every pool fits, then spend what is left."""
    choice = _relieve(problem, best.choice.copy(), _reduced(problem, best.prices))
    if choice is not None:
        return fill(problem, choice, best.prices)
    for factor in ESCALATION:
        prices = np.maximum(best.prices, best.prices.max(initial=0.0) * 0.01 + 1e-9) * factor
        point, slack = _evaluate(problem, prices)
        choice = point.choice if (slack >= 0).all() else _relieve(problem, point.choice, _reduced(problem, prices))
        if choice is not None:
            return fill(problem, choice, best.prices)
    # Last resort: everybody at what asks least of the scarcest pools, by share of capacity.
    load = (problem.hours / np.maximum(problem.capacity, 1e-9)).max(axis=2)
    choice = np.where(problem.allowed, load, np.inf).argmin(axis=1)
    return fill(problem, choice, best.prices) if (problem.used(choice) <= problem.room()).all() else None


def _relieve(problem: Problem, choice: np.ndarray, reduced: np.ndarray) -> np.ndarray | None:
    rows = problem.rows
    for _ in range(200):
        slack = problem.room() - problem.used(choice)
        if (slack >= 0).all():
            return choice
        pool = int(np.argmin(slack / np.maximum(problem.capacity, 1e-9)))
        change = problem.hours - problem.hours[rows, choice][:, None, :]
        relief = -change[:, :, pool]
        others = np.delete(change, pool, axis=2)
        room = np.delete(np.maximum(slack, 0.0), pool)
        ok = problem.allowed & (relief > 0) & (others <= room).all(axis=2)
        moved = _cheapest(ok, reduced, choice, relief, others, room, -slack[pool])
        if moved is None:
            return None
        owner, target = moved
        choice[owner] = target
    return None


def _cheapest(ok, reduced, choice, relief, others, room, missing) -> tuple[np.ndarray, np.ndarray] | None:
    """The moves with the least loss per relieved hour, as many as the missing hours need and the other pools allow."""
    if not ok.any():
        return None
    rows = np.arange(len(choice))
    loss = np.where(ok, reduced[rows, choice][:, None] - reduced, np.inf)
    rate = loss / np.where(ok, relief, 1.0)
    to = rate.argmin(axis=1)
    able = np.flatnonzero(ok.any(axis=1))
    order = able[np.argsort(rate[able, to[able]], kind="stable")]
    target = to[order]
    need = np.cumsum(np.maximum(others[order, target], 0.0), axis=0)
    fits = (need <= room).all(axis=1)
    enough = int(np.searchsorted(np.cumsum(relief[order, target]), missing)) + 1
    count = max(min(enough, int(fits.argmin()) if not fits.all() else len(order)), 1)
    return order[:count], target[:count]
