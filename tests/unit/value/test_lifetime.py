"""Lifetime value: finite, discounted, with quantiles that follow from the month of leaving."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import annuity, lifetime_value, monthly_rate


def test_value_of_three_months_worked_out_by_hand():
    # Survival 1, .8, .5, .1; d = 10 % a month; 100 a month: 100 (1/1.1 + .8/1.21 + .5/1.331).
    value = lifetime_value([[1.0, 0.8, 0.5, 0.1]], [100.0], monthly_discount=0.10)
    assert value.mean[0] == pytest.approx(90.9091 + 66.1157 + 37.5657, abs=1e-3)
    # Left by the end of month 1: 20 %, month 2: 50 %, month 3: all who remain. P10 = month 1, P50 = 2, P90 = 3.
    assert value.quantiles[0] == pytest.approx([90.9091, 173.5537, 248.6852], abs=1e-3)
    assert value.coverage[0] == pytest.approx(1.0)
    assert value.months[0] == pytest.approx(2.3)


def test_a_customer_that_never_leaves_is_worth_the_annuity_and_not_more():
    value = lifetime_value(np.ones((1, 37)), [1000.0], monthly_discount=0.01)
    assert value.mean[0] == pytest.approx(1000 * (1 - 1.01**-36) / 0.01)
    assert np.all(value.quantiles == pytest.approx(value.mean[0]))


def test_unknown_margin_gives_unknown_value_and_not_zero():
    value = lifetime_value(np.ones((1, 3)), [np.nan], monthly_discount=0.01)
    assert np.isnan(value.mean[0])
    assert np.isnan(value.quantiles).all()


def test_with_a_negative_margin_a_long_life_is_the_bad_end():
    curve = [[1.0, 0.8, 0.5, 0.1]]
    gain = lifetime_value(curve, [100.0], monthly_discount=0.0, quantiles=(0.15, 0.45, 0.85))
    loss = lifetime_value(curve, [-100.0], monthly_discount=0.0, quantiles=(0.15, 0.55, 0.85))
    np.testing.assert_allclose(loss.quantiles[0], -gain.quantiles[0][::-1])
    assert loss.mean[0] == pytest.approx(-gain.mean[0])


def test_yearly_rate_compounds_from_the_monthly_one():
    assert (1 + monthly_rate(0.10)) ** 12 == pytest.approx(1.10)
    assert annuity(12, 0.0) == 12
    assert annuity([0, 1], 0.05) == pytest.approx([0.0, 1 / 1.05])


curves = st.lists(st.floats(0.5, 1.0), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(kept=curves, margin=st.one_of(st.floats(0.01, 1e6), st.floats(-1e6, -0.01)), discount=st.floats(0.0, 0.05))
def test_quantiles_are_ordered_and_agree_with_the_distribution_month_by_month(kept, margin, discount):
    curve = np.cumprod([1.0, *kept])[None, :]
    value = lifetime_value(curve, [margin], monthly_discount=discount)
    horizon = curve.shape[1] - 1
    months = np.arange(1, horizon + 1)
    chance = -np.diff(curve[0])
    chance[-1] += curve[0, -1]  # who survives the horizon has paid it in full
    outcomes = margin * annuity(months, discount)
    assert value.mean[0] == pytest.approx(chance @ outcomes, rel=1e-6, abs=1e-6)
    assert np.all(np.diff(value.quantiles[0]) >= -1e-6)
    slack = 1e-9 * max(abs(margin), 1) * horizon
    for level, bound in zip(value.levels, value.quantiles[0], strict=True):
        assert chance[outcomes <= bound + slack].sum() >= level - 1e-6
        assert chance[outcomes < bound - slack].sum() <= level + 1e-6
    inside = (outcomes >= value.quantiles[0, 0] - slack) & (outcomes <= value.quantiles[0, -1] + slack)
    assert value.coverage[0] == pytest.approx(chance[inside].sum(), abs=1e-6)


@pytest.mark.parametrize("curve", [[[1.0, 0.5, 0.6]], [[0.9, 0.5, 0.4]], [[1.0]], [1.0, 0.9]])
def test_curves_that_are_no_survival_are_refused(curve):
    with pytest.raises(NarukiError):
        lifetime_value(curve, [1.0], monthly_discount=0.01)
