"""The page of a real run in a real browser: no trouble, complete in both languages, and the same numbers as the tables."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from naruki.home import Home
from tests.page.browser import DESK, PHONE, Opened, draw_all
from tests.pipeline.conftest import Deployment

SECTIONS = ("week", "actions", "matrix", "capacity", "moves", "reasons", "voice", "churn")


@pytest.fixture(scope="session")
def company(sample: Deployment) -> Home:
    """What `opened` opens: the home of the sample run."""
    return Home(sample.home)


@pytest.mark.parametrize("language", ["en-GB", "ja-JP"])
@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)])
def test_the_page_draws_without_trouble_and_is_open_to_everybody(
    opened: Opened, axe: str, pictures: Path, language, size, dark
):
    page = opened(language, size, dark)
    draw_all(page)
    page.evaluate(f"{axe}; 0")
    found = page.evaluate("axe.run(document, { preload: false, resultTypes: ['violations'] })")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.troubles == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    name = f"run-{language[:2]}-{'desk' if size is DESK else 'phone'}-{'dark' if dark else 'light'}"
    page.screenshot(path=pictures / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["en-GB", "ja-JP"])
def test_every_section_says_something_and_no_word_is_left_unfilled(opened: Opened, language: str):
    page = opened(language)
    for section in SECTIONS:
        words = page.locator(f"#{section} .body").inner_text()
        assert len(words) > 15, section
        assert not re.search(r"undefined|NaN|\bnull\b|\{\w*\}|\[\[|Infinity", words), section
        assert not re.search(r"\b(headline|col|title|state|question)_\w+", words), section


def answers(page: Page) -> list[str]:
    return page.locator(".answers li p").all_inner_texts()


def test_the_six_answers_are_the_numbers_of_the_tables(opened: Opened, sample: Deployment):
    told = answers(opened())
    due = "action_queue_current where coalesce(status, '') <> 'resolved'"
    listed, below = sample.rows(
        f"select count(*) filter (where not below_line), count(*) filter (where below_line) from {due}"
    )[0]
    assert f"{listed:,} actions" in told[0] or listed == 0
    assert f"{below:,} more" in told[0] or below == 0 or listed == 0
    short = sample.value("""
        select sum(unserved_hours) from tier_capacity_current
        where week_start_date = (select min(week_start_date) from tier_capacity_current)
    """)
    assert told[1].startswith("None" if short < 0.05 else f"{short:,.{0 if short >= 10 else 1}f} hours")
    silent = sample.value("select count(*) from mart_customer_voice_current where is_silent and is_paying")
    assert told[4].startswith(f"{silent:,} paying customers" if silent else "Nobody")


def test_lists_hold_as_many_rows_as_the_tables(opened: Opened, sample: Deployment):
    page = opened()
    for listing, query in {
        "#actions": "select count(*) from action_queue_current where coalesce(status, '') <> 'resolved'",
        "#voice": "select count(*) from mart_customer_voice_current where is_silent",
    }.items():
        rows = sample.value(query)
        if rows > 10:
            assert page.locator(f"{listing} .count").first.inner_text().endswith(f"of {rows:,}")


def test_the_most_urgent_customers_have_cards_that_tell_why(opened: Opened, sample: Deployment):
    urgent = sample.rows(
        "select customer_id, tier_label_en from customer_segments_current join customer_tiers_current using (customer_id) order by priority_rank limit 5"
    )
    page = opened()
    for customer, tier in urgent:
        page.evaluate(f"location.hash = '#actions?customer={customer}'")
        page.wait_for_selector(f"dialog[open] .tags:has-text('{customer}')")
        words = page.locator("dialog").inner_text()
        assert tier in words
        assert "Why this tier" in words
        assert page.locator("dialog .pair li").count() > 0, customer
        page.keyboard.press("Escape")
    assert page.troubles == []
