import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.tiering.allocation import _problem, allocate, settle_core


@st.composite
def small_cases(draw):
    """Up to 6 customers x 4 tiers x 3 pools with whole numbers; the first option is free, so that a plan always
    exists.
    """
    n, t, p = draw(st.integers(1, 6)), draw(st.integers(2, 4)), draw(st.integers(1, 3))
    values = np.array(draw(st.lists(st.integers(-20, 50), min_size=n * t, max_size=n * t)), float).reshape(n, t)
    hours = np.array(draw(st.lists(st.integers(0, 9), min_size=n * t * p, max_size=n * t * p)), float).reshape(n, t, p)
    allowed = np.array(draw(st.lists(st.booleans(), min_size=n * t, max_size=n * t))).reshape(n, t)
    hours[:, 0, :], allowed[:, 0] = 0.0, True
    capacity = np.array(draw(st.lists(st.integers(0, 20), min_size=p, max_size=p)), float)
    return values, hours, capacity, allowed


def best_by_trying_all(values, hours, capacity, allowed) -> float:
    rows, best = np.arange(len(values)), -np.inf
    for choice in itertools.product(range(values.shape[1]), repeat=len(values)):
        at = np.array(choice)
        if allowed[rows, at].all() and (hours[rows, at].sum(axis=0) <= capacity).all():
            best = max(best, values[rows, at].sum())
    return best


@settings(max_examples=60, deadline=None)
@given(small_cases())
def test_small_cases_are_exact(case):
    found = allocate(*case)
    assert found.value == pytest.approx(best_by_trying_all(*case), abs=1e-6)
    assert found.gap <= 1e-6


@settings(max_examples=150, deadline=None)
@given(small_cases())
def test_bound_is_a_bound_and_the_plan_lies_within_its_gap_when_not_solved_exactly(case):
    found, truth = allocate(*case, exact_limit=0), best_by_trying_all(*case)
    assert found.value <= truth + 1e-9 <= found.bound + 2e-6
    assert truth - found.value <= found.bound - found.value + 2e-6


@settings(max_examples=100, deadline=None)
@given(small_cases(), st.sampled_from([0, 200]))
def test_hours_never_exceed_capacity_and_only_allowed_tiers_are_given(case, exact_limit):
    _, _, capacity, allowed = case
    found = allocate(*case, exact_limit=exact_limit)
    assert (found.hours <= capacity + 1e-8).all()
    assert allowed[np.arange(len(allowed)), found.choice].all()


def test_price_of_an_hour_is_the_best_value_per_hour_that_was_refused():
    # Worth per hour: 50, 30 and 20; two hours are there. The third is refused, so one more hour would bring 20.
    values = np.array([[0, 50], [0, 30], [0, 20]], float)
    found = allocate(values, np.array([[0, 1], [0, 1], [0, 1]], float), np.array([2.0]), exact_limit=0)
    assert found.choice.tolist() == [1, 1, 0]
    assert found.prices.tolist() == [20.0]


def test_hours_that_are_left_over_are_worth_nothing():
    found = allocate(np.array([[0.0, 50.0]]), np.array([[0.0, 1.0]]), np.array([5.0]))
    assert found.prices.tolist() == [0.0]
    assert found.gap == 0.0


def test_greedy_alone_would_lose_where_the_exact_answer_does_not():
    # By value per hour the small one goes first (10 for 1 hour) and then nothing fits; the large one alone brings 60.
    values, hours = np.array([[0, 10], [0, 60]], float), np.array([[0, 1], [0, 7]], float)
    assert allocate(values, hours, np.array([7.0])).value == 60.0


def test_tier_that_costs_more_and_brings_less_is_never_given():
    values, hours = np.array([[0, 5, 4]], float), np.array([[0, 1, 2]], float)
    assert allocate(values, hours, np.array([9.0]), exact_limit=0).choice.tolist() == [1]


def test_step_of_middling_worth_is_skipped_when_the_large_one_is_worth_more_per_hour():
    # Low brings 1 for 1 hour, high 9 for 3 hours: low lies below the line to high.
    values, hours = np.array([[0, 1, 9], [0, 1, 9]], float), np.array([[0, 1, 3], [0, 1, 3]], float)
    assert allocate(values, hours, np.array([6.0]), exact_limit=0).choice.tolist() == [2, 2]


def test_guaranteed_hours_beyond_capacity_fail_loudly_with_both_figures():
    allowed = np.array([[False, True]])
    with pytest.raises(NarukiError, match=r"5\.0 hours, but there are 3\.0"):
        allocate(np.array([[0.0, 1.0]]), np.array([[0.0, 5.0]]), np.array([3.0]), allowed)


def test_customer_without_any_allowed_tier_is_an_error():
    with pytest.raises(NarukiError, match="no allowed tier"):
        allocate(np.zeros((1, 2)), np.zeros((1, 2)), np.array([1.0]), np.zeros((1, 2), bool))


def test_unknown_values_are_refused_and_not_taken_for_zero():
    with pytest.raises(NarukiError, match="must be numbers"):
        allocate(np.array([[0.0, np.nan]]), np.zeros((1, 2)), np.array([1.0]))


def test_stay_bonus_keeps_a_tier_that_is_almost_as_good_and_gives_way_to_a_clearly_better_one():
    hours, capacity = np.zeros((2, 2)), np.array([1.0])
    values = np.array([[96.0, 100.0], [90.0, 100.0]])
    found = allocate(values, hours, capacity, current=np.array([0, 0]), stay_bonus=0.05)
    assert found.choice.tolist() == [0, 1]  # 96 + 5 > 100, but 90 + 5 < 100
    assert found.value == 196.0


def random_case(n: int, pools: int, seed: int = 3):
    rng = np.random.default_rng(seed)
    base = np.array([[0.01, 0.0, 0.02], [0.2, 0.5, 0.1], [1.0, 0.2, 0.3], [3.0, 0.1, 0.3]])[:, :pools]
    hours = base * rng.uniform(0.5, 1.5, (n, 4, pools))
    values = rng.lognormal(5, 1.2, n)[:, None] * np.array([0, 0.03, 0.06, 0.1]) * rng.uniform(0.5, 1.5, (n, 4))
    return values, hours, n * np.array([0.3, 0.15, 0.12])[:pools]


@pytest.mark.parametrize(("pools", "gap"), [(1, 1e-4), (3, 5e-4)])
def test_gap_stays_within_its_limit_on_twenty_thousand_customers(pools, gap):
    values, hours, capacity = random_case(20_000, pools)
    found = allocate(values, hours, capacity)
    assert 0 <= found.gap <= gap
    assert (found.hours <= capacity * (1 + 1e-8)).all()


@pytest.mark.parametrize("pools", [1, 3])
def test_same_inputs_give_the_same_answer(pools):
    case = random_case(5_000, pools)
    one, two = allocate(*case), allocate(*case)
    assert one.choice.tolist() == two.choice.tolist()
    assert (one.value, one.bound, one.prices.tolist()) == (two.value, two.bound, two.prices.tolist())


def test_bound_of_more_hours_is_never_lower():
    values, hours, capacity = random_case(3_000, 3)
    bounds = [allocate(values, hours, capacity * factor).bound for factor in (0.5, 1.0, 2.0)]
    assert bounds == sorted(bounds)


def test_several_pools_hold_at_once_even_when_only_one_is_scarce():
    values, hours, _ = random_case(2_000, 3)
    capacity = np.array([1e6, 1e6, 0.05 * 2_000])
    found = allocate(values, hours, capacity)
    assert found.hours[2] <= capacity[2] * (1 + 1e-8)
    assert found.prices[2] > 0
    assert found.prices[:2] == pytest.approx([0, 0], abs=1e-6)


def test_customers_whom_the_prices_leave_open_are_settled_exactly():
    # 600 customers in two pools, of which only a few dozen fit: greedy leaves hours unspent that a better mix uses.
    rng = np.random.default_rng(11)
    values = np.column_stack([np.zeros(600), rng.lognormal(3, 1, 600), rng.lognormal(4, 1, 600)])
    hours = np.zeros((600, 3, 2))
    hours[:, 1, 0], hours[:, 2, 1] = rng.uniform(1, 3, 600), rng.uniform(3, 9, 600)
    capacity = np.array([20.0, 37.0])
    found, rough = (allocate(values, hours, capacity, exact_limit=limit) for limit in (200, 0))
    assert (found.method, rough.method) == ("dual + core", "dual")
    assert found.gap <= 1e-6 < rough.gap
    assert (found.hours <= capacity * (1 + 1e-9)).all()
    # The proof holds without the core's: no plan is worth more than the bound of the prices.
    assert rough.objective <= found.objective <= found.bound <= rough.bound


@settings(deadline=None, max_examples=60)
@given(small_cases())
def test_core_is_as_good_as_trying_every_plan(case):
    values, hours, capacity, allowed = case
    problem = _problem(values, hours, capacity, allowed)
    start = np.zeros(len(values), dtype=np.int64)  # the free option: a plan, if a poor one
    bound, prices = float(np.where(allowed, values, -np.inf).max(axis=1).sum()), np.zeros(len(capacity))
    choice, proven, is_proven = settle_core(problem, start, bound, prices, 100)
    best = best_by_trying_all(*case)
    assert (problem.used(choice) <= capacity * (1 + 1e-9) + 1e-9).all()
    if is_proven:
        assert problem.worth(choice) == pytest.approx(best)
        assert proven >= best - 1e-6
