"""The dictionary tells what stands beside the models, in both languages, and nothing else."""

from pathlib import Path

from naruki.publishing.dictionary import as_markdown, tables_of, write_dictionary

MANIFEST = {
    "nodes": {
        "model.naruki.mart_x": {
            "name": "mart_x",
            "resource_type": "model",
            "fqn": ["naruki", "marts", "x"],
            "description": "One row\nper thing.",
            "config": {"meta": {"label_ja": "もの"}},
            "columns": {
                "a": {
                    "data_type": "bigint",
                    "description": "Number <of> | things.",
                    "config": {"meta": {"label_ja": "数"}},
                }
            },
        },
        "model.naruki.stg_x": {
            "name": "stg_x",
            "resource_type": "model",
            "fqn": ["naruki", "staging", "x"],
            "description": "",
            "columns": {},
        },
        "seed.naruki.cfg_x": {
            "name": "cfg_x",
            "resource_type": "seed",
            "fqn": ["naruki", "cfg_x"],
            "description": "Rules.",
            "config": {"column_types": {"rate": "double"}},
            "columns": {"rate": {"description": "Rate."}},
        },
        "test.naruki.t": {"name": "t", "resource_type": "test", "fqn": ["naruki"], "description": "", "columns": {}},
    },
}


def test_published_tables_are_told_and_staging_is_not():
    assert [(table.name, table.group) for table in tables_of(MANIFEST, {"tier_moves": "One row per move."})] == [
        ("tier_moves", "decisions"),
        ("mart_x", "marts"),
        ("cfg_x", "policy"),
    ]


def test_columns_have_type_meaning_and_japanese_label():
    text = as_markdown(tables_of(MANIFEST, {}))
    assert "### mart_x · もの\n\nOne row per thing.\n" in text
    assert "| a | 数 | bigint | Number <of> \\| things. |" in text
    assert "| rate |  | double | Rate. |" in text


def test_decision_tables_show_the_columns_that_are_written():
    (table,) = tables_of({"nodes": {}}, {"tier_moves": "One row per move."})
    assert table.label_ja == "層の移動"
    (cause,) = [column for column in table.columns if column.name == "cause"]
    assert (cause.kind, cause.label_ja) == ("string", "原因")
    assert cause.description.startswith("customer, policy, data correction or capacity")


def test_files_are_written_beside_the_publication_and_hold_no_markup_of_others(tmp_path: Path):
    html, markdown = write_dictionary(MANIFEST, tmp_path)
    assert html == tmp_path / "dictionary.html"
    assert markdown == tmp_path / "dictionary.md"
    assert "Number &lt;of&gt; | things." in html.read_text(encoding="utf-8")
