"""What was told on which channel, so that a rerun tells nothing twice and a message that was not taken is told again."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path


class Memory:
    """A small file in the home: channel -> condition -> when it was told. Channels stand as hashes: addresses hold secrets."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.told: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    @staticmethod
    def name(address: str) -> str:
        return hashlib.sha256(address.encode()).hexdigest()[:16]

    def known(self, address: str) -> frozenset[str]:
        """Conditions that were told at this address."""
        return frozenset(self.told.get(self.name(address), {}))

    def remember(self, address: str, keys: Iterable[str]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.told.setdefault(self.name(address), {}).update(dict.fromkeys(keys, now))
        self.write()

    def forget_what_is_over(self, kinds: Collection[str], present: Collection[str]) -> None:
        """Conditions of these kinds that are no longer the case may be told again when they come back."""
        for keys in self.told.values():
            for key in [key for key in keys if key.split("/")[0] in kinds and key not in present]:
                del keys[key]
        self.write()

    def forget(self, codes: Collection[str]) -> None:
        """Forget whatever was told of these, such as customers who were erased."""
        for keys in self.told.values():
            for key in [key for key in keys if key.partition("/")[2] in codes]:
                del keys[key]
        self.write()

    def write(self) -> None:
        """Aside, then renamed: a run that is killed leaves the whole old memory or the whole new one."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.file.with_suffix(".part")
        aside.write_text(json.dumps(self.told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        aside.replace(self.file)
