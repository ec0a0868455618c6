"""The landmark hazard: right on known truth, blind to the future, and honest about what it does not know."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.errors import NarukiError
from naruki.value import HazardModel, auc, leaking_features, make_panel, split_by_time
from naruki.value.hazard_fit import Design, log_likelihood, sample_trials, time_columns
from naruki.value.panel import hash_ids, term_end_in
from naruki.value.scaling import fit_scaler

FIT = {"horizon": 24, "ridge": 1.0}


@pytest.fixture(scope="module")
def truth(world):
    return world(6000, [-0.6, 0.3, 0.0])


@pytest.fixture(scope="module")
def model(truth):
    return HazardModel.fit(truth.panel(), **FIT)


def test_coefficients_are_recovered(truth, model):
    effects = [model.params[name] for name in truth.names]
    assert effects == pytest.approx(truth.weights, abs=0.08)
    growing = [model.params[f"{name}:ln_k"] for name in truth.names]
    assert growing == pytest.approx([0, 0, 0], abs=0.06)


def test_predicted_survival_is_that_of_the_true_hazard(truth, model):
    predicted = model.predict_survival(truth.x, month=12)
    true = (1 - truth.hazard) ** 12
    assert predicted.at_month().mean() == pytest.approx(true.mean(), abs=0.01)
    assert np.abs(predicted.at_month() - true).mean() < 0.02
    assert np.mean((true >= predicted.low) & (true <= predicted.high)) > 0.6  # 90 % of customers, all from one draw


def test_interval_covers_the_truth_in_repeated_samples(world):
    """90 % intervals of one customer's survival, over 40 samples of 600 customers with three landmarks each."""
    covered = 0
    for seed in range(40):
        sample = world(600, [-0.5], seed=100 + seed)
        found = HazardModel.fit(sample.panel(), **FIT).predict_survival([[1.0]], month=12)
        true = (1 - 1 / (1 + np.exp(3.5 + 0.5))) ** 12
        covered += int(found.low[0] <= true <= found.high[0])
    assert 32 <= covered <= 40


def test_repeating_landmarks_does_not_fake_certainty(world):
    sample = world(1500, [-0.5])
    once = HazardModel.fit(sample.panel(landmarks=(0,)), **FIT)
    often = HazardModel.fit(sample.panel(landmarks=tuple(range(0, 12))), **FIT)
    errors = [found.predict_survival([[1.0]], month=12).log_error[0] for found in (once, often)]
    # Twelve landmarks of the same customers hold little more than one: a naive error would shrink by about sqrt(10).
    assert errors[1] > 0.5 * errors[0]


def test_sampling_non_events_leaves_the_level_of_the_hazard_where_it_was(world):
    panel = world(12_000, [-0.6, 0.3]).panel()
    whole = HazardModel.fit(panel, **FIT)
    drawn = HazardModel.fit(panel, **FIT, max_rows=60_000)
    assert whole.sampling_rate == 1.0
    assert drawn.sampling_rate < 0.5
    assert drawn.n_events == whole.n_events
    customer = [[0.0, 0.0], [1.0, -1.0]]
    np.testing.assert_allclose(
        drawn.predict_survival(customer).curve, whole.predict_survival(customer).curve, atol=0.02
    )


def test_drawing_depends_on_the_customer_and_not_on_the_order_of_rows(world):
    ids, as_of, x, months, lost = world(2000, [-0.6, 0.3]).rows()
    order = np.random.default_rng(0).permutation(len(ids))
    one = HazardModel.fit(make_panel(ids, as_of, x, months, lost, ["a", "b"]), **FIT, max_rows=9000)
    other_rows = (column[order] for column in (ids, as_of, x, months, lost))
    other = HazardModel.fit(make_panel(*other_rows, ["a", "b"]), **FIT, max_rows=9000)
    assert one.n_rows == other.n_rows
    np.testing.assert_allclose(one.theta, other.theta, atol=1e-6)


def test_events_after_the_cut_change_nothing_in_what_was_trained(world):
    """What happens later may lengthen or shorten every later life: the model of the cut must not notice."""
    ids, as_of, x, months, lost = world(1500, [-0.6]).rows()
    cut = 24012
    seen_then = np.minimum(months, cut - as_of)
    changed = np.where(months > cut - as_of, np.maximum(seen_then + 1, 1), months)
    before, _ = split_by_time(make_panel(ids, as_of, x, months, lost, ["a"]), cut)
    after, _ = split_by_time(make_panel(ids, as_of, x, changed, lost, ["a"]), cut)
    np.testing.assert_array_equal(before.months, after.months)
    np.testing.assert_array_equal(before.lost, after.lost)
    np.testing.assert_array_equal(HazardModel.fit(before, **FIT).theta, HazardModel.fit(after, **FIT).theta)


def test_shuffled_labels_give_an_auc_of_one_half(world):
    ids, as_of, x, months, lost = world(4000, [-0.9, 0.6]).rows(landmarks=(0,))
    order = np.random.default_rng(4).permutation(len(ids))
    half = np.arange(len(ids)) < len(ids) // 2
    shuffled = make_panel(ids[half], as_of[half], x[half], months[order][half], lost[order][half], ["a", "b"])
    found = HazardModel.fit(shuffled, **FIT)
    score = 1 - found.predict_survival(x[~half], month=12).at_month()
    assert auc(score, (lost & (months <= 12))[order][~half]) == pytest.approx(0.5, abs=0.05)
    gone = (lost & (months <= 12))[~half]
    honest = HazardModel.fit(make_panel(ids[half], as_of[half], x[half], months[half], lost[half], ["a", "b"]), **FIT)
    assert auc(1 - honest.predict_survival(x[~half], month=12).at_month(), gone) > 0.65


def test_a_planted_feature_that_knows_the_future_is_found(world):
    ids, _, x, months, lost = world(3000, [-0.6, 0.3]).rows(landmarks=(0,))
    gone = lost & (months <= 12)
    noise = np.random.default_rng(1).normal(size=len(ids))
    planted = np.where(gone, 1.0, 0.0) + 0.3 * noise
    hidden = np.where(gone, np.nan, noise)  # a survey that only the staying answered
    matrix = np.column_stack([x, planted, hidden])
    names = ("x0", "x1", "days_until_cancellation", "last_survey")
    leaks = leaking_features(matrix, gone, names, limit=0.8)
    assert {name for name, _ in leaks} == {"days_until_cancellation", "last_survey"}
    assert leaking_features(x, gone, names[:2], limit=0.8) == []


def test_rows_repeated_before_the_split_are_an_error(world):
    ids, as_of, x, months, lost = world(200, [-0.6]).rows()
    again = np.concatenate([np.arange(len(ids)), np.flatnonzero(lost)])  # losses twice, to balance the classes
    with pytest.raises(NarukiError, match="repeated"):
        make_panel(ids[again], as_of[again], x[again], months[again], lost[again], ["a"])


def test_unknown_is_not_zero(world):
    sample = world(6000, [-0.6])
    ids, as_of, x, months, lost = sample.rows()
    unknown = (hash_ids(ids) % np.uint64(3)) == 0
    x = np.where(unknown[:, None], np.nan, x + 5.0)  # zero is now far from everybody
    found = HazardModel.fit(make_panel(ids, as_of, x, months, lost, ["a"]), **FIT)
    nothing, average, zero = found.predict_survival([[np.nan], [5.0], [0.0]], month=12).at_month()
    assert nothing == pytest.approx(average, abs=0.05)
    assert zero < average - 0.3
    assert "a:unknown" in found.params


def test_being_unknown_may_itself_be_telling(world):
    ids, as_of, x, months, lost = world(5000, [-0.9]).rows()
    x = np.where(x < -0.5, np.nan, 0.0)  # those who are likely to leave never answer
    found = HazardModel.fit(make_panel(ids, as_of, x, months, lost, ["a"]), **FIT)
    nothing, zero = found.predict_survival([[np.nan], [0.0]], month=12).at_month()
    assert nothing < zero - 0.1


def test_yearly_contracts_are_left_at_the_end_of_their_term():
    draw = np.random.default_rng(3)
    count = 6000
    ends_in, gone = draw.integers(1, 13, count), np.full(count, 37)
    for month in range(1, 37):
        at_end = (month - ends_in) % 12 == 0
        leaves = (gone == 37) & at_end & (draw.random(count) < 0.2)
        gone[leaves] = month
    panel = make_panel(
        np.arange(count), np.zeros(count), draw.normal(size=(count, 1)), np.minimum(gone, 36), gone <= 36, ["a"],
        to_term_end=ends_in, term=np.full(count, 12.0),
    )  # fmt: skip
    found = HazardModel.fit(panel, horizon=36, ridge=1.0)
    curve = found.predict_survival([[0.0]], month=5, to_term_end=[5], term=[12]).curve[0]
    assert curve[4] > 0.99
    assert curve[5] == pytest.approx(0.8, abs=0.02)
    assert curve[16] == pytest.approx(0.8, abs=0.03)
    assert curve[17] == pytest.approx(0.64, abs=0.03)


def notice_world(count: int, seed: int):
    """Monthly and yearly contracts that leave at 2 % a month's worth; who leaves a yearly one says so 3 months before.

    Columns of a panel at ten landmarks; as in the real one, whoever has given notice stands in it no more.
    """
    draw = np.random.default_rng(seed)
    term = np.where(np.arange(count) % 2, 12, 1)
    end = term * draw.geometric(1 - 0.98**term)
    start, rows = draw.integers(0, 12, count), []
    for landmark in range(12, 22):
        into = landmark - start
        ahead = end - into
        here = np.flatnonzero((ahead >= 1) & ((term == 1) | (ahead > 3)))
        seen = np.minimum(ahead, 36 - landmark)[here]
        to_end = np.where(term == 1, 1, 12 - into % 12)[here]
        rows.append((here, np.full(len(here), landmark), seen, ahead[here] <= 36 - landmark, to_end, term[here]))
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


def test_long_notice_of_long_terms_does_not_raise_their_later_renewals():
    who, as_of, months, lost, to_end, term = notice_world(12_000, seed=3)
    nothing = np.zeros((len(who), 1))
    panel = make_panel(who, as_of, nothing, months, lost, ["x"], to_term_end=to_end, term=term)
    found = HazardModel.fit(panel, horizon=36, ridge=1.0, steady_after=12)
    # Two months before its term's end without notice: safe now, and 0.98**12 at each of the two ends after that.
    [yearly] = found.predict_survival([[0.0]], to_term_end=[2], term=[12]).curve
    assert yearly[3] > 0.98
    assert yearly[15] / yearly[13] == pytest.approx(0.98**12, abs=0.02)
    assert yearly[27] / yearly[25] == pytest.approx(0.98**12, abs=0.02)
    [monthly] = found.predict_survival([[0.0]], to_term_end=[1], term=[1]).curve
    assert monthly[36] / monthly[12] == pytest.approx(0.98**24, abs=0.03)


def test_terms_renew_after_their_end_and_unknown_terms_never_end():
    ends_in, term = np.array([2.0, 2.0, np.nan, 1.0]), np.array([12.0, np.nan, np.nan, 1.0])
    assert [list(term_end_in(month, ends_in, term)) for month in (1, 2, 14)] == [
        [0.0, 0.0, 0.0, 1.0],
        [1.0, 1.0, 0.0, 1.0],
        [1.0, 0.0, 0.0, 1.0],
    ]


def test_beyond_what_was_ever_seen_the_hazard_keeps_its_last_level(world):
    """Ten months of history must not let a cubic invent what happens in three years."""
    sample = world(3000, [-0.5])
    found = HazardModel.fit(sample.panel(landmarks=(0,), last=10), horizon=36, ridge=1.0)
    assert found.longest == 10
    curve = found.predict_survival([[0.0], [1.0]]).curve.astype(float)
    hazard = 1 - curve[:, 1:] / curve[:, :-1]
    np.testing.assert_allclose(hazard[:, 10:], np.repeat(hazard[:, 9:10], 26, axis=1), rtol=1e-4)
    assert curve[0, 36] == pytest.approx((1 - 1 / (1 + np.exp(3.5))) ** 36, abs=0.08)


def test_reasons_add_up_to_the_log_odds(truth, model):
    some = truth.x[:50].copy()
    some[3, 1] = np.nan
    parts = model.explain(some, months=1)  # at one month ahead ln k = 0 and the parts are w x alone
    hazard = 1 - model.predict_survival(some).curve[:, 1].astype(float)
    logit = np.log(hazard / (1 - hazard))
    np.testing.assert_allclose(parts.sum(axis=1), logit - model.theta[0], atol=2e-3)
    assert parts[3, 1] == 0.0


def test_analytic_gradient_agrees_with_differences(truth, gradient_error):
    panel = truth.panel(landmarks=(0,)).take(np.arange(300))
    row, month, event, rate = sample_trials(panel, 24, 10_000)
    design = Design(panel, fit_scaler(panel.features, 4.0), row, month, time_columns(24, 24))
    shift = np.full(len(row), -np.log(rate))
    point = np.linspace(-0.3, 0.2, design.width)
    assert gradient_error(lambda theta: log_likelihood(design, event, shift, theta)[:2], point) < 1e-5


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-50, 50) | st.just(float("nan")), min_size=3, max_size=3))
def test_survival_never_rises_whatever_the_features(model, features):
    found = model.predict_survival([features], month=12)
    assert found.curve[0, 0] == 1.0
    assert np.all(np.diff(found.curve[0]) <= 0)
    assert 0 <= found.low[0] <= found.at_month()[0] + 1e-6
    assert found.at_month()[0] - 1e-6 <= found.high[0] <= 1


def test_stored_model_is_the_same_model(truth, model):
    again = HazardModel.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(
        again.predict_survival(truth.x[:20]).curve, model.predict_survival(truth.x[:20]).curve
    )


def test_panels_that_cannot_teach_are_refused(world):
    ids, as_of, x, months, lost = world(100, [-0.6]).rows()
    with pytest.raises(NarukiError, match="no loss"):
        HazardModel.fit(make_panel(ids, as_of, x, months, np.zeros(len(ids), dtype=bool), ["a"]), **FIT)
    with pytest.raises(NarukiError, match="infinite"):
        make_panel(ids, as_of, np.full_like(x, np.inf), months, lost, ["a"])
