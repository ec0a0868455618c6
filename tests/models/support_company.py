"""An invented company whose calls, contacts and work are known to the minute; built once for all tests that ask for it.

Days close in Tokyo (15:00 UTC); money is yen. Rates come from the seeds: support 3,800 yen an hour, 5 yen a chat.
2026-06-01 is a Monday.
"""

import functools
import tempfile
from pathlib import Path
from typing import Any

from tests.models.warehouse import build_warehouse, connect, land_rows, run_dbt

AS_OF = "2026-06-30"
MARTS = [
    "mart_support_effort",
    "contact_reasons",
    "contact_center",
    "mart_support_quality",
    "mart_staffing_hours",
    "mart_self_service",
    "mart_churn_by_wait",
    "mart_deflection",
]
CUSTOMERS = ["acme", "newbie", "quiet", "talky", "ours", *(f"q{n}" for n in range(1, 9))]


def solved(ticket_id, at, customer_id="acme", **columns):
    """A mail that came an hour before it was solved."""
    created = f"{at[:11]}{int(at[11:13]) - 1:02d}{at[13:]}"
    row = {"ticket_id": ticket_id, "customer_id": customer_id, "status": "solved", "channel": "mail"}
    times = {"created_at": created, "first_reply_at": at, "first_resolved_at": at, "solved_at": at}
    return row | times | {"category": "how_to", "handle_seconds": 600, "updated_at": at} | columns


def chat(ticket_id, at, customer_id, seconds=1200):
    return solved(ticket_id, at, customer_id, channel="chat", assignee_id="ann", handle_seconds=seconds)


def app(ticket_id, at, customer_id, **columns):
    return solved(ticket_id, at, customer_id, channel="app", category="login", **columns)


APRIL = [solved(f"april_{n}", "2026-04-10 03:00", "quiet") for n in range(20)]
WORK = [
    chat("chat_a", "2026-06-01 02:00", "acme"),
    chat("chat_b", "2026-06-01 02:00", "newbie"),
    chat("chat_c", "2026-06-01 02:10", "acme"),
    solved("mail_d", "2026-06-01 02:00", assignee_id="ann"),
    solved("mail_e", "2026-06-01 02:00", assignee_id="bob", handle_seconds=3600),
    solved("mail_f", "2026-06-01 03:00", assignee_id="bob", handle_seconds=3600),
    solved("our_fault", "2026-06-01 04:00", fault="ours"),
    solved("of_nobody", "2026-06-01 04:00", "vanished"),
    solved("of_sales", "2026-06-01 04:00", origin="sales"),
    solved("merged", "2026-06-01 04:00", merged_into_id="mail_d"),
    solved("spam", "2026-06-01 04:00", tags="spam"),
    solved("of_test_customer", "2026-06-01 04:00", "ours"),
    solved("still_open", "2026-06-01 04:00", status="open", first_resolved_at=None, solved_at=None),
    solved("phone_record", "2026-06-01 05:00", channel="phone", assignee_id="cat", handle_seconds=700),
    *APRIL,
    solved("april_missing", "2026-04-11 03:00", "quiet", handle_seconds=None),
    solved("may_long", "2026-05-10 03:00", "quiet", handle_seconds=6000),
    solved("may_missing", "2026-05-11 03:00", "quiet", handle_seconds=None),
    solved("june_missing", "2026-06-11 03:00", "quiet", handle_seconds=None),
    solved("july_long", "2026-07-01 03:00", "quiet", handle_seconds=60000),
]
TALKS = [
    solved("talk_bug", "2026-06-09 12:00", "talky", category="bug", fault="customer"),
    solved("talk_mail", "2026-06-10 01:00", "talky", category="billing"),
    solved("talk_app", "2026-06-10 02:00", "talky", channel="app", category="billing", merged_into_id="talk_mail"),
    solved("talk_chat", "2026-06-10 11:00", "talky", channel="chat", category="billing"),
    solved("talk_later", "2026-06-25 11:00", "talky", channel="chat", category="billing"),
]
SETTLED = [
    app("at_once", "2026-06-05 03:00", "q1"),
    app("asked_again", "2026-06-06 03:00", "q2"),
    app("again", "2026-06-12 03:00", "q2"),
    app("passed_on", "2026-06-07 03:00", "q3"),
    app("came_back", "2026-06-08 03:00", "q4"),
    app("too_new", "2026-06-25 03:00", "q5"),
    app("asked_later", "2026-06-01 03:00", "q6"),
    app("later", "2026-06-09 03:00", "q6"),
    app("no_customer", "2026-06-09 03:00", None),
    app(
        "unreplied", "2026-06-20 03:00", "q8", status="new", first_reply_at=None, first_resolved_at=None, solved_at=None
    ),
]
WAITS = [
    solved("quick", "2026-03-03 03:00", "q1", category="contract"),
    # From Monday morning to Wednesday: 18 business hours at least.
    solved("slow", "2026-03-04 03:00", "q3", category="contract", created_at="2026-03-02 00:00"),
    solved("after_the_cohort", "2026-04-08 03:00", "quiet", category="contract", created_at="2026-04-06 00:00"),
]
STEPS = [
    {
        "ticket_id": "passed_on",
        "kind": "transfer",
        "from_value": "one",
        "to_value": "two",
        "occurred_at": "2026-06-07 02:30",
    },
    {
        "ticket_id": "came_back",
        "kind": "status",
        "from_value": "new",
        "to_value": "solved",
        "occurred_at": "2026-06-08 03:00",
    },
    {
        "ticket_id": "came_back",
        "kind": "status",
        "from_value": "solved",
        "to_value": "open",
        "occurred_at": "2026-06-09 03:00",
    },
    {
        "ticket_id": "came_back",
        "kind": "status",
        "from_value": "open",
        "to_value": "solved",
        "occurred_at": "2026-06-10 03:00",
    },
]


def call(call_id, outcome, offered_at, seconds=None, **columns):
    """A call that was answered or given up after so many seconds."""
    after = None if seconds is None else f"{offered_at[:17]}{int(offered_at[17:]) + seconds:02d}"
    answer = {"answered_at": after} if outcome == "answered" else {"ended_at": after}
    return {"call_id": call_id, "outcome": outcome, "queue": "main", "offered_at": offered_at} | answer | columns


TALK = {"talk_seconds": 300, "hold_seconds": 60, "wrap_seconds": 120, "agent_id": "cat", "ticket_id": "phone_record"}
CALLS = [
    call("leg_1", "answered", "2026-06-01 04:00:00", 20, ended_at="2026-06-01 04:06:20", **TALK),
    call(
        "leg_2",
        "answered",
        "2026-06-01 04:06:30",
        21,
        ended_at="2026-06-01 04:09:00",
        **(TALK | {"wrap_seconds": 0, "hold_seconds": 0, "talk_seconds": 120, "agent_id": "dan"}),
    ),
    call("lost_at_once", "abandoned", "2026-06-01 04:10:00", 4, customer_id="acme"),
    call("lost_at_five", "abandoned", "2026-06-01 04:11:00", 5, customer_id="acme"),
    call("menu", "ivr", "2026-06-01 04:12:00", 40, customer_id="acme"),
    call("elsewhere", "overflow", "2026-06-01 04:13:00", 50, customer_id="acme"),
    call(
        "called_out",
        "answered",
        "2026-06-01 04:14:00",
        5,
        direction="outbound",
        customer_id="acme",
        talk_seconds=60,
        agent_id="cat",
    ),
    call("talk_call", "abandoned", "2026-06-11 00:00:00", 30, customer_id="talky"),
]
SESSION = {"kind": "webinar", "is_group": True, "session_id": "s1", "attendees": 4, "minutes": 60.0, "owner": "eve"}
TOUCHES = [
    SESSION | {"touch_id": "seat_1", "customer_id": "acme", "is_proactive": True, "occurred_at": "2026-06-02 01:00"},
    SESSION | {"touch_id": "seat_2", "customer_id": "newbie", "is_proactive": True, "occurred_at": "2026-06-02 01:00"},
    {
        "touch_id": "asked_for",
        "customer_id": "acme",
        "kind": "call",
        "is_proactive": False,
        "minutes": 30.0,
        "owner": "eve",
        "occurred_at": "2026-06-02 05:00",
    },
    {
        "touch_id": "automatic",
        "customer_id": "acme",
        "kind": "in_app",
        "is_proactive": True,
        "occurred_at": "2026-06-02 05:00",
    },
]
SHIFTS = [
    {"agent_id": "ann", "starts_at": "2026-06-01 00:00", "ends_at": "2026-06-01 08:00", "hourly_cost_minor": 3000},
    {"agent_id": "bob", "starts_at": "2026-06-01 02:00", "ends_at": "2026-06-01 03:00", "hourly_cost_minor": 3600},
]
SEARCHES = [
    {"kind": "search", "results": 0, "customer_id": "q1", "occurred_at": "2026-06-05 01:00"},
    {"kind": "search", "results": 3, "customer_id": "q1", "occurred_at": "2026-06-05 01:10"},
    {"kind": "search", "results": 0, "customer_id": "quiet", "occurred_at": "2026-06-02 01:00"},
    {
        "kind": "bot_session",
        "is_resolved": True,
        "handed_off": False,
        "customer_id": "newbie",
        "occurred_at": "2026-06-03 20:00",
    },
    {
        "kind": "bot_session",
        "is_resolved": False,
        "handed_off": True,
        "customer_id": "q3",
        "occurred_at": "2026-06-04 01:00",
    },
    {"kind": "bot_session", "is_resolved": True, "handed_off": False, "occurred_at": "2026-06-04 01:00"},
    # May: a resolved bot session and an article, neither followed by a contact, and a search in vain.
    {
        "kind": "bot_session",
        "is_resolved": True,
        "handed_off": False,
        "customer_id": "q8",
        "occurred_at": "2026-05-11 01:00",
    },
    {"kind": "article", "article_id": "a-unknown", "customer_id": "q8", "occurred_at": "2026-05-11 02:00"},
    {"kind": "search", "results": 0, "customer_id": "q8", "occurred_at": "2026-05-11 03:00"},
]
PAYING = ("acme", "quiet", "q1", "q3")
SUBSCRIPTION = {
    "status": "active",
    "quantity": 1,
    "unit_amount_minor": 1000,
    "currency": "JPY",
    "billing_interval": "month",
    "started_at": "2025-01-01 00:00",
}
LEFT = {"q3": {"ended_at": "2026-05-15 00:00"}}
# What happens after the as-of day to things that stood then.
LATER = {
    "tickets": [
        solved("still_open", "2026-07-02 04:00", created_at="2026-06-01 03:00"),
        solved("after_that_day", "2026-07-02 04:00"),
        app("asked_after_that_day", "2026-07-02 04:00", "q1"),
        app(
            "unreplied",
            "2026-06-20 03:00",
            "q8",
            status="closed",
            merged_into_id="at_once",
            first_reply_at=None,
            first_resolved_at=None,
            solved_at="2026-07-03 00:00",
        ),
    ],
    "ticket_events": [
        {"event_id": "later_1", "actor_role": "agent"} | STEPS[2] | {"occurred_at": "2026-07-03 03:00"},
        {"event_id": "later_2", "actor_role": "agent"} | STEPS[3] | {"occurred_at": "2026-07-04 03:00"},
    ],
    "calls": [
        call("later_call", "answered", "2026-07-01 04:00:00", 5, customer_id="quiet", talk_seconds=600, agent_id="ann")
    ],
    "success_touches": [TOUCHES[2] | {"touch_id": "later_touch", "occurred_at": "2026-07-01 05:00"}],
    "self_service_events": [SEARCHES[0] | {"event_id": "later_search", "occurred_at": "2026-07-01 05:00"}],
    "agents_shifts": [
        SHIFTS[0] | {"team": "support", "skill": "mail", "starts_at": "2026-07-02 00:00", "ends_at": "2026-07-02 08:00"}
    ],
}


def company():
    signed_up = {"newbie": "2026-05-20 00:00"}
    return {
        "customers": [
            {"customer_id": name, "is_test": name == "ours", "signed_up_at": signed_up.get(name, "2025-01-01 00:00")}
            for name in CUSTOMERS
        ],
        "tickets": WORK + TALKS + SETTLED + WAITS,
        "ticket_events": [{"event_id": f"e{n}", "actor_role": "agent"} | row for n, row in enumerate(STEPS)],
        "calls": CALLS,
        "subscriptions": [
            SUBSCRIPTION | {"subscription_id": f"s_{name}", "customer_id": name} | LEFT.get(name, {}) for name in PAYING
        ],
        "success_touches": TOUCHES,
        "agents_shifts": [row | {"team": "support", "skill": "mail", "currency": "JPY"} for row in SHIFTS],
        "social_mentions": [{"mention_id": "m1", "customer_id": "talky", "posted_at": "2026-06-11 05:00"}],
        "self_service_events": [{"event_id": f"s{n}"} | row for n, row in enumerate(SEARCHES)],
    }


Tables = dict[str, list[dict[str, Any]]]
FOLDER = tempfile.TemporaryDirectory(prefix="support_company_")
HOME = Path(FOLDER.name)
FACTS = ["fct_work_allocation", "fct_call", "fct_interaction", "int_support__customer_month"]


@functools.cache
def first_build() -> Tables:
    """The tables as of the day, before anything later is known."""
    models = [f"+{mart}" for mart in MARTS] + ["+int_support__customer_month"]
    build_warehouse(HOME, company(), *models, as_of=AS_OF).close()
    return read(MARTS + FACTS)


def rebuilt_with_later_events() -> Tables:
    """The marts of the same day, built again after later events landed."""
    first_build()
    land_rows(HOME, LATER, load_id="load-2", loaded_at="2030-01-02 00:00:00")
    run_dbt(HOME, "build", "--select", *[f"+{mart}" for mart in MARTS], as_of=AS_OF)
    return read(MARTS)


def read(names: list[str]) -> Tables:
    tables = {}
    with connect(HOME) as connection:
        for name in names:
            found = connection.execute(f"select * from {name} order by all")
            columns = [column[0] for column in found.description]
            tables[name] = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    return tables


def one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    """The only row with these values."""
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]
