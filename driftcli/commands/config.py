"""``driftcli config``: writes, checks and describes the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftcli.commands import options as o

app = typer.Typer(
    help="Write, check and describe the YAML configuration.",
    no_args_is_help=False,
    rich_markup_mode=None,
)


@app.command()
def init(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write; by default stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    debug: o.Debug = False,
) -> int:
    """Write a commented configuration with every default."""
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.config_docs import default_config_text
    from driftcli.errors import OutputError
    from driftcli.files import must_be_writable, write_whole

    text = default_config_text()
    if path is None:
        terminal.say(text.rstrip("\n"))
        return out.OK
    must_be_writable(path)
    if path.exists() and not force:
        raise OutputError("is there already", path=path, hint="--force replaces it")
    write_whole(path, text)
    return out.OK


@app.command()
def validate(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE", help="Configurations to check.")],
    debug: o.Debug = False,
) -> int:
    """Check configurations; every problem is told with its line and column."""
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.config_file import config_problems

    code = out.OK
    for path in paths:
        problems = config_problems(path)
        for problem in problems:
            terminal.tell("error", str(problem))
            code = out.COULD_NOT_CHECK
        if not problems:
            terminal.say(f"{path}: ok")
    return code


@app.command()
def schema(
    report: Annotated[
        bool, typer.Option("--report", help="Of the JSON results instead of the configuration.")
    ] = False,
    debug: o.Debug = False,
) -> int:
    """Print the JSON Schema of the configuration, or of the results."""
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.config_schema import config_schema
    from driftcli.renderers.json import dumps, report_schema

    terminal.say(dumps(report_schema() if report else config_schema(), indent=2))
    return out.OK
