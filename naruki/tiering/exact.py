"""The exact answer for small cases: a mixed-integer programme on HiGHS, one thread and a node limit so that it
repeats.
"""

from __future__ import annotations

import numpy as np

from naruki.tiering.allocation import Problem

NODE_LIMIT = 2_000  # a count, not seconds: the same inputs must give the same answer on any machine


def solve(
    problem: Problem, incumbent: np.ndarray | None, enough: float = 1e-9, nodes: int = NODE_LIMIT
) -> tuple[np.ndarray | None, float]:
    """Best choice (n,) found (never worse than `incumbent`) and a proven upper bound; None if nothing fits.

    The search ends once what is missing to the bound is at most `enough`, or after so many nodes.
    """
    best, bound = incumbent, None
    capacity = problem.room()
    for _ in range(3):
        choice, proven = _solve_once(problem, capacity, enough, nodes)
        # Only the first run had all the hours, so only its bound holds; the cushion is the solver's own tolerance.
        bound = proven + 1e-9 * max(1.0, abs(proven)) if bound is None else bound
        if choice is None:
            break
        over = problem.used(choice) - problem.room()
        if (over <= 0).all():
            if best is None or problem.worth(choice) > problem.worth(best):
                best = choice
            break
        # The solver's own tolerance let a hair too much through: ask again with that much less.
        capacity = capacity - np.maximum(over, 0.0) * 2
    return best, float(bound)


def _solve_once(problem: Problem, capacity: np.ndarray, enough: float, nodes: int) -> tuple[np.ndarray | None, float]:
    import highspy

    n = problem.values.shape[0]
    solver = highspy.Highs()
    for key, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 1e-9),
        ("mip_abs_gap", enough),
        ("mip_feasibility_tolerance", 1e-9),
        ("primal_feasibility_tolerance", 1e-9),
        ("mip_max_nodes", nodes),
    ):
        solver.setOptionValue(key, value)
    customer, option = np.nonzero(problem.allowed)
    solver.passModel(_model(highspy, problem, capacity, customer, option))
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != 2:
        return None, np.inf
    taken = np.asarray(solver.getSolution().col_value) > 0.5
    choice = np.zeros(n, dtype=np.int64)
    choice[customer[taken]] = option[taken]
    return choice, float(info.mip_dual_bound)


def _model(highspy, problem: Problem, capacity: np.ndarray, customer: np.ndarray, option: np.ndarray):
    """Binary x per allowed (customer, option): one option each, hours by pool within capacity, value maximal."""
    n, pools, columns = problem.values.shape[0], len(capacity), len(customer)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, n + pools
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = problem.values[customer, option]
    lp.col_lower_, lp.col_upper_ = np.zeros(columns), np.ones(columns)
    lp.row_lower_ = np.concatenate([np.ones(n), np.full(pools, -highspy.kHighsInf)])
    lp.row_upper_ = np.concatenate([np.ones(n), capacity])
    lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
    hours = problem.hours[customer, option]
    index = np.column_stack([customer, np.broadcast_to(n + np.arange(pools), (columns, pools))])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, columns * (pools + 1) + 1, pools + 1)
    lp.a_matrix_.index_ = index.ravel()
    lp.a_matrix_.value_ = np.column_stack([np.ones(columns), hours]).ravel()
    return lp
