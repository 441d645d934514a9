"""``driftcli backtest``: replays past windows, to see what would have fired and what be missed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcli.commands import options as o


def backtest(
    data: Annotated[str, typer.Argument(metavar="DATA", help=f"Data with a time. {o.DATA}")],
    config: o.ConfigFile = None,
    columns: o.OnlyColumns = None,
    exclude: o.Exclude = None,
    threshold: o.Thresholds = None,
    time: o.TimeColumn = None,
    window: o.Window = None,
    time_zone: o.Zone = None,
    like: o.Like = None,
    share: Annotated[
        float,
        typer.Option("--share", help="Of the windows that are the reference.", min=0.01, max=0.99),
    ] = 0.5,
    draws: Annotated[
        int,
        typer.Option("--draws", help="Split at random so often; 0 splits in time.", min=0),
    ] = 0,
    plant: Annotated[
        list[str] | None,
        typer.Option(
            "--plant", metavar="CHANGE", help="E.g. distance*1.609, null:dest=0.05; repeatable."
        ),
    ] = None,
    propose: Annotated[
        Path | None,
        typer.Option("--propose", metavar="FILE", help="Write thresholds that are seldom met."),
    ] = None,
    at_most: Annotated[
        str, typer.Option("--at-most", metavar="RATE", help="Alarms that these allow.")
    ] = "1 per month",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Also write the result (.json)."),
    ] = None,
    format_: o.PlainOutput = o.PlainFormat.TABLE,
    date: o.Date = None,
    where: o.Where = None,
    query: o.Query = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    max_memory: o.MaxMemory = None,
    jobs: o.Jobs = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Replay the windows of a data set: how often each rule fires, how late it finds a change.

    Some windows are the reference, the others are tested one by one: by the effect alone, with
    p-values that take rows as independent, and with p-values from the reference's windows. Exit
    code: 0 replayed, 2 not.
    """
    from driftcli.commands import output as out
    from driftcli.commands import settings as given
    from driftcli.commands import terminal
    from driftcli.commands.progress import progress
    from driftcli.engines.watch import Nobody
    from driftcli.errors import UsageError
    from driftcli.files import must_be_writable, write_whole
    from driftcli.pipeline import proposal
    from driftcli.pipeline.backtest import backtest as replay
    from driftcli.pipeline.replayed import outline_of
    from driftcli.renderers.json import dumps

    for path in (propose, output):
        if path is not None:
            must_be_writable(path, [data, config])
    if output is not None and output.suffix != ".json":
        raise UsageError("a replay is written as .json", path=output)
    rate = proposal.parse_rate(at_most)
    settings = given.settle(
        config, threshold, delimiter, encoding, max_memory=max_memory, jobs=jobs
    )
    settings = o.choose_rows(settings, date, where, query=query)
    settings = o.choose_windows(settings, time, window, time_zone, like)
    settings = given.choose_columns(settings, columns, exclude)
    with progress(Nobody(), quiet=quiet) as seen:
        found = replay(data, settings, draws=draws, share=share, plants=plant or (), watch=seen)
    if not quiet:
        for warning in found.warnings:
            terminal.tell("warning", warning)
    limits = None if propose is None else proposal.thresholds(found, rate)
    outline = outline_of(found, limits)
    if propose is not None and limits is not None:
        write_whole(propose, proposal.as_yaml(found, limits, at_most))
    if output is not None:
        write_whole(output, dumps(outline, indent=2) + "\n")
    if format_ is o.PlainFormat.JSON:
        terminal.say(dumps(outline))
    elif not quiet:
        from driftcli.renderers.backtest import render

        terminal.show(lambda console: render(outline, console))
    return out.OK
