"""The flags that mean the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What goes to stdout."""

    TABLE = "table"
    JSON = "json"


class FailOn(StrEnum):
    """What makes the exit code 1."""

    DRIFT = "drift"
    CHANGED = "changed"
    NEVER = "never"


DATA = "Parquet, CSV, JSON lines, Arrow, ORC: file, folder, glob, or - for CSV on stdin."

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
        "--output", "-o", metavar="FILE", help="Also write FILE (.json or .html); repeatable."
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="What to print on stdout.")]
Thresholds = Annotated[
    list[str] | None,
    typer.Option("--threshold", metavar="NAME=X", help="E.g. ks=0.15; repeatable."),
]
Fail = Annotated[FailOn, typer.Option("--fail-on", help="What makes the exit code 1.")]
Allow = Annotated[
    bool,
    typer.Option("--allow-not-evaluated", help="Checks that cannot be evaluated do not fail."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No table, no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")]
Delimiter = Annotated[
    str | None, typer.Option("--delimiter", metavar="CHAR", help="Field separator of CSV.")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Text encoding of CSV.")
]
