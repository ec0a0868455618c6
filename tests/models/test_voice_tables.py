"""What is talked about where, why customers left, what a push spared, and what came of requests: worked out by hand."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from naruki.home import Home
from naruki.voice.pipeline import SIGNALS
from tests.models.warehouse import build_warehouse

AS_OF = date(2026, 6, 30)
PUSHED = [f"pushed{n}" for n in range(6)]
OTHERS = [f"other{n}" for n in range(6)]
LEAVERS = [f"leaver{n}" for n in range(6)]
TABLES = (
    "voc_source_comparison",
    "churn_triangulation",
    "push_effect",
    "push_list",
    "failed_searches",
    "contact_reasons",
    "product_requests",
    "roadmap_outcomes",
    "new_business_hints",
    "fix_effect",
    "cancellation_survey",
)


def ticket(number, customer, created, category="how_to"):
    row = {"ticket_id": f"t{number}", "customer_id": customer, "category": category, "created_at": f"{created} 01:00"}
    return row | {"status": "solved", "channel": "web", "handle_seconds": 1800, "solved_at": f"{created} 02:00"}


def tickets():
    """Pushed in May: once a month before, none afterwards. The others go on as ever. One opens the calendar of July."""
    asked = [(who, month) for who in PUSHED + OTHERS for month in ("2026-03", "2026-04")]
    asked += [(who, "2026-06") for who in OTHERS]
    rows = [ticket(n, who, f"{month}-10") for n, (who, month) in enumerate(asked)]
    return [*rows, ticket(800, "other0", "2026-05-12"), ticket(900, "other0", "2026-07-05", "billing")]


def company():
    subscription = {"item_id": "i1", "status": "active", "quantity": 1, "unit_amount_minor": 1000, "currency": "JPY"}
    subscription |= {"billing_interval": "month", "started_at": "2025-06-01 00:00"}
    ended = {"status": "canceled", "cancel_requested_at": "2026-05-15 00:00", "ended_at": "2026-06-01 00:00"}
    everyone = PUSHED + OTHERS + LEAVERS
    request = {"title": "Bulk editing", "body": "Two hours a week by hand", "created_at": "2026-01-10 00:00"}
    shipped = {"roadmap_id": "R1", "fit_judgement": "yes", "judged_by": "pm", "judged_at": "2026-01-20 00:00"}
    shipped |= {"shipped_at": "2026-03-01 00:00"}
    return {
        "customers": [{"customer_id": who, "signed_up_at": "2025-06-01 00:00"} for who in everyone],
        "subscriptions": [
            subscription | {"subscription_id": who, "customer_id": who} | (ended if who in LEAVERS else {})
            for who in everyone
        ],
        "tickets": tickets(),
        "success_touches": [
            {"touch_id": f"g{who}", "customer_id": who, "action_id": "workshop", "kind": "workshop"}
            | {"is_proactive": True, "is_group": False, "minutes": 30, "occurred_at": "2026-05-12 00:00"}
            for who in PUSHED
        ],
        "survey_responses": [
            {"response_id": f"c{n}", "customer_id": who, "kind": "cancellation", "reason_code": "price" if n < 5 else "x"}
            | {"offered_at": "2026-05-15 00:00", "responded_at": "2026-05-15 01:00"}
            for n, who in enumerate(LEAVERS)
        ],
        # other0 found an article in June and needs none; five others searched in vain, then asked.
        "self_service_events": [
            {"event_id": "a0", "customer_id": "other0", "kind": "article", "article_id": "KB0001", "occurred_at": "2026-06-09 00:00"},
            *(
                {"event_id": f"s{n}", "customer_id": who, "kind": "search", "query": " Set UP", "results": 0}
                | {"occurred_at": "2026-06-10 00:30"}
                for n, who in enumerate(OTHERS[1:])
            ),
            {"event_id": "s9", "customer_id": "other0", "kind": "search", "query": "rare", "results": 0, "occurred_at": "2026-06-10 00:30"},
        ],
        "feature_requests": [
            *({"request_id": f"q{n}", "customer_id": who} | request | shipped for n, who in enumerate(LEAVERS[:2] + OTHERS[:3])),
            {"request_id": "q8", "customer_id": "other5"} | request | {"title": "Dark mode", "judged_by": "pm"}
            | {"fit_judgement": "no", "judged_at": "2026-07-02 00:00"},
        ],
    }  # fmt: skip


def signals():
    """Texts as they were read: billing named by 5 of 10 in support, by 6 of 6 in public; what nobody planned by one."""
    found = [
        (f"support:p{n}", "support", who, "contact_reason", "billing" if n < 5 else "bug")
        for n, who in enumerate((PUSHED + OTHERS)[:10])
    ]
    found += [(f"social:m{n}", "social", None, "contact_reason", "billing") for n in range(6)]
    found += [("support:p0", "support", PUSHED[0], "voc_type", "unexpected_use")]
    found += [("community:k", "community", OTHERS[0], "contact_reason", "billing")]
    keys = ("document_id", "source", "customer_id", "signal", "value")
    said = {"method": "rules", "modality": "asserted", "is_chosen": True, "occurred_at": datetime(2026, 6, 20)}
    rows = [dict(zip(keys, row, strict=True)) | said for row in found]
    # In public, around the release of 1 March: four of five complain in February, one of five afterwards.
    for month, complaints in ((2, 4), (3, 1)):
        for n in range(5):
            kind = "complaint" if n < complaints else "praise"
            row = (f"social:f{month}{n}", "social", None, "voc_type", kind)
            rows.append(dict(zip(keys, row, strict=True)) | said | {"occurred_at": datetime(2026, month, 10)})
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("voice_tables")
    Home(home).ensure_computed("voc_signal", SIGNALS)
    Home(home).write_computed("voc_signal", AS_OF, signals())
    select = (*(f"+{table}" for table in TABLES), "--exclude-resource-type", "test", "unit_test")
    with build_warehouse(home, company(), *select, as_of=str(AS_OF)) as connection:
        yield connection


def rows(warehouse, query):
    return warehouse.execute(query).fetchall()


def test_a_push_spares_what_the_pushed_ask_less_than_the_others_over_the_same_months(warehouse):
    """Pushed: 1 in April, 0 in June; others 1 and 1, leavers are gone: one contact spared each, at half an hour: 3 hours of six pushes.
    March to April neither side changes, so the placebo is 0."""
    columns = (
        "finding, pushed_customers, other_customers, pushes, avoided_per_push, placebo_per_push, hours_per_contact"
    )
    query = f"select {columns}, avoided_hours, avoided_hours_low from push_effect where reason = 'how_to'"
    assert rows(warehouse, query) == [("fewer_contacts", 6, 6, 6, 1.0, 0.0, 0.5, 3.0, 3.0)]


def test_without_enough_who_were_reached_no_effect_is_told(warehouse):
    query = "select finding, avoided_hours from push_effect where reason = 'login'"
    assert rows(warehouse, query) == [("too_few", None)]


def test_the_hours_spared_stand_in_the_week_of_the_push(warehouse):
    query = "select pushed_customers, avoided_hours from contact_reasons where week_start_date = '2026-05-11' and reason = 'how_to'"
    assert rows(warehouse, query) == [(6, 3.0)]


def test_who_asked_although_an_article_answers_it_is_on_the_push_list_unless_they_read_one(warehouse):
    query = "select customer_id, contacts, searches_without_result from push_list where reason = 'how_to' order by 1"
    assert rows(warehouse, query) == [(who, 1, 1) for who in OTHERS[1:]]


def test_words_that_fewer_than_five_customers_looked_for_are_not_shown(warehouse):
    query = (
        "select query, next_reason, searches_without_result, customers, then_asked, article_exists from failed_searches"
    )
    assert rows(warehouse, query) == [("set up", "how_to", 5, 5, 5, True)]


def test_a_theme_of_a_source_is_compared_with_all_other_sources(warehouse):
    """Pricing: of the 12 who wrote tickets 5; in public 6 of 16; in the community 1 of 1, which is too few to show."""
    query = "select source, speakers, n, share, lift from voc_source_comparison"
    query += (
        " where period = 'recent' and theme = 'pricing' and source in ('support', 'social', 'community') order by 1"
    )
    community, social, support = rows(warehouse, query)
    assert community == ("community", 1, None, None, None)
    # Elsewhere for support: 6 of 16, 1 of 1 and 5 of 6 leavers; for social: 5 of 12, 1 of 1 and 5 of 6.
    assert support == ("support", 12, 5, pytest.approx(5 / 12), pytest.approx((5 / 12) / (12 / 23)))
    assert social == ("social", 16, 6, 0.375, pytest.approx(0.375 / (11 / 19)))


def test_leavers_are_set_beside_current_customers_and_others(warehouse):
    """Pricing: 5 of 6 leavers while leaving; of 12 current customers who spoke 6 (five tickets and a post)."""
    query = "select source_group, speakers, n, lift, mrr_lost, is_common_theme, department from churn_triangulation"
    found = {row[0]: row[1:] for row in rows(warehouse, query + " where theme = 'pricing'")}
    assert found["current"][:3] == (12, 6, None)
    assert found["churned"] == (6, 5, pytest.approx((5 / 6) / (6 / 12)), 5000, True, "finance")
    assert found["social"][:3] == (16, 6, pytest.approx(0.375 / 0.5))


def test_a_request_that_was_declined_after_the_day_was_still_open_then(warehouse):
    query = "select request_status, fit_judgement, requesters, requesters_mrr from product_requests where request_id in ('q0', 'q8') order by request_id"
    assert rows(warehouse, query) == [("shipped", "yes", 5, 3000), ("open", "pending", 1, 1000)]


def test_of_who_had_asked_and_paid_when_it_shipped_those_who_pay_90_days_later_were_retained(warehouse):
    """Shipped on 1 March: 30 May all 18 still paid (leavers ended on 1 June); days from 10 January: 50."""
    columns = "requesters, days_to_ship, asked_customers, asked_retained, other_customers, other_retained, asked_retention_rate"
    assert rows(warehouse, f"select {columns} from roadmap_outcomes") == [(5, 50, 5, 5, 13, 13, 1.0)]


def test_a_use_that_nobody_planned_is_a_hint_only_with_its_text(warehouse):
    """The document p0 has no text in this home: a hint without a text is none."""
    assert rows(warehouse, "select count(*) from new_business_hints") == [(0,)]


def test_complaints_in_public_before_a_release_are_set_beside_those_after_it(warehouse):
    """4 of 5 in the 60 days before 1 March, 1 of 5 in the 60 days from then on."""
    columns = "mentions_before, complaints_before, mentions_after, complaints_after, change"
    [(*counts, change)] = rows(warehouse, f"select {columns} from fix_effect")
    assert (counts, change) == ([5, 4, 5, 1], pytest.approx(0.2 - 0.8))


def test_leavers_who_answered_are_set_beside_those_who_did_not(warehouse):
    """All six were asked on 15 May and answered; each paid 1,000; notice came 348 days after 1 June 2025."""
    columns = "answer, leavers, share_of_leavers, response_rate, mrr_lost, mrr_lost_each, tenure_days"
    assert rows(warehouse, f"select {columns} from cancellation_survey") == [
        ("answered", 6, 1.0, 1.0, 6000, 1000.0, 348.0)
    ]
