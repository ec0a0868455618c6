"""Versions of the project: what makes facts be built anew, and what does not."""

import pytest

from naruki import project


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setattr(project, "ROOT", tmp_path)
    for name in (
        "models/facts/fct.sql",
        "models/marts/mart.sql",
        "dbt_project/macros/a.sql",
        "seeds/cfg.csv",
        "dbt_project.yml",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("select 1")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("models/facts/fct.sql", True),
        ("dbt_project/macros/a.sql", True),
        ("models/marts/mart.sql", False),
        ("seeds/cfg.csv", False),  # a policy is noticed by the facts that follow it
    ],
)
def test_facts_are_built_anew_when_the_sql_before_the_marts_changed(tree, name, changes):
    before = project.facts_version()
    (tree / name).write_text("select 2")
    assert (project.facts_version() != before) == changes
