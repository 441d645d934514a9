"""``driftcli run``: the whole monitoring job in one line of cron."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.commands import options as o

if TYPE_CHECKING:
    from driftcli.pipeline.monitor import Ran


class RunFailOn(StrEnum):
    """What makes the exit code of ``run`` 1."""

    DRIFT = "drift"
    CHANGED = "changed"
    ALERT = "alert"
    RETRAIN = "retrain"
    NEVER = "never"


def run(
    monitor: Annotated[
        Path, typer.Argument(metavar="MONITOR.yaml", help="Names the data, the rules, the folder.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="TIME", help="The time that the run stands for, ISO 8601. [now]"
        ),
    ] = None,
    on_alert: Annotated[
        str | None,
        typer.Option(
            "--on-alert",
            metavar="COMMAND",
            help="Run when something is told, with the path of alerts.json; no shell.",
        ),
    ] = None,
    format_: o.PlainOutput = o.PlainFormat.TABLE,
    log_to: o.LogTo = None,
    fail_on: Annotated[
        RunFailOn, typer.Option("--fail-on", help="What makes the exit code 1.")
    ] = RunFailOn.DRIFT,
    allow_not_evaluated: o.Allow = False,
    max_memory: o.MaxMemory = None,
    jobs: o.Jobs = None,
    engine: o.ChosenEngine = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Check features, predictions and performance, tell who must know, remember the run.

    Writes drift_report.json, prediction_drift.json, performance_metrics.json, alerts.json and
    report.html into the folder of the outputs. A part that cannot run stops no other. Exit code: 0
    nothing drifted, 1 drift or degradation, 2 a part could not run or a required alert did not get
    through.
    """
    from dataclasses import replace

    from driftcli.commands import terminal
    from driftcli.commands.progress import progress
    from driftcli.commands.settings import settle
    from driftcli.engines.watch import Nobody
    from driftcli.pipeline.clock import moment_of
    from driftcli.pipeline.commanding import command_of
    from driftcli.pipeline.monitor import Job, run_monitor
    from driftcli.sources.templates import day_of
    from driftcli.tracking import check_installed

    if log_to is not None:
        check_installed(log_to)
    config = settle(monitor, max_memory=max_memory, jobs=jobs, engine=engine)
    at = moment_of(as_of)
    # also where midnight passes during the run
    day = day_of(config.input.date, at.date()).isoformat()
    config = replace(config, input=replace(config.input, date=day))
    words = command_of(on_alert) if on_alert is not None else ()
    config = replace(config, monitor=config.monitor or monitor.stem)
    job = Job(config, at, on_alert=words)
    with progress(Nobody(), quiet=quiet) as seen:
        ran = run_monitor(job, seen)
    _tell(ran, quiet=quiet)
    if format_ is o.PlainFormat.JSON:
        from driftcli.renderers.json import dumps

        terminal.say(dumps(_document(ran, job.folder)))
    elif not quiet:
        from driftcli.renderers import monitor as table

        terminal.show(lambda console: table.render(ran.reports, ran.failed, ran.alerts, console))
    if log_to is not None:
        from driftcli.commands.output import track

        track(log_to, ran.reports, "run", ran.alerts, ran.failed)
    return _exit_code(ran, fail_on, allow_not_evaluated)


def _tell(ran: Ran, *, quiet: bool) -> None:
    """Tell on stderr what could not run or was not delivered."""
    from driftcli.commands import terminal

    for part, why in ran.failed.items():
        terminal.tell("error", f"{part}: {why}")
    for one in ran.undelivered:
        end = "given up" if one.final else "tried again by the next run"
        kind = "error" if one.required else "warning"
        terminal.tell(kind, f"alert not delivered ({end}): {one.message}")
    if not quiet:
        told = [w for report in ran.reports for w in report.warnings]
        for warning in dict.fromkeys((*ran.warnings, *told)):
            terminal.tell("warning", warning)


def _document(ran: Ran, folder: Path) -> dict[str, object]:
    from driftcli.alerts.document import document
    from driftcli.pipeline.monitor import ALERTS, FILES, PAGE

    return {
        **document(ran.alerts),
        "parts": {
            report.command: {
                "drift_detected": report.drift_detected,
                "incomplete": report.incomplete,
                "file": str(folder / FILES[report.command]),
            }
            for report in ran.reports
        },
        "failed": dict(ran.failed),
        "told": ran.notice is not None,
        "undelivered": [one.message for one in ran.undelivered],
        "files": {"alerts": str(folder / ALERTS), "report": str(folder / PAGE)},
    }


def _exit_code(ran: Ran, fail_on: RunFailOn, allow_not_evaluated: bool) -> int:
    from driftcli.commands import output as out
    from driftcli.model import AlertState

    if any(one.required for one in ran.undelivered):
        return out.COULD_NOT_CHECK
    open_ = (AlertState.NEW, AlertState.STILL)
    found = {
        RunFailOn.DRIFT: any(report.drift_detected for report in ran.reports),
        RunFailOn.CHANGED: any(report.changed for report in ran.reports),
        RunFailOn.ALERT: any(alert.state in open_ for alert in ran.alerts.alerts),
        RunFailOn.RETRAIN: ran.alerts.should_retrain,
        RunFailOn.NEVER: False,
    }[fail_on]
    if found:
        return out.FOUND
    incomplete = bool(ran.failed) or any(report.incomplete for report in ran.reports)
    return out.COULD_NOT_CHECK if incomplete and not allow_not_evaluated else out.OK
