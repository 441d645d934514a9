"""``driftcli baseline``: keeps of a reference what later runs need, in one small file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftcli.commands import options as o

if TYPE_CHECKING:
    from driftcli.pipeline.baseline import Made

app = typer.Typer(
    help="Make a baseline of a reference, look at it, add up parts of one.",
    no_args_is_help=False,
    rich_markup_mode=None,
)
Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")]
MinCount = Annotated[
    int,
    typer.Option("--min-count", metavar="K", help="Leave out what fewer rows stand behind.", min=0),
]


@app.command()
def create(
    data: Annotated[str, typer.Argument(metavar="REF", help=f"Reference data. {o.DATA}")],
    output: Target,
    config: o.ConfigFile = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="A,B", help="Keep only these columns.")
    ] = None,
    exclude: o.Exclude = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="NAME", help="True label: keep performance.")
    ] = None,
    score: o.Score = None,
    prediction: o.Prediction = None,
    group: o.Group = None,
    task: o.Task = None,
    positive: o.Positive = None,
    cutoff: Annotated[
        float | None,
        typer.Option("--cutoff", help="Scores from here on are a yes. [0.5]", min=0, max=1),
    ] = None,
    k: o.BestRows = None,
    edges_of: Annotated[
        Path | None,
        typer.Option(
            "--edges-of", metavar="BASELINE", help="Count on its edges, so that parts merge."
        ),
    ] = None,
    min_count: MinCount = 0,
    date: o.Date = None,
    where: o.Where = None,
    query: o.Query = None,
    time: o.TimeColumn = None,
    window: o.Window = None,
    time_zone: o.Zone = None,
    like: o.Like = None,
    delimiter: o.Delimiter = None,
    encoding: o.Encoding = None,
    max_memory: o.MaxMemory = None,
    jobs: o.Jobs = None,
    engine: o.ChosenEngine = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Summarise a reference in one small file that takes its place in later runs.

    It holds counts, no rows. With --label and --score (or a config with a performance section) it
    also holds how well the model did. Exit code: 0 written, 2 not written.
    """
    from driftcli.commands import settings as flags
    from driftcli.commands.progress import progress
    from driftcli.engines.watch import Nobody
    from driftcli.files import must_be_writable
    from driftcli.pipeline.baseline import create_baseline

    must_be_writable(output, [data, edges_of, config])
    settings = flags.settle(
        config, (), delimiter, encoding, max_memory=max_memory, jobs=jobs, engine=engine
    )
    settings = o.choose_rows(settings, date, where, query=query)
    settings = o.choose_windows(settings, time, window, time_zone, like)
    settings = flags.choose_columns(settings, columns, exclude)
    given = {
        "label": label,
        "score": None if not score else score[0] if len(score) == 1 else tuple(score),
        "prediction": prediction,
        "group": group,
        "task": task and str(task),
        "positive": positive,
        "cutoff": cutoff,
        "k": k,
    }
    roles: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    settings = replace(settings, performance=replace(settings.performance, **roles))
    with progress(Nobody(), quiet=quiet) as seen:
        made = create_baseline(
            data,
            settings,
            performance=bool(roles),
            edges_of=edges_of,
            min_count=min_count,
            watch=seen,
        )
    return _keep(made, output, quiet=quiet)


@app.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A baseline.")],
    column: Annotated[
        str | None, typer.Option("--column", metavar="NAME", help="This column, in full.")
    ] = None,
    format_: o.PlainOutput = o.PlainFormat.TABLE,
    debug: o.Debug = False,
) -> int:
    """Show what a baseline holds, after all that can be checked of it was checked."""
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.commands.settings import settle
    from driftcli.pipeline.outline import outline_of

    settle(None)
    outline = outline_of(path, column)
    if format_ is o.PlainFormat.JSON:
        from driftcli.renderers.json import dumps

        terminal.say(dumps(outline))
    else:
        from driftcli.renderers.baseline import render

        terminal.show(lambda console: render(outline, console))
    return out.OK


@app.command()
def merge(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PART", help="Baselines made with --edges-of one.")
    ],
    output: Target,
    min_count: MinCount = 0,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Add up baselines of parts: the same as one baseline of all their rows."""
    from driftcli.commands.settings import settle
    from driftcli.files import must_be_writable
    from driftcli.pipeline.baseline import merge_baselines

    must_be_writable(output, paths)
    settle(None)
    made = merge_baselines(paths, min_count=min_count)
    return _keep(made, output, quiet=quiet)


def _keep(made: Made, path: Path, *, quiet: bool) -> int:
    """Write a baseline and tell what is worth a warning."""
    from driftcli.commands import output as out
    from driftcli.commands import terminal

    made.baseline.write(path)
    for warning in () if quiet else dict.fromkeys(made.warnings):
        terminal.tell("warning", warning)
    return out.OK
