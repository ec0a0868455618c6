"""The sample company: the laws of its world hold in what it shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from naruki.sample import write_sample
from naruki.sample.calendar import Calendar
from naruki.sample.customers import make_customers
from naruki.sample.hazard import term_hazard
from naruki.sample.history import simulate
from naruki.sample.incidents import make_incidents
from naruki.sample.state import ACTIVE
from naruki.sample.texts import Texts
from naruki.sample.truth import expected_future


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """The default sample."""
    out: Path = tmp_path_factory.mktemp("sample")
    write_sample(out, "s", seed=7)
    db = duckdb.connect(config={"threads": 1})
    for path in sorted(out.glob("*.csv")):
        db.execute(f"create view {path.stem} as select * from read_csv('{path}', header=true, all_varchar=true)")
    for path in sorted(out.glob("*.jsonl")):
        db.execute(f"create view {path.stem} as select * from read_json('{path}')")
    for path in sorted(out.glob("*.parquet")):
        db.execute(f"create view {path.stem} as select * from '{path}'")
    for path in sorted((out / "_truth").glob("*.parquet")):
        db.execute(f"create view truth_{path.stem} as select * from '{path}'")
    return db


def _one(db: duckdb.DuckDBPyConnection, query: str):
    return db.execute(query).fetchone()[0]


def test_all_four_quadrants_are_populated_because_revenue_says_little_about_need(db):
    shares = dict(
        db.execute(
            "select quadrant, count(*) / sum(count(*)) over () from truth_customers where quadrant <> '' group by 1"
        ).fetchall()
    )
    assert set(shares) == {"money_tree", "money_seedling", "wisdom_tree", "testing_ground"}
    assert min(shares.values()) > 0.12
    correlation = """
        select corr(r, n) from (
            select rank() over (order by mrr_jpy) as r, rank() over (order by need_hours_month) as n
            from truth_customers where is_paying
        ) as ranks
    """
    assert 0.0 < _one(db, correlation) < 0.4


def test_revenue_is_heavy_tailed(db):
    top = """
        select sum(case when place <= 0.1 then mrr_jpy end) / sum(mrr_jpy) from (
            select mrr_jpy, percent_rank() over (order by mrr_jpy desc) as place from truth_customers where is_paying
        ) as ranked
    """
    assert 0.5 < _one(db, top) < 0.9


def test_about_a_tenth_of_the_customers_leaves_per_year(db):
    left = _one(db, "select count(*) from truth_churns where ended_at < timestamp '2026-10-31 15:00:00'")
    years = _one(db, "select count(*) / 12 from truth_customer_months")
    assert 0.07 < left / years < 0.14


def test_usage_fades_in_the_weeks_before_a_notice(db):
    ratio = """
        with leaving as (select customer_id, notice_at from truth_churns where fades and is_voluntary),
        seen as (
            select date_diff('day', occurred_at, notice_at) as days_before
            from usage_events join users using (user_id) join leaving on leaving.customer_id = users.customer_id
            where occurred_at between notice_at - interval 112 day and notice_at
        )
        select count(*) filter (where days_before <= 14) / 14.0 / (count(*) filter (where days_before > 56) / 56.0)
        from seen
    """
    assert _one(db, ratio) < 0.45


def test_usage_follows_the_working_week_of_the_customers_own_zone(db):
    share = """
        select avg(case when dayofweek(occurred_at + interval ({}) hour) in (0, 6) then 1.0 else 0 end)
        from usage_events join users using (user_id) join customers on customers.customer_id = users.customer_id
        where entity_type = 'company' and time_zone = '{}'
    """
    assert _one(db, share.format(9, "Asia/Tokyo")) < 0.08
    assert _one(db, share.format(-5, "America/New_York")) < 0.08


def test_our_outages_raise_contacts_and_these_are_our_fault(db):
    days = """
        with outages as (
            select starts_at from truth_incidents where kind = 'outage'
        ),
        counted as (
            select cast(try_cast(created_at as timestamp) + interval 9 hour as date) as day,
                count(*) as contacts, avg(case when fault = 'ours' then 1.0 else 0 end) as ours
            from tickets where try_cast(created_at as timestamp) is not null group by 1
        )
        select day in (select cast(starts_at + interval 9 hour as date) from outages) as is_outage,
            avg(contacts), avg(ours)
        from counted where dayofweek(day) between 1 and 5 group by 1 order by 1
    """
    (_, usual, usual_ours), (_, burst, burst_ours) = db.execute(days).fetchall()
    assert burst > 2 * usual
    assert burst_ours > 2 * usual_ours


def test_invoices_charged_twice_by_our_error_are_paid_back_and_complained_about(db):
    twice = _one(db, "select count(*) from refunds where reason = 'billing_error'")
    assert twice > 10
    about = "select count(*) from truth_tickets where cause = 'billing_error' and is_our_fault and topic = 'billing'"
    assert _one(db, about) > 0.2 * twice


def test_notice_precedes_the_end_and_annual_plans_end_at_the_end_of_their_term(db):
    wrong = """
        select count(*) from subscriptions where ended_at is not null and cancel_requested_at is not null
            and try_cast(cancel_requested_at as timestamp) >= try_cast(ended_at as timestamp)
    """
    assert _one(db, wrong) == 0
    terms = """
        select count(*) from (
            select *, lag(billing_interval) over w as term, lag(current_term_end_at) over w as promised
            from subscriptions where item_id = 'seats'
            window w as (partition by subscription_id order by effective_at)
        ) as rows
        where status = 'canceled' and term in ('quarter', 'year') and cancel_requested_at is not null
            and promised <> ended_at
    """
    assert _one(db, terms) == 0


def test_invoices_bill_what_the_terms_say(db):
    right = """
        with terms as (
            select subscription_id, try_cast(effective_at as timestamp) as effective_at, status,
                try_cast(quantity as bigint) * try_cast(unit_amount_minor as bigint)
                - coalesce(try_cast(discount_minor as bigint), 0) as net
            from subscriptions where item_id = 'seats'
        ),
        bills as (
            select subscription_id, try_cast(issued_at as timestamp) as at,
                try_cast(amount_minor as bigint) - try_cast(tax_minor as bigint) as net
            from invoices where kind = 'subscription'
        )
        select avg(case when bills.net = terms.net then 1.0 else 0 end) from bills
        asof join terms on bills.subscription_id = terms.subscription_id and bills.at >= terms.effective_at
        where not exists (
            select 1 from subscriptions
            where subscriptions.subscription_id = bills.subscription_id and item_id <> 'seats'
        )
    """
    assert _one(db, right) > 0.93


def test_currencies_intervals_statuses_and_kinds_all_occur(db):
    def distinct(table: str, column: str) -> set[str]:
        return {row[0] for row in db.execute(f"select distinct {column} from {table}").fetchall()}

    assert {"JPY", "USD"} <= distinct("subscriptions", "currency")
    assert {"month", "quarter", "year"} == distinct("subscriptions", "billing_interval")
    assert {"active", "trialing", "past_due", "paused", "canceled"} == distinct("subscriptions", "status")
    assert {"once", "repeating", "forever"} <= distinct("subscriptions", "discount_duration")
    assert {"subscription", "proration", "one_off"} == distinct("invoices", "kind")
    assert {"chargeback", "billing_error", "requested_by_customer"} <= distinct("refunds", "reason")
    assert {"answered", "abandoned", "ivr", "overflow"} == distinct("calls", "outcome")
    assert {"csat", "nps", "ces", "cancellation"} == distinct("survey_responses", "kind")
    assert {"support", "success", "technical"} == distinct("agents_shifts", "skill")


def test_tickets_and_their_steps_tell_the_same_story(db):
    replies = """
        with said as (
            select ticket_id, min(occurred_at) as first_at from ticket_events
            where kind = 'comment' and actor_role = 'agent' and is_public group by 1
        ),
        stated as (
            select ticket_id, try_cast(max(first_reply_at) as timestamp) as first_at from tickets
            where origin <> 'agent' group by 1
        )
        select count(*) from stated left join said using (ticket_id)
        where stated.first_at is distinct from said.first_at
    """
    assert _one(db, replies) == 0
    merged = "select count(*) from tickets where merged_into_id is not null and first_reply_at is not null"
    assert _one(db, merged) == 0
    assert _one(db, "select count(*) from ticket_events where kind = 'merge'") > 0


def test_the_truth_of_leaving_agrees_with_the_chances_that_were_drawn():
    """Expected leavers by the law of hazards against those who left, in three worlds: within three standard errors."""
    calendar = Calendar.until(date(2026, 10, 31))
    expected, variance, left = 0.0, 0.0, 0
    for seed in (1, 2, 3):
        people = make_customers(2_000, seed, calendar)
        history = simulate(people, make_incidents(2_000, seed, calendar), calendar, seed)
        for month in range(1, 24):
            before = history.status[:, month - 1] == ACTIVE
            into = month - history.term_start[:, month - 1].astype(int)
            chance = term_hazard(history.hazard[:, month].astype(float), history.interval[:, month - 1], into)
            chance = np.where(before, chance, 0.0)
            expected += chance.sum()
            variance += (chance * (1 - chance)).sum()
        left += int(((history.churns["voluntary"] == 1) & (history.churns["month"] < 24)).sum())
    assert abs(left - expected) < 3 * variance**0.5


def test_expected_revenue_and_survival_are_what_happens_when_the_world_goes_on():
    """The closed form against 36 more simulated months of those who had not decided: revenue 5 %, survival 2 points."""
    calendar = Calendar.until(date(2026, 10, 31))
    months = np.arange(1, 37)
    promised, came, survive, survived = 0.0, 0.0, [], []
    for seed in (1, 2, 3):
        people = make_customers(2_500, seed, calendar)
        history = simulate(people, make_incidents(2_500, seed, calendar), calendar, seed, ahead=37)
        future = expected_future(people, history, calendar, None)
        returned = history.spell_start[1] < calendar.cutoff
        ended = np.where(returned, history.spell_end[1], history.spell_end[0])
        among = (history.status[:, 23] == ACTIVE) & (ended >= calendar.cutoff) & ~future["is_decided"]
        boundary = np.stack(
            [calendar.boundary(23 + k, people.anchor_day, people.anchor_second) for k in months], axis=1
        )
        alive = boundary < ended[:, None]
        revenue = history.mrr[:, 23:59] * np.column_stack([np.ones(len(among)), alive[:, :-1]])
        yen = np.where(people.is_usd, 1.5, 1.0)
        promised += (future["revenue"] * yen)[among].sum()
        came += ((revenue / 1.10 ** (months / 12)).sum(axis=1) * yen)[among].sum()
        survive.append([future[f"survival_{k}m"][among].mean() for k in (12, 24, 36)])
        survived.append([alive[among, k - 1].mean() for k in (12, 24, 36)])
    assert promised == pytest.approx(came, rel=0.05)
    assert np.mean(survive, axis=0) == pytest.approx(np.mean(survived, axis=0), abs=0.02)


def test_expected_margin_is_nil_for_those_gone_and_short_for_those_decided(db):
    assert _one(db, "select count(*) from truth_customers where not is_paying and expected_margin_36m_jpy <> 0") == 0
    months = """
        select is_decided, sum(expected_margin_36m_jpy) / sum(mrr_jpy * 0.8) from truth_customers
        where is_paying group by 1 order by 1
    """
    (_, staying), (_, leaving) = db.execute(months).fetchall()
    assert 20 < staying < 40
    assert leaving < 8


def test_touch_lowers_the_hazard_by_what_the_truth_says(db):
    ratio = """
        select max(abs(monthly_hazard / monthly_hazard_baseline - hazard_multiplier))
        from truth_customers join truth_touch_tiers using (touch_tier) where monthly_hazard_baseline < 0.4
    """
    assert _one(db, ratio) == pytest.approx(0.0, abs=1e-9)


def test_texts_vary_in_both_languages_and_contain_only_fictional_addresses(db):
    texts = Texts.load()
    for lang in ("ja", "en"):
        for topic in ("how_to", "login", "billing", "bug", "integration", "contract", "performance"):
            assert texts._range[("body", topic, lang)][1] >= 12, (lang, topic)
    bodies = [row[0] for row in db.execute("select body from tickets where body is not null").fetchall()]
    assert len(set(bodies)) > 0.7 * len(bodies)
    mails = {mail for body in bodies for mail in re.findall(r"[\w.]+@([\w.]+)", body)}
    assert mails == {"example.com", "example.org", "example.jp"}
    japanese = sum(bool(re.search(r"[ぁ-ん]", body)) for body in bodies) / len(bodies)
    assert 0.6 < japanese < 0.85
    assert any('"' in body for body in bodies)
    assert any("\n" in body for body in bodies)


def test_unhappy_customers_give_worse_scores(db):
    corr = """
        select corr(try_cast(score as double), satisfaction) from survey_responses
        join truth_customers using (customer_id) where kind = 'nps' and responded_at is not null
    """
    assert _one(db, corr) > 0.5


def test_silent_leavers_do_not_write_and_loud_ones_do(db):
    asked = """
        select voice > 0.5 as is_loud, avg(case when asked.customer_id is not null then 1.0 else 0 end)
        from truth_churns join truth_customers using (customer_id)
        left join (
            select distinct customer_id from tickets join truth_tickets using (ticket_id) where cause = 'notice'
        ) as asked using (customer_id)
        where is_voluntary and notice_at < timestamp '2026-10-20' group by 1 order by 1
    """
    (_, silent), (_, loud) = db.execute(asked).fetchall()
    assert loud > silent + 0.25


def test_an_item_has_one_row_of_terms_per_instant(db):
    repeated = """
        select count(*) from (
            select subscription_id, item_id, effective_at from subscriptions group by all having count(*) > 1
        ) as doubles
    """
    assert _one(db, repeated) == 1  # the deliberate duplicate
