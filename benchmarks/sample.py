"""How long the sample company takes, and how much memory, at each scale: `python benchmarks/sample.py m`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from naruki.sample import SCALES, write_sample


def main(scales: list[str]) -> None:
    """Write each scale into a temporary folder and print seconds, peak memory and size."""
    for scale in scales or ["xs", "s"]:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            summary = write_sample(Path(folder), scale, progress=lambda line: print("  ", line))
            seconds = time.perf_counter() - started
            size = sum(path.stat().st_size for path in Path(folder).rglob("*.*")) / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        rows = sum(summary.rows.values())
        done = f"{scale}: {SCALES[scale].customers:,} customers, {rows:,} rows, {size:,.0f} MB"
        print(f"{done} in {seconds:.1f} s, {peak:.1f} GB")


if __name__ == "__main__":
    main(sys.argv[1:])
