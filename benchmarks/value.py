"""How long valuing customers takes: hazard training, scoring with intervals and reasons, BG/NBD.

    python benchmarks/value.py [--customers 1000000] [--landmarks 3]

Targets at a million customers on two cores: hazard 60 s, scoring 15 s, BG/NBD fit 20 s; `train` is the hazard with its
look back, curves and growth. Customers are simulated, with
the features of the shipped catalogue; one JSON line per measurement.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.policy import read_rows, read_settings
from naruki.value import HazardModel, ValueSettings, fit_bgnbd, read_catalogue, score, train
from naruki.value.asof import LOOKS_AHEAD
from naruki.value.tables import read_panel

MONTHS = 36
TARGETS = {"hazard_fit": 60.0, "score": 15.0, "bgnbd": 20.0}


def panel(customers: int, landmarks: int, seed: int = 1) -> pa.Table:
    """Landmarks a year apart of customers whose use drives leaving; a tenth of the cells is unknown."""
    draw = np.random.default_rng(seed)
    names = [row["feature"] for row in read_rows("cfg_value_feature")]
    use = draw.normal(size=customers).astype(np.float32)
    gone = draw.geometric(1 / (1 + np.exp(3.6 + 0.6 * use)))
    last = 12 * landmarks + 12
    tables = []
    for landmark in range(landmarks):
        here = np.flatnonzero(gone > 12 * landmark)
        count, seen = len(here), last - 12 * landmark
        ahead = gone[here] - 12 * landmark
        columns: dict[str, Any] = {
            "customer_id": pa.array(here).cast(pa.string()),
            "as_of_month": pa.array(np.full(count, np.datetime64(f"{2020 + landmark}-01-01"))),
            "segment": pa.array(np.array(["small", "middle", "large"])[here % 3]),
            "tenure_months": pa.array(12 * landmark + here % 24),
            "monthly_margin": pa.array(draw.lognormal(8, 1, count)),
            "months_to_term_end": pa.array(1.0 + here % 12),
            "term_months": pa.array(np.full(count, 12.0)),
            "months_observed": pa.array(np.minimum(np.minimum(ahead, seen), MONTHS)),
            "is_lost": pa.array((ahead <= seen) & (ahead <= MONTHS)),
        }
        stays = ahead > 12
        for name, months in LOOKS_AHEAD.items():
            columns[name] = pa.array(draw.normal(0.005 * months, 0.1, count), mask=~stays)
        for name in names:
            values = draw.normal(size=count).astype(np.float32)
            if name == "utilisation_rate":
                values = (0.6 + 0.2 * use[here]).clip(0, 1)
            elif name not in ("revenue_change_6m", "usage_change_3m", "seat_growth"):
                values = np.round(np.exp(2 + values))
            columns[name] = pa.array(values, mask=draw.random(count) < 0.1)
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def measure(what: str, work: Callable[[], Any], rows: int, **more: Any) -> Any:
    """Run once and print one line."""
    start, busy = time.perf_counter(), time.process_time()
    result = work()
    line = {"what": what, "rows": rows, "seconds": round(time.perf_counter() - start, 1)}
    line |= {"cpu_seconds": round(time.process_time() - busy, 1), "target": TARGETS.get(what)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps(line | {"peak_gb": round(peak, 2)} | more), flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--landmarks", type=int, default=3)
    options = parser.parse_args()
    settings, catalogue = read_settings(), read_rows("cfg_value_feature")
    policy = ValueSettings.from_mapping(settings)
    table = panel(options.customers, options.landmarks)
    data = measure("read_panel", lambda: read_panel(table, read_catalogue(catalogue))[0], table.num_rows)
    fit = {
        "horizon": policy.horizon_months,
        "ridge": policy.ridge,
        "max_rows": policy.max_training_rows,
        "clip": policy.feature_clip,
    }
    measure("hazard_fit", lambda: HazardModel.fit(data, **fit), len(data))
    model = measure("train", lambda: train(table, settings, catalogue, version="benchmark"), table.num_rows)
    newest = table.slice(0, options.customers)
    for name in ("purchases", "recency_months", "age_months", "mean_purchase"):
        newest = newest.append_column(name, pa.nulls(options.customers, pa.float64()))
    newest = newest.append_column("is_contractual", pa.array(np.ones(options.customers, dtype=bool)))
    scores = measure("score", lambda: score(newest, model, settings, catalogue), options.customers)
    methods = scores["method"].value_counts().to_pylist()
    print(json.dumps({"methods": {row["values"]: row["counts"] for row in methods}, "reason": model.reason}))
    draw = np.random.default_rng(2)
    age = draw.uniform(1, 150, options.customers).round(1)
    x = draw.poisson(draw.gamma(0.5, 0.1, options.customers) * age).astype(float)
    recency = np.where(x > 0, (age * draw.beta(3, 1, options.customers)).round(1), 0.0)
    measure("bgnbd", lambda: fit_bgnbd(x, recency, age), options.customers)


if __name__ == "__main__":
    main()
