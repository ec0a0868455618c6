"""Signals of documents: one reason each, evidence in place, nothing read twice, no guess in other languages."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from naruki.errors import NarukiError
from naruki.voice import pipeline
from naruki.voice.pipeline import SIGNALS, score_documents
from naruki.voice.settings import VoiceSettings, settings_from

from .conftest import documents


def _rows(signals: pa.Table, **wanted: str) -> list[dict]:
    return [row for row in signals.to_pylist() if all(row[name] == value for name, value in wanted.items())]


def _value(signals: pa.Table, document: str, signal: str) -> str:
    return _rows(signals, document_id=document, signal=signal)[0]["value"]


@pytest.fixture(scope="module")
def read(rules, taxonomy, settings):
    def score(docs: pa.Table, previous: pa.Table | None = None, use: VoiceSettings | None = None) -> pa.Table:
        return score_documents(docs, taxonomy, rules, previous, use or settings)

    return score


def test_every_document_with_a_text_has_one_contact_reason_and_evidence_points_into_the_normalised_text(read):
    signals = read(documents("ログインできません", "I was charged twice", "了解です", None, "  "))
    reasons = _rows(signals, signal="contact_reason")
    assert [(row["document_id"], row["value"]) for row in reasons] == [
        ("d0", "login"),
        ("d1", "billing"),
        ("d2", "unclassified"),
    ]
    login = reasons[0]
    assert "ログインできません"[login["evidence_start"] : login["evidence_end"]] == login["evidence_term"] == "ログイン"
    assert login["evidence_rule"].startswith("contact_reason.login.ja")
    assert signals.schema.names == SIGNALS.names


def test_full_width_and_upper_case_texts_read_like_plain_ones(read):
    signals = read(documents("ＡＰＩキーの再発行", "PLEASE CANCEL OUR SUBSCRIPTION"))
    assert _value(signals, "d0", "contact_reason") == "integration"
    assert _value(signals, "d1", "churn_intent") == "request"


def test_quotes_and_signatures_say_nothing_about_the_customer(read):
    signals = read(
        documents(
            "Thanks, that works.\n\n> please cancel our subscription\n> I can't log in", "了解です。\n-- \n解約センター"
        )
    )
    assert not _rows(signals, signal="churn_intent")
    assert _value(signals, "d0", "contact_reason") == "unclassified"


def test_other_languages_are_never_guessed(read):
    signals = read(documents("No puedo iniciar sesión en mi cuenta", "请问怎么取消订阅", "비밀번호를 잊었어요"))
    assert {row["value"] for row in signals.to_pylist()} == {"unsupported_lang"}
    assert signals.num_rows == 3


@pytest.mark.parametrize(
    "text",
    ["😀😀", "\u200b", "Ã©Ã¤Âª ï¿½ï¿½", "\ufffd" * 50, "\x00\x01abc", "ｶﾞｷﾞｸﾞ", "9" * 500, "((((", "'; drop table x; --"],
)
def test_emoji_mojibake_and_control_characters_do_no_harm(text, read):
    assert read(documents(text)).num_rows >= 1


def test_a_text_of_a_megabyte_is_read_as_far_as_the_setting_says(read):
    signals = read(documents("ログインできません。" + "あ" * 1_000_000, "x" * 1_000_000))
    assert _value(signals, "d0", "contact_reason") == "login"


def test_the_same_texts_are_not_read_again_and_give_the_same_rows(read, monkeypatch):
    docs = documents("ログインできません", "I was charged twice", "¿Qué?")
    first = read(docs)

    def refuse(*_):
        raise AssertionError("a text was read again")

    monkeypatch.setattr(pipeline, "match_rules", refuse)
    assert read(docs, first).equals(first)


def test_only_new_texts_are_read_and_the_result_equals_reading_all(read, monkeypatch):
    first = read(documents("ログインできません", "I was charged twice"))
    seen: list[int] = []
    original = pipeline.match_rules
    monkeypatch.setattr(pipeline, "match_rules", lambda texts, *rest: seen.append(len(texts)) or original(texts, *rest))
    more = documents("ログインできません", "I was charged twice", "画面が遅いです")
    assert read(more, first).equals(read(more))
    assert seen == [1, 3]


def test_other_rules_read_everything_again(read, rules, taxonomy, settings):
    from naruki.voice.rules import RuleSet

    docs = documents("ログインできません")
    fewer = RuleSet(rule for rule in rules.rules if rule.reason != "login")
    assert _value(score_documents(docs, taxonomy, fewer, read(docs), settings), "d0", "contact_reason") != "login"


def test_the_help_desks_own_category_stands_before_the_rules(read):
    signals = read(documents("ログインできません", "ログインできません", categories=["Billing", "no such thing"]))
    chosen = {
        row["document_id"]: (row["value"], row["method"])
        for row in _rows(signals, signal="contact_reason")
        if row["is_chosen"]
    }
    assert chosen == {"d0": ("billing", "category"), "d1": ("login", "rules")}


def test_a_cancellation_survey_beats_the_text(read):
    signals = read(documents("料金が高いため", source="cancellation", categories=["missing_features"]))
    reasons = {(row["value"], row["method"], row["is_chosen"]) for row in _rows(signals, signal="churn_reason")}
    assert reasons == {("missing_feature", "survey", True), ("price", "rules", False)}


def test_reasons_to_leave_are_only_asked_of_those_who_leave_even_when_read_before(read):
    plain = read(documents("料金が高いです"))
    assert not _rows(plain, signal="churn_reason")
    answer = documents("料金が高いです", source="cancellation")
    assert _rows(read(answer, plain), signal="churn_reason")[0]["value"] == "price"
    assert _rows(read(documents("料金が高いので解約します")), signal="churn_reason")[0]["value"] == "price"


def test_enough_categorised_texts_teach_a_classifier_and_equal_texts_count_once(rules, taxonomy, settings):
    words = {"billing": "zorb", "login": "quix", "bug": "plam"}
    texts = [f"please the {word} item number {number} is here" for number in range(12) for word in words.values()]
    labels = [reason for _ in range(12) for reason in words]
    docs = documents(*texts, "the quix is here again please", categories=[*labels, None])
    few = settings_from({**_values(settings), "voice_min_labels": 36})
    signals = score_documents(docs, taxonomy, rules, None, few)
    newest = {row["method"]: row for row in _rows(signals, document_id="d36", signal="contact_reason")}
    assert newest["linear"]["value"] == "login"
    assert newest["linear"]["is_chosen"]
    assert not newest["rules"]["is_chosen"]
    assert 0 < newest["linear"]["confidence"] <= 1
    assert score_documents(docs, taxonomy, rules, signals, few).equals(signals)
    assert not _rows(score_documents(docs, taxonomy, rules, None, settings), method="linear"), "36 labels are below 300"


def test_a_classifier_that_does_not_know_leaves_the_word_to_the_rules(rules, taxonomy, settings):
    words = ["zorb", "quix", "plam", "drin", "vosk", "jelt"]
    reasons = ["billing", "bug", "outage", "how_to", "contract", "integration"]
    texts = [f"please the {word} item number {number} is here" for number in range(12) for word in words]
    docs = documents(
        *texts, "ログインできません", "i forgot my password yesterday", categories=[*reasons * 12, None, None]
    )
    signals = score_documents(docs, taxonomy, rules, None, settings_from({**_values(settings), "voice_min_labels": 72}))
    mine = {row["method"]: row for row in _rows(signals, document_id="d73", signal="contact_reason")}
    assert mine["linear"]["value"] == "unclassified"
    assert (mine["rules"]["value"], mine["rules"]["is_chosen"]) == ("login", True)
    assert "linear" not in {row["method"] for row in _rows(signals, document_id="d72")}, (
        "no Japanese labels, no Japanese model"
    )


def test_labels_from_after_the_training_bound_teach_nothing(rules, taxonomy, settings):
    texts = [f"the {'zorb' if number % 2 else 'quix'} item {number} is here" for number in range(40)]
    docs = documents(*texts, categories=["billing" if number % 2 else "login" for number in range(40)])
    bound = settings_from({**_values(settings), "voice_min_labels": 20}, train_before=datetime(2025, 5, 1))
    assert not _rows(score_documents(docs, taxonomy, rules, None, bound), method="linear")


def test_what_nobody_has_named_is_grouped_and_named_by_its_terms(read, settings):
    texts = [f"the parking garage ticket for visitor {number}" for number in range(15)]
    texts += [f"our canteen menu of week {number}" for number in range(15)]
    named = _rows(read(documents(*texts)), signal="unnamed_theme")
    assert len(named) == 30
    themes = {row["value"] for row in named}
    assert len(themes) == 2
    assert any("parking" in theme or "garage" in theme for theme in themes)
    assert any("canteen" in theme or "menu" in theme for theme in themes)


def test_documents_without_a_needed_column_are_refused(rules, taxonomy, settings):
    with pytest.raises(NarukiError, match="lack the columns text_hash"):
        score_documents(documents("x").drop_columns(["text_hash"]), taxonomy, rules, None, settings)
    assert score_documents(documents(), taxonomy, rules, None, settings).num_rows == 0


def test_a_setting_that_is_missing_is_named():
    with pytest.raises(NarukiError, match="voice_seed"):
        settings_from({"voice_min_labels": 1})


def _values(settings: VoiceSettings) -> dict[str, int]:
    return {f"voice_{name}": value for name, value in vars(settings).items() if name != "train_before"}


def test_rows_are_unique_per_document_signal_value_and_method(read, gold):
    signals = read(documents(*[row["text"] for row in gold[:200]]))
    keys = signals.group_by(["document_id", "source", "signal", "value", "method"]).aggregate([([], "count_all")])
    assert pc.max(keys["count_all"]).as_py() == 1
