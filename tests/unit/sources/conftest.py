"""A small deployment: files go in, what landed, what lies in quarantine and the manifest come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from naruki.sources.contract import Contract, load_contract
from naruki.sources.landing import LandingReport, Limits, land
from naruki.sources.manifest import ManifestRow, read_manifest
from naruki.sources.mapping import load_sources

CUSTOMERS = b"customer_id,name,signed_up_at\nC-1,Aoba,2025-01-01\n"
NOON = datetime(2025, 6, 1, 12)
# The tables that these tests feed: a home with all of them takes longer to lay than to land.
FEW = ("customers", "users", "subscriptions", "usage_events", "tickets", "ticket_events", "calls")
# Most of these files are a handful of rows: one bad row would be over any share that makes sense for real ones.
GENEROUS = Limits(quarantine_share=1.0)


def few(*names: str) -> Contract:
    """A contract of some tables only."""
    return Contract(tuple(load_contract().table(name) for name in names))


@dataclass
class Deployment:
    """Files under `folder`, a home beside it; every `land()` is an hour after the last one."""

    folder: Path
    home: Path
    runs: int = 0
    contract: Contract = field(default_factory=lambda: few(*FEW))

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, limits: Limits = GENEROUS, mapping: Path | None = None, salt: str = "salt") -> LandingReport:
        if mapping is None and not any(self.folder.glob("customers*")):
            self.put("customers.csv", CUSTOMERS)
        now = NOON + timedelta(hours=self.runs)
        self.runs += 1
        return land(load_sources(mapping or self.folder, self.contract), self.home, now=now, salt=salt, limits=limits)

    def land_one(self, name: str, content: bytes | str, limits: Limits = GENEROUS) -> ManifestRow:
        """Land a folder with this file (and a customers file, if it isn't one); returns the file's manifest row."""
        self.put(name, content)
        report = self.land(limits)
        return next(row for row in report.rows if row.source_file == name)

    def landed(self, table: str) -> list[dict[str, Any]]:
        return self._rows("landing", table)

    def quarantined(self, table: str) -> list[dict[str, Any]]:
        return self._rows("quarantine", table)

    def manifest(self) -> list[ManifestRow]:
        return read_manifest(self.home)

    def _rows(self, area: str, table: str) -> list[dict[str, Any]]:
        files = sorted((self.home / area / table).glob("*/*.parquet"))
        if not files:
            return []
        with duckdb.connect() as con:
            result = con.execute(
                "select * from read_parquet(?, hive_partitioning = false) order by _load_id, _row_number",
                [[str(file) for file in files]],
            )
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    folder = tmp_path / "in"
    folder.mkdir()
    return Deployment(folder, tmp_path / "home")
