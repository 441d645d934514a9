"""``driftcli explain``: shows one column or metric of results large in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcli.commands import options as o


def explain(
    column: Annotated[
        str,
        typer.Argument(metavar="COLUMN", help="A column or metric, in full.", show_default=False),
    ],
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT.json", help="Results of earlier commands."),
    ],
    debug: o.Debug = False,
) -> int:
    """Show one column or metric large: both sides, where it moved, each check in words.

    Exit code: 0 shown, 2 there is none.
    """
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.errors import DataError, UsageError, did_you_mean
    from driftcli.model import Report
    from driftcli.renderers.explain import find, names, render

    read = out.read_results(results)
    reports = [(path, report) for path, report in read if isinstance(report, Report)]
    if not reports:
        raise UsageError("no result to explain", hint="write one with -o FILE.json")
    found = [subject for path, report in reports for subject in find(column, path, report)]
    if not found:
        known = dict.fromkeys(name for _, report in reports for name in names(report))
        places = ", ".join(dict.fromkeys(path for path, _ in reports))
        hint = did_you_mean(column, known) or _listed([*known])
        raise DataError("no such column or metric", path=places, column=column, hint=hint)
    terminal.show(lambda console: render(found, console))
    return 0


def _listed(known: list[str]) -> str:
    from driftcli.pipeline.comparison import named

    return f"there are {named(known)}" if known else "nothing was compared"
