"""Nothing is built anew where nothing changed: what a step was built from, as one hash beside the warehouse."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from naruki.home import Home
from naruki.project import code_version


class Built:
    """Remembers, for one step of a home, the hash of everything it was built from."""

    def __init__(self, home: Home, step: str, inputs: Iterable[str | Path]) -> None:
        self.file = home.target / f"built_{step}"
        self.home = home
        total = hashlib.sha256(code_version().encode())
        for one in inputs:
            total.update(one.read_bytes() if isinstance(one, Path) and one.exists() else str(one).encode())
        self.hash = total.hexdigest()

    def is_current(self) -> bool:
        """Whether the step was built from the same, and its warehouse is still there."""
        return self.home.warehouse.exists() and self.file.exists() and self.file.read_text() == self.hash

    def forget(self) -> None:
        """A step that is under way is not built: it must run again if it does not end well."""
        self.file.unlink(missing_ok=True)

    def remember(self) -> None:
        self.file.write_text(self.hash)


def landed(home: Home) -> list[str]:
    """Every file of landing/ and its size: what the facts are made of."""
    files = sorted(home.landing.glob("*/load_date=*/*.parquet"))
    return [f"{file.relative_to(home.root)}:{file.stat().st_size}" for file in files]


def computed(home: Home, table: str, day: object) -> Path:
    return home.computed / table / f"as_of_date={day}" / f"{table}.parquet"
