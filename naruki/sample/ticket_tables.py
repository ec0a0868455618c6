"""tickets and ticket_events, slice by slice, with the truth about each ticket's text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.sample.accounts import Users, user_ids
from naruki.sample.calendar import Calendar
from naruki.sample.catalog import TOPICS
from naruki.sample.columns import DAY, NEVER, ids, instants, labels, numbers, stream
from naruki.sample.names import mail_addresses, person_names
from naruki.sample.staff import Staff
from naruki.sample.texts import INTENTS, LANGS, POLARITIES, Texts, lines, only
from naruki.sample.tickets import CAUSES, CHANNELS, FAULTS, GROUPS, NOTICE, ORIGINS, Tickets

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("new", "open", "pending", "solved", "closed")
_BODY_TOPICS = (*TOPICS, "notice")


@dataclass(frozen=True)
class TicketSource:
    """What the tables of tickets are made of; `names` are the customers' names."""

    tickets: Tickets
    users: Users
    texts: Texts
    names: pa.Array
    is_company: np.ndarray
    staff: Staff
    calendar: Calendar
    seed: int


def _slice(tickets: Tickets, rows: slice) -> Tickets:
    """The tickets of a slice (all columns)."""
    part = Tickets(*(getattr(tickets, name)[rows] for name in ("who", "created", "topic", "cause", "satisfaction")))
    part.fill(**{name: column[rows] for name, column in tickets.__dict__.items()})
    return part


def assignees(source: TicketSource, rows: slice) -> np.ndarray:
    """Number of the agent of each ticket."""
    tickets = source.tickets
    day = source.calendar.business_day(tickets.created[rows])
    return source.staff.take(tickets.group[rows], day, np.arange(rows.start, rows.stop))


def ticket_slice(source: TicketSource, rows: slice) -> tuple[pa.Table, pa.Table]:
    """tickets and their truth for a slice of all tickets."""
    rng = stream(source.seed, f"ticket_text_{rows.start}")
    part, cutoff = _slice(source.tickets, rows), source.calendar.cutoff
    n = part.count
    number = np.arange(rows.start, rows.stop) + 1
    status = _status(part, cutoff)
    subject, body, truth = _text(rng, source, part)
    unnamed = part.is_spam | (rng.random(n) < 0.06)
    updated = np.maximum.reduce([np.where(x < cutoff, x, 0) for x in _milestones(part)])
    table = pa.table(
        {
            "ticket_id": ids("T", number, 9),
            "customer_id": ids("C", part.who + 1, 7, unnamed),
            "requester_user_id": user_ids(source.users, part.who, part.ordinal, part.is_spam),
            "channel": labels(CHANNELS, part.channel),
            "origin": labels(ORIGINS, part.origin),
            "category": labels(TOPICS, part.category),
            "priority": labels(PRIORITIES, part.priority),
            "status": labels(STATUSES, status),
            "subject": subject,
            "body": body,
            "tags": labels(("vip", "spam"), np.where(part.is_spam, 1, np.where(rng.random(n) < 0.03, 0, -1))),
            "assignee_id": ids("agent", assignees(source, rows), 4, status == 0),
            "group_name": labels(GROUPS, part.group),
            "created_at": instants(part.created),
            "first_reply_at": instants(part.first_reply, cutoff),
            "first_resolved_at": instants(part.first_resolved, cutoff),
            "solved_at": instants(np.where(status >= 3, part.solved, NEVER), cutoff),
            "updated_at": instants(updated),
            "handle_seconds": numbers(part.handle, (status < 3) | (rng.random(n) < 0.12)),
            "merged_into_id": ids("T", part.merged_into + 1, 9, (part.merged_into < 0) | (part.merged_at >= cutoff)),
            "fault": labels(FAULTS, part.fault),
        }
    )
    return table, pa.table({"ticket_id": table["ticket_id"]} | truth)


def _milestones(part: Tickets) -> list[np.ndarray]:
    return [part.created, part.first_reply, part.first_resolved, part.solved, part.closed, part.merged_at]


def _status(part: Tickets, cutoff: int) -> np.ndarray:
    """Index into STATUSES at the end of the history."""
    waiting = part.is_reopened & (part.reopened_at < cutoff) & (part.solved >= cutoff)
    status = np.where(part.first_reply < cutoff, np.where(part.is_pending, 2, 1), 0)
    status = np.where((part.first_resolved < cutoff) & ~waiting, 3, np.where(waiting, 1, status))
    return np.where(part.closed < cutoff, 4, status)


def _text(
    rng: np.random.Generator, source: TicketSource, part: Tickets
) -> tuple[pa.Array, pa.Array, dict[str, pa.Array]]:
    """Subject, body and what they mean."""
    texts, ja, n = source.texts, part.is_japanese, part.count
    topic = np.where(part.cause == NOTICE, len(TOPICS), part.topic)
    subject, _ = texts.write(rng, "subject", ja, _BODY_TOPICS, topic)
    body, template = texts.write(rng, "body", ja, _BODY_TOPICS, topic)
    vents = part.is_upset
    considers = vents & (part.satisfaction < -0.5) & (rng.random(n) < 0.12) & (part.cause != NOTICE)
    wishes = ~vents & (rng.random(n) < 0.05)
    praises = ~vents & ~wishes & (part.satisfaction > 0.2) & (rng.random(n) < 0.12)
    extra = [
        only(texts.write(rng, name, ja)[0], where)
        for name, where in (("vent", vents), ("leave", considers), ("wish", wishes), ("praise", praises))
    ]
    polite = part.channel != 1
    greeting = only(texts.write(rng, "greeting", ja)[0], polite & (rng.random(n) < 0.8))
    closing = only(texts.write(rng, "closing", ja)[0], polite & (rng.random(n) < 0.7))
    full = lines(greeting, body, *extra, closing, _signature(rng, source, part, polite))
    spam = pa.array(part.is_spam)
    full = pc.if_else(spam, texts.write(rng, "spam", ja)[0], full)
    polarity = np.where(praises, 2, np.where(wishes, 3, texts.polarity[template]))
    polarity = np.where(vents, 1, polarity)
    truth = {
        "topic": labels(TOPICS, part.topic, part.is_spam),
        "cause": labels(CAUSES, part.cause),
        "is_our_fault": numbers(part.is_ours),
        "is_spam": numbers(part.is_spam),
        "lang": labels(LANGS, (~ja).astype(int)),
        "is_dissatisfied": numbers(vents & ~part.is_spam),
        "churn_intent": labels(
            INTENTS, np.where(considers, np.maximum(2, texts.intent[template]), texts.intent[template])
        ),
        "polarity": labels(POLARITIES, polarity),
    }
    return subject, full, truth


def _signature(rng: np.random.Generator, source: TicketSource, part: Tickets, polite: np.ndarray) -> pa.Array:
    """Company, name, phone and mail of an invented person, as mails end."""
    texts, n = source.texts, part.count
    signed = polite & (rng.random(n) < 0.6)
    number = source.users.first[part.who] + part.ordinal + 1
    none = np.zeros(n, dtype=bool)
    is_company = source.is_company[part.who]
    customer = source.names.take(pa.array(part.who))
    company = only(customer, signed & is_company & (rng.random(n) < 0.7))
    person = pc.if_else(pa.array(is_company), person_names(number, part.is_japanese), customer)
    name = only(person, signed)
    phone = only(texts.write(rng, "phone_line", part.is_japanese)[0], signed & (rng.random(n) < 0.45))
    mail = only(mail_addresses(number, part.is_japanese, none), signed & (rng.random(n) < 0.4))
    rule = only(labels(("----------", "--"), (~part.is_japanese).astype(int)), signed)
    return lines(rule, company, name, phone, mail)


COMMENT, STATUS, ASSIGNMENT, TRANSFER, MERGE = range(5)
KINDS = ("comment", "status", "assignment", "transfer", "merge")
CUSTOMER, AGENT, BOT, SYSTEM = range(4)
ROLES = ("customer", "agent", "bot", "system")
_VALUES = (*STATUSES, *GROUPS)


def event_slice(source: TicketSource, rows: slice, first_number: int) -> pa.Table:
    """ticket_events of a slice of tickets, by time: comments, statuses, assignments, transfers and merges."""
    rng = stream(source.seed, f"ticket_events_{rows.start}")
    part, cutoff = _slice(source.tickets, rows), source.calendar.cutoff
    steps = _Steps(part.count)
    _add_opening(rng, steps, part)
    _add_work(rng, steps, part)
    _add_ending(steps, part)
    at, row, code = steps.joined(cutoff)
    kind, role, public, before, after = (code // 10**p % 100 for p in (8, 6, 4, 2, 0))
    agents = assignees(source, rows)[row]
    names = ids("agent", agents, 4, kind != ASSIGNMENT)
    target = ids("T", part.merged_into[row] + 1, 9, kind != MERGE)
    value = labels(_VALUES, after.astype(int) - 1)
    return pa.table(
        {
            "event_id": ids("TE", first_number + np.arange(len(at)), 10),
            "ticket_id": ids("T", rows.start + row + 1, 9),
            "kind": labels(KINDS, kind),
            "actor_role": labels(ROLES, role),
            "is_public": numbers(public == 1, kind != COMMENT),
            "from_value": labels(_VALUES, before.astype(int) - 1),
            "to_value": pc.coalesce(names, target, value),
            "occurred_at": instants(at),
        }
    )


class _Steps:
    """Steps of tickets as (instant, row, code); the code packs kind, role, is_public, from and to."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._at: list[np.ndarray] = []
        self._row: list[np.ndarray] = []
        self._code: list[np.ndarray] = []

    def add(
        self,
        where: np.ndarray,
        at: np.ndarray,
        kind: int,
        role: np.ndarray | int,
        is_public: int = 0,
        before: np.ndarray | int = 0,
        after: np.ndarray | int = 0,
    ) -> None:
        """A step for the rows of `where` that happens at all; values are 1 + index into _VALUES, 0 for none."""
        rows = np.flatnonzero(where & (at < NEVER))
        code = np.zeros(self.count, dtype=np.int64) + kind * 10**8 + np.asarray(role) * 10**6
        code += is_public * 10**4 + np.asarray(before) * 100 + np.asarray(after)
        self._at.append(at[rows])
        self._row.append(rows)
        self._code.append(code[rows])

    def status(self, where: np.ndarray, at: np.ndarray, role: int, before: np.ndarray | int, after: int) -> None:
        """A change of status."""
        self.add(where, at, STATUS, role, 0, np.asarray(before) + 1, after + 1)

    def joined(self, cutoff: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All steps before the cutoff by time."""
        at, row, code = np.concatenate(self._at), np.concatenate(self._row), np.concatenate(self._code)
        order = np.lexsort((np.arange(len(at)), row, at))
        order = order[at[order] < cutoff]
        return at[order], row[order], code[order]


def _add_opening(rng: np.random.Generator, steps: _Steps, part: Tickets) -> None:
    """The first comment, the bot's answer, the assignment, notes among colleagues."""
    n, everyone = part.count, np.ones(part.count, dtype=bool)
    steps.add(everyone, part.created, COMMENT, np.where(part.origin == 1, AGENT, CUSTOMER), 1)
    steps.add((part.channel != 2) & (rng.random(n) < 0.3), part.created + 20, COMMENT, BOT, 1)
    assigned = ~part.is_spam & (part.merged_into < 0)
    before_reply = part.created + ((part.first_reply - part.created) * 0.5 * rng.random(n)).astype(np.int64)
    taken = np.where(part.first_reply < NEVER, before_reply, NEVER)
    steps.add(assigned, taken, ASSIGNMENT, np.where(rng.random(n) < 0.6, SYSTEM, AGENT))
    steps.status(assigned, taken, AGENT, 0, 1)
    note = taken + ((part.first_reply - taken) * 0.8 * rng.random(n)).astype(np.int64)
    steps.add(assigned & (rng.random(n) < 0.22), note, COMMENT, AGENT, 0)


def _add_work(rng: np.random.Generator, steps: _Steps, part: Tickets) -> None:
    """The first public reply, what the customer answers, transfers, the first solution."""
    n = part.count
    replied = part.first_reply < NEVER
    steps.add(replied, part.first_reply, COMMENT, AGENT, 1)
    end = np.where(part.first_resolved < NEVER, part.first_resolved, part.first_reply + 2 * DAY)
    answered = np.where(replied, part.first_reply + (end - part.first_reply) * 6 // 10, NEVER)
    waits = replied & part.is_pending
    steps.status(waits, part.first_reply, AGENT, 1, 2)
    steps.add(waits, answered, COMMENT, CUSTOMER, 1)
    steps.status(waits, answered, SYSTEM, 2, 1)
    moved = part.first_reply + (end - part.first_reply) * 7 // 10
    before = 5 + np.where(part.group == 0, 1, 0) + 1
    steps.add(replied & part.is_transferred, moved, TRANSFER, AGENT, 0, before, 5 + part.group + 1)
    solved = part.first_resolved < NEVER
    steps.add(solved & (part.is_pending | (rng.random(n) < 0.5)), part.first_resolved - 5, COMMENT, AGENT, 1)
    steps.status(solved, part.first_resolved, AGENT, 1, 3)


def _add_ending(steps: _Steps, part: Tickets) -> None:
    """Reopened and solved again; merged; closed by the system."""
    again = part.is_reopened
    steps.add(again, part.reopened_at, COMMENT, CUSTOMER, 1)
    steps.status(again, part.reopened_at, SYSTEM, 3, 1)
    steps.add(again, part.solved - 5, COMMENT, AGENT, 1)
    steps.status(again, part.solved, AGENT, 1, 3)
    merged = part.merged_into >= 0
    steps.add(merged, part.merged_at, MERGE, AGENT)
    steps.status(merged, part.merged_at, SYSTEM, 0, 4)
    solved = part.solved < NEVER
    last = np.where(solved, 3, np.where(part.first_reply < NEVER, 1, 0))
    steps.status(~merged, part.closed, SYSTEM, last, 4)
