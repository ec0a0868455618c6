"""The 24 months of the sample, in seconds UTC, closed in Asia/Tokyo, which knows no daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from naruki.sample.catalog import ZONES
from naruki.sample.columns import DAY, HOUR

BUSINESS_OFFSET = 9 * HOUR
MONTHS = 24
AHEAD = 5
"""Months simulated after the end, so that those about to leave already fade at the end."""
FUTURE = 50
"""Months after the end that can be named: three years and a year's term on top."""
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Calendar:
    """Month starts (`MONTHS` + `FUTURE`), offsets of the zones by day, business days."""

    end: date
    month_days: np.ndarray
    first_day: int
    days: int
    cutoff: int
    zone_offset: np.ndarray
    next_open_day: np.ndarray

    @classmethod
    def until(cls, end: date) -> Calendar:
        """The calendar whose last day is `end`."""
        first = end.year * 12 + end.month - MONTHS
        starts = [date((first + k) // 12, (first + k) % 12 + 1, 1) for k in range(MONTHS + FUTURE)]
        month_days = np.array([day_number(day) for day in starts], dtype=np.int64)
        days = day_number(end) + 1 - int(month_days[0])
        return cls(
            end=end,
            month_days=month_days,
            first_day=int(month_days[0]),
            days=days,
            cutoff=(day_number(end) + 1) * DAY - BUSINESS_OFFSET,
            zone_offset=_zone_offsets(starts[0], days + 1),
            next_open_day=_next_open_days(starts[0], days + 40),
        )

    @property
    def start(self) -> int:
        """First instant of the history."""
        return self.first_day * DAY - BUSINESS_OFFSET

    def boundary(self, month: int, anchor_day: np.ndarray, anchor_second: np.ndarray) -> np.ndarray:
        """The instant of the anchor day (1..28) in a month: when terms begin and invoices are issued."""
        return (self.month_days[month] + anchor_day - 1) * DAY + anchor_second - BUSINESS_OFFSET

    def month_of_day(self, day: np.ndarray) -> np.ndarray:
        """Month index of each day number."""
        return np.searchsorted(self.month_days, day, side="right") - 1

    def business_day(self, instant: np.ndarray) -> np.ndarray:
        """Day number in the business zone."""
        return (instant + BUSINESS_OFFSET) // DAY

    def opening(self, instant: np.ndarray) -> np.ndarray:
        """The instant itself within desk hours (weekdays 9-18 Tokyo), else the next opening."""
        local = instant + BUSINESS_OFFSET
        day, second = np.divmod(local, DAY)
        after = second >= 18 * HOUR
        wanted = np.clip(day + after - self.first_day, 0, len(self.next_open_day) - 1)
        open_day = self.next_open_day[wanted]
        same = (open_day == day) & (second >= 9 * HOUR) & ~after
        return np.where(same, instant, open_day * DAY + 9 * HOUR - BUSINESS_OFFSET)


def is_year_end(day: date) -> bool:
    """Whether the company is closed for the turn of the year."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def _zone_offsets(first: date, days: int) -> np.ndarray:
    """Seconds to add to UTC, by zone and day (the value at noon UTC)."""
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    rows = []
    for zone in ZONES:
        info = ZoneInfo(zone)
        offsets = [(noon + timedelta(days=d)).astimezone(info).utcoffset() for d in range(days)]
        rows.append([int(offset.total_seconds()) for offset in offsets if offset is not None])
    return np.array(rows, dtype=np.int64)


def _next_open_days(first: date, days: int) -> np.ndarray:
    """For each day the same or next working day as a day number."""
    result = np.empty(days, dtype=np.int64)
    upcoming = day_number(first) + days
    for k in range(days - 1, -1, -1):
        day = first + timedelta(days=k)
        if day.weekday() < 5 and not is_year_end(day):
            upcoming = day_number(day)
        result[k] = upcoming
    return result
