"""Maximum likelihood with analytic gradients: one small engine for every model of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

# On two shared cores, two threads were several times slower than one; one is also reproducible to the last bit.
THREADS = 1


@contextmanager
def few_threads() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread inside the block, and give back what was set before."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=THREADS):
        yield


@dataclass(frozen=True)
class Optimum:
    """Where a log-likelihood is highest.

    `point` and `covariance` (inverse of the observed information, bounded) are on the scale of the objective.
    `at_bound` says that the data would like to go further: the covariance is then not to be trusted.
    """

    point: Floats
    value: float
    covariance: Floats
    at_bound: bool


def information(objective: Objective, point: Floats, step: float = 1e-5) -> Floats:
    """Observed information (minus the second derivatives) by central differences of the analytic gradient."""
    size = len(point)
    hessian = np.empty((size, size))
    for axis in range(size):
        shift = np.zeros(size)
        shift[axis] = step
        hessian[axis] = (objective(point + shift)[1] - objective(point - shift)[1]) / (2 * step)
    return -(hessian + hessian.T) / 2


def maximise(objective: Objective, start: Floats, lower: Floats, upper: Floats, what: str) -> Optimum:
    """Climb to the maximum of `objective` (value and gradient) inside a box.

    Quasi-Newton first, then Newton steps on differences of the gradient: a likelihood that is flat along a ridge (as
    that of the beta-geometric) stops a quasi-Newton method long before the parameters are right to three digits.

    Raises NarukiError when no finite maximum is found; `what` names the model in that sentence.
    """
    from scipy.optimize import minimize

    scale = max(1.0, abs(objective(start)[0]))

    def downhill(point: Floats) -> tuple[float, Floats]:
        value, gradient = objective(point)
        return -value / scale, -gradient / scale

    found = minimize(
        downhill,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower, upper, strict=True)),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    point, value = np.asarray(found.x, dtype=float), -float(found.fun) * scale
    if not np.isfinite(value):
        raise NarukiError(f"{what} has no finite likelihood on these data: look for negative or missing inputs.")
    at_bound = bool(np.any(point <= lower + 1e-9) or np.any(point >= upper - 1e-9))
    if not at_bound:
        point, value = _polish(objective, point, value, lower, upper)
    return Optimum(point, value, _covariance(information(objective, point)), at_bound)


def _covariance(curvature: Floats) -> Floats:
    """Inverse of the information, with a standard deviation of at most three where the data say nothing.

    Parameters are logarithms, so three is a factor of twenty: without it a flat ridge (a beta so narrow that only its
    mean matters) would lend its endless width to quantities that do not depend on it.
    """
    sizes, axes = np.linalg.eigh(curvature)
    return (axes / (np.maximum(sizes, 0.0) + 1.0 / 9.0)) @ axes.T


def _polish(objective: Objective, point: Floats, value: float, lower: Floats, upper: Floats) -> tuple[Floats, float]:
    """Newton steps that are kept only while they climb."""
    for _ in range(20):
        gradient = objective(point)[1]
        step = np.linalg.lstsq(information(objective, point), gradient, rcond=None)[0]
        trial = np.clip(point + step, lower, upper)
        reached = objective(trial)[0]
        if not np.isfinite(reached) or reached < value:
            break
        point, value = trial, reached
        if np.max(np.abs(step)) < 1e-8:
            break
    return point, value
