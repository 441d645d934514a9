"""How large a change must be to be called drift: the power curves of docs/statistics.md.

Run ``python benchmarks/power.py``. Of twelve columns one is changed by a D (of categories, a total
variation) of a known size, each in its turn; told is how often the default rule calls just that
column drifted. Every pair of tables has a seed of its own, so that the numbers do not depend on
``--jobs``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "calibration"))

from calibration import percent, table
from null_runs import KINDS
from simulation import check, draw, drifted

ROWS = (200, 1_000, 10_000, 100_000)
CHANGES = (0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2)
GROUPS = {
    "continuous": ("normal", "lognormal", "beta"),
    "heavy-tailed": ("heavy_tailed",),
    "tied": ("poisson", "small_integers", "days"),
    "zero-inflated": ("zero_inflated",),
    "4 levels": ("four_levels",),
    "40 and 100 levels": ("forty_levels", "zipf"),
    "3,400 levels": ("route",),
}
# rows a side, the change, the number of the pair
Job = tuple[int, float, int]


def simulate(job: Job) -> bool:
    """Draw a pair of tables, change a column of it and say whether that column is flagged."""
    rows, change, run = job
    rng = np.random.default_rng([rows, round(1e4 * change), run])
    changed = KINDS[run % len(KINDS)].name
    reference = draw(rng, rows, columns=KINDS)
    current = draw(rng, rows, change, columns=KINDS, changed={changed})
    return changed in drifted(check(reference, current))


def main(words: Sequence[str] | None = None) -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="pairs a column, size and change")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    told = parser.parse_args(words)
    count = told.runs * len(KINDS)
    lines = []
    with ProcessPoolExecutor(told.jobs) as pool:
        for rows in ROWS:
            for change in CHANGES:
                found = list(pool.map(simulate, [(rows, change, run) for run in range(count)]))
                shares = [
                    percent(
                        flagged
                        for run, flagged in enumerate(found)
                        if KINDS[run % len(KINDS)].name in names
                    )
                    for names in GROUPS.values()
                ]
                lines.append([f"{rows:,}", f"{change:.2f}", *shares])
                print(" | ".join(lines[-1]), file=sys.stderr)
    print(table(["rows", "D", *GROUPS], lines))


if __name__ == "__main__":
    main()
