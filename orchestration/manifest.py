"""dbt's manifest, parsed anew only when models, macros or seeds have changed."""

from pathlib import Path

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.project import sql_version
from orchestration.dbt_process import call_dbt


def ensure_manifest(home: Home) -> Path:
    """Path of a manifest that fits the SQL as it stands."""
    home.prepare()
    manifest, stamp = home.target / "manifest.json", home.target / "sql_version"
    version = sql_version()
    if manifest.exists() and stamp.exists() and stamp.read_text() == version:
        return manifest
    done = call_dbt(home, ["--no-use-colors", "--quiet", "parse"], capture=True)
    if done.returncode:
        raise NarukiError(f"The SQL project can't be read; dbt says: {(done.stdout + done.stderr).strip()[-1500:]}")
    stamp.write_text(version)
    return manifest
