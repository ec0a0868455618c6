"""Rules are checked when they are read; a broken one names itself."""

import duckdb
import pytest

from naruki.errors import NarukiError
from naruki.voice.rules import MODALITY, RuleSet, rules_from

ROW = {
    "rule_id": "r1",
    "signal": "how_to",
    "reason": "question",
    "lang": "en",
    "include": "how do",
    "exclude": "",
    "weight": "1",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"include": "(how"}, "no valid pattern"),
        ({"include": ""}, "include is empty"),
        ({"include": "(how)?"}, "empty text"),
        ({"include": "how(?= do)"}, "look-around"),
        ({"exclude": "[a"}, "column exclude"),
        ({"weight": "0"}, "weight is 0"),
        ({"signal": "modality", "include": "not"}, "◆"),
    ],
)
def test_a_broken_rule_is_refused_with_its_name_and_the_way_out(change, words):
    with pytest.raises(NarukiError, match="r1") as problem:
        rules_from([{**ROW, **change}])
    assert words in str(problem.value)


def test_two_rules_of_one_id_and_a_file_without_rules_are_refused():
    with pytest.raises(NarukiError, match="id of its own"):
        rules_from([ROW, ROW])
    with pytest.raises(NarukiError, match="holds no rule"):
        rules_from([])
    with pytest.raises(NarukiError, match="lacks the columns exclude"):
        rules_from([{key: value for key, value in ROW.items() if key != "exclude"}])


def test_the_shipped_rules_are_valid_in_duckdb_and_cover_two_languages(rules: RuleSet):
    assert rules.languages == ("en", "ja")
    for rule in rules.rules:
        for pattern in filter(None, (rule.include, rule.exclude)):
            duckdb.execute("select regexp_matches('x', ?)", [pattern])


def test_every_reason_of_the_rules_is_in_the_taxonomy(rules: RuleSet, taxonomy):
    known = {(reason.kind, reason.reason) for reason in taxonomy.reasons}
    assert {(rule.signal, rule.reason) for rule in rules.rules if rule.signal != MODALITY} <= known


def test_the_version_follows_the_rules_and_not_their_order():
    other = {**ROW, "rule_id": "r2", "include": "where do"}
    assert rules_from([ROW, other]).version == rules_from([other, ROW]).version
    assert rules_from([ROW, other]).version != rules_from([ROW, {**other, "weight": "2"}]).version


def test_one_pattern_per_signal_and_reason_holds_all_its_rules():
    both = rules_from([ROW, {**ROW, "rule_id": "r2", "include": "where do"}])
    assert both.pattern("how_to", "question", "en") == "(?:how do)|(?:where do)"
    assert both.pattern("how_to", "question", "ja") == ""
