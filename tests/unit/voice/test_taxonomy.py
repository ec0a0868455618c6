"""The reasons of the taxonomy: what billing and surveys call them joins the themes of what customers say."""

import pytest

from .conftest import seed_rows

# Codes that name no reason: somebody paused, said nothing, or said something else.
NO_THEME = {"other", "paused", "unknown"}


@pytest.mark.parametrize("code", [row["reason"] for row in seed_rows("cfg_churn_reason.csv")])
def test_every_churn_reason_of_billing_has_a_theme(taxonomy, code):
    theme_of = {
        row["reason"]: row["theme"] for row in seed_rows("cfg_voc_taxonomy.csv") if row["kind"] == "churn_reason"
    }
    assert (taxonomy.meant_by("churn_reason", code) is None) == (code in NO_THEME)
    if code not in NO_THEME:
        assert theme_of[taxonomy.meant_by("churn_reason", code)]


def test_every_theme_is_owned_and_has_a_plan_in_both_languages():
    rows = seed_rows("cfg_voc_taxonomy.csv")
    themes = {row["reason"]: row for row in rows if row["kind"] == "theme"}
    assert all(row["department"] and row["plan_en"] and row["plan_ja"] for row in themes.values())
    assert {row["theme"] for row in rows if row["theme"]} == set(themes)
