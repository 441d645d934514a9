"""How often a check of unchanged data cries wolf, by rows, columns and kinds of values.

Run ``python benchmarks/null_runs.py`` in an environment with ``driftcli[examples]``; at 2,000 pairs
of tables a cell this takes many hours, so what was simulated is kept in ``null_runs.json`` and each
call goes on from there. ``--cells 200:200:12`` names cells (rows of the reference, rows of current,
columns; or ``flights``, two samples of real rows), ``--minutes`` ends in time, and ``--render``
prints the table of what there is. Every pair has a seed of its own, so that the numbers depend
neither on ``--jobs``, nor on the machine, nor on how often it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import flights_data
import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "calibration"))

from binomial import CHANCE
from scipy.stats import binom
from simulation import (
    CATEGORIES,
    CONTINUOUS,
    EVIDENT,
    ROUTES,
    TIED,
    TUTORIAL,
    Column,
    check,
    draw,
    drifted,
    judge,
    smooth,
)

from driftcli.model import Threshold

KEPT = Path(__file__).with_suffix(".json")
SIZES = (200, 1_000, 10_000, 100_000)
FEWER = 100  # times fewer rows on one side
FLIGHTS = "flights"
WIDTHS = ("12", "300", FLIGHTS)
RULES = ("threshold", "evident", "evident, threshold 0")
ALPHA = 0.05

HEAVY = smooth("heavy_tailed", lambda u: np.tan(np.pi * (u - 0.5)))
KINDS = (
    *CONTINUOUS[:3],
    HEAVY,
    *TIED,
    *(c for c in CATEGORIES if c.name != "seven_levels"),
    ROUTES,
)


@dataclass(frozen=True, order=True)
class Cell:
    """The size of both tables; the columns a number, or those of the flights."""

    reference: int
    current: int
    columns: str

    @classmethod
    def of(cls, text: str) -> Cell:
        """Read a cell as the command line names it."""
        reference, current, columns = text.split(":")
        if columns != FLIGHTS:
            int(columns)
        return cls(int(reference), int(current), columns)

    def __str__(self) -> str:
        return f"{self.reference}:{self.current}:{self.columns}"

    @property
    def values(self) -> int:
        """How many are compared, about."""
        columns = 13 if self.columns == FLIGHTS else int(self.columns)
        return (self.reference + self.current) * columns


def cells() -> list[Cell]:
    """Return all cells, the cheapest first."""
    pairs = [(n, n) for n in SIZES] + [(n * FEWER, n) for n in SIZES[:2]]
    pairs += [(n, n * FEWER) for n in SIZES[:2]]
    found = [Cell(*pair, width) for pair in pairs for width in WIDTHS]
    return sorted(found, key=lambda cell: cell.values)


def columns_of(count: int) -> list[Column]:
    """Return so many columns, the kinds one after the other."""
    return [replace(KINDS[i % len(KINDS)], name=f"c{i}") for i in range(count)]


@cache
def flights() -> pa.RecordBatch:
    """Return the flights of a year, without their time and their score."""
    columns = [name for name in flights_data.COLUMNS if name not in {"time", "score"}]
    return pa.RecordBatch.from_pandas(flights_data.flights()[columns], preserve_index=False)


def pair(cell: Cell, run: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Draw two tables of a run from the same distributions, or rows from the same table."""
    if cell.columns == FLIGHTS:
        rng = np.random.default_rng([cell.reference, cell.current, run])
        chosen = rng.permutation(len(flights()))[: cell.reference + cell.current]
        taken = flights().take(pa.array(chosen))
        return taken.slice(0, cell.reference), taken.slice(cell.reference)
    rng = np.random.default_rng([cell.reference, cell.current, int(cell.columns), run])
    columns = columns_of(int(cell.columns))
    reference = draw(rng, cell.reference, columns=columns)
    return reference, draw(rng, cell.current, columns=columns)


def simulate(job: tuple[Cell, int]) -> list[bool]:
    """Compare two tables that differ by chance alone; return for each rule whether it alarms."""
    decisions = check(*pair(*job))
    sharp = judge(decisions, EVIDENT, Threshold(0.0))
    return [bool(drifted(found)) for found in (judge(decisions, TUTORIAL), decisions, sharp)]


def read() -> dict[str, list[int]]:
    """Return by cell the runs so far, and of each rule the alarms."""
    found: dict[str, list[int]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return found


def go_on(cell: Cell, runs: int, jobs: int, end: float) -> None:
    """Simulate what a cell lacks until the time is over, and keep it."""
    kept = read()
    done = kept.get(str(cell), [0] * (1 + len(RULES)))
    step = 8 * jobs
    with ProcessPoolExecutor(jobs) as pool:
        while done[0] < runs and time.monotonic() < end:
            numbers = range(done[0], min(done[0] + step, runs))
            outcomes = list(pool.map(simulate, [(cell, run) for run in numbers]))
            alarms = [sum(rule) for rule in zip(*outcomes, strict=True)]
            done = [a + b for a, b in zip(done, [len(outcomes), *alarms], strict=True)]
            kept[str(cell)] = done
            KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    print(f"{cell}: {done[0]} runs", file=sys.stderr)


def allowed(runs: int) -> int:
    """Return how many alarms chance alone gives a rule that promises 5 %, once in a thousand."""
    return int(binom.isf(CHANCE, runs, ALPHA))


def table(kept: dict[str, list[int]]) -> str:
    """Return the shares of runs with an alarm as Markdown."""
    head = ["reference", "current", "columns", "runs", *RULES, "chance alone allows"]
    lines = [head, ["---:"] * len(head)]
    order = sorted(
        map(Cell.of, kept), key=lambda c: (WIDTHS.index(c.columns), c.reference, c.current)
    )
    for cell in order:
        runs, *alarms = kept[str(cell)]
        shares = [f"{100 * n / runs:.1f} %" for n in alarms]
        most = f"{100 * allowed(runs) / runs:.1f} %"
        size = [f"{cell.reference:,}", f"{cell.current:,}", cell.columns, f"{runs:,}"]
        lines.append([*size, *shares, most])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def broken(kept: dict[str, list[int]]) -> list[str]:
    """Return the cells in which a rule that promises 5 % alarms more often than chance allows."""
    return [
        name
        for name, (runs, _, *promised) in kept.items()
        if any(alarms > allowed(runs) for alarms in promised)
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Go on with the simulation and print the table; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="pairs of tables a cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--cells", type=Cell.of, nargs="*", default=cells())
    parser.add_argument("--render", action="store_true", help="print what there is")
    told = parser.parse_args(words)
    end = time.monotonic() + 60 * told.minutes
    chosen: Iterable[Cell] = () if told.render else told.cells
    for cell in chosen:
        go_on(cell, told.runs, told.jobs, end)
    print(table(read()))
    return 1 if broken(read()) else 0


if __name__ == "__main__":
    sys.exit(main())
