"""Redaction: known names, repeated redaction, columns, and what a broken input does."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naruki.voice._numbers import is_card, is_luhn, is_my_number
from naruki.voice.redact import redact, redact_array

_PERSONAL = [
    "田中様",
    "佐藤さん",
    "03-1234-5678",
    "０９０１２３４５６７８",
    "a@example.com",
    "〒100-0001",
    "部長",
    "鈴木",
]
_PLACES = ["東京都千代田区丸の内1-2-3", "IL 62704", "12 Main Street", "https://example.com/a", "4111 1111 1111 1111"]
_LETTERS = [
    "Dear Ms Example,",
    "Regards,\nJohn Smith",
    "Hi ",
    "Thanks, ",
    "Mr ",
    "と申します",
    "です",
    "の",
    "TEL",
    "注文番号 ",
]
_REST = ["[NAME]", "[EMAIL", "123456789018", " ", "、", "\n", "123", "-", "\ufdd3", "(", "）", "＠"]
_PIECES = st.sampled_from([*_PERSONAL, *_PLACES, *_LETTERS, *_REST])


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=8).map("".join))
def test_redacting_twice_is_redacting_once_and_the_column_equals_the_single_text(text):
    once = redact(text)
    assert redact(once) == once
    assert redact_array(pa.array([text])).to_pylist() == [once]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_redacted_without_an_error_and_stays_so(text):
    once = redact(text, ["Example Trading"])
    assert redact(once, ["Example Trading"]) == once


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("東雲さくらの件です", ["東雲さくら"], "[NAME]の件です"),
        ("東雲　さくらと東雲さくら", ["東雲 さくら"], "[NAME]と[NAME]"),
        ("Invoice for ACME Widgets Ltd.", ["Acme Widgets Ltd"], "Invoice for [NAME]."),
        ("Ask zaphod about it", ["Zaphod"], "Ask [NAME] about it"),
        ("Zaphodia is a place", ["Zaphod"], "Zaphodia is a place"),
        ("please mark as done, Mark", ["Mark"], "please mark as done, [NAME]"),
        ("全角のＺａｐｈｏｄ", ["Zaphod"], "全角の[NAME]"),
        ("a b c", ["a", "", "  "], "a b c"),
        ("みほん商事の件", ["みほん", "みほん商事"], "[NAME]の件"),
        ("write to [EMAIL]", ["EMAIL"], "write to [EMAIL]"),
        ("みほん商事と（株）みほん商事", ["株式会社みほん商事"], "[NAME]と（株）[NAME]"),
        ("㈱みほん商事の東雲", ["みほん商事(株)"], "㈱[NAME]の東雲"),
        ("our firm MIHON TRADING uses it", ["Mihon Trading Co., Ltd."], "our firm [NAME] uses it"),
        ("Zaphod asks: what is zaphod?", ["Zaphod Inc."], "[NAME] asks: what is zaphod?"),
        (
            "クラウドのサポート、our support",
            ["株式会社サポート", "クラウド株式会社", "Support Ltd"],
            "クラウドのサポート、our support",
        ),
    ],
)
def test_names_that_the_source_knows_are_found_anywhere_but_not_inside_words(text, names, expected):
    assert redact(text, names) == expected
    assert redact(expected, names) == expected
    assert redact_array(pa.array([text]), names).to_pylist() == [expected]


def test_check_digits():
    assert is_luhn("4111111111111111")
    assert not is_luhn("4111111111111112")
    assert not is_card("1234567812345670"), "passes Luhn, but no scheme issues it"
    assert is_my_number("123456789018")
    assert not is_my_number("123456789010")
    assert not is_my_number("000000000000")


def test_a_megabyte_is_redacted_in_reasonable_time_and_a_null_stays_null():
    texts = ["a" * 1_000_000, "1 " * 50_000, "@" * 100_000, "様" * 50_000, "Mr " * 30_000, "1-" * 50_000, None]
    found = redact_array(pa.array([*texts, "mail a@example.com"])).to_pylist()
    assert found[-2:] == [None, "mail [EMAIL]"]
    assert found[0] == texts[0]
