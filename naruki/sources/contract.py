"""The canonical contract as objects: which tables there are, which columns, of which type, under which rules."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

from naruki.errors import NarukiError

if TYPE_CHECKING:
    import pyarrow as pa

CellType = Literal["string", "integer", "number", "boolean", "timestamp", "date", "json"]
Privacy = Literal["redact", "hash"]

SQL_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "json": "VARCHAR",
}

# Who brought a row, from where, when; the same on every landed table. `_nulled_columns` lists the optional cells that
# could not be read (comma-separated column names, null when there were none), so that a null can be told from a loss.
AUDIT_COLUMNS: Mapping[str, str] = {
    "_load_id": "VARCHAR",
    "_source": "VARCHAR",
    "_source_file": "VARCHAR",
    "_file_sha256": "VARCHAR",
    "_row_number": "BIGINT",
    "_loaded_at": "TIMESTAMP",
    "_deleted_at": "TIMESTAMP",
    "_nulled_columns": "VARCHAR",
}

_TABLE_SETTINGS = {"description", "label_ja", "key", "event_at", "hash_key", "one_of", "columns"}
_COLUMN_SETTINGS = {"type", "required", "privacy", "values"}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    type: CellType
    required: bool = False
    privacy: Privacy | None = None
    values: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        """The DuckDB type in which the column lands."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One canonical table: its columns in order and the rules that its rows must meet."""

    name: str
    description: str
    label_ja: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_at: str | None = None
    hash_key: bool = False
    one_of: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The canonical column names, in the order in which they land."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that every row must hold."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def key_from_hash(self) -> str | None:
        """The id that a source may lack because it can be derived from the row."""
        return self.key[0] if self.hash_key else None

    def column(self, name: str) -> Column:
        """The column of that name; a NarukiError with the nearest valid name if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise NarukiError(f"Table {self.name} has no column {name!r}{did_you_mean(name, self.column_names)}.")

    def landing_types(self) -> dict[str, str]:
        """Column name -> DuckDB type of a landed file, audit columns last."""
        return {column.name: column.sql_type for column in self.columns} | dict(AUDIT_COLUMNS)

    def arrow_schema(self) -> pa.Schema:
        """Schema of a landed file in Arrow (timestamps in microseconds, UTC, without zone)."""
        import pyarrow as pa

        arrow = {
            "VARCHAR": pa.string(),
            "BIGINT": pa.int64(),
            "DOUBLE": pa.float64(),
            "BOOLEAN": pa.bool_(),
            "TIMESTAMP": pa.timestamp("us"),
            "DATE": pa.date32(),
        }
        return pa.schema([(name, arrow[sql_type]) for name, sql_type in self.landing_types().items()])


@dataclass(frozen=True)
class Contract:
    """All canonical tables, in the order of the contract file."""

    tables: tuple[Table, ...]

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the canonical tables."""
        return tuple(table.name for table in self.tables)

    def table(self, name: str) -> Table:
        """The table of that name; a NarukiError with the nearest valid name if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise NarukiError(f"There is no canonical table {name!r}{did_you_mean(name, self.table_names)}.")


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Half a sentence with the nearest valid name, or with all of them when none is near."""
    names = list(valid)
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; valid are: {', '.join(names)}"


def load_contract(path: Path | None = None) -> Contract:
    """Read and check the contract (default: the one that ships with the package).

    Raises NarukiError when a table or column holds a setting or name that is not known.
    """
    path = path or Path(__file__).with_name("contract.yml")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise NarukiError(
            f"The contract {path.name} could not be read ({error}); restore it from the package."
        ) from error
    return Contract(tuple(_table(name, settings) for name, settings in raw.items()))


def _table(name: str, raw: dict[str, Any]) -> Table:
    _known(raw, _TABLE_SETTINGS, f"contract table {name}")
    columns = tuple(_column(name, column, settings) for column, settings in raw["columns"].items())
    table = Table(
        name=name,
        description=raw["description"],
        label_ja=raw["label_ja"],
        key=tuple(raw["key"]),
        columns=columns,
        event_at=raw.get("event_at"),
        hash_key=bool(raw.get("hash_key", False)),
        one_of=tuple(raw.get("one_of", ())),
    )
    for column in (*table.key, *table.one_of, *([table.event_at] if table.event_at else [])):
        table.column(column)
    return table


def _column(table: str, name: str, raw: dict[str, Any]) -> Column:
    _known(raw, _COLUMN_SETTINGS, f"contract column {table}.{name}")
    if raw.get("type") not in SQL_TYPES:
        raise NarukiError(
            f"Contract column {table}.{name} has type {raw.get('type')!r}; valid are: {', '.join(SQL_TYPES)}."
        )
    return Column(
        name=name,
        type=raw["type"],
        required=bool(raw.get("required", False)),
        privacy=raw.get("privacy"),
        values=tuple(str(value) for value in raw.get("values", ())),
    )


def _known(raw: dict[str, Any], valid: set[str], where: str) -> None:
    for setting in raw:
        if setting not in valid:
            raise NarukiError(f"Setting {setting!r} of {where} is not known{did_you_mean(setting, sorted(valid))}.")
