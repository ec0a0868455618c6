"""Is a wish to leave meant? Cue, exclusion and modality of a sentence: asserted, negated, question, hypothetical,
past, third party."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from naruki.voice.rules import CUE, MASK, MODALITY, RuleGroup, RuleSet

ASSERTED = "asserted"
# Someone else's intent is nobody's question, and a denied one no hypothesis: the first that fits counts.
MODALITIES = ("third_party", "negated", "past", "hypothetical", "question")
# To ask how one leaves is itself the signal.
ASKING_LEVEL = "procedure"
# The level that a mention without any further words is taken for.
BARE_LEVEL = "request"


@dataclass(frozen=True)
class Cue:
    """One level of intent found in a text: the phrase, its place (characters, half open), the rule and how it is
    meant."""

    level: str
    modality: str
    weight: float
    term: str
    start: int
    end: int
    rule_id: str


def churn_cues(text: str, lang: str, rules: RuleSet, levels: Sequence[RuleGroup]) -> list[Cue]:
    """The best cue of each level in a normalised text: an asserted one before any other, then the first."""
    best: dict[str, Cue] = {}
    for group in levels:
        masked = group.excludes.sub(lambda match: MASK * len(match[0]), text) if group.excludes else text
        for match in group.includes.finditer(masked):
            cue = _cue(text, match, group, lang, rules)
            known = best.get(group.reason)
            if known is None or (cue.modality == ASSERTED != known.modality):
                best[group.reason] = cue
    return _strongest(list(best.values()))


def _strongest(cues: list[Cue]) -> list[Cue]:
    """A bare mention of leaving beside a clearer phrase adds nothing: 'how do we cancel?' asks, it doesn't announce."""
    return [
        cue
        for cue in cues
        if not any(cue.weight < other.weight for other in cues if other.level != cue.level and cue.level == BARE_LEVEL)
    ]


def _cue(text: str, match: re.Match[str], group: RuleGroup, lang: str, rules: RuleSet) -> Cue:
    sentence_start, sentence_end = _sentence_of(text, match.start(), match.end())
    with_cue = text[sentence_start : match.start()] + CUE + text[match.end() : sentence_end]
    return Cue(
        level=group.reason,
        modality=_modality(with_cue, group.reason, lang, rules),
        weight=group.weight,
        term=match[0],
        start=match.start(),
        end=match.end(),
        rule_id=group.rule_of(match[0]),
    )


def _modality(sentence: str, level: str, lang: str, rules: RuleSet) -> str:
    for group in _in_order(rules, lang):
        if group.reason == "question" and level == ASKING_LEVEL:
            continue
        # Nothing needs to be masked where the phrase is not even there.
        if group.includes.search(sentence) and (
            group.excludes is None or group.includes.search(group.excludes.sub(MASK, sentence))
        ):
            return group.reason
    return ASSERTED


@lru_cache(maxsize=16)
def _in_order(rules: RuleSet, lang: str) -> tuple[RuleGroup, ...]:
    return tuple(sorted(rules.of(MODALITY, lang), key=lambda group: MODALITIES.index(group.reason)))


_BEGIN = re.compile(r"[。!?！？\n]|\.\s")
_CLOSE = re.compile(r"[。!?！？\n]|\.(?=\s|$)")


def _sentence_of(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a phrase, its closing mark included."""
    begin = 0
    for match in _BEGIN.finditer(text, 0, start):
        begin = match.end()
    close = _CLOSE.search(text, end)
    return begin, close.end() if close else len(text)
