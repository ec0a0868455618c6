"""The few deliberate faults of the files: repeated rows, newer versions, cells unreadable or written oddly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.sample.columns import stream


@dataclass(frozen=True)
class Plan:
    """How many rows are repeated or re-sent, and which cells are spoilt: (column, kind, text)."""

    duplicates: int = 0
    newer: int = 0
    cells: Sequence[tuple[str, str, str]] = ()


@dataclass
class Blemished:
    """A table with its blemishes: `cells` are texts to write instead of values, by column and row."""

    table: pa.Table
    cells: dict[str, dict[int, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


UNKNOWN_CUSTOMER = "C9999999"
PLANS = {
    "customers": Plan(
        1,
        1,
        (
            ("employees", "full_width", ""),
            ("employees", "thousands", ""),
            ("employees", "bad_optional", "about fifty"),
            ("signed_up_at", "slash_date", ""),
        ),
    ),
    "invoices": Plan(
        3,
        0,
        (
            ("amount_minor", "full_width", ""),
            ("amount_minor", "thousands", ""),
            ("amount_minor", "bad_required", "N/A"),
            ("issued_at", "bad_required", "not yet"),
            ("due_at", "slash_date", ""),
            ("fee_minor", "bad_optional", "free"),
        ),
    ),
    "subscriptions": Plan(1, 0, (("quantity", "full_width", ""), ("unit_amount_minor", "thousands", ""))),
    "tickets": Plan(
        3,
        2,
        (
            ("created_at", "bad_required", "unknown"),
            ("created_at", "bad_required", "2025-13-45T00:00:00Z"),
            ("status", "bad_required", ""),
            ("handle_seconds", "bad_optional", "abc"),
            ("handle_seconds", "full_width", ""),
            ("handle_seconds", "thousands", ""),
            ("fault", "bad_optional", "nobody"),
            ("created_at", "slash_date", ""),
            ("customer_id", "unknown_customer", UNKNOWN_CUSTOMER),
            ("customer_id", "unknown_customer", UNKNOWN_CUSTOMER),
        ),
    ),
    "calls": Plan(1, 0, (("talk_seconds", "full_width", ""), ("hold_seconds", "bad_optional", "--"))),
    "survey_responses": Plan(2, 0, (("score", "bad_optional", "good"), ("score", "full_width", ""))),
    "leads": Plan(1, 0, (("created_at", "slash_date", ""), ("employees", "thousands", ""))),
    "users": Plan(1, 0, ()),
    "success_touches": Plan(2, 0, ()),
    "community_posts": Plan(1, 0, ()),
    "usage_events": Plan(20, 0, (("event_name", "bad_required", ""), ("event_name", "bad_required", ""))),
    "ticket_events": Plan(5, 0, ()),
    "self_service_events": Plan(3, 0, ()),
}
_NEWER = {"customers": ("owner", "agent0004"), "tickets": ("priority", "high")}
_WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


def blemish(name: str, table: pa.Table, seed: int, typed: bool) -> Blemished:
    """The table with what its plan asks for; in typed files (parquet, JSON) a bad cell is a missing required value."""
    plan = PLANS.get(name)
    if plan is None or table.num_rows < 20:
        return Blemished(table)
    rng = stream(seed, f"blemish_{name}")
    duplicates = min(plan.duplicates, table.num_rows // 100)
    wanted = duplicates + plan.newer + 8 * len(plan.cells)
    rows = rng.choice(table.num_rows, min(wanted, table.num_rows), replace=False).tolist()
    result = Blemished(table)
    repeated = [rows.pop() for _ in range(duplicates)]
    again = [rows.pop() for _ in range(plan.newer)]
    for column, kind, text in plan.cells:
        _spoil(result, rows, column, kind, text, typed)
    extra = [result.table.take(pa.array(repeated, type=pa.int64()))]
    if again:
        extra.append(_newer(name, result.table.take(pa.array(again, type=pa.int64()))))
    result.table = pa.concat_tables([result.table, *extra])
    for kind, count in (("duplicate_row", len(repeated)), ("newer_version", len(again))):
        if count:
            result.counts[kind] = count
    return result


def _newer(name: str, rows: pa.Table) -> pa.Table:
    """The same rows sent again a second later with another value."""
    column, value = _NEWER[name]
    later = pc.add(rows["updated_at"], pa.scalar(1_000_000, pa.duration("us")))
    rows = rows.set_column(rows.schema.get_field_index("updated_at"), "updated_at", later)
    text = pa.array([value] * rows.num_rows, type=pa.string())
    return rows.set_column(rows.schema.get_field_index(column), column, text)


def _spoil(result: Blemished, rows: list[int], column: str, kind: str, text: str, typed: bool) -> None:
    """One cell of the next suitable row."""
    while rows:
        row = rows.pop()
        value = result.table[column][row].as_py()
        if value is None or (kind == "thousands" and abs(value) < 1000 and column != "employees"):
            continue
        if typed and kind not in ("bad_required", "unknown_customer"):
            return
        result.counts[kind] = result.counts.get(kind, 0) + 1
        if typed:
            mask = np.zeros(result.table.num_rows, dtype=bool)
            mask[row] = True
            other = pa.scalar(text if kind == "unknown_customer" else None, result.table[column].type)
            values = pc.if_else(pa.array(mask), other, result.table[column])
            index = result.table.schema.get_field_index(column)
            result.table = result.table.set_column(index, column, values)
            return
        result.cells.setdefault(column, {})[row] = _odd(value, kind, text)
        return


def _odd(value: object, kind: str, text: str) -> str:
    """The cell as somebody might have typed it."""
    if kind == "full_width":
        return str(value).translate(_WIDE)
    if kind == "thousands":
        return f"{value:,}"
    if kind == "slash_date":
        return f"{value.year}/{value.month}/{value.day}"
    return text
