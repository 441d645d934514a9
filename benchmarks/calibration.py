"""How often the decision rules cry wolf, and what they miss: the tables of docs/statistics.md.

Run ``python benchmarks/calibration.py``; the full size takes some ten minutes on two cores. The
twelve columns and their change are those of ``tests/calibration``. Every pair of tables has a seed
of its own, so that the numbers depend neither on ``--jobs`` nor on the machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "calibration"))

from simulation import CATEGORIES, COLUMNS, CONTINUOUS, TIED, Verdict, draw, verdict

ROWS = (200, 500, 1_000, 5_000, 50_000)
FEW = frozenset({"four_levels", "seven_levels"})
MANY = frozenset(column.name for column in CATEGORIES) - FEW
NUMERIC = frozenset(column.name for column in (*CONTINUOUS, *TIED))


@dataclass(frozen=True)
class Case:
    """What is changed between the two tables, and by how much."""

    key: int
    change: float
    alone: bool = False

    def changed(self, run: int) -> frozenset[str]:
        """Return the columns changed in a run: all, or each in its turn."""
        names = [column.name for column in COLUMNS]
        return frozenset([names[run % len(names)]] if self.alone else names)


NOTHING, TINY, LARGE, ALONE = Case(0, 0.0), Case(1, 0.02), Case(2, 0.15), Case(3, 0.15, alone=True)
# a pair of tables: its case, its rows a side, its number
Job = tuple[Case, int, int]


def simulate(job: Job) -> Verdict:
    """Draw a pair of tables and judge it by both rules."""
    case, rows, run = job
    rng = np.random.default_rng([case.key, rows, run])
    reference = draw(rng, rows)
    return verdict(reference, draw(rng, rows, case.change, changed=case.changed(run)))


def runs_of(rows: int, runs: int) -> int:
    """Return how many pairs of tables a size gets: fewer where they are costly and clear."""
    return max(len(COLUMNS), runs if rows <= 1_000 else runs * 1_250 // rows)


def flagged(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the shares of pairs with any column flagged, by either rule."""
    return [
        percent(bool(v.tutorial) for v in verdicts),
        percent(bool(v.evident) for v in verdicts),
    ]


def found(case: Case, verdicts: Sequence[Verdict]) -> list[str]:
    """Return the shares of changed columns that ``evident`` flags, by kind."""
    return [
        percent(name in v.evident for run, v in enumerate(verdicts) for name in group
                if name in case.changed(run))
        for group in (NUMERIC, FEW, MANY)
    ]  # fmt: skip


def percent(hits: Iterable[bool]) -> str:
    """Return a share in per cent with one digit, but 0 and 100 only where they are exact."""
    outcomes = list(hits)
    share = 100 * sum(outcomes) / len(outcomes)
    return f"{share:.0f} %" if share in (0.0, 100.0) else f"{min(max(share, 0.1), 99.9):.1f} %"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(
    runs: int, map_: Callable[[Callable[[Job], Verdict], list[Job]], Iterable[Verdict]]
) -> str:
    """Simulate all sizes and return both tables."""
    alarms, power = [], []
    for rows in ROWS:
        count = runs_of(rows, runs)
        verdicts = {
            case: list(map_(simulate, [(case, rows, run) for run in range(count)]))
            for case in (NOTHING, TINY, LARGE, ALONE)
        }
        size = [f"{rows:,}", f"{count:,}"]
        alarms.append([*size, *(s for c in (NOTHING, TINY, LARGE) for s in flagged(verdicts[c]))])
        power.append([*size, *(s for c in (LARGE, ALONE) for s in found(c, verdicts[c]))])
        print(f"{rows:,} rows done", file=sys.stderr)
    cases = ("nothing changed", "D = 0.02 everywhere", "D = 0.15 everywhere")
    rules = [f"{case}: {rule}" for case in cases for rule in ("`threshold`", "`evident`")]
    kinds = ("numeric", "4 and 7 levels", "40 and 100 levels")
    places = [f"{place}: {kind}" for place in ("all changed", "one changed") for kind in kinds]
    return "\n".join([
        "Share of runs in which any of the twelve columns is flagged:", "",
        table(["rows", "runs", *rules], alarms), "",
        "Share of the columns changed by D = 0.15 that `evident` flags:", "",
        table(["rows", "runs", *places], power),
    ])  # fmt: skip


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="pairs of tables up to 1,000 rows")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        print(report(arguments.runs, lambda f, jobs: pool.map(f, jobs, chunksize=4)))


if __name__ == "__main__":
    main()
