"""dbt for analysts: the same project, home and day as a run uses."""

import os
import subprocess
import sys
from datetime import date

from naruki.calendar import newest_complete_day
from naruki.home import Home
from naruki.policy import read_setting
from naruki.project import ROOT


def run_dbt(home: Home, arguments: list[str], as_of: date | None) -> int:
    """Run dbt with this home's warehouse; returns its exit code."""
    home.prepare()
    if as_of is None:
        with home.connect() as connection:
            as_of = newest_complete_day(connection, read_setting("business_time_zone"))
    command = [os.path.join(os.path.dirname(sys.executable), "dbt"), *arguments]
    command += ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "dbt_project")]
    command += ["--target-path", str(home.target), "--log-path", str(home.logs)]
    environment = os.environ | {
        "NARUKI_HOME": str(home.root),
        "NARUKI_SALT": home.salt(),
        "NARUKI_AS_OF": str(as_of),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
