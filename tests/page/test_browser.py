"""What a reader meets: the page in Chromium, from the disk and behind a web server."""

import csv
import io
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from naruki.home import Home
from tests.page.browser import DESK, PHONE, Opened, draw_all
from tests.page.company import CUSTOMERS, HOSTILE

SECTIONS = ["week", "actions", "matrix", "capacity", "moves", "reasons", "voice", "churn"]
LOOKS = [("en-GB", DESK, False), ("ja-JP", DESK, True), ("ja-JP", PHONE, False), ("en-GB", PHONE, True)]


def asked(home: Home, query: str) -> list[tuple]:
    with duckdb.connect(str(home.current.resolve() / "published.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(("language", "size", "dark"), LOOKS)
def test_page_is_whole_quiet_and_fits(opened: Opened, pictures: Path, language: str, size: dict, dark: bool):
    page = opened(language, size, dark)
    draw_all(page)
    assert [section.get_attribute("id") for section in page.locator("main > section").all()] == SECTIONS
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.locator(".chart").count() == 7 - 1
    page.screenshot(path=pictures / f"{language[:2]}-{size['width']}-{'dark' if dark else 'light'}.png", full_page=True)
    assert page.troubles == []


@pytest.mark.parametrize("dark", [False, True])
def test_nobody_is_kept_out(opened: Opened, axe: str, dark: bool):
    page = opened("ja-JP" if dark else "en-GB", dark=dark, bypass_csp=True)
    draw_all(page)
    page.evaluate(axe)
    find = "axe.run().then(found => found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html)}`))"
    assert page.evaluate(find) == []
    page.click("#actions a.customer >> nth=15")
    page.wait_for_selector("dialog[open] .timeline, dialog[open] .facts")
    assert page.evaluate(find) == []


@pytest.mark.parametrize("language", ["en-GB", "ja-JP"])
def test_every_text_has_words_in_the_language(opened: Opened, language: str):
    page = opened(language, size=PHONE)
    draw_all(page)
    page.click("#actions a.customer >> nth=1")
    page.wait_for_selector("dialog[open] .timeline")
    shown = page.locator("body").inner_text()
    keys = page.evaluate("Object.keys(Naruki.data.texts)")
    assert [key for key in keys if "_" in key and key in shown.split()] == []
    for word in ("undefined", "NaN", "[object", "null"):
        assert word not in shown
    assert ("今週の要点" in shown) == (language == "ja-JP")
    assert page.evaluate("document.documentElement.lang") == language[:2]


def test_language_and_theme_are_switched_and_remembered(opened: Opened):
    page = opened("en-GB")
    page.click("#language")
    page.click("#theme")
    page.wait_for_selector("html[lang=ja][data-theme=dark][data-ready=yes]")
    page.reload()
    page.wait_for_selector("html[lang=ja][data-theme=dark][data-ready=yes]")
    assert page.locator("#week-title").inner_text() == "今週の要点"


def test_search_finds_what_sql_finds(opened: Opened, company: Home):
    page = opened()
    page.fill("input[name='actions.search']", "WORKS 01")
    words = "concat_ws(' ', name, customer_id, owner, reason_en, reason_ja, action_label_en, action_label_ja)"
    ((expected,),) = asked(
        company, f"select count(*) from action_queue_current where {words} ilike '%works%' and {words} ilike '%01%'"
    )
    assert page.locator("#actions .count").inner_text() == f"1–{min(expected, 20)} of {expected}"
    assert 0 < expected < CUSTOMERS


def test_filters_and_order_follow_the_link(opened: Opened, company: Home):
    page = opened()
    page.select_option("select[name='actions.tier']", "tech")
    page.select_option("select[name='actions.owner']", "Ren")
    page.click("#actions thead button:has-text('At stake')")
    shown = page.locator("#actions tbody").inner_text()
    query = "from action_queue_current where tier = 'tech' and owner = 'Ren' order by value_at_stake_high"
    names = [name for (name,) in asked(company, f"select name {query} limit 20")]
    assert page.locator("#actions a.customer").all_inner_texts() == names
    shared = opened(address=page.evaluate("location.hash"))
    assert shared.locator("#actions tbody").inner_text() == shown


def test_pages_show_every_row_once(opened: Opened):
    page = opened()
    seen = []
    for number in range(CUSTOMERS // 20):
        seen += page.locator("#actions td[data-column=rank]").all_inner_texts()
        if number < CUSTOMERS // 20 - 1:
            page.click("#actions .pages button:has-text('Next')")
    assert seen == [str(number + 1) for number in range(CUSTOMERS)]


def test_line_stands_where_the_hours_end(opened: Opened):
    page = opened(address="#actions?actions.page=4")
    rows = page.locator("#actions tbody tr").all()
    assert [number for number, row in enumerate(rows) if row.get_attribute("class") == "cut"] == [10]
    assert page.locator("#actions tr.below").count() == 10


def test_download_is_complete_and_starts_no_formula(opened: Opened, company: Home):
    page = opened()
    with page.expect_download() as started:
        page.click("#actions .download")
    text = Path(started.value.path()).read_text(encoding="utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert {row["Customer id"] for row in rows} == {
        row[0] for row in asked(company, "select customer_id from action_queue_current")
    }
    assert [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")] == []
    assert rows[5]["Customer"] == f"'{HOSTILE[5]}"
    assert float(rows[0]["At stake (high)"]) == 90_000


def test_hostile_names_are_only_names(opened: Opened):
    page = opened(address="#actions")
    assert page.locator("#actions a.customer").all_inner_texts()[:3] == list(HOSTILE[:3])
    for number in range(len(HOSTILE)):
        page.locator("#actions a.customer").nth(number).click()
        page.wait_for_selector("dialog[open] .facts")
        assert page.locator("#card-title").inner_text().split() == HOSTILE[number].replace("\u2028", " ").split()
        page.keyboard.press("Escape")
    assert page.evaluate("window.broken") is None
    assert page.locator("img, svg:not(.trend, .main-svg, .icon)").count() == 0
    assert page.troubles == []


def test_card_opens_by_its_link_and_tells_why(opened: Opened, pictures: Path):
    page = opened("ja-JP", address="#actions?customer=C0001")
    page.wait_for_selector("dialog[open] .timeline")
    words = page.locator("dialog").inner_text()
    for expected in (
        "価値が高い",
        "価値が下がる",
        "様子うかがい",
        "Answer within a day",
        "訪問（実施）",
        "満足度（CSAT）：悪い",
        "増額（月5,000円）",
    ):
        assert expected in words
    page.screenshot(path=pictures / "card.png")
    page.click("dialog header button")
    page.wait_for_url(lambda url: "customer" not in url)


def test_card_keeps_the_newest_twenty_events(opened: Opened):
    page = opened(address="#actions?customer=C0000")
    page.wait_for_selector("dialog[open] .timeline")
    days = [time.get_attribute("datetime") for time in page.locator(".timeline time").all()]
    assert len(days) == 20
    assert days == sorted(days, reverse=True)
    assert days[0] == "2026-10-31"


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_link_to_a_section_shows_its_heading(opened: Opened, size: dict):
    page = opened(size=size, address="#voice")
    page.wait_for_load_state("load")
    draw_all(page)
    page.reload()
    page.wait_for_selector("#themes-chart[data-drawn=yes]")
    covered = page.evaluate("document.getElementById('contents').getBoundingClientRect().bottom")
    assert (
        covered
        <= page.evaluate("document.getElementById('voice-title').getBoundingClientRect().top")
        <= size["height"] / 2
    )


def test_a_card_closed_in_haste_leaves_the_next_one_asked_for(opened: Opened):
    page = opened(address="#actions?customer=C0001")
    page.wait_for_selector("dialog[open] .tags:has-text('C0001')")
    page.evaluate("document.querySelector('dialog').close(); location.hash = '#actions?customer=C0002'")
    page.wait_for_selector("dialog[open] .tags:has-text('C0002')")
    assert page.evaluate("location.hash").endswith("customer=C0002")
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: url.endswith("#actions"))


def test_customer_without_a_card_is_told_so(opened: Opened):
    page = opened(address="#actions?customer=nobody%3Cb%3E")
    page.wait_for_selector("dialog[open]")
    assert "naruki why nobody<b>" in page.locator("dialog").inner_text()


def test_six_answers_tell_the_numbers_of_the_tables(opened: Opened):
    page = opened()
    answers = page.locator(".answers li p").all_inner_texts()
    assert "enough for 90 actions for 90 customers (45 h); 30 more (15 h) have to wait" in answers[0]
    assert answers[1].startswith("12 hours this week for the service that the tiers promise")
    assert "Besides, actions that take 15 hours have to wait" in answers[1]
    assert answers[2].startswith("¥4.3 thousand for one more hour a week in the team Customer success managers")
    assert "has ¥910 of customer value at stake per hour of the team Customer success managers" in answers[2]
    assert answers[3].startswith("Defect: 25 of 30 complaints")
    assert answers[4].startswith("60 paying customers")
    assert (
        "3 customers move up and 1 down; the most frequent cause: The customer changed. 0 more wait for a person's approval, 0 are held by a rule"
        in answers[5]
    )


def test_reader_is_warned_of_old_data_failed_checks_and_missing_feeds(opened: Opened, browser, company: Home):
    page = opened()
    banner = page.locator("#banner").inner_text()
    assert "1 checks failed (fct_ticket)" in banner
    assert "Not delivered: social_mentions" in banner
    assert "days old" not in banner
    page.clock.set_fixed_time("2026-11-11T09:00:00")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    assert "These data are 10 days old" in page.locator("#banner").inner_text()


def test_reasons_of_few_customers_are_put_together(opened: Opened):
    page = opened()
    page.click("#churn summary")
    page.wait_for_selector("#churn figure tbody tr")
    rows = page.locator("#churn figure tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [["Price", "6"], ["Others, few customers each", "4"]]


def test_page_prints_without_its_controls(opened: Opened):
    page = opened()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#actions .tools").is_visible()
    assert page.locator("#actions tbody tr").first.is_visible()


def test_page_works_behind_a_web_server(opened: Opened, company: Home):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=company.current.resolve() / "page")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = opened(base=f"http://127.0.0.1:{server.server_port}/", address="#actions?customer=C0001")
        page.wait_for_selector("dialog[open] .timeline")
        draw_all(page)
        assert page.troubles == []
        server.shutdown()


def test_list_is_usable_and_first_chart_drawn_in_time(opened: Opened):
    """The budget at desk: first chart 1.5 s, list usable 2.5 s. The chart counts the page's own time on the processor,
    because other work on the machine makes the clock on the wall tell nothing; the best of three."""
    chart, listed = [], []
    for _ in range(3):
        page = opened(today=None)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(page.url.split("#")[0] + "#matrix")
        page.reload()
        page.wait_for_selector("#density-chart[data-drawn=yes]")
        measured = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        chart.append(measured["TaskDuration"])
        listed.append(page.evaluate("performance.getEntriesByName('actions_shown')[0].startTime"))
    assert min(chart) <= 1.0
    assert min(listed) <= 2500


def test_associations_and_measured_effects_are_shown_as_ranges_and_called_so(opened: Opened):
    page = opened()
    said = (
        page.locator("#churn .listing:has(caption:text('Themes of those who left')) tbody tr")
        .inner_text()
        .replace("\xa0", " ")
        .split("\t")
    )
    assert said[:2] == ["Ease of use Common", "30%"]
    assert "1.5 – 2.5" in said
    assert said[-2:] == ["Product", "Guide first steps"]
    assert "Associations, not causes" in page.locator("#churn").inner_text()
    assert "400 articles were sent before customers asked" in page.locator("#reasons").inner_text()
    pushed = (
        page.locator("#reasons .listing:has(caption:text('Contacts spared')) tbody tr")
        .inner_text()
        .replace("\xa0", " ")
        .split("\t")
    )
    assert pushed[3:] == ["-2 – 3", "-2 h – 3 h", "Not shown"]
    measured = page.locator("#capacity .listing:has(caption:text('Effect of experiments')) tbody tr").all_inner_texts()
    assert [row.split("\t")[3] for row in measured] == ["–", "1.0%\xa0–\xa05.0%"]
