"""How often unchanged days alarm, by rows and by windows of time: tables of docs/statistics.md.

Run ``python benchmarks/windows.py``; the full size takes some seven minutes on two cores. Every run
has a seed of its own, so that the numbers depend neither on ``--jobs`` nor on the machine.

The columns of a log are normal with standard deviation 1; every day moves the mean of each by a
random effect. A run draws 365 days of reference and 60 to be judged. The 365 days are made into
twelve references of 30 days, four of 90 and one of 365, each of which judges its share of the 60.
Only the counts at edges matter to D, so these are drawn instead of rows: a multinomial a day and
column, exact. All that judges is driftcli's own.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from calibration import percent, table
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import beta, binom

from driftcli.decide import Check, decide
from driftcli.methods import METHODS
from driftcli.model import DecisionPolicy, MethodResult, Status, Threshold
from driftcli.pipeline.effects import Effects, effects_now, effects_of_past
from driftcli.pipeline.frame import Frame
from driftcli.pipeline.standing import stand
from driftcli.pipeline.windows import Windowing
from driftcli.summaries.grid import Cuts, Grid
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.powers import PowerSums
from driftcli.tails import ks_two_sample_sf
from driftcli.windows.clock import Clock
from driftcli.windows.spec import WindowSpec

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

KS = METHODS["ks"]
ALPHA, MIN_ROWS, THRESHOLD = 0.05, 30, 0.1
BUCKETS = 128
EDGES = ndtri(np.arange(1, BUCKETS) / BUCKETS)
GRID = Grid(EDGES, Cuts(EDGES[:0], np.zeros(0, dtype=np.bool_)), few=False)
BY_DAY = Windowing(Clock(WindowSpec.parse("1d")), "time")
SHIFTS = (1.0, 2.0, 3.0, 5.0)  # in standard deviations of the days
CHANCE = 1e-3


@dataclass(frozen=True)
class Log:
    """How far apart days are, in sd of the rows; rows a day; the correlation between columns."""

    day_sd: float
    rows: int
    shared: float = 0.0

    def means(self, rng: np.random.Generator, days: int, columns: int) -> Floats:
        """Draw the means of days, shape (days, columns)."""
        own, common = rng.standard_normal((days, columns)), rng.standard_normal((days, 1))
        return self.day_sd * (math.sqrt(1 - self.shared) * own + math.sqrt(self.shared) * common)

    def counts(self, rng: np.random.Generator, means: Floats) -> Counts:
        """Draw the rows up to each edge, shape (..., edges)."""
        below = ndtr(EDGES - means[..., None])
        shares = np.diff(below, axis=-1, prepend=0.0, append=1.0)
        return np.cumsum(rng.multinomial(self.rows, shares), axis=-1)[..., :-1]


@dataclass(frozen=True)
class Size:
    """How many columns are judged together, and days, and of what the first column is shifted."""

    columns: tuple[int, ...] = (5, 12, 50)
    days: tuple[int, ...] = (30, 90, 365)
    judged: int = 60
    shifts: tuple[float, ...] = SHIFTS
    among: int = 12  # columns, of which the shifted one is the first

    def of_each(self, days: int) -> int:
        """Return how many days a reference of so many days judges."""
        return self.judged // (max(self.days) // days)


FULL = Size()


@dataclass(frozen=True)
class Rule:
    """A way to decide; with ``each`` the share of checks counts, not whether there is any."""

    name: str
    threshold: float
    windows: bool
    policy: DecisionPolicy
    each: bool = False

    def flagged(self, checks: Sequence[Check]) -> list[bool]:
        """Tell of checks with this threshold and their standing which of them drift."""
        if not self.windows:
            checks = [replace(check, standing=None, joint_pvalue=None) for check in checks]
        return [decision.status is Status.DRIFT for decision in decide(checks, self.policy)]


EVIDENT = DecisionPolicy(alpha=ALPHA, min_rows=MIN_ROWS)
ROWS = Rule("rows, D > 0.1", THRESHOLD, False, EVIDENT)
ROWS_ALONE = Rule("rows, D > 0", 0.0, False, EVIDENT)
EFFECT = Rule("D > 0.1 alone", THRESHOLD, False, replace(EVIDENT, rule="threshold"))
WINDOWS = Rule("windows, D > 0.1", THRESHOLD, True, EVIDENT)
WINDOWS_ALONE = Rule("windows, D > 0", 0.0, True, EVIDENT)
EACH = Rule("each check alone", 0.0, True, replace(EVIDENT, correction="none"), each=True)
RULES = (ROWS, ROWS_ALONE, EFFECT, WINDOWS, WINDOWS_ALONE, EACH)


@dataclass(frozen=True)
class Cell:
    """Days of a reference, columns judged together, and how far the first is shifted."""

    days: int
    columns: int
    shift: float = 0.0

    def __str__(self) -> str:
        what = f"shift {self.shift:g}" if self.shift else f"{self.columns} columns"
        return f"{self.days} days: {what}"


# alarms, or whether the shifted column is found: a row a judged day, a column a rule
Outcome = dict[Cell, Floats]
Job = tuple[Log, int]


def counted(upto: Counts, rows: int) -> NumericSummary:
    """Return the summary of rows that are counted at the edges, of which none is a value."""
    return NumericSummary(rows, 0, 0, 0, PowerSums(), None, None, GRID, (upto, upto))


@cache
def row_pvalue(distance: float, n: int, m: int) -> float:
    """Return the p-value of ``ks``; the exact one costs 8 ms and comes up again and again."""
    return ks_two_sample_sf(distance, n, m)


class Reference:
    """Some days of all columns, and by how much each differs from the others."""

    def __init__(self, upto: Counts, rows: int) -> None:
        days = len(upto)
        self.frame = Frame(BY_DAY, dict.fromkeys(range(days), rows), {})
        self._rows = rows
        self._wholes = [counted(column, days * rows) for column in upto.sum(axis=0)]
        self._past = [
            effects_of_past([KS], {d: counted(upto[d, c], rows) for d in range(days)}, MIN_ROWS)
            for c in range(upto.shape[1])
        ]

    def check(self, column: int, upto: Counts) -> tuple[Check, Effects]:
        """Compare a column of a day."""
        whole, rows = self._wholes[column], self._rows
        now = effects_now([KS], whole, counted(upto, rows), MIN_ROWS)
        distance = round(now[KS.name], 12)
        pvalue = row_pvalue(distance, whole.count, rows)
        result = MethodResult(KS.name, distance, now[KS.name], pvalue, whole.count, rows)
        check = Check(str(column), result, Threshold(THRESHOLD), KS.effect)
        return check, Effects(past=self._past[column], now=now)

    def standing(self, found: Sequence[tuple[Check, Effects]]) -> dict[float, list[Check]]:
        """Return by threshold the checks judged together, with their places among the windows."""
        effects = {check.column: effect for check, effect in found}
        asked = {
            limit: [replace(check, threshold=Threshold(limit)) for check, _ in found]
            for limit in (0.0, THRESHOLD)
        }
        return {limit: stand(c, effects, self.frame, ALPHA) for limit, c in asked.items()}


def simulate(log: Log, run: int, size: Size = FULL) -> Outcome:
    """Draw a log and judge its days by all rules."""
    rng = np.random.default_rng([round(100 * log.day_sd), log.rows, round(100 * log.shared), run])
    columns, most = max(size.columns), max(size.days)
    past = log.counts(rng, log.means(rng, most, columns))
    means = log.means(rng, size.judged, columns)
    current = log.counts(rng, means)
    # of the first column only, a shift after the other
    moved = log.counts(rng, means[:, :1] + log.day_sd * np.array(size.shifts))
    verdicts: dict[Cell, list[list[float]]] = {}
    for days in size.days:
        step = size.of_each(days)
        for number in range(most // days):
            reference = Reference(past[number * days : (number + 1) * days], log.rows)
            for at in range(number * step, (number + 1) * step):
                for cell, rules in judged(reference, current[at], moved[at], days, size):
                    verdicts.setdefault(cell, []).append(rules)
    return {cell: np.array(found) for cell, found in verdicts.items()}


def judged(
    reference: Reference, day: Counts, moved: Counts, days: int, size: Size
) -> Iterator[tuple[Cell, list[float]]]:
    """Yield for a day and all cells of a reference what each rule says."""
    found = [reference.check(column, upto) for column, upto in enumerate(day)]
    for columns in size.columns:
        stood = reference.standing(found[:columns])
        flags = [(rule, rule.flagged(stood[rule.threshold])) for rule in RULES]
        said = [float(np.mean(f)) if rule.each else float(any(f)) for rule, f in flags]
        yield Cell(days, columns), said
    for shift, upto in zip(size.shifts, moved, strict=True):
        changed = [reference.check(0, upto), *found[1 : size.among]]
        stood = reference.standing(changed)
        said = [float(rule.flagged(stood[rule.threshold])[0]) for rule in RULES]
        yield Cell(days, size.among, shift), said


def of_rule(outcome: Outcome, cell: Cell, rule: Rule) -> Floats:
    """Return what a rule said, shape (judged days,)."""
    return outcome[cell][:, RULES.index(rule)]


def independent(count: float, days: int, size: Size = FULL) -> float:
    """Return how many independent days so many judged ones are worth.

    How often a reference of W days alarms varies between references: as a beta distribution, for
    which the alarms of two days that it judges correlate by 1 / (W + 2).
    """
    return count / (1 + (size.of_each(days) - 1) / (days + 2))


def limits(share: float, count: float) -> str:
    """Return the 95 % interval of a share (Clopper & Pearson 1934) in per cent."""
    hits = share * count
    low = beta.ppf(0.025, hits, count - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, count - hits) if hits < count else 1.0
    return f"{percent_of(share)} ({100 * low:.1f} to {100 * high:.1f})"


def percent_of(share: float) -> str:
    """Return one share in per cent."""
    return percent([share])  # type: ignore[list-item]


# every size, and days that move all columns alike
LOGS = (
    *(Log(day_sd, rows) for day_sd in (0.0, 0.1, 0.3) for rows in (200, 5_000, 100_000)),
    *(Log(day_sd, 5_000, shared=0.8) for day_sd in (0.1, 0.3)),
)
BASE = Cell(90, 12)


def named(log: Log) -> list[str]:
    """Return the first cells of a line."""
    return [f"{log.day_sd:g}{', correlated' if log.shared else ''}", f"{log.rows:,}"]


def by_rule(found: dict[Log, Outcome]) -> str:
    """Return the table of alarms by rule in one size."""
    lines = []
    for log, outcome in found.items():
        shares = {rule: of_rule(outcome, BASE, rule) for rule in RULES}
        days = independent(len(shares[EACH]), BASE.days)
        checks = days if log.shared else days * BASE.columns
        counts = {WINDOWS: days, WINDOWS_ALONE: days, EACH: checks}
        said = [
            limits(float(said.mean()), counts[rule]) if rule in counts else percent(said)
            for rule, said in shares.items()
        ]
        lines.append([*named(log), *said])
    return table(["day sd", "rows a day", *(rule.name for rule in RULES)], lines)


def by_cell(found: dict[Log, Outcome], rule: Rule, cells: Sequence[Cell]) -> str:
    """Return the table of one rule in references of all lengths."""
    lines = [
        [*named(log), *(percent(of_rule(outcome, cell, rule)) for cell in cells)]
        for log, outcome in found.items()
    ]
    return table(["day sd", "rows a day", *map(str, cells)], lines)


def held(found: dict[Log, Outcome], rules: Sequence[Rule]) -> str:
    """Say for each length of the reference how rules keep their promise."""
    lines = []
    for days in FULL.days:
        cells = [Cell(days, columns) for columns in FULL.columns]
        judged_days = next(iter(found.values()))[cells[0]].shape[0]
        worth = int(independent(judged_days, days))
        level = (math.ceil(ALPHA * (days + 1)) - 1) / (days + 1)
        limit = binom.isf(CHANCE, worth, ALPHA) / worth
        line = [f"{days}", f"{judged_days:,}", f"{worth:,}", percent_of(level), percent_of(limit)]
        for rule in rules:
            shares = [of_rule(o, cell, rule).mean() for o in found.values() for cell in cells]
            line += [percent_of(float(np.mean(shares))), percent_of(max(shares))]
        lines.append(line)
    head = ["days of reference", "days judged", "worth independent", "attainable level", "limit"]
    of_rules = [f"{rule.name}: {what}" for rule in rules for what in ("mean", "largest")]
    return table([*head, *of_rules], lines)


def power_by_rule(found: dict[Log, Outcome]) -> str:
    """Return the table of shifts found by rule in one size."""
    rules = (ROWS, EFFECT, WINDOWS, WINDOWS_ALONE, EACH)
    lines = [
        [*named(log), f"{shift:g}", *(percent(of_rule(outcome, cell, rule)) for rule in rules)]
        for log, outcome in found.items()
        for shift in SHIFTS
        for cell in [replace(BASE, shift=shift)]
    ]
    return table(["day sd", "rows a day", "shift", *(rule.name for rule in rules)], lines)


def report(
    runs: int, map_: Callable[[Callable[[Job], Outcome], list[Job]], Iterable[Outcome]]
) -> str:
    """Simulate all logs and return the tables."""
    outcomes = iter(map_(one, [(log, run) for log in LOGS for run in range(runs)]))
    found = {}
    for log in LOGS:
        several = [next(outcomes) for _ in range(runs)]
        found[log] = {cell: np.concatenate([o[cell] for o in several]) for cell in several[0]}
        print(f"{log} done", file=sys.stderr)
    moving = {log: outcome for log, outcome in found.items() if log.day_sd}
    size = f"{BASE.columns} columns and {BASE.days} days of reference"
    sizes = [Cell(days, columns) for days in FULL.days for columns in FULL.columns]
    moves = [Cell(days, BASE.columns, shift) for days in FULL.days for shift in SHIFTS]
    return "\n".join([
        f"Share of unchanged days with any alarm, {size} (of the last rule: share of checks):", "",
        by_rule(found), "",
        f"The same of `{ROWS.name}` in all sizes:", "", by_cell(found, ROWS, sizes), "",
        f"The same of `{WINDOWS.name}`:", "", by_cell(found, WINDOWS, sizes), "",
        f"The same of `{WINDOWS_ALONE.name}`:", "", by_cell(found, WINDOWS_ALONE, sizes), "",
        "How the cells of these two stand against 5 %:", "",
        held(found, (WINDOWS, WINDOWS_ALONE)), "",
        f"Share of days on which the one shifted column is flagged, {size}:", "",
        power_by_rule(moving), "",
        f"The same of `{WINDOWS.name}` with shorter and longer references:", "",
        by_cell(moving, WINDOWS, moves),
    ])  # fmt: skip


def one(job: Job) -> Outcome:
    """Simulate one run of the full size."""
    return simulate(*job)


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=8, help="logs of each kind, 60 days in each")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        print(report(arguments.runs, lambda f, jobs: pool.map(f, jobs)))


if __name__ == "__main__":
    main()
