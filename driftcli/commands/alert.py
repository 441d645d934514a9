"""``driftcli alert``: tells who must know, and whether to retrain."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.commands import options as o

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcli.config import Alerts
    from driftcli.model import AlertReport
    from driftcli.store import Store

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class AlertFailOn(StrEnum):
    """What makes the exit code of ``alert`` 1."""

    ALERT = "alert"
    RETRAIN = "retrain"
    NEVER = "never"


app = typer.Typer(
    help="Turn results into alerts; say which alerts are known.",
    no_args_is_help=False,
    rich_markup_mode=None,
)


@app.command("check")
def alert(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULT.json", help="What earlier commands wrote.")
    ],
    config: o.ConfigFile = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Also write the alerts (alerts.json)."),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(
            "--send", metavar="URL_ENV", help="Also send to the webhook in this variable."
        ),
    ] = None,
    format_: o.PlainOutput = o.PlainFormat.TABLE,
    fail_on: Annotated[
        AlertFailOn, typer.Option("--fail-on", help="What makes the exit code 1.")
    ] = AlertFailOn.ALERT,
    allow_not_evaluated: o.Allow = False,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Let --send use plain http.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let --send reach private addresses.")
    ] = False,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Turn results into alerts and the decision to retrain; the word check may be left out.

    Of the alerts that driftcli run remembers tell alert list, alert ack and alert unack. Rules and
    severities come from the config. An unreachable channel is told and changes no verdict, unless
    it is required. Exit code: 0 nothing to tell, 1 an alert, 2 a result is unreadable or incomplete
    or a required channel was not reached.
    """
    from driftcli.alerts.document import document
    from driftcli.commands import output as out
    from driftcli.commands import terminal
    from driftcli.commands.settings import settle
    from driftcli.errors import UsageError
    from driftcli.files import must_be_writable, write_whole
    from driftcli.model import Report
    from driftcli.pipeline.alerts import find_alerts, send_alerts
    from driftcli.renderers import alerts as alerts_table
    from driftcli.renderers.json import dumps

    settings = settle(config).alerts
    if send is not None:
        settings = _also_to(settings, send, allow_http, allow_private)
    if output is not None:
        if output.suffix != ".json":
            raise UsageError("alerts are written as .json", path=output)
        must_be_writable(output, [*results, config])
    read = out.read_results(results)
    report = find_alerts([(n, r) for n, r in read if isinstance(r, Report)], settings)
    # the file first: who is told must not decide whether it is written down
    if output is not None:
        write_whole(output, dumps(document(report), indent=2) + "\n")
    for warning in () if quiet else report.warnings:
        terminal.tell("warning", warning)
    failed = send_alerts(report, settings)
    for delivery in failed:
        terminal.tell("error" if delivery.required else "warning", delivery.message)
    if format_ is o.PlainFormat.JSON:
        terminal.say(dumps(document(report)))
    elif not quiet:
        terminal.show(lambda console: alerts_table.render(report, console))
    code = _exit_code(report, fail_on, allow_not_evaluated)
    if any(delivery.required for delivery in failed):
        return out.COULD_NOT_CHECK
    for told in report.alerts:
        if code == out.COULD_NOT_CHECK and told.type == "not_evaluated":
            terminal.tell("error", f"{told.details['source']}: {told.message}")
    return code


MonitorFile = Annotated[
    Path, typer.Argument(metavar="MONITOR.yaml", help="The file that driftcli run takes.")
]
RuleName = Annotated[str, typer.Argument(metavar="RULE", help="Such as feature_drift; * for all.")]
ColumnName = Annotated[
    str, typer.Argument(metavar="COLUMN", help="A column or metric. [all of the rule]")
]


@app.command()
def ack(
    monitor: MonitorFile,
    rule: RuleName,
    column: ColumnName = "*",
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="The last day, 2026-12-31. [in a week]"),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="For those who look.")] = "",
    debug: o.Debug = False,
) -> int:
    """Say that an alert is known: nobody is told of it until a day, and it asks for no retraining.

    It stays in alerts.json. Exit code: 0 noted, 2 not noted.
    """
    import datetime as dt

    from driftcli.commands import terminal
    from driftcli.durations import moment
    from driftcli.errors import UsageError
    from driftcli.pipeline.clock import moment_of
    from driftcli.store import Acknowledgement

    now = moment_of(None)
    last = now + dt.timedelta(days=7) if until is None else moment(until)
    if until is None or len(until.strip()) == len("2026-12-31"):
        last = last.replace(hour=23, minute=59, second=59, microsecond=999_999)
    if last <= now:
        raise UsageError(f"--until {until}: that is over")
    with _store(monitor) as (store, name, known):
        if rule != "*" and rule not in known:
            hint = f"there are {', '.join(known)}, and * for all"
            raise UsageError(f"no rule {rule}", path=monitor, hint=hint)
        end, made = (at.isoformat(timespec="microseconds") for at in (last, now))
        store.acknowledge(Acknowledgement(name, rule, column, end, note, made))
    terminal.tell("note", f"{name}: {rule} {column} is known until {end[:10]}")
    return 0


@app.command()
def unack(
    monitor: MonitorFile, rule: RuleName, column: ColumnName = "*", debug: o.Debug = False
) -> int:
    """Take back what was said with ack. Exit code: 0 taken back, 2 nothing was known."""
    from driftcli.errors import UsageError

    with _store(monitor) as (store, name, _):
        if not store.withdraw(name, rule, column):
            raise UsageError(f"{rule} {column} is not acknowledged", path=name)
    return 0


@app.command("list")
def list_(
    monitor: MonitorFile, format_: o.PlainOutput = o.PlainFormat.TABLE, debug: o.Debug = False
) -> int:
    """Show how each alert of a monitor stands, and what is acknowledged. Exit code: 0, 2 not."""
    from dataclasses import asdict

    from driftcli.commands import terminal
    from driftcli.pipeline.clock import moment_of
    from driftcli.renderers.json import dumps

    with _store(monitor) as (store, name, _):
        memories = store.memories(name)
        known = store.acknowledgements(name, moment_of(None).isoformat(timespec="microseconds"))
    if format_ is o.PlainFormat.JSON:
        alerts, acknowledged = [asdict(row) for row in memories], [asdict(row) for row in known]
        terminal.say(dumps({"monitor": name, "alerts": alerts, "acknowledged": acknowledged}))
        return 0
    from driftcli.renderers import memory

    terminal.show(lambda console: memory.render(memories, known, console))
    return 0


@contextmanager
def _store(monitor: Path) -> Iterator[tuple[Store, str, list[str]]]:
    """Open the store of a monitor; yield it with the monitor's name and those of its rules."""
    from driftcli.alerts.rules import rules_of
    from driftcli.commands.settings import settle
    from driftcli.pipeline.monitor import opened_store

    config = settle(monitor)
    with opened_store(config, os.environ, must_exist=True) as store:
        yield store, config.monitor or monitor.stem, [rule.key for rule in rules_of(config.alerts)]


def _also_to(settings: Alerts, variable: str, allow_http: bool, allow_private: bool) -> Alerts:
    """Add the webhook whose address an environment variable holds."""
    from dataclasses import replace

    from driftcli.config import Channel
    from driftcli.errors import UsageError

    if not VARIABLE.fullmatch(variable):  # perhaps the address itself, so it is not repeated
        raise UsageError("--send takes the name of an environment variable, not an address")
    if not os.environ.get(variable, "").strip():  # where a secret is not there it may be empty
        raise UsageError(f"the environment variable {variable} is not set")
    extra = Channel(url_env=variable, allow_http=allow_http, allow_private=allow_private)
    return replace(settings, send=(*settings.send, extra))


def _exit_code(report: AlertReport, fail_on: AlertFailOn, allow_not_evaluated: bool) -> int:
    from driftcli.commands import output as out

    found = {
        AlertFailOn.ALERT: any(alert.type != "not_evaluated" for alert in report.alerts),
        AlertFailOn.RETRAIN: report.should_retrain,
        AlertFailOn.NEVER: False,
    }[fail_on]
    if found:
        return out.FOUND
    incomplete = report.incomplete and not allow_not_evaluated
    return out.COULD_NOT_CHECK if incomplete else out.OK
