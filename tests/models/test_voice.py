"""What customers say, how it is counted, and what their silence means."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from naruki.home import Home
from naruki.voice.pipeline import SIGNALS
from tests.models.warehouse import build_warehouse

AS_OF = date(2026, 6, 30)
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
CUSTOMERS = ("asked", "quiet", "contact", "answer", "new", "gone", "small", "staffed", "peer", "testing")


def company():
    surveys, posts = [], []

    def survey(customer, kind, offered, score=None, responded=None, **more):
        row = {"customer_id": customer, "kind": kind, "offered_at": f"{offered} 01:00", "score": score}
        row |= {"responded_at": f"{responded or offered} 02:00" if score is not None else None}
        surveys.append({"response_id": f"r{len(surveys):03}"} | row | more)

    def post(thread, author, posted, role="customer", **more):
        row = {"thread_id": thread, "user_id": author, "customer_id": author if role == "customer" else None}
        posts.append({"post_id": f"p{len(posts):03}", "author_role": role, "posted_at": posted} | row | more)

    # Four tickets are good, two bad; t7 was bad and is good now; 3 of 5 is neither; an unanswered one is no answer.
    for ticket, score in [
        ("t1", 5),
        ("t2", 4),
        ("t3", 5),
        ("t4", 4),
        ("t5", 1),
        ("t6", 2),
        ("t7", 1),
        ("t8", 3),
        ("t9", None),
    ]:
        survey("asked", "csat", "2026-06-10", score, ticket_id=ticket)
    survey("asked", "csat", "2026-06-11", 5, "2026-06-12", ticket_id="t7")
    survey("asked", "csat", "2026-06-25", 1, "2026-07-02", ticket_id="t1")  # answered after the as-of day
    survey("asked", "csat", "2026-06-13", 9, ticket_id="t10")  # off its own scale
    survey("asked", "csat", "2026-06-14", 0, ticket_id="t11", scale_min=0, scale_max=1, higher_is_better=False)  # best
    # Recommendation: of u1 the newest counts, of u5 the answer is too old; 2 promoters, 1 passive, 2 detractors.
    survey("asked", "nps", "2026-05-01", 0, user_id="u1")
    for user, score in [("u1", 10), ("u2", 9), ("u3", 8), ("u4", 6), ("u6", 0)]:
        survey("asked", "nps", "2026-06-01", score, user_id=user)
    survey("asked", "nps", "2026-03-01", 0, user_id="u5")
    for score in (7, 6, 5, 4, 1):
        survey("asked", "ces", "2026-06-02", score)
    survey("small", "csat", "2026-06-03", 1)
    survey("answer", "nps", "2026-04-02", 9)  # 89 days ago
    survey("testing", "csat", "2026-06-03", 1)

    post("th1", "asked", "2026-06-01 00:00", is_question=True)
    post("th1", "asked", "2026-06-01 01:00")  # the asker's own bump is no answer
    post("th1", "peer", "2026-06-01 10:00", is_answer=True, is_accepted=True)
    post("th2", "small", "2026-06-01 00:00", is_question=True)
    post("th2", "agent7", "2026-06-04 00:00", "agent", is_answer=True)  # after 72 hours
    post("th3", "small", "2026-06-10 00:00", is_question=True)  # nobody
    post("th4", "small", "2026-06-30 10:00", is_question=True)  # too early to say
    post("th4", "peer", "2026-07-01 10:00", is_answer=True)  # after the as-of day

    signed = {c: "2025-06-01 00:00" for c in CUSTOMERS} | {"new": "2026-05-01 00:00"}
    terms = {
        "item_id": "i1",
        "status": "active",
        "quantity": 1,
        "unit_amount_minor": 1000,
        "currency": "JPY",
        "billing_interval": "month",
    }
    return {
        "customers": [{"customer_id": c, "signed_up_at": signed[c], "is_test": c == "testing"} for c in CUSTOMERS],
        "subscriptions": [
            terms
            | {"subscription_id": c, "customer_id": c, "started_at": signed[c]}
            | ({"status": "canceled", "ended_at": "2026-03-01 00:00"} if c == "gone" else {})
            for c in CUSTOMERS
        ],
        "tickets": [
            {
                "ticket_id": "first",
                "customer_id": "asked",
                "status": "solved",
                "category": "bug",
                "created_at": "2025-07-01 00:00",
            },
            {
                "ticket_id": "old",
                "customer_id": "quiet",
                "status": "solved",
                "category": "bug",
                "created_at": "2026-04-01 00:00",
            },
            {
                "ticket_id": "new",
                "customer_id": "contact",
                "status": "solved",
                "category": "login",
                "created_at": "2026-04-03 00:00",
            },
        ],
        "survey_responses": surveys,
        "community_posts": posts,
        "success_touches": [
            touch("a1", "staffed", minutes=60, session_id="s1", attendees=4),
            touch("a2", "peer", minutes=60, session_id="s1", attendees=4),
            touch("b1", "staffed", minutes=30, session_id="s2", is_group=False),
            touch("b2", "testing", minutes=30, session_id="s2", is_group=False),
            touch("c1", "staffed", minutes=120, action_id="workshop"),
            touch("d1", "quiet", minutes=15, is_group=False, is_proactive=None, outcome="No_show"),
        ],
    }


def touch(touch_id, customer, **more):
    row = {"kind": "workshop", "is_group": True, "is_proactive": True, "occurred_at": "2026-06-20 00:00"}
    return row | {"touch_id": touch_id, "customer_id": customer} | more


TEXTS = {
    "2026-06-30": [
        ("support:old", "quiet", "churn_intent", "considering", "asserted"),
        ("support:new", "contact", "churn_intent", "request", "negated"),
        ("support:new", "contact", "voc_type", "complaint", "asserted"),
        ("survey:r900", "small", "dissatisfaction", "explicit", "asserted"),
    ],
    "2026-07-31": [
        ("support:old", "quiet", "churn_intent", "request", "asserted")
    ],  # read again later, with other rules
}


def write_texts(home):
    """What the reading of texts left on two days."""
    for day, found in TEXTS.items():
        keys = ("document_id", "customer_id", "signal", "value", "modality")
        rows = [dict(zip(keys, row, strict=True)) | {"method": "rules", "is_chosen": True} for row in found]
        table = pa.Table.from_pylist([row | {"occurred_at": datetime(2026, 4, 3)} for row in rows])
        Home(home).write_computed("voc_signal", date.fromisoformat(day), table.select([*table.column_names]))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("voice")
    Home(home).ensure_computed("voc_signal", SIGNALS)
    write_texts(home)
    select = ("+mart_customer_voice", "+mart_satisfaction", "+mart_community", "+fct_voc_signal", *NO_TESTS)
    with build_warehouse(home, company(), *select, as_of=str(AS_OF)) as connection:
        yield connection


def rows(warehouse, query, *values):
    return warehouse.execute(query, list(values)).fetchall()


def voice(warehouse, columns, customer):
    return rows(warehouse, f"select {columns} from mart_customer_voice where customer_id = ?", customer)[0]


def satisfaction(warehouse, columns, customer):
    return rows(warehouse, f"select {columns} from mart_customer_satisfaction where customer_id = ?", customer)[0]


def recent(warehouse, columns, kind):
    return rows(
        warehouse, f"select {columns} from mart_satisfaction where period = 'recent' and survey_kind = ?", kind
    )[0]


def test_csat_is_good_over_good_and_bad_by_the_newest_answer_of_a_ticket(warehouse):
    """Good: t1 to t4, t7 by its second answer, t11 on its reversed scale. Bad: t5, t6. Neither: t8, t9, t10."""
    assert satisfaction(warehouse, "csat_good, csat_bad, csat_rate", "asked") == (6, 2, 0.75)


def test_offered_is_not_answered_and_an_answer_after_the_day_is_none_yet(warehouse):
    """csat 13 offered, of which t9 and the second of t1 have no answer by then; nps 7 of 7 in 180 days, ces 5 of 5."""
    assert satisfaction(warehouse, "surveys_offered, surveys_answered, response_rate", "asked") == (25, 23, 0.92)


def test_nps_takes_the_newest_answer_of_each_respondent_in_90_days(warehouse):
    """Promoters u1 and u2, detractors u4 and u6, passive u3; u5 answered 121 days ago."""
    assert satisfaction(warehouse, "nps_answers, nps_promoters, nps_detractors, nps", "asked") == (5, 2, 2, 0.0)
    assert recent(warehouse, "answers, good, bad, score", "nps") == (6, 3, 2, pytest.approx(1 / 6))


def test_ces_is_the_share_of_five_or_better_of_seven(warehouse):
    assert recent(warehouse, "score_numerator, score_denominator, score, is_published", "ces") == (3, 5, 0.6, True)


def test_a_score_of_fewer_than_five_is_not_published(warehouse):
    assert satisfaction(warehouse, "csat_bad, csat_rate, response_rate, last_csat_bad", "small") == (
        1,
        None,
        None,
        True,
    )


def test_a_score_off_its_scale_is_no_answer_that_can_be_judged(warehouse):
    query = "select score, score_share, is_good, is_bad, is_answered from fct_survey_response where ticket_id = 't10'"
    assert rows(warehouse, query) == [(9.0, None, None, None, True)]


def test_silent_pays_and_neither_contacts_nor_answers_for_90_days(warehouse):
    assert voice(warehouse, "is_silent, days_since_contact", "quiet") == (True, 90)
    assert voice(warehouse, "is_silent, days_since_contact", "contact") == (False, 88)
    assert voice(warehouse, "is_silent, days_since_survey", "answer") == (False, 89)
    assert voice(warehouse, "is_paying, is_silent", "gone") == (False, False)


def test_who_came_less_than_90_days_ago_is_not_silent(warehouse):
    assert voice(warehouse, "is_paying, is_silent", "new") == (True, False)


def test_without_a_usage_feed_silence_is_neither_healthy_nor_fading(warehouse):
    assert voice(warehouse, "silence, usage_z", "quiet") == ("unknown", None)
    assert rows(warehouse, "select distinct feed_status, utilisation_rate, active_days_28d from mart_usage") == [
        ("no_feed", None, None)
    ]


def test_the_rule_of_hidden_dissatisfaction_that_fired_is_stored(warehouse):
    assert voice(warehouse, "hidden_dissatisfaction, hidden_rule", "quiet") == (True, "no_survey_no_contact")
    assert voice(warehouse, "hidden_dissatisfaction, hidden_rule", "small") == (True, "bad_survey")
    assert voice(warehouse, "hidden_dissatisfaction, hidden_rule", "contact") == (False, None)
    assert voice(warehouse, "hidden_dissatisfaction, hidden_rule", "gone") == (False, None)


def test_a_day_reads_the_texts_as_they_were_read_for_it(warehouse):
    """`quiet` considered leaving by what was known then; an intent that is denied is none."""
    # Said 88 days ago, with a half-life of 90.
    assert voice(warehouse, "churn_intent", "quiet") == (pytest.approx(0.7 * 0.5 ** (88 / 90)),)
    assert voice(warehouse, "churn_intent, complaints", "contact") == (0.0, 1)
    newest = "select distinct scored_on, value from fct_voc_signal where signal = 'churn_intent'"
    assert rows(warehouse, newest) == [(date(2026, 7, 31), "request")]


def test_dissatisfaction_needs_two_kinds_of_evidence_or_one_explicit_phrase(warehouse):
    assert voice(warehouse, "dissatisfaction_evidence, is_dissatisfied", "contact") == (1, False)
    assert voice(warehouse, "dissatisfaction_evidence, is_dissatisfied", "asked") == (2, True)
    assert voice(warehouse, "dissatisfaction_evidence, is_dissatisfied", "small") == (2, True)


def test_what_a_person_marked_is_a_signal_too(warehouse):
    query = "select value, method from fct_voc_signal where document_id = 'support:new' and signal = 'contact_reason'"
    assert rows(warehouse, query) == [("login", "category")]


def test_the_minutes_of_a_session_are_divided_by_its_attendees(warehouse):
    """s1 counted four heads and lists two customers; s2 has two rows though no group; c1 takes as many as planned."""
    query = "select touch_id, attendees, minutes_share, is_group, is_attendance_assumed from fct_touch order by 1"
    [(planned,)] = rows(warehouse, "select attendees from cfg_action where action = 'workshop'")
    assert rows(warehouse, query) == [
        ("a1", 4, 15.0, True, False),
        ("a2", 4, 15.0, True, False),
        ("b1", 2, 15.0, True, False),
        ("c1", planned, 120 / planned, True, True),
        ("d1", 1, 15.0, False, False),
    ]


def test_a_touch_knows_its_tier_and_whether_we_began_it(warehouse):
    query = "select touch_id, tier, is_proactive, is_missed from fct_touch where touch_id in ('c1', 'd1') order by 1"
    assert rows(warehouse, query) == [("c1", "low", True, False), ("d1", None, None, True)]
    assert voice(warehouse, "days_since_touch", "quiet") == (None,)  # nobody was there
    assert voice(warehouse, "days_since_touch", "staffed") == (10,)


def test_a_thread_is_answered_by_somebody_else_within_48_hours_or_not(warehouse):
    columns = "thread_id, first_answer_by, first_answer_hours, is_accepted, accepted_by, is_unanswered_over_48h"
    query = f"select {columns} from fct_community_thread order by 1"
    assert rows(warehouse, query) == [
        ("th1", "peer", 10.0, True, "peer", False),
        ("th2", "staff", 72.0, False, None, True),
        ("th3", "none", None, False, None, True),
        ("th4", "peer", 24.0, False, None, False),
    ]


def test_the_month_of_the_community_knows_only_what_had_happened(warehouse):
    """th4 was asked on the last day, can't be judged yet. Answers: a peer's and one of ours."""
    columns = "active_members, questions, judged_questions, unanswered_over_48h"
    columns += ", answers, peer_answers, peer_answer_share, accepted"
    query = f"select {columns} from mart_community where month_start_date = '2026-06-01'"
    assert rows(warehouse, query) == [(3, 4, 3, 2, 2, 1, 0.5, 1)]


def test_who_wrote_in_the_community_is_a_member(warehouse):
    assert voice(warehouse, "is_community_member", "peer") == (True,)
    assert voice(warehouse, "is_community_member", "quiet") == (False,)
