"""The flags that mean the same everywhere."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from driftcli.config import Config


class Format(StrEnum):
    """In what form reports go to stdout."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"
    JUNIT = "junit"
    PROMETHEUS = "prometheus"
    GITHUB = "github"


class PlainFormat(StrEnum):
    """In what form everything else goes to stdout."""

    TABLE = "table"
    JSON = "json"


class FailOn(StrEnum):
    """What makes the exit code 1."""

    DRIFT = "drift"
    CHANGED = "changed"
    NEVER = "never"


class ExitStyle(StrEnum):
    """Whose exit codes are given."""

    DIFF = "diff"
    NAGIOS = "nagios"


class Engine(StrEnum):
    """Who folds the rows into summaries."""

    LOCAL = "local"
    SPARK = "spark"
    SQL = "sql"


class Tracker(StrEnum):
    """Where results are logged."""

    MLFLOW = "mlflow"


DATA = (
    "Parquet, CSV, JSON lines, Arrow, ORC: file, folder, glob, s3://…; delta:…, iceberg:…; "
    "postgresql://…, sqlite:///…; or - for CSV on stdin."
)

Data = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REF CUR", help=f"Reference and current data; the config may name them. {DATA}"
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="YAML; write one with 'config init'."),
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Also write FILE (.json, .html, .md, .csv, .xml for JUnit, .prom; .svg, .png, .pdf of "
        "the overview); repeatable.",
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="What to print on stdout.")]
PlainOutput = Annotated[PlainFormat, typer.Option("--format", help="What to print on stdout.")]
LogTo = Annotated[
    Tracker | None,
    typer.Option("--log-to", help="Also log a run to the store that MLFLOW_TRACKING_URI names."),
]
Thresholds = Annotated[
    list[str] | None,
    typer.Option("--threshold", metavar="NAME=X", help="E.g. ks=0.15; repeatable."),
]
Fail = Annotated[FailOn, typer.Option("--fail-on", help="What makes the exit code 1.")]
Style = Annotated[
    ExitStyle,
    typer.Option("--exit-style", help="As diff, or 0 OK, 1 changed, 2 drift, 3 not checked."),
]
Allow = Annotated[
    bool,
    typer.Option("--allow-not-evaluated", help="Checks that cannot be evaluated do not fail."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No table, no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")]
MaxMemory = Annotated[
    str | None,
    typer.Option("--max-memory", metavar="SIZE", help="About this much, e.g. 2GB. [512MB]"),
]
Jobs = Annotated[int | None, typer.Option("--jobs", help="Threads; by default one a core.", min=1)]
ProfileRun = Annotated[
    bool, typer.Option("--profile-run", help="Tell on stderr where the time went.")
]
Every = Annotated[bool, typer.Option("--all", help="Show every column, however many there are.")]
Delimiter = Annotated[
    str | None, typer.Option("--delimiter", metavar="CHAR", help="Field separator of CSV.")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Text encoding of CSV.")
]
Date = Annotated[
    str | None,
    typer.Option("--date", metavar="DAY", help="Day of {date:%Y-%m-%d} in a path; -1d. [today]"),
]
Where = Annotated[
    str | None, typer.Option("--where", metavar="SQL", help='Rows to read, e.g. "n > 3".')
]
ReferenceWhere = Annotated[
    str | None, typer.Option("--reference-where", metavar="SQL", help="Same, of REF only.")
]
CurrentWhere = Annotated[
    str | None, typer.Option("--current-where", metavar="SQL", help="Same, of CUR only.")
]
Query = Annotated[
    str | None, typer.Option("--query", metavar="SQL", help="What to ask the database.")
]
ReferenceQuery = Annotated[
    str | None, typer.Option("--reference-query", metavar="SQL", help="Same, for REF only.")
]
CurrentQuery = Annotated[
    str | None, typer.Option("--current-query", metavar="SQL", help="Same, for CUR only.")
]
ChosenEngine = Annotated[
    Engine | None,
    typer.Option("--engine", help="Who counts: threads, Spark, or the database itself. [local]"),
]


TimeColumn = Annotated[
    str | None,
    typer.Option("--time", metavar="NAME", help="Time column: compare with the reference's days."),
]
Window = Annotated[
    str | None,
    typer.Option("--window", metavar="LENGTH", help="1d, 6h, 1w, 1mo, 50000rows. [1d]"),
]
Zone = Annotated[
    str | None,
    typer.Option("--time-zone", metavar="NAME", help="Whose days. [the column's]"),
]


Like = Annotated[
    str | None,
    typer.Option(
        "--like",
        metavar="KIND",
        help="Compare with such windows only: weekday, hour, month, or a column.",
    ),
]


def choose_windows(
    config: Config,
    column: str | None,
    window: str | None,
    zone: str | None,
    like: str | None,
) -> Config:
    """Return the configuration with what the flags say of windows of time."""
    given = {"column": column, "window": window, "zone": zone, "like": like}
    chosen: dict[str, Any] = {name: text for name, text in given.items() if text is not None}
    return replace(config, time=replace(config.time, **chosen))


def choose_rows(
    config: Config,
    date: str | None,
    where: str | None,
    reference_where: str | None = None,
    current_where: str | None = None,
    query: str | None = None,
    reference_query: str | None = None,
    current_query: str | None = None,
) -> Config:
    """Return the configuration with what the flags say of the rows to read."""
    given = {
        "date": date,
        "where": where,
        "reference_where": reference_where,
        "current_where": current_where,
        "query": query,
        "reference_query": reference_query,
        "current_query": current_query,
    }
    chosen: dict[str, Any] = {name: text for name, text in given.items() if text is not None}
    return replace(config, input=replace(config.input, **chosen))


class TaskName(StrEnum):
    """What the model predicts."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    RANKING = "ranking"


Score = Annotated[
    list[str] | None,
    typer.Option("--score", metavar="NAME", help="Score; repeat for one a class. [score]"),
]
Prediction = Annotated[
    str | None,
    typer.Option("--prediction", metavar="NAME", help="Decision or estimate. [prediction]"),
]
Group = Annotated[
    str | None,
    typer.Option("--group", metavar="NAME", help="Ranking: the list that a row is in."),
]
Task = Annotated[TaskName | None, typer.Option("--task", help="By default told from the labels.")]
Positive = Annotated[
    str | None, typer.Option("--positive", metavar="VALUE", help="The label that means yes.")
]
BestRows = Annotated[
    int | None, typer.Option("--k", help="Ranking looks at the best k rows. [10]", min=1)
]
OnlyColumns = Annotated[
    str | None, typer.Option("--columns", metavar="A,B", help="Check only these columns.")
]
Exclude = Annotated[
    str | None, typer.Option("--exclude", metavar="A,B", help="Leave these columns out.")
]
