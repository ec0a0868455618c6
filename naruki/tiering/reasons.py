"""`tier_reasons`: every decision row by row - the rule, the value, the threshold, and what would change it, in two
languages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from naruki.tiering.schemas import REASONS, to_table

if TYPE_CHECKING:
    from naruki.tiering.tiers import Decision


@dataclass
class _Rows:
    """Reason rows under construction, as columns."""

    decision: Decision
    customer: list[np.ndarray] = field(default_factory=list)
    order: list[np.ndarray] = field(default_factory=list)
    columns: dict[str, list] = field(
        default_factory=lambda: {n: [] for n in ("rule", "value", "threshold", "contribution", "is_decisive")}
    )
    texts: dict[str, list[str]] = field(
        default_factory=lambda: {n: [] for n in ("reason_en", "reason_ja", "change_en", "change_ja")}
    )

    def add(
        self,
        rule: str,
        at: np.ndarray,
        value=np.nan,
        threshold=np.nan,
        contribution=np.nan,
        decisive=False,
        **words: Any,
    ) -> None:
        """Rows of one rule for the customers `at` (k,); figures and words are scalars or arrays (k,)."""
        k = len(at)
        if k == 0:
            return
        self.customer.append(at)
        self.order.append(np.full(k, len(self.order)))
        figures = {"value": value, "threshold": threshold, "contribution": contribution}
        words["currency"] = self.decision.policy["reporting_currency"]
        for name, column in figures.items():
            self.columns[name].append(np.broadcast_to(np.asarray(column, dtype=float), (k,)))
        self.columns["rule"].append(np.full(k, rule, dtype=object))
        self.columns["is_decisive"].append(np.broadcast_to(np.asarray(decisive, dtype=bool), (k,)))
        self._write(rule, k, figures, words)

    def _write(self, rule: str, k: int, figures: dict, words: dict) -> None:
        text = self.decision.policy.reasons[rule]
        spread = {name: np.broadcast_to(np.asarray(v), (k,)).tolist() for name, v in {**figures, **words}.items()}
        names = list(spread)
        lines = [dict(zip(names, row, strict=True)) for row in zip(*spread.values(), strict=True)]
        for column, form in (
            ("reason_en", text.text_en),
            ("reason_ja", text.text_ja),
            ("change_en", text.change_en),
            ("change_ja", text.change_ja),
        ):
            self.texts[column].extend([form.format_map(line) for line in lines] if "{" in form else [form] * k)

    def table(self) -> pa.Table:
        d = self.decision
        if not self.customer:
            return REASONS.empty_table()
        customer, order = np.concatenate(self.customer), np.concatenate(self.order)
        sort = np.lexsort((order, customer))
        first = np.r_[True, customer[sort][1:] != customer[sort][:-1]]
        place = np.arange(len(sort)) - np.maximum.accumulate(np.where(first, np.arange(len(sort)), 0)) + 1
        columns = {
            "as_of_date": d.as_of,
            "customer_id": d.facts.table["customer_id"].take(pa.array(customer[sort])),
            "rule_order": place,
            **{name: np.concatenate(parts)[sort] for name, parts in self.columns.items()},
            **{name: pa.array(parts, pa.string()).take(pa.array(sort)) for name, parts in self.texts.items()},
            "policy_version": d.policy.version,
            "code_version": d.code_version,
        }
        return to_table(columns, REASONS)


def reasons_table(d: Decision) -> pa.Table:
    """One row per customer and rule that had a say (schema REASONS), in the order in which the rules speak."""
    rows = _Rows(d)
    _people(rows, d)
    _value(rows, d)
    _waiting(rows, d)
    _notes(rows, d)
    _index(rows, d)
    return rows.table()


def _labels(d: Decision, which: np.ndarray, prefix: str) -> dict[str, np.ndarray]:
    english = np.array([*[t.label_en for t in d.policy.tiers], "none"], dtype=object)
    japanese = np.array([*[t.label_ja for t in d.policy.tiers], "なし"], dtype=object)
    return {f"{prefix}_en": english[which], f"{prefix}_ja": japanese[which]}


def _people(rows: _Rows, d: Decision) -> None:
    rules = d.proposal.rules
    for rule, words in (("override", rules.overrides), ("override_expired", rules.expired)):
        at = np.array(sorted(words), dtype=np.int64)
        found = [words[row] for row in at]
        tier = np.array([word.tier for word in found], dtype=np.int64)
        reason = np.array([word.reason for word in found], dtype=object)
        by = np.array([word.by for word in found], dtype=object)
        until = np.array([word.until.isoformat() for word in found], dtype=object)
        rows.add(
            rule,
            at,
            decisive=rule == "override",
            by=by,
            until=until,
            text_en=reason,
            text_ja=reason,
            **_labels(d, tier, "tier"),
        )
    at = np.array(sorted(rules.void), dtype=np.int64)
    rows.add("override_void", at, text_en=np.array([rules.void[row] for row in at], dtype=object))
    at = np.array(sorted(set(rules.guarantees) - set(rules.overrides)), dtype=np.int64)
    found = [rules.guarantees[row] for row in at]
    tier = np.array([f[0] for f in found], dtype=np.int64)
    english, japanese = (np.array([f[k] for f in found], dtype=object) for k in (1, 2))
    binding = d.settled.tier[at] == tier
    rows.add("guarantee", at, decisive=binding, text_en=english, text_ja=japanese, **_labels(d, tier, "tier"))
    fixed = d.proposal.options.newcomer.copy()
    fixed[[*rules.overrides]] = False
    at = np.flatnonzero(fixed)
    days = np.nan_to_num(d.facts.number("tenure_days")[at])
    rows.add("onboarding", at, value=days, threshold=d.policy["onboarding_days"], decisive=True)


def _value(rows: _Rows, d: Decision) -> None:
    options, cuts, best = d.proposal.options, d.proposal.cuts, d.proposal.plan.choice
    at = np.flatnonzero(~options.known)
    rows.add("no_value", at, decisive=True)
    bound = options.newcomer.copy()
    bound[[*d.proposal.rules.overrides]] = True
    everyone = np.arange(len(best))
    worth = options.baseline[:, None] * options.uplift["low"] - cuts.burden
    # Where the tier is fixed by another rule, this one says what the value alone would give.
    best = np.where(bound | ~options.known, worth.argmax(axis=1), best)
    for limit, other in ((cuts.below, cuts.below_other), (cuts.above, cuts.above_other)):
        cut, beyond = limit[everyone, best], other[everyone, best]
        at = np.flatnonzero(options.known & np.isfinite(cut) & (cut > 0) & (beyond >= 0))
        over = options.baseline[at] >= cut[at]
        gain = worth[at, best[at]] - worth[at, beyond[at]]
        sides = {
            "side_en": np.where(over, "above", "below").astype(object),
            "side_ja": np.where(over, "の上", "の下").astype(object),
            "cross_en": np.where(over, "below", "above").astype(object),
            "cross_ja": np.where(over, "を下回る", "を上回る").astype(object),
        }
        labels = {**_labels(d, best[at], "tier"), **_labels(d, beyond[at], "other")}
        rows.add("value_of_service", at, options.baseline[at], cut[at], gain, ~bound[at], **sides, **labels)
    at = np.flatnonzero(options.known)
    effect = options.uplift["low"][at, best[at]]
    source = [d.policy.reasons[f"uplift_{name}"] for name in options.source[at, best[at]]]
    rows.add(
        "uplift",
        at,
        effect,
        contribution=effect * options.baseline[at],
        source_en=np.array([text.label_en for text in source], dtype=object),
        source_ja=np.array([text.label_ja for text in source], dtype=object),
        **_labels(d, best[at], "tier"),
    )
    _prices(rows, d)


def _prices(rows: _Rows, d: Decision) -> None:
    """For the scarcest pool that the proposed tier needs: what its weekly hour brings here and what it is worth
    elsewhere.
    """
    options, best, prices = d.proposal.options, d.proposal.plan.choice, d.proposal.plan.prices
    everyone = np.arange(len(best))
    extra = options.hours[everyone, best] - options.hours[:, 0, :]
    spend = np.maximum(extra, 0.0) * prices
    pool = spend.argmax(axis=1) if len(best) else np.zeros(0, dtype=int)
    values = options.values()
    at = np.flatnonzero((spend.max(axis=1, initial=0.0) > 0) & options.known)
    gain = values[at, best[at]] - values[at, 0] - (spend[at].sum(axis=1) - spend[at, pool[at]])
    english = np.array([_pool(d, name).label_en for name in d.policy.pool_names], dtype=object)
    japanese = np.array([_pool(d, name).label_ja for name in d.policy.pool_names], dtype=object)
    rows.add(
        "hour_price",
        at,
        value=gain / extra[at, pool[at]],
        threshold=prices[pool[at]],
        contribution=-spend[at, pool[at]],
        pool_en=english[pool[at]],
        pool_ja=japanese[pool[at]],
    )


def _pool(d: Decision, name: str):
    return d.policy.pool_on(name, d.as_of) or next(pool for pool in d.policy.pools if pool.pool == name)


def _waiting(rows: _Rows, d: Decision) -> None:
    settled, policy, best = d.settled, d.policy, d.proposal.plan.choice
    figures = {
        "band": (settled.wish.distance, policy["band_sd"]),
        "probability": (settled.wish.probability, policy["minimum_tier_probability"]),
        "confirmation": (settled.verdict.confirmations, policy["confirmations"]),
        "lock": (np.full(len(best), np.nan), np.nan),
        "approval": (np.full(len(best), np.nan), np.nan),
        "no_room": (d.proposal.options.hours.sum(axis=2)[np.arange(len(best)), best], np.nan),
    }
    tightest = int(np.argmax(d.proposal.plan.prices)) if len(d.proposal.plan.prices) else 0
    pool = _pool(d, policy.pool_names[tightest])
    until = np.datetime_as_string(d.memory.lock_until).astype(object) if len(best) else np.zeros(0, dtype=object)
    for rule, (value, threshold) in figures.items():
        at = np.flatnonzero(settled.rule == rule)
        words = {"until": until[at], "pool_en": pool.label_en, "pool_ja": pool.label_ja}
        rows.add(rule, at, value[at], threshold, decisive=True, **words, **_labels(d, best[at], "other"))
    moved = (d.memory.tier >= 0) & (settled.tier != d.memory.tier)
    rows.add("fast_lane", np.flatnonzero(moved & settled.verdict.fast), decisive=True)
    at = np.flatnonzero(d.settled.graduated)
    rows.add("onboarding_over", at, decisive=moved[at], **_labels(d, settled.tier[at], "tier"))


def _notes(rows: _Rows, d: Decision) -> None:
    rows.add("community", np.flatnonzero(d.facts.flag("is_community_member") == 1))
    best = d.proposal.plan.choice
    weak = np.flatnonzero((d.if_low != best) | (d.if_high != best))
    rows.add("not_robust", weak, value=d.policy["robust_low_factor"], threshold=d.policy["robust_high_factor"])
    from naruki.tiering.tiers import CORE_INPUTS

    unknown = d.facts.unknown(CORE_INPUTS)
    at = np.flatnonzero(~np.equal(unknown, None))
    rows.add("unknown_inputs", at, text_en=unknown[at], text_ja=unknown[at])


def _index(rows: _Rows, d: Decision) -> None:
    """Every weight x value of the index that orders customers within a tier."""
    for k, weight in enumerate(d.policy.score):
        at = np.flatnonzero(~np.isnan(d.score.values[:, k]))
        value, share = d.score.values[at, k], d.score.weights[at, k]
        rows.add("score", at, value, share, value * share, text_en=weight.label_en, text_ja=weight.label_ja)
