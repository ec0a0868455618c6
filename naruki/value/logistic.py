"""A small penalised logistic regression, for tables that fit in memory."""

from __future__ import annotations

import numpy as np

from naruki.value.optimum import Floats


def sigmoid(logit: Floats) -> Floats:
    """1 / (1 + exp(-logit)) without overflow."""
    return 1 / (1 + np.exp(-np.clip(logit, -500, 500)))


def fit_logistic(design: Floats, event: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """Coefficients (p,) and penalised information (p, p) at the maximum of log-likelihood - penalty @ theta**2 / 2.

    Args:
        design: (n, p) with its own column of ones; event: (n,) 0 or 1; penalty: (p,), 0 = free.
    """
    theta = np.zeros(design.shape[1])

    def height(at: Floats) -> float:
        logit = design @ at
        return float(event @ logit - np.logaddexp(0.0, logit).sum() - penalty @ at**2 / 2)

    reached = height(theta)
    information = np.diag(penalty)
    for _ in range(100):
        p = sigmoid(design @ theta)
        information = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(information, design.T @ (event - p) - penalty * theta)
        size = 1.0
        while (trial := height(theta + size * step)) < reached and size > 1e-6:  # a full step may overshoot
            size /= 2
        theta, reached = theta + size * step, trial
        if np.max(np.abs(size * step)) < 1e-9:
            break
    return theta, information
