"""Telling: what is new goes to the addresses of its channel, by apprise; what was taken is remembered."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from naruki.alerts.memory import Memory
from naruki.alerts.messages import LASTING, Message, Speech, digest, digest_key, key_of, lasting, news, run_failed
from naruki.publishing.page.data import Asked

MONDAY = 0
# Takes address, title and body, and says whether it was delivered.
Deliver = Callable[[str, str, str], bool]


@dataclass
class Told:
    """Messages that were taken and those that were not, by title."""

    sent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Teller:
    """Channels (failures, risks, digest) with their addresses, and how to speak. `file` remembers what was told."""

    channels: Mapping[str, Sequence[str]]
    speech: Speech
    file: Path
    deliver: Deliver

    def tell_day(self, connection: duckdb.DuckDBPyConnection, asked: Asked, day: date) -> Told:
        """What the publication of a day has that is new. A day that is not the newest decided one tells nothing."""
        told = Told()
        (newest,) = connection.execute("select max(as_of_date) from customer_tiers").fetchone()
        if newest is not None and day < newest:
            return told
        memory, found = Memory(self.file), lasting(connection, day)
        memory.forget_what_is_over(LASTING, {key_of(name, row) for name, rows in found.items() for row in rows})
        for channel, addresses in self.channels.items():
            for address in addresses:
                known = memory.known(address)
                messages = [
                    message
                    for name, rows in found.items()
                    if LASTING[name] == channel
                    for message in news(self.speech, name, rows, known)
                ]
                if channel == "digest" and digest_is_due(day, known):
                    messages.append(digest(self.speech, connection, asked, day))
                for message in messages:
                    self.tell(address, message, memory, told)
        return told

    def tell_failure(self, run_id: str, step: str, checks: Sequence[str], home: Path) -> Told:
        """A run that broke off, once however many of its steps failed."""
        told, memory = Told(), Memory(self.file)
        message = run_failed(self.speech, run_id, step, checks, home)
        for address in self.channels.get("failures", ()):
            if not memory.known(address).issuperset(message.keys):
                self.tell(address, message, memory, told)
        return told

    def tell(self, address: str, message: Message, memory: Memory, told: Told) -> None:
        if self.deliver(address, message.title, message.body):
            memory.remember(address, message.keys)
            told.sent.append(message.title)
        else:
            told.refused.append(message.title)


def digest_is_due(day: date, known: frozenset[str]) -> bool:
    """Once a week, on Monday's run; later in the week where Monday's failed and a digest had been sent before."""
    began = (day + timedelta(days=1)).weekday() == MONDAY or any(key.startswith("digest/") for key in known)
    return began and digest_key(day) not in known


def can_be_read(address: str) -> bool:
    """Whether apprise knows what kind of address this is; nothing is sent."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return bool(apprise.Apprise().add(address))


def by_apprise(address: str, title: str, body: str) -> bool:
    """Deliver by apprise, which knows mail, chat and many more by their address. Its own log is quiet: it repeats addresses."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    channel = apprise.Apprise()
    return bool(channel.add(address)) and bool(
        channel.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    )
