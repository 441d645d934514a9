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
    fail_on: o.Fail = o.FailOn.DRIFT,
    allow_not_evaluated: o.Allow = False,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Check whether predictions moved: mean and spread, KS and PSI; chi-square for classes.

    The mean shift is told in standard deviations of the reference, so zero and negative means are
    no special case. Exit code: 0 no drift, 1 drift, 2 could not check.
    """
    from driftcli.commands import output as out
    from driftcli.commands import settings as given
    from driftcli.pipeline.columns import check_predictions

    outputs = out.Outputs(format_, tuple(output or ()), quiet).check()
    settings = given.settle(config, threshold, delimiter, encoding)
    if column:
        chosen = replace(settings.predictions, column=tuple(column))
        settings = replace(settings, predictions=chosen)
    report = check_predictions(*given.sides(data or [], settings), settings)
    return out.deliver([report], outputs, out.Exit(fail_on, allow_not_evaluated))
