"""Value against the known truth of the sample's world, from its ledgers straight to the model: 12,000 customers, no files.

The whole way, from the files through the SQL, at 100,000 customers: `python -m benchmarks.value_truth`.
"""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from naruki.policy import read_rows, read_settings
from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import MARGIN_RATE, USD_JPY
from naruki.sample.columns import DAY
from naruki.sample.customers import make_customers
from naruki.sample.history import simulate
from naruki.sample.incidents import make_incidents
from naruki.sample.state import ACTIVE, LENGTH, PAUSED
from naruki.sample.truth import expected_future
from naruki.value import score, train
from naruki.value.asof import known_panel, scoring_rows

CUSTOMERS = 12_000
LAST = date(2026, 10, 31)
FEATURES = ("tenure_months", "monthly_revenue", "revenue_per_seat", "seat_growth", "nps_score", "employees")


def panel_of(people, history, calendar, yen):
    """Rows of `int_value__panel` as its SQL would make them, with an answer to a survey for what the company may know."""
    draw, row = np.random.default_rng(1), np.arange(CUSTOMERS)
    months = calendar.month_days[: MONTHS + 1].astype("datetime64[D]")
    status, seats = history.status[:, :MONTHS], history.seats[:, :MONTHS]
    first = np.argmax(status == ACTIVE, axis=1)
    notice = history.spell_notice.min(axis=0)
    parts = []
    for month in range(MONTHS):
        known = notice < calendar.month_days[month + 1] * DAY - 9 * 3600
        here = np.flatnonzero((status[:, month] == ACTIVE) & ~known)
        later = status[here, month + 1 :] != ACTIVE
        stops = later.any(axis=1)
        stop = month + 1 + np.argmax(later, axis=1) if later.shape[1] else np.full(len(here), month)
        paused = stops & (status[here, np.minimum(stop, MONTHS - 1)] == PAUSED)
        length = LENGTH[history.interval[here, month]]
        revenue = history.mrr[here, month] * yen[here]
        columns = {
            "customer_id": pa.array(here).cast(pa.string()),
            "as_of_month": pa.array(np.full(len(here), months[month])),
            "segment": pa.array((history.plan[here, month] * 3 + history.interval[here, month]).astype(str)),
            "tenure_months": month - first[here],
            "monthly_margin": revenue * MARGIN_RATE,
            "months_to_term_end": (length - (month - history.term_start[here, month]) % length).astype(float),
            "term_months": length.astype(float),
            "stop_month": pa.array(months[stop], mask=~stops),
            "loss_month": pa.array(months[stop], mask=~stops | paused),
            "monthly_revenue": revenue,
            "revenue_per_seat": revenue / seats[here, month],
            "seat_growth": seats[here, month] / seats[row, first][here] - 1,
            "nps_score": history.satisfaction[here, month] + 0.7 * draw.normal(size=len(here)),
            "employees": pa.array(people.employees[here].astype(float), mask=~people.is_company[here]),
        }
        for name, ahead in (("seat_growth_6m", 6), ("seat_growth_12m", 12)):
            then = min(month + ahead, MONTHS - 1)
            unknown = (status[here, then] != ACTIVE) | (month + 12 > MONTHS - 1)
            columns[name] = pa.array(seats[here, then] / seats[here, month] - 1, mask=unknown)
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


@pytest.fixture(scope="module")
def compared():
    """Predicted, naive and true value of the customers under contract, in yen."""
    calendar = Calendar.until(LAST)
    people = make_customers(CUSTOMERS, 7, calendar)
    history = simulate(people, make_incidents(CUSTOMERS, 7, calendar), calendar, 7)
    yen = np.where(people.is_usd, USD_JPY / 100, 1.0)
    known = known_panel(panel_of(people, history, calendar, yen), LAST)
    settings, catalogue = read_settings(), [r for r in read_rows("cfg_value_feature") if r["feature"] in FEATURES]
    model = train(known, settings, catalogue, version="test")
    found = score(scoring_rows(known, LAST), model, settings, catalogue).to_pandas()
    true = expected_future(people, history, calendar, None)["revenue"] * yen * MARGIN_RATE
    return model, found, true[found.customer_id.astype(int)]


def test_the_model_serves(compared):
    model, found, _ = compared
    assert model.hazard is not None, model.reason
    assert (found.method == "hazard").mean() > 0.8


def test_total_value_is_within_three_percent_of_the_truth_and_nearer_than_the_naive(compared):
    _, found, true = compared
    assert found.ltv_mean.sum() == pytest.approx(true.sum(), rel=0.03)
    assert abs(found.ltv_naive.sum() / true.sum() - 1) > 0.08


def test_each_decile_of_value_is_near_the_truth(compared):
    """Within 5 % at 100,000 customers; of 1,200 customers each, chance alone moves a decile by some 2 %."""
    _, found, true = compared
    order = np.argsort(found.ltv_mean.to_numpy(), kind="stable")
    group = np.empty(len(found), dtype=int)
    group[order] = np.arange(len(found)) * 10 // len(found)
    off = np.bincount(group, found.ltv_mean) / np.bincount(group, true) - 1
    assert np.abs(off).max() < 0.08, off.round(3)


def test_as_many_outcomes_lie_between_p10_and_p90_as_the_model_says(compared):
    model, *_ = compared
    [coverage] = [check for check in model.report["checks"] if check["name"] == "coverage"]
    assert coverage["status"] == "passed"
    assert abs(coverage["value"]) < 0.02
