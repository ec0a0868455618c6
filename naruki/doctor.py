"""`naruki doctor`: what would go wrong, before it does."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.policy import read_rows, read_settings
from naruki.project import ROOT
from naruki.settings import Settings
from naruki.sources.check import Finding, check_sources

NEEDED = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pandas")
FREE_GIB = 2


def examine(home: Home, sources: Path | None) -> list[Finding]:
    """Look at the machine, the configuration, the outlets and the sources."""
    return [*machine(home), *configuration(), *outlets(), *source_files(sources)]


def machine(home: Home) -> Iterator[Finding]:
    python = platform.python_version()
    fits = sys.version_info[:2] == (3, 11)
    yield Finding(
        "ok" if fits else "error", f"Python {python}" + ("" if fits else ": the pins resolve for 3.11, install that.")
    )
    for name in NEEDED:
        try:
            yield Finding("ok", f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding("error", f"{name} is not installed: run `make install`.")
    try:
        home.prepare()
    except NarukiError as error:
        yield Finding("error", str(error))
        return
    free = shutil.disk_usage(home.root).free / 2**30
    yield Finding(
        "ok" if free >= FREE_GIB else "warning", f"{free:.0f} GiB free at {home.root}; a run wants at least {FREE_GIB}."
    )
    if not os.environ.get("NARUKI_SALT"):
        yield Finding(
            "warning",
            f"NARUKI_SALT is not set: e-mail addresses are hashed with the salt kept in {home.root / '.salt'}; keep that file.",
        )


def configuration() -> Iterator[Finding]:
    try:
        from naruki.tiering.policy import load_policy

        yield Finding(
            "ok",
            f"{len(read_settings())} settings and {len(list((ROOT / 'seeds').glob('cfg_*.csv')))} policy files in seeds/",
        )
        load_policy(ROOT / "seeds")
        yield Finding("ok", "The policy for segments and tiers can be read")
        read_rows("cfg_voc_rule")
    except NarukiError as error:
        yield Finding("error", str(error))


def outlets() -> Iterator[Finding]:
    """Where publications and messages go besides the disk; addresses hold secrets, so none is repeated."""
    from naruki.alerts.telling import can_be_read
    from naruki.publishing.postgres import can_publish

    settings = Settings()
    if settings.publish_postgres_url:
        try:
            can_publish(settings.publish_postgres_url.get_secret_value())
            yield Finding("ok", "The Postgres of NARUKI_PUBLISH_POSTGRES_URL takes publications")
        except NarukiError as error:
            yield Finding("error", str(error))
    for channel, addresses in settings.channels().items():
        for number, address in enumerate(addresses, start=1):
            if can_be_read(address):
                yield Finding("ok", f"Address {number} for {channel} can be read")
            else:
                yield Finding(
                    "error", f"Address {number} for {channel} can't be read: write it as apprise does (NARUKI_NOTIFY…)."
                )


def source_files(sources: Path | None) -> Iterator[Finding]:
    if sources is None:
        yield Finding(
            "warning", "No sources are named: add --sources with a folder of canonical files or a sources.yml."
        )
        return
    from naruki.sources.mapping import load_sources

    try:
        yield from check_sources(load_sources(sources))
    except NarukiError as error:
        yield Finding("error", str(error))
