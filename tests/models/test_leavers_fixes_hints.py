"""Who was asked why they leave, what a fix changed in public, what is a hint for new business: worked out by hand."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from naruki.home import Home
from naruki.voice.pipeline import SIGNALS
from tests.models.warehouse import build_warehouse

AS_OF = date(2026, 6, 30)
TABLES = ("cancellation_survey", "fix_effect", "new_business_hints", "fct_social_mention")
NOTICE = "2026-05-15 00:00"
AFTER = "2026-06-30 15:00"  # the first instant of 1 July in Tokyo
WEEKS = ("2026-05-15 00:00", "2026-06-01 00:00")
YEAR = ("2025-11-01 00:00", "2026-03-31 00:00")  # notice in November of a contract that ends in March

# Who left: notice and end, monthly fee, when they were asked why, when they answered.
LEAVERS = {
    "a0": (*WEEKS, 1000, NOTICE, NOTICE),
    "a1": (*WEEKS, 1000, NOTICE, NOTICE),
    "a2": (*WEEKS, 1000, NOTICE, NOTICE),
    "a3": (*WEEKS, 1000, NOTICE, NOTICE),
    "a4": (*WEEKS, 3000, NOTICE, NOTICE),
    "late": (*YEAR, 1000, "2026-05-30 00:00", "2026-05-30 01:00"),  # 60 days after the end
    "twice": (*WEEKS, 1000, NOTICE, NOTICE),
    "n0": (*WEEKS, 2000, NOTICE, None),
    "n1": (*WEEKS, 2000, NOTICE, None),
    "n2": (*WEEKS, 2000, NOTICE, None),
    "n3": (*WEEKS, 2000, "2026-03-16 00:00", None),  # 60 days before the notice
    "n4": (*WEEKS, 2000, NOTICE, AFTER),
    "q0": (*WEEKS, 1000, "2026-03-15 00:00", "2026-03-15 00:00"),  # 61 days before
    "q1": (*WEEKS, 1000, None, None),
    "q2": (*WEEKS, 1000, AFTER, AFTER),
    "q3": ("2026-06-20 00:00", "2026-09-30 00:00", 1000, None, None),  # still pays
    "q4": (*YEAR, 1000, "2026-05-31 00:00", "2026-05-31 01:00"),  # 61 days after the end
    "edge": ("2025-06-30 15:00", "2025-07-20 00:00", 1000, None, None),  # 364 days ago in Tokyo
    "old": ("2025-06-30 14:59", "2025-07-20 00:00", 1000, None, None),  # 365 days ago
}


def subscription(customer, fee, **more):
    terms = {"item_id": "i1", "status": "active", "quantity": 1, "unit_amount_minor": fee, "currency": "JPY"}
    terms |= {"subscription_id": customer, "customer_id": customer, "billing_interval": "month"}
    return terms | {"started_at": "2025-06-01 00:00"} | more


def surveys():
    asked = [
        {"response_id": f"s-{who}", "customer_id": who, "kind": "cancellation", "offered_at": offered}
        | ({"responded_at": answered, "reason_code": "price"} if answered else {})
        for who, (_, _, _, offered, answered) in LEAVERS.items()
        if offered
    ]
    # The surveys begin on 1 October 2025. Another kind of survey is no question why.
    csat = {"kind": "csat", "score": 5.0, "customer_id": "q1"}
    days = ("2025-10-01 00:00", NOTICE)
    return asked + [
        {"response_id": f"c{n}", "offered_at": day, "responded_at": day} | csat for n, day in enumerate(days)
    ]


def company():
    ticket = {"category": "how_to", "status": "solved", "channel": "web", "handle_seconds": 600}
    asked = [("t0", "a0", "2026-02-14"), ("t1", "a1", "2026-04-01"), ("t2", "a2", "2026-05-14")]
    asked += [("t3", "a3", "2026-02-13"), ("t4", "stay", "2026-02-12")]
    mention = {"posted_at": "2026-06-01 00:00", "network": "x", "body": "text"}
    shipped = {
        "R0": [("Z", "2025-12-31 00:00")],
        "R1": [("B", "2026-03-05 00:00"), ("A", "2026-03-01 00:00")],
        "R2": [("C", "2026-05-02 14:59")],
        "R3": [("D", "2026-05-02 15:00")],
        "R4": [("E", "2026-07-01 00:00")],
    }
    return {
        "customers": [{"customer_id": who, "signed_up_at": "2025-06-01 00:00"} for who in LEAVERS]
        + [{"customer_id": "stay", "signed_up_at": "2025-06-01 00:00", "industry": "retail", "purpose_of_use": "stock"}],
        "subscriptions": [
            *(
                subscription(who, fee, status="canceled", cancel_requested_at=notice, ended_at=end)
                for who, (notice, end, fee, _, _) in LEAVERS.items()
                if who != "twice"
            ),
            subscription("stay", 7000),
            subscription("twice", 500, status="canceled", ended_at="2025-12-10 00:00"),
            subscription("twice", 1000, subscription_id="twice2", started_at="2026-02-01 00:00", status="canceled")
            | {"cancel_requested_at": NOTICE, "ended_at": "2026-06-01 00:00"},
        ],
        "survey_responses": surveys(),
        "tickets": [
            {"ticket_id": t, "customer_id": who, "created_at": f"{day} 01:00", "solved_at": f"{day} 02:00"} | ticket
            for t, who, day in asked
        ]
        + [
            {"ticket_id": t, "customer_id": "stay", "created_at": at, "subject": "S", "body": body} | ticket | told
            for t, at, body, told in [
                ("h1", "2026-06-01 00:00", "x" * 600, {}),
                ("h2", "2026-01-01 14:59", "out", {}),
                ("h3", "2026-01-01 15:00", "in", {}),
                ("h4", AFTER, "later", {}),
                ("h5", "2026-06-01 00:00", "locked out", {"category": "login"}),
            ]
        ],
        "social_mentions": [
            {"mention_id": "cross", "replied_publicly_at": "2026-06-01 02:30", "resolved_at": "2026-06-03 00:00"} | mention,
            *({"mention_id": name} | mention for name in ("glad", "foreign", "unread", "hint")),
        ],
        "feature_requests": [
            {"request_id": f"{item}{title}", "customer_id": "stay", "roadmap_id": item, "title": title}
            | {"created_at": "2025-11-01 00:00", "shipped_at": at}
            for item, requests in shipped.items()
            for title, at in requests
        ],
    }  # fmt: skip


def signals():
    rows = []

    def read(document, day, signal, value, **more):
        source = document.partition(":")[0]
        row = {"document_id": document, "source": source, "signal": signal, "value": value, "method": "rules"}
        row |= {"lang": "en", "modality": "asserted", "is_chosen": True, "occurred_at": datetime.fromisoformat(day)}
        rows.append(row | more)

    # In public, by day: who complains (c), who praises (p), whom nobody could read (?).
    for day, said in [
        ("2025-12-31", "c"),
        ("2026-02-10", "cccp?"),
        ("2026-03-01", "p"),
        ("2026-03-10", "cpp"),
        ("2026-04-29", "p"),
        ("2026-04-30", "c"),
        ("2026-05-02", "p"),
        ("2026-06-30", "pp?"),
    ]:
        for n, word in enumerate(said):
            kind = {
                "c": ("voc_type", "complaint"),
                "p": ("voc_type", "praise"),
                "?": ("contact_reason", "unsupported_lang"),
            }
            read(f"social:{day}{n}", day, *kind[word])
    read("social:cross", "2026-07-02", "voc_type", "complaint")
    read("social:glad", "2026-07-02", "voc_type", "praise")
    read("social:foreign", "2026-07-02", "contact_reason", "unsupported_lang")
    # Hints: a rule and the examples agree on one text, which has two kinds of hint.
    who = {"customer_id": "stay"}
    read("support:h1", "2026-06-01", "voc_type", "unsolved", method="examples", **who)
    read("support:h1", "2026-06-01", "voc_type", "unsolved", evidence_rule="r1", evidence_term="no way", **who)
    read("support:h1", "2026-06-01", "voc_type", "unexpected_use", evidence_rule="r9", evidence_term="used as", **who)
    read("support:h1", "2026-06-01", "voc_type", "complaint", **who)
    read("support:h1", "2026-06-01", "contact_reason", "billing", **who)
    read("support:h2", "2026-01-01T14:59", "voc_type", "cannot_use", **who)
    read("support:h3", "2026-01-01T15:00", "voc_type", "cannot_use", **who)
    read("support:h4", "2026-06-30T15:00", "voc_type", "cannot_use", **who)
    read("support:h5", "2026-06-01", "voc_type", "cannot_use", **who)
    read("social:hint", "2026-06-30T14:59", "voc_type", "unexpected_use")
    return pa.Table.from_pylist(rows, schema=SIGNALS)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("leavers")
    Home(home).ensure_computed("voc_signal", SIGNALS)
    Home(home).write_computed("voc_signal", AS_OF, signals())
    select = (*(f"+{table}" for table in TABLES), "--exclude-resource-type", "test", "unit_test")
    with build_warehouse(home, company(), *select, as_of=str(AS_OF)) as connection:
        yield connection


def rows(warehouse, query):
    return warehouse.execute(query).fetchall()


def test_leavers_who_answered_are_set_beside_those_who_did_not_and_those_whom_nobody_asked(warehouse):
    """Asked: seven answered, five did not (n4 answers only tomorrow). Who left twice counts once, with its newest fee.
    Answered: 6 x 348 days and 153. Not asked: 3 x 348, 384 and 153. Before October no survey is known: nobody can say."""
    columns = "answer, leavers, share_of_leavers, mrr_lost, mrr_lost_each, tenure_days"
    assert rows(warehouse, f"select {columns} from cancellation_survey order by answer") == [
        ("answered", 7, 7 / 18, 9000, 9000 / 7, 2241 / 7),
        ("no_feed", 1, 1 / 18, 1000, None, None),
        ("not_answered", 5, 5 / 18, 10000, 2000.0, 348.0),
        ("not_asked", 5, 5 / 18, 5000, 1000.0, 316.2),
    ]


def test_the_response_rate_of_surveys_on_leaving_has_its_interval(warehouse):
    """7 of 12 asked; by Wilson with z = 1.2816: (0.5833 + 0.0684 -+ 0.1948) / 1.1369."""
    columns = "response_rate, response_rate_low, response_rate_high"
    [found] = rows(warehouse, f"select distinct {columns} from cancellation_survey")
    assert found == pytest.approx((7 / 12, 0.40194, 0.74466), abs=1e-5)


def test_support_before_leaving_is_a_share_of_those_of_whom_it_is_known(warehouse):
    """Tickets begin in February, so nothing is known of notices of November. Of six that answered three had asked for
    help within 90 days, of five that did not nobody; of those not asked only four are known, too few to show."""
    found = dict(rows(warehouse, "select answer, supported_rate from cancellation_survey"))
    assert found == {"answered": 0.5, "not_answered": 0.0, "not_asked": None, "no_feed": None}


def test_complaints_within_sixty_days_before_and_after_a_release_are_counted(warehouse):
    """R1, 1 March: from 31 December 4 of 5 complain, up to 29 April 1 of 5; what nobody could read counts nowhere.
    R0, 31 December: the first mention is of that day, so before it nothing is known. R2, 2 May: four mentions since.
    R3 came on 3 May, 59 days ago with the day itself, and R4 tomorrow: too lately."""
    columns = (
        "roadmap_id, title, shipped_on, finding, mentions_before, complaints_before, mentions_after, complaints_after"
    )
    assert rows(warehouse, f"select {columns} from fix_effect order by roadmap_id") == [
        ("R0", "Z", date(2025, 12, 31), "no_feed", None, None, 5, 4),
        ("R1", "A", date(2026, 3, 1), "fewer_complaints", 5, 4, 5, 1),
        ("R2", "C", date(2026, 5, 2), "too_few", 5, 2, 4, 0),
    ]


def test_the_change_of_complaints_has_an_interval_that_few_mentions_keep_wide(warehouse):
    """Newcombe: Wilson's ends are 0.51353 and 0.93811 of 4 in 5, and the mirror of 1 in 5.
    -0.6 - sqrt(2) x 0.13811 and -0.6 + sqrt(2) x 0.28647; without a share there is none."""
    columns = "share_before, share_after, change, change_low, change_high"
    found = rows(warehouse, f"select {columns} from fix_effect order by roadmap_id")
    assert found[0] == (None, 0.8, None, None, None)
    assert found[1] == pytest.approx((0.8, 0.2, -0.6, -0.79531, -0.19487), abs=1e-5)
    assert found[2] == (0.4, None, None, None, None)


def test_a_hint_for_new_business_shows_who_says_it_with_the_words_that_a_rule_found(warehouse):
    """Of the two methods that found the same hint the one with words; the window begins on 2 January in Tokyo; a complaint
    is no hint, nor is who can't log in; what cannot be done is about usability; who speaks in public is nobody's
    customer."""
    columns = "document_id, hint, customer_id, contact_reason, theme, industry, purpose_of_use, evidence_rule, evidence_term, mrr, occurred_on"
    who = ("stay", "billing", "pricing", "retail", "stock")
    assert rows(warehouse, f"select {columns} from new_business_hints order by document_id, hint") == [
        ("social:hint", "unexpected_use", None, None, None, None, None, None, None, None, date(2026, 6, 30)),
        ("support:h1", "unexpected_use", *who, "r9", "used as", 7000, date(2026, 6, 1)),
        ("support:h1", "unsolved", *who, "r1", "no way", 7000, date(2026, 6, 1)),
        (
            "support:h3",
            "cannot_use",
            "stay",
            "how_to",
            "usability",
            "retail",
            "stock",
            None,
            None,
            7000,
            date(2026, 1, 2),
        ),
    ]


def test_the_text_of_a_hint_is_cut_to_500_characters(warehouse):
    query = "select text_excerpt from new_business_hints where document_id in ('support:h1', 'support:h3') order by document_id, hint"
    assert rows(warehouse, query) == [("S\n" + "x" * 498,)] * 2 + [("S\nin",)]


def test_a_mention_that_nobody_read_is_no_complaint_and_no_praise_but_unknown(warehouse):
    """Answered in public after two and a half hours, settled after two days; the others never."""
    columns = "mention_id, is_complaint, is_praise, is_replied_publicly, reply_hours, resolution_hours"
    assert rows(warehouse, f"select {columns} from fct_social_mention order by mention_id") == [
        ("cross", True, False, True, 2.5, 48.0),
        ("foreign", None, None, False, None, None),
        ("glad", False, True, False, None, None),
        ("hint", False, False, False, None, None),
        ("unread", None, None, False, None, None),
    ]
