"""A mart of a day knows what had happened by then, and stays as it was whatever comes later."""

from datetime import date, datetime, timedelta

import pytest

from tests.models.warehouse import connect, land_rows, run_dbt

AS_OF, EARLIER = "2026-05-31", "2026-04-30"
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
CUTOFF = "2026-05-31 15:00:00"  # the end of the day in Tokyo


def company():
    """Eight customers over half a year, every feed in use; about a fifth of it happens after the as-of day."""
    rows = {
        name: []
        for name in ("users", "subscriptions", "invoices", "tickets", "ticket_events", "calls", "survey_responses")
    }
    rows |= {name: [] for name in ("usage_events", "success_touches", "community_posts", "social_mentions", "refunds")}
    rows |= {
        name: []
        for name in ("self_service_events", "agents_shifts", "feature_requests", "judgements", "leads", "lead_events")
    }
    rows["customers"] = [
        {
            "customer_id": f"c{n}",
            "signed_up_at": f"2026-0{1 + n % 3}-0{1 + n} 01:00",
            "entity_type": "company",
            "currency": "JPY",
        }
        for n in range(8)
    ]
    for n in range(8):
        customer(rows, n)
    for day in range(181):
        start = datetime(2026, 1, 1, 0) + timedelta(days=day)
        shift = {"agent_id": "a1", "team": "support", "skill": "support", "hourly_cost_minor": 3000, "currency": "JPY"}
        rows["agents_shifts"].append(shift | {"starts_at": text(start), "ends_at": text(start + timedelta(hours=8))})
    return rows


def text(instant):
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def customer(rows, n):
    who, user = f"c{n}", f"u{n}"
    rows["users"].append({"user_id": user, "customer_id": who})
    terms = {
        "subscription_id": f"s{n}",
        "item_id": "i",
        "customer_id": who,
        "currency": "JPY",
        "billing_interval": "month",
    }
    terms |= {"status": "active", "quantity": 2 + n, "unit_amount_minor": 1000, "started_at": f"2026-03-0{1 + n} 02:00"}
    rows["subscriptions"].append(terms)
    if n % 3 == 0:
        rows["subscriptions"].append(terms | {"quantity": 9, "effective_at": f"2026-0{4 + n % 2}-15 02:00"})
    if n % 4 == 1:
        rows["subscriptions"].append(
            terms | {"status": "canceled", "effective_at": "2026-06-10 02:00", "ended_at": "2026-06-10 02:00"}
        )
    for month in range(3, 7):
        paid = f"2026-0{month}-0{1 + n} 03:00"
        bill = {
            "customer_id": who,
            "subscription_id": f"s{n}",
            "amount_minor": 1000 * (2 + n),
            "currency": "JPY",
            "status": "paid",
        }
        rows["invoices"].append(bill | {"invoice_id": f"b{n}-{month}", "issued_at": paid, "paid_at": paid})
    for week in range(25):
        at = datetime(2026, 1, 8, 3 + n % 5, 7 * n) + timedelta(days=7 * week + n)
        activity(rows, n, week, at, who, user)


def activity(rows, n, week, at, who, user):
    """What one customer and we do in one week; what takes long ends in a later one."""
    key, later = f"{n}-{week}", text(at + timedelta(days=3))
    for day in range(1 + (n + week) % 4):
        use = {"user_id": user, "event_name": ("edit_record", "create_report")[day % 2]}
        rows["usage_events"].append(use | {"event_id": f"e{key}-{day}", "occurred_at": text(at + timedelta(days=day))})
    kind = ("csat", "nps", "ces", "cancellation")[(n + week) % 4]
    answer = {"score": (n * week) % 5 + 1, "responded_at": later} if (n + week) % 3 else {}
    survey = {"response_id": f"r{key}", "customer_id": who, "user_id": user, "kind": kind, "offered_at": text(at)}
    rows["survey_responses"].append(survey | answer)
    if (n + week) % 2:
        ticket = {"ticket_id": f"t{key}", "customer_id": who, "channel": "email", "status": "solved", "category": "bug"}
        ticket |= {
            "created_at": text(at),
            "solved_at": later,
            "assignee_id": "a1",
            "updated_at": later,
            "subject": "困っています",
        }
        rows["tickets"].append(ticket | {"handle_seconds": 600 * (1 + week % 3) if week % 5 else None})
        for step, (role, kind, value) in enumerate([("agent", "comment", None), ("agent", "status", "solved")]):
            event = {
                "event_id": f"te{key}-{step}",
                "ticket_id": f"t{key}",
                "kind": kind,
                "actor_role": role,
                "to_value": value,
            }
            rows["ticket_events"].append(
                event | {"is_public": True, "occurred_at": text(at + timedelta(days=3 * step, hours=1))}
            )
    else:
        call = {
            "call_id": f"p{key}",
            "customer_id": who,
            "queue": "q",
            "direction": "inbound",
            "outcome": "answered",
            "agent_id": "a1",
        }
        call |= {"offered_at": text(at), "answered_at": text(at + timedelta(seconds=15)), "talk_seconds": 200}
        rows["calls"].append(
            call | {"hold_seconds": 5, "wrap_seconds": 60, "ended_at": text(at + timedelta(minutes=5))}
        )
    touch = {
        "touch_id": f"m{key}",
        "customer_id": who,
        "action_id": "phone_call",
        "kind": "phone",
        "is_proactive": True,
    }
    rows["success_touches"].append(touch | {"minutes": 20, "occurred_at": text(at + timedelta(hours=5)), "owner": "o1"})
    post = {
        "post_id": f"q{key}",
        "thread_id": f"th{key}",
        "user_id": user,
        "author_role": "customer",
        "is_question": True,
    }
    rows["community_posts"].append(post | {"posted_at": text(at)})
    reply = {"post_id": f"a{key}", "thread_id": f"th{key}", "user_id": f"u{(n + 1) % 8}", "author_role": "customer"}
    rows["community_posts"].append(reply | {"is_answer": True, "is_accepted": bool(week % 2), "posted_at": later})
    mention = {
        "mention_id": f"x{key}",
        "customer_id": who,
        "network": "x",
        "posted_at": text(at),
        "replied_publicly_at": later,
    }
    rows["social_mentions"].append(mention)
    help_ = {
        "event_id": f"h{key}",
        "customer_id": who,
        "user_id": user,
        "kind": ("search", "article", "bot_session")[week % 3],
    }
    rows["self_service_events"].append(
        help_ | {"results": week % 2, "is_resolved": True, "occurred_at": text(at - timedelta(hours=9))}
    )
    ask = {
        "request_id": f"f{key}",
        "customer_id": who,
        "created_at": text(at),
        "title": "出力",
        "fit_judgement": "yes",
        "judged_at": later,
    }
    rows["feature_requests"].append(ask | {"shipped_at": text(at + timedelta(days=20))})
    judged = {"customer_id": who, "kind": "executive", "value": str(1 + week % 5), "rater": "r1", "rated_at": text(at)}
    rows["judgements"].append(judged | {"expires_at": text(at + timedelta(days=60))})


EVENT_AT = {
    "signed_up_at": ("customers",),
    "effective_at": ("subscriptions",),
    "issued_at": ("invoices",),
    "created_at": ("tickets", "feature_requests"),
    "offered_at": ("calls", "survey_responses"),
    "posted_at": ("community_posts", "social_mentions"),
    "rated_at": ("judgements",),
    "occurred_at": ("ticket_events", "usage_events", "success_touches", "self_service_events"),
}
ENDINGS = ("responded_at", "replied_publicly_at", "solved_at", "judged_at", "shipped_at", "updated_at")


def until(rows, cutoff):
    """The rows as they were known at an instant: no later event, and what had not ended was still open."""
    known = {}
    for table, landed in rows.items():
        known[table] = []
        event_at = next((column for column, tables in EVENT_AT.items() if table in tables), None)
        for row in landed:
            if event_at and row.get(event_at, "") >= cutoff:
                continue
            row = {name: value if name not in ENDINGS or value < cutoff else None for name, value in row.items()}
            if row.get("responded_at", "") is None:
                row["score"] = None
            if "solved_at" in row and row["solved_at"] is None:
                row |= {"status": "open", "handle_seconds": None}
            if "judged_at" in row and row["judged_at"] is None:
                row["fit_judgement"] = "pending"
            known[table].append(row)
    return known


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """`then` knows what had happened by the as-of day, `since` also what came after."""
    then, since = tmp_path_factory.mktemp("then"), tmp_path_factory.mktemp("since")
    rows = company()
    land_rows(then, until(rows, CUTOFF), "load-1", "2026-06-01 00:00:00")
    run_dbt(then, "build", *NO_TESTS, as_of=AS_OF)
    land_rows(since, until(rows, CUTOFF), "load-1", "2026-06-01 00:00:00")
    land_rows(since, rows, "load-2", "2026-07-01 00:00:00")
    run_dbt(since, "build", *NO_TESTS, as_of=AS_OF)
    return then, since


def marts(home):
    with connect(home) as warehouse:
        named = "select distinct table_name from information_schema.columns where column_name = 'as_of_date' order by 1"
        return [name for (name,) in warehouse.execute(named).fetchall()]


def day_of(home, mart, as_of):
    with connect(home) as warehouse:
        relation = warehouse.sql(f"select * from {mart} where as_of_date = '{as_of}' order by all")
        return relation.columns, [tuple(map(repr, row)) for row in relation.fetchall()]


def differences(home, other, mart, as_of):
    """Columns that differ, with the first pair of values: what a failing test shows."""
    columns, left = day_of(home, mart, as_of)
    _, right = day_of(other, mart, as_of)
    if len(left) != len(right):
        return f"{len(left)} against {len(right)} rows"
    pairs = [zip(columns, a, b, strict=True) for a, b in zip(left, right, strict=True)]
    return {name: (a, b) for pair in pairs for name, a, b in pair if a != b}


def test_events_after_the_day_leave_every_mart_of_the_day_as_it_was(homes):
    then, since = homes
    assert len(marts(then)) >= 10
    found = {mart: differences(then, since, mart, AS_OF) for mart in marts(then)}
    assert {mart: diff for mart, diff in found.items() if diff} == {}


def test_the_marts_are_not_empty(homes):
    then, _ = homes
    for mart in (
        "mart_usage",
        "mart_customer_voice",
        "mart_customer_satisfaction",
        "mart_satisfaction",
        "mart_community",
    ):
        assert day_of(then, mart, AS_OF)[1], mart


def test_a_rerun_replaces_its_own_day_and_a_backfill_leaves_the_newest_alone(homes):
    _, since = homes
    before = {mart: day_of(since, mart, AS_OF) for mart in marts(since)}
    for as_of in (AS_OF, EARLIER):
        run_dbt(since, "run", "--select", "path:models/marts", as_of=as_of)
    assert {mart: day_of(since, mart, AS_OF) for mart in marts(since)} == before
    with connect(since) as warehouse:
        days = warehouse.execute("select distinct as_of_date from mart_customer_voice order by 1").fetchall()
    assert days == [(date.fromisoformat(EARLIER),), (date.fromisoformat(AS_OF),)]
