"""What no rule has a phrase for is learnt from examples; rules and examples together decide, and a rule can settle it."""

import dataclasses

import pyarrow.compute as pc
import pytest

from naruki.voice.calibration import BEYOND, calibrate
from naruki.voice.examples import COLUMNS, Examples
from naruki.voice.pipeline import score_documents
from naruki.voice.reader import Reader, reader_of
from naruki.voice.rules import rules_from

from .conftest import documents

BLANK = dict.fromkeys(COLUMNS, "") | {
    "lang": "en",
    "voc_type": "none",
    "contact_reason": "unclassified",
    "churn_intent": "none",
    "is_dissatisfied": "false",
    "is_how_to": "false",
    "is_upsell": "false",
    "usability": "none",
}
WORDS = ["table", "chair", "lamp", "window", "garden", "river", "cloud", "stone", "paper", "bottle", "carpet", "shelf"]
BARS = {"dissatisfaction": 0.9, "churn_intent": 0.9}


def taught(settings, bars=BARS, phrases=()):
    """Whoever says 'zorp' is dissatisfied, whoever says 'glimm' leaves; 'terrible' is said of neither."""
    rows = [BLANK | {"text": f"zorp zorp {word}", "is_dissatisfied": "true"} for word in WORDS]
    rows += [
        BLANK | {"text": f"glimm glimm {word}", "churn_intent": "request", "contact_reason": "cancellation"}
        for word in WORDS
    ]
    rows += [BLANK | {"text": f"{word} {other}"} for word, other in zip(WORDS, WORDS[1:] + WORDS[:1], strict=True)]
    rows += [BLANK | {"text": f"terrible {word}, {word}"} for word in WORDS]
    return Examples(rows, phrases, [], bars, settings)


def rule(weight, reason="explicit", include="terrible", signal="dissatisfaction"):
    row = {"rule_id": "r", "signal": signal, "reason": reason, "lang": "en", "include": include, "exclude": ""}
    return rules_from([row | {"weight": str(weight)}])


def signals(text, rules, taxonomy, settings, examples):
    found = score_documents(documents(text), taxonomy, rules, None, settings, examples).to_pylist()
    return {(row["signal"], row["value"], row["method"]) for row in found}


def test_a_text_like_the_examples_is_dissatisfied_complains_and_is_not_neutral(taxonomy, settings):
    found = signals("The zorp zorp mirror", rule(1), taxonomy, settings, taught(settings))
    assert ("dissatisfaction", "implied", "examples") in found
    assert ("voc_type", "complaint", "examples") in found
    assert ("polarity", "negative", "rules") in found
    without = signals("The zorp zorp mirror", rule(1), taxonomy, settings, None)
    assert ("polarity", "neutral", "rules") in without
    assert not any(method == "examples" for _, _, method in without)


def test_what_a_rule_found_stands_with_its_evidence_and_is_not_said_twice(taxonomy, settings):
    found = signals("A terrible mirror, zorp zorp", rule(1), taxonomy, settings, taught(settings))
    assert ("dissatisfaction", "explicit", "rules") in found
    assert not any(signal == "dissatisfaction" and method == "examples" for signal, _, method in found)


def test_a_rules_find_that_the_examples_contradict_falls_unless_the_rule_settles_it(taxonomy, settings):
    text, examples = "Terrible river, river", taught(settings)
    assert not any(signal == "dissatisfaction" for signal, _, _ in signals(text, rule(1), taxonomy, settings, examples))
    assert ("dissatisfaction", "explicit", "rules") in signals(text, rule(9), taxonomy, settings, examples)
    assert ("polarity", "negative", "rules") in signals(text, rule(9), taxonomy, settings, examples)


def test_a_signal_without_a_bar_is_left_to_the_rules(taxonomy, settings):
    examples = taught(settings, {"churn_intent": 0.9})
    assert ("dissatisfaction", "explicit", "rules") in signals("Terrible river", rule(1), taxonomy, settings, examples)
    found = signals("The zorp zorp mirror", rule(1), taxonomy, settings, examples)
    assert not any(signal == "dissatisfaction" for signal, _, _ in found)


def test_a_signal_that_is_not_right_often_enough_on_texts_not_learnt_is_never_guessed_at(taxonomy, settings):
    examples = taught(settings, {"dissatisfaction": 1.01})
    found = signals("The zorp zorp mirror", rule(1), taxonomy, settings, examples)
    assert not any(signal == "dissatisfaction" for signal, _, _ in found)
    assert {one.threshold for one in calibrate(examples, rule(1), taxonomy)} == {BEYOND, -BEYOND}


def test_who_leaves_by_the_examples_has_a_level_and_wants_a_cancellation(taxonomy, settings):
    found = signals("glimm glimm mirror", rule(1), taxonomy, settings, taught(settings))
    assert ("churn_intent", "request", "examples") in found
    assert ("contact_reason", "cancellation", "examples") in found


def test_why_somebody_leaves_is_asked_of_those_who_leave_by_rules_or_examples(taxonomy, settings):
    price = rule(1, "price", "expensive", "churn_reason")
    found = signals("glimm glimm mirror, expensive", price, taxonomy, settings, taught(settings))
    assert ("churn_reason", "price", "rules") in found
    found = signals("table chair, expensive", price, taxonomy, settings, taught(settings))
    assert not any(signal == "churn_reason" for signal, _, _ in found)


def test_a_phrase_teaches_only_what_it_tells(taxonomy, settings):
    phrase = dict.fromkeys(COLUMNS, "") | {"lang": "en", "text": "plim", "contact_reason": "billing"}
    examples = taught(settings, phrases=[phrase] * 3)
    assert ("contact_reason", "billing", "examples") in signals("plim plim", rule(1), taxonomy, settings, examples)
    assert len(calibrate(examples, rule(1), taxonomy)) == len(calibrate(taught(settings), rule(1), taxonomy))


def test_of_a_text_in_words_never_learnt_the_rules_reason_counts(taxonomy, settings):
    login = rule(3, "login", "passkey", "contact_reason")
    phrase = dict.fromkeys(COLUMNS, "") | {"lang": "en", "text": "plim", "contact_reason": "login"}
    found = signals(
        "passkey passkey", rule(9, "login", "passkey", "contact_reason"), taxonomy, settings, taught(settings)
    )
    assert ("contact_reason", "login", "rules") not in found, "a reason that no example has can't be weighed"
    found = signals("passkey qqq", login, taxonomy, settings, taught(settings, phrases=[phrase] * 3))
    assert any(signal == "contact_reason" for signal, _, _ in found)


def test_confidence_is_a_chance_and_higher_for_who_says_it_twice(taxonomy, settings):
    texts = documents("zorp zorp table", "zorp zorp zorp")
    examples = taught(settings, {"dissatisfaction": 0.5})
    rows = score_documents(texts, taxonomy, rule(1), None, settings, examples).to_pylist()
    sure = {row["document_id"]: row["confidence"] for row in rows if row["signal"] == "dissatisfaction"}
    assert 0 < sure["d0"] < sure["d1"] <= 1


def test_calibrations_are_kept_as_long_as_the_examples_are_the_same(taxonomy, settings, monkeypatch):
    examples = taught(settings)
    kept = dataclasses.replace(examples, kept=calibrate(examples, rule(1), taxonomy))
    found = signals("The zorp zorp mirror", rule(1), taxonomy, settings, examples)
    monkeypatch.setattr("naruki.voice.judge.calibrate", lambda *_: pytest.fail("calibrated anew"))
    assert signals("The zorp zorp mirror", rule(1), taxonomy, settings, kept) == found
    changed = dataclasses.replace(kept, texts=kept.texts[1:])
    with pytest.raises(pytest.fail.Exception):
        signals("The zorp zorp mirror", rule(1), taxonomy, settings, changed)


def test_the_kept_calibrations_are_those_of_the_shipped_examples(examples):
    """After an edit of the examples `naruki voice calibrate` writes them again, or every run spends ten seconds on it."""
    assert {one.version for one in examples.kept} == {examples.content}


def test_texts_already_read_with_the_same_examples_are_not_read_again(taxonomy, settings):
    docs, examples = documents("The zorp zorp mirror", "A quiet garden"), taught(settings)
    first = score_documents(docs, taxonomy, rule(1), None, settings, examples)
    assert score_documents(docs, taxonomy, rule(1), first, settings, examples) == first
    other = score_documents(docs, taxonomy, rule(1), first, settings, taught(settings, {}))
    is_told = pc.and_(pc.equal(other["method"], "examples"), pc.equal(other["signal"], "dissatisfaction"))
    assert not pc.any(is_told).as_py(), "other examples: another version"


def test_what_was_learnt_is_kept_until_the_examples_are_others(taxonomy, settings, tmp_path, monkeypatch):
    """What was kept says the same; a damaged file is learnt anew; of a language one file is kept."""
    text, plain = documents("zorp zorp table"), taught(settings, {"dissatisfaction": 0.5})
    kept = dataclasses.replace(plain, store=tmp_path / "readers")
    expected = score_documents(text, taxonomy, rule(1), None, settings, plain)
    assert score_documents(text, taxonomy, rule(1), None, settings, kept).equals(expected)
    [file] = kept.store.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "learn", None)
        found = reader_of("en", dataclasses.replace(kept)).read(["zorp zorp table"])
    assert found.marks.tolist() == reader_of("en", plain).read(["zorp zorp table"]).marks.tolist()
    file.write_bytes(file.read_bytes()[:1000])
    assert score_documents(text, taxonomy, rule(1), None, settings, dataclasses.replace(kept)).equals(expected)
    others = dataclasses.replace(
        kept, phrases=[dict.fromkeys(COLUMNS, "") | {"lang": "en", "text": "plim", "is_upsell": "true"}]
    )
    reader_of("en", others)
    assert [one.name for one in kept.store.iterdir()] == [f"en-{others.content}.npz"]


def test_a_language_without_examples_is_left_to_the_rules(rules, taxonomy, settings):
    found = signals("ひどい対応です", rules, taxonomy, settings, taught(settings))
    assert not any(method == "examples" for _, _, method in found)
    assert any(signal == "dissatisfaction" for signal, _, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        "解約したいわけではありません。",
        "We are not leaving, on the contrary.",
        "先月の請求書の解約金の欄について教えてください。",
    ],
)
def test_who_says_that_they_stay_or_asks_about_a_fee_does_not_leave(text, rules, taxonomy, settings, examples):
    found = score_documents(documents(text), taxonomy, rules, None, settings, examples)
    intents = found.filter(pc.equal(found["signal"], "churn_intent")).to_pylist()
    assert "asserted" not in {row["modality"] for row in intents}


@pytest.mark.parametrize("text", ["あ", "繝ｭ繧ｰ繧､繝ｳ縺ｧ縺阪∪縺帙ｓ", "zzyzx qvoth blirp"])
def test_a_text_like_none_of_the_examples_is_unclassified(text, rules, taxonomy, settings, examples):
    found = score_documents(documents(text), taxonomy, rules, None, settings, examples).to_pylist()
    said = {row["value"] for row in found if row["signal"] == "contact_reason"}
    assert said <= {"unclassified", "unsupported_lang"}


def test_praise_is_seldom_called_dissatisfied(gold, rules, taxonomy, settings, examples):
    """A text that praises often tells what was bad before: about one in five of the held-out ones is taken for a complaint."""
    praise = [row["text"] for row in gold if row["split"] == "heldout" and row["voc_type"] == "praise"]
    found = score_documents(documents(*praise), taxonomy, rules, None, settings, examples).to_pylist()
    assert len(praise) >= 20
    wrong = {row["document_id"] for row in found if row["signal"] == "dissatisfaction"}
    assert len(wrong) <= len(praise) / 4
