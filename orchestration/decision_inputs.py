"""What decisions read from the warehouse: rows as SQL left them, in a stable order."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from naruki.project import SEEDS, code_version
from naruki.tiering import queries
from naruki.tiering.kept import Inputs
from naruki.tiering.policy import load_policy
from orchestration.defs.resources import home

LANDED = "select max(loaded_at) as landed_until from warehouse_loads"
FACTS = "select * from mart_customer_facts where as_of_date = '{day}' order by customer_id"
JUDGEMENTS = """
    select customer_id, judgement_kind as kind, judgement_value as value, rater, rated_at, expires_at, evidence
    from stg_judgements
    order by customer_id, rated_at, rater, kind
"""
ROSTERS = """
    select week_start_date, pool, hours
    from mart_roster_hours where as_of_date = '{day}'
    order by week_start_date, pool
"""
TOUCHES = """
    select customer_id, action_id, session_id, touch_id, session_minutes, attendees, is_missed, occurred_date
    from fct_touch
    where occurred_date <= date '{day}'
    order by touch_id, customer_id
"""
OUTCOMES = """
    select action_key, customer_id, action_id as action, contacted_at, resolved_at, outcome, note, reported_by as by
    from stg_outcomes
    order by action_key
"""


def asked(question: str, day: date) -> pa.Table:
    """Rows of a question of naruki/tiering/queries, which reads warehouse and past decisions up to the day."""
    text = Path(queries.__path__[0], f"{question}.sql").read_text(encoding="utf-8")
    return home.read_warehouse(text, {"day": day})


def facts_of(day: date) -> pa.Table:
    return home.read_warehouse(FACTS.format(day=day))


def judgements() -> pa.Table:
    """What people judged, under the names that decisions read."""
    return home.read_warehouse(JUDGEMENTS)


def outcomes() -> pa.Table:
    """What came of proposed actions."""
    return home.read_warehouse(OUTCOMES)


def rosters(day: date) -> pa.Table:
    """Hours of the coming weeks that the roster knows."""
    return home.read_warehouse(ROSTERS.format(day=day))


def touches(day: date) -> pa.Table:
    """What the success team did, up to the day."""
    return home.read_warehouse(TOUCHES.format(day=day))


def inputs_of(day: date) -> Inputs:
    """All that the decision of a day reads, besides the tiers before it."""
    return Inputs(
        as_of=day,
        facts=facts_of(day),
        judgements=judgements(),
        supply=rosters(day),
        policy=load_policy(SEEDS),
        landed_until=home.read_warehouse(LANDED)["landed_until"][0].as_py(),
        code_version=code_version(),
    )
