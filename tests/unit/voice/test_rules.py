"""Rules are checked when they are read; a broken one names itself."""

import duckdb
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.voice.matching import match_rules
from naruki.voice.normalise import normalise
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


def test_rules_find_together_what_each_finds_alone(rules: RuleSet, gold, settings):
    rows = [row for row in gold if row["split"] == "heldout"][::4]
    texts = normalise(pa.array([row["text"] for row in rows]), settings.max_characters)
    found = match_rules(texts, [row["lang"] for row in rows], rules).to_pylist()
    warehouse = duckdb.connect()
    warehouse.register(
        "plain", pa.table({"text_id": range(len(rows)), "lang": [row["lang"] for row in rows], "text": texts})
    )
    alone: dict[tuple[int, str, str], float] = {}
    for group in rules.groups:
        for rule in group.rules if group.signal != MODALITY else ():
            masked = "regexp_replace(text, ?, '〓', 'g')" if group.exclude else "text"
            ids = warehouse.execute(
                f"select text_id from plain where lang = ? and regexp_matches({masked}, ?)",
                [group.lang, *([group.exclude] if group.exclude else []), rule.include],
            ).fetchall()
            for (text_id,) in ids:
                key = (text_id, rule.signal, rule.reason)
                alone[key] = max(alone.get(key, 0), rule.weight)
    assert len(alone) > len(rows)
    assert {(row["text_id"], row["signal"], row["reason"]): row["weight"] for row in found} == alone
    by_id = {rule.rule_id: rule for rule in rules.rules}
    for row in found:
        assert row["term"] in texts[row["text_id"]].as_py()
        assert by_id[row["rule_id"]].reason == row["reason"]
