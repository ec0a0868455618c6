"""Which texts an edit of the rules touches: only these have to be read again."""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from naruki.voice.matching import match_rules
from naruki.voice.rules import MODALITY, Rule, RuleSet
from naruki.voice.signals import CHURN_INTENT

# What a phrase of leaving means depends on all of these together, wherever they stand in the text.
_TOGETHER = (CHURN_INTENT, MODALITY)
_DIFFERENT = """
    select distinct text_id
    from (
        (from old_hits except from new_hits) union all (from new_hits except from old_hits)
        union all from old_leaving union all from new_leaving
    )
    order by text_id
"""


def texts_touched(texts: pa.Array, languages: list[str], before: RuleSet, after: RuleSet) -> pa.Array:
    """Positions of the normalised texts (int64, ascending) of which rules that differ may say something else."""
    if before.languages != after.languages:
        return pa.array(range(len(texts)), pa.int64())
    changed = {_key(rule) for rule in set(before.rules) ^ set(after.rules)}
    together = {lang for signal, _, lang in changed if signal in _TOGETHER}
    # The rules of a reason are one pattern with common excludes: they change as a whole.
    alone = {key for key in changed if key[0] not in _TOGETHER}

    def found(rules: RuleSet, is_wanted: Callable[[Rule], bool]) -> pa.Table:
        return match_rules(texts, languages, RuleSet(rule for rule in rules.rules if is_wanted(rule)))

    with duckdb.connect() as connection:
        for name, rules in (("old", before), ("new", after)):
            connection.register(f"{name}_hits", found(rules, lambda rule: _key(rule) in alone))
            leaving = found(rules, lambda rule: rule.signal == CHURN_INTENT and rule.lang in together)
            connection.register(f"{name}_leaving", leaving)
        rows = connection.execute(_DIFFERENT).to_arrow_table()
    return rows["text_id"].combine_chunks().cast(pa.int64())


def _key(rule: Rule) -> tuple[str, str, str]:
    return rule.signal, rule.reason, rule.lang
