"""What is told once, to whom, and what never stands in a message."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from naruki.alerts.messages import Speech, news
from naruki.alerts.telling import Teller, by_apprise, digest_is_due
from naruki.doctor import outlets
from naruki.settings import Settings

SUNDAY, MONDAY = date(2026, 11, 1), date(2026, 11, 2)
PAGE = "https://bi.example/naruki/index.html"
Inbox = list[tuple[str, str, str]]


def company(
    day: date, severe: tuple[str, ...] = (), alarm: bool = False, failed: tuple[str, ...] = ()
) -> duckdb.DuckDBPyConnection:
    """The tables that alerts read. Three customers pay; `severe` of them speak of leaving."""
    connection = duckdb.connect()
    connection.execute(f"""
        create schema policy;
        create table policy.cfg_tier_setting as select * from (values ('fast_lane_renewal_p', '0.35'), ('fast_lane_churn_intent', '0.80'), ('other', 'x')) t(setting, value);
        create table customer_tiers as select date '{day}' as as_of_date, 'C' || i as customer_id, 'Low' as tier_label_en, '低' as tier_label_ja from range(1, 4) t(i);
        create table customer_segments as select date '{day}' as as_of_date, 'C' || i as customer_id, 'Tree' as quadrant_label_en, '木' as quadrant_label_ja, 4 - i as priority_rank from range(1, 4) t(i);
        create table mart_customer_facts as select date '{day}' as as_of_date, 'C' || i as customer_id, 'Taro Secret' as name, 'Hanako Owner' as owner, i < 4 as is_paying,
            0.9 as renewal_p, case when list_contains({list(severe)!r}::varchar[], 'C' || i) then 0.8 else 0.79 end as churn_intent from range(1, 5) t(i);
        create table failure_modes as select date '{day}' as as_of_date, 1 as mode, 'over_serving' as code, 'Over-serving' as label_en, '過剰対応' as label_ja, 'Cost rises' as meaning_en, '費用が上がる' as meaning_ja, '{"alarm" if alarm else "warning"}' as status;
        create table data_quality as select date '{day}' as as_of_date, 'fct_ticket' as table_name, unnest({list(failed)!r}::varchar[]) as check_name, 'failed' as status, 'taro@example.com' as evidence;
    """)
    return connection


@pytest.fixture
def inbox() -> Inbox:
    return []


@pytest.fixture
def teller(tmp_path: Path, inbox: Inbox) -> Callable[..., Teller]:
    def make(channels: dict[str, list[str]] | None = None, taken: bool = True, **speech) -> Teller:
        def deliver(*message: str) -> bool:
            if taken:
                inbox.append(message)
            return taken

        return Teller(
            channels or {"risks": ["r"], "failures": ["f"]}, Speech(PAGE, **speech), tmp_path / "told.json", deliver
        )

    return make


def test_a_customer_entering_severe_risk_is_told_once_with_a_link_to_its_card(teller, inbox):
    for _ in range(2):
        teller().tell_day(company(SUNDAY, severe=("C1", "C3")), None, SUNDAY)
    ((address, title, body),) = inbox
    assert address == "r"
    assert title == "Naruki: 2 customers at severe risk of leaving · Naruki：離反の危険が大きい顧客2社"
    lines = body.splitlines()
    assert lines[1:3] == ["- C3 (Tree, Low): speaks of leaving", f"{PAGE}#actions?customer=C3"]
    assert lines[3:5] == ["- C1 (Tree, Low): speaks of leaving", f"{PAGE}#actions?customer=C1"]
    assert "・C3（木、低）：解約に言及している" in lines


def test_a_customer_who_left_the_risk_and_comes_back_is_told_again(teller, inbox):
    for severe in (("C1",), ("C1", "C2"), (), ("C1",)):
        teller().tell_day(company(SUNDAY, severe=severe), None, SUNDAY)
    assert [[word for word in ("C1", "C2", "C3") if f"- {word} " in body] for _, _, body in inbox] == [
        ["C1"],
        ["C2"],
        ["C1"],
    ]


def test_customers_who_no_longer_pay_are_at_no_risk(teller, inbox):
    teller().tell_day(company(SUNDAY, severe=("C4",)), None, SUNDAY)
    assert inbox == []


def test_a_failure_mode_is_told_when_it_turns_red_and_a_check_when_it_fails(teller, inbox):
    for alarm, failed in ((False, ()), (True, ("unique",)), (True, ("unique", "filled"))):
        teller().tell_day(company(SUNDAY, alarm=alarm, failed=failed), None, SUNDAY)
    assert [(address, body.splitlines()[1]) for address, _, body in inbox] == [
        ("r", "- Over-serving. Cost rises"),
        ("f", "- fct_ticket.unique"),
        ("f", "- fct_ticket.filled"),
    ]


def test_no_message_holds_a_name_or_what_a_check_found(teller, inbox):
    teller().tell_day(company(SUNDAY, severe=("C1", "C2"), alarm=True, failed=("unique",)), None, SUNDAY)
    assert len(inbox) == 3
    assert not any(word in " ".join(message) for message in inbox for word in ("Taro", "Hanako", "@example"))


def test_what_was_not_delivered_is_told_with_the_next_run(teller, inbox):
    company_now = company(SUNDAY, severe=("C1",))
    assert len(teller(taken=False).tell_day(company_now, None, SUNDAY).refused) == 1
    assert teller().tell_day(company_now, None, SUNDAY).sent != []
    assert len(inbox) == 1


def test_every_address_is_told_for_itself(teller, inbox):
    teller({"risks": ["a"]}).tell_day(company(SUNDAY, severe=("C1",)), None, SUNDAY)
    teller({"risks": ["a", "b"]}).tell_day(company(SUNDAY, severe=("C1",)), None, SUNDAY)
    assert [address for address, *_ in inbox] == ["a", "b"]


def test_a_day_that_was_decided_anew_later_on_tells_nothing(teller, inbox):
    newer = company(MONDAY, severe=("C1",))
    teller().tell_day(newer, None, SUNDAY)
    assert inbox == []


def test_a_failed_run_is_told_once_however_many_steps_failed(teller, inbox):
    for step in ("build_facts", "check_facts"):
        teller().tell_failure("0123456789", step, [], Path("/srv/naruki"))
    teller().tell_failure("9876543210", "check_tiers", ["customer_tiers.expectations"], Path("/srv/naruki"))
    assert [title for _, title, _ in inbox] == ["Naruki: the run failed · Naruki：実行に失敗しました"] * 2
    assert "stopped at the step build_facts" in inbox[0][2]
    assert "because checks failed: customer_tiers.expectations" in inbox[1][2]


def test_the_digest_comes_on_monday_and_later_only_where_monday_was_missed():
    assert digest_is_due(SUNDAY, frozenset())
    assert not digest_is_due(MONDAY, frozenset())
    assert not digest_is_due(SUNDAY, frozenset({"digest/2026-W45"}))
    assert digest_is_due(MONDAY, frozenset({"digest/2026-W44"}))
    assert not digest_is_due(MONDAY, frozenset({"digest/2026-W45"}))


def test_a_long_list_is_cut_and_says_so():
    found = [
        {
            "code": f"C{n}",
            "quadrant_label_en": "T",
            "tier_label_en": "L",
            "quadrant_label_ja": "木",
            "tier_label_ja": "低",
            "speaks_of_leaving": True,
            "is_unlikely_to_renew": None,
        }
        for n in range(5)
    ]
    (message,) = news(Speech(PAGE, ["en"], longest_list=3), "severe_risk", found, frozenset({"severe_risk/C0"}))
    assert message.body.count(PAGE) == 3
    assert message.body.endswith("… and 1 more on the page.")
    assert len(message.keys) == 4


def test_one_language_is_enough_where_only_one_is_wanted(teller, inbox):
    teller(languages=["ja"]).tell_day(company(SUNDAY, severe=("C1",)), None, SUNDAY)
    assert inbox[0][1] == "Naruki：離反の危険が大きい顧客1社"
    assert "speaks" not in inbox[0][2]


def test_addresses_never_stand_in_the_memory(teller, tmp_path):
    teller({"risks": ["https://token@example.invalid"]}).tell_day(company(SUNDAY, severe=("C1",)), None, SUNDAY)
    assert "token" not in (tmp_path / "told.json").read_text(encoding="utf-8")


def test_an_address_that_can_not_be_read_is_not_taken_and_not_repeated(caplog):
    assert not by_apprise("nonsense://secret", "t", "b")
    assert not by_apprise("json://127.0.0.1:1/secret", "t", "b")
    assert "secret" not in caplog.text


def test_doctor_tells_which_address_can_not_be_read_without_repeating_it(monkeypatch):
    monkeypatch.setenv("NARUKI_NOTIFY", "json://host/secret nonsense://secret")
    found = [(one.level, one.message) for one in outlets()]
    assert ("ok", "Address 1 for risks can be read") in found
    assert ("error", "Address 2 for digest can't be read: write it as apprise does (NARUKI_NOTIFY…).") in found
    assert not any("secret" in message for _, message in found)


def test_a_channel_with_its_own_addresses_does_not_get_those_of_all(monkeypatch):
    monkeypatch.setenv("NARUKI_NOTIFY", "json://all")
    monkeypatch.setenv("NARUKI_NOTIFY_DIGEST", "json://one json://two")
    channels = {"failures": ["json://all"], "risks": ["json://all"], "digest": ["json://one", "json://two"]}
    assert Settings().channels() == channels
    assert "json" not in repr(Settings())
