"""``driftcli history``: what past runs of a monitor found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.commands import options as o

if TYPE_CHECKING:
    from driftcli.store import Store

app = typer.Typer(
    help="Show what past runs found; forget old ones; export them.",
    no_args_is_help=False,
    rich_markup_mode=None,
)
ConfigFile = Annotated[
    Path,
    typer.Option("--config", "-c", metavar="MONITOR.yaml", help="The file that run takes."),
]
LAST = 30


class HistoryFormat(StrEnum):
    """What goes to stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command()
def show(
    config: ConfigFile,
    column: Annotated[
        str | None, typer.Argument(metavar="COLUMN", help="A column or metric, in full.")
    ] = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", help="Of so many runs at most.", min=1)
    ] = LAST,
    every: Annotated[
        bool, typer.Option("--all-monitors", help="All monitors of the store.")
    ] = False,
    format_: Annotated[
        HistoryFormat, typer.Option("--format", help="What to print on stdout.")
    ] = HistoryFormat.TABLE,
    debug: o.Debug = False,
) -> int:
    """Show the course of each check and metric over past runs, or one column run by run.

    The word show may be left out. history prune forgets old runs, history export writes Parquet.
    Exit code: 0 shown, 2 there is none.
    """
    from driftcli.commands import terminal
    from driftcli.errors import DataError, did_you_mean
    from driftcli.renderers import history as table

    with _opened(config) as (store, name):
        monitor = None if every else name
        found = store.history(monitor, column, last)
        if not found and column is not None:
            names = {past.name for past in store.history(monitor, None, last)}
            raise DataError("no such column in past runs", path=store.name, column=column,
                            hint=did_you_mean(column, names))  # fmt: skip
    if not found:
        raise DataError("no run yet", path=store.name, hint="driftcli run remembers one")
    if format_ is HistoryFormat.TABLE:
        terminal.show(lambda console: table.render(found, console, one=column is not None))
    else:
        text = table.as_json(found) if format_ is HistoryFormat.JSON else table.as_csv(found)
        terminal.say(text)
    return 0


@app.command()
def prune(
    config: ConfigFile,
    keep: Annotated[str, typer.Option("--keep", metavar="SPAN", help="Such as 400d.")],
    debug: o.Debug = False,
) -> int:
    """Forget runs of all monitors of the store that are older than a span of time.

    How alerts stand is kept. Exit code: 0 forgotten, 2 not.
    """
    from driftcli.commands import terminal
    from driftcli.durations import duration
    from driftcli.pipeline.clock import moment_of

    before = (moment_of(None) - duration(keep)).isoformat(timespec="microseconds")
    with _opened(config) as (store, _):
        many = store.prune(before)
    terminal.tell("note", f"{many:,} runs before {before[:10]} forgotten")
    return 0


@app.command()
def export(
    config: ConfigFile,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="For a Parquet file a table.")],
    debug: o.Debug = False,
) -> int:
    """Write every table of the store as Parquet. Exit code: 0 written, 2 not."""
    from driftcli._startup import keep_pandas_out
    from driftcli.pipeline.exporting import export_tables

    keep_pandas_out()
    with _opened(config) as (store, _):
        export_tables(store, folder)
    return 0


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Store, str]]:
    """Open the store that a monitor remembers in; yield it with the monitor's name."""
    from driftcli.commands.settings import settle
    from driftcli.pipeline.monitor import opened_store

    settings = settle(config)
    with opened_store(settings, os.environ, must_exist=True) as store:
        yield store, settings.monitor or config.stem
