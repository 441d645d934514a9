"""``driftcli predictions``: checks whether the model's outputs moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from driftcli.commands import options as o


def predictions(
    data: o.Data = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="NAME",
            help="Column of predictions; repeatable. [score, prediction]",
        ),
    ] = None,
    config: o.ConfigFile = None,
    threshold: o.Thresholds = None,
    output: o.Outputs = None,
    format_: o.OutputFormat = o.Format.TABLE,
    log_to: o.LogTo = None,
    fail_on: o.Fail = o.FailOn.DRIFT,
    allow_not_evaluated: o.Allow = False,
    exit_style: o.Style = o.ExitStyle.DIFF,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    date: o.Date = None,
    where: o.Where = None,
    reference_where: o.ReferenceWhere = None,
    current_where: o.CurrentWhere = None,
    query: o.Query = None,
    reference_query: o.ReferenceQuery = None,
    current_query: o.CurrentQuery = None,
    time: o.TimeColumn = None,
    window: o.Window = None,
    time_zone: o.Zone = None,
    like: o.Like = None,
    max_memory: o.MaxMemory = None,
    jobs: o.Jobs = None,
    engine: o.ChosenEngine = None,
    every: o.Every = False,
    profile_run: o.ProfileRun = False,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Check whether predictions moved: mean and spread, KS and PSI; chi-square for classes.

    The mean shift is told in standard deviations of the reference, so zero and negative means are
    no special case. Exit code: 0 no drift, 1 drift, 2 could not check.
    """
    from driftcli.commands import output as out
    from driftcli.commands import settings as given
    from driftcli.commands.profile import profiled
    from driftcli.commands.progress import progress
    from driftcli.pipeline.columns import check_predictions

    outputs = out.Outputs(format_, tuple(output or ()), quiet, every, log_to)
    outputs.check(*(data or ()), config)
    settings = given.settle(
        config,
        threshold,
        delimiter,
        encoding,
        max_memory=max_memory,
        jobs=jobs,
        engine=engine,
        role="predictions",
    )
    settings = o.choose_rows(
        settings,
        date,
        where,
        reference_where,
        current_where,
        query,
        reference_query,
        current_query,
    )
    settings = o.choose_windows(settings, time, window, time_zone, like)
    if column:
        chosen = replace(settings.predictions, column=tuple(column))
        settings = replace(settings, predictions=chosen)
    reference, current = given.sides(data or [], settings)
    with profiled(profile_run) as watch:
        with progress(watch, quiet=quiet) as seen:
            report = check_predictions(reference, current, settings, seen)
        with watch.spend("write", ()):
            return out.deliver(
                [report], outputs, out.Exit(fail_on, allow_not_evaluated, exit_style)
            )
