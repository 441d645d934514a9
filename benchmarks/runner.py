"""Measures the entries of a work, which take turns, and says which runs count."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import Pair, made
from measure import Limits, Run, measure
from results import Figures, Session, today
from works import CONTESTANTS, ENVIRONMENT, Contestant, Entry, Work

ROOT = Path(__file__).parents[1]
# who takes longer than so many seconds is measured so often
SLOW = ((60.0, 1), (15.0, 3))


def names_in(document: Any) -> Iterator[str]:
    """Yield all keys and strings of a JSON document.

    Parameters
    ----------
    document : JSON value
    """
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for value in document:
            yield from names_in(value)
    elif isinstance(document, dict):
        yield from document
        for value in document.values():
            yield from names_in(value)


def unanswered(output: str, columns: Iterable[str]) -> str:
    """Return why an output is no answer for all columns, empty where it is one.

    Parameters
    ----------
    output : str
        Its last line is to be JSON.
    columns : iterable of str
    """
    lines = output.splitlines()
    try:
        document = json.loads(lines[-1] if lines else "")
    except ValueError:
        return "its last line is no JSON"
    missing = set(columns) - set(names_in(document))
    return f"no result for {', '.join(sorted(missing))}" if missing else ""


def failure(contestant: Contestant, run: Run, limits: Limits, columns: Iterable[str]) -> str:
    """Return why a run counts for nothing, empty where it counts.

    Parameters
    ----------
    contestant : Contestant
    run : Run
    limits : Limits
    columns : iterable of str
    """
    if run.exceeded == "seconds":
        return f"> {limits.seconds:,.0f} s"
    if run.exceeded == "megabytes":
        return f"> {limits.megabytes:,.0f} MB, ended after {run.seconds:,.0f} s"
    if run.code not in contestant.codes:
        return f"failed: {run.error or f'exit code {run.code}'}"
    return unanswered(run.output, columns) if contestant.answers else ""


def wants_more(figures: Figures, repeat: int) -> bool:
    """Say whether an entry is to be measured once more.

    Parameters
    ----------
    figures : Figures
    repeat : int
        How often at most.
    """
    if figures.failed:
        return False
    most = next((n for slow, n in SLOW if figures.seconds and figures.seconds[0] > slow), repeat)
    return len(figures.seconds) < min(most, repeat)


@dataclass(frozen=True)
class Runner:
    """Measures works.

    Parameters
    ----------
    data : Path
    pythons : dict
        The interpreter of each contestant that has one.
    missing : dict
        Why the others have none.
    limits : Limits
    """

    data: Path
    pythons: dict[str, Path]
    missing: dict[str, str]
    limits: Limits

    def session(self, work: Work, entries: Sequence[Entry], repeat: int) -> Session:
        """Measure a work, its entries taking turns.

        Parameters
        ----------
        work : Work
        entries : sequence of Entry
            Of the work, those asked for.
        repeat : int
        """
        pairs = {table: made(table, self.data) for _, table in entries}
        session = Session(today(), [Figures(*entry) for entry in entries])
        for _ in range(repeat):
            for figures in session.figures:
                if wants_more(figures, repeat):
                    self.once(figures, pairs[figures.table])
                    print(f"{work.title}: {told(figures)}", file=sys.stderr)
        return session

    def once(self, figures: Figures, pair: Pair) -> None:
        """Measure an entry once.

        Parameters
        ----------
        figures : Figures
            Gets the run.
        pair : Pair
        """
        if figures.contestant in self.missing:
            figures.failed = self.missing[figures.contestant]
            return
        contestant = CONTESTANTS[figures.contestant]
        places = {**pair.places, "python": str(self.pythons[figures.contestant])}
        command = [word.format(**places) for word in contestant.command]
        pair.warm()
        run = measure(command, self.limits, ENVIRONMENT)
        figures.seconds.append(round(run.seconds, 4))
        figures.megabytes.append(round(run.megabytes, 1))
        reason = failure(contestant, run, self.limits, pair.columns)
        figures.failed = reason.replace(f"{pair.folder}/", "").replace(f"{ROOT}/", "")


def told(figures: Figures) -> str:
    """Return the last run in a line.

    Parameters
    ----------
    figures : Figures
    """
    name = f"{figures.contestant}, {figures.table.title}"
    if figures.failed:
        return f"{name}: {figures.failed}"
    return f"{name}: {figures.seconds[-1]:.2f} s, {figures.megabytes[-1]:.0f} MB"
