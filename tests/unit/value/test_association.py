"""Support before notice and leaving: an association, with what would explain it away."""

import numpy as np
import pytest

from naruki.errors import NarukiError
from naruki.value import e_value, supported_association

Z = 1.96


def customers(count: int, effect: float, seed: int = 2):
    """Those in trouble ask for support and leave; support itself changes the log-odds of leaving by `effect`."""
    draw = np.random.default_rng(seed)
    trouble, size = draw.normal(size=count), draw.normal(size=count)
    supported = draw.random(count) < 1 / (1 + np.exp(-(0.9 * trouble - 0.2)))
    logit = -1.6 + 1.2 * trouble + 0.3 * size

    def leaves(given):
        return 1 / (1 + np.exp(-(logit + effect * given)))

    lost = draw.random(count) < leaves(supported)
    return supported, lost, np.column_stack([trouble, size]), float(np.mean(leaves(1) - leaves(0)))


def test_the_raw_difference_has_the_wrong_sign_although_overlap_looks_fine_and_the_adjusted_one_is_right():
    supported, lost, x, truth = customers(8000, effect=-0.6)
    found = supported_association(supported, lost, x, ["trouble", "size"], z=Z)
    assert truth < 0
    assert found.raw.low > 0
    assert found.overlap > 0.9
    assert found.adjusted.low <= truth + 0.01
    assert found.adjusted.high >= truth - 0.01
    assert found.adjusted.high < 0
    before, after = found.standardised["trouble"]
    assert before > 0.5
    assert abs(after) < 0.1
    assert found.e_value > found.e_value_bound > 1
    assert "association" in found.message


def test_no_effect_is_not_told_from_chance_once_customers_are_comparable():
    supported, lost, x, _ = customers(6000, effect=0.0, seed=5)
    found = supported_association(supported, lost, x, ["trouble", "size"], z=Z)
    assert found.adjusted.low < 0 < found.adjusted.high
    assert found.e_value_bound == 1.0
    assert "chance" in found.message


def test_a_hidden_cause_widens_the_range_with_its_strength():
    supported, lost, x, _ = customers(6000, effect=-0.6)
    found = supported_association(supported, lost, x, ["trouble", "size"], z=Z, strengths=(1.0, 1.5, 3.0))
    estimate = found.share_lost_supported - found.share_lost_others
    assert found.sensitivity[1.0] == pytest.approx((estimate, estimate))
    assert found.sensitivity[3.0][0] < found.sensitivity[1.5][0] < estimate < found.sensitivity[1.5][1]
    assert found.sensitivity[3.0][1] > 0  # a strong enough hidden cause turns the sign
    assert found.e_value < 3.0


def test_nobody_comparable_is_said_and_not_papered_over():
    draw = np.random.default_rng(1)
    x = np.concatenate([np.full(200, -5.0), np.full(200, 5.0)]) + draw.normal(size=400) / 10
    supported = x > 0
    lost = draw.random(400) < 0.3
    found = supported_association(supported, lost, x[:, None], ["size"], z=Z)
    assert found.overlap < 0.05
    assert found.adjusted is None
    assert found.risk_ratio is None
    assert "No comparable" in found.message


def test_raw_difference_by_hand():
    supported = np.array([True] * 100 + [False] * 100)
    lost = np.array([True] * 20 + [False] * 80 + [True] * 30 + [False] * 70)
    found = supported_association(supported, lost, np.random.default_rng(0).normal(size=(200, 1)), ["a"], z=Z)
    assert found.raw.estimate == pytest.approx(-0.10)
    assert (found.raw.low, found.raw.high) == pytest.approx((-0.2167, 0.0201), abs=0.001)  # Newcombe, method 10


def test_e_value_of_a_doubled_risk_is_3_41_in_either_direction():
    assert e_value(2.0) == pytest.approx(2 + np.sqrt(2))
    assert e_value(0.5) == pytest.approx(e_value(2.0))
    assert e_value(1.0) == 1.0


def test_one_kind_of_customer_cannot_be_compared():
    with pytest.raises(NarukiError):
        supported_association([True, True], [True, False], [[0.0], [1.0]], ["a"], z=Z)
