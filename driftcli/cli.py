"""Assembles the Typer app, and is the one place where errors become lines and exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from driftcli import __version__
from driftcli._startup import prepare_libraries
from driftcli.commands import (
    alert,
    backtest,
    baseline,
    config,
    explain,
    features,
    history,
    performance,
    predictions,
    report,
)
from driftcli.commands import (
    run as run_command,
)
from driftcli.commands.groups import AlertGroup, HistoryGroup
from driftcli.commands.terminal import say, tell
from driftcli.errors import DriftcliError, OutputError, shown_path

HELP = {"-h", "--help", "--version"}
INTERRUPTED = 128 + signal.SIGINT  # also how Typer ends a command that was interrupted
COMPLETION = {"--install-completion", "--show-completion"}
COMPLETE = "_DRIFTCLI_COMPLETE"  # set by the scripts of these

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
app.command()(run_command.run)
app.command()(report.report)
app.command()(explain.explain)
app.command()(backtest.backtest)
app.add_typer(alert.app, name="alert", cls=AlertGroup)
app.add_typer(history.app, name="history", cls=HistoryGroup)
app.add_typer(baseline.app, name="baseline")
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


class _Stopped(BaseException):
    """A signal asks to end; an own kind, so that no library takes it for an exit of its own."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.number = signal_number


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    # a stream that cron or a shell closed is None, and everything that prints would fail
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text streams
    arguments = sys.argv[1:]
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        too_little = prepare_libraries()
        _leave(_fail(arguments, too_little) if too_little else run(arguments))
    except _Stopped as stopped:
        _fail(arguments, f"stopped by {signal.Signals(stopped.number).name}")
        _leave(128 + stopped.number)


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    # All is written and closed. Taking the interpreter apart would cost a fifth of a short run, and
    # its own flush would turn a reader that left into another code.
    os._exit(code)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped(number)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; no exception leaves but that of a signal.

    Parameters
    ----------
    arguments : list of str
        Without the program's name.
    """
    debug = "--debug" in arguments
    fail = partial(_fail, arguments)
    try:
        result = app(args=arguments, prog_name="driftcli", standalone_mode=False)
        if result == INTERRUPTED:
            fail("interrupted")
        return result if isinstance(result, int) else 0
    except TyperException as error:
        return fail(error.format_message(), _usage_hint(error))
    except DriftcliError as error:
        _traceback(debug)
        return fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        fail("interrupted")
        return INTERRUPTED
    except SystemExit as ended:
        if COMPLETE in os.environ or COMPLETION & set(arguments):
            return int(ended.code or 0)  # a shell's question, which fish has answered by the code
        # how Typer ends where nobody reads its help any more
        return 0 if HELP & set(arguments) else 3 if _as_nagios(arguments) else 2
    except MemoryError:
        _traceback(debug)
        return fail("out of memory", "check fewer columns at a time with --columns")
    except OSError as error:  # not of what was asked for, which is named, but on the way there
        _traceback(debug)
        place = [] if error.filename is None else [shown_path(error.filename)]
        return fail(": ".join([*place, (error.strerror or str(error)).lower()]))
    except Exception as error:
        _traceback(debug)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return fail(f"unexpected {reason}", "this is a bug; --debug shows where")


def _usage_hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"try '{context.command_path} --help'" if context else ""


def _fail(arguments: list[str], message: str, hint: str = "") -> int:
    """Tell an error, on stdout too where Nagios listens; return the exit code."""
    stop = "" if message.endswith("?") else "."
    line = f"{message.rstrip('.')}{stop} {hint}" if hint else message
    tell("error", line)
    if not _as_nagios(arguments):
        return 2
    if _given(arguments, "--format") in ("", "table"):
        from driftcli.renderers.nagios import line as plugin_line

        with contextlib.suppress(OutputError):  # the exit code still tells
            say(plugin_line(3, line))
    return 3


def _as_nagios(arguments: list[str]) -> bool:
    return _given(arguments, "--exit-style") == "nagios"


def _given(arguments: list[str], option: str) -> str:
    """Return what an option is given, read without Typer, as the fault may lie in the others."""
    apart = [after for name, after in pairwise(arguments) if name == option]
    joined = [one.partition("=")[2] for one in arguments if one.startswith(f"{option}=")]
    return ("", *joined, *apart)[-1]


def _traceback(debug: bool) -> None:
    if debug or os.environ.get("DRIFTCLI_DEBUG", "0") not in {"", "0"}:
        import traceback

        traceback.print_exc()
