"""What an analyst's edit of the rules changes: the seeds as they stand against the newest publication that had others."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.policy import read_rows, read_settings
from naruki.voice.diff import DIFFERENCES, diff_signals
from naruki.voice.examples import SEEDS, examples_from
from naruki.voice.rules import RuleSet, rules_from
from naruki.voice.settings import settings_from
from naruki.voice.taxonomy import Taxonomy, taxonomy_from

_DOCUMENTS = """
    select document_id, source, customer_id, occurred_at, category, text, text_hash
    from int_voice__documents order by document_id
"""


@dataclass(frozen=True)
class Changes:
    """Documents that changed (`DIFFERENCES`), and the publication (its folder's name) that they are compared with."""

    rows: pa.Table
    version: str | None
    documents: int


def changes_of_rules(home: Home) -> Changes:
    """Every document of the warehouse read by the rules of seeds/ and by those of the newest publication that had other
    rules.

    `version` is None where no publication had other rules.
    """
    taxonomy = read_rows("cfg_voc_taxonomy")
    new = taxonomy_from(taxonomy), rules_from(read_rows("cfg_voc_rule"))
    order = {(row["kind"], row["reason"]): place for place, row in enumerate(taxonomy)}
    for folder in _publications(home):
        old = _published(folder / "published.duckdb", order)
        if old is not None and _versions(old) != _versions(new):
            documents = home.read_warehouse(_DOCUMENTS)
            settings = settings_from(read_settings())
            examples = examples_from({name: read_rows(f"voice/{name}") for name in SEEDS}, settings, home.readers)
            rows = diff_signals(documents, old, new, settings, examples)
            return Changes(rows, folder.name, documents.num_rows)
    return Changes(DIFFERENCES.empty_table(), None, 0)


def published_rules(home: Home) -> RuleSet | None:
    """The rules of the newest publication; None if there is none, or they can't be read as rules any more."""
    with suppress(duckdb.Error, NarukiError):
        found = _published(home.current / "published.duckdb", {})
        return found[1] if found else None
    return None


def _versions(policy: tuple[Taxonomy, RuleSet]) -> tuple[str, str]:
    return policy[0].version, policy[1].version


def _publications(home: Home) -> list[Path]:
    """Folders of the publications, the newest first."""
    if not home.current.exists():
        raise NarukiError(
            f"Nothing is published in {home.root} yet: run `naruki run --sources … --home {home.root}` first."
        )
    found = (path for path in home.published.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted((path for path in found if not path.name.startswith(".")), key=lambda path: path.name, reverse=True)


def _published(file: Path, order: dict[tuple[str, str], int]) -> tuple[Taxonomy, RuleSet] | None:
    """Taxonomy and rules as they were published; None if they were not.

    A publication is sorted, while the order of the taxonomy breaks ties: its reasons are put in today's `order`, those
    that are gone at the end.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        if not {"cfg_voc_taxonomy", "cfg_voc_rule"} <= tables:
            return None
        rows = connection.execute("select * from policy.cfg_voc_taxonomy").to_arrow_table().to_pylist()
        rows.sort(key=lambda row: (order.get((row["kind"], row["reason"]), len(order)), row["reason"]))
        return taxonomy_from(rows), rules_from(connection.execute("select * from policy.cfg_voc_rule").to_arrow_table())
