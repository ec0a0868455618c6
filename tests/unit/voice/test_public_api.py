"""What others call: three names on the package, and no scikit-learn before somebody classifies."""

import subprocess
import sys

import naruki.voice


def test_the_package_offers_redaction_languages_and_the_classifier():
    assert naruki.voice.redact("mail a@example.com", ["Zaphod"]) == "mail [EMAIL]"
    assert naruki.voice.detect_language(["ログインできません", "I can't log in"]) == ["ja", "en"]
    labels, scores = (
        naruki.voice.TextClassifier("en", 1).fit(["red apple", "blue sky"], ["a", "b"]).predict(["red apple"])
    )
    assert labels == ["a"]
    assert 0 < scores[0] <= 1


def test_redaction_alone_does_not_load_scikit_learn():
    code = "import sys, naruki.voice; naruki.voice.redact('x'); print('sklearn' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
