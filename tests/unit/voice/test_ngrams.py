"""N-grams counted all at once are those that one would count text by text."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from naruki.voice._ngrams import Batch, Weighted

TEXTS = ["ab cd", "", "naïve 日本語 テスト ab", "aa aa aaa", "x", "can't log-in 2x"]


def characters(text):
    return Counter(text[at : at + size] for size in range(1, 5) for at in range(len(text) - size + 1))


def characters_in_words(text):
    words = [f" {word} " for word in text.split()]
    return Counter(word[at : at + size] for word in words for size in range(2, 6) for at in range(len(word) - size + 1))


def words_and_pairs(text):
    words = re.findall(r"\w+", text)
    return Counter(words) + Counter(pairwise(words))


@pytest.mark.parametrize(
    ("count", "counted"),
    [
        (characters, lambda batch: batch.characters(range(1, 5))),
        (characters_in_words, lambda batch: batch.characters_in_words(range(2, 6))),
        (words_and_pairs, lambda batch: batch.words(pairs=True)),
    ],
)
def test_counts_are_those_of_one_text_after_the_other(count, counted):
    found = counted(Batch(TEXTS))
    for row, text in enumerate(TEXTS):
        assert sorted(found[row].data.tolist()) == sorted(count(text).values())


def test_the_same_ngram_has_the_same_column_wherever_it_stands():
    alone, later = Batch(["ab cd"]), Batch(["zz ab cd", "ab cd"])
    assert set(alone.words(pairs=True).indices) == set(later.words(pairs=True)[1].indices)
    assert set(alone.words(pairs=True).indices) < set(later.words(pairs=True)[0].indices)


def test_weights_are_sublinear_rarity_of_unit_length_and_unseen_ngrams_dont_count():
    """'a' is in both of two texts (idf 1), 'b' in one (idf 1 + ln 1.5); 'a a' counts 1 + ln 2 times."""
    weighted = Weighted(1)
    rows = weighted.fit(Batch(["a a b", "a"]).words(pairs=False))
    a, b = 1 + np.log(2), 1 + np.log(1.5)
    assert sorted(rows[0].data.tolist()) == pytest.approx(sorted([a / np.hypot(a, b), b / np.hypot(a, b)]))
    other = weighted.transform(Batch(["a zzz"]).words(pairs=False))
    assert other.data.tolist() == [1.0]
