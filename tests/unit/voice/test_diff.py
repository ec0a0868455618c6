"""A change of the rules shows the documents that it changes, with personal data taken out."""

from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.policy import read_rows
from naruki.voice.changes import changes_of_rules, published_rules
from naruki.voice.diff import diff_signals
from naruki.voice.rules import RuleSet
from naruki.voice.taxonomy import taxonomy_from

from .conftest import documents, seed_rows


def test_only_documents_whose_signals_differ_are_listed_and_their_text_is_redacted(rules, taxonomy, settings):
    fewer = RuleSet(rule for rule in rules.rules if rule.reason != "login")
    docs = documents("ログインできません。連絡先は03-1234-5678です", "画面が遅いです")
    found = diff_signals(docs, (taxonomy, rules), (taxonomy, fewer), settings).to_pylist()
    assert {(row["document_id"], row["signal"], row["before"]) for row in found} == {("d0", "contact_reason", "login")}
    assert found[0]["after"] != "login"
    assert found[0]["text"] == "ログインできません。連絡先は[PHONE]です"


def test_the_same_rules_change_nothing(rules, taxonomy, settings):
    assert diff_signals(documents("解約したいです"), (taxonomy, rules), (taxonomy, rules), settings).num_rows == 0


def test_another_alias_in_the_taxonomy_changes_what_a_category_means(rules, taxonomy, settings):
    rows = [row | {"aliases": "sso"} if row["reason"] == "login" else row for row in seed_rows("cfg_voc_taxonomy.csv")]
    docs = documents("画面が遅いです", categories=["sso"])
    [row] = diff_signals(docs, (taxonomy, rules), (taxonomy_from(rows), rules), settings).to_pylist()
    assert (row["signal"], row["before"], row["after"]) == (
        "contact_reason",
        "performance",
        "performance, login (category)",
    )


def publish(home: Home, version: str, rules: list[dict[str, str]]) -> None:
    """A publication that holds these rules, sorted as publications are."""
    folder = home.published / version
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "published.duckdb")) as connection:
        connection.execute("create schema policy")
        for name, rows in (("cfg_voc_rule", rules), ("cfg_voc_taxonomy", seed_rows("cfg_voc_taxonomy.csv"))):
            connection.register("rows", pa.Table.from_pylist(rows))
            connection.execute(f"create table policy.{name} as select * from rows order by all")
    home.current.unlink(missing_ok=True)
    home.current.symlink_to(version)


def test_rules_are_compared_with_the_newest_publication_that_had_others(tmp_path, monkeypatch):
    """After the run that published the edit there is still something to see: what was there before it."""
    home, rules = Home(tmp_path), seed_rows("cfg_voc_rule.csv")
    with pytest.raises(NarukiError, match="Nothing is published"):
        changes_of_rules(home)
    zorp = rules[0] | {
        "rule_id": "zorp",
        "signal": "contact_reason",
        "reason": "login",
        "lang": "ja",
        "include": "ゾルプ",
    }
    zorp |= {"exclude": "", "weight": "9"}
    docs = documents("ゾルプについて").set_column(
        3, "occurred_at", pa.array([datetime(2026, 1, 1)], pa.timestamp("us"))
    )
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.register("docs", docs)
        connection.execute("create table int_voice__documents as select * from docs")
    publish(home, "20260101", rules)
    publish(home, "20260102", [*rules, zorp])
    monkeypatch.setattr(
        "naruki.voice.changes.read_rows", lambda name: [*rules, zorp] if name == "cfg_voc_rule" else read_rows(name)
    )
    changes = changes_of_rules(home)
    assert changes.version == "20260101"
    assert [(row["signal"], row["after"]) for row in changes.rows.to_pylist()] == [("contact_reason", "login")]
    (home.published / "20260101" / "published.duckdb").unlink()
    (home.published / "20260101").rmdir()
    assert changes_of_rules(home).version is None


def test_the_rules_of_a_publication_are_told_if_there_is_one_that_can_be_read(tmp_path, rules):
    home = Home(tmp_path)
    assert published_rules(home) is None
    publish(home, "v1", seed_rows("cfg_voc_rule.csv"))
    assert published_rules(home).version == rules.version
    (home.current / "published.duckdb").write_bytes(b"damaged")
    assert published_rules(home) is None
