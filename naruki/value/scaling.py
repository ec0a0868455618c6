"""Raw features to columns of a linear model: standardised, clipped, with unknown kept apart from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.value.optimum import Floats

MIN_UNKNOWN = 20  # an indicator of "unknown" needs at least so many rows on either side to mean anything


@dataclass(frozen=True)
class Scaler:
    """Columns are the p features, then one indicator for each feature in `unknown` (indices).

    An unknown value stands at the mean, and its indicator (itself standardised) tells the model that it was unknown.
    `inverse_scale` is 0 for a feature that never varies: it then says nothing. `median` is for telling people.
    """

    mean: Floats
    inverse_scale: Floats
    median: Floats
    unknown: NDArray[np.int64]
    share_unknown: Floats
    clip: float

    @property
    def width(self) -> int:
        return len(self.mean) + len(self.unknown)

    def columns(self, names: tuple[str, ...]) -> list[str]:
        """Names of the columns."""
        return [*names, *(f"{names[index]}:unknown" for index in self.unknown)]

    def transform(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, p) raw to (n, width) standardised."""
        known = ~np.isnan(features)
        x = (features - self.mean.astype(np.float32)) * self.inverse_scale.astype(np.float32)
        x = np.where(known, np.clip(x, -self.clip, self.clip), np.float32(0))
        if not len(self.unknown):
            return x
        share = self.share_unknown.astype(np.float32)
        flags = (~known[:, self.unknown] - share) / np.sqrt(share * (1 - share))
        return np.concatenate([x, flags.astype(np.float32)], axis=1)

    def by_feature(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, width) to (n, p): what belongs to an indicator is added to its feature."""
        parts = columns[:, : len(self.mean)].copy()
        parts[:, self.unknown] += columns[:, len(self.mean) :]
        return parts

    def to_dict(self) -> dict[str, Any]:
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Scaler:
        arrays = {name: np.asarray(value, dtype=float) for name, value in stored.items() if name != "clip"}
        return cls(**{**arrays, "unknown": arrays["unknown"].astype(np.int64), "clip": float(stored["clip"])})


def fit_scaler(features: NDArray[np.float32], clip: float) -> Scaler:
    """Means, spreads and shares of unknown of (n, p) raw features."""
    rows, width = features.shape
    mean, scale, median = np.zeros(width), np.zeros(width), np.full(width, np.nan)
    share = np.zeros(width)
    for index in range(width):  # column by column: a copy of a large panel would not fit beside it
        column = features[:, index].astype(float)
        known = column[~np.isnan(column)]
        share[index] = 1 - len(known) / max(rows, 1)
        if len(known) == 0:
            continue
        mean[index], spread, median[index] = known.mean(), known.std(), np.median(known)
        scale[index] = 1 / spread if spread > 1e-9 * max(1.0, abs(mean[index])) else 0.0
    counts = np.round(share * rows)
    unknown = np.flatnonzero((counts >= MIN_UNKNOWN) & (rows - counts >= MIN_UNKNOWN))
    return Scaler(mean, scale, median, unknown, share[unknown], clip)
