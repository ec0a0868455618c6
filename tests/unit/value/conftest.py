"""Data that several tests of value share: a public data set and customers whose truth is known."""

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from naruki.value import make_panel


def lifetimes_file(name: str) -> Path:
    """A data file of the `lifetimes` wheel (a test dependency for its files; the package itself is never imported)."""
    return next(Path(file.locate()) for file in distribution("lifetimes").files if file.name == name)


@pytest.fixture(scope="session")
def cdnow() -> pd.DataFrame:
    """CDNOW, 2,357 customers, weeks 1-39: x, t_x, T, zbar (Fader, Hardie & Lee, 2005)."""
    return pd.read_csv(lifetimes_file("cdnow_customers_summary_with_transactions.csv"))


@pytest.fixture(scope="session")
def cdnow_all() -> pd.DataFrame:
    """CDNOW, all 23,570 customers, one row per customer and day: id, date, spend, over 78 weeks."""
    names = ["id", "date", "cds", "spend"]
    rows = pd.read_csv(lifetimes_file("CDNOW_master.txt"), sep=r"\s+", skiprows=1, names=names, dtype={"date": str})
    rows["date"] = pd.to_datetime(rows["date"])
    return rows.groupby(["id", "date"], as_index=False)["spend"].sum()


class World:
    """Customers of a hazard logit h = intercept + X w, the same in every month, seen from three landmarks."""

    def __init__(self, customers: int, weights: list[float], intercept: float = -3.5, seed: int = 1) -> None:
        draw = np.random.default_rng(seed)
        self.x = draw.normal(size=(customers, len(weights)))
        self.weights, self.intercept = np.array(weights), intercept
        self.hazard = 1 / (1 + np.exp(-(intercept + self.x @ self.weights)))
        self.left = draw.geometric(self.hazard)
        self.ids = np.array([f"C{number:06d}" for number in range(customers)], dtype=object)
        self.names = [f"x{number}" for number in range(len(weights))]

    def rows(self, landmarks=(0, 6, 12), last=36):
        """Columns of a panel: id, as-of month, features, months seen, lost."""
        parts = []
        for landmark in landmarks:
            here = np.flatnonzero(self.left > landmark)
            months = np.minimum(self.left[here], last) - landmark
            parts.append((here, np.full(len(here), 24000 + landmark), months, self.left[here] <= last))
        who, as_of, months, lost = (np.concatenate(column) for column in zip(*parts, strict=True))
        return self.ids[who], as_of, self.x[who], months, lost

    def panel(self, **options):
        return make_panel(*self.rows(**options), self.names)


@pytest.fixture(scope="session")
def world():
    return World


@pytest.fixture(scope="session")
def gradient_error():
    """Largest difference between an analytic gradient and central differences, relative to its size."""

    def measure(objective, point) -> float:
        point = np.asarray(point, dtype=float)
        analytic = objective(point)[1]
        numeric = np.empty(len(point))
        for axis in range(len(point)):
            step = np.zeros(len(point))
            step[axis] = 1e-5
            numeric[axis] = (objective(point + step)[0] - objective(point - step)[0]) / 2e-5
        return float(np.max(np.abs(analytic - numeric) / np.maximum(1.0, np.abs(numeric))))

    return measure
