"""Our own faults: outages that hit a part of the customers, and months in which invoices were charged twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from naruki.sample.calendar import BUSINESS_OFFSET, Calendar
from naruki.sample.columns import DAY, HOUR, stream

OUTAGES = 6
BILLING_ERROR_MONTHS = (8, 17)
BILLING_ERROR_SHARE = 0.15
OUTAGE_SHOCK = -0.25
BILLING_SHOCK = -0.5


@dataclass(frozen=True)
class Incidents:
    """Outages (starts, ends, share of customers hit, who was hit) and billing errors (who was charged twice)."""

    starts: np.ndarray
    ends: np.ndarray
    months: np.ndarray
    hit: np.ndarray
    billing_hit: np.ndarray

    def shock(self, month: int) -> np.ndarray:
        """What the faults of a month take from each customer's satisfaction."""
        outages = self.hit[self.months == month].sum(axis=0) * OUTAGE_SHOCK
        errors = [self.billing_hit[k] for k, m in enumerate(BILLING_ERROR_MONTHS) if m == month]
        return outages + (errors[0] * BILLING_SHOCK if errors else 0.0)


def make_incidents(count: int, seed: int, calendar: Calendar) -> Incidents:
    """Six outages on working days, spread over the history, and two months of billing errors."""
    rng = stream(seed, "incidents")
    wanted = (np.arange(OUTAGES) + 0.35 + 0.5 * rng.random(OUTAGES)) * calendar.days / OUTAGES
    days = calendar.next_open_day[wanted.astype(int)]
    starts = days * DAY + (9 * HOUR + rng.random(OUTAGES) * 6 * HOUR).astype(np.int64) - BUSINESS_OFFSET
    share = 0.3 + 0.3 * rng.random(OUTAGES)
    return Incidents(
        starts=starts,
        ends=starts + ((2 + 4 * rng.random(OUTAGES)) * HOUR).astype(np.int64),
        months=calendar.month_of_day(days),
        hit=rng.random((OUTAGES, count)) < share[:, None],
        billing_hit=rng.random((len(BILLING_ERROR_MONTHS), count)) < BILLING_ERROR_SHARE,
    )
