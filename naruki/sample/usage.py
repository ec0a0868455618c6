"""usage_events: a weekly rhythm in the customer's own zone, carried by seats, fading before a notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from naruki.sample.accounts import Users, user_ids
from naruki.sample.calendar import BUSINESS_OFFSET, MONTHS, Calendar
from naruki.sample.catalog import FEATURES
from naruki.sample.columns import DAY, HOUR, NEVER, ids, instants, labels, numbers, pick_rows, stream
from naruki.sample.customers import Customers
from naruki.sample.hazard import FADE_DAYS
from naruki.sample.history import History
from naruki.sample.incidents import Incidents
from naruki.sample.state import ACTIVE, SPELLS, TRIAL

CHUNK_EVENTS = 1_500_000
FADED = 0.12
"""What is left of the usage at the notice."""
_OUTSIDE = 0.036
"""Share lost to quiet seasons and to hours before the first or after the last of a contract."""
_WEEKDAY = np.array([[0.19, 0.20, 0.20, 0.19, 0.17, 0.03, 0.02], [0.13, 0.13, 0.13, 0.13, 0.14, 0.17, 0.17]])
"""Share of a week's usage by weekday (Monday first), of companies and of individuals."""
_DESK = np.array([0, 0, 0, 0, 0, 0, 1, 3, 7, 11, 12, 11, 6, 9, 11, 11, 10, 9, 6, 4, 2, 1, 1, 0.5])
_HOME = np.array([2, 1, 0.5, 0, 0, 0.5, 2, 4, 5, 5, 5, 5, 6, 5, 5, 5, 5, 5, 6, 8, 10, 11, 9, 5])
_DEVICES = ("desktop", "tablet", "phone")
PROPERTIES = tuple(
    f'{{"device": "{device}", "version": "{version}"}}' for device in _DEVICES for version in ("4.1", "4.2", "5.0")
)


@dataclass(frozen=True)
class UsageSource:
    """What the events are drawn from."""

    people: Customers
    history: History
    users: Users
    incidents: Incidents
    calendar: Calendar
    seed: int


def fade(history: History, spell: int, at: np.ndarray | int) -> np.ndarray:
    """Share of the usual usage that is left at an instant: falls over eight weeks to the notice, then stays low."""
    notice = history.spell_notice[spell]
    progress = np.clip((at - (notice - FADE_DAYS * DAY)) / (FADE_DAYS * DAY), 0.0, 1.0)
    return np.where(history.spell_fades[spell] & (notice < NEVER), 1 - (1 - FADED) * progress, 1.0)


def weekly_rate(source: UsageSource, week: int) -> np.ndarray:
    """Relative expected events of each customer in a week."""
    people, history, calendar = source.people, source.history, source.calendar
    day = calendar.first_day + 7 * week
    middle = (day + 3) * DAY + DAY // 2 - BUSINESS_OFFSET
    month = min(int(calendar.month_of_day(np.array(day + 3))), MONTHS - 1)
    status = history.status[:, month]
    rate = np.zeros(people.count)
    for spell in range(SPELLS):
        begin, end = history.spell_start[spell], history.spell_end[spell]
        inside = np.clip((end - (day * DAY - BUSINESS_OFFSET)) / (7 * DAY), 0, 1)
        inside *= np.clip((middle + 3.5 * DAY - begin) / (7 * DAY), 0, 1)
        ramp = np.clip(0.5 + 0.5 * (middle - begin) / (28 * DAY), 0.5, 1.0)
        rate += inside * ramp * fade(history, spell, middle)
    seats = np.maximum(history.seats[:, month], 1)
    unhappy = np.clip(-history.satisfaction[:, month] - 0.8, 0, 1.5)
    rate *= seats * people.engagement * (1 - 0.3 * unhappy)
    return rate * np.where((status == ACTIVE) | (status == TRIAL), 1.0, 0.15)


def usage_chunks(source: UsageSource, wanted: int) -> Iterator[pa.Table]:
    """Tables of events in the order of time, some weeks each, about `wanted` rows in all."""
    rng = stream(source.seed, "usage")
    weeks = -(-source.calendar.days // 7)
    total = sum(float(weekly_rate(source, week).sum()) for week in range(weeks))
    season = _season(source, weeks)
    at_once = max(1, int(CHUNK_EVENTS / (wanted / weeks)))
    next_number = 1
    for first in range(0, weeks, at_once):
        parts = []
        for week in range(first, min(first + at_once, weeks)):
            noise = np.exp(0.2 * rng.standard_normal(source.people.count) - 0.02)
            rate = weekly_rate(source, week) * noise * season[week] * wanted / total / (1 - _OUTSIDE)
            counts = rng.poisson(rate)
            owner = np.repeat(np.arange(source.people.count), counts)
            parts.append((owner, np.full(len(owner), week)))
        owner, week = (np.concatenate(part) for part in zip(*parts, strict=True))
        table = _events(source, rng, owner, week, next_number)
        next_number += len(table)
        yield table


def _season(source: UsageSource, weeks: int) -> np.ndarray:
    """Less at the turn of the year and in summer, slightly uneven otherwise."""
    middle = (source.calendar.first_day + 7 * np.arange(weeks) + 3).astype("datetime64[D]")
    day_of_year = (middle - middle.astype("datetime64[Y]")).astype(int)
    quiet = (day_of_year > 358) | (day_of_year < 5)
    return np.where(quiet, 0.45, np.where((day_of_year > 218) & (day_of_year < 232), 0.8, 1.0))


def _local_times(source: UsageSource, rng: np.random.Generator, owner: np.ndarray, week: np.ndarray) -> np.ndarray:
    """Instants UTC by weekday and hour of the customer's own zone."""
    people, calendar = source.people, source.calendar
    private = (~people.is_company[owner]).astype(np.int64)
    weekday = pick_rows(rng, _WEEKDAY, private)
    first_weekday = (calendar.first_day + 3) % 7
    day = 7 * week + (weekday - first_weekday) % 7
    hour = pick_rows(rng, np.stack([_DESK, _HOME]), private)
    second = hour * HOUR + rng.integers(0, HOUR, len(owner))
    offset = calendar.zone_offset[people.zone[owner], np.minimum(day, calendar.days)]
    return (calendar.first_day + day) * DAY + second - offset


def _events(
    source: UsageSource, rng: np.random.Generator, owner: np.ndarray, week: np.ndarray, number: int
) -> pa.Table:
    """The events of some weeks, sorted by time."""
    history, calendar, users = source.history, source.calendar, source.users
    at = _local_times(source, rng, owner, week)
    within = np.zeros(len(owner), dtype=bool)
    for spell in range(SPELLS):
        within |= (at >= history.spell_start[spell][owner]) & (at < history.spell_end[spell][owner])
    within &= (at >= calendar.start) & (at < calendar.cutoff - 600)
    order = np.flatnonzero(within)
    order = order[np.argsort(at[order], kind="stable")]
    owner, at = owner[order], at[order]
    n = len(owner)
    month = np.minimum(calendar.month_of_day(calendar.business_day(at)), MONTHS - 1)
    ordinal = _who(source, rng, owner, month, at)
    feature = _feature(source, rng, owner)
    down = np.zeros(n, dtype=bool)
    for k in range(len(source.incidents.starts)):
        down |= (at >= source.incidents.starts[k]) & (at < source.incidents.ends[k]) & source.incidents.hit[k][owner]
    late = rng.random(n) < 0.001
    received = at + 2 + (rng.random(n) * 60).astype(np.int64) + late * ((1 + 4 * rng.random(n)) * DAY).astype(np.int64)
    return pa.table(
        {
            "event_id": ids("E", number + np.arange(n), 10),
            "customer_id": ids("C", owner + 1, 7, rng.random(n) < 0.04),
            "user_id": user_ids(users, owner, ordinal),
            "event_name": labels(FEATURES, feature),
            "occurred_at": instants(at),
            "received_at": instants(np.minimum(received, calendar.cutoff - 1)),
            "quantity": numbers(np.floor(1 + 4 * rng.random(n) ** 3)),
            "duration_seconds": numbers(np.round(20 + 600 * rng.standard_exponential(n) * 0.6), rng.random(n) < 0.05),
            "is_error": numbers(rng.random(n) < np.where(down, 0.35, 0.012)),
            "properties": labels(PROPERTIES, rng.integers(0, len(PROPERTIES), n), rng.random(n) < 0.3),
        }
    )


def _who(
    source: UsageSource, rng: np.random.Generator, owner: np.ndarray, month: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Which of the customer's users: the first ones more often, only those that exist by then."""
    users = source.users
    seats = np.minimum(source.history.seats[owner, month], users.count[owner])
    active = np.maximum(1, np.ceil(seats * source.people.engagement[owner])).astype(np.int64)
    ordinal = np.floor(active * rng.random(len(owner)) ** 1.4).astype(np.int64)
    return np.where(users.created[users.first[owner] + ordinal] <= at, ordinal, 0)


def _feature(source: UsageSource, rng: np.random.Generator, owner: np.ndarray) -> np.ndarray:
    """Features in the order of take-up; engaged customers use more of them, growing ones look at larger plans."""
    breadth = np.clip(np.round(3 + 9 * source.people.engagement), 3, 12).astype(np.int64)[owner]
    feature = np.floor(breadth * rng.random(len(owner)) ** 1.6).astype(np.int64)
    growing = np.clip(0.002 + 0.004 * source.people.growth, 0.0, 0.02)[owner]
    draw = rng.random(len(owner))
    return np.where(draw < growing, 13, np.where(draw > 0.99, 12, feature))
