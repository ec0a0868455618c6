"""Where the project's own files stand: models, seeds, expectations."""

import hashlib
import os
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(os.environ.get("NARUKI_PROJECT", Path(__file__).resolve().parents[1]))
SEEDS = ROOT / "seeds"
EXPECTATIONS = ROOT / "expectations"
CONFIGURED_BY = ("dbt_project.yml", "dbt_project", "models", "seeds")


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents of files and of all files in folders, in a stable order."""
    files = sorted(
        {file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()}
    )
    total = hashlib.sha256()
    for file in files:
        total.update(str(file.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def sql_version() -> str:
    """Version of everything that analysts edit: models, macros and seeds."""
    return digest(ROOT / name for name in CONFIGURED_BY)


def facts_version() -> str:
    """Version of the SQL of all that is built before the marts; rows that another version built must not stay beside new ones."""
    layers = [ROOT / "models" / layer for layer in ("staging", "intermediate", "facts")]
    return digest([ROOT / "dbt_project.yml", ROOT / "dbt_project" / "macros", *layers])


def policy_version() -> str:
    """Short version of the policy: the contents of all seeds."""
    return digest([SEEDS])[:12]


def code_version() -> str:
    """Version of the package and of the SQL, as it stands beside every decision."""
    return f"{version('naruki')}+{sql_version()[:12]}"
