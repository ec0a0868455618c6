"""The reasons of `cfg_voc_taxonomy`, and which of them a help desk's own category means."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from naruki.errors import NarukiError

UNCLASSIFIED = "unclassified"
CONTACT_REASON = "contact_reason"
CHURN_REASON = "churn_reason"


@dataclass(frozen=True)
class Reason:
    """One row of the taxonomy; `aliases` are the names that help desks and surveys give it, in lower case."""

    kind: str
    reason: str
    aliases: tuple[str, ...]


class Taxonomy:
    """The reasons in the order of the file, which breaks ties."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        self._by_name = {
            (reason.kind, name): reason.reason
            for reason in reversed(self.reasons)
            for name in (reason.reason, *reason.aliases)
        }

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides what a category means."""
        return hashlib.sha256("\n".join(repr(reason) for reason in self.reasons).encode()).hexdigest()[:16]

    def order(self, kind: str) -> dict[str, int]:
        """The place of each reason of a kind."""
        return {reason.reason: place for place, reason in enumerate(r for r in self.reasons if r.kind == kind)}

    def meant_by(self, kind: str, category: str | None) -> str | None:
        """The reason that a category names, itself or by an alias; None if it names none."""
        return self._by_name.get((kind, (category or "").strip().lower()))


def taxonomy_from(rows: pa.Table | Sequence[Mapping[str, Any]]) -> Taxonomy:
    """The taxonomy of a table or of rows with the columns kind, reason and aliases (separated by semicolons)."""
    records = rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)
    if not records or not {"kind", "reason", "aliases"} <= records[0].keys():
        raise NarukiError("cfg_voc_taxonomy has no rows, or lacks one of the columns kind, reason, aliases.")
    return Taxonomy(
        [
            Reason(
                row["kind"],
                row["reason"],
                tuple(name.strip().lower() for name in (row["aliases"] or "").split(";") if name.strip()),
            )
            for row in records
        ]
    )
