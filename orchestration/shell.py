"""dbt for analysts: the same project, home and day as a run uses."""

import shutil
from datetime import date
from pathlib import Path

from naruki.calendar import newest_complete_day
from naruki.errors import NarukiError
from naruki.home import Home
from naruki.policy import read_setting
from orchestration.dbt_process import call_dbt


def run_dbt(home: Home, arguments: list[str], as_of: date | None) -> int:
    """Run dbt with this home's warehouse; returns its exit code."""
    home.prepare()
    if as_of is None:
        with home.connect() as connection:
            as_of = newest_complete_day(connection, read_setting("business_time_zone"))
    return call_dbt(home, arguments, NARUKI_AS_OF=str(as_of)).returncode


def build_docs(home: Home) -> Path:
    """dbt's own documentation of models, tests, metrics and lineage as one file that needs no server."""
    if not home.warehouse.exists():
        raise NarukiError(
            f"There is no warehouse in {home.root} yet: run `naruki run --sources … --home {home.root}` first."
        )
    if run_dbt(home, ["--quiet", "docs", "generate", "--static"], None):
        raise NarukiError(f"dbt could not write its documentation; what it says is in {home.logs}/dbt.log.")
    page = home.root / "docs" / "index.html"
    page.parent.mkdir(exist_ok=True)
    shutil.copyfile(home.target / "static_index.html", page)
    return page
