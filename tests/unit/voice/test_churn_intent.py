"""An intent to leave needs a cue, no exclusion, and to be meant: levels and modality."""

import pytest

from naruki.voice.modality import churn_cues
from naruki.voice.rules import RuleSet


def _intents(text: str, lang: str, rules: RuleSet) -> set[tuple[str, str]]:
    return {(cue.level, cue.modality) for cue in churn_cues(text, lang, rules, rules.of("churn_intent", lang))}


@pytest.mark.parametrize(
    ("text", "lang", "level"),
    [
        ("今月末で解約したいです。", "ja", "request"),
        ("退会を希望します", "ja", "request"),
        ("解約を検討しています", "ja", "considering"),
        ("解約の方法を教えてください", "ja", "procedure"),
        ("please cancel our subscription.", "en", "request"),
        ("we are thinking about cancelling", "en", "considering"),
        ("how do i cancel my subscription?", "en", "procedure"),
        ("could you cancel our plan?", "en", "request"),
    ],
)
def test_a_meant_intent_has_its_level(text, lang, level, rules):
    assert (level, "asserted") in _intents(text, lang, rules)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("解約金はいくらですか", "ja"),
        ("注文をキャンセルしたいです", "ja"),
        ("以前の会社は解約しました", "ja"),
        ("解約率のグラフを作りたい", "ja"),
        ("i want to cancel my order", "en"),
        ("the cancel button does nothing", "en"),
        ("i left my former provider", "en"),
        ("what is the cancellation fee?", "en"),
        ("our churn dashboard counts cancelled customers twice", "en"),
    ],
)
def test_what_only_looks_like_leaving_is_no_intent(text, lang, rules):
    assert not {intent for intent in _intents(text, lang, rules) if intent[1] == "asserted"}


@pytest.mark.parametrize(
    ("text", "lang", "modality"),
    [
        ("解約するつもりはありません", "ja", "negated"),
        ("契約期間の途中で解約できますか", "ja", "question"),
        ("もし解約したらデータは消えますか", "ja", "hypothetical"),
        ("取引先が解約したいと言っています", "ja", "third_party"),
        ("i don't want to cancel my subscription", "en", "negated"),
        ("can i cancel my plan at any time?", "en", "question"),
        ("suppose we cancel our contract in june, what then?", "en", "hypothetical"),
        ("a friend cancelled his subscription with you", "en", "third_party"),
    ],
)
def test_a_phrase_that_is_not_meant_keeps_its_modality(text, lang, modality, rules):
    intents = _intents(text, lang, rules)
    assert not {intent for intent in intents if intent[1] == "asserted"}
    assert not intents or modality in {found for _, found in intents}


def test_each_sentence_is_read_alone_so_a_denial_does_not_hide_a_later_request(rules):
    assert ("request", "asserted") in _intents(
        "去年は解約するつもりはありませんでした。今月末で解約したいです。", "ja", rules
    )


def test_the_evidence_points_into_the_text(rules):
    text = "お世話になります。今月末で解約したいです。"
    cue = churn_cues(text, "ja", rules, rules.of("churn_intent", "ja"))[0]
    assert text[cue.start : cue.end] == cue.term
    assert cue.rule_id in {rule.rule_id for rule in rules.rules}
