"""One run of landing: its instant, its limits, its connection, and what landed before."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from naruki.errors import NarukiError
from naruki.sources import manifest
from naruki.sources.cells import literal
from naruki.sources.decode import UnreadableFile, sha256_of
from naruki.sources.manifest import FAILED, LANDED, SKIPPED, ManifestRow
from naruki.sources.mapping import Entry, Sources
from naruki.sources.privacy import Redaction, prepare_privacy
from naruki.sources.reading import load_lookup


@dataclass(frozen=True)
class Limits:
    """What landing may use and when it must refuse.

    `quarantine_share`: more than this share of a file's rows in quarantine and nothing of it lands (0..1).
    `record_bytes`: a longer record is quarantined. `vanished_share`: more keys than this share gone from a full
    snapshot and the snapshot is not believed (0..1). `memory`, `threads`: for DuckDB.
    """

    quarantine_share: float = 0.01
    record_bytes: int = 2_000_000
    vanished_share: float = 0.2
    memory: str = "2GB"
    threads: int = 2


DEFAULT_LIMITS = Limits()


class Past:
    """What the manifest knows, found by file: a home may hold hundreds of thousands of loads."""

    def __init__(self, rows: Iterable[ManifestRow]) -> None:
        self.in_run: Counter[str] = Counter()
        self.fed: set[str] = set()
        self._of_mapping: dict[tuple[str, str], list[ManifestRow]] = {}
        self._of_content: dict[tuple[str, str, str | None], list[ManifestRow]] = {}
        for row in rows:
            self.add(row)

    def add(self, row: ManifestRow) -> None:
        """Know one more row."""
        instant, table, *_ = row.load_id.split("-")
        self.in_run[f"{instant}-{table}-"] += 1
        if row.status == LANDED and row.rows_landed:
            self.fed.add(row.table_name)
        if row.status not in {SKIPPED, FAILED}:
            key = (row.table_name, row.mapping_sha256)
            self._of_mapping.setdefault(key, []).append(row)
            self._of_content.setdefault((*key, row.file_sha256), []).append(row)

    def same_content(self, row: ManifestRow) -> list[ManifestRow]:
        """Loads of the same content with the same mapping, oldest first; failed and skipped ones tell nothing."""
        return self._of_content.get((row.table_name, row.mapping_sha256, row.file_sha256), [])

    def same_mapping(self, row: ManifestRow) -> list[ManifestRow]:
        """Loads with the same mapping, oldest first."""
        return self._of_mapping.get((row.table_name, row.mapping_sha256), [])


@dataclass
class Session:
    """What landing one file needs to know; `removed` are leftovers of an interrupted run that were cleaned away."""

    con: duckdb.DuckDBPyConnection
    sources: Sources
    home: Path
    scratch: Path
    now: datetime
    limits: Limits
    past: Past
    redaction: Redaction
    removed: tuple[str, ...] = ()
    _skipped: list[ManifestRow] = field(default_factory=list)
    _lookups: dict[str, str | None] = field(default_factory=dict)
    _fingerprints: dict[int, str] = field(default_factory=dict)

    def record(self, row: ManifestRow) -> ManifestRow:
        """Write a manifest row; from here on the load counts. Skipped files are written together when the run ends."""
        if row.status == SKIPPED:
            self._skipped.append(row)
        else:
            manifest.append_manifest(self.home, [row])
        self.past.add(row)
        return row

    def write_skipped(self) -> None:
        """Record the files that were skipped: a run over many old files adds one file to the manifest."""
        if self._skipped:
            manifest.append_manifest(self.home, self._skipped)
            self._skipped = []

    def begin(self, entry: Entry, source_file: str, sha256: str | None) -> ManifestRow:
        """The manifest row of a file of which nothing is known yet but its name and hash."""
        mapping = self._fingerprint(entry)
        digest = hashlib.sha256(f"{sha256 or source_file}{mapping}".encode()).hexdigest()
        # Sortable by run and order of files, so that of two versions in one run the later file's counts.
        run = f"{self.now:%Y%m%dT%H%M%S}-{entry.table}-"
        number = 1 + self.past.in_run[run]
        return ManifestRow(
            load_id=f"{run}{number:04d}-{digest[:8]}",
            table_name=entry.table,
            source=entry.source,
            source_file=source_file,
            file_sha256=sha256,
            mapping_sha256=mapping,
            status=FAILED,
            loaded_at=self.now,
        )

    def target(self, area: str, row: ManifestRow) -> Path:
        """Where a load's rows lie in an area (landing, quarantine); the folder exists afterwards."""
        folder = self.home / area / row.table_name / f"load_date={row.loaded_at:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{row.load_id}.parquet"

    def copy_aside(self, select: str, path: Path) -> int:
        """Write rows beside `path` (suffix .tmp); returns how many."""
        target = literal(str(path.with_suffix(".tmp")))
        return int(self.con.execute(f"copy ({select}) to {target} (format parquet, compression zstd)").fetchone()[0])

    def discard(self, row: ManifestRow) -> None:
        """Remove whatever a failed load has written."""
        for area in ("landing", "quarantine"):
            path = self.target(area, row)
            path.unlink(missing_ok=True)
            path.with_suffix(".tmp").unlink(missing_ok=True)

    def use_lookups(self, entry: Entry) -> None:
        """Make the lookups that an entry's expressions name into tables; raises UnreadableFile if one can't be read."""
        for name in _lookups_of(entry):
            if name not in self._lookups:
                lookup = self.sources.lookups[name]
                try:
                    load_lookup(self.con, name, lookup.files, lookup.options, self.scratch, self.limits.record_bytes)
                    self._lookups[name] = None
                except UnreadableFile as error:
                    self._lookups[name] = str(error)
            if self._lookups[name]:
                raise UnreadableFile(f"needs the lookup {name}, which {self._lookups[name]}")

    def landed_names(self) -> set[str]:
        """Names of customers that landed, now or before."""
        files = literal(str(self.home / "landing" / "customers" / "*" / "*.parquet"))
        found = self.con.execute(f"select distinct name from read_parquet({files}) where name is not null").fetchall()
        return {row[0] for row in found}

    def _fingerprint(self, entry: Entry) -> str:
        """Changes when the mapping, the contract of the table or a lookup changes: then the same file lands anew."""
        if id(entry) not in self._fingerprints:
            table = self.sources.contract.table(entry.table)
            parts = {
                "columns": dict(entry.columns),
                "same_names": entry.same_names,
                "where": entry.where,
                "options": asdict(entry.options),
                "contract": [asdict(column) for column in table.columns],
                "lookups": {name: self._lookup_hashes(name) for name in _lookups_of(entry)},
            }
            told = json.dumps(parts, sort_keys=True, default=str)
            self._fingerprints[id(entry)] = hashlib.sha256(told.encode()).hexdigest()
        return self._fingerprints[id(entry)]

    def _lookup_hashes(self, name: str) -> list[str]:
        hashes = []
        for path in self.sources.lookups[name].files:
            try:
                hashes.append(sha256_of(path))
            except UnreadableFile:
                hashes.append("missing")
        return hashes


def _lookups_of(entry: Entry) -> list[str]:
    text = " ".join([*entry.columns.values(), entry.where or ""])
    return [name for name in entry.lookups if name in text]


@contextmanager
def open_session(
    sources: Sources, home: Path, *, now: datetime, salt: str, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Session]:
    """A session for `land_table`; cleans what an interrupted run left and lays the zero-row files.

    `now` with a zone is turned to UTC. Raises NarukiError if the home can't be written or no salt is given.
    """
    instant = now if now.tzinfo is None else now.astimezone(UTC).replace(tzinfo=None)
    home = Path(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".landing.lock").touch()
    except OSError as error:
        raise NarukiError(f"The home can't be written ({error.strerror}); choose another with --home.") from None
    with landing_lock(home), _prepared(home) as (past, scratch), duckdb.connect() as con:
        removed = manifest.clean_home(home, sources.contract, [row.load_id for row in past])
        con.execute("set enable_progress_bar = false")
        con.execute(f"set threads = {limits.threads}")
        con.execute(f"set memory_limit = {literal(limits.memory)}")
        con.execute(f"set temp_directory = {literal(str(scratch))}")
        # A filter pushed below the typed cells would compute every cell twice.
        con.execute("set disabled_optimizers = 'filter_pushdown'")
        redaction = prepare_privacy(con, salt)
        session = Session(con, sources, home, scratch, instant, limits, Past(past), redaction, tuple(removed))
        redaction.know(session.landed_names())
        try:
            yield session
        finally:
            session.write_skipped()


@contextmanager
def landing_lock(home: Path) -> Iterator[None]:
    """Only one run at a time may change landing/; a NarukiError while another does. The home must exist."""
    with (home / ".landing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NarukiError(
                "Another run is landing into this home; wait for it, or choose another with --home."
            ) from None
        yield


@contextmanager
def _prepared(home: Path) -> Iterator[tuple[list[ManifestRow], Path]]:
    """What the manifest knows and a folder for staging."""
    for left in home.glob(".landing-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".landing-", dir=home) as scratch:
        yield manifest.read_manifest(home), Path(scratch)
