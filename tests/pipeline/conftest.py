"""Whole runs, as a user starts them: the command in a process of its own, on a home of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

REPO = Path(__file__).resolve().parents[2]
RAVENSTACK = Path(os.environ.get("NARUKI_RAVENSTACK", REPO.parent / "shared" / "data" / "ravenstack"))


@dataclass(frozen=True)
class Deployment:
    """A home and the sources it was run on."""

    sources: Path
    home: Path

    @property
    def current(self) -> Path:
        return self.home / "published" / "current"

    def run(self, *options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return naruki(
            "run", "--sources", str(self.sources), "--home", str(self.home), *options, environment=environment
        )

    def published(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.current / "published.duckdb"), read_only=True)

    def rows(self, query: str) -> list[tuple]:
        with self.published() as connection:
            return connection.execute(query).fetchall()

    def value(self, query: str):
        return self.rows(query)[0][0]


def naruki(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command as it is installed beside this Python; never a traceback on the way out."""
    command = [sys.executable, "-c", "from naruki.cli import main; main()", *arguments]
    done = subprocess.run(
        command, cwd=REPO, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def must_succeed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Deployment:
    """The smallest sample company, run once. Tests read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("sample")
    must_succeed(naruki("sample", "--scale", "xs", "--out", str(folder / "sources")))
    deployment = Deployment(folder / "sources", folder / "home")
    must_succeed(deployment.run())
    return deployment


@pytest.fixture(scope="session")
def ravenstack(tmp_path_factory) -> Deployment:
    """A foreign company's files, mapped by examples/ravenstack/sources.yml."""
    if not (RAVENSTACK / "accounts.csv").exists():
        pytest.skip(
            f"RavenStack is foreign input beside the project and is not at {RAVENSTACK}; set NARUKI_RAVENSTACK to test on it."
        )
    deployment = Deployment(REPO / "examples" / "ravenstack" / "sources.yml", tmp_path_factory.mktemp("ravenstack"))
    must_succeed(deployment.run(environment={"NARUKI_RAVENSTACK": str(RAVENSTACK)}))
    return deployment
