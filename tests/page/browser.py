"""What tests of the page share: sizes of windows, and how a reader looks through it."""

from collections.abc import Callable

from playwright.sync_api import Page

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
Opened = Callable[..., Page]


def draw_all(page: Page) -> None:
    """Scroll through, as a reader does, until every chart is drawn."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        page.wait_for_selector(f"#{chart.get_attribute('id')}[data-drawn=yes]", timeout=15_000)
    page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")
