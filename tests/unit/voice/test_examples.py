"""What no rule has a phrase for is learnt from examples: it adds to the rules, and only where it is right often enough."""

import pyarrow.compute as pc

from naruki.voice.examples import Examples, examples_from
from naruki.voice.pipeline import score_documents
from naruki.voice.rules import CONTRAST

from .conftest import documents, seed_rows

BLANK = {
    "voc_type": "none",
    "contact_reason": "unclassified",
    "churn_intent": "none",
    "is_dissatisfied": "false",
    "is_how_to": "false",
}
WORDS = ["table", "chair", "lamp", "window", "garden", "river", "cloud", "stone", "paper", "bottle", "carpet", "shelf"]


def taught(precision):
    """Whoever says 'zorp' is dissatisfied; the other words mean nothing."""
    bad = [{"text": f"zorp zorp {word}", "is_dissatisfied": "true"} for word in WORDS]
    good = [
        {"text": f"{word} {other}", "is_dissatisfied": "false"}
        for word, other in zip(WORDS, WORDS[1:] + WORDS[:1], strict=True)
    ]
    rows = [BLANK | {"lang": "en", "split": "dev"} | row for row in bad + good]
    return Examples(rows, {"dissatisfaction": precision}, 7)


def taught_praise():
    """As `taught`; whoever says 'glimm' praises."""
    examples = taught(0.9)
    row = BLANK | {"lang": "en", "split": "dev", "voc_type": "praise"}
    return Examples([*examples.rows, *(row | {"text": f"glimm glimm {word}"} for word in WORDS)], examples.precision, 7)


def signals(text, rules, taxonomy, settings, examples):
    found = score_documents(documents(text), taxonomy, rules, None, settings, examples).to_pylist()
    return {(row["signal"], row["value"], row["method"]) for row in found}


def test_a_text_like_the_examples_is_dissatisfied_complains_and_is_not_neutral(rules, taxonomy, settings):
    found = signals("The zorp zorp mirror", rules, taxonomy, settings, taught(0.9))
    assert ("dissatisfaction", "implied", "examples") in found
    assert ("voc_type", "complaint", "examples") in found
    assert ("polarity", "negative", "rules") in found
    without = signals("The zorp zorp mirror", rules, taxonomy, settings, None)
    assert ("polarity", "neutral", "rules") in without
    assert not any(method == "examples" for _, _, method in without)


def test_what_a_rule_found_is_not_said_twice(rules, taxonomy, settings):
    found = signals("The zorp zorp mirror is terrible", rules, taxonomy, settings, taught(0.9))
    assert ("dissatisfaction", "explicit", "rules") in found
    assert not any(method == "examples" for _, _, method in found)


def test_a_signal_that_is_not_right_often_enough_out_of_fold_is_not_guessed_at(rules, taxonomy, settings):
    found = signals("The zorp zorp mirror", rules, taxonomy, settings, taught(1.01))
    assert not any(method == "examples" for _, _, method in found)


def test_who_is_dissatisfied_complains_whichever_of_the_two_has_the_phrase(rules, taxonomy, settings):
    for phrase in ("This is stressful", "Your service is a rip-off"):
        kinds = {(signal, value) for signal, value, _ in signals(phrase, rules, taxonomy, settings, None)}
        assert ("voc_type", "complaint") in kinds
        assert {("dissatisfaction", "explicit"), ("dissatisfaction", "implied")} & kinds


def test_a_phrase_of_leaving_that_is_denied_stays_denied(rules, taxonomy, settings, gold):
    """The shipped examples add intents that no rule knows, but never overrule how a rule read one."""
    examples = examples_from(gold, seed_rows("voice/cfg_voc_gold_target.csv"), settings.seed)
    found = score_documents(documents("解約したいわけではありません。"), taxonomy, rules, None, settings, examples)
    intents = found.filter(pc.equal(found["signal"], "churn_intent")).to_pylist()
    assert {row["modality"] for row in intents} <= {"negated"}


def test_texts_already_read_with_the_same_examples_are_not_read_again(rules, taxonomy, settings):
    docs, examples = documents("The zorp zorp mirror", "A quiet garden"), taught(0.9)
    first = score_documents(docs, taxonomy, rules, None, settings, examples)
    assert score_documents(docs, taxonomy, rules, first, settings, examples) == first
    other = score_documents(docs, taxonomy, rules, first, settings, taught(1.01))
    assert not pc.any(pc.equal(other["method"], "examples")).as_py(), "other examples: another version"


def test_praise_without_a_contrast_is_never_called_dissatisfied_by_the_examples(rules, taxonomy, settings):
    """Comments in surveys praise with words of the examples; 'but' tells that something else follows."""
    for text, is_dissatisfied in (
        ("Brilliant mirror, zorp zorp", False),
        ("Brilliant mirror, but zorp zorp", True),
        ("Zorp zorp mirror", True),
    ):
        found = signals(text, rules, taxonomy, settings, taught(0.9))
        assert (("dissatisfaction", "implied", "examples") in found) == is_dissatisfied, text
        assert (("voc_type", "complaint", "examples") in found) == is_dissatisfied, text


def test_praise_that_no_rule_knows_is_learnt_beside_dissatisfaction_and_never_said(rules, taxonomy, settings):
    found = signals("zorp glimm glimm glimm mirror", rules, taxonomy, settings, taught_praise())
    assert not any(signal in ("dissatisfaction", "voc_type") for signal, _, _ in found)
    assert ("dissatisfaction", "implied", "examples") in signals(
        "zorp zorp mirror", rules, taxonomy, settings, taught_praise()
    )


def test_praise_of_the_gold_set_without_a_contrast_is_not_called_dissatisfied_out_of_fold(
    gold, rules, taxonomy, settings
):
    """Learnt from one half of the texts, asked of the praise of the other; at most one in fifty slips through."""
    shares = examples_from(gold, seed_rows("voice/cfg_voc_gold_target.csv"), settings.seed).precision
    dev = [row for row in gold if row["split"] == "dev"]
    contrasts = {lang: rules.of(CONTRAST, lang)[0] for lang in ("en", "ja")}
    asked, wrong = 0, 0
    for half in (0, 1):
        examples = Examples(dev[half::2], shares, settings.seed)
        others = [row for row in dev[1 - half :: 2] if row["voc_type"] == "praise"]
        praise = [row["text"] for row in others if not contrasts[row["lang"]].includes.search(row["text"].lower())]
        found = score_documents(documents(*praise), taxonomy, rules, None, settings, examples).to_pylist()
        asked += len(praise)
        wrong += sum(row["signal"] == "dissatisfaction" and row["method"] == "examples" for row in found)
    assert asked >= 80
    assert wrong <= asked / 50
