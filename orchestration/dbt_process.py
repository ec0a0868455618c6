"""dbt in a process of its own, always with the same project, folders and environment."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from naruki.home import Home
from naruki.project import ROOT

# The one installed beside this Python, whether or not its folder is on the PATH.
DBT = str(Path(sys.executable).with_name("dbt"))


def dbt_environment(home: Home) -> dict[str, str]:
    """What profiles and macros read; another value would make dbt read the whole project anew."""
    return {"NARUKI_HOME": str(home.root), "NARUKI_SALT": home.salt(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}


def call_dbt(
    home: Home, arguments: Sequence[str], *, capture: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run dbt on the warehouse of a home; `environment` adds variables, `capture` keeps its output for the caller."""
    folders = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "dbt_project")]
    folders += ["--target-path", str(home.target), "--log-path", str(home.logs)]
    return subprocess.run(
        [DBT, *arguments, *folders],
        cwd=ROOT,
        env=os.environ | dbt_environment(home) | environment,
        capture_output=capture,
        text=True,
        check=False,
    )
