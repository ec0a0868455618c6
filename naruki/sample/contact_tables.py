"""calls and self_service_events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from naruki.sample.accounts import Users, user_ids
from naruki.sample.calendar import Calendar
from naruki.sample.catalog import TOPICS
from naruki.sample.columns import DAY, HOUR, NEVER, blank, ids, instants, labels, numbers, pick, stream
from naruki.sample.customers import Customers
from naruki.sample.staff import Staff
from naruki.sample.texts import Texts, only
from naruki.sample.tickets import Tickets

QUEUES = ("support", "billing", "technical")
OUTCOMES = ("answered", "abandoned", "ivr", "overflow")
SELF_SERVICE_CHUNK = 400_000
_ARTICLES = 8
"""Help articles per topic; feature requests, outages and notices have none."""
_WITHOUT_ARTICLE = ("feature_request", "outage", "contract")


def calls_table(tickets: Tickets, staff: Staff, calendar: Calendar, seed: int) -> pa.Table:
    """calls: one answered call per phone ticket, second legs of transfers, and the calls that nobody answered."""
    rng = stream(seed, "calls")
    phone = np.flatnonzero((tickets.channel == 2) & ~tickets.is_spam)
    legs = phone[tickets.is_transferred[phone] & (rng.random(len(phone)) < 0.6)]
    lost = phone[rng.random(len(phone)) < 0.16]
    menu = phone[rng.random(len(phone)) < 0.10]
    over = phone[rng.random(len(phone)) < 0.03]
    back = np.flatnonzero((tickets.channel != 2) & (rng.random(tickets.count) < 0.02))
    blocks = (phone, legs, lost, menu, over, back)
    row = np.concatenate(blocks)
    kind = np.repeat(np.arange(6), [len(block) for block in blocks])
    n = len(row)
    answered = np.isin(kind, (0, 1, 5))
    outcome = np.array([0, 0, 1, 2, 3, 0])[kind]
    offset = np.array([0, 420, -900, -3600, -1800, 5400])[kind] - np.where(answered, 0, rng.integers(0, 1800, n))
    offered = tickets.created[row] + offset
    wait = np.where(kind == 5, 12, np.round(8 + 40 * rng.standard_exponential(n) ** 1.3)).astype(np.int64)
    patience = np.where(rng.random(n) < 0.25, rng.integers(1, 5, n), np.round(20 + 90 * rng.standard_exponential(n)))
    wait = np.where(outcome == 1, patience.astype(np.int64), wait)
    handle = tickets.handle[row]
    talk = np.where(answered, np.clip(handle * np.where(kind == 1, 0.3, 0.6), 20, 5400), 0).astype(np.int64)
    hold = np.where(answered & (rng.random(n) < 0.4), talk // 6, 0)
    wrap = np.where(answered, handle // 4, 0)
    ends = offered + np.where(outcome == 2, 45, wait) + talk + hold
    agent = staff.take(np.where(kind == 1, 1, tickets.group[row]), calendar.business_day(offered), row + (kind == 1))
    queue = np.where(tickets.topic[row] == 2, 1, np.where(kind == 1, 2, 0))
    keep = np.flatnonzero((offered >= calendar.start) & (ends + wrap < calendar.cutoff))
    keep = keep[np.lexsort((row[keep], kind[keep], offered[keep]))]
    take = pa.array(keep)
    ticket = ids("T", row + 1, 9, ~answered)
    unknown = (outcome > 0) & (rng.random(n) < 0.35)
    table = {
        "ticket_id": ticket,
        "customer_id": ids("C", tickets.who[row] + 1, 7, unknown),
        "queue": labels(QUEUES, queue),
        "direction": labels(("inbound", "outbound"), (kind == 5).astype(int)),
        "offered_at": instants(offered),
        "answered_at": instants(np.where(answered, offered + wait, NEVER)),
        "ended_at": instants(ends),
        "talk_seconds": numbers(talk, ~answered),
        "hold_seconds": numbers(hold, ~answered),
        "wrap_seconds": numbers(wrap, ~answered),
        "outcome": labels(OUTCOMES, outcome),
        "agent_id": ids("agent", agent, 4, ~answered),
    }
    columns = {"call_id": ids("CL", np.arange(len(keep)) + 1, 9)}
    return pa.table(columns | {name: column.take(take) for name, column in table.items()})


def self_service_chunks(
    people: Customers, tickets: Tickets, users: Users, texts: Texts, calendar: Calendar, seed: int
) -> Iterator[pa.Table]:
    """self_service_events: searches, articles and bot sessions before contacts, and those that made a contact needless.

    About 1.4 sessions per ticket: half just before one that was opened all the same, half that ended well.
    """
    number = 1
    for start in range(0, max(tickets.count, 1), SELF_SERVICE_CHUNK):
        rows = np.arange(start, min(start + SELF_SERVICE_CHUNK, tickets.count))
        rng = stream(seed, f"self_service_{start}")
        helped = rng.random(len(rows)) < 0.75
        before = rng.random(len(rows)) < 0.65
        row = np.concatenate([rows[helped], rows[before]])
        is_solved = np.repeat([True, False], [helped.sum(), before.sum()])
        table = _self_service(rng, people, tickets, users, texts, calendar, row, is_solved, number)
        number += len(table)
        yield table


def _self_service(
    rng: np.random.Generator,
    people: Customers,
    tickets: Tickets,
    users: Users,
    texts: Texts,
    calendar: Calendar,
    row: np.ndarray,
    is_solved: np.ndarray,
    number: int,
) -> pa.Table:
    """One event per session, by time."""
    n = len(row)
    away = np.where(is_solved, DAY * (1 + 12 * rng.random(n)), HOUR * (0.05 + 6 * rng.random(n)))
    at = tickets.created[row] - away.astype(np.int64)
    order = np.flatnonzero(at >= np.maximum(calendar.start, users.created[users.first[tickets.who[row]]]))
    order = order[np.lexsort((row[order], at[order]))]
    row, at, is_solved, n = row[order], at[order], is_solved[order], len(order)
    topic, who = tickets.topic[row], tickets.who[row]
    kind = pick(rng, (0.45, 0.35, 0.20), n)
    listed = np.array([name not in _WITHOUT_ARTICLE for name in TOPICS])[topic]
    fruitless = rng.random(n) < np.where(listed, np.where(is_solved, 0.02, 0.22), 0.85)
    results = np.where(fruitless, 0, 1 + rng.integers(0, 12, n))
    article = topic * 100 + 1 + np.floor(_ARTICLES * rng.random(n) ** 1.5).astype(np.int64)
    query, _ = texts.write(rng, "query", people.is_japanese[who], TOPICS, topic)
    asked = (kind == 0) | ((kind == 2) & (rng.random(n) < 0.5))
    anonymous = rng.random(n) < 0.25
    return pa.table(
        {
            "event_id": ids("SS", number + np.arange(n), 10),
            "customer_id": ids("C", who + 1, 7, anonymous),
            "user_id": user_ids(users, who, np.zeros(n, dtype=np.int64), anonymous | (rng.random(n) < 0.2)),
            "kind": labels(("search", "article", "bot_session"), kind),
            "query": blank(only(query, asked), ~asked),
            "results": numbers(results, kind != 0),
            "article_id": ids("KB", article, 4, (kind != 1) | ~listed),
            "is_resolved": numbers(is_solved, kind == 0),
            "handed_off": numbers(~is_solved & (rng.random(n) < 0.6), kind != 2),
            "occurred_at": instants(at),
        }
    )
