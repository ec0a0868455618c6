"""What the simulation writes down: events in columns, appended month by month."""

from __future__ import annotations

import numpy as np


class Ledger:
    """Columns of events, appended in blocks; `columns()` joins them."""

    def __init__(self, *names: str) -> None:
        self._blocks: dict[str, list[np.ndarray]] = {name: [] for name in names}

    def add(self, who: np.ndarray, **values: object) -> None:
        """One block of rows; scalars are repeated for every row of `who`."""
        if not len(who):
            return
        for name, blocks in self._blocks.items():
            value = who if name == "who" else values[name]
            blocks.append(np.broadcast_to(np.asarray(value), (len(who),)).astype(np.int64))

    def columns(self) -> dict[str, np.ndarray]:
        """All rows, one integer array a column."""
        empty = np.empty(0, dtype=np.int64)
        return {name: np.concatenate(blocks) if blocks else empty for name, blocks in self._blocks.items()}
