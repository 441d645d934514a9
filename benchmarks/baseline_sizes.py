"""Prints how large baselines are, as the table of docs/baselines.md.

Run ``python benchmarks/baseline_sizes.py``; it takes a minute and writes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

import driftcli
from driftcli.baselines.file import packed

SIZES = (10_000, 1_000_000)


def columns(rows: int) -> dict[str, Any]:
    """Return columns of different sorts."""
    rng = np.random.default_rng(12)
    words = np.array([f"category_{n}" for n in range(40)])
    urls = rng.zipf(1.3, rows) % 1_000_000
    return {
        "smooth number (beta)": rng.beta(2, 30, rows),
        "price in cents (lognormal)": np.round(rng.lognormal(3, 1, rows), 2),
        "single precision": rng.normal(size=rows).astype(np.float32),
        "whole number up to 10^6": rng.integers(0, 10**6, rows),
        "hour of the day": rng.integers(0, 24, rows),
        "40 categories": rng.choice(words, rows),
        "100,000 addresses and more": pa.array([f"/page/{n}" for n in urls.tolist()]),
        "identifier": pa.array([f"user-{n}" for n in range(rows)]),
    }


def size(data: Any) -> int:
    """Return the bytes of a baseline."""
    return len(packed(driftcli.profile(pa.table(data))))


def main() -> None:
    """Print the table."""
    found: Counter[tuple[str, int]] = Counter()
    for rows in SIZES:
        for name, values in columns(rows).items():
            found[name, rows] = size({"x": values})
    print("| one column | " + " | ".join(f"{rows:,} rows" for rows in SIZES) + " |")
    print("| --- |" + " ---: |" * len(SIZES))
    for name in columns(2):
        cells = (f"{found[name, rows] / 1000:.1f} kB" for rows in SIZES)
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
