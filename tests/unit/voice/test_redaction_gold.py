"""How much personal data the redaction finds, and how much else it takes: measured on cases of our own writing."""

import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from naruki.voice._text import TAGS
from naruki.voice.redact import CANDIDATE_PATTERN, redact, redact_array

_CASES = Path(__file__).with_name("redaction_cases.tsv")
_MARKUP = re.compile(r"\{\{([A-Z]+)\|(.*?)\}\}")
_TAG = re.compile(r"\[([A-Z]+)\]")


def _cases() -> list[tuple[str, str, str]]:
    rows = [line.split("\t", 1) for line in _CASES.read_text("utf-8").splitlines()]
    return [
        (lang, _MARKUP.sub(r"\2", text).replace("\\n", "\n"), _MARKUP.sub(r"[\1]", text).replace("\\n", "\n"))
        for lang, text in rows
    ]


def _scores(lang: str = "", kind: str = "") -> tuple[float, float]:
    """Recall and precision over the tags of the cases of one language or kind; a tag counts if the same one is expected
    in that text."""
    expected, found, right = 0, 0, 0
    for case_lang, text, wanted in _cases():
        if case_lang == (lang or case_lang):
            want, have = (
                Counter(tag for tag in _TAG.findall(said) if tag == (kind or tag)) for said in (wanted, redact(text))
            )
            expected, found, right = expected + want.total(), found + have.total(), right + (want & have).total()
    assert expected >= 10, f"only {expected} cases"
    return right / expected, right / found


def test_there_are_enough_cases_of_both_languages_and_half_of_them_forbid_a_tag():
    cases = _cases()
    assert len(cases) >= 150
    assert Counter(lang for lang, _, _ in cases)["en"] >= 75
    assert sum("[" not in wanted for _, _, wanted in cases) >= 60


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_personal_data_is_found_and_the_numbers_of_the_business_stay(lang):
    recall, precision = _scores(lang)
    assert recall >= 0.97, f"recall {recall:.3f}"
    assert precision >= 0.97, f"precision {precision:.3f}"


@pytest.mark.parametrize("kind", TAGS)
def test_each_kind_of_personal_data_is_found_in_its_odd_forms_too(kind):
    """Full-width digits, other hyphens, kana names, mail addresses with +: no kind hides behind the others."""
    recall, precision = _scores(kind=kind)
    assert recall >= 0.95, f"recall {recall:.3f}"
    assert precision >= 0.97, f"precision {precision:.3f}"


def test_redacting_twice_changes_nothing():
    for _, text, _ in _cases():
        assert redact(redact(text)) == redact(text)


def test_a_text_that_is_no_candidate_never_needs_redaction_so_the_column_equals_the_single_texts():
    texts = [text for _, text, _ in _cases()]
    assert redact_array(pa.array(texts)).to_pylist() == [redact(text) for text in texts]
    assert redact_array(pa.chunked_array([[None, "a"], ["a", None]])).to_pylist() == [None, "a", "a", None]
    assert "\n" not in CANDIDATE_PATTERN
