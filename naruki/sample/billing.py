"""The tables of billing: subscriptions (terms), invoices, refunds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import INTERVALS, PLAN_IDS, PLANS, USD_JPY
from naruki.sample.columns import DAY, NEVER, ids, instants, labels, numbers, pick, stream
from naruki.sample.customers import Customers
from naruki.sample.history import History
from naruki.sample.incidents import BILLING_ERROR_MONTHS, Incidents
from naruki.sample.state import ACTIVE, DISCOUNTS, KINDS, OPEN, PAID, STATUSES, UNCOLLECTIBLE

INVOICE_CHUNK = 500_000
INVOICE_STATUS = ("paid", "open", "uncollectible")
REASONS = ("requested_by_customer", "duplicate", "service_credit", "billing_error", "chargeback")


def with_addons(people: Customers, history: History, calendar: Calendar, seed: int) -> dict[str, np.ndarray]:
    """Monthly add-ons: who has one, from which month to which, its price, and whether it is a subscription of its own.

    Their price is added to `history.mrr`.
    """
    rng = stream(seed, "addons")
    may = people.is_company & (history.plan.max(axis=1) >= 2) & (rng.random(people.count) < 0.14)
    who = np.flatnonzero(may & (people.start_month < MONTHS - 2))
    first = people.start_month[who] + 1 + rng.integers(0, 6, len(who))
    last = np.where(rng.random(len(who)) < 0.3, first + 3 + rng.integers(0, 12, len(who)), 10_000)
    unit = np.where(people.is_usd[who], 2000, 3000) * (1 + rng.integers(0, 4, len(who)))
    months = history.status.shape[1]
    grid = np.arange(months)[None, :]
    runs = (history.status[who] == ACTIVE) & (grid >= first[:, None]) & (grid < last[:, None])
    runs &= np.cumsum(~runs & (grid >= first[:, None]), axis=1) == 0
    history.mrr[who] += runs * unit[:, None]
    alone = rng.random(len(who)) < 0.5
    return {"who": who, "first": first, "unit": unit, "runs": runs, "is_alone": alone}


def subscriptions_table(
    people: Customers, history: History, addons: dict[str, np.ndarray], calendar: Calendar
) -> pa.Table:
    """subscriptions: the terms of one item from `effective_at` on; notice and end are rows of their own."""
    terms = _terms_columns(history.terms, people)
    columns = {
        key: np.concatenate([terms[key], extra])
        for key, extra in _addon_terms(people, history, addons, calendar).items()
    }
    keep = np.flatnonzero(columns["at"] < calendar.cutoff)
    order = keep[
        np.lexsort((columns["status"][keep], columns["at"][keep], columns["item"][keep], columns["sub"][keep]))
    ]
    col = {key: value[order] for key, value in columns.items()}
    same_next = np.append(
        (col["sub"][1:] == col["sub"][:-1]) & (col["item"][1:] == col["item"][:-1]) & (col["at"][1:] == col["at"][:-1]),
        False,
    )
    col = {key: value[~same_next] for key, value in col.items()}
    trial = col["plan"] == 0
    return pa.table(
        {
            "subscription_id": ids("S", col["sub"], 8),
            "item_id": labels(("seats", "addon_analytics"), col["item"]),
            "effective_at": instants(col["at"]),
            "customer_id": ids("C", col["who"] + 1, 7),
            "plan_id": labels((*PLAN_IDS, "plan_addon_analytics"), np.where(col["item"] == 1, 4, col["plan"])),
            "plan_tier": labels(PLANS, col["plan"]),
            "status": labels(STATUSES, col["status"]),
            "quantity": numbers(col["seats"]),
            "unit_amount_minor": numbers(col["unit"]),
            "currency": labels(("JPY", "USD"), people.is_usd[col["who"]].astype(int)),
            "billing_interval": labels(INTERVALS, col["interval"]),
            "interval_count": numbers(np.ones(len(col["who"]), dtype=np.int64)),
            "discount_minor": numbers(col["discount"], col["kind"] < 0),
            "discount_duration": labels(DISCOUNTS, col["kind"]),
            "is_trial": numbers(trial),
            "started_at": instants(col["started"]),
            "current_term_end_at": instants(col["term_end"]),
            "cancel_requested_at": instants(col["notice"]),
            "ended_at": instants(col["ended"]),
            "auto_renews": numbers(col["renews"] == 1),
            "updated_at": instants(col["at"]),
        }
    )


def _terms_columns(terms: dict[str, np.ndarray], people: Customers) -> dict[str, np.ndarray]:
    """The simulation's rows of terms with the number of the subscription (ten per customer are reserved)."""
    rows = dict(terms)
    rows["sub"] = (terms["who"] + 1) * 10 + terms["spell"]
    rows["item"] = np.zeros(len(terms["who"]), dtype=np.int64)
    return rows


def _addon_terms(
    people: Customers, history: History, addons: dict[str, np.ndarray], calendar: Calendar
) -> dict[str, np.ndarray]:
    """Two rows per add-on: when it begins and when it ends."""
    some = addons["runs"].any(axis=1)
    who, unit, alone = addons["who"][some], addons["unit"][some], addons["is_alone"][some]
    runs = addons["runs"][some]
    first = runs.argmax(axis=1)
    last = first + runs.sum(axis=1)
    spell = (history.spell_start[1, who] <= calendar.boundary(first, *_anchor(people, who))).astype(np.int64)
    begins = calendar.boundary(first, *_anchor(people, who))
    ends = np.minimum(calendar.boundary(last, *_anchor(people, who)), history.spell_end[spell, who])
    sub = (who + 1) * 10 + np.where(alone, 5, spell)
    started = np.where(alone, begins, history.spell_start[spell, who])
    base = {
        "who": who,
        "spell": spell,
        "plan": np.maximum(1, history.plan[who, first]),
        "interval": np.zeros(len(who), dtype=np.int64),
        "seats": np.ones(len(who), dtype=np.int64),
        "unit": unit,
        "discount": np.zeros(len(who), dtype=np.int64),
        "kind": np.full(len(who), -1),
        "started": started,
        "sub": sub,
        "item": np.ones(len(who), dtype=np.int64),
        "notice": np.full(len(who), NEVER),
    }
    opening = base | {"at": begins, "status": np.zeros(len(who), int), "ended": np.full(len(who), NEVER)}
    opening |= {"term_end": calendar.boundary(first + 1, *_anchor(people, who)), "renews": np.ones(len(who), int)}
    closing = base | {"at": ends, "status": np.full(len(who), 4), "ended": ends, "term_end": ends}
    closing |= {"renews": np.zeros(len(who), int)}
    closed = ends < calendar.cutoff
    return {key: np.concatenate([opening[key], closing[key][closed]]) for key in opening}


def _anchor(people: Customers, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return people.anchor_day[who], people.anchor_second[who]


def make_invoices(
    people: Customers,
    history: History,
    addons: dict[str, np.ndarray],
    incidents: Incidents,
    calendar: Calendar,
) -> dict[str, np.ndarray]:
    """All invoices before the end, in the order of issue; `error` marks those charged twice by our billing errors."""
    base = {
        key: history.invoices[key] for key in ("who", "month", "kind", "amount", "at", "period_end", "status", "paid")
    }
    base["sub"] = (base["who"] + 1) * 10 + history.invoices["spell"]
    row, month = np.nonzero(addons["runs"])
    who = addons["who"][row]
    at = calendar.boundary(month, *_anchor(people, who))
    addon = {
        "who": who,
        "month": month,
        "kind": np.zeros(len(who), int),
        "amount": addons["unit"][row],
        "at": at,
        "period_end": calendar.boundary(month + 1, *_anchor(people, who)),
        "status": np.full(len(who), PAID),
        "paid": at + np.where(people.pays_by_card[who], 300, 20 * DAY),
        "sub": (who + 1) * 10 + np.where(addons["is_alone"][row], 5, at >= history.spell_start[1, who]),
    }
    all_rows = {key: np.concatenate([base[key], addon[key]]) for key in base}
    error = np.zeros(len(all_rows["who"]), dtype=bool)
    for k, wrong in enumerate(BILLING_ERROR_MONTHS):
        hit = (all_rows["month"] == wrong) & (all_rows["kind"] == 0) & incidents.billing_hit[k][all_rows["who"]]
        error |= hit & (all_rows["status"] == PAID)
    twice = {key: value[error] for key, value in all_rows.items()}
    twice["at"] = twice["at"] + 90
    twice["paid"] = twice["at"] + 240
    rows = {key: np.concatenate([all_rows[key], twice[key]]) for key in all_rows}
    rows["error"] = np.concatenate([np.zeros(len(error), dtype=bool), np.ones(error.sum(), dtype=bool)])
    keep = np.flatnonzero((rows["at"] < calendar.cutoff) & (rows["amount"] > 0))
    order = keep[np.lexsort((rows["error"][keep], rows["kind"][keep], rows["sub"][keep], rows["at"][keep]))]
    rows = {key: value[order] for key, value in rows.items()}
    rows["number"] = np.arange(len(order)) + 1
    unpaid = (rows["status"] == PAID) & (rows["paid"] >= calendar.cutoff)
    rows["status"] = np.where(unpaid, OPEN, rows["status"])
    fresh = (rows["status"] == UNCOLLECTIBLE) & (rows["at"] + 21 * DAY >= calendar.cutoff)
    rows["status"] = np.where(fresh, OPEN, rows["status"])
    rows["tax"] = np.where(people.is_japanese[rows["who"]], rows["amount"] // 10, 0)
    return rows


def invoice_chunks(people: Customers, rows: dict[str, np.ndarray], calendar: Calendar) -> Iterator[pa.Table]:
    """invoices, some at a time."""
    for start in range(0, max(1, len(rows["who"])), INVOICE_CHUNK):
        part = {name: column[start : start + INVOICE_CHUNK] for name, column in rows.items()}
        yield _invoices_table(people, part, calendar)


def _invoices_table(people: Customers, rows: dict[str, np.ndarray], calendar: Calendar) -> pa.Table:
    """invoices: `amount_minor` is what the customer pays, `tax_minor` the tax within it."""
    who, n = rows["who"], len(rows["who"])
    gross = rows["amount"] + rows["tax"]
    fee = np.where(people.pays_by_card[who] & (rows["status"] == PAID), (gross * 36 + 500) // 1000, 0)
    once = rows["kind"] == 2
    return (
        pa.table(
            {
                "invoice_id": ids("INV", rows["number"], 9),
                "customer_id": ids("C", who + 1, 7),
                "subscription_id": ids("S", rows["sub"], 8),
                "kind": labels(KINDS, rows["kind"]),
                "amount_minor": numbers(gross),
                "tax_minor": numbers(rows["tax"]),
                "fee_minor": numbers(fee),
                "currency": labels(("JPY", "USD"), people.is_usd[who].astype(int)),
                "status": labels(INVOICE_STATUS, rows["status"]),
                "period_start": instants(np.where(once, NEVER, rows["at"])),
                "period_end": instants(np.where(once, NEVER, rows["period_end"])),
                "issued_at": instants(rows["at"]),
                "due_at": instants(rows["at"] + np.where(people.pays_by_card[who], 0, 30 * DAY)),
                "paid_at": instants(np.where(rows["status"] == PAID, rows["paid"], NEVER), calendar.cutoff),
            }
        )
        if n
        else pa.table({})
    )


def fx_rates_table(calendar: Calendar, seed: int) -> pa.Table:
    """fx_rates: yen per dollar from the first of each month on, wandering a little around the rate of the truth."""
    rng = stream(seed, "fx_rates")
    days = calendar.month_days[:MONTHS]
    steps = np.cumsum(rng.normal(0, 1.5, MONTHS))
    rate = np.round(USD_JPY + steps - steps[-1], 2)
    return pa.table(
        {
            "rate_date": pa.array(days.astype("int32")).cast(pa.date32()),
            "currency": labels(("USD",), np.zeros(MONTHS, dtype=int)),
            "reporting_currency": labels(("JPY",), np.zeros(MONTHS, dtype=int)),
            "rate_to_reporting": numbers(rate),
        }
    )


def refunds_table(people: Customers, rows: dict[str, np.ndarray], calendar: Calendar, seed: int) -> pa.Table:
    """refunds: every invoice charged twice is paid back; a few others are refunded in part or charged back."""
    rng = stream(seed, "refunds")
    n = len(rows["who"])
    reason = pick(rng, (0.45, 0.1, 0.25, 0.0, 0.2), n)
    reason = np.where(rows["error"], 3, reason)
    chosen = (rows["status"] == PAID) & (rows["error"] | (rng.random(n) < 0.008))
    full = rows["error"] | np.isin(reason, (1, 4))
    gross = rows["amount"] + rows["tax"]
    amount = np.where(full, gross, np.round(gross * (0.1 + 0.6 * rng.random(n))).astype(np.int64))
    wait = np.where(reason == 4, 20, 2) + 8 * rng.random(n)
    at = rows["paid"] + (wait * DAY).astype(np.int64)
    keep = np.flatnonzero(chosen & (at < calendar.cutoff) & (amount > 0))
    order = keep[np.lexsort((rows["number"][keep], at[keep]))]
    who = rows["who"][order]
    return pa.table(
        {
            "refund_id": ids("RF", np.arange(len(order)) + 1, 8),
            "invoice_id": ids("INV", rows["number"][order], 9, rng.random(len(order)) < 0.02),
            "customer_id": ids("C", who + 1, 7),
            "amount_minor": numbers(amount[order]),
            "currency": labels(("JPY", "USD"), people.is_usd[who].astype(int)),
            "reason": labels(REASONS, reason[order]),
            "refunded_at": instants(at[order]),
        }
    )
