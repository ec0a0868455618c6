"""The classifier learns what people labelled, says 'unknown' to the rest, and gives the same answer twice."""

import random

import numpy as np
import pytest

from naruki.errors import NarukiError
from naruki.voice.classifier import UNKNOWN, TextClassifier

_TOPICS = {
    "card": "card plastic chip contactless wallet issued delivery",
    "fee": "fee charge cost price commission exchange surcharge",
    "pin": "pin code digits forgot blocked attempts reset",
    "loan": "loan mortgage interest rate instalment borrow repay",
    "atm": "atm cash machine withdraw notes swallowed dispenser",
    "app": "app phone crash update install screen login",
    "tax": "tax form report year statement income declare",
    "joint": "joint account partner spouse share owner add",
}
_OUTSIDE = [
    "weather",
    "rain",
    "football",
    "recipe",
    "garlic",
    "guitar",
    "planet",
    "dinosaur",
    "holiday",
    "beach",
    "novel",
    "penguin",
]
_FILL = [
    "please",
    "could",
    "you",
    "tell",
    "me",
    "about",
    "the",
    "my",
    "a",
    "thing",
    "with",
    "today",
    "for",
    "now",
    "and",
    "what",
    "is",
]


def _texts(words: str, count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.sample(words.split(), 3) + rng.sample(_FILL, 4)) for _ in range(count)]


@pytest.fixture(scope="module")
def fitted() -> TextClassifier:
    texts, labels = [], []
    for number, (label, words) in enumerate(_TOPICS.items()):
        texts += _texts(words, 30, number)
        labels += [label] * 30
    return TextClassifier("en", 7).fit(texts, labels)


def test_unseen_texts_of_known_topics_get_their_label(fitted):
    texts = [text for number, words in enumerate(_TOPICS.values()) for text in _texts(words, 10, 100 + number)]
    truth = [label for label in _TOPICS for _ in range(10)]
    labels, scores = fitted.predict(texts)
    assert np.mean([label == true for label, true in zip(labels, truth, strict=True)]) >= 0.95
    assert all(0 <= score <= 1 for score in scores)


def test_texts_of_no_known_topic_are_unknown_and_never_seen_while_training(fitted):
    labels, _ = fitted.predict(_texts(" ".join(_OUTSIDE), 50, 5))
    assert labels.count(UNKNOWN) >= 40


@pytest.mark.parametrize("text", ["", "   ", "😀", "ぴよ", "\x00"])
def test_a_text_that_shares_nothing_with_the_training_texts_is_unknown_with_score_0(text, fitted):
    assert fitted.predict([text]) == ([UNKNOWN], [0.0])


def test_the_same_texts_and_seed_give_the_same_answers():
    texts = [text for number, words in enumerate(_TOPICS.values()) for text in _texts(words, 12, number)]
    labels = [label for label in _TOPICS for _ in range(12)]
    asked = _texts(" ".join(_TOPICS.values()), 20, 9)
    assert TextClassifier("en", 3).fit(texts, labels).predict(asked) == TextClassifier("en", 3).fit(
        texts, labels
    ).predict(asked)


def test_japanese_is_read_by_characters():
    model = TextClassifier("ja", 7).fit(
        ["請求書が届きません", "請求額が違います", "ログインできません", "ログイン画面が出ません"] * 5,
        ["請求", "請求", "入口", "入口"] * 5,
    )
    assert model.predict(["請求について", "ログインについて"])[0] == ["請求", "入口"]


def test_labels_may_be_numbers_as_strings_and_classes_may_hold_a_single_text():
    model = TextClassifier("en", 7).fit(["red apple", "green pear", "blue sky", "red cherry"], ["1", "2", "10", "1"])
    assert model.predict(["red apple", "blue sky"])[0] == ["1", "10"]


def test_a_single_class_is_answered_with_certainty_but_not_to_foreign_texts():
    labels, scores = (
        TextClassifier("en", 7).fit(["red apple", "red cherry"], ["fruit", "fruit"]).predict(["red plum", "ж"])
    )
    assert labels == ["fruit", UNKNOWN]
    assert scores == [1.0, 0.0]


def test_a_rare_class_beside_a_frequent_one_is_still_found():
    texts = [f"the invoice of month {number} is wrong" for number in range(95)] + [
        f"please add dark mode {number}" for number in range(5)
    ]
    model = TextClassifier("en", 7).fit(texts, ["no"] * 95 + ["wish"] * 5)
    assert model.predict(["please add dark mode to it"])[0] == ["wish"]


def test_misuse_is_explained():
    with pytest.raises(NarukiError, match="2 texts and 1 labels"):
        TextClassifier("en", 7).fit(["a", "b"], ["x"])
    with pytest.raises(NarukiError, match="before fit"):
        TextClassifier("en", 7).predict(["a"])
    assert TextClassifier("en", 7).fit(["a b"], ["x"]).predict([]) == ([], [])


def test_a_class_of_one_text_does_not_keep_the_others_from_being_calibrated():
    texts = [text for number, words in enumerate(_TOPICS.values()) for text in _texts(words, 12, number)]
    labels = [label for label in _TOPICS for _ in range(12)]
    model = TextClassifier("en", 3).fit([*texts, "something else entirely"], [*labels, "once"])
    assert model.predict(_texts(" ".join(_OUTSIDE), 20, 5))[0].count(UNKNOWN) >= 15


def test_texts_without_a_single_word_teach_nothing_and_break_nothing():
    model = TextClassifier("en", 7).fit(
        ["😀", "!!", "", "…", "?", "#", "+"] * 3, ["a", "b", "c", "d", "e", "f", "g"] * 3
    )
    assert len(model.predict(["😀", "word", ""])[0]) == 3
