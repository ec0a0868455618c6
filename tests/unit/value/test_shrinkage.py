"""Small groups borrow from all groups, and say so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import shrink_rates, value_by_attribute
from naruki.value.shrinkage import _spread_likelihood


def test_a_group_of_two_says_little_and_a_group_of_thousands_keeps_its_rate():
    events, trials = [2, 900, 450, 100], [2, 1000, 1000, 1000]
    rates = shrink_rates(events, trials, minimum=20)
    assert rates.raw[0] == 1.0
    assert rates.rate[0] < 0.85
    assert rates.rate[1] == pytest.approx(0.9, abs=0.01)
    assert list(rates.is_published) == [False, True, True, True]
    assert rates.weight[0] < 0.6 < 0.95 < rates.weight[1]


def test_posterior_is_the_beta_binomial_one():
    rates = shrink_rates([30, 60, 10], [100, 100, 100], minimum=1)
    alpha, beta = rates.params["alpha"], rates.params["beta"]
    assert rates.rate[1] == pytest.approx((alpha + 60) / (alpha + beta + 100))
    assert alpha / (alpha + beta) == pytest.approx(100.5 / 301)


def test_spread_between_groups_is_recovered():
    draw = np.random.default_rng(8)
    trials = np.full(3000, 50)
    events = draw.binomial(trials, draw.beta(8.0, 2.0, 3000))
    found = shrink_rates(events, trials, minimum=1).params
    assert found == pytest.approx({"alpha": 8.0, "beta": 2.0}, rel=0.1)


def test_groups_no_more_different_than_chance_get_the_common_rate_but_no_more_certainty_than_all_data_hold():
    rates = shrink_rates([10, 10, 10], [100, 100, 100], minimum=1)
    assert rates.rate == pytest.approx([0.1, 0.1, 0.1], abs=0.002)
    # The interval of 30 of 300 is about 0.1 +- 1.64 sqrt(.09 / 300) = +- 0.028; a group adds its 100.
    assert rates.high[0] - rates.low[0] > 0.04


def test_gradient_agrees_with_differences(gradient_error):
    y, n = np.array([3.0, 10.0, 0.0]), np.array([10.0, 12.0, 7.0])
    for point in ([0.0], [4.0]):
        assert gradient_error(lambda logs: _spread_likelihood(logs, 0.4, y, n), point) < 1e-5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_a_shrunk_rate_lies_between_its_own_and_the_common_one(pairs):
    events, others = np.array(pairs).T
    trials = events + others
    if trials.sum() == 0:
        return
    rates = shrink_rates(events, trials, minimum=1)
    common = (events.sum() + 0.5) / (trials.sum() + 1.0)
    for raw, rate, low, high in zip(rates.raw, rates.rate, rates.low, rates.high, strict=True):
        ends = [common, common if np.isnan(raw) else raw]
        assert min(ends) - 1e-9 <= rate <= max(ends) + 1e-9
        assert 0 <= low <= rate <= high <= 1


def test_value_by_attribute_hides_small_groups_and_keeps_unknown_apart():
    attribute = ["retail"] * 40 + ["bank"] * 40 + ["farm"] * 2 + [None] * 30
    stayed = [1] * 30 + [0] * 10 + [1] * 38 + [0] * 2 + [1, 1] + [1] * 15 + [0] * 14 + [np.nan]
    value = [100.0] * 40 + [300.0] * 40 + [9000.0] * 2 + [50.0] * 30
    rows = {row["attribute"]: row for row in value_by_attribute(attribute, stayed, value, minimum=20)}
    assert rows["farm"]["is_published"] is False
    assert rows["farm"]["rate"] is None
    assert rows["farm"]["value"] is None
    assert rows["unknown"]["n"] == 29
    assert rows["bank"]["rate"] > rows["retail"]["rate"] > rows["unknown"]["rate"]
    assert 0.75 <= rows["retail"]["rate"] <= 0.85  # 30 of 40, pulled towards 85 of 111
    assert rows["bank"]["value"] > rows["retail"]["value"]


@pytest.mark.parametrize(("events", "trials"), [([2], [1]), ([0], [0]), ([1, 2], [3]), ([np.nan], [3])])
def test_impossible_counts_are_refused(events, trials):
    with pytest.raises(NarukiError):
        shrink_rates(events, trials, minimum=1)
