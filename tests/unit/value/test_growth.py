"""Growth as a range: sober, ordered, and covering what it says."""

import json

import numpy as np
import pytest

from naruki.errors import NarukiError
from naruki.value import GrowthModel, lifetime_value

NAMES = ("seats", "usage_slope")


def customers(count: int, seed: int):
    """Most do not grow at all; those with rising usage sometimes double."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(count, 2))
    doubling = draw.random(count) < 1 / (1 + np.exp(2.0 - 1.5 * x[:, 1]))
    growth = np.where(doubling, draw.uniform(0.3, 1.5, count), np.where(draw.random(count) < 0.2, -0.3, 0.0))
    return np.arange(count) + 10**6 * seed, x, growth


@pytest.fixture(scope="module")
def model():
    ids, x, growth = customers(8000, seed=1)
    return GrowthModel.fit(ids, x, growth, NAMES, minimum=50)


def test_p10_and_p90_hold_what_came_for_new_customers(model):
    _, x, growth = customers(8000, seed=2)
    p10, p50, p90 = model.predict(x).T
    assert np.all((p10 <= p50) & (p50 <= p90))
    assert np.mean(growth <= p90) == pytest.approx(0.9, abs=0.03)
    assert np.mean(growth < p10) <= 0.1 + 0.02
    assert np.mean(growth <= p50) >= 0.5


def test_rising_usage_promises_more_and_most_customers_are_expected_to_stay_as_they_are(model):
    rising, flat = model.predict([[0.0, 2.0], [0.0, -1.0]])
    assert rising[2] > flat[2] + 0.3
    assert flat[1] == 0.0


def test_no_prediction_lies_beyond_what_was_ever_seen(model):
    beyond = model.predict([[0.0, 1e6], [0.0, -1e6]])
    assert beyond.max() <= model.quantiles.max()
    assert beyond.min() >= model.quantiles.min()


def test_few_customers_share_one_range():
    ids, x, growth = customers(60, seed=3)
    small = GrowthModel.fit(ids, x, growth, NAMES, minimum=50)
    assert np.all(small.predict(x) == small.predict(x)[0])
    assert small.group_size == 60


def test_order_of_customers_does_not_matter():
    ids, x, growth = customers(1000, seed=4)
    order = np.random.default_rng(0).permutation(1000)
    one = GrowthModel.fit(ids, x, growth, NAMES, minimum=50)
    other = GrowthModel.fit(ids[order], x[order], growth[order], NAMES, minimum=50)
    np.testing.assert_allclose(one.predict(x[:50]), other.predict(x[:50]), atol=1e-9)


def test_stored_model_is_the_same_model(model):
    again = GrowthModel.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(again.predict([[0.5, np.nan]]), model.predict([[0.5, np.nan]]))


def test_too_few_customers_or_unknown_growth_are_refused():
    ids, x, growth = customers(30, seed=5)
    with pytest.raises(NarukiError, match="50 customers"):
        GrowthModel.fit(ids, x, growth, NAMES, minimum=50)
    with pytest.raises(NarukiError, match="known"):
        GrowthModel.fit(ids, x, np.append(growth[1:], np.nan), NAMES, minimum=10)


def lasting_growth(count: int, seed: int, spread: float):
    """Each customer grows at its own lasting monthly rate, N(0.5 %, spread), besides chance in every half-year."""
    draw = np.random.default_rng(seed)
    rate = 0.005 + spread * draw.normal(size=count)
    halves = 6 * rate[:, None] + 0.15 * draw.normal(size=(count, 2))
    return rate, np.expm1(halves[:, 0]), np.expm1(halves.sum(axis=1))


def test_what_lasts_of_growth_is_told_from_chance():
    noise = np.random.default_rng(5).normal(size=(20_000, 2))
    for spread in (0.0, 0.012):
        _, halfway, growth = lasting_growth(20_000, 6, spread)
        found = GrowthModel.fit(np.arange(20_000), noise, growth, NAMES, minimum=50, halfway=halfway)
        lasting = found.predict_lasting(noise).mean()
        assert lasting == pytest.approx(spread**2, abs=2e-5)
        assert GrowthModel.from_dict(json.loads(json.dumps(found.to_dict()))).predict_lasting(noise).mean() == lasting


def test_three_years_of_lasting_growth_are_worth_more_than_three_years_of_the_mean():
    """What customers of unlike lasting growth bring in 36 months is what value expects of their mean and their spread."""
    rate, halfway, growth = lasting_growth(200_000, 7, 0.012)
    nothing = np.zeros((200_000, 2))
    found = GrowthModel.fit(np.arange(200_000), nothing, growth, NAMES, minimum=50, halfway=halfway)
    came = np.exp(rate[:, None] * np.arange(36)).sum(axis=1).mean()
    chance = np.expm1(np.log1p(found.predict_mean(nothing[:1])) / 12)
    chance = (1 + chance) / np.exp(0.15**2 / 12) - 1  # the mean of a year holds its chance, which `came` leaves out
    told = {
        spread: lifetime_value(
            np.ones((1, 37)), [1.0], monthly_discount=0.0, monthly_growth=chance, growth_spread=spread
        ).mean[0]
        for spread in (0.0, float(found.predict_lasting(nothing[:1])[0]))
    }
    without, with_spread = told.values()
    assert without < 0.99 * came
    assert with_spread == pytest.approx(came, rel=0.005)


def test_growth_is_not_extrapolated_beyond_what_was_seen(model):
    """Two years of tenure, where only one was ever followed by a known year, count as that one."""
    edge, far = model.predict_mean([[0.0, 3.0], [0.0, 30.0]])
    assert far == edge


def test_few_customers_are_expected_to_grow_like_all():
    """Sixty customers whose growth is chance: twenty features must not tell them apart."""
    draw = np.random.default_rng(8)
    names = tuple(f"x{number}" for number in range(20))
    growth = np.where(draw.random(60) < 0.2, 0.5, 0.0)
    found = GrowthModel.fit(np.arange(60), draw.normal(size=(60, 20)), growth, names, minimum=50)
    expected = found.predict_mean(draw.normal(size=(500, 20)))
    assert expected.mean() == pytest.approx(growth.mean(), abs=0.02)
    assert expected.std() < 0.03
