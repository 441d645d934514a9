"""``driftcli report``: makes one page of results."""

from __future__ import annotations

import os
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
            help="Page to write (.html), overview chart (.svg, .png, .pdf), or .json, .md, .csv, "
            ".xml, .prom; repeatable.",
        ),
    ],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="MONITOR.yaml",
            help="Show the trends of its past runs on the page.",
        ),
    ] = None,
    debug: o.Debug = False,
) -> int:
    """Put results on one offline HTML page: summary, tables, both distributions of each column.

    Exit code: 0 written, 2 could not read or write.
    """
    from driftcli.commands import output as out
    from driftcli.errors import UsageError
    from driftcli.model import AlertReport, Report

    # results may be written over: a result that is reported over itself stays the same
    outputs = out.Outputs(files=tuple(output)).check(config)
    found = [result for _, result in out.read_results(results)]
    reports = [result for result in found if isinstance(result, Report)]
    alerts = [result for result in found if isinstance(result, AlertReport)]
    if not reports:
        raise UsageError("no result to report on", hint="write one with -o FILE.json")
    raised = alerts[-1] if alerts else None
    if config is None:
        out.write_files(reports, raised, outputs)
        return out.OK
    from dataclasses import replace

    from driftcli.commands.settings import settle
    from driftcli.files import write_whole
    from driftcli.pipeline.monitor import past_runs
    from driftcli.renderers import html

    settings = settle(config)
    past = past_runs(replace(settings, monitor=settings.monitor or config.stem), os.environ)
    last = max(result.timestamp for result in reports)
    history = [p for p in past if p.at < last and p.run != (raised.id if raised else "")]
    pages = [path for path in output if path.suffix.lower() == ".html"]
    for path in pages:
        write_whole(path, html.render(reports, raised, history))
    others = tuple(path for path in output if path not in pages)
    out.write_files(reports, raised, replace(outputs, files=others))
    return out.OK
