"""The dictionary of tables: what each published table and column means, from the descriptions beside the models.

Nothing is written twice: names, types, descriptions and Japanese labels are those of dbt's manifest; decision tables,
which Python writes, are described beside their schemas.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

GROUPS = {
    "decisions": ("Decisions", "判定"),
    "marts": ("Marts", "集計表"),
    "facts": ("Facts", "事実表"),
    "policy": ("Policy (seeds)", "方針(設定表)"),
}
STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.6 system-ui, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", sans-serif; max-width: 70rem;
  margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
nav ul { columns: 3 14rem; list-style: none; padding: 0; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 2rem; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-top: 1px solid #8886; }
code { font-size: .92em; } h2 { margin-top: 3rem; } h3 { margin: 2rem 0 .2rem; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Column:
    """A column: name, type ('' if not stated), English description and Japanese label ('' if there is none)."""

    name: str
    kind: str = ""
    description: str = ""
    label_ja: str = ""


@dataclass(frozen=True)
class Table:
    """A published table of one of GROUPS."""

    name: str
    group: str
    description: str
    label_ja: str
    columns: tuple[Column, ...]


def write_dictionary(
    manifest: Mapping[str, Any], folder: Path, decisions: Mapping[str, str] | None = None
) -> list[Path]:
    """Write dictionary.html and dictionary.md into `folder`.

    `manifest` is dbt's manifest.json as read; `decisions` gives a description for each decision table that is no
    source there.
    """
    tables = tables_of(manifest, decisions or {})
    files = {folder / "dictionary.html": as_html(tables), folder / "dictionary.md": as_markdown(tables)}
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
    return list(files)


def tables_of(manifest: Mapping[str, Any], decisions: Mapping[str, str]) -> list[Table]:
    """Tables in the order of GROUPS, then by name."""
    found = {table.name: table for table in map(decision_table, decisions.items())}
    for node in [*manifest["nodes"].values(), *manifest.get("sources", {}).values()]:
        group = group_of(node)
        if group and (group != "decisions" or node.get("columns")):
            found[node["name"]] = Table(
                node["name"], group, one_line(node.get("description")), label_of(node), tuple(columns_of(node))
            )
    order = list(GROUPS)
    return sorted(found.values(), key=lambda table: (order.index(table.group), table.name))


def group_of(node: Mapping[str, Any]) -> str | None:
    """The group of a node of the manifest; None for what is not published."""
    if node["resource_type"] == "model" and (node.get("config") or {}).get("materialized") != "ephemeral":
        return next((layer for layer in ("marts", "facts") if layer in node["fqn"]), None)
    if node["resource_type"] == "seed":
        return "policy"
    if node["resource_type"] == "source" and node.get("source_name") == "computed":
        return "decisions"
    return None


def columns_of(node: Mapping[str, Any]) -> Iterable[Column]:
    types = (node.get("config") or {}).get("column_types") or {}
    for name, column in node.get("columns", {}).items():
        kind = column.get("data_type") or types.get(name) or ""
        yield Column(name, kind, one_line(column.get("description")), label_of(column))


def decision_table(named: tuple[str, str]) -> Table:
    """A table that Python writes: what its columns mean stands beside their schema."""
    from naruki.tiering.columns import LABELS, TABLES, describe

    name, description = named
    columns = tuple(
        Column(column.name, column.type, column.description, column.label_ja)
        for column in (describe(name) if name in TABLES else ())
    )
    return Table(name, "decisions", one_line(description), LABELS.get(name, ""), columns)


def label_of(entry: Mapping[str, Any]) -> str:
    """meta.label_ja, where dbt keeps it: under config, in older manifests beside it."""
    return ((entry.get("config") or {}).get("meta") or entry.get("meta") or {}).get("label_ja", "")


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def as_markdown(tables: Iterable[Table]) -> str:
    """One heading per table, one row per column."""
    lines = ["# Dictionary of tables · 表の辞書", ""]
    for group, titles in GROUPS.items():
        lines += [f"## {titles[0]} · {titles[1]}", ""]
        for table in (one for one in tables if one.group == group):
            lines += [f"### {table.name}{f' · {table.label_ja}' if table.label_ja else ''}", "", table.description, ""]
            if table.columns:
                lines += ["| column | 日本語 | type | meaning |", "|---|---|---|---|"]
                lines += [
                    "| "
                    + " | ".join(cell.replace("|", "\\|") for cell in (c.name, c.label_ja, c.kind, c.description))
                    + " |"
                    for c in table.columns
                ]
                lines.append("")
    return "\n".join(lines)


def as_html(tables: Iterable[Table]) -> str:
    """One file without scripts, in both languages."""
    tables = list(tables)
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Naruki: dictionary of tables · 表の辞書</title><style>{STYLE}</style></head><body><main>",
        '<h1>Dictionary of tables · <span lang="ja">表の辞書</span></h1><nav aria-label="Tables"><ul>',
        *(f'<li><a href="#{escape(t.name)}"><code>{escape(t.name)}</code></a></li>' for t in tables),
        "</ul></nav>",
    ]
    for group, (english, japanese) in GROUPS.items():
        parts.append(f'<h2>{english} · <span lang="ja">{japanese}</span></h2>')
        parts += [table_html(table) for table in tables if table.group == group]
    return "\n".join([*parts, "</main></body></html>", ""])


def table_html(table: Table) -> str:
    label = f' · <span lang="ja">{escape(table.label_ja)}</span>' if table.label_ja else ""
    head = (
        f'<h3 id="{escape(table.name)}"><code>{escape(table.name)}</code>{label}</h3><p>{escape(table.description)}</p>'
    )
    if not table.columns:
        return head
    rows = "".join(
        f'<tr><td><code>{escape(c.name)}</code></td><td lang="ja">{escape(c.label_ja)}</td><td>{escape(c.kind)}</td>'
        f"<td>{escape(c.description)}</td></tr>"
        for c in table.columns
    )
    names = "".join(f'<th scope="col">{name}</th>' for name in ("Column", "日本語", "Type", "Meaning"))
    return f'{head}<table tabindex="0"><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
