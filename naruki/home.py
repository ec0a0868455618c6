"""The home of a deployment: what it keeps on disk, and how results of Python are kept there."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from naruki.errors import NarukiError

# Tables of computed/ with this prefix are what a decision was made from: kept to make it again, never published.
KEPT = "kept_"


@dataclass(frozen=True)
class Home:
    """Folders of one deployment; everything below `root` is made by Naruki."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def computed(self) -> Path:
        return self.root / "computed"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current(self) -> Path:
        return self.published / "current"

    @property
    def target(self) -> Path:
        return self.root / "target"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def readers(self) -> Path:
        """What was learnt from the examples of texts: learnt anew when they change, or the folder is lost."""
        return self.target / "readers"

    @property
    def told(self) -> Path:
        """What notifications have told already."""
        return self.root / "alerts" / "told.json"

    @property
    def known(self) -> Path:
        """Homes that show what was known at an instant."""
        return self.root / "known"

    @property
    def is_known(self) -> bool:
        """Whether this is one of those, which look back and tell nobody."""
        return self.root.parent.name == "known"

    def prepare(self) -> None:
        """Make the folders that tools expect to find."""
        for folder in (self.landing, self.computed, self.published, self.target, self.logs, self.dagster):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise NarukiError(
                    f"The home {self.root} can't be written ({error.strerror}): choose another with --home."
                ) from error

    def salt(self) -> str:
        """Secret with which e-mail addresses are hashed: NARUKI_SALT, else one made once for this home."""
        if given := os.environ.get("NARUKI_SALT"):
            return given
        file = self.root / ".salt"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32), encoding="ascii")
        return file.read_text(encoding="ascii").strip()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection in memory that finds landing/ and computed/ by relative paths."""
        connection = duckdb.connect()
        connection.execute("set enable_progress_bar = false; set TimeZone = 'UTC'")
        connection.execute(f"set file_search_path = '{quoted(self.root)}'")
        return connection

    def read_warehouse(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Rows of a query on the warehouse; the file is closed again before this returns, for there is one writer.

        `parameters` are those that the query names as $name.
        """
        with self.connect() as connection:
            connection.execute(f"attach '{quoted(self.warehouse)}' as warehouse (read_only)")
            connection.execute("use warehouse")
            return connection.execute(query, parameters or {}).to_arrow_table()

    def write_computed(self, table: str, as_of: date, rows: pa.Table) -> int:
        """Replace the day `as_of` of a computed table: written aside, then renamed. Returns the number of rows."""
        folder = self.computed / table / f"as_of_date={as_of}"
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{table}.parquet.part"
        pq.write_table(rows, aside, compression="zstd")
        aside.replace(folder / f"{table}.parquet")
        return rows.num_rows

    def ensure_computed(self, table: str, schema: pa.Schema) -> None:
        """Let readers find a table without any day yet: a file without rows that states the columns."""
        folder = self.computed / table / "as_of_date=1970-01-01"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(schema.empty_table(), folder / f"{table}.parquet")

    def read_computed(self, table: str, before: date | None = None, on: date | None = None) -> pa.Table | None:
        """Rows of a computed table: of the day `on`, or of the newest day before `before`; None where there is none."""
        days = {
            folder.name.removeprefix("as_of_date="): folder for folder in (self.computed / table).glob("as_of_date=*")
        }
        days.pop("1970-01-01", None)
        wanted = [day for day in days if (on is None or day == str(on)) and (before is None or day < str(before))]
        return pq.read_table(days[max(wanted)] / f"{table}.parquet") if wanted else None

    def computed_days(self, table: str) -> list[date]:
        """Days that a computed table holds, oldest first."""
        days = (folder.name.removeprefix("as_of_date=") for folder in (self.computed / table).glob("as_of_date=[2-9]*"))
        return sorted(date.fromisoformat(day) for day in days)

    def computed_tables(self) -> list[str]:
        """Names of the tables that Python has computed in this home, to be published."""
        folders = (folder for folder in self.computed.iterdir() if not folder.name.startswith(KEPT))
        return sorted(folder.name for folder in folders if any(folder.glob("as_of_date=[2-9]*")))


def quoted(value: object) -> str:
    """A value inside single quotes of SQL."""
    return str(value).replace("'", "''")
