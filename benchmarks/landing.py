"""How fast usage events land: rows per second from CSV and from parquet, on this machine.

    python benchmarks/landing.py [rows, default 2000000]

What is measured is `land()` as a run calls it: hash of the file, staging, typing, redaction of the properties, checks,
parquet, manifest. The bar is 0.5 million rows a second on 2 cores that do nothing else; processor time is told because
on a busy machine the clock tells little.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from naruki.sources.landing import Limits, land
from naruki.sources.mapping import load_sources

BAR = 500_000
EVENTS = """
    select
        'E-' || i as event_id,
        'C-' || (i % 5000) as customer_id,
        'U-' || (i % 90000) as user_id,
        'feature_' || (i % 40) as event_name,
        strftime(timestamp '2025-01-01' + to_seconds(i * 3), '%Y-%m-%dT%H:%M:%SZ') as occurred_at,
        i % 9 as quantity,
        (i % 500) + 0.5 as duration_seconds,
        i % 97 = 0 as is_error,
        '{"plan": "p' || (i % 7) || '", "step": ' || (i % 30) || '}' as properties
    from range(?) as t(i)
"""
OPTIONS = {"csv": "format csv, header", "parquet": "format parquet, compression zstd"}


def main(rows: int) -> int:
    """Measure both formats, each twice; returns 1 if the better one of a format is under the bar."""
    memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {memory} GiB, duckdb {duckdb.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}")
    measure("csv", 1000)  # Imports are no part of the rate.
    slowest = min(max(told(kind, rows) for _ in range(2)) for kind in OPTIONS)
    return int(slowest < BAR)


def told(kind: str, rows: int) -> float:
    """Measure and print; rows per second."""
    seconds, busy, size = measure(kind, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    text = f"{kind:8} {rows:>11,} rows {size:6.0f} MiB {seconds:6.2f} s (of processor time {busy:.2f} s)"
    print(f"{text} {rows / seconds:>10,.0f} rows/s, peak {peak:.2f} GiB")
    return rows / seconds


def measure(kind: str, rows: int) -> tuple[float, float, float]:
    """Land `rows` events of one format in a fresh home; seconds by the clock and of processor time, MiB of the file."""
    folder = Path(tempfile.mkdtemp(prefix="naruki-landing-"))
    try:
        (folder / "in").mkdir()
        (folder / "in" / "customers.csv").write_text("customer_id,name,signed_up_at\nC-0,Aoba,2025-01-01\n")
        source = folder / "in" / f"usage_events.{kind}"
        with duckdb.connect() as con:
            con.execute(f"copy ({EVENTS.replace('?', str(rows))}) to '{source}' ({OPTIONS[kind]})")
        sources = load_sources(folder / "in")
        began, busy = time.perf_counter(), time.process_time()
        report = land(sources, folder / "home", now=datetime.now(UTC), salt="benchmark", limits=Limits(threads=2))
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        events = next(row for row in report.rows if row.table_name == "usage_events")
        if events.rows_landed != rows:
            raise SystemExit(f"{events.rows_landed} of {rows} rows landed: {events.message}")
        return seconds, busy, source.stat().st_size / 2**20
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000))
