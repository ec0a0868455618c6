"""How many customers an experiment needs."""

import pytest

from naruki.errors import NarukiError
from naruki.value import detectable_difference, sample_size_two_proportions


def test_retention_90_to_91_percent_needs_about_13500_customers_per_arm():
    # p = .905: (1.95996 sqrt(2 x .905 x .095) + .84162 sqrt(.09 + .0819))**2 / .01**2 = 1.34950 / .0001
    assert sample_size_two_proportions(0.90, 0.91, power=0.8, significance=0.05) == 13_495


def test_the_direction_of_the_change_does_not_matter():
    up = sample_size_two_proportions(0.80, 0.85, power=0.8, significance=0.05)
    assert up == sample_size_two_proportions(0.85, 0.80, power=0.8, significance=0.05)


def test_what_an_arm_can_show_is_the_inverse_of_what_a_change_needs():
    rise = detectable_difference(0.90, 13_495, power=0.8, significance=0.05)
    assert rise == pytest.approx(0.01, abs=1e-5)
    assert detectable_difference(0.90, 20, power=0.8, significance=0.05) is None


@pytest.mark.parametrize("shares", [(0.9, 0.9), (0.0, 0.5), (90, 91)])
def test_shares_that_make_no_sense_are_refused(shares):
    with pytest.raises(NarukiError):
        sample_size_two_proportions(*shares, power=0.8, significance=0.05)
