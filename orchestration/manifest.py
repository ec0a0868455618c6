"""dbt's manifest, parsed anew only when models, macros or seeds have changed."""

import os
import subprocess
import sys
from pathlib import Path

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.project import ROOT, sql_version


def ensure_manifest(home: Home) -> Path:
    """Path of a manifest that fits the SQL as it stands."""
    home.prepare()
    manifest, stamp = home.target / "manifest.json", home.target / "sql_version"
    version = sql_version()
    if manifest.exists() and stamp.exists() and stamp.read_text() == version:
        return manifest
    command = [Path(sys.executable).with_name("dbt"), "--no-use-colors", "--quiet", "parse"]
    command += [
        "--project-dir",
        ROOT,
        "--profiles-dir",
        ROOT / "dbt_project",
        "--target-path",
        home.target,
        "--log-path",
        home.logs,
    ]
    environment = os.environ | {"NARUKI_HOME": str(home.root), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NarukiError(f"The SQL project can't be read; dbt says: {(done.stdout + done.stderr).strip()[-1500:]}")
    stamp.write_text(version)
    return manifest
