"""The checks pass for an honest model, fail for a dishonest one, and are skipped where nobody can tell."""

from dataclasses import replace

import numpy as np
import pytest

from naruki.errors import NarukiError
from naruki.policy import read_settings
from naruki.value import Outcomes, Promotion, ValueSettings, annuity, backtest_report, honesty_checks, lifetime_value
from naruki.value.lookback import _with_honesty

SETTINGS = ValueSettings.from_mapping(read_settings())


def cohort(customers: int, seed: int = 1, level: float = 1.0, spread: float = 1.0) -> Outcomes:
    """A year of customers; `level` and `spread` bend the predicted hazard away from the true one."""
    draw = np.random.default_rng(seed)
    logit = draw.normal(-3.2, 0.8, customers)
    true = 1 / (1 + np.exp(-logit))
    said = 1 / (1 + np.exp(-(-3.2 + (logit + 3.2) * spread))) * level
    margin = draw.lognormal(3, 0.5, customers)
    months = draw.geometric(true)
    curve = (1 - said)[:, None] ** np.arange(13)
    value = lifetime_value(curve, margin, monthly_discount=0.008)
    return Outcomes(
        p_lost=1 - curve[:, -1],
        lost=months <= 12,
        predicted=value.mean,
        actual=margin * annuity(np.minimum(months, 12), 0.008),
        low=value.quantiles[:, 0],
        high=value.quantiles[:, -1],
        coverage=value.coverage,
    )


def status(outcomes: Outcomes) -> dict[str, str]:
    return {check.name: check.status for check in honesty_checks(outcomes, SETTINGS)}


def test_an_honest_model_passes_every_check():
    assert set(status(cohort(60_000)).values()) == {"passed"}


def test_a_model_that_foresees_half_the_losses_fails():
    found = status(cohort(60_000, level=0.5))
    assert found["ece10"] == found["total_value"] == found["decile_value"] == found["coverage"] == "failed"


def test_a_model_that_exaggerates_differences_fails_by_its_slope():
    assert status(cohort(60_000, spread=2.0))["calibration_slope"] == "failed"


def test_values_just_over_a_limit_by_chance_are_called_uncertain():
    outcomes = cohort(700, seed=3)
    shifted = replace(outcomes, predicted=outcomes.predicted / (1 + 0.04 - _gap(outcomes)) / 1.0)
    check = {check.name: check for check in honesty_checks(shifted, SETTINGS)}["total_value"]
    assert check.limit < abs(check.value) < check.limit + 1.96 * check.error
    assert check.status == "uncertain"
    assert "chance" in check.message


def _gap(outcomes: Outcomes) -> float:
    return float(outcomes.actual.sum() / outcomes.predicted.sum()) - 1


def test_under_200_losses_all_checks_are_skipped_and_say_so():
    outcomes = cohort(300)
    assert outcomes.lost.sum() < 200
    checks = honesty_checks(outcomes, SETTINGS)
    assert {check.status for check in checks} == {"skipped"}
    assert all(f"{int(outcomes.lost.sum())} losses" in check.message for check in checks)


def test_report_shows_total_deciles_ranking_and_coverage_beside_the_baseline():
    outcomes = cohort(5000)
    report = backtest_report(outcomes, {"past_spend": np.full(5000, 3.0)})
    assert report["model"]["predicted"] == pytest.approx(outcomes.predicted.sum())
    assert report["model"]["actual"] == pytest.approx(outcomes.actual.sum())
    assert [row["n"] for row in report["model"]["deciles"]] == [500] * 10
    assert report["model"]["gini"] > report["baselines"]["past_spend"]["gini"] == pytest.approx(0.0)
    assert report["coverage"] == pytest.approx(report["coverage_implied"], abs=0.02)
    assert report["lost"] == outcomes.lost.sum()


def test_a_missing_setting_is_named():
    rows = read_settings()
    del rows["value_ridge"]
    with pytest.raises(NarukiError, match="value_ridge"):
        ValueSettings.from_mapping(rows)
    with pytest.raises(NarukiError, match="number"):
        ValueSettings.from_mapping(read_settings() | {"value_ridge": "strong"})


def test_a_broken_limit_keeps_a_better_model_only_out_if_its_money_is_further_off_than_the_baselines():
    """1,000 customers worth 100 or nothing; the model won on probabilities, then its total is compared with the naive."""
    lost = np.arange(1000) % 2 == 0
    actual = np.where(lost, 0.0, 100.0)
    shares = np.where(lost, 0.6, 0.4)

    def judged(model_value: float, naive_value: float):
        flat = np.full(1000, model_value)
        told = Outcomes(shares, lost, flat, actual, flat * 0, flat * 3, flat * 0 + 1.0)
        won = Promotion(True, 0.1, 0.05, 1000, "It won.")
        return _with_honesty(
            won, honesty_checks(told, SETTINGS), replace(told, predicted=flat * 0 + naive_value), SETTINGS
        )

    assert not judged(model_value=75.0, naive_value=60.0).promoted
    kept = judged(model_value=75.0, naive_value=90.0)
    assert kept.promoted
    assert "Beyond an honesty limit" in kept.reason
    assert "total_value" in kept.reason
