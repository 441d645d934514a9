"""What every command does around its own work: settle the config, print, write, choose the code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli._startup import keep_pandas_out
from driftcli.commands.options import FailOn, Format
from driftcli.config import Config
from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.files import must_be_writable, write_whole
from driftcli.renderers import FILES, renderer_for

if TYPE_CHECKING:
    from rich.console import Console

    from driftcli.model import AlertReport, Report

OK, FOUND, COULD_NOT_CHECK = 0, 1, 2
MAX_LINES = 10


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the results go.

    Parameters
    ----------
    format : Format
        Of stdout.
    files : tuple of Path
        Written besides, their kind by suffix.
    quiet : bool
        Whether the table and warnings stay away; JSON that was asked for is printed.
    """

    format: Format = Format.TABLE
    files: tuple[Path, ...] = ()
    quiet: bool = False

    def check(self) -> Outputs:
        """Refuse files that cannot be written, before any work is done.

        Raises
        ------
        DriftcliError
        """
        for path in self.files:
            if renderer_for(path.suffix) is None:
                hint = f"kinds of files: {', '.join(FILES)}"
                raise UsageError("unknown kind of output file", path=path, hint=hint)
            must_be_writable(path)
        return self


@dataclass(frozen=True, slots=True)
class Exit:
    """What the exit code depends on besides the findings."""

    fail_on: FailOn = FailOn.DRIFT
    allow_not_evaluated: bool = False
    notices: list[str] = field(default_factory=list)

    def code(self, reports: Sequence[Report]) -> int:
        """Return 1 for findings, else 2 for what could not be checked, else 0."""
        found = {
            FailOn.DRIFT: any(report.drift_detected for report in reports),
            FailOn.CHANGED: any(report.changed for report in reports),
            FailOn.NEVER: False,
        }[self.fail_on]
        if found:
            return FOUND
        incomplete = any(report.incomplete for report in reports)
        return COULD_NOT_CHECK if incomplete and not self.allow_not_evaluated else OK


def settle(
    path: Path | None,
    thresholds: Sequence[str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Config:
    """Return the configuration of a run: the file's, or the defaults, with the flags on top.

    Raises
    ------
    DriftcliError
    """
    keep_pandas_out()
    config = Config()
    if path is not None:
        from driftcli.config_file import load_config

        config = load_config(path)
    if delimiter is not None:
        config = replace(config, input=replace(config.input, delimiter=_character(delimiter)))
    if encoding is not None:
        config = replace(config, input=replace(config.input, encoding=encoding))
    return replace(config, thresholds={**config.thresholds, **parse_thresholds(thresholds or ())})


def sides(data: Sequence[str], config: Config) -> tuple[str, str]:
    """Return reference and current: both as given, or current alone, or as the config names them.

    Raises
    ------
    UsageError
    """
    reference, current = logs(data, config)
    if reference is None:
        raise UsageError("no reference data", hint="give REF CUR, or name them in the config")
    return reference, current


def logs(
    data: Sequence[str], config: Config, baseline: Path | None = None
) -> tuple[str | None, str]:
    """Return the reference where there is one, and current; stored metrics stand in its place.

    Raises
    ------
    UsageError
    """
    if len(data) > 2:
        raise UsageError(f"{len(data)} data sets where two are compared: REF CUR")
    if len(data) == 2 and baseline is not None:
        raise UsageError("a reference and a baseline", hint="give REF CUR, or CUR --baseline FILE")
    reference = data[0] if len(data) == 2 else config.reference
    current = data[-1] if data else config.current
    if current is None:
        raise UsageError("no current data", hint="give REF CUR, or name them in the config")
    return (None if baseline is not None else reference), current


def _character(text: str) -> str:
    character = text.replace("\\t", "\t")
    if len(character) != 1:
        raise UsageError("--delimiter takes one character", hint="write '\\t' for a tab")
    return character


def names(text: str, flag: str) -> tuple[str, ...]:
    """Return a comma-separated list of column names, empty ones refused.

    Raises
    ------
    UsageError
    """
    found = tuple(part.strip() for part in text.split(","))
    if not all(found):
        raise UsageError(f"{flag} {quoted(text)}: an empty column name")
    return found


def parse_thresholds(flags: Sequence[str]) -> dict[str, float]:
    """Return ``NAME=X`` flags as thresholds by drift method.

    Raises
    ------
    UsageError
        For an unknown name, or a value that is not a number within the method's bounds.
    """
    from driftcli.methods import known

    methods = known(flag.partition("=")[0] for flag in flags)
    return _parse(flags, {name: method.upper for name, method in methods.items()}, "method")


def parse_drops(flags: Sequence[str]) -> dict[str, float]:
    """Return ``NAME=X`` flags as largest drops by metric; errors as :func:`parse_thresholds`."""
    from driftcli.metrics import METRICS

    return _parse(flags, dict.fromkeys(METRICS), "metric")


def _parse(flags: Iterable[str], uppers: Mapping[str, float | None], kind: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for flag in flags:
        name, _, text = flag.partition("=")
        if name not in uppers:
            hint = did_you_mean(name, uppers) or f"{kind}s: {', '.join(uppers)}"
            raise UsageError(f"--threshold {quoted(flag)}: no such {kind}", hint=hint)
        values[name] = _bounded(flag, text, uppers[name])
    return values


def _bounded(flag: str, text: str, upper: float | None) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"--threshold {quoted(flag)}: expected NAME=NUMBER") from None
    if not 0 <= value < float("inf") or (upper is not None and value > upper):
        span = f"between 0 and {upper:g}" if upper is not None else "at least 0 and finite"
        raise UsageError(f"--threshold {quoted(flag)}: must be {span}")
    return value


def read_results(paths: Sequence[Path]) -> list[tuple[str, Report | AlertReport]]:
    """Read result files of earlier commands, each with its path.

    Raises
    ------
    DataError
        If one cannot be read or is no result.
    """
    from driftcli.renderers.json import parse

    found: list[tuple[str, Report | AlertReport]] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise DataError((error.strerror or str(error)).lower(), path=path) from None
        except UnicodeDecodeError:
            raise DataError("not a text file", path=path) from None
        found += [(str(path), result) for result in parse(text, path)]
    return found


def deliver(reports: Sequence[Report], outputs: Outputs, exit_: Exit) -> int:
    """Write the files, print the result, tell what could not be checked, return the exit code."""
    write_files(reports, None, outputs)
    if not outputs.quiet:
        for warning in dict.fromkeys(w for report in reports for w in report.warnings):
            tell("warning", warning)
    tell_unevaluated(reports, exit_, outputs.quiet)
    if not outputs.quiet or outputs.format is Format.JSON:
        print_reports(reports, outputs.format)
    return exit_.code(reports)


def write_files(reports: Sequence[Report], alerts: AlertReport | None, outputs: Outputs) -> None:
    """Write every output file, each whole or not at all."""
    for path in outputs.files:
        render = renderer_for(path.suffix)
        if render is not None:
            write_whole(path, render(reports, alerts))


def tell_unevaluated(reports: Sequence[Report], exit_: Exit, quiet: bool) -> None:
    """Name on stderr each column with a check that should have been evaluated and was not."""
    kind = "warning" if exit_.allow_not_evaluated or exit_.code(reports) == FOUND else "error"
    if quiet and kind == "warning":
        return
    lines: dict[str, None] = {}
    for report in reports:
        source = report.current.source
        for decision in report.decisions():
            if decision.blocking:
                lines[f"{source}: column {quoted(decision.column)}: {decision.reason}"] = None
    for line in list(lines)[:MAX_LINES]:
        tell(kind, line)
    if len(lines) > MAX_LINES:
        tell(kind, f"{len(lines) - MAX_LINES} more checks could not be evaluated")


def tell(kind: str, line: str) -> None:
    """Print one line to stderr."""
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    print(f"driftcli: {kind}: {safe}", file=sys.stderr)  # noqa: T201 (the terminal is this module's job)


def print_reports(reports: Sequence[Report], format_: Format) -> None:
    """Print reports on stdout; a reader that went away (a pipe into head) is no error."""
    if format_ is Format.JSON:
        from driftcli.renderers.json import render_line

        say(render_line(reports))
        return
    from driftcli.renderers.table import render as render_table

    show(lambda console: render_table(reports, console))


def show(draw: Callable[[Console], None]) -> None:
    """Draw on the console of stdout: no colours when piped, NO_COLOR honoured."""
    from rich.console import Console

    with _quiet_pipe():
        draw(Console(highlight=False, emoji=False, markup=False))


def say(text: str) -> None:
    """Print a text on stdout."""
    with _quiet_pipe():
        print(text)  # noqa: T201 (the terminal is this module's job)


class _quiet_pipe:
    """Carries on with the verdict when the reader of stdout has gone."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        try:
            if kind is None:
                sys.stdout.flush()
        except BrokenPipeError:
            kind = BrokenPipeError
        if kind is None or not issubclass(kind, BrokenPipeError):
            return False
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
