"""Each move in one sentence, in both languages; the sentences are a seed (`cfg_tier_reason`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from naruki.tiering.tiers import Decision


def sentences(d: Decision, at: np.ndarray) -> tuple[list[str], list[str]]:
    """English and Japanese sentence for each of the customers `at` (k,), all of whom moved or are new."""
    rows = [_words(d, int(row)) for row in at]
    texts = d.policy.reasons
    return (
        [texts[rule].text_en.format_map(words) for rule, words in rows],
        [texts[rule].text_ja.format_map(words) for rule, words in rows],
    )


def _words(d: Decision, row: int) -> tuple[str, dict[str, str]]:
    """The rule that tells the move and the words that its sentence may use."""
    was, now = int(d.memory.tier[row]), int(d.settled.tier[row])
    tiers, cuts = d.policy.tiers, d.proposal.cuts
    side = (cuts.below, cuts.below_other) if now > was else (cuts.above, cuts.above_other)
    edge, other = side[0][row, now], tiers[int(side[1][row, now])] if side[1][row, now] >= 0 else tiers[was]
    words = {
        "to_en": tiers[now].label_en,
        "to_ja": tiers[now].label_ja,
        "other_en": other.label_en,
        "other_ja": other.label_ja,
        "value": _money(d.proposal.options.baseline[row]),
        "threshold": _money(edge),
        "currency": d.policy["reporting_currency"],
    }
    if was < 0:
        return "move_new", words
    if word := d.proposal.rules.overrides.get(row):
        return "move_override", words | {"by": word.by, "text_en": word.reason, "text_ja": word.reason}
    if d.settled.graduated[row]:
        return "move_onboarding_over", words
    cause = d.causes[row]
    if cause == "policy" and row in d.proposal.rules.guarantees:
        _, english, japanese = d.proposal.rules.guarantees[row]
        if not d.proposal.rules.allowed[row, was]:
            return "move_guarantee", words | {"text_en": english, "text_ja": japanese}
    return ("move_unknown" if cause is None else f"move_{cause.replace(' ', '_')}"), words


def _money(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "–"
