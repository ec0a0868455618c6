"""A change of the rules shows the documents that it changes, with personal data taken out."""

from naruki.voice.diff import diff_signals
from naruki.voice.rules import RuleSet

from .conftest import documents


def test_only_documents_whose_signals_differ_are_listed_and_their_text_is_redacted(rules, taxonomy, settings):
    fewer = RuleSet(rule for rule in rules.rules if rule.reason != "login")
    docs = documents("ログインできません。連絡先は03-1234-5678です", "画面が遅いです")
    found = diff_signals(docs, (taxonomy, rules), (taxonomy, fewer), settings).to_pylist()
    assert {(row["document_id"], row["signal"], row["before"]) for row in found} == {("d0", "contact_reason", "login")}
    assert found[0]["after"] != "login"
    assert found[0]["text"] == "ログインできません。連絡先は[PHONE]です"


def test_the_same_rules_change_nothing(rules, taxonomy, settings):
    assert diff_signals(documents("解約したいです"), (taxonomy, rules), (taxonomy, rules), settings).num_rows == 0
