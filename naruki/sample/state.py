"""The state of all customers while the months of the simulation pass, and how it is written down."""

from __future__ import annotations

import numpy as np

from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import INTERVAL_MONTHS, INTERVAL_PRICE_FACTOR, MONTHLY_JPY, MONTHLY_USD_CENTS
from naruki.sample.columns import DAY, NEVER, pick, stream
from naruki.sample.customers import Customers
from naruki.sample.incidents import Incidents
from naruki.sample.ledger import Ledger

NONE, TRIAL, ACTIVE, PAUSED = range(4)
ST_ACTIVE, ST_TRIALING, ST_PAST_DUE, ST_PAUSED, ST_CANCELED = range(5)
STATUSES = ("active", "trialing", "past_due", "paused", "canceled")
DISCOUNTS = ("once", "repeating", "forever")
KINDS = ("subscription", "proration", "one_off")
PAID, OPEN, UNCOLLECTIBLE = range(3)
SPELLS = 2
"""A customer comes back at most once."""

LENGTH = np.array(INTERVAL_MONTHS)


def seat_price(people: Customers, plan: np.ndarray, interval: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Price of a seat for one billing interval in minor units, rounded to ten yen or cents."""
    monthly = np.where(people.is_usd, np.array(MONTHLY_USD_CENTS)[plan], np.array(MONTHLY_JPY)[plan])
    price = monthly * factor * LENGTH[interval] * np.array(INTERVAL_PRICE_FACTOR)[interval]
    return (np.round(price / 10) * 10).astype(np.int64)


class State:
    """The state of all customers while the months pass."""

    def __init__(self, people: Customers, incidents: Incidents, calendar: Calendar, seed: int, ahead: int) -> None:
        self.people, self.incidents, self.calendar = people, incidents, calendar
        self.rng = rng = stream(seed, "history")
        n, months = people.count, MONTHS + ahead
        self.terms = Ledger(
            *[
                "who",
                "at",
                "spell",
                "plan",
                "interval",
                "seats",
                "unit",
                "discount",
                "kind",
                "status",
                "started",
                "term_end",
                "notice",
                "ended",
                "renews",
            ]
        )
        self.invoices = Ledger(*["who", "spell", "month", "kind", "amount", "at", "period_end", "status", "paid"])
        self.churns = Ledger(*["who", "spell", "month", "notice", "ended", "voluntary"])
        self._draw_terms(n)
        self.status = np.zeros(n, dtype=np.int8)
        self.spell = np.zeros(n, dtype=np.int64)
        self.started = np.zeros(n, dtype=np.int64)
        self.term_start = np.zeros(n, dtype=np.int64)
        self.return_month = np.full(n, -1)
        self.resume_month = np.full(n, -1)
        self.deviation = 0.4 * rng.standard_normal(n)
        self.tier = np.zeros(n, dtype=np.int8)
        self.matrix = {
            name: np.zeros((n, months), dtype=kind)
            for name, kind in (
                ("status", np.int8),
                ("plan", np.int8),
                ("interval", np.int8),
                ("term_start", np.int8),
                ("tier", np.int8),
                ("seats", np.int32),
                ("mrr", np.float64),
                ("satisfaction", np.float32),
                ("hazard", np.float32),
            )
        }
        self.spells = {name: np.full((SPELLS, n), NEVER) for name in ("start", "notice", "end")}
        self.fades = rng.random((SPELLS, n)) < 0.85

    def _draw_terms(self, n: int) -> None:
        """First plan, interval, seats, price factor and coupon."""
        rng, people = self.rng, self.people
        taste = 0.7 * people.value + 0.7 * rng.standard_normal(n)
        company_plan = 1 + (taste > 0.05) + (taste > 1.15)
        self.plan = np.where(people.is_company, company_plan, 1 + (taste > 0.9))
        intervals = np.array([[0.78, 0.04, 0.18], [0.62, 0.10, 0.28], [0.48, 0.10, 0.42], [0.15, 0.10, 0.75]])
        edges = intervals.cumsum(axis=1)[np.where(people.is_company, self.plan, 0)]
        self.interval = (rng.random(n)[:, None] > edges[:, :2]).sum(axis=1)
        seats = np.exp(1.0 + 0.95 * people.value + 0.35 * rng.standard_normal(n)) + (self.plan == 3) * 4
        self.seats = np.where(people.is_company, np.clip(np.round(seats), 1, 600), 1).astype(np.int64)
        self.factor = np.where(self.plan == 3, np.exp(0.35 * rng.standard_normal(n)), 1.0)
        self.coupon = pick(rng, (0.08, 0.06, 0.04, 0.82), n)
        self.coupon_share = np.where(self.coupon < 3, np.array([0.1, 0.2, 0.3, 0.5])[rng.integers(0, 4, n)], 0.0)
        self.starts_with_trial = rng.random(n) < 0.35
        self.unit = seat_price(people, self.plan, self.interval, self.factor)

    def chance(self, probability: np.ndarray | float) -> np.ndarray:
        """True with the given chance, for each customer."""
        return self.rng.random(self.people.count) < probability

    def _write_terms(self, who: np.ndarray, at: np.ndarray, status: int, **changes: object) -> None:
        """A row of terms as they stand, from `at` on."""
        length = LENGTH[self.interval[who]]
        paid = self.status[who] != TRIAL
        end_month = np.where(
            paid, self.term_start[who] + ((self.month - self.term_start[who]) // length + 1) * length, 0
        )
        end_month = np.where(paid, end_month, self.month + 1)
        days = self.people.anchor_day[who]
        term_end = self.calendar.boundary(end_month, days, self.people.anchor_second[who])
        kind = np.where(self.coupon_share[who] > 0, self.coupon[who], -1)
        values = {
            "at": at,
            "spell": self.spell[who],
            "plan": np.where(paid, self.plan[who], 0),
            "interval": np.where(paid, self.interval[who], 0),
            "seats": self.seats[who],
            "unit": np.where(paid, self.unit[who], 0),
            "discount": np.where(paid, self._discount()[who], 0),
            "kind": np.where(paid, kind, -1),
            "status": status,
            "started": self.started[who],
            "term_end": term_end,
            "notice": NEVER,
            "ended": NEVER,
            "renews": 1,
        }
        self.terms.add(who, **(values | changes))

    def _discount(self) -> np.ndarray:
        """Discount of a whole interval in minor units."""
        return np.round(self.coupon_share * self.seats * self.unit).astype(np.int64)

    def _write_invoices(
        self,
        who: np.ndarray,
        kind: int,
        amount: np.ndarray,
        period_end: np.ndarray,
        status: object = PAID,
        paid: object = -1,
    ) -> None:
        """Invoices issued at this boundary; without `paid`, cards pay at once and others within 45 days."""
        by_card = 60 + (600 * self.rng.random(len(who))).astype(np.int64)
        by_transfer = ((8 + 37 * self.rng.random(len(who))) * DAY).astype(np.int64)
        usual = self.now[who] + np.where(self.people.pays_by_card[who], by_card, by_transfer)
        self.invoices.add(
            who,
            spell=self.spell[who],
            month=self.month,
            kind=kind,
            amount=amount,
            at=self.now[who],
            period_end=period_end,
            status=status,
            paid=np.where(np.asarray(paid) < 0, usual, paid),
        )

    def _at_term_end(self) -> np.ndarray:
        return (self.month - self.term_start) % LENGTH[self.interval] == 0
