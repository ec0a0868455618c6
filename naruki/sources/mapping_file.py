"""sources.yml: read, checked, and every error told in one sentence with the line.

name: crm                        # what `_source` says; default: the file's name
root: ${CRM_EXPORTS:-exports}    # folder of the files, from the YAML's folder; environment variables are filled in
time_zone: Asia/Tokyo            # of instants that state none; default UTC
lookups:
  contracts: {files: contracts.csv}          # a relation for subqueries of expressions
tables:
  customers:                                 # one entry or a list of entries
    files: [accounts/*.csv, old.jsonl.gz]    # needed; globs
    source: billing                          # overrides `name`
    encoding: cp932                          # default: found out
    delimiter: ";"                           # default: found out
    null_values: ["NULL", "-"]               # read as empty
    where: deleted = '0'                     # rows to take; the others are counted as filtered
    columns: {customer_id: "'C-' || id"}     # SQL over the columns of the file (text, unless parquet)
    same_names: true                         # also take columns by canonical name; default: without `columns`
    full_snapshot: true                      # every delivery holds all keys: those that vanish are marked deleted
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from naruki.errors import NarukiError
from naruki.sources.contract import Contract, did_you_mean
from naruki.sources.mapping import (
    Entry,
    FileOptions,
    Lookup,
    Sources,
    check_time_zone,
    expand_environment,
    expand_files,
)


class _Reading(BaseModel):
    model_config = ConfigDict(extra="forbid")

    files: str | list[str]
    encoding: str | None = None
    delimiter: str | None = None
    time_zone: str | None = None
    null_values: list[str] = []

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else check_time_zone(value)

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, value: str | None) -> str | None:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError(f"{value!r} is no known encoding; try utf-8, cp932 or utf-16") from None
        return value

    @field_validator("delimiter")
    @classmethod
    def _delimiter(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value in '"\n\r' or ord(value) > 127):
            raise ValueError('must be one character, such as "," or "\\t"')
        return value

    def patterns(self) -> tuple[str, ...]:
        return (self.files,) if isinstance(self.files, str) else tuple(self.files)


class _Entry(_Reading):
    source: str | None = None
    columns: dict[str, str | int | float | bool] = {}
    same_names: bool | None = None
    where: str | None = None
    full_snapshot: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    root: str = "."
    time_zone: str = "UTC"
    lookups: dict[str, _Reading] = {}
    tables: dict[str, list[_Entry]]

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return check_time_zone(value)

    @field_validator("tables", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        # One entry or several: always a list inside.
        if isinstance(value, dict):
            return {name: entry if isinstance(entry, list) else [entry] for name, entry in value.items()}
        return value


def read_mapping(path: Path, contract: Contract, environment: Mapping[str, str]) -> Sources:
    """The sources that a YAML file describes; raises NarukiError with file, line, setting and the way out."""
    tree, raw = _parse(path)
    if not isinstance(raw, dict):
        raise NarukiError(
            f"{path.name} is empty or no mapping; start it with `tables:` and a table such as `customers:`."
        )
    try:
        document = _File.model_validate(raw)
    except ValidationError as error:
        raise NarukiError(_sentence(path, tree, error)) from None
    return _Reader(path, tree, document, contract, environment).sources()


@dataclass(frozen=True)
class _Reader:
    """A checked document on its way to Sources."""

    path: Path
    tree: yaml.Node
    document: _File
    contract: Contract
    environment: Mapping[str, str]

    def sources(self) -> Sources:
        root = self._root()
        lookups = {name: self._lookup(name, reading, root) for name, reading in self.document.lookups.items()}
        entries = [
            self._entry(table, number, entry, root)
            for table, entries in self.document.tables.items()
            for number, entry in enumerate(entries)
        ]
        if not any(entry.table == "customers" for entry in entries):
            raise NarukiError(
                f"{self.path.name} gives no table customers, the one that is needed; add it under `tables:`."
            )
        order = {table: number for number, table in enumerate(self.contract.table_names)}
        entries.sort(key=lambda entry: order[entry.table])
        return Sources(root=root, entries=tuple(entries), contract=self.contract, lookups=lookups)

    def _root(self) -> Path:
        given = self.document.root
        root = self.path.parent / expand_environment(given, self.environment, f"{self.path.name}, setting root,")
        if not root.is_dir():
            raise NarukiError(
                f"{self.path.name}, setting root: folder {given!r} doesn't exist; correct it or its variable."
            )
        return root.resolve()

    def _lookup(self, name: str, reading: _Reading, root: Path) -> Lookup:
        files = self._files(reading, root, f"lookup {name}")
        if not files:
            raise NarukiError(
                f"{self.path.name}, lookup {name}: no file matches {reading.files!r}; correct the pattern."
            )
        return Lookup(name, files, self._options(reading))

    def _entry(self, table: str, number: int, entry: _Entry, root: Path) -> Entry:
        if table not in self.contract.table_names:
            line = _line(self.tree, ("tables", table))
            raise NarukiError(
                f"{self.path.name}, line {line}: there is no canonical table {table!r}"
                f"{did_you_mean(table, self.contract.table_names)}."
            )
        valid = self.contract.table(table).column_names
        for column in entry.columns:
            if column not in valid:
                line = _line(self.tree, ("tables", table, number, "columns", column))
                near = did_you_mean(column, valid)
                raise NarukiError(f"{self.path.name}, line {line}: table {table} has no column {column!r}{near}.")
        return Entry(
            table=table,
            source=entry.source or self.document.name or self.path.stem,
            files=self._files(entry, root, f"table {table}"),
            patterns=entry.patterns(),
            columns={column: str(value) for column, value in entry.columns.items()},
            same_names=not entry.columns if entry.same_names is None else entry.same_names,
            where=entry.where,
            options=self._options(entry),
            lookups=tuple(self.document.lookups),
            full_snapshot=entry.full_snapshot,
        )

    def _files(self, reading: _Reading, root: Path, what: str) -> tuple[Path, ...]:
        where = f"{self.path.name}, {what},"
        return expand_files(tuple(expand_environment(p, self.environment, where) for p in reading.patterns()), root)

    def _options(self, reading: _Reading) -> FileOptions:
        zone = reading.time_zone or self.document.time_zone
        return FileOptions(reading.encoding, reading.delimiter, zone, tuple(reading.null_values))


def _parse(path: Path) -> tuple[yaml.Node, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise NarukiError(
            f"{path.name}, line {line}: not valid YAML ({error.problem}); check indentation and quotes there."
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NarukiError(f"{path.name} can't be read ({type(error).__name__}); save it as UTF-8 text.") from None
    if tree is not None:
        _no_key_twice(path, tree)
    return tree, raw


def _no_key_twice(path: Path, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise NarukiError(
                    f"{path.name}, line {line}: {key.value!r} stands twice (first in line {seen[key.value]}); "
                    "keep one, or give several entries as a list."
                )
            seen[key.value] = line
            _no_key_twice(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _no_key_twice(path, value)


def _line(node: yaml.Node | None, where: tuple[Any, ...]) -> int:
    """The line of the deepest setting on the way that the file holds; a number means nothing outside a list."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, node = key.start_mark.line + 1, value
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _sentence(path: Path, tree: yaml.Node, error: ValidationError) -> str:
    # A misspelt setting explains the one that is missing, so it is told first.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    where = tuple(step for step in first["loc"] if not str(step).startswith(("list[", "str", "function-")))
    setting = ".".join(str(step) for step in where if not isinstance(step, int))
    prefix = f"{path.name}, line {_line(tree, where)}, setting {setting}: "
    if first["type"] == "extra_forbidden":
        valid = (_Entry if where[0] == "tables" else _Reading if where[0] == "lookups" else _File).model_fields
        return f"{prefix}not known{did_you_mean(str(where[-1]), list(valid))}."
    if first["type"] == "missing":
        return f"{prefix}is missing; add it."
    return f"{prefix}{first['msg'].removeprefix('Value error, ')}; correct it."
