"""Which rules fire in which texts, with the phrase that did it: DuckDB over constant patterns, one statement per
language."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.voice.rules import MASK, MODALITY, RuleGroup, RuleSet

# Long gaps multiply the states of one automaton: beyond this many characters of gaps RE2 gives it up and takes 20x as
# long, so the rules of such a group are looked for one by one.
_GAP = re.compile(r"\{\d*,(\d+)\}")
_MAX_GAPS = 150
# Texts that one thread takes at a time.
_BATCH = 10_000

HITS = pa.schema(
    [
        ("text_id", pa.int64()),
        ("signal", pa.string()),
        ("reason", pa.string()),
        ("weight", pa.float64()),
        ("term", pa.string()),
        ("start", pa.int64()),
        ("rule_id", pa.string()),
    ]
)


def match_rules(texts: pa.Array, languages: list[str], rules: RuleSet) -> pa.Table:
    """One row per text, signal and reason that fired (`HITS`): the weight of the heaviest rule, its phrase and where
    it starts.

    `texts` are normalised and distinct, `text_id` is their position. Rules of modality are no signals and don't fire here.
    """
    import duckdb

    parts = []
    with duckdb.connect() as connection:
        languages_of = pa.array(languages, pa.string())
        table = pa.table({"text_id": pa.array(range(len(texts)), pa.int64()), "text": texts})
        for lang in rules.languages:
            groups = [group for group in rules.groups if group.lang == lang and group.signal != MODALITY]
            mine = table.filter(pc.equal(languages_of, lang))
            if groups and mine.num_rows:
                connection.register("texts", pa.Table.from_batches(mine.to_batches(max_chunksize=_BATCH)))
                parts.append(_match_language(connection, groups))
    return pa.concat_tables(parts) if parts else HITS.empty_table()


def _match_language(connection, groups: list[RuleGroup]) -> pa.Table:  # type: ignore[no-untyped-def]
    # A query a group: as columns of one query DuckDB would mask every text for every group, matched or not.
    found = connection.execute(
        " union all ".join(_found(number, group) for number, group in enumerate(groups))
    ).to_arrow_table()
    found = found.filter(pc.not_equal(found["term"], ""))
    return _with_rules(found.sort_by([("text_id", "ascending"), ("group_number", "ascending")]), groups)


def _found(number: int, group: RuleGroup) -> str:
    """The phrases that a group finds: '' where an exclude covers them."""
    includes = [group.include]
    if sum(int(most) for most in _GAP.findall(group.include)) > _MAX_GAPS:
        includes = [rule.include for rule in group.rules]
    terms = ", ".join(_phrase(include, group.exclude) for include in includes)
    is_found = " or ".join(f"regexp_matches(text, {_literal(include)})" for include in includes)
    return f"""
        select text_id, {number} as group_number, term, strpos(text, term) - 1 as start
        from (select text_id, text, coalesce({terms}, '') as term from texts where {is_found})
    """


def _phrase(include: str, exclude: str) -> str:
    text = f"regexp_replace(text, {_literal(exclude)}, '{MASK}', 'g')" if exclude else "text"
    return f"nullif(regexp_extract({text}, {_literal(include)}), '')"


def _literal(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _with_rules(found: pa.Table, groups: list[RuleGroup]) -> pa.Table:
    """Group numbers become signal, reason, weight and rule; of a reason's groups the heaviest that fired stays."""
    reasons = [(group.signal, group.reason) for group in groups]
    reason = np.array([reasons.index(one) for one in reasons])[found["group_number"].to_numpy()]
    ids = found["text_id"].to_numpy()
    found = found.filter(pa.array((np.diff(ids, prepend=-1) != 0) | (np.diff(reason, prepend=-1) != 0)))
    number, term = found["group_number"].to_numpy(), found["term"].combine_chunks().dictionary_encode()
    pairs, which = np.unique(number.astype(np.int64) * len(term.dictionary) + term.indices, return_inverse=True)
    rules = [
        groups[pair // len(term.dictionary)].rule_of(term.dictionary[pair % len(term.dictionary)].as_py())
        for pair in pairs.tolist()
    ]
    of_group = {
        "signal": pa.array([group.signal for group in groups], pa.string()),
        "reason": pa.array([group.reason for group in groups], pa.string()),
        "weight": pa.array([group.weight for group in groups], pa.float64()),
    }
    columns = {name: values.take(pa.array(number)) for name, values in of_group.items()}
    columns["rule_id"] = pa.array(rules, pa.string()).take(pa.array(which))
    return pa.table([columns[name] if name in columns else found[name] for name in HITS.names], names=HITS.names).cast(
        HITS
    )
