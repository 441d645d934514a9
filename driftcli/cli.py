"""Assembles the Typer app, and is the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from driftcli import __version__
from driftcli.commands import alert, config, features, performance, predictions, report
from driftcli.errors import DriftcliError

app = typer.Typer(
    name="driftcli",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(features.features)
app.command()(predictions.predictions)
app.command()(performance.performance)
app.command()(alert.alert)
app.command()(report.report)
app.add_typer(config.app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"driftcli {__version__}")
        raise typer.Exit


@app.callback()
def driftcli(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Tell whether data drifted from their reference, and whether the model still performs.

    Exit codes: 0 checked and nothing drifted, 1 drift, degradation or an alert, 2 could not check.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text streams
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.exit(code)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; no exception leaves but those of signals.

    Parameters
    ----------
    arguments : list of str
        Without the program's name.
    """
    debug = "--debug" in arguments
    try:
        result = app(args=arguments, prog_name="driftcli", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except TyperException as error:
        return _fail(error.format_message(), _usage_hint(error))
    except DriftcliError as error:
        _traceback(debug)
        return _fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        _fail("interrupted")
        return 128 + signal.SIGINT
    except MemoryError:
        _traceback(debug)
        return _fail("out of memory", "check fewer columns at a time with --columns")
    except Exception as error:
        _traceback(debug)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _fail(f"unexpected {reason}", "this is a bug; --debug shows where")


def _usage_hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"try '{context.command_path} --help'" if context else ""


def _fail(message: str, hint: str = "") -> int:
    line = message.rstrip(".") + (f". {hint}" if hint else "")
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    print(f"driftcli: error: {safe}", file=sys.stderr)  # noqa: T201 (the terminal is this module's job)
    return 2


def _traceback(debug: bool) -> None:
    if debug or os.environ.get("DRIFTCLI_DEBUG"):
        import traceback

        traceback.print_exc()
