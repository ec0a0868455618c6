"""How tests are shared out to processes, and the page in a real browser, for the tests of an invented company and of a real
run. Chromium and npm are needed: without them tests fail.

`opened` opens the page of the fixture `company`, which each kind of tests has for itself.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from naruki.home import Home
from naruki.project import ROOT
from tests.page.browser import DESK, PHONE, Opened

AXE = "axe-core@4.10.3"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


# The slowest first, so that no process is left alone with them at the end.
ORDER = ("pipeline", "models", "postgres", "page", "unit")
# These read one run of the sample: in one process it is run once.
READERS = ("test_published_contract.py", "test_real_page.py", "test_sample_run.py", "test_value.py")


class ByFile(LoadScopeScheduling):
    """Tests of one file stay in one process, which makes what they share once.

    The groups of pytest-xdist 3.8 don't group under pytest 9.2 (its issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "sample" if Path(file).name in READERS else file


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadScopeScheduling:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(ROOT / "tests").parts[0]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.fail("Chromium is missing: install it with a Japanese font, as .ci/run does.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from the npm registry."""
    folder = tmp_path_factory.mktemp("axe")
    found = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, AXE],
        capture_output=True,
        text=True,
    )
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        pytest.fail(f"{AXE} could not be installed by npm: {found.stderr.strip()}")
    return script.read_text(encoding="utf-8")


@pytest.fixture
def opened(browser: Browser, company: Home) -> Iterator[Opened]:
    """Opens the page; `page.troubles` keeps console messages, errors and requests outside."""
    contexts = []

    def open_page(
        language: str = "en-GB",
        size: dict[str, int] = DESK,
        dark: bool = False,
        address: str = "",
        base: str = "",
        today: str | None = "2026-11-01T09:00:00",
        **options,
    ) -> Page:
        context = browser.new_context(
            viewport=size, locale=language, color_scheme="dark" if dark else "light", has_touch=size is PHONE, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda message: page.troubles.append(message.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("dialog", lambda dialog: page.troubles.append(f"dialog {dialog.message}") or dialog.dismiss())
        page.set_default_timeout(15_000)
        if today:  # The day after the data end, so that they are not old.
            page.clock.set_fixed_time(today)
        base = base or f"{(company.current.resolve() / 'page').as_uri()}/"
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((base, "data:", "blob:")) else page.troubles.append(request.url)
            ),
        )
        page.goto(f"{base}index.html{address}")
        page.wait_for_selector("html[data-ready=yes]")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots are kept for people to look at."""
    folder = Path(os.environ.get("NARUKI_SCREENSHOTS", ROOT / "target" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
