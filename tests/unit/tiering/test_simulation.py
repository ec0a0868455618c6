from datetime import date

import numpy as np
import pytest

from naruki.tiering.simulation import World, simulate

START = date(2026, 1, 1)


@pytest.fixture(scope="module")
def year(shipped):
    """Two made-up years with a known truth, under the shipped pack."""
    return [simulate(shipped, World(customers=600, seed=seed), START, 0.15) for seed in (1, 2)]


def test_tiers_do_not_flap_and_are_seldom_wrong_over_a_year(year):
    assert np.mean([run.moves_per_year for run in year]) <= 0.3
    assert np.mean([run.wrong_share for run in year]) <= 0.06


def test_best_plan_beats_tiers_by_value_only_on_the_known_truth(year):
    assert all(run.true_value > run.true_value_ltv_only for run in year)
    assert all(run.true_value <= run.true_value_best + 1e-6 * abs(run.true_value_best) for run in year)


def test_without_the_waiting_rules_tiers_would_flap(shipped):
    loose = {
        "stay_bonus_share": 0.0,
        "band_sd": 0.0,
        "confirmations": 1,
        "lock_days": 0,
        "minimum_tier_probability": 1e-9,
    }
    free = shipped.with_settings(**loose, demotion_needs_approval=False)
    assert simulate(free, World(customers=300, weeks=8), START, 0.15).moves_per_year > 1.0


def test_hours_in_force_never_exceed_the_hours_there_are_over_a_year(year):
    assert [run.weeks_over_hours for run in year] == [0, 0]
