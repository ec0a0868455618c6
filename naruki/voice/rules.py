"""The rules of `cfg_voc_rule` as constant patterns: one per signal, reason and language, each proven valid before
use."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from naruki.errors import NarukiError

# What an excluded phrase is replaced with before the includes are tried; as long as the phrase where offsets matter.
MASK = "\u3013"
# What stands for the cue in a rule of modality.
CUE = "\u25c6"
MODALITY = "modality"
_COLUMNS = ("rule_id", "signal", "reason", "lang", "include", "exclude", "weight")
_LOOKAROUND = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]")


@dataclass(frozen=True)
class Rule:
    """One row of `cfg_voc_rule`: a phrase (RE2 syntax, lower case) that gives a text the reason, unless it is
    excluded."""

    rule_id: str
    signal: str
    reason: str
    lang: str
    include: str
    exclude: str
    weight: float


@dataclass(frozen=True)
class RuleGroup:
    """The rules of one signal, reason, language and weight as one pattern; `exclude` is that of the whole reason."""

    signal: str
    reason: str
    lang: str
    weight: float
    include: str
    exclude: str
    rules: tuple[Rule, ...]

    @cached_property
    def includes(self) -> re.Pattern[str]:
        """`include`, compiled."""
        return re.compile(self.include)

    @cached_property
    def excludes(self) -> re.Pattern[str] | None:
        """`exclude`, compiled; None without one."""
        return re.compile(self.exclude) if self.exclude else None

    @cached_property
    def _finders(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(rule.include), rule.rule_id) for rule in self.rules]

    @cached_property
    def _rule_of_term(self) -> dict[str, str]:
        return {}

    def rule_of(self, term: str) -> str:
        """The id of the rule that found `term`."""
        if term not in self._rule_of_term:
            found = (rule_id for finder, rule_id in self._finders if finder.search(term))
            self._rule_of_term[term] = next(found, self.rules[0].rule_id)
        return self._rule_of_term[term]


class RuleSet:
    """All rules, checked and grouped; equal rows give an equal `version`."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(sorted(rules, key=lambda rule: rule.rule_id))
        _check(self.rules)

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides what the rules find."""
        content = "\n".join(repr(rule) for rule in self.rules)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that have rules."""
        return tuple(sorted({rule.lang for rule in self.rules}))

    @cached_property
    def groups(self) -> tuple[RuleGroup, ...]:
        """One group per signal, reason, language and weight, the heaviest of a reason first."""
        by_key: dict[tuple[str, str, str, float], list[Rule]] = {}
        for rule in self.rules:
            by_key.setdefault((rule.signal, rule.reason, rule.lang, -rule.weight), []).append(rule)
        return tuple(
            RuleGroup(
                signal,
                reason,
                lang,
                -weight,
                any_of(rule.include for rule in rules),
                self._exclude(signal, reason, lang),
                tuple(rules),
            )
            for (signal, reason, lang, weight), rules in sorted(by_key.items())
        )

    @cached_property
    def _by_signal(self) -> dict[tuple[str, str], tuple[RuleGroup, ...]]:
        keys = {(group.signal, group.lang) for group in self.groups}
        return {key: tuple(group for group in self.groups if (group.signal, group.lang) == key) for key in keys}

    def of(self, signal: str, lang: str) -> tuple[RuleGroup, ...]:
        """The groups of one signal in one language."""
        return self._by_signal.get((signal, lang), ())

    def pattern(self, signal: str, reason: str, lang: str) -> str:
        """The one constant pattern of a signal and reason, as the dbt macro `voice_pattern` writes it; '' without
        rules."""
        return any_of(
            rule.include for rule in self.rules if (rule.signal, rule.reason, rule.lang) == (signal, reason, lang)
        )

    def _exclude(self, signal: str, reason: str, lang: str) -> str:
        return any_of(
            r.exclude for r in self.rules if (r.signal, r.reason, r.lang) == (signal, reason, lang) and r.exclude
        )


def any_of(patterns: Iterable[str]) -> str:
    """One pattern that matches wherever one of `patterns` does; '' for none."""
    found = list(patterns)
    return found[0] if len(found) == 1 else "|".join(f"(?:{pattern})" for pattern in found)


def rules_from(rows: pa.Table | Sequence[Mapping[str, Any]]) -> RuleSet:
    """The rules of a table or of rows with the columns of `cfg_voc_rule`."""
    records = rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)
    missing = [column for column in _COLUMNS if records and column not in records[0]]
    if not records or missing:
        what = f"lacks the columns {', '.join(missing)}" if missing else "holds no rule"
        raise NarukiError(f"cfg_voc_rule {what}; it needs {', '.join(_COLUMNS)}.")
    return RuleSet(
        Rule(
            *(str(row[name] or "") for name in ("rule_id", "signal", "reason", "lang", "include")),
            exclude=str(row["exclude"] or ""),
            weight=float(row["weight"]),
        )
        for row in records
    )


def _check(rules: Sequence[Rule]) -> None:
    """Every pattern compiles in RE2 (DuckDB, Arrow) and in Python, matches no empty text, and every id is there
    once."""
    seen: set[str] = set()
    for rule in rules:
        where = f"cfg_voc_rule, rule '{rule.rule_id}'"
        if not rule.rule_id or rule.rule_id in seen:
            raise NarukiError(f"{where}: every rule needs an id of its own.")
        seen.add(rule.rule_id)
        if not rule.include:
            raise NarukiError(f"{where}: the column include is empty, so it would match every text; write a phrase.")
        if not 0 < rule.weight <= 10:
            raise NarukiError(f"{where}: weight is {rule.weight}; use a number above 0 and up to 10.")
        for column, pattern in (("include", rule.include), ("exclude", rule.exclude)):
            _check_pattern(f"{where}, column {column}", pattern)
        if rule.signal == MODALITY and CUE not in rule.include:
            raise NarukiError(f"{where}: a rule of modality names the place of the cue with {CUE}.")


def _check_pattern(where: str, pattern: str) -> None:
    if not pattern:
        return
    if _LOOKAROUND.search(pattern):
        raise NarukiError(f"{where}: look-around and back references don't exist in RE2; use the column exclude.")
    try:
        matches_empty = pc.match_substring_regex(pa.array([""]), pattern)[0].as_py()
        re.compile(pattern)
    except (pa.ArrowInvalid, re.error) as problem:
        raise NarukiError(f"{where}: '{pattern}' is no valid pattern ({problem}); mend it.") from None
    if matches_empty:
        raise NarukiError(f"{where}: '{pattern}' also matches an empty text; make a part of it required.")
