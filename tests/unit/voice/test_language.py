"""Languages by script and function words; what says nothing is undetermined, never guessed."""

import pytest

from naruki.voice.language import UNKNOWN_LANGUAGE, detect_language


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("ログインできません", "ja"),
        ("解約希望", "ja"),
        ("ｶﾀｶﾅ ﾃﾞｽ", "ja"),
        ("I can't log in", "en"),
        ("Ｐｌｅａｓｅ ｃａｎｃｅｌ ｏｕｒ ｐｌａｎ", "en"),
        ("Slack integration broken", "en"),
        ("我想取消订阅", "zh"),
        ("비밀번호를 잊었어요", "ko"),
        ("Не могу войти", "ru"),
        ("No puedo iniciar sesión", "es"),
        ("Je voudrais résilier mon abonnement", "fr"),
        ("Ich kann mich nicht anmelden", "de"),
    ],
)
def test_a_language_is_recognised(text, lang):
    assert detect_language([text]) == [lang]


@pytest.mark.parametrize(
    "text", [None, "", " ", "😀", "12345", "[NAME] [EMAIL]", "https://example.com/login", "縺薙ｓ縺ｫ縺｡縺ｯ"]
)
def test_what_holds_no_words_is_undetermined(text):
    assert detect_language([text]) == [UNKNOWN_LANGUAGE]


def test_the_languages_of_the_gold_set_are_right(gold):
    found = detect_language([row["text"] for row in gold])
    assert sum(lang == row["lang"] for lang, row in zip(found, gold, strict=True)) >= 0.995 * len(gold)
