"""Which rules fire in which texts, with the phrase that did it: DuckDB over constant patterns, one pass per
language."""

import re

import pyarrow as pa

from naruki.voice.rules import MASK, MODALITY, RuleGroup, RuleSet

# Long gaps multiply the states of one automaton: beyond this many characters of gaps RE2 gives it up and takes 20x
# as long,
# so such a group is looked for rule by rule, and only texts that hold one are searched for the phrase.
_GAP = re.compile(r"\{\d*,(\d+)\}")
_MAX_GAPS = 150

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
        ids = pa.array(range(len(texts)), pa.int64())
        connection.register(
            "all_texts", pa.table({"text_id": ids, "lang": pa.array(languages, pa.string()), "text": texts})
        )
        for lang in rules.languages:
            groups = [group for group in rules.groups if group.lang == lang and group.signal != MODALITY]
            if groups and lang in languages:
                parts.append(_match_language(connection, lang, groups))
    return pa.concat_tables(parts) if parts else HITS.empty_table()


def _match_language(connection, lang: str, groups: list[RuleGroup]) -> pa.Table:  # type: ignore[no-untyped-def]
    columns = [f"{_found(group)} as g{number}" for number, group in enumerate(groups)]
    connection.execute(
        f"create or replace temp table texts as select text_id, text from all_texts where lang = '{lang}'"
    )
    found = connection.execute(
        f"""
        with found as (select text_id, text, {", ".join(columns)} from texts),
        hits as (unpivot found on columns(* exclude (text_id, text)) into name group_name value term)
        select text_id, cast(substr(group_name, 2) as integer) as group_number, term, strpos(text, term) - 1 as start
        from hits
        where term <> ''
        order by text_id, group_number
        """
    ).to_arrow_table()
    return _with_rules(found, groups)


def _found(group: RuleGroup) -> str:
    """The phrase that the group finds, or null. Masking costs a rewrite of the text: only where the include matches
    at all."""
    include = _literal(group.include)
    is_found = f"regexp_matches(text, {include})"
    if sum(int(most) for most in _GAP.findall(group.include)) > _MAX_GAPS:
        is_found = " or ".join(f"regexp_matches(text, {_literal(rule.include)})" for rule in group.rules)
    text = f"regexp_replace(text, {_literal(group.exclude)}, '{MASK}', 'g')" if group.exclude else "text"
    return f"case when {is_found} then regexp_extract({text}, {include}) end"


def _literal(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _with_rules(found: pa.Table, groups: list[RuleGroup]) -> pa.Table:
    """Group numbers become signal, reason, weight and rule; of a reason's groups the heaviest that fired stays."""
    numbers, terms = found["group_number"].to_pylist(), found["term"].to_pylist()
    rule_ids: dict[tuple[int, str], str] = {}
    kept, names, last = [], [], (-1, -1)
    first_of_reason = [
        next(i for i, other in enumerate(groups) if (other.signal, other.reason) == (g.signal, g.reason))
        for g in groups
    ]
    for row, (text_id, number, term) in enumerate(zip(found["text_id"].to_pylist(), numbers, terms, strict=True)):
        reason = (text_id, first_of_reason[number])
        if reason == last:
            continue
        last = reason
        key = (number, term)
        if key not in rule_ids:
            rule_ids[key] = groups[number].rule_of(term)
        kept.append(row)
        names.append(rule_ids[key])
    table = found.take(pa.array(kept, pa.int64()))
    at = table["group_number"].to_pylist()
    return pa.table(
        [
            table["text_id"],
            pa.array([groups[number].signal for number in at], pa.string()),
            pa.array([groups[number].reason for number in at], pa.string()),
            pa.array([groups[number].weight for number in at], pa.float64()),
            table["term"],
            table["start"].cast(pa.int64()),
            pa.array(names, pa.string()),
        ],
        schema=HITS,
    )
