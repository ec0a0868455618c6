"""What is written: complete texts, safe data, small files, and a page that stands when tables are missing."""

import gzip
import json
import re
from pathlib import Path

import duckdb
import pytest

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.policy import read_rows, read_settings
from naruki.publishing.page import rebuild_page
from naruki.publishing.page.build import STATIC, dumps, packed
from naruki.publishing.page.data import QUERIES
from naruki.publishing.page.library import CHARTS, library, part_of, whole_library
from naruki.publishing.words import sentence
from tests.page.company import CUSTOMERS, publish_company

ALL_BUT_CUSTOMERS = frozenset(
    {
        "customer_segments",
        "customer_tiers",
        "tier_reasons",
        "tier_moves",
        "tier_capacity",
        "tier_policy_comparison",
        "whatif",
        "action_queue",
        "failure_modes",
        "data_quality",
        "mart_customer_value",
        "mart_support_effort",
        "mart_customer_voice",
        "mart_revenue_retention",
        "mart_deflection",
        "contact_reasons",
        "fct_ticket",
        "fct_interaction",
        "fct_touch",
        "fct_survey_response",
        "fct_mrr_movement",
        "fct_churn_event",
        "fct_voc_signal",
        "feed_match_rate",
        "renewal_likelihood",
        "mart_voice_coverage",
        "mart_churn_by_wait",
        "supported_association",
        "voc_source_comparison",
        "churn_triangulation",
        "push_effect",
        "action_effects",
        "experiments",
    }
)


def data_of(home: Home) -> dict:
    text = (home.current / "page" / "data.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.NARUKI = ").removesuffix(";\n"))


def unpacked(rows: list | dict) -> list:
    if isinstance(rows, list):
        return rows
    columns = {
        name: [c["values"][i] for i in c["at"]] if "at" in c else c["values"] for name, c in rows["columns"].items()
    }
    return [{name: values[number] for name, values in columns.items()} for number in range(rows["rows"])]


def test_nothing_published_but_customers_is_told_and_not_counted_as_zero(tmp_path: Path):
    home = publish_company(tmp_path, ALL_BUT_CUSTOMERS)
    data = data_of(home)
    assert not any(data["lists"].values())
    assert {told[0] for told in data["headlines"].values()} == {
        "Not known: the data that it needs have not been delivered."
    }
    assert data["week"] == []
    assert data["places"] == {}


def test_feeds_without_rows_are_told_and_not_counted_as_zero(tmp_path: Path):
    """A missing feed is an empty table: its sentences say that it is not known, and no measure pretends to be 0."""
    data = data_of(publish_company(tmp_path, empty=True))
    told = {section: words[0] for section, words in data["headlines"].items()}
    assert told["silent"].startswith("Not known")
    assert told["capacity"] == "The hours of the teams are not known."
    assert told["reasons"].startswith("There were too few contacts")
    assert told["churn"].startswith("Not known")
    assert told["matrix"].startswith("The quadrants are not known")
    assert [row for row in data["week"] if row["now"] is not None] == []


def test_list_ships_the_first_rows_and_says_how_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    limits = read_settings() | {"page_list_limit": "7", "page_card_limit": "3"}
    monkeypatch.setattr("naruki.publishing.page.data.read_settings", lambda: limits)
    data = data_of(publish_company(tmp_path))
    assert [row["rank"] for row in data["lists"]["actions"]] == [1, 2, 3, 4, 5, 6, 7]
    assert data["meta"]["actions_total"] == CUSTOMERS
    assert list(data["places"]) == ["C0000", "C0001", "C0002"]


def test_associations_are_called_so_and_shares_of_fewer_than_five_are_hidden(company: Home):
    data = data_of(company)
    assert data["headlines"]["association"][0] == (
        "Among comparable customers the share that left differs by -1.0 points with support from without "
        "(likely -3.0 to +2.0, n = 90). This too is an association."
    )
    (heard,) = data["lists"]["coverage"]
    assert heard["heard_churn_rate"] == 0.1
    assert heard["silent_churn_rate"] is None


def test_same_publication_gives_the_same_page(company: Home):
    before = {file.name: file.read_bytes() for file in (company.current / "page").rglob("*.js")}
    rebuild_page(company)
    assert {file.name: file.read_bytes() for file in (company.current / "page").rglob("*.js")} == before


def test_page_is_small_enough_to_send(company: Home):
    files = [file for file in (company.current / "page").rglob("*") if file.is_file()]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 2_500_000


def test_long_lists_are_packed_without_loss():
    rows = [{"tier": "high" if number < 3 else None, "hours": number / 2} for number in range(60)]
    assert unpacked(json.loads(dumps(packed(rows)))) == rows


def test_data_can_not_end_the_script_nor_hold_what_json_does_not_know():
    text = dumps({"name": "</script><!--\u2028", "value": float("nan"), "share": 1 / 3})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"name": "</script><!--\u2028", "value": None, "share": 0.333333}


def test_every_text_that_scripts_and_queries_ask_for_exists_in_both_languages():
    texts = {row["key"]: row for row in read_rows("cfg_page_text")}
    scripts = "\n".join(file.read_text(encoding="utf-8") for file in [*STATIC.glob("*.js"), STATIC / "index.html"])
    asked = set(re.findall(r'\btext\("(\w+)"', scripts)) | set(re.findall(r'data-(?:text|label)="(\w+)"', scripts))
    asked |= {f"headline_{file.stem}" for file in (QUERIES / "headlines").glob("*.sql")}
    for file in (QUERIES / "headlines").glob("*.sql"):
        told = re.search(r"case(?:(?!\bcase\b).)*?end as variant", file.read_text(encoding="utf-8"), re.DOTALL)
        asked |= {
            f"headline_{file.stem}_{name}" for name in re.findall(r"(?:then|else) '(\w+)'", told[0] if told else "")
        }
    for section in ("actions", "capacity", "hour", "voice", "silent", "moves"):
        asked.add(f"question_{section}")
    asked |= {
        f"col_{name}"
        for name in re.findall(r'\b(?:column|ranged|worded|coded|tagged)\("(\w+)"(?![^)]*label:)', scripts)
    }
    assert sorted(asked - set(texts)) == []
    assert [key for key, row in texts.items() if not row["en"].strip() or not row["ja"].strip()] == []
    assert [key for key, row in texts.items() if sorted(names(row["en"])) != sorted(names(row["ja"]))] == []
    assert [key for key, row in texts.items() if not re.search(r"[ぁ-んァ-ヶ一-龠%＃{#]", row["ja"])] == []


def names(words: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", words))


def test_scripts_parse_no_markup_and_ask_nobody():
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "fetch(",
            "http://",
            "https://",
        ):
            assert forbidden not in text.replace("http://www.w3.org/2000/svg", ""), f"{file.name}: {forbidden}"


def test_sentences_show_values_as_the_language_writes_them():
    texts = {
        "x": {
            "en": "{team}: {price:money}, {share:share}, {none:money}",
            "ja": "{team}：{price:money}、{share:share}、{none:money}",
        }
    }
    values = {"team_en": "Desk", "team_ja": "窓口", "price": 12_345_678, "share": 0.123, "none": None}
    assert sentence(texts, "x", values, "JPY") == ["Desk: ¥12.3 million, 12%, –", "窓口：1,235万円、12%、–"]
    assert sentence(texts, "x", values, "USD")[1] == "窓口：$12.3 million、12%、–"


def test_names_in_sentences_keep_their_direction_and_length():
    texts = {"x": {"en": "{who:name}.", "ja": "{who:name}。"}}
    assert sentence(texts, "x", {"who": "a" * 300}, "JPY")[0] == "\u2068" + "a" * 59 + "…\u2069."
    assert sentence(texts, "x", {"who": "{0} {who}"}, "JPY")[0] == "\u2068{0} {who}\u2069."


def test_chart_library_holds_the_charts_that_the_page_draws_and_is_small():
    found = library()
    assert len(found) < len(whole_library()) / 3
    assert len(gzip.compress(found.encode())) < 500_000
    assert found.startswith(whole_library()[:200])
    assert "Licensed under the MIT license" in found
    drawn = set(re.findall(r'type: "(\w+)"', (STATIC / "pictures.js").read_text(encoding="utf-8"))) - {
        "line",
        "data",
        "log",
    }
    assert drawn == {"scatter", *CHARTS}


def test_chart_library_stays_whole_where_its_modules_are_not_known():
    assert part_of("(()=>{var Plotly={};return Plotly})()", CHARTS) is None
    assert part_of(whole_library(), ["bar", "no_such_chart"]) is None


def test_page_of_a_publication_of_another_version_says_what_to_do(company: Home, tmp_path: Path):
    home = publish_company(tmp_path)
    with duckdb.connect(str(home.current / "published.duckdb")) as published:
        published.execute("drop view tier_moves_current; create view tier_moves_current as select 1 as one")
    with pytest.raises(NarukiError, match=r"made by another version of Naruki .*publish anew with `naruki run`"):
        rebuild_page(home)


def test_a_team_that_needs_more_hours_than_it_has_is_red_without_any_history(company: Home):
    (load,) = [row for row in data_of(company)["week"] if row["measure"] == "load"]
    assert (load["now"], load["state"]) == (1.125, "over")
