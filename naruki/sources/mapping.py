"""Where the rows of each canonical table come from: a folder of canonical files, or a sources.yml."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

from naruki.errors import NarukiError
from naruki.sources.contract import Contract, did_you_mean, load_contract

FORMATS = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
    "pq": "parquet",
}
COMPRESSIONS = ("gz", "zst", "zstd")


@dataclass(frozen=True)
class FileOptions:
    """How to read one group of files; None means: find out."""

    encoding: str | None = None
    delimiter: str | None = None
    time_zone: str = "UTC"
    null_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One source of rows for one canonical table."""

    table: str
    source: str
    files: tuple[Path, ...]
    patterns: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    same_names: bool = True
    where: str | None = None
    options: FileOptions = FileOptions()
    lookups: tuple[str, ...] = ()
    full_snapshot: bool = False


@dataclass(frozen=True)
class Lookup:
    """A file that expressions may look into; it becomes a relation of that name."""

    name: str
    files: tuple[Path, ...]
    options: FileOptions = FileOptions()


@dataclass(frozen=True)
class Sources:
    """All entries of a deployment; paths are absolute, `root` is what `_source_file` is relative to."""

    root: Path
    entries: tuple[Entry, ...]
    contract: Contract
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    unknown_files: tuple[str, ...] = ()

    def of(self, table: str) -> tuple[Entry, ...]:
        """The entries that feed one table."""
        return tuple(entry for entry in self.entries if entry.table == table)

    def relative(self, path: Path) -> str:
        """The name of a file without any path of this machine."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.name


def file_format(path: Path) -> str | None:
    """`csv`, `jsonl`, `parquet`, or None for a file that is no data."""
    suffixes = path.name.lower().split(".")[1:]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return FORMATS.get(suffixes[-1]) if suffixes else None


def load_sources(path: Path, contract: Contract | None = None, environment: Mapping[str, str] | None = None) -> Sources:
    """The sources of a deployment.

    `path` is a folder of canonical files (`customers.csv`, `tickets_2026-01.csv.gz`, `usage_events/…parquet`), a folder
    with a `sources.yml`, or a YAML file. `environment` fills `${NAME}` in the YAML (default: the process's).
    Raises NarukiError when the path, a setting, a table or a column is not known, or when no customers are given.
    """
    contract = contract or load_contract()
    path = Path(path)
    if not path.exists():
        raise NarukiError(f"Sources {path.name!r} don't exist; give a folder of canonical files or a sources.yml.")
    if path.is_dir() and (path / "sources.yml").exists():
        path = path / "sources.yml"
    if path.is_dir():
        return _folder(path.resolve(), contract)
    from naruki.sources.mapping_file import read_mapping

    return read_mapping(path.resolve(), contract, os.environ if environment is None else environment)


def _folder(root: Path, contract: Contract) -> Sources:
    found: dict[str, list[Path]] = {}
    unknown = []
    for path in sorted(data_files(root)):
        table = table_of(path.relative_to(root), contract)
        if table:
            found.setdefault(table, []).append(path)
        else:
            unknown.append(path.relative_to(root).as_posix())
    if "customers" not in found:
        hint = f" (found: {', '.join(unknown[:5])})" if unknown else ""
        raise NarukiError(
            f"Folder {root.name!r} holds no customers file{hint}; "
            "add customers.csv, .jsonl or .parquet, the one table that is needed."
        )
    entries = tuple(Entry(name, "canonical", tuple(found[name])) for name in contract.table_names if name in found)
    return Sources(root=root, entries=entries, contract=contract, unknown_files=tuple(unknown))


def data_files(root: Path) -> Iterator[Path]:
    """Data files under a folder; names that start with `_` or `.` are left out at every level."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith(("_", ".")))
        for name in sorted(files):
            path = Path(folder) / name
            if not name.startswith(("_", ".")) and file_format(path):
                yield path


def table_of(relative: Path, contract: Contract) -> str | None:
    """The table whose name a file (`tickets_2026-01.csv`) or its top folder (`tickets/2026-01.csv`) bears."""
    first = relative.parts[0].lower() if len(relative.parts) > 1 else relative.name.lower().split(".")[0]
    fitting = [name for name in contract.table_names if re.match(rf"{name}($|[_\-.])", first)]
    return max(fitting, key=len, default=None)


def expand_files(patterns: tuple[str, ...], root: Path) -> tuple[Path, ...]:
    """Files that match the globs, sorted, each once."""
    found = {Path(hit) for pattern in patterns for hit in glob.glob(str(root / pattern), recursive=True)}
    return tuple(sorted(path for path in found if path.is_file() and not path.name.startswith(("_", "."))))


def expand_environment(text: str, environment: Mapping[str, str], where: str) -> str:
    """`${NAME}` filled from the environment; a NarukiError that names the variable when it is not set."""

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if environment.get(name):
            return environment[name]
        if default is not None:
            return default
        raise NarukiError(
            f"{where} needs the environment variable {name}, which is not set; set it to the folder of the data."
        )

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}", value, text)


def check_time_zone(name: str) -> str:
    """The zone's name; a ValueError with the nearest valid one."""
    if name not in available_timezones():
        raise ValueError(
            f"{name!r} is no time zone{did_you_mean(name, sorted(available_timezones())) if '/' in name else ''}"
        )
    return name
