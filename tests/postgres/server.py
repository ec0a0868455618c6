"""A real Postgres server from Debian's package, started for the tests and stopped after them. Without it tests fail."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from adbc_driver_postgresql import dbapi

SECRET = "p@ss/word:#1"
ENCODED = "p%40ss%2Fword%3A%231"


@dataclass(frozen=True)
class Server:
    """Where the server listens; `publisher` may make schemas, `reader` only what it is granted."""

    port: int

    def url(self, user: str = "publisher", password: str = ENCODED, database: str = "bi") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def connect(self, user: str = "publisher") -> Iterator[dbapi.Connection]:
        with dbapi.connect(self.url(user), autocommit=True) as connection:
            yield connection

    def run(self, *statements: str, user: str = "publisher") -> None:
        with self.connect(user) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str, user: str = "publisher") -> list[tuple]:
        with self.connect(user) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def programs() -> Path:
    """The folder of initdb and postgres: Debian keeps it outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found and (postgres := shutil.which("postgres")):
        found = [Path(postgres).parent]
    if not found:
        pytest.fail("PostgreSQL is missing: install Debian's package postgresql, as .ci/run does.")
    return found[-1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_server() -> Iterator[Server]:
    """The server refuses to run as root, so then it runs as the user that Debian's package made."""
    bin, port = programs(), free_port()
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="naruki-postgres-") as folder, Path(folder, "log").open("wb") as log:
        if user:
            shutil.chown(folder, user)
        data, word = Path(folder, "data"), Path(folder, "word")
        word.write_text(f"{SECRET}\n", encoding="ascii")
        word.chmod(0o644)
        options = ["-U", "admin", "--pwfile", word, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"]
        subprocess.run([bin / "initdb", "-D", data, *options], user=user, cwd=folder, check=True, capture_output=True)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        running = subprocess.Popen(
            [bin / "postgres", "-D", data, "-p", str(port), *options], user=user, cwd=folder, stdout=log, stderr=log
        )
        try:
            started = Server(port)
            prepare(started)
            yield started
        finally:
            running.terminate()
            running.wait(timeout=30)


def prepare(server: Server) -> None:
    """A database, who publishes into it and who reads it."""
    ends = time.monotonic() + 30
    while True:
        try:
            with dbapi.connect(server.url("admin", database="postgres"), autocommit=True) as connection:
                with connection.cursor() as cursor:
                    for role in ("publisher", "reader"):
                        cursor.execute(f"create role {role} login password '{SECRET}'")
                    cursor.execute("create database bi owner publisher")
                return
        except dbapi.Error:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
