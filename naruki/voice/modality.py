"""Is a wish to leave meant? Cue, exclusion and modality of a sentence: asserted, negated, question, hypothetical,
past, third party."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    groups = rules.of(MODALITY, lang)
    for name in MODALITIES:
        if name == "question" and level == ASKING_LEVEL:
            continue
        for group in groups:
            if group.reason != name:
                continue
            masked = group.excludes.sub(MASK, sentence) if group.excludes else sentence
            if group.includes.search(masked):
                return name
    return ASSERTED


def _sentence_of(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a phrase, its closing mark included."""
    begin = max((match.end() for match in re.finditer(r"[。!?！？\n]|\.\s", text[:start])), default=0)
    close = re.search(r"[。!?！？\n]|\.(?=\s|$)", text[end:])
    return begin, end + close.end() if close else len(text)
