"""Questions to a decision that was made: what other hours would have done. Asked of the inputs kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.tiering import kept
from naruki.tiering.policy import Policy
from naruki.tiering.tiers import Decision, decide
from naruki.tiering.whatif import comparison, parse_hours, with_hours


@dataclass(frozen=True)
class Mover:
    """A customer whose tier the other hours would change; value_change in the reporting currency, net of service."""

    customer_id: str
    name: str | None
    from_tier: str
    to_tier: str
    value_change: float
    renewal_p: float


@dataclass(frozen=True)
class Answer:
    """figures: rows of schema WHAT_IF. movers: largest change of value first."""

    as_of: date
    scenario: str
    policy: Policy
    figures: pa.Table
    movers: Sequence[Mover]


def ask_hours(home: Home, text: str, day: date | None = None) -> Answer:
    """The best plan of a decided day, at its hours and at others. text: `high=+40,low=-10`, hours a week."""
    hours = parse_hours(text)
    decided = kept.newest_day(home, day)
    inputs = kept.kept(home, decided) if decided else None
    if inputs is None:
        asked = f"for {day} " if day else ""
        raise NarukiError(f"Nothing was decided {asked}in {home.root}: run `naruki run` for that day first.")
    previous = home.read_computed("customer_tiers", before=decided)
    arguments = (previous, inputs.judgements, decided)
    before, after = (
        decide(inputs.facts, policy, *arguments, supply=supply, with_robustness=False)
        for policy, supply in ((inputs.policy, inputs.supply), with_hours(inputs.policy, hours, inputs.supply))
    )
    scenario = ",".join(f"{name}={amount:+g}" for name, amount in hours.items())
    return Answer(decided, scenario, inputs.policy, comparison(before, after, scenario), movers(before, after))


def movers(before: Decision, after: Decision) -> list[Mover]:
    """Customers whom the best plan gives another tier, largest change of value first."""
    was, now = before.proposal.plan.choice, after.proposal.plan.choice
    at = np.flatnonzero(was != now)
    values = before.proposal.options.values("mid")
    names, renewal = before.policy.tier_names, before.facts.number("renewal_p")
    labels = before.facts.text("name")
    found = [
        Mover(
            customer_id=str(before.facts.ids[row]),
            name=labels[row],
            from_tier=names[was[row]],
            to_tier=names[now[row]],
            value_change=float(values[row, now[row]] - values[row, was[row]]),
            renewal_p=float(renewal[row]),
        )
        for row in at
    ]
    return sorted(found, key=lambda mover: (-abs(mover.value_change), mover.customer_id))
