"""After an edit of the rules only the texts that it touches are read again, and all say what reading everything says."""

import random
from dataclasses import replace

import pyarrow as pa
import pytest

from naruki.voice.edits import texts_touched
from naruki.voice.normalise import normalise
from naruki.voice.pipeline import score_documents
from naruki.voice.rules import Rule, RuleSet

from .conftest import documents


@pytest.fixture(scope="module")
def texts(gold):
    return [row["text"] for row in gold if row["split"] == "heldout"][::5]


@pytest.fixture(scope="module")
def docs(texts):
    half = len(texts) // 2
    mails, leavers = documents(*texts[:half]), documents(*texts[half:], source="cancellation")
    names = pa.array([f"c{number}" for number in range(leavers.num_rows)], pa.string())
    return pa.concat_tables([mails, leavers.set_column(0, "document_id", names)])


def edited(rules: RuleSet, number: int) -> RuleSet:
    """The shipped rules with a handful of edits, another one for each number."""
    chance = random.Random(number)
    kept = list(rules.rules)
    for _ in range(3):
        place = chance.randrange(len(kept))
        rule = kept[place]
        edits = [
            [],
            [replace(rule, weight=min(rule.weight + 0.7, 10))],
            [replace(rule, exclude="(" + (rule.exclude or "zz") + ")|ます|please")],
            [replace(rule, rule_id=rule.rule_id + ".b")],
            [rule, replace(rule, rule_id=rule.rule_id + ".c", include="(" + rule.include + ")|(です|we )")],
        ]
        allowed = edits[:4] if rule.signal == "modality" else edits
        kept[place : place + 1] = chance.choice(allowed)
    return RuleSet(kept)


def rows(signals: pa.Table) -> list[str]:
    return sorted(map(str, signals.to_pylist()))


@pytest.mark.parametrize("number", range(6))
def test_reading_what_an_edit_touches_equals_reading_everything(number, docs, rules, taxonomy, settings):
    before = score_documents(docs, taxonomy, rules, None, settings)
    after = edited(rules, number)
    assert rows(score_documents(docs, taxonomy, after, before, settings, None, rules)) == rows(
        score_documents(docs, taxonomy, after, None, settings)
    )


@pytest.mark.parametrize("signal", ["contact_reason", "churn_intent", "dissatisfaction", "voc_type", "modality"])
def test_with_what_was_learnt_from_examples_too(signal, docs, rules, taxonomy, settings, examples):
    before = score_documents(docs, taxonomy, rules, None, settings, examples)
    last = [rule for rule in rules.rules if rule.signal == signal][-1]
    after = RuleSet(rule for rule in rules.rules if rule != last)
    assert rows(score_documents(docs, taxonomy, after, before, settings, examples, rules)) == rows(
        score_documents(docs, taxonomy, after, None, settings, examples)
    )


def test_an_edit_touches_the_texts_that_hold_its_phrase_and_no_others(rules):
    texts = normalise(pa.array(["The passkey is gone", "I can't log in", "パスキーが使えません"]), 1000)
    passkey = Rule("mine", "contact_reason", "login", "en", "passkey", "", 3.0)
    languages = ["en", "en", "ja"]
    assert texts_touched(texts, languages, rules, rules).to_pylist() == []
    assert texts_touched(texts, languages, rules, RuleSet([*rules.rules, passkey])).to_pylist() == [0]


def test_the_first_rule_of_a_language_touches_every_text(rules):
    texts = pa.array(["bonjour", "hello"])
    french = Rule("mine", "contact_reason", "login", "fr", "bonjour", "", 3.0)
    assert texts_touched(texts, ["fr", "en"], rules, RuleSet([*rules.rules, french])).to_pylist() == [0, 1]


def test_rules_that_did_not_read_the_rows_are_of_no_use(docs, rules, taxonomy, settings):
    """The rows say under which version they were read: another one is read again, whatever rules are named."""
    before = score_documents(docs, taxonomy, rules, None, settings)
    other, after = edited(rules, 1), edited(rules, 2)
    assert rows(score_documents(docs, taxonomy, after, before, settings, None, other)) == rows(
        score_documents(docs, taxonomy, after, None, settings)
    )
