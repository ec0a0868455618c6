"""The simulation: month by month, who subscribes to what, pays, changes, pauses, leaves and comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.sample.calendar import AHEAD, MONTHS, Calendar
from naruki.sample.catalog import INVOLUNTARY_MONTHLY, USD_JPY
from naruki.sample.columns import DAY, HOUR, NEVER
from naruki.sample.customers import Customers
from naruki.sample.hazard import PERSISTENCE, SEAT_STEP, monthly_hazard, notice_lead, seat_chances, term_hazard
from naruki.sample.incidents import Incidents
from naruki.sample.state import (
    ACTIVE,
    LENGTH,
    NONE,
    PAID,
    PAUSED,
    ST_ACTIVE,
    ST_CANCELED,
    ST_PAST_DUE,
    ST_PAUSED,
    ST_TRIALING,
    TRIAL,
    UNCOLLECTIBLE,
    State,
    seat_price,
)


@dataclass(frozen=True)
class History:
    """The ledgers and, by customer x month (`MONTHS + AHEAD` columns), the state after the month's boundary."""

    terms: dict[str, np.ndarray]
    invoices: dict[str, np.ndarray]
    churns: dict[str, np.ndarray]
    status: np.ndarray
    plan: np.ndarray
    interval: np.ndarray
    term_start: np.ndarray
    tier: np.ndarray
    seats: np.ndarray
    mrr: np.ndarray
    satisfaction: np.ndarray
    hazard: np.ndarray
    spell_start: np.ndarray
    spell_notice: np.ndarray
    spell_end: np.ndarray
    spell_fades: np.ndarray


def simulate(people: Customers, incidents: Incidents, calendar: Calendar, seed: int, ahead: int = AHEAD) -> History:
    """Run the months of the history and `ahead` more (at most 37), so that those about to leave are known."""
    run = _Run(people, incidents, calendar, seed, ahead)
    for month in range(MONTHS + ahead):
        run.step(month)
    return run.history()


class _Run(State):
    """The steps of a month."""

    def step(self, month: int) -> None:
        """One month: at each customer's own boundary in it, first the leaving, then changes, then the bill."""
        people = self.people
        self.month = month
        self.now = self.calendar.boundary(month, people.anchor_day, people.anchor_second)
        self.deviation = PERSISTENCE * self.deviation + 0.28 * self.rng.standard_normal(people.count)
        self.deviation += self.incidents.shock(month)
        self.satisfaction = people.satisfaction + self.deviation
        self._begin()
        self._resume()
        self._leave()
        self._change_seats()
        self._change_plan()
        self._pause()
        self._renew()
        lost = self._bill()
        self._record()
        self.status[lost] = NONE

    def _begin(self) -> None:
        """New customers, trials that turn into contracts or not, and those who come back."""
        people, month = self.people, self.month
        new = people.start_month == month
        back = self.return_month == month
        self.spell[back] = 1
        self.interval[back] = 0
        self.plan[back] = np.maximum(1, self.plan[back] - self.chance(0.3)[back])
        self.coupon_share[back] = 0.0
        self.unit = np.where(back, seat_price(people, self.plan, self.interval, self.factor), self.unit)
        fresh = new | back
        self.started[fresh] = self.now[fresh]
        who = np.flatnonzero(fresh)
        self.spells["start"][self.spell[who], who] = self.now[who]
        trial = new & self.starts_with_trial
        due = (self.status == TRIAL) & (month == people.start_month + 1)
        converts = due & self.chance(1 / (1 + np.exp(-1.3 - 0.5 * self.satisfaction)))
        gone = np.flatnonzero(due & ~converts)
        self._write_terms(gone, self.now[gone], ST_CANCELED, ended=self.now[gone], renews=0)
        self.spells["end"][0, gone] = self.now[gone]
        self.status[gone] = NONE
        self.status[trial] = TRIAL
        paying = (fresh & ~trial) | converts
        self.status[paying] = ACTIVE
        self.term_start[paying] = month
        who = np.flatnonzero(trial)
        self._write_terms(who, self.now[who], ST_TRIALING)
        who = np.flatnonzero(paying)
        self._write_terms(who, self.now[who], ST_ACTIVE)
        self._bill_setup(np.flatnonzero(paying & ~back & (self.plan > 1) & self.chance(0.35)))

    def _bill_setup(self, who: np.ndarray) -> None:
        """One-off fees of larger plans; they are not recurring revenue."""
        yen = 30_000 * (1 + self.rng.integers(0, 6, len(who))) * (self.plan[who] - 1)
        amount = np.where(self.people.is_usd[who], np.round(yen / USD_JPY) * 100, yen).astype(np.int64)
        self._write_invoices(who, 2, amount, self.now[who])

    def _resume(self) -> None:
        """Pauses that end."""
        who = np.flatnonzero((self.status == PAUSED) & (self.resume_month == self.month))
        self.status[who] = ACTIVE
        self.term_start[who] = self.month
        self._write_terms(who, self.now[who], ST_ACTIVE)

    def _leave(self) -> None:
        """Those who leave at the end of their term; notice was given some days or weeks before."""
        month, people = self.month, self.people
        paying = self.status == ACTIVE
        hazard = monthly_hazard(people, self.plan, self.satisfaction, month - people.start_month, self.tier)
        self.hazard = np.where(paying, hazard, 0.0)
        leaving = paying & self.chance(term_hazard(self.hazard, self.interval, month - self.term_start))
        who = np.flatnonzero(leaving)
        notice = self.now[who] - notice_lead(self.rng, self.interval[who])
        self.month -= 1
        self._write_terms(who, notice, ST_ACTIVE, notice=notice, renews=0)
        self.month += 1
        self._end(who, notice, self.now[who], is_voluntary=True)
        self.status[who] = NONE

    def _end(self, who: np.ndarray, notice: np.ndarray, ended: np.ndarray, is_voluntary: bool) -> None:
        """The last row of the terms, the spell's end, and whether the customer will come back."""
        self._write_terms(who, ended, ST_CANCELED, notice=notice, ended=ended, term_end=ended, renews=0)
        spell = self.spell[who]
        self.spells["notice"][spell, who] = notice
        self.spells["end"][spell, who] = ended
        self.churns.add(who, spell=spell, month=self.month, notice=notice, ended=ended, voluntary=int(is_voluntary))
        back = (self.rng.random(len(who)) < 0.12) & (spell == 0)
        self.return_month[who[back]] = self.month + self.rng.integers(2, 7, back.sum())

    def _change_seats(self) -> None:
        """More seats at any boundary (prorated within a term), fewer only when a term ends."""
        settled = (self.status == ACTIVE) & (self.month > self.term_start)
        at_end = self._at_term_end()
        up, down = seat_chances(self.people, self.seats)
        down = np.where(at_end, down * LENGTH[self.interval], 0.0)
        draw, rounding = self.rng.random(len(up)), self.rng.random(len(up))
        step = np.where(draw < up, SEAT_STEP, np.where(draw < up + down, -SEAT_STEP, 0.0))
        seats = np.clip(np.floor(self.seats * (1 + step) + rounding), 1, 2000).astype(np.int64)
        changed = settled & (step != 0) & (seats != self.seats)
        within = np.flatnonzero(changed & ~at_end)
        length = LENGTH[self.interval]
        left = length - (self.month - self.term_start) % length
        amount = (seats - self.seats) * self.unit * left // length
        self.seats = np.where(changed, seats, self.seats)
        who = np.flatnonzero(changed)
        self._write_terms(who, self.now[who], ST_ACTIVE)
        anchor = self.people.anchor_day[within], self.people.anchor_second[within]
        self._write_invoices(within, 1, amount[within], self.calendar.boundary(self.month + left[within], *anchor))

    def _change_plan(self) -> None:
        """Upgrades, downgrades, changes from monthly to yearly billing, coupons that have run out: at term ends."""
        free = (self.status == ACTIVE) & (self.month > self.term_start) & self._at_term_end()
        draw = self.rng.random(len(free))
        eager = np.clip(1 + self.people.growth, 0, 3)
        up = free & (self.plan < 3) & self.people.is_company & (draw < 0.003 * eager * LENGTH[self.interval])
        down = free & (self.plan > 1) & (draw > 1 - 0.0015 * LENGTH[self.interval])
        yearly = free & (self.interval == 0) & ~up & ~down & self.chance(0.006)
        over = free & (self.coupon == 1) & (self.coupon_share > 0) & (self.month - self.people.start_month >= 3)
        self.coupon_share[over] = 0.0
        self.plan = self.plan + up - down
        self.interval = np.where(yearly, 2, self.interval)
        self.term_start = np.where(up | down | yearly, self.month, self.term_start)
        self.unit = np.where(
            up | down | yearly, seat_price(self.people, self.plan, self.interval, self.factor), self.unit
        )
        who = np.flatnonzero(up | down | yearly | over)
        self._write_terms(who, self.now[who], ST_ACTIVE)

    def _pause(self) -> None:
        """Small monthly customers may pause for one to three months."""
        may = (self.status == ACTIVE) & (self.interval == 0) & (self.plan == 1) & (self.month > self.term_start)
        paused = may & self.chance(0.004)
        self.resume_month[paused] = self.month + 1 + self.rng.integers(0, 3, paused.sum())
        self.status[paused] = PAUSED
        who = np.flatnonzero(paused)
        self._write_terms(who, self.now[who], ST_PAUSED)

    def _renew(self) -> None:
        """Longer terms that begin anew get a row with the new end, though nothing else changed."""
        again = (self.status == ACTIVE) & (self.interval > 0) & (self.month > self.term_start) & self._at_term_end()
        who = np.flatnonzero(again)
        self._write_terms(who, self.now[who], ST_ACTIVE)

    def _bill(self) -> np.ndarray:
        """Invoices of the terms that begin; returns those lost because a card failed for good."""
        due = (self.status == ACTIVE) & self._at_term_end()
        card = due & self.people.pays_by_card
        fails = card & self.chance(INVOLUNTARY_MONTHLY * LENGTH[self.interval])
        slips = card & ~fails & self.chance(0.012)
        who = np.flatnonzero(due)
        amount = (self.seats * self.unit - self._discount())[who]
        hours = np.where(
            self.interval[who] == 0, 6 + 42 * self.rng.random(len(who)), 24 + 400 * self.rng.random(len(who))
        )
        recovered = self.now[who] + DAY + (hours * HOUR).astype(np.int64)
        paid = np.where(fails[who], NEVER, np.where(slips[who], recovered, -1))
        period = self.month + LENGTH[self.interval[who]]
        period_end = self.calendar.boundary(period, self.people.anchor_day[who], self.people.anchor_second[who])
        self._write_invoices(who, 0, amount, period_end, np.where(fails[who], UNCOLLECTIBLE, PAID), paid)
        slow = who[slips[who]]
        self._write_terms(slow, self.now[slow] + DAY, ST_PAST_DUE)
        self.coupon_share[due & (self.coupon == 0)] = 0.0
        self._write_terms(slow, recovered[slips[who]], ST_ACTIVE)
        lost = np.flatnonzero(fails)
        self._write_terms(lost, self.now[lost] + DAY, ST_PAST_DUE)
        self._end(lost, np.full(len(lost), NEVER), self.now[lost] + 21 * DAY, is_voluntary=False)
        return lost

    def _record(self) -> None:
        """Keep the month's state and assign next month's touch tier by revenue, as the company does so far."""
        length = LENGTH[self.interval]
        lasting = np.where(self.coupon > 0, self._discount(), 0)
        mrr = np.where(self.status == ACTIVE, (self.seats * self.unit - lasting) / length, 0.0)
        for name in ("status", "plan", "interval", "term_start", "tier", "seats", "satisfaction", "hazard"):
            self.matrix[name][:, self.month] = getattr(self, name)
        self.matrix["mrr"][:, self.month] = mrr
        self.matrix["seats"][self.status == NONE, self.month] = 0
        yen = mrr * np.where(self.people.is_usd, USD_JPY / 100, 1.0)
        paying = yen[self.status == ACTIVE]
        if len(paying):
            middle, top = np.quantile(paying, (0.67, 0.92))
            tier = 1 + (yen >= middle).astype(np.int8) + (yen >= top)
            self.tier = np.where(self.people.is_held_out, 0, tier).astype(np.int8)

    def history(self) -> History:
        """What came of it."""
        spells = self.spells
        return History(
            terms=self.terms.columns(),
            invoices=self.invoices.columns(),
            churns=self.churns.columns(),
            spell_start=spells["start"],
            spell_notice=spells["notice"],
            spell_end=spells["end"],
            spell_fades=self.fades,
            **self.matrix,
        )
