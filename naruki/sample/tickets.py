"""The requests for support: how many, when, about what, how long they took, whose fault, from each customer's state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.sample.accounts import Users
from naruki.sample.calendar import BUSINESS_OFFSET, MONTHS, Calendar
from naruki.sample.catalog import TOPIC_HANDLE_SECONDS, TOPIC_OURS, TOPIC_SHARE, TOPICS
from naruki.sample.columns import DAY, HOUR, NEVER, pick, pick_rows, stream
from naruki.sample.customers import Customers
from naruki.sample.hazard import FADE_DAYS
from naruki.sample.history import History
from naruki.sample.incidents import Incidents
from naruki.sample.state import ACTIVE, SPELLS, TRIAL

CHANNELS = ("mail", "chat", "phone", "app")
ORIGINS = ("customer", "agent", "sales")
FAULTS = ("ours", "customer", "unknown")
GROUPS = ("support_tier1", "support_tier2", "billing_desk", "success_desk")
_CHANNEL_SHARE = np.array([[0.52, 0.24, 0.16, 0.08], [0.30, 0.36, 0.08, 0.26]])
_HOURS = np.array([1, 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 9, 16, 17, 14, 8, 13, 15, 14, 13, 10, 6, 4, 3, 3, 2, 2], dtype=float)
_WEEKDAY = np.array([0.21, 0.20, 0.19, 0.18, 0.16, 0.035, 0.025])
_MISTAKEN = 0.05
_UNLABELLED = 0.13
_OUTSIDE = 0.045
"""Share drawn outside the life of the contract within its first and last month; they are dropped."""


@dataclass
class Tickets:
    """One element a ticket in the order of creation; instants are seconds UTC, `NEVER` if it did not come to that.

    `topic` is the truth, `category` what the help desk wrote (-1: nothing); `true_fault` likewise against `fault`.
    """

    who: np.ndarray
    created: np.ndarray
    topic: np.ndarray
    cause: np.ndarray
    satisfaction: np.ndarray

    def fill(self, **columns: np.ndarray) -> None:
        """Add columns."""
        self.__dict__.update(columns)

    @property
    def count(self) -> int:
        """Number of tickets."""
        return len(self.who)


EVERYDAY, OUTAGE, BILLING_ERROR, NOTICE, SALES = range(5)
CAUSES = ("everyday", "outage", "billing_error", "notice", "sales")


def need_rate(people: Customers, seats: np.ndarray) -> np.ndarray:
    """Relative contacts per week of a settled customer of usual satisfaction: its need, hardly its size."""
    return np.exp(0.8 * people.need) * np.maximum(seats, 1) ** 0.15


def mood_factor(people: Customers, satisfaction: np.ndarray) -> np.ndarray:
    """Vocal customers write more when unhappy, silent ones less."""
    loud = people.voice - 0.4
    return np.clip(np.exp(-0.5 * satisfaction * loud), 0.3, 3.0)


def monthly_rate(people: Customers, history: History, calendar: Calendar, month: int) -> np.ndarray:
    """Relative expected everyday contacts of each customer in a month."""
    status = history.status[:, month]
    middle = (calendar.month_days[month] + 15) * DAY - BUSINESS_OFFSET
    rate = need_rate(people, history.seats[:, month]) * mood_factor(people, history.satisfaction[:, month])
    age = month - people.start_month
    rate = rate * np.where(age <= 0, 2.4, np.where(age == 1, 1.7, 1.0))
    for spell in range(SPELLS):
        notice = history.spell_notice[spell]
        near = (middle > notice - FADE_DAYS * DAY) & (middle < notice + 30 * DAY)
        rate = np.where(near, rate * np.where(people.voice > 0.5, 1.6, 0.35), rate)
    share = np.where(age == 0, 1 - (people.anchor_day - 1) / 30, 1.0)
    return rate * share * np.where((status == ACTIVE) | (status == TRIAL), 1.0, 0.0)


def make_tickets(
    people: Customers,
    history: History,
    incidents: Incidents,
    errors: dict[str, np.ndarray],
    users: Users,
    calendar: Calendar,
    seed: int,
    wanted: int,
) -> Tickets:
    """All tickets of the history, about `wanted`, sorted by creation."""
    rng = stream(seed, "tickets")
    special = [
        _outage_tickets(rng, people, history, incidents, calendar),
        _billing_tickets(rng, people, errors),
        _notice_tickets(rng, people, history),
    ]
    everyday = _everyday_tickets(rng, people, history, calendar, wanted - sum(len(part[0]) for part in special))
    parts = [everyday, *special]
    who, created, topic, cause = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    alive = np.zeros(len(who), dtype=bool)
    for spell in range(SPELLS):
        alive |= (created >= history.spell_start[spell][who]) & (created < history.spell_end[spell][who] + 3 * DAY)
    keep = np.flatnonzero(alive & (created >= calendar.start) & (created < calendar.cutoff))
    order = keep[np.lexsort((topic[keep], who[keep], created[keep]))]
    who, created, topic, cause = who[order], created[order], topic[order], cause[order]
    month = np.minimum(calendar.month_of_day(calendar.business_day(created)), MONTHS - 1)
    tickets = Tickets(who, created, topic, cause, history.satisfaction[who, month])
    tickets.cause = np.where((tickets.cause == EVERYDAY) & (rng.random(tickets.count) < 0.02), SALES, tickets.cause)
    _describe(rng, tickets, people, users, calendar)
    _work(rng, tickets, people, calendar)
    _merge(rng, tickets, calendar)
    return tickets


def _everyday_tickets(
    rng: np.random.Generator, people: Customers, history: History, calendar: Calendar, wanted: int
) -> tuple[np.ndarray, ...]:
    """Poisson by month; newcomers ask how things work, settled customers about the rest."""
    rates = [monthly_rate(people, history, calendar, month) for month in range(MONTHS)]
    factor = max(wanted, 0) / (1 - _OUTSIDE) / sum(float(rate.sum()) for rate in rates)
    base = np.array(TOPIC_SHARE)
    early = base * np.array([1.8, 1.6, 0.6, 0.7, 1.6, 0.4, 0.5, 0.8, 0.4, 0.3, 1.0])
    mixes = np.stack([base, early])
    blocks = []
    for month, rate in enumerate(rates):
        who = np.repeat(np.arange(people.count), rng.poisson(rate * factor))
        first, last = calendar.month_days[month], calendar.month_days[month + 1]
        at = _instants_within(rng, people, who, first, last, calendar)
        is_new = (month - people.start_month[who] <= 1).astype(np.int64)
        blocks.append((who, at, pick_rows(rng, mixes, is_new), np.zeros(len(who), dtype=np.int64)))
    return tuple(np.concatenate(columns) for columns in zip(*blocks, strict=True))


def _instants_within(
    rng: np.random.Generator, people: Customers, who: np.ndarray, first: int, last: int, calendar: Calendar
) -> np.ndarray:
    """Instants on days first..last-1 by the rhythm of weekdays and of hours in the customer's own zone."""
    days = np.arange(first, last)
    day = days[pick(rng, _WEEKDAY[(days + 3) % 7], len(who))]
    second = pick(rng, _HOURS, len(who)) * HOUR + rng.integers(0, HOUR, len(who))
    offset = calendar.zone_offset[people.zone[who], np.clip(day - calendar.first_day, 0, calendar.days)]
    return day * DAY + second - offset


def _outage_tickets(
    rng: np.random.Generator, people: Customers, history: History, incidents: Incidents, calendar: Calendar
) -> tuple[np.ndarray, ...]:
    """Bursts: those hit contact us within hours, the larger and the more vocal more often."""
    blocks = []
    for k in range(len(incidents.starts)):
        month = int(incidents.months[k])
        active = history.status[:, month] == ACTIVE
        eager = np.clip(0.10 + 0.35 * people.voice, 0, 1) * (history.seats[:, month] ** 0.2)
        who = np.flatnonzero(active & incidents.hit[k] & (rng.random(people.count) < 0.45 * eager))
        length = incidents.ends[k] - incidents.starts[k]
        at = incidents.starts[k] + 300 + (rng.random(len(who)) ** 1.5 * (length + HOUR)).astype(np.int64)
        topic = np.where(rng.random(len(who)) < 0.85, TOPICS.index("outage"), TOPICS.index("performance"))
        blocks.append((who, at, topic, np.full(len(who), OUTAGE)))
    return tuple(np.concatenate(columns) for columns in zip(*blocks, strict=True))


def _billing_tickets(
    rng: np.random.Generator, people: Customers, errors: dict[str, np.ndarray]
) -> tuple[np.ndarray, ...]:
    """Those charged twice ask about it within days."""
    who, first = np.unique(errors["who"][errors["error"]], return_index=True)
    at = errors["at"][errors["error"]][first]
    chosen = rng.random(len(who)) < 0.35 + 0.45 * people.voice[who]
    who, at = who[chosen], at[chosen] + ((0.1 + 5 * rng.random(chosen.sum()) ** 2) * DAY).astype(np.int64)
    return who, at, np.full(len(who), TOPICS.index("billing")), np.full(len(who), BILLING_ERROR)


def _notice_tickets(rng: np.random.Generator, people: Customers, history: History) -> tuple[np.ndarray, ...]:
    """Vocal leavers say so around their notice; silent ones just leave."""
    blocks = []
    for spell in range(SPELLS):
        notice = history.spell_notice[spell]
        who = np.flatnonzero((notice < NEVER) & (rng.random(people.count) < 0.75 * people.voice))
        at = notice[who] + ((-6 + 8 * rng.random(len(who))) * DAY).astype(np.int64)
        blocks.append((who, at, np.full(len(who), TOPICS.index("cancellation")), np.full(len(who), NOTICE)))
    return tuple(np.concatenate(columns) for columns in zip(*blocks, strict=True))


def _describe(rng: np.random.Generator, tickets: Tickets, people: Customers, users: Users, calendar: Calendar) -> None:
    """Channel, origin, the labels that the help desk gives, fault, language, requester."""
    n, who, topic = tickets.count, tickets.who, tickets.topic
    channel = pick_rows(rng, _CHANNEL_SHARE, (~people.is_company[who]).astype(np.int64))
    origin = np.where(tickets.cause == SALES, 2, np.where(rng.random(n) < 0.04, 1, 0))
    category = np.where(rng.random(n) < _MISTAKEN, rng.integers(0, len(TOPICS), n), topic)
    category = np.where(rng.random(n) < _UNLABELLED, -1, category)
    ours = (rng.random(n) < np.array(TOPIC_OURS)[topic]) | np.isin(tickets.cause, (OUTAGE, BILLING_ERROR))
    fault = np.where(ours, np.where(rng.random(n) < 0.9, 0, 2), np.where(rng.random(n) < 0.75, 1, 2))
    size = np.maximum(users.count[who], 1)
    ordinal = np.floor(np.minimum(size, 12) * rng.random(n) ** 2.0).astype(np.int64)
    exists = users.created[users.first[who] + ordinal] <= tickets.created
    upset = 1 / (1 + np.exp(1.6 + 1.2 * tickets.satisfaction - 1.6 * ours - 1.2 * (tickets.cause == NOTICE)))
    tickets.fill(
        channel=channel,
        origin=origin,
        category=category,
        is_ours=ours,
        fault=np.where(rng.random(n) < 0.2, -1, fault),
        ordinal=np.where(exists, ordinal, 0),
        is_japanese=people.is_japanese[who] ^ (rng.random(n) < 0.03),
        is_upset=rng.random(n) < upset,
        is_spam=(rng.random(n) < 0.004) & (tickets.cause == EVERYDAY),
        priority=np.where(topic == TOPICS.index("outage"), 3, pick(rng, (0.2, 0.6, 0.15, 0.05), n)),
        group=np.where(topic == 2, 2, np.where(np.isin(topic, (3, 4, 8)), 1, np.where(topic == 7, 3, 0))),
    )


def _work(rng: np.random.Generator, tickets: Tickets, people: Customers, calendar: Calendar) -> None:
    """Waits and work: by channel, opening hours, the day's load and the luck of the customer."""
    n, who, channel = tickets.count, tickets.who, tickets.channel
    opened = calendar.opening(tickets.created)
    live = np.isin(channel, (1, 2)) & (opened == tickets.created)
    load = np.where(tickets.cause == OUTAGE, 4.0, 1.0)
    slow = load * np.exp(0.45 * people.patience[who] + 0.8 * rng.standard_normal(n))
    minutes = np.where(live, 2.0, np.array([75.0, 12.0, 15.0, 55.0])[channel]) * slow
    first_reply = opened + np.maximum(20, minutes * 60).astype(np.int64)
    difficult = people.difficulty[who]
    handle = np.array(TOPIC_HANDLE_SECONDS)[tickets.topic] * difficult * np.exp(0.6 * rng.standard_normal(n) - 0.18)
    at_once = live | (rng.random(n) < 0.42)
    more = np.where(at_once, handle * 0.5, DAY * 0.6 * difficult * np.exp(0.7 * rng.standard_normal(n)))
    first_resolved = first_reply + 120 + more.astype(np.int64)
    reopened = rng.random(n) < np.clip(0.05 + 0.03 * tickets.is_upset + 0.04 * np.isin(tickets.topic, (3, 4)), 0, 0.3)
    again = first_resolved + ((0.1 + 3 * rng.random(n)) * DAY).astype(np.int64)
    solved = np.where(reopened, again + (DAY * rng.random(n)).astype(np.int64) + 600, first_resolved)
    unsolved = rng.random(n) < 0.03
    closed = np.where(unsolved, tickets.created + 20 * DAY, solved + 4 * DAY)
    tickets.fill(
        opened=opened,
        first_reply=np.where(tickets.is_spam, NEVER, first_reply),
        first_resolved=np.where(unsolved | tickets.is_spam, NEVER, first_resolved),
        is_reopened=reopened & ~unsolved & ~tickets.is_spam,
        reopened_at=again,
        solved=np.where(unsolved | tickets.is_spam, NEVER, solved),
        closed=np.where(tickets.is_spam, tickets.created + HOUR, closed),
        handle=np.clip(np.round(handle), 30, 6 * HOUR).astype(np.int64),
        is_pending=~at_once,
        is_transferred=rng.random(n) < 0.09,
    )


def _merge(rng: np.random.Generator, tickets: Tickets, calendar: Calendar) -> None:
    """A few tickets repeat the customer's previous one of the same week and are merged into it."""
    n = tickets.count
    order = np.lexsort((tickets.created, tickets.who))
    same = (tickets.who[order][1:] == tickets.who[order][:-1]) & (
        tickets.created[order][1:] - tickets.created[order][:-1] < 5 * DAY
    )
    same &= rng.random(n - 1) < 0.12 if n else False
    same[1:] &= ~same[:-1]
    into = np.full(n, -1)
    into[order[1:][same]] = order[:-1][same]
    merged = into >= 0
    at = calendar.opening(tickets.created) + 900
    for name in ("first_reply", "first_resolved", "solved"):
        setattr(tickets, name, np.where(merged, NEVER, getattr(tickets, name)))
    tickets.fill(
        merged_into=into,
        merged_at=np.where(merged, at, NEVER),
        closed=np.where(merged, at, tickets.closed),
        is_reopened=tickets.is_reopened & ~merged,
        handle=np.where(merged, 60, tickets.handle),
    )
