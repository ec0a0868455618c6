"""Which tiers a customer may have at all: guarantees, decisions of people, newcomers and unknown values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from naruki.errors import NarukiError
from naruki.tiering.hysteresis import Memory
from naruki.tiering.judgements import Judgement, Judgements
from naruki.tiering.options import Options
from naruki.tiering.policy import Policy


@dataclass(frozen=True)
class Word:
    """One decision of a person about a tier, from the override seed or from the judgements."""

    tier: int
    by: str
    reason: str
    until: date
    starts: date


@dataclass
class Rules:
    """allowed (n, t); hard (n,) fixed by a person or a guarantee; row number -> why."""

    allowed: np.ndarray
    overrides: dict[int, Word] = field(default_factory=dict)
    expired: dict[int, Word] = field(default_factory=dict)
    void: dict[int, str] = field(default_factory=dict)
    guarantees: dict[int, tuple[int, str, str]] = field(default_factory=dict)
    approvals: dict[int, Judgement] = field(default_factory=dict)
    onboarding: np.ndarray | None = None


def rules_for(options: Options, policy: Policy, people: Judgements, memory: Memory, as_of: date) -> Rules:
    """A person's valid word goes before a guarantee, that before the rule for newcomers, that before an unknown
    value.
    """
    n, t = options.cost.shape
    rules = Rules(allowed=np.ones((n, t), dtype=bool))
    # Unknown value: stay where the customer is, or at the floor.
    unknown = np.flatnonzero(~options.known)
    rules.allowed[unknown] = False
    rules.allowed[unknown, np.maximum(memory.tier[unknown], 0)] = True
    rules.onboarding = options.newcomer
    start = policy.tier_names.index(policy["onboarding_tier"])
    fresh = np.flatnonzero(options.newcomer)
    rules.allowed[fresh] = False
    rules.allowed[fresh, np.maximum(memory.tier[fresh], start)] = True
    _guarantees(rules, options, policy)
    _overrides(rules, options, policy, people, as_of)
    return rules


def _guarantees(rules: Rules, options: Options, policy: Policy) -> None:
    names = policy.tier_names
    for guarantee in policy.guarantees:
        lowest = names.index(guarantee.minimum_tier)
        for row in np.flatnonzero(options.facts.text(guarantee.column) == guarantee.value):
            if row not in rules.guarantees or rules.guarantees[row][0] < lowest:
                rules.guarantees[int(row)] = (lowest, guarantee.reason_en, guarantee.reason_ja)
    for row, (lowest, _, _) in rules.guarantees.items():
        kept = rules.allowed[row].copy()
        kept[:lowest] = False
        if not kept.any():
            kept[lowest] = True
        rules.allowed[row] = kept


def _overrides(rules: Rules, options: Options, policy: Policy, people: Judgements, as_of: date) -> None:
    """The newest valid word counts; expired and unreasoned ones are reported and do not count."""
    at = {customer: row for row, customer in enumerate(options.facts.ids)}
    names = policy.tier_names
    words: dict[int, list[Word]] = {}
    for line in policy.overrides:
        if line.customer_id in at:
            word = Word(names.index(line.tier), line.decided_by, line.reason, line.expires_on, line.starts_on)
            words.setdefault(at[line.customer_id], []).append(word)
    for source in (people.of("tier_override"), {c: r for (k, c), r in people.expired.items() if k == "tier_override"}):
        for customer, line in source.items():
            if customer in at:
                _judged(rules, words, at[customer], line, names)
    for row, found in words.items():
        begun = sorted((word for word in found if word.starts <= as_of), key=lambda word: word.starts)
        valid = [word for word in begun if word.until > as_of]
        if valid:
            rules.overrides[row] = valid[-1]
            rules.allowed[row] = np.arange(len(names)) == valid[-1].tier
        elif begun:
            rules.expired[row] = begun[-1]


def _judged(rules: Rules, words: dict, row: int, line: Judgement, names: tuple[str, ...]) -> None:
    verb, _, target = line.value.partition(":")
    if verb == "approve" and (not target or target in names):
        rules.approvals[row] = line
    elif line.value not in names:
        rules.void[row] = f"{line.value!r} is no tier"
    elif not line.evidence or line.expires_on is None:
        rules.void[row] = "no reason or no expiry was given"
    else:
        word = Word(names.index(line.value), line.rater or "unknown", line.evidence, line.expires_on, line.rated_on)
        words.setdefault(row, []).append(word)


def approved(rules: Rules, memory: Memory, proposed: np.ndarray, policy: Policy) -> np.ndarray:
    """Demotions (n,) that a person approved: for this tier (or any), and not before the demotion was first proposed."""
    result = np.zeros(len(proposed), dtype=bool)
    for row, line in rules.approvals.items():
        target = line.value.partition(":")[2]
        fits = not target or policy.tier_names[proposed[row]] == target
        since = memory.candidate_since[row]
        result[row] = fits and (np.isnat(since) or np.datetime64(line.rated_on, "D") >= since)
    return result


def check_guarantees(rules: Rules, options: Options, capacity: np.ndarray, policy: Policy) -> None:
    """Fail loudly when guarantees and overrides ask for more hours than the floor of everybody else leaves."""
    rows = np.array(sorted({*rules.overrides, *rules.guarantees}), dtype=np.int64)
    if len(rows) == 0:
        return
    floor = options.hours[:, 0, :].sum(axis=0)
    least = np.where(rules.allowed[rows][:, :, None], options.hours[rows], np.inf).min(axis=1)
    extra = np.maximum(least - options.hours[rows, 0, :], 0.0).sum(axis=0)
    for k, name in enumerate(policy.pool_names):
        free = max(capacity[k] - floor[k], 0.0)
        # Where the floor alone is too much the overload is shown, not the guarantee blamed for a hair more.
        if extra[k] > free + 1e-9 and floor[k] <= capacity[k]:
            raise NarukiError(
                f"Guarantees and overrides need {extra[k]:.1f} hours a week of pool {name} but {free:.1f} are free: "
                f"add hours in cfg_capacity.csv or withdraw rows of cfg_override.csv, cfg_guarantee.csv or "
                f"tier_override judgements."
            )
