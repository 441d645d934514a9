"""The page ``docs/benchmarks.md``, made of what was measured and of nothing else."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from results import Figures, Results, Session
from works import CONTESTANTS, PROMISES, WORKS, Promise, Work

HEAD = """\
# Benchmarks

What a check costs, beside other ways of doing it. Every figure on this page was measured and
written by `benchmarks/run.py`; none is typed by hand.

## How it is measured

- A figure is a whole process, from its start to its end: interpreter, imports, reading both files,
  the check, the result as JSON on standard output. The runner looks into the JSON whether every
  column is there.
- The contestants of a table took turns in one session, so that ratios are fair. Seconds are the
  median of the runs, with the least and the greatest beside it. Who takes more than 15 s has three
  runs, who takes more than a minute one.
- MB is the highest peak of resident memory in 10^6 bytes, that of the largest process where there
  are several.
- The files were read once before each run, so nobody waits for the disk.
- The data are made by `benchmarks/generate.py`, the same on every machine: shares, prices, dwell
  times, counts, ranks, hours, and strings of 4, 7 and 40 levels, 2 % missing in two columns; in the
  current side some have moved.
- Libraries are in virtual environments of their own, with their defaults unless said below, and
  with usage reports to their makers turned off.

To repeat it, on Linux, in an environment with driftcli installed; it takes about an hour, some
15 GB of disk, and the package index for the libraries:

```sh
python benchmarks/run.py                     # everything, then this page
python benchmarks/run.py --works 10k,1m      # a part; the rest of the page stays
python benchmarks/run.py --works trial --results t.json --page t.md   # does everything run?
```
"""


def number(value: float) -> str:
    """Return a figure with three digits.

    Parameters
    ----------
    value : float
    """
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.{1 if value >= 9.995 else 2}f}"


def cell(text: str) -> str:
    """Return text as it stands in a table.

    Parameters
    ----------
    text : str
    """
    return text.replace("|", r"\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Return a Markdown table.

    Parameters
    ----------
    head : sequence of str
    rows : iterable of sequence of str
    left : int
        How many columns are words, on the left.
    """
    rule = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rows))


def name_of(figures: Figures, session: Session) -> str:
    """Return who it is, with the table where the session has several.

    Parameters
    ----------
    figures : Figures
    session : Session
    """
    title = CONTESTANTS[figures.contestant].title
    several = len({one.table for one in session.figures}) > 1
    return f"{title}, {figures.table.title}" if several else title


def line(figures: Figures, session: Session) -> list[str]:
    """Return a row of a work's table.

    Parameters
    ----------
    figures : Figures
    session : Session
    """
    name = name_of(figures, session)
    seconds, megabytes = figures.figure("seconds"), figures.figure("megabytes")
    if seconds is None or megabytes is None:
        return [name, cell(figures.failed), "", "", ""]
    ours = session.of(("driftcli", figures.table))
    yardstick = ours.figure("seconds") if ours else None
    return [
        name,
        number(seconds),
        f"{number(min(figures.seconds))} – {number(max(figures.seconds))}"
        if len(figures.seconds) > 1
        else "one run",
        number(megabytes),
        number(seconds / yardstick) if yardstick else "",
    ]


def fit(session: Session, along: str) -> str:
    """Return the straight line through the median times, by least squares.

    Parameters
    ----------
    session : Session
    along : str
        ``"rows"`` or ``"columns"``.
    """
    points = [
        (getattr(figures.table, along), seconds)
        for figures in session.figures
        if (seconds := figures.figure("seconds")) is not None
    ]
    if len(points) < 3:
        return ""
    sizes, times = zip(*points, strict=True)
    slope, start = statistics.linear_regression(sizes, times)
    share = statistics.correlation(sizes, times) ** 2
    unit, word = (1e6, "million rows") if along == "rows" else (100, "hundred columns")
    sign = "−" if start < 0 else ""
    return (
        f"Least squares: seconds = {sign}{abs(start):.3f} + {slope * unit:.3f} for each {word}, "
        f"R² = {share:.4f}.\n"
    )


def work_part(work: Work, session: Session) -> Iterator[str]:
    """Yield the section of a work.

    Parameters
    ----------
    work : Work
    session : Session
    """
    yield f"## {work.title}\n"
    yield (
        table(
            ["", "s", "from – to", "MB", "÷ driftcli's s"],
            (line(figures, session) for figures in session.figures),
        )
        + "\n"
    )
    if work.along:
        yield fit(session, work.along)


def wording(promise: Promise) -> str:
    """Return a promise in words.

    Parameters
    ----------
    promise : Promise
    """
    name, size = promise.of
    subject = f"{size.title}: {CONTESTANTS[name].title}"
    if promise.to is None:
        return f"{subject}, at most {promise.most:g} MB"
    other, other_size = promise.to
    what = "time" if promise.figure == "seconds" else "memory"
    against = CONTESTANTS[other].title + (f" on {other_size.title}" if other == name else "")
    return f"{subject}, {what} at most {promise.most:g} × {against}"


def verdict(promise: Promise, results: Results) -> list[str]:
    """Return a row of the promises' table: what was promised, the figure, met or not.

    Parameters
    ----------
    promise : Promise
    results : Results
    """
    session = results.sessions.get(promise.work)
    sides = [promise.of] if promise.to is None else [promise.of, promise.to]
    found = [session.of(entry) if session else None for entry in sides]
    values = [figures.figure(promise.figure) if figures else None for figures in found]
    if found[0] is not None and found[0].failed:
        return [wording(promise), cell(found[0].failed), "**not met**"]
    known = [value for value in values if value is not None]
    if len(known) < len(sides):
        return [wording(promise), "not measured", ""]
    value = known[0] / known[1] if promise.to else known[0]
    return [wording(promise), number(value), "met" if value <= promise.most else "**not met**"]


def contestants_part(results: Results) -> Iterator[str]:
    """Yield what each contestant computes, with versions.

    Parameters
    ----------
    results : Results
    """
    yield "## What each computes\n"
    for name, contestant in CONTESTANTS.items():
        if name not in results.versions:
            continue
        found = ", ".join(f"{package} {v}" for package, v in results.versions[name].items())
        yield f"- **{contestant.title}**{f' ({found})' if found else ''}: {contestant.computes}"
    yield ""
    yield (
        "They do not answer the same question: some estimate where others compute, some leave out "
        "p-values,\nsome look at a sample. Each does what its documentation shows first."
    )


def render(results: Results) -> str:
    """Return the page.

    Parameters
    ----------
    results : Results
    """
    days = sorted({session.measured for session in results.sessions.values()})
    told = ", ".join(f"{what} {value}" for what, value in results.machine.items())
    parts = [HEAD, f"Machine: {told}. Measured {' and '.join(dict.fromkeys(days))}.\n"]
    parts += ["## Promises\n", table(
        ["what was promised", "measured", ""],
        (verdict(promise, results) for promise in PROMISES),
    ) + "\n"]  # fmt: skip
    for name, work in WORKS.items():
        if name in results.sessions:
            parts += work_part(work, results.sessions[name])
    parts += contestants_part(results)
    return "\n".join(parts) + "\n"
