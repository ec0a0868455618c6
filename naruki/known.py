"""A home as it was known at an instant: the landing files loaded by then, for a run that reproduces what was decided."""

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.sources.manifest import FAILED, append_manifest, read_manifest


def home_known_at(home: Home, known_at: datetime, as_of: date | None = None) -> Home:
    """Lay `known/<known_at>/` with the loads of that time and the decisions that a run on `as_of` would have built upon.

    `known_at` without a zone is UTC. Files are hard links: landing/ is append-only, so they cost no room. Decisions count
    if they were written by then for a day before `as_of` (any day if None). Raises NarukiError if nothing had landed yet.
    """
    at = known_at if known_at.tzinfo is None else known_at.astimezone(UTC).replace(tzinfo=None)
    known = [row for row in read_manifest(home.root) if row.loaded_at <= at]
    if not any(row.rows_landed for row in known if row.status != FAILED):
        raise NarukiError(
            f"Nothing had landed in {home.root} by {at:%Y-%m-%d %H:%M} UTC (--known-at): give a later instant."
        )
    there = Home(home.known / f"{at:%Y%m%dT%H%M%S}")
    shutil.rmtree(there.root, ignore_errors=True)
    there.prepare()
    if (home.root / ".salt").exists():
        link(home.root / ".salt", there.root / ".salt")
    # Anew in one file: a file of the manifest may hold more than was known.
    append_manifest(there.root, known)
    loads = {row.load_id for row in known}
    for area in ("landing", "quarantine"):
        for file in (home.root / area).glob("*/load_date=*/*.parquet"):
            if file.stem in loads or file.stem == "empty":
                link(file, there.root / file.relative_to(home.root))
    for file in home.computed.glob("*/as_of_date=*/*.parquet"):
        day = file.parent.name.removeprefix("as_of_date=")
        if (as_of is None or day < str(as_of)) and datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(
            tzinfo=None
        ) <= at:
            link(file, there.root / file.relative_to(home.root))
    return there


def instant(text: str) -> datetime:
    """An instant as written on the command line; without a zone it is UTC."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NarukiError(f"--known-at '{text}' is not an instant: write it as 2026-10-31T06:00.") from error


def link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:  # Another file system, or one without links.
        shutil.copy2(file, target)
