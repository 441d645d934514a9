"""What every command does with its results: write, print, choose the exit code."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli.commands.options import ExitStyle, FailOn, Format, Tracker
from driftcli.commands.terminal import say, show, tell
from driftcli.errors import OutputError, UsageError
from driftcli.files import must_be_writable, read_text, write_whole
from driftcli.renderers import FILES, printer_for, renderer_for
from driftcli.tracking import Entry, check_installed, log

if TYPE_CHECKING:
    from driftcli.model import AlertReport, Report

OK, FOUND, COULD_NOT_CHECK = 0, 1, 2
NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN = 1, 2, 3
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
        Whether the table and warnings stay away; another format that was asked for is printed.
    every : bool
        Whether all rows and lines are printed, however many there are.
    log_to : Tracker, optional
        Where results are logged, after all else.
    """

    format: Format = Format.TABLE
    files: tuple[Path, ...] = ()
    quiet: bool = False
    every: bool = False
    log_to: Tracker | None = None

    def check(self, *inputs: object) -> Outputs:
        """Refuse files that cannot be written, or that are read, before any work is done.

        Parameters
        ----------
        *inputs : path-like, str or None
            What the command reads.

        Raises
        ------
        DriftcliError
        """
        for path in self.files:
            if renderer_for(path.suffix) is None:
                hint = f"kinds of files: {', '.join(FILES)}"
                raise UsageError("unknown kind of output file", path=path, hint=hint)
            must_be_writable(path, inputs)
        if self.log_to is not None:
            check_installed(self.log_to)
        return self


@dataclass(frozen=True, slots=True)
class Exit:
    """What the exit code depends on besides the findings."""

    fail_on: FailOn = FailOn.DRIFT
    allow_not_evaluated: bool = False
    style: ExitStyle = ExitStyle.DIFF

    def found(self, reports: Sequence[Report]) -> bool:
        """Whether there is what makes a run fail."""
        return {
            FailOn.DRIFT: any(report.drift_detected for report in reports),
            FailOn.CHANGED: any(report.changed for report in reports),
            FailOn.NEVER: False,
        }[self.fail_on]

    def code(self, reports: Sequence[Report]) -> int:
        """Return 1 for findings, else 2 for what could not be checked, else 0.

        As a plugin of Nagios 2 and 3 for these, and 1 for a change that makes no run fail.
        """
        incomplete = any(report.incomplete for report in reports)
        nagios = self.style is ExitStyle.NAGIOS
        if self.found(reports):
            return NAGIOS_CRITICAL if nagios else FOUND
        if incomplete and not self.allow_not_evaluated:
            return NAGIOS_UNKNOWN if nagios else COULD_NOT_CHECK
        changed = self.fail_on is FailOn.DRIFT and any(report.changed for report in reports)
        return NAGIOS_WARNING if nagios and changed else OK


def read_results(paths: Sequence[Path]) -> list[tuple[str, Report | AlertReport]]:
    """Read result files of earlier commands, each with its path.

    Raises
    ------
    DataError
        If one cannot be read or is no result.
    """
    from driftcli.renderers.json import parse

    return [(str(path), result) for path in paths for result in parse(read_text(path), path)]


def deliver(reports: Sequence[Report], outputs: Outputs, exit_: Exit) -> int:
    """Write, print and log the result, tell what could not be checked, return the exit code.

    Raises
    ------
    OutputError
        If a file cannot be written, or at last what is logged does not get through.
    """
    write_files(reports, None, outputs)
    if not outputs.quiet:
        tell_warnings(reports, outputs)
    tell_unevaluated(reports, exit_, outputs)
    code, table = exit_.code(reports), outputs.format is Format.TABLE
    if table and exit_.style is ExitStyle.NAGIOS:
        from driftcli.renderers.nagios import render

        say(render(reports, code))
    if not table or not outputs.quiet:
        print_reports(reports, outputs)
    if outputs.log_to is not None:
        track(outputs.log_to, reports, reports[0].command)
    return code


def track(
    tracker: Tracker,
    reports: Sequence[Report],
    command: str,
    alerts: AlertReport | None = None,
    failed: Iterable[str] = (),
) -> None:
    """Log results with their files to a store of experiments.

    Parameters
    ----------
    tracker : Tracker
    reports : sequence of Report
    command : str
        Names the run where no monitor does, and the folder of its files.
    alerts : AlertReport, optional
    failed : iterable of str
        The sections that could not be checked at all.

    Raises
    ------
    OutputError
    """
    from driftcli.pipeline.monitor import FILES as NAMES
    from driftcli.pipeline.monitor import PAGE
    from driftcli.pipeline.rows import verdict
    from driftcli.renderers import html, json
    from driftcli.renderers.plain import monitor_of

    statuses = {report.command: verdict([report]).value for report in reports}
    files = {NAMES[report.command]: json.render([report]) for report in reports}
    log(
        tracker,
        Entry(
            name=monitor_of(reports, alerts) or command,
            folder=command,
            reports=tuple(reports),
            files={**files, PAGE: html.render(reports, alerts)},
            statuses={**statuses, **dict.fromkeys(failed, "failed")},
        ),
    )


def write_files(reports: Sequence[Report], alerts: AlertReport | None, outputs: Outputs) -> None:
    """Write every output file, each whole or not at all."""
    for path in outputs.files:
        render = renderer_for(path.suffix)
        if render is not None:
            write_whole(path, render(reports, alerts))


def tell_warnings(reports: Sequence[Report], outputs: Outputs) -> None:
    """Tell on stderr what leaves the verdicts alone, the same words once."""
    warnings = list(dict.fromkeys(w for report in reports for w in report.warnings))
    most = len(warnings) if outputs.every else MAX_LINES
    for warning in warnings[:most]:
        tell("warning", warning)
    if len(warnings) > most:
        tell("warning", f"{len(warnings) - most} more warnings; --all or -o report.json tells them")


def tell_unevaluated(reports: Sequence[Report], exit_: Exit, outputs: Outputs) -> None:
    """Name on stderr the columns with a check that should have been evaluated and was not."""
    kind = "warning" if exit_.allow_not_evaluated or exit_.found(reports) else "error"
    if outputs.quiet and kind == "warning":
        return
    blocked: dict[tuple[str, str], dict[str, None]] = {}
    for report in reports:
        for decision in report.decisions():
            if decision.blocking:
                columns = blocked.setdefault((report.current.source, decision.reason), {})
                columns[decision.column] = None
    if not blocked:
        return
    from driftcli.pipeline.comparison import named

    lines = [f"{source}: {named([*names])}: {why}" for (source, why), names in blocked.items()]
    most = len(lines) if outputs.every else MAX_LINES
    for line in lines[:most]:
        tell(kind, line)
    if more := sum(map(len, list(blocked.values())[most:])):
        tell(kind, f"{more} more checks could not be evaluated")


def print_reports(reports: Sequence[Report], outputs: Outputs) -> None:
    """Print reports on stdout; a reader that went away (a pipe into head) is no error."""
    if outputs.format is Format.JSON:
        from driftcli.renderers.json import render_line

        say(render_line(reports))
    elif printer := printer_for(outputs.format):
        say(printer(reports, None).removesuffix("\n"))
    else:
        from driftcli.renderers.table import render as render_table

        show(lambda console: render_table(reports, console, every=outputs.every))
    if outputs.format is Format.GITHUB and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
        append_summary(reports, Path(summary))


def append_summary(reports: Sequence[Report], path: Path) -> None:
    """Append reports to the summary of a step, within what GitHub takes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from driftcli.renderers.github import MAX_SUMMARY, summary

    try:
        with path.open("ab") as file:
            written = summary(reports, MAX_SUMMARY - file.tell() - 1)
            apart = "\n" if written and file.tell() else ""
            file.write(f"{apart}{written}".encode("utf-8", "backslashreplace"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"cannot be written ({reason})", path=path) from None
    if not written:
        tell("warning", f"{path}: the summary of the step is full")
