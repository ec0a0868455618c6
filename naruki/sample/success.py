"""success_touches, judgements and outcomes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from naruki.sample.calendar import BUSINESS_OFFSET, MONTHS, Calendar
from naruki.sample.columns import DAY, HOUR, NEVER, blank, ids, instants, labels, numbers, pick, stream
from naruki.sample.customers import Customers
from naruki.sample.history import History
from naruki.sample.staff import Staff
from naruki.sample.state import ACTIVE
from naruki.sample.texts import Texts

ACTIONS = (
    "visit",
    "onboarding_individual",
    "training_programme",
    "workshop",
    "phone_call",
    "step_mail",
    "in_app_guide",
    "community_invite",
    "regular_meeting",
)
"""Actions as the policy pack names them (`cfg_action`)."""
KINDS = ("visit", "onboarding", "webinar", "workshop", "call", "mail", "in_app", "event", "meeting")
MINUTES = (120, 60, 60, 90, 15, 1, 0, 60, 50)
GROUP = np.array([False, False, True, True, False, False, False, True, False])
_CHANCE = np.array(
    [
        [0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00],
        [0.00, 0.00, 0.01, 0.00, 0.00, 0.45, 0.25, 0.01, 0.00],
        [0.00, 0.02, 0.16, 0.05, 0.08, 0.30, 0.15, 0.02, 0.02],
        [0.12, 0.04, 0.05, 0.06, 0.12, 0.10, 0.05, 0.03, 0.35],
    ]
)
"""Monthly chance of each action by tier (none, tech, low, high)."""
OUTCOMES = ("done", "no_show", "opened", "ignored", "follow_up")


def touch_chunks(
    people: Customers, history: History, staff: Staff, texts: Texts, calendar: Calendar, seed: int
) -> Iterator[pa.Table]:
    """success_touches by month and time: by the tier a customer had; a group session shares an id and its minutes."""
    rng = stream(seed, "touches")
    number = 1
    for month in range(MONTHS):
        col = _touches_of_month(rng, people, history, calendar, month)
        keep = np.flatnonzero(col["at"] < calendar.cutoff)
        order = keep[np.lexsort((col["who"][keep], col["action"][keep], col["at"][keep]))]
        yield _touches_table(rng, {name: column[order] for name, column in col.items()}, people, staff, texts, number)
        number += len(order)


def _touches_table(
    rng: np.random.Generator, col: dict[str, np.ndarray], people: Customers, staff: Staff, texts: Texts, number: int
) -> pa.Table:
    action, who, n = col["action"], col["who"], len(col["who"])
    group = GROUP[action]
    minutes = np.round(np.array(MINUTES)[action] * np.where(group, 1.0, np.exp(0.25 * rng.standard_normal(n))), 1)
    _, inverse, size = np.unique(col["session"], return_inverse=True, return_counts=True)
    noted = np.isin(action, (0, 1, 4, 8)) & (rng.random(n) < 0.5)
    note, _ = texts.write(rng, "note", people.is_japanese[who])
    shares = np.array([[0.8, 0.1, 0, 0, 0.1], [0.75, 0.25, 0, 0, 0], [0, 0, 0.35, 0.65, 0]])
    outcome = _pick_outcome(rng, shares, np.where(np.isin(action, (5, 6)), 2, group.astype(int)))
    return pa.table(
        {
            "touch_id": ids("TO", number + np.arange(n), 9),
            "customer_id": ids("C", who + 1, 7),
            "action_id": labels(ACTIONS, action, rng.random(n) < 0.03),
            "kind": labels(KINDS, action),
            "is_proactive": numbers(col["proactive"]),
            "is_group": numbers(group),
            "session_id": ids("SE", col["session"], 8, ~group),
            "attendees": numbers(size[inverse], ~group),
            "minutes": numbers(minutes, (action == 6) | (rng.random(n) < 0.04)),
            "owner": ids("agent", staff.owner(who), 4, np.isin(action, (5, 6))),
            "occurred_at": instants(col["at"]),
            "outcome": labels(OUTCOMES, outcome, rng.random(n) < 0.1),
            "note": blank(note, ~noted),
        }
    )


def _pick_outcome(rng: np.random.Generator, shares: np.ndarray, row: np.ndarray) -> np.ndarray:
    edges = shares.cumsum(axis=1)[row]
    return (rng.random(len(row))[:, None] > edges[:, :4]).sum(axis=1)


def _touches_of_month(
    rng: np.random.Generator, people: Customers, history: History, calendar: Calendar, month: int
) -> dict[str, np.ndarray]:
    """Individual touches at any hour of work; group sessions at one instant for all who come."""
    active = history.status[:, month] == ACTIVE
    tier = history.tier[:, month]
    new = (month - people.start_month <= 1) & (tier == 3)
    blocks = []
    for action in range(len(ACTIONS)):
        chance = _CHANCE[tier, action] + (0.7 * new if action == 1 else 0.0)
        who = np.flatnonzero(active & (rng.random(people.count) < chance))
        day = calendar.month_days[month] + rng.integers(0, 28, len(who))
        second = rng.integers(10 * HOUR, 17 * HOUR, len(who))
        session = np.zeros(len(who), dtype=np.int64)
        if GROUP[action]:
            rooms = max(1, math.ceil(len(who) / 25))
            room = rng.integers(0, rooms, len(who))
            session = (month * len(ACTIONS) + action) * 100_000 + room + 1
            day, second = calendar.month_days[month] + 6 + room % 14 + action, np.full(len(who), 14 * HOUR)
        at = calendar.opening(day * DAY + second - BUSINESS_OFFSET)
        proactive = (rng.random(len(who)) < 0.85) | GROUP[action]
        started = calendar.boundary(month, people.anchor_day[who], people.anchor_second[who]) <= at
        keep = started | (people.start_month[who] < month)
        columns = {"who": who, "at": at, "session": session, "proactive": proactive}
        columns["action"] = np.full(len(who), action)
        blocks.append({name: column[keep] for name, column in columns.items()})
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def judgements_table(
    people: Customers, history: History, staff: Staff, texts: Texts, calendar: Calendar, seed: int
) -> pa.Table:
    """judgements: ratings of renewal by people for managed customers, a few about executives, fit and fixed tiers."""
    rng = stream(seed, "judgements")
    blocks = []
    for month in range(5, MONTHS, 6):
        managed = np.flatnonzero((history.status[:, month] == ACTIVE) & (history.tier[:, month] == 3))
        feeling = history.satisfaction[managed, month] + 0.6 * rng.standard_normal(len(managed))
        renewal = np.clip(np.round(3.6 + 1.1 * feeling), 1, 5).astype(np.int64) - 1
        progressive = np.clip(np.round(3 + people.growth[managed] + 0.7 * rng.standard_normal(len(managed))), 1, 5) - 1
        for kind, value, share in (
            (0, renewal, 0.8),
            (1, progressive, 0.25),
            (2, 5 + (feeling < -0.5), 0.15),
            (3, 7, 0.03),
        ):
            who = managed[rng.random(len(managed)) < share]
            chosen = np.broadcast_to(value, len(managed))[np.searchsorted(managed, who)].astype(np.int64)
            at = calendar.opening(calendar.month_days[month] * DAY + rng.integers(0, 20 * DAY, len(who)))
            blocks.append((who, np.full(len(who), kind), chosen, at))
    who, kind, value, at = (np.concatenate(column) for column in zip(*blocks, strict=True))
    keep = np.flatnonzero(at < calendar.cutoff)
    keep = keep[np.lexsort((kind[keep], who[keep], at[keep]))]
    who, kind, value, at, n = who[keep], kind[keep], value[keep], at[keep], len(keep)
    evidence, _ = texts.write(rng, "evidence", people.is_japanese[who])
    return pa.table(
        {
            "customer_id": ids("C", who + 1, 7),
            "kind": labels(("renewal", "executive", "fit", "tier_override"), kind),
            "value": labels(("1", "2", "3", "4", "5", "yes", "no", "high"), value),
            "rater": ids("agent", staff.owner(who), 4),
            "rated_at": instants(at),
            "expires_at": instants(np.where(rng.random(n) < 0.9, at + 180 * DAY, NEVER)),
            "evidence": blank(evidence, rng.random(n) < 0.3),
        }
    )


def outcomes_table(
    people: Customers, history: History, staff: Staff, texts: Texts, calendar: Calendar, seed: int
) -> pa.Table:
    """outcomes: what came of a few actions (key: as-of date, customer and action)."""
    rng = stream(seed, "outcomes")
    who = np.flatnonzero((history.status[:, MONTHS - 2] == ACTIVE) & (history.status[:, MONTHS - 1] == ACTIVE))[:30]
    n = len(who)
    day = calendar.first_day + calendar.days - 30
    action = pick(rng, (0.6, 0.25, 0.15), n)
    contacted = calendar.opening((day + 1 + rng.integers(0, 15, n)) * DAY + 11 * HOUR - BUSINESS_OFFSET)
    resolved = np.where(rng.random(n) < 0.6, contacted + rng.integers(1, 12, n) * DAY, NEVER)
    note, _ = texts.write(rng, "note", people.is_japanese[who])
    as_of = str(np.int64(day).astype("datetime64[D]"))
    names = labels(("check_in", "education", "usage_review"), action)
    key = pa.compute.binary_join_element_wise(pa.array([as_of] * n), ids("C", who + 1, 7), names, ":")
    return pa.table(
        {
            "action_key": key,
            "contacted_at": instants(contacted),
            "resolved_at": instants(resolved, calendar.cutoff),
            "outcome": labels(("resolved", "no_answer", "kept", "lost"), pick(rng, (0.5, 0.2, 0.25, 0.05), n)),
            "note": blank(note, rng.random(n) < 0.4),
            "by": ids("agent", staff.owner(who), 4),
        }
    )
