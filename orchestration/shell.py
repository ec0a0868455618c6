"""dbt for analysts: the same project, home and day as a run uses."""

from datetime import date

from naruki.calendar import newest_complete_day
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
