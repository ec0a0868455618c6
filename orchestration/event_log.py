"""Dagster's event log in SQLite, with its files kept open: by default every event opens and closes them, twice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool


class OpenEventLog(SqliteEventLogStorage):
    """What `SqliteEventLogStorage` does, in the same files; readable by it as well."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "OpenEventLog":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = engine = create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=QueuePool,
                    connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
                )
                event.listen(engine, "connect", without_waiting_for_the_disk)
                self._initdb(engine)
            with self._engines[shard].begin() as connection:
                yield connection

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    """With a write-ahead log this loses nothing but the last events when the machine itself stops."""
    connection.execute("pragma synchronous = normal")
