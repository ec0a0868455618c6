"""The rules on texts of our own writing: the held-out part was never looked at while rules were written."""

from datetime import date

import pytest

from naruki.voice.evaluation import GoldScore, is_real_fall, real_falls, score_gold
from naruki.voice.examples import examples_from
from naruki.voice.gold import gold_day

from .conftest import seed_rows


@pytest.fixture(scope="module")
def scores(gold, taxonomy, rules, settings) -> list[GoldScore]:
    examples = examples_from(gold, seed_rows("voice/cfg_voc_gold_target.csv"), settings.seed)
    return score_gold(gold, taxonomy, rules, settings, examples)


def _pooled(scores: list[GoldScore], signal: str) -> tuple[float, float]:
    """Precision and recall of a signal over both languages of the held-out part."""
    mine = [score for score in scores if score.split == "heldout" and score.signal == signal]
    hits = sum(score.recall * score.positives for score in mine)
    guesses = sum(score.recall * score.positives / score.precision for score in mine)
    return hits / guesses, hits / sum(score.positives for score in mine)


def test_the_gold_set_holds_three_hundred_texts_of_each_language_and_hard_negatives(gold):
    for lang in ("ja", "en"):
        rows = [row for row in gold if row["lang"] == lang]
        assert len(rows) >= 300
        assert sum(row["churn_modality"] not in ("", "asserted") for row in rows) >= 30
    assert len({row["text"] for row in gold}) == len(gold)


def test_churn_intent_on_unseen_texts_is_right_in_85_of_100(scores):
    """47 texts show an intent, and 38 are found; English alone stays below the target of recall (DECISIONS.md)."""
    precision, recall = _pooled(scores, "churn_intent")
    assert precision >= 0.85
    assert recall >= 0.80


def test_contact_reasons_on_unseen_texts_are_right_in_80_of_100(scores):
    """The target is .85: where a help desk has categories a classifier learns from them and is better (DECISIONS.md)."""
    mine = [score for score in scores if score.split == "heldout" and score.signal == "contact_reason"]
    assert sum(score.value * score.n for score in mine) / sum(score.n for score in mine) >= 0.80


def test_dissatisfaction_on_unseen_texts_has_an_f1_of_at_least_60(scores):
    """The target is .75; irony and complaints without any word of complaint are missed in English (DECISIONS.md)."""
    precision, recall = _pooled(scores, "dissatisfaction")
    assert 2 * precision * recall / (precision + recall) >= 0.60


def test_no_score_fell_for_real_since_it_was_accepted(scores):
    assert real_falls(scores, seed_rows("voice/cfg_voc_gold_score.csv"), 0.02) == []


def test_a_fall_is_real_only_beyond_the_tolerance_and_the_interval():
    now = GoldScore("ja", "dev", "how_to", "f1", 0.80, 0.74, 0.86, None, None, 100, 20)
    assert not is_real_fall(now, 0.88, 0.02), "0.86 reaches 0.88 - 0.02"
    assert is_real_fall(now, 0.89, 0.02)
    accepted = [
        {"lang": "ja", "split": "dev", "signal": "how_to", "value": "0.95"},
        {"lang": "ja", "split": "dev", "signal": "gone", "value": "0.9"},
    ]
    falls = real_falls([now], accepted, 0.02)
    assert falls[0].startswith("ja dev how_to: f1 fell from 0.950 to 0.800")
    assert falls[1] == "ja dev gone is no longer scored."


def test_gold_texts_are_scored_anew_only_when_rules_texts_or_code_changed(
    gold, taxonomy, rules, policy_settings, monkeypatch
):
    few = [row for row in gold if row["split"] == "heldout" and row["lang"] == "ja"]
    accepted = [{"lang": "ja", "split": "heldout", "signal": "gone", "value": "0.9"}]
    targets = [{"signal": "churn_intent", "value": "", "precision": "1.01", "recall": "0.1", "example_precision": ""}]
    first, falls = gold_day(few, accepted, targets, taxonomy, rules, policy_settings, date(2026, 6, 29), None)
    assert falls == ["ja heldout gone is no longer scored."], "a fall is told whether or not texts were read again"
    rows = {row["signal"]: row for row in first.to_pylist()}
    assert rows["churn_intent"]["is_target_met"] is False
    assert rows["how_to"]["is_target_met"] is None

    monkeypatch.setattr("naruki.voice.gold.score_gold", lambda *_: [])
    again, falls = gold_day(few, accepted, targets, taxonomy, rules, policy_settings, date(2026, 6, 30), first)
    assert again.drop_columns("as_of_date") == first.drop_columns("as_of_date")
    assert falls == ["ja heldout gone is no longer scored."]
    changed, _ = gold_day(few[1:], accepted, targets, taxonomy, rules, policy_settings, date(2026, 6, 30), first)
    assert changed.num_rows == 0, "another set of texts is read"
