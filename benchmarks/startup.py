"""Time a check of 10,000 rows by 12 columns, whole process, beside the tutorial way of doing it.

Usage: python benchmarks/startup.py [--repeat 9]

Prints Markdown: the median of whole processes that took turns, their ratio, and of ``--help``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 10_000
TUTORIAL = """
import json, sys
import numpy as np
import pandas as pd
from scipy import stats

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
found = {}
for name in reference:
    x, y = reference[name].dropna(), current[name].dropna()
    if x.dtype.kind in "if":
        ks = stats.ks_2samp(x, y)
        edges = np.unique(np.quantile(x, np.linspace(0, 1, 11)))
        edges[0], edges[-1] = -np.inf, np.inf
        p, q = (np.histogram(side, edges)[0] / len(side) + 1e-6 for side in (x, y))
        found[name] = [ks.statistic, ks.pvalue, float(((q - p) * np.log(q / p)).sum())]
    else:
        counts = pd.concat([x.value_counts(), y.value_counts()], axis=1).fillna(0)
        chi2 = stats.chi2_contingency(counts.T.to_numpy())
        found[name] = [chi2.statistic, chi2.pvalue]
print(json.dumps(found))
"""


def table(seed: int) -> pa.Table:
    """Return columns as a recommender has them, 2 % missing in two.

    Parameters
    ----------
    seed : int
    """
    rng = np.random.default_rng(seed)
    numbers = {
        "user_historical_ctr": rng.beta(2, 30, ROWS),
        "user_avg_dwell_time": rng.lognormal(3, 1, ROWS),
        "user_interaction_count": rng.poisson(12, ROWS),
        "user_days_active": rng.integers(0, 365, ROWS),
        "item_ctr": rng.beta(1, 20, ROWS),
        "item_avg_dwell_time": rng.lognormal(2, 0.8, ROWS),
        "item_popularity": rng.zipf(1.7, ROWS).clip(0, 10**6),
        "item_age_days": rng.exponential(40, ROWS),
        "hour_of_day": rng.integers(0, 24, ROWS),
    }
    columns = {
        name: pa.array(values, mask=rng.random(ROWS) < 0.02 if "dwell" in name else None)
        for name, values in numbers.items()
    }
    for name, levels in {"device": 4, "channel": 7, "category": 40}.items():
        labels = np.array([f"{name}_{level}" for level in range(levels)])
        columns[name] = pa.array(labels[rng.integers(0, levels, ROWS)])
    return pa.table(columns)


def measured(commands: dict[str, list[str]], repeat: int) -> dict[str, float]:
    """Return the median wall time of each command in seconds, all taking turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            times[name].append(time.perf_counter() - start)
            if done.returncode not in (0, 1):
                raise SystemExit(f"{name} failed")
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Make the data, take the times, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=9)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for seed, name in enumerate(("reference", "current")):
            paths.append(os.fspath(Path(folder) / f"{name}.parquet"))
            pq.write_table(table(seed), paths[-1])
        tool = [sys.executable, "-m", "driftcli"]
        found = measured(
            {
                "tutorial (pandas, scipy)": [sys.executable, "-c", TUTORIAL, *paths],
                "driftcli features --format json": [*tool, "features", *paths, "--format", "json"],
                "driftcli features": [*tool, "features", *paths],
                "driftcli --help": [*tool, "--help"],
            },
            repeat,
        )
    whole = found["tutorial (pandas, scipy)"]
    print(f"| 10,000 × 12, median of {repeat} | ms | of the tutorial's |\n| --- | ---: | ---: |")
    for name, seconds in found.items():
        print(f"| {name} | {1000 * seconds:.0f} | {seconds / whole:.2f} |")


if __name__ == "__main__":
    main()
