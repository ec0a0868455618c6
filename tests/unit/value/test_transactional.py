"""Customers without a contract: the published CDNOW results, and a baseline that is hard to beat."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import BgNbdFit, fit_bgnbd, fit_gamma_gamma, gini
from naruki.value.spend import gamma_gamma_likelihood
from naruki.value.transactional import bgnbd_likelihood

PUBLISHED = BgNbdFit({"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}, -9582.43, np.zeros((4, 4)), 2357)


@pytest.fixture(scope="module")
def bgnbd(cdnow):
    return fit_bgnbd(cdnow["x"], cdnow["t_x"], cdnow["T"])


def test_bgnbd_on_cdnow_gives_the_published_parameters(bgnbd):
    assert bgnbd.params == pytest.approx({"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}, abs=0.001)
    assert bgnbd.log_likelihood == pytest.approx(-9582.43, abs=0.1)


def test_customer_1_is_expected_to_buy_1_226_times_in_the_next_39_weeks(bgnbd, cdnow):
    first = cdnow.iloc[:1]
    assert bgnbd.expected_transactions(39, first["x"], first["t_x"], first["T"])[0] == pytest.approx(1.226, abs=0.001)


def test_a_heavy_buyer_is_expected_to_buy_25_76_times_in_the_next_52_weeks(bgnbd):
    assert bgnbd.expected_transactions(52, [26], [30.86], [31])[0] == pytest.approx(25.76, abs=0.01)


def test_gamma_gamma_on_cdnow_gives_the_published_parameters(cdnow):
    fit = fit_gamma_gamma(cdnow["x"], cdnow["zbar"])
    assert fit.params == pytest.approx({"p": 6.249, "q": 3.745, "gamma": 15.448}, abs=0.01)


def test_past_spend_ranks_customers_better_than_the_model_on_cdnow(cdnow_all):
    """The naive baseline is published beside the model because of cases like this: Gini .696 against .672."""
    end = pd.Timestamp("1997-09-30")
    first = cdnow_all.groupby("id")["date"].min().rename("first")
    seen = cdnow_all[cdnow_all["date"] <= end].join(first, on="id")
    base = seen.groupby("id").agg(
        first=("first", "min"), last=("date", "max"), n=("date", "size"), past=("spend", "sum")
    )
    repeat = seen[seen["date"] > seen["first"]].groupby("id")["spend"].mean().reindex(base.index)
    came = cdnow_all[cdnow_all["date"] > end].groupby("id")["spend"].sum().reindex(base.index).fillna(0.0)
    x, last, age = base["n"] - 1, (base["last"] - base["first"]).dt.days / 7, (end - base["first"]).dt.days / 7
    paying = (x > 0) & (repeat > 0)
    spend = fit_gamma_gamma(x[paying], repeat[paying])
    model = fit_bgnbd(x, last, age).expected_transactions(39, x, last, age) * spend.expected_value(x, repeat)
    assert gini(base["past"], came) == pytest.approx(0.696, abs=0.001)
    assert gini(model, came) == pytest.approx(0.672, abs=0.001)


def test_analytic_gradients_agree_with_differences(gradient_error, cdnow):
    some = cdnow.iloc[:200]
    columns = [some[name].to_numpy(dtype=float) for name in ("x", "t_x", "T")]
    weight = np.ones(200)
    for point in ([-1.4, 1.5, -0.2, 0.9], [0.3, 0.0, 0.5, -0.5]):
        assert gradient_error(lambda logs: bgnbd_likelihood(logs, *columns, weight), point) < 1e-5
    paying = some[some["x"] > 0]
    x, mean = paying["x"].to_numpy(dtype=float), paying["zbar"].to_numpy(dtype=float)
    for point in ([1.8, 1.3, 2.7], [0.2, 0.5, 1.0]):
        assert gradient_error(lambda logs: gamma_gamma_likelihood(logs, x, mean), point) < 1e-5


def simulate(customers: int, r: float, alpha: float, a: float, b: float, until: float, ahead: float, seed: int):
    """Purchases of customers who may drop out after each: x, t_x, T and what comes in `ahead`."""
    draw = np.random.default_rng(seed)
    rate, dropping = draw.gamma(r, 1 / alpha, customers), draw.beta(a, b, customers)
    x, last, later = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    clock, alive = np.zeros(customers), np.ones(customers, dtype=bool)
    while alive.any():
        clock = clock + draw.exponential(1 / np.maximum(rate, 1e-12))
        alive &= clock <= until + ahead
        early = alive & (clock <= until)
        x += early
        last = np.where(early, clock, last)
        later += alive & ~early
        alive &= draw.random(customers) >= dropping
    return x, last, np.full(customers, until), later


def test_bgnbd_recovers_the_truth_and_foretells_the_total():
    x, last, age, later = simulate(40_000, 0.8, 6.0, 0.9, 2.5, 40.0, 20.0, seed=2)
    fit = fit_bgnbd(x, last, age)
    assert fit.params == pytest.approx({"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5}, rel=0.12)
    assert fit.expected_transactions(20.0, x, last, age).sum() == pytest.approx(later.sum(), rel=0.02)


def test_quantiles_of_purchases_cover_what_they_say():
    truth = BgNbdFit({"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5}, 0.0, np.zeros((4, 4)), 0)
    x, last, age, later = simulate(40_000, 0.8, 6.0, 0.9, 2.5, 40.0, 20.0, seed=3)
    for level in (0.1, 0.5, 0.9):
        bound = truth.transactions_quantile(level, 20.0, x, last, age)
        assert np.mean(later <= bound) >= level - 0.01
        assert np.mean(later[bound > 0] < bound[bound > 0]) <= level + 0.01


@settings(max_examples=40, deadline=None)
@given(x=st.integers(0, 60), share=st.floats(0.0, 1.0), age=st.floats(0.5, 300), ahead=st.floats(0.1, 100))
def test_mean_purchases_equal_the_sum_of_their_exact_distribution(x, share, age, ahead):
    last = share * age if x else 0.0
    columns = [np.full(3000, float(value)) for value in (ahead, x, age)]
    alive = PUBLISHED.survival(np.full(3000, x), np.full(3000, last), np.full(3000, age))
    above = PUBLISHED._exceeds(np.arange(3000.0), alive, *columns)
    mean = PUBLISHED.expected_transactions(ahead, [x], [last], [age])[0]
    assert mean == pytest.approx(above.sum(), rel=1e-5, abs=1e-9)
    q10, q50, q90 = (PUBLISHED.transactions_quantile(q, ahead, [x], [last], [age])[0] for q in (0.1, 0.5, 0.9))
    assert 0 <= q10 <= q50 <= q90
    assert 1 - above[int(q90)] >= 0.9 - 1e-9
    assert q90 == 0 or 1 - above[int(q90) - 1] < 0.9 + 1e-9


def test_spend_of_a_customer_lies_between_its_own_mean_and_that_of_all(cdnow):
    fit = fit_gamma_gamma(cdnow["x"], cdnow["zbar"])
    p, q, gamma = fit.params.values()
    everybody = p * gamma / (q - 1)
    one, many, none = fit.expected_value([1, 50, 0], [100.0, 100.0, np.nan])
    assert none == pytest.approx(everybody)
    assert everybody < one < many < 100.0


def test_currency_and_unit_of_time_do_not_change_the_prediction(cdnow):
    days = fit_bgnbd(cdnow["x"], cdnow["t_x"] * 7, cdnow["T"] * 7)
    weeks = fit_bgnbd(cdnow["x"], cdnow["t_x"], cdnow["T"])
    assert days.params["alpha"] == pytest.approx(weeks.params["alpha"] * 7, rel=1e-4)
    yen = fit_gamma_gamma(cdnow["x"], cdnow["zbar"] * 150)
    dollars = fit_gamma_gamma(cdnow["x"], cdnow["zbar"])
    assert yen.params["gamma"] == pytest.approx(dollars.params["gamma"] * 150, rel=1e-4)


def test_stored_models_are_the_same_models(bgnbd):
    again = BgNbdFit.from_dict(json.loads(json.dumps(bgnbd.to_dict())))
    assert again.expected_transactions(10, [3], [5.0], [9.0]) == bgnbd.expected_transactions(10, [3], [5.0], [9.0])


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [
        ([1], [5.0], [4.0]),
        ([-1], [0.0], [4.0]),
        ([0, 0], [0.0, 0.0], [3.0, 4.0]),
        ([1, 2], [1.0], [3.0]),
        ([1], [np.nan], [3]),
    ],
)
def test_impossible_histories_are_refused(frequency, recency, age):
    with pytest.raises(NarukiError):
        fit_bgnbd(frequency, recency, age)
