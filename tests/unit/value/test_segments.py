"""Where no model serves: retention curves of segments, which know that a contract is left when its term ends."""

import numpy as np
import pytest

from naruki.policy import read_rows, read_settings
from naruki.value import ValueSettings, fit_sbg_at_risk, make_panel
from naruki.value.segments import segment_survival
from naruki.value.sentences import segment_reasons
from naruki.value.tables import segment_curves, tenure_counts

SETTINGS = ValueSettings.from_mapping(read_settings())
STEADY = fit_sbg_at_risk([1e6] * 24, [1e4] * 24)  # 1 % a month, whatever the tenure


def survival(to_term_end, term, month, tenure=12.0, horizon=36):
    known = np.array([tenure]), np.array([month]), (np.array([to_term_end], float), np.array([term], float))
    return segment_survival({}, STEADY, np.array(["any"], dtype=object), *known, horizon)[0][0]


def test_a_yearly_contract_is_left_at_its_end_with_the_risk_of_the_whole_year():
    curve = survival(to_term_end=3, term=12, month=3)
    assert list(curve[:3]) == [1.0, 1.0, 1.0]
    assert curve[3] == pytest.approx(0.99**12, abs=1e-3)
    assert curve[14] == curve[3]
    assert curve[15] == pytest.approx(0.99**24, abs=1e-3)


def test_monthly_contracts_and_unknown_terms_are_at_risk_every_month():
    for to_term_end, term in ((1, 1), (np.nan, np.nan), (np.nan, 12)):
        curve = survival(to_term_end, term, month=36)
        np.testing.assert_allclose(curve, 0.99 ** np.arange(37), atol=2e-3)


def test_months_of_terms_that_still_run_say_nothing_yet():
    """Ten customers of a yearly plan, eight months in: nobody could leave, so nobody can be said to have stayed."""
    ids, months = np.repeat(np.arange(10), 8), np.tile(np.arange(8), 10)
    panel = make_panel(
        ids, months, np.zeros((80, 1)), 8 - months, np.zeros(80, bool), ["x"], to_term_end=12 - months, term=[12] * 80
    )
    at_risk, lost = tenure_counts(panel, months, ended_terms=True)
    assert at_risk.sum() == lost.sum() == 0


def test_who_leaves_within_a_term_does_not_stand_for_those_whose_term_still_runs():
    """Of 100 in their eighth month of a year two are gone; the ten whose term has ended all renewed."""
    rows = []
    for customer in range(110):
        last = 13 if customer < 10 else 8
        end = 4 if customer >= 108 else last
        rows += [(customer, m, end - m, customer >= 108, 12 - m if m < 12 else 12) for m in range(end)]
    who, month, seen, lost, ahead = (np.array(column) for column in zip(*rows, strict=True))
    terms = {"to_term_end": ahead, "term": np.full(len(who), 12)}
    panel = make_panel(who, month, np.zeros((len(who), 1)), seen, lost, ["x"], **terms)
    at_risk, gone = tenure_counts(panel, month, ended_terms=True)
    assert at_risk.sum() == 10 * 12
    # 2 losses in 10 x 13 + 98 x 8 + 2 x 4 = 922 months, told of the 120 that count.
    assert gone.sum() == pytest.approx(120 * 2 / 922)


def test_a_young_company_with_yearly_contracts_does_not_look_as_if_nobody_left():
    """Half of the customers stand at their first renewal, where 20 % leave; the other half are half a year in."""
    rows = []
    for customer in range(2000):
        last = 13 if customer % 2 else 6
        gone = customer % 2 == 1 and customer % 10 == 1
        end = 12 if gone else last
        rows += [(customer, month, end - month, gone, 12 - month if month < 12 else 12) for month in range(end)]
    who, month, seen, lost, ahead = (np.array(column) for column in zip(*rows, strict=True))
    terms = {"to_term_end": ahead, "term": np.full(len(who), 12)}
    panel = make_panel(who, month, np.zeros((len(who), 1)), seen, lost, ["x"], **terms)
    segment = np.full(len(panel), "yearly", dtype=object)
    overall, curves = segment_curves(panel, month, segment, SETTINGS)
    new = np.array([0.0]), np.array([12]), (np.array([12.0]), np.array([12.0]))
    curve, _ = segment_survival(curves, overall, segment[:1], *new, 36)
    assert curve[0, 11] == 1.0
    assert curve[0, 12] == pytest.approx(0.80, abs=0.02)


def test_value_by_the_segment_is_explained_in_two_languages_and_unknown_numbers_are_not_told():
    sentences = read_rows("cfg_value_sentence")
    told = segment_reasons(np.array([0.8935, np.nan]), np.array([2.0, np.nan]), np.array([0.074, np.nan]), sentences)
    assert told.column(0, "en").to_pylist() == [None, None]  # the first one is the baseline's
    assert told.column(1, "en").to_pylist() == [
        "Of such customers, 89.4 % stay when their term ends; months to that end: 2",
        None,
    ]
    assert told.column(2, "en").to_pylist() == ["Revenue of similar customers changes by +7 % a year", None]
    assert "89.4%" in told.column(1, "ja").to_pylist()[0]
