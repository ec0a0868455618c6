"""What people decided about single customers: the newest valid word of each kind counts, and it counts only until it
expires.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.days import business_day
from naruki.tiering.inputs import JUDGEMENT_COLUMNS


@dataclass(frozen=True)
class Judgement:
    value: str
    rater: str | None
    rated_on: date
    expires_on: date | None
    evidence: str | None


@dataclass
class Judgements:
    """Newest valid judgement by (kind, customer_id); `expired` holds the newest one that no longer counts."""

    valid: dict[tuple[str, str], Judgement] = field(default_factory=dict)
    expired: dict[tuple[str, str], Judgement] = field(default_factory=dict)

    def get(self, kind: str, customer_id: str) -> Judgement | None:
        return self.valid.get((kind, customer_id))

    def of(self, kind: str) -> dict[str, Judgement]:
        return {customer: row for (k, customer), row in self.valid.items() if k == kind}

    def text(self, ids: np.ndarray, kind: str, fallback: np.ndarray) -> np.ndarray:
        """The judged value for each id (n,), else the fallback's."""
        rows = self.of(kind)
        return np.array([rows[i].value if i in rows else f for i, f in zip(ids, fallback, strict=True)], dtype=object)

    def number(self, ids: np.ndarray, kind: str, fallback: np.ndarray) -> np.ndarray:
        rows = self.of(kind)
        return np.array(
            [_number(rows[i].value) if i in rows else f for i, f in zip(ids, fallback, strict=True)], dtype=float
        )


def newest_judgements(table: pa.Table | None, as_of: date, zone: str) -> Judgements:
    """Judgements made up to and on the business day `as_of`; expires_at before or on it means expired."""
    result = Judgements()
    if table is None or table.num_rows == 0:
        return result
    missing = [name for name in ("customer_id", "kind", "value", "rater", "rated_at") if name not in table.column_names]
    if missing:
        raise NarukiError(f"Judgements: column {missing[0]} is missing; found {', '.join(table.column_names)}.")
    rows = table.select([name for name in JUDGEMENT_COLUMNS if name in table.column_names]).to_pylist()
    rows.sort(key=lambda row: (str(row["rated_at"] or ""), str(row["value"])))
    for row in rows:
        rated = business_day(row["rated_at"], zone, "Judgements, rated_at")
        if rated is None or rated > as_of or row["value"] is None:
            continue
        expires = business_day(row.get("expires_at"), zone, "Judgements, expires_at")
        key = (str(row["kind"]), str(row["customer_id"]))
        entry = Judgement(str(row["value"]).strip(), row["rater"], rated, expires, row.get("evidence"))
        # The newest word counts: once it has expired an older one does not come back.
        gone = expires is not None and expires <= as_of
        (result.expired if gone else result.valid)[key] = entry
        (result.valid if gone else result.expired).pop(key, None)
    return result


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
