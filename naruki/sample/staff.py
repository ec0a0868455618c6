"""The people at work: agents with skills who join as the company grows, their shifts, and who takes a ticket."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from naruki.sample.calendar import BUSINESS_OFFSET, Calendar
from naruki.sample.columns import DAY, HOUR, ids, instants, labels, numbers, stream

SKILLS = ("support", "success", "technical")
SUPPORT, SUCCESS, TECHNICAL = range(3)
GROUP_SKILL = (SUPPORT, TECHNICAL, SUPPORT, SUCCESS)
"""Skill of the agents behind each group of the help desk (`tickets.GROUPS`)."""
_SHARE = (0.6, 0.25, 0.15)
_HOURLY_YEN = (2600, 3800, 4500)
_HOURS_PER_TICKET = 0.33
_HOURS_PER_WEEK = 24


@dataclass(frozen=True)
class Staff:
    """Agents numbered from 1: index into SKILLS and first day at work, element `number - 1`."""

    skill: np.ndarray
    joined: np.ndarray

    def with_skill(self, *skills: int) -> np.ndarray:
        """Numbers of the agents who have one of the skills."""
        return np.flatnonzero(np.isin(self.skill, skills)) + 1

    def owner(self, customer: np.ndarray) -> np.ndarray:
        """Number of the success manager who looks after each customer: one of those there from the start."""
        managers = self.with_skill(SUCCESS)
        managers = managers[self.joined[managers - 1] == self.joined.min()]
        return managers[customer % len(managers)]

    def take(self, group: np.ndarray, day: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """Number of the agent for each ticket: those of the group's skill who have joined by then, in turn."""
        agent = np.zeros(len(group), dtype=np.int64)
        for number, skill in enumerate(GROUP_SKILL):
            desk = self.with_skill(skill)
            desk = desk[np.argsort(self.joined[desk - 1], kind="stable")]
            rows = np.flatnonzero(group == number)
            there = np.maximum(1, np.searchsorted(self.joined[desk - 1], day[rows], side="right"))
            agent[rows] = desk[turn[rows] * 7919 % there]
        return agent


def make_staff(tickets: int, calendar: Calendar) -> Staff:
    """Enough people for the work, at least six; of each skill 60 % are there from the start, the others join later."""
    hours_per_week = tickets * _HOURS_PER_TICKET / (calendar.days / 7)
    count = max(6, math.ceil(hours_per_week / _HOURS_PER_WEEK / _SHARE[0]))
    edges = np.floor(np.cumsum(_SHARE) * count)
    skill = np.minimum(np.searchsorted(edges, np.arange(count) + 1), len(SKILLS) - 1)
    size = np.bincount(skill, minlength=len(SKILLS))
    rank = np.arange(count) - (np.cumsum(size) - size)[skill]
    wait = np.maximum(0.0, rank / size[skill] - 0.6) * 2 * 0.9
    return Staff(skill=skill, joined=calendar.first_day + (wait * calendar.days).astype(np.int64))


def shifts_table(staff: Staff, calendar: Calendar, seed: int) -> pa.Table:
    """agents_shifts: weekdays 9-18 Tokyo for most, weekends and evenings for a few; days off and leave."""
    rng = stream(seed, "shifts")
    count, skill = len(staff.skill), staff.skill
    agent = np.repeat(np.arange(count), calendar.days)
    day = np.tile(calendar.first_day + np.arange(calendar.days), count)
    weekday = (day + 3) % 7
    weekend = (agent % 9 == 4) & (skill[agent] == SUPPORT)
    working = np.where(weekend, np.isin(weekday, (2, 3, 4, 5, 6)), weekday < 5)
    holiday = calendar.next_open_day[day - calendar.first_day] != day
    working &= ~(holiday & ~weekend) & (rng.random(len(day)) > 0.07) & (day >= staff.joined[agent])
    late = (agent % 7 == 3) & (skill[agent] == SUPPORT)
    starts = day * DAY + np.where(late, 13, 9) * HOUR - BUSINESS_OFFSET
    ends = starts + np.where(agent % 11 == 5, 6, 8) * HOUR
    keep = np.flatnonzero(working & (ends < calendar.cutoff))
    keep = keep[np.lexsort((agent[keep], starts[keep]))]
    cost = (np.array(_HOURLY_YEN)[skill] * (0.9 + 0.25 * rng.random(count)) // 10 * 10).astype(np.int64)
    return pa.table(
        {
            "agent_id": ids("agent", agent[keep] + 1, 4),
            "team": labels(("support", "success"), (skill[agent[keep]] == SUCCESS).astype(int)),
            "skill": labels(SKILLS, skill[agent[keep]]),
            "starts_at": instants(starts[keep]),
            "ends_at": instants(ends[keep]),
            "hourly_cost_minor": numbers(cost[agent[keep]]),
            "currency": labels(("JPY",), np.zeros(len(keep), dtype=int)),
        }
    )
