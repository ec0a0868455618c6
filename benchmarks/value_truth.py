"""How near the predicted value is to the known truth of the sample company.

    python benchmarks/value_truth.py [--scale m] [--keep FOLDER]

Makes the sample, lands it (20 minutes at scale m), builds the panel, trains, scores, and compares with `_truth/customers.parquet`, which no
feature sees. Targets at scale m: total within 3 %, each decile within 5 %, coverage of P10 to P90 within 2 points of
the model-implied one. One JSON object on standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from naruki.home import Home
from naruki.policy import read_rows, read_setting, read_settings
from naruki.project import ROOT
from naruki.sample import write_sample
from naruki.sources.landing import Limits, land
from naruki.sources.mapping import load_sources
from naruki.value import score, train
from naruki.value.asof import known_panel, purchases_by, scoring_rows
from naruki.value.validation import gini

DAY = date(2026, 10, 31)
TRUE = "expected_margin_36m_jpy"


def build(folder: Path, scale: str) -> Home:
    """The sample, landed, with the panel in its warehouse; what an earlier run kept there is not made again."""
    home = Home(folder / "home")
    if (home.root / "warehouse.duckdb").exists():
        return home
    write_sample(folder / "sources", scale)
    home.prepare()
    limits = Limits(quarantine_share=float(read_setting("quarantine_limit_share")), threads=2)
    land(load_sources(folder / "sources"), home.root, now=datetime.now(UTC), salt=home.salt(), limits=limits)
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "build", "--exclude-resource-type", "test"]
    command += ["--select", "+int_value__panel", "+int_value__purchases", "--project-dir", str(ROOT)]
    command += ["--profiles-dir", str(ROOT / "dbt_project"), "--target-path", str(home.target)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"NARUKI_HOME": str(home.root)}, check=True, stdout=sys.stderr)
    return home


def compare(prediction: pa.Table, truth: pa.Table) -> dict[str, Any]:
    """Total, deciles of the prediction and ranking, for the model and for the naive baseline; paying customers."""
    true = {row["customer_id"]: row[TRUE] for row in truth.to_pylist() if row["is_paying"]}
    rows = [row for row in prediction.to_pylist() if row["customer_id"] in true]
    actual = np.array([true[row["customer_id"]] for row in rows])
    found: dict[str, Any] = {"customers": len(rows)}
    for name in ("ltv_mean", "ltv_naive"):
        predicted = np.array([row[name] for row in rows], dtype=float)
        group = np.empty(len(rows), dtype=int)
        group[np.argsort(predicted, kind="stable")] = np.arange(len(rows)) * 10 // len(rows)
        off = np.bincount(group, predicted) / np.bincount(group, actual) - 1
        found[name] = {
            "total": round(float(predicted.sum() / actual.sum() - 1), 4),
            "deciles": [round(float(value), 4) for value in off],
            "gini": round(gini(predicted, actual), 4),
        }
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", default="m")
    options.add_argument(
        "--keep", type=Path, help="a folder that stays (used again if it holds the sample); else temporary"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, started = given.keep or Path(temporary), time.perf_counter()
        home = build(folder, given.scale)
        built = time.perf_counter()
        panel = home.read_warehouse("select * from int_value__panel order by customer_id, as_of_month")
        bought = purchases_by(home.read_warehouse("select * from int_value__purchases"), DAY)
        known, settings, catalogue = known_panel(panel, DAY), read_settings(), read_rows("cfg_value_feature")
        model = train(known, settings, catalogue, version="benchmark", purchases=bought)
        prediction = score(scoring_rows(known, DAY, bought), model, settings, catalogue)
        done = time.perf_counter()
        truth = pq.read_table(folder / "sources" / "_truth" / "customers.parquet")
    result = compare(prediction, truth) | {"scale": given.scale, "reason": model.reason}
    result |= {"checks": {check["name"]: check["message"] for check in model.report["checks"]}}
    print(json.dumps(result | {"seconds_build": round(built - started, 1), "seconds_value": round(done - built, 1)}))


if __name__ == "__main__":
    main()
