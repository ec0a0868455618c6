"""Measures of what came true, worked out by hand where that is possible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import auc, calibration, gini, promote
from naruki.value.validation import expected_calibration_error, grouped, log_loss


def test_auc_counts_pairs_and_halves_ties():
    # Events at .8 and .5, others at .5 and .1: pairs won 1, 1, half, 1 of 4.
    assert auc([0.8, 0.5, 0.5, 0.1], [1, 1, 0, 0]) == pytest.approx(3.5 / 4)
    assert np.isnan(auc([0.1, 0.2], [0, 0]))


def test_gini_is_one_for_the_perfect_and_minus_one_for_the_reversed_ranking():
    actual = [10.0, 5.0, 1.0, 0.0]
    assert gini(actual, actual) == pytest.approx(1.0)
    assert gini([-value for value in actual], actual) == pytest.approx(-1.0)
    assert gini([1.0, 1.0, 1.0, 1.0], actual) == pytest.approx(0.0)


def test_equal_scores_share_what_came_so_that_the_order_of_rows_does_not_matter():
    assert gini([1, 1, 0, 0], [10.0, 0.0, 0.0, 0.0]) == pytest.approx(gini([1, 1, 0, 0], [0.0, 10.0, 0.0, 0.0]))


def test_honest_probabilities_have_slope_one_and_doubled_log_odds_slope_one_half():
    draw = np.random.default_rng(1)
    logit = draw.normal(-2, 1, 100_000)
    event = draw.random(100_000) < 1 / (1 + np.exp(-logit))
    slope, error, intercept = calibration(1 / (1 + np.exp(-logit)), event)
    assert slope == pytest.approx(1.0, abs=3 * error)
    assert error < 0.02
    assert intercept == pytest.approx(0.0, abs=0.05)
    assert calibration(1 / (1 + np.exp(-2 * logit)), event)[0] == pytest.approx(0.5, abs=0.02)


def test_calibration_error_is_the_gap_per_group_weighted_by_size():
    probability, event = [0.1] * 50 + [0.9] * 50, [1] * 10 + [0] * 40 + [1] * 40 + [0] * 10
    assert expected_calibration_error(probability, event, bins=2) == pytest.approx((0.1 + 0.1) / 2)


def test_groups_are_of_equal_size_and_start_with_the_lowest_prediction():
    groups = grouped(np.arange(20.0)[::-1], np.arange(20.0)[::-1] * 2, bins=10)
    assert list(groups.n) == [2] * 10
    assert groups.predicted[0] == pytest.approx(0.5)
    assert groups.actual[-1] == pytest.approx(37.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_groups_never_lose_a_customer(pairs):
    probability, event = zip(*pairs, strict=True)
    groups = grouped(probability, event)
    assert groups.n.sum() == len(pairs)
    assert groups.n.min() >= 1
    assert (groups.n * groups.actual).sum() == pytest.approx(sum(event))


def test_a_model_is_promoted_only_if_it_beats_the_baseline_by_more_than_chance():
    draw = np.random.default_rng(2)
    base = draw.random(500)
    better = promote(base - 0.1 + draw.normal(0, 0.2, 500), base, confidence=0.95)
    assert better.promoted
    assert 0 < better.low < better.gain
    assert not promote(base + np.tile([0.2, -0.21], 250), base, confidence=0.95).promoted  # better, but within chance
    assert not promote(base + 0.05, base, confidence=0.95).promoted
    assert not promote([], [], confidence=0.95).promoted
    assert not promote(base, base, confidence=0.95).promoted  # the baseline itself is no better than the baseline


def test_log_loss_of_what_happened():
    assert log_loss([0.8, 0.8], [1, 0]) == pytest.approx([-np.log(0.8), -np.log(0.2)])


def test_lists_of_different_length_are_refused():
    with pytest.raises(NarukiError):
        grouped([0.1], [1, 0])
