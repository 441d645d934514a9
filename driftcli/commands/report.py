"""``driftcli report``: makes one page of results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcli.commands import options as o


def report(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT.json", help="Results of earlier commands, alerts.json too."),
    ],
    output: Annotated[
        list[Path],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Page to write (.html), or .json, .md, .csv, .xml, .prom; repeatable.",
        ),
    ],
    debug: o.Debug = False,
) -> int:
    """Put results on one offline HTML page: summary, tables, both distributions of each column.

    Exit code: 0 written, 2 could not read or write.
    """
    from driftcli.commands import output as out
    from driftcli.errors import UsageError
    from driftcli.model import AlertReport, Report

    outputs = out.Outputs(files=tuple(output)).check()
    found = [result for _, result in out.read_results(results)]
    reports = [result for result in found if isinstance(result, Report)]
    alerts = [result for result in found if isinstance(result, AlertReport)]
    if not reports:
        raise UsageError("no result to report on", hint="write one with -o FILE.json")
    out.write_files(reports, alerts[-1] if alerts else None, outputs)
    return out.OK
