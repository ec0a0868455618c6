"""Retention curves reproduce the published ones and never bend upwards."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import fit_bdw, fit_sbg, fit_sbg_at_risk
from naruki.value.contractual import SbgFit, bdw_likelihood, retention_from_dict, sbg_likelihood

# Fader & Hardie (2007): survivors in % at the start of years 0..12, cohorts of 1,000.
HIGH_END = np.array([100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]) * 10
REGULAR = np.array([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]) * 10


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood", "later"),
    [
        (HIGH_END, 0.668, 3.806, -1611.158, [0.460, 0.436, 0.414, 0.395, 0.378]),
        (REGULAR, 0.704, 1.182, -1680.265, [0.220, 0.204, 0.191, 0.180, 0.170]),
    ],
)
def test_sbg_fitted_on_seven_years_gives_the_published_parameters_and_years_8_to_12(
    survivors, alpha, beta, log_likelihood, later
):
    fit = fit_sbg(survivors[:8])
    assert fit.params["alpha"] == pytest.approx(alpha, abs=0.001)
    assert fit.params["beta"] == pytest.approx(beta, abs=0.001)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.1)
    np.testing.assert_allclose(fit.survival(np.arange(8, 13)), later, atol=0.0005)


@pytest.mark.parametrize(
    ("survivors", "params", "log_likelihood", "year_12"),
    [
        (HIGH_END, {"alpha": 0.2594, "beta": 1.723, "c": 1.584}, -1222.749, 0.389),
        (REGULAR, {"alpha": 0.523, "beta": 0.894, "c": 1.196}, None, 0.171),
    ],
)
def test_bdw_fitted_on_four_years_gives_the_published_parameters_and_year_12(
    survivors, params, log_likelihood, year_12
):
    fit = fit_bdw(survivors[:5])
    assert fit.params == pytest.approx(params, abs=0.001)
    if log_likelihood:
        assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.1)
    assert float(fit.survival(12)) == pytest.approx(year_12, abs=0.0005)


def test_discounted_residual_lifetime_after_the_seven_years_that_were_fitted_is_the_published_one():
    fit = fit_sbg(HIGH_END[:8])
    assert fit.discounted_residual_lifetime(0.10, renewals=7) == pytest.approx(7.530, abs=0.0005)


@pytest.mark.parametrize("renewals", [0, 1, 7])
def test_discounted_residual_lifetime_is_the_sum_of_its_payments(renewals):
    fit = fit_sbg(HIGH_END[:8])
    years = np.arange(renewals + 1, 2000)
    payments = fit.survival(years) / fit.survival(renewals) / 1.1 ** (years - renewals - 1.0)
    assert fit.discounted_residual_lifetime(0.10, renewals) == pytest.approx(payments.sum(), rel=1e-9)


def test_analytic_gradients_agree_with_differences(gradient_error):
    at_risk, lost = HIGH_END[:7], -np.diff(HIGH_END[:8])
    for point in ([-0.4, 1.3], [1.0, 0.2]):
        assert gradient_error(lambda logs: sbg_likelihood(logs, at_risk, lost), point) < 1e-5
    for point in ([-1.3, 0.5, 0.46], [0.5, 1.0, -0.4]):
        assert gradient_error(lambda logs: bdw_likelihood(logs, at_risk, lost), point) < 1e-5


def test_sbg_recovers_the_truth_from_simulated_customers():
    draw = np.random.default_rng(5)
    left = draw.geometric(draw.beta(1.5, 6.0, 200_000))
    fit = fit_sbg([np.count_nonzero(left > period) for period in range(13)])
    assert fit.params == pytest.approx({"alpha": 1.5, "beta": 6.0}, rel=0.05)


def test_pooling_cohorts_of_different_age_keeps_the_truth():
    draw = np.random.default_rng(6)
    at_risk, lost = np.zeros(24), np.zeros(24)
    for age in (6, 12, 24):
        left = draw.geometric(draw.beta(1.5, 6.0, 100_000))
        for period in range(age):
            at_risk[period] += np.count_nonzero(left > period)
            lost[period] += np.count_nonzero(left == period + 1)
    assert fit_sbg_at_risk(at_risk, lost).params == pytest.approx({"alpha": 1.5, "beta": 6.0}, rel=0.05)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.3, 0.97), min_size=3, max_size=10))
def test_survival_starts_at_one_and_never_rises(kept):
    survivors = np.round(1000 * np.cumprod([1.0, *kept]))
    if np.count_nonzero(np.diff(survivors)) < 3:
        return
    for fit in (fit_sbg(survivors), fit_bdw(survivors)):
        curve = fit.survival(np.arange(60))
        assert curve[0] == pytest.approx(1.0)
        assert np.all(np.diff(curve) <= 1e-12)
        ahead = fit.conditional_survival([0, 5], np.arange(10))
        np.testing.assert_allclose(ahead[0], curve[:10], atol=1e-12)
        np.testing.assert_allclose(ahead[1], curve[5:15] / curve[5], atol=1e-9)


def test_error_of_survival_agrees_with_repeated_samples():
    truth = SbgFit({"alpha": 1.0, "beta": 8.0}, 0.0, np.zeros((2, 2)), 0, 0, False)
    draw = np.random.default_rng(7)
    estimates, errors = [], []
    for _ in range(60):
        left = draw.geometric(draw.beta(1.0, 8.0, 2000))
        fit = fit_sbg([np.count_nonzero(left > period) for period in range(9)])
        estimates.append(float(fit.log_survival(8)))
        errors.append(float(fit.log_survival_error([0.0], 8)[0]))
    assert np.mean(estimates) == pytest.approx(float(truth.log_survival(8)), abs=0.02)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.3)


def test_error_stays_that_of_the_common_rate_when_customers_do_not_differ():
    at_risk = np.full(36, 100 / 36 * 36)
    fit = fit_sbg_at_risk(at_risk, at_risk * 0.02)
    # 3,600 months at 2 %: the error of twelve months of ln(1 - p) is 12 sqrt(.02 x .98 / 3600) / .98 = 0.0286.
    assert fit.log_survival_error([0.0], 12.0)[0] == pytest.approx(0.0286, rel=0.05)
    assert float(fit.survival(12)) == pytest.approx(0.98**12, abs=0.002)


def test_stored_curve_is_the_same_curve():
    fit = fit_bdw(HIGH_END[:5])
    again = retention_from_dict(json.loads(json.dumps(fit.to_dict())))
    np.testing.assert_array_equal(again.survival(np.arange(20)), fit.survival(np.arange(20)))


@pytest.mark.parametrize("survivors", [[100, 90, 95, 80], [100, 100, 100], [100, 90], [100, float("nan"), 80]])
def test_counts_that_cannot_be_a_cohort_are_refused_with_a_way_out(survivors):
    with pytest.raises(NarukiError):
        fit_sbg(survivors)
