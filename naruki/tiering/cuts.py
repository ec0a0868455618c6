"""Where one tier gives way to another: at given hour prices each tier's worth is a line in the customer's value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.tiering.options import Options


@dataclass(frozen=True)
class Cuts:
    """below, above (n, t): the value range in which a tier is best; below_other, above_other (n, t): the tier beyond,
    or -1.
    """

    below: np.ndarray
    above: np.ndarray
    below_other: np.ndarray
    above_other: np.ndarray
    burden: np.ndarray


def tier_cuts(options: Options, prices: np.ndarray) -> Cuts:
    """prices (p,) per weekly hour. The burden (n, t) is the cost of service plus what its hours would bring
    elsewhere.
    """
    uplift, burden = options.uplift["low"], options.cost + options.hours @ prices
    n, t = uplift.shape
    below, above = np.full((n, t), -np.inf), np.full((n, t), np.inf)
    below_other, above_other = np.full((n, t), -1), np.full((n, t), -1)
    for k in range(t):
        for other in range(t):
            cut = pair_cut(uplift, burden, k, other)
            down, up = uplift[:, other] < uplift[:, k], uplift[:, other] > uplift[:, k]
            better = down & (cut > below[:, k])
            below[better, k], below_other[better, k] = cut[better], other
            better = up & (cut < above[:, k])
            above[better, k], above_other[better, k] = cut[better], other
    return Cuts(below, above, below_other, above_other, burden)


def pair_cut(uplift: np.ndarray, burden: np.ndarray, one, other) -> np.ndarray:
    """Value (n,) at which two tiers are worth the same; one and other are tier numbers or arrays (n,) of them."""
    rows = np.arange(len(uplift))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (burden[rows, other] - burden[rows, one]) / (uplift[rows, other] - uplift[rows, one])


def chance_above(baseline: np.ndarray, se: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """P(value > cut) for a log-normal value with this expectation and standard error; NaN where it is unknown."""
    from scipy.special import ndtr

    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.log1p((se / baseline) ** 2))
        positive = np.where(
            cut <= 0,
            1.0,
            np.where(spread > 0, ndtr((np.log(baseline) - np.log(cut)) / spread), (baseline > cut).astype(float)),
        )
        # A value of at most 0 has no logarithm: its error is taken as normal.
        normal = np.where(se > 0, ndtr((baseline - cut) / se), (baseline > cut).astype(float))
    result = np.where(baseline > 0, positive, normal)
    return np.where(np.isnan(baseline), np.nan, result)


def distance(baseline: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Distance from the cut (n,) in standard deviations of all customers' values, on the log scale."""
    floor = 1e-9
    known = baseline[baseline > 0]
    spread = float(np.std(np.log(known))) if len(known) > 1 else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.abs(np.log(np.maximum(baseline, floor)) - np.log(np.maximum(cut, floor)))
    return gap / spread if spread > 0 else np.where(gap > 0, np.inf, 0.0)
