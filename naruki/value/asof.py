"""The panel as it stood on a day: the warehouse knows every month, a day knows only what had ended by then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from naruki.value.tables import PANEL_COLUMNS, month_index, require

DAYS_A_MONTH = 30.4375
STORED = tuple(name for name in PANEL_COLUMNS if name not in ("months_observed", "is_lost"))
LOOKS_AHEAD = {"revenue_growth_12m": 12, "seat_growth_6m": 6, "seat_growth_12m": 12}  # column -> months
PURCHASE_COLUMNS = ("purchases", "recency_months", "age_months", "mean_purchase")


def last_ended_month(as_of: date) -> int:
    """Index (year * 12 + month - 1) of the newest month that had ended by the end of the day."""
    tomorrow = as_of + timedelta(days=1)
    return tomorrow.year * 12 + tomorrow.month - 2


def month_end(as_of: date) -> date:
    """Last day of the newest month that had ended by the end of the day."""
    index = last_ended_month(as_of) + 1
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def known_panel(panel: Any, as_of: date) -> Any:
    """The panel that could have been written on that day: what happened later is not in it (pyarrow).

    Args:
        panel: rows of `int_value__panel`: `PANEL_COLUMNS` without months_observed and is_lost, which follow here from
            stop_month (the first later month by whose end the customer paid no more) and loss_month (the same, pauses
            left aside), both null while the customer stays; optional columns of `LOOKS_AHEAD`, known so many months later.

    A pause ends the watching without a loss. A month counts as seen only if the panel reaches it.
    """
    import pyarrow as pa

    require(panel, (*STORED, "stop_month", "loss_month"), "panel")
    month = month_index(panel.column("as_of_month"))
    keep = month <= last_ended_month(as_of)
    panel, month = panel.filter(keep), month[keep]
    last = int(month.max()) if len(month) else 0
    stop, loss = _months_or_never(panel.column("stop_month")), _months_or_never(panel.column("loss_month"))
    seen = np.minimum(stop, last) - month
    known = panel.drop_columns(["stop_month", "loss_month"])
    known = known.append_column("months_observed", pa.array(seen))
    known = known.append_column("is_lost", pa.array((stop <= last) & (loss == stop)))
    for name, months in LOOKS_AHEAD.items():
        if name in known.column_names:
            values = known.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
            ahead = pa.array(np.where(month + months <= last, values, np.nan), from_pandas=True)
            known = known.set_column(known.column_names.index(name), name, ahead)
    return known


def scoring_rows(known: Any, as_of: date, bought: Any = None) -> Any:
    """Who is to be valued on that day: contracts at the end of the newest month, and purchases without a contract.

    Args:
        known: from `known_panel`; bought: from `purchases_by`, or None.
    """
    import pyarrow as pa

    rows = known.filter(month_index(known.column("as_of_month")) == last_ended_month(as_of))
    rows = rows.append_column("is_contractual", pa.array(np.ones(rows.num_rows, dtype=bool)))
    for name in PURCHASE_COLUMNS:
        rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.float64()))
    if bought is None or not bought.num_rows:
        return rows
    free = {name: pa.nulls(bought.num_rows, rows.schema.field(name).type) for name in rows.column_names}
    free |= {
        name: bought.column(name).cast(rows.schema.field(name).type) for name in ("customer_id", *PURCHASE_COLUMNS)
    }
    free["is_contractual"] = pa.array(np.zeros(bought.num_rows, dtype=bool))
    return pa.concat_tables([rows, pa.table(free, schema=rows.schema)])


def purchases_by(purchases: Any, as_of: date) -> Any:
    """How often, how recently and for how much each customer without a contract has bought by that day (pyarrow).

    Args:
        purchases: rows of `int_value__purchases`: customer_id, purchased_on (days are distinct), amount,
            first_contract_on (null = never).

    Returns one row per customer: purchases after the first, months from the first to the last of them, months from the
    first to the day, mean amount of the purchases after the first (null if there were none).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    require(purchases, ("customer_id", "purchased_on", "amount", "first_contract_on"), "purchases")
    day = pa.scalar(as_of, pa.date32())
    contract = pc.fill_null(pc.less_equal(purchases.column("first_contract_on"), day), False)
    rows = purchases.filter(pc.and_(pc.less_equal(purchases.column("purchased_on"), day), pc.invert(contract)))
    rows = rows.sort_by([("customer_id", "ascending"), ("purchased_on", "ascending")])
    ids = rows.column("customer_id").combine_chunks()
    if not rows.num_rows:
        return pa.table(
            {"customer_id": pa.array([], pa.string())} | {name: pa.array([], pa.float64()) for name in PURCHASE_COLUMNS}
        )
    coded = ids.dictionary_encode()
    place = coded.indices.to_numpy()
    days = rows.column("purchased_on").to_numpy().astype("datetime64[D]").astype(np.int64)
    amount = rows.column("amount").cast(pa.float64()).to_numpy()
    count = np.bincount(place)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    again = np.bincount(place, amount) - amount[first]
    start, end = days[first], days[first + count - 1]
    today = (as_of - date(1970, 1, 1)).days
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 1, again / (count - 1), np.nan)
    return pa.table(
        {
            "customer_id": coded.dictionary.cast(pa.string()),
            "purchases": pa.array((count - 1).astype(float)),
            "recency_months": pa.array((end - start) / DAYS_A_MONTH),
            "age_months": pa.array((today - start) / DAYS_A_MONTH),
            "mean_purchase": pa.array(mean, from_pandas=True),
        }
    )


def _months_or_never(column: Any) -> np.ndarray:
    """Month indices, the far future for null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    unknown = pc.is_null(column).to_numpy(zero_copy_only=False)
    months = month_index(pc.fill_null(column.cast(pa.date32()), date(1970, 1, 1)))
    return np.where(unknown, np.int64(10**6), months)
