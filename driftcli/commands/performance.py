"""``driftcli performance``: checks how well the model still does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from driftcli.commands import options as o


def performance(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REF] CUR", help="Current log, a reference log before it; or in the config."
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="METRICS.json",
            help="Stored metrics, in place of a reference log.",
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="NAME", help="True label. [label]")
    ] = None,
    score: o.Score = None,
    prediction: o.Prediction = None,
    group: o.Group = None,
    task: o.Task = None,
    positive: o.Positive = None,
    cutoff: Annotated[
        float | None,
        typer.Option(
            "--cutoff",
            help="Scores from here on are a yes; predictions are not read. [0.5]",
            min=0,
            max=1,
        ),
    ] = None,
    k: o.BestRows = None,
    labels: Annotated[
        str | None, typer.Option("--labels", metavar="FILE", help="Labels that came later.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="KEY", help="Key that the labels are joined by.")
    ] = None,
    config: o.ConfigFile = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", metavar="NAME=X", help="Largest drop, e.g. auc=0.03."),
    ] = None,
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
    engine: o.ChosenEngine = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Check whether the model still performs, with intervals.

    Compared with a reference log (REF CUR) or stored metrics (--baseline); without either the
    metrics are only computed, and -o metrics.json makes the baseline of later runs. Exit code: 0 no
    degradation, 1 degradation, 2 could not check (labels not there yet, for one).
    """
    from driftcli.commands import output as out
    from driftcli.commands import settings as flags
    from driftcli.pipeline.performance import check_performance

    outputs = out.Outputs(format_, tuple(output or ()), quiet, log_to=log_to)
    outputs.check(*(data or ()), baseline, labels, config)
    settings = flags.settle(config, (), delimiter, encoding, engine=engine)
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
    given = {
        "label": label,
        "score": None if not score else score[0] if len(score) == 1 else tuple(score),
        "prediction": prediction,
        "group": group,
        "task": task and str(task),
        "positive": positive,
        "cutoff": cutoff,
        "k": k,
        "labels": labels,
        "join_on": on,
    }
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    limits = {**settings.performance.max_drop, **flags.parse_drops(threshold or ())}
    settings = replace(
        settings, performance=replace(settings.performance, max_drop=limits, **chosen)
    )
    reference, current = flags.logs(data or [], settings, baseline)
    report = check_performance(current, settings, reference=reference, baseline=baseline)
    return out.deliver([report], outputs, out.Exit(fail_on, allow_not_evaluated, exit_style))
