"""The whole monitoring job: check, remember, tell."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftcli import __version__
from driftcli.alerts.document import document
from driftcli.alerts.measures import Found, stale_input
from driftcli.alerts.memory import Key, Memory
from driftcli.alerts.scope import unknown_in_mutes
from driftcli.config import Config
from driftcli.durations import duration
from driftcli.engines.watch import Nobody, Watch
from driftcli.errors import DataError, OutputError, UsageError
from driftcli.files import write_whole
from driftcli.model import AlertReport, Report
from driftcli.pipeline.checking import Checked, check_parts
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.commanding import runs
from driftcli.pipeline.delivering import (
    Receiver,
    Undelivered,
    deliver_waiting,
    deliveries_of,
    receivers_of,
)
from driftcli.pipeline.remembering import Situation, told
from driftcli.pipeline.rows import (
    check_rows,
    column_rows,
    fingerprints,
    memory_rows,
    metric_rows,
    remembered,
    verdict,
)
from driftcli.records import Past
from driftcli.renderers import html, renderer_for
from driftcli.renderers.json import parse
from driftcli.store import Run, Store, open_store

FILES = {
    "features": "drift_report.json",
    "predictions": "prediction_drift.json",
    "performance": "performance_metrics.json",
}
ALERTS, PAGE, HISTORY = "alerts.json", "report.html", "history.sqlite"
SHOWN = 30  # runs in the trends of the page


@dataclass(frozen=True, slots=True)
class Job:
    """What is monitored, and when.

    Parameters
    ----------
    config : Config
        Names reference, current and the monitor.
    at : datetime
        The time that the run stands for, with a zone.
    environ : mapping of str
        Holds the addresses.
    on_alert : tuple of str
        A command that is run with the path of the alerts when something is told.
    """

    config: Config
    at: dt.datetime
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    on_alert: tuple[str, ...] = ()

    @property
    def monitor(self) -> str:
        """The name by which the runs are remembered."""
        return self.config.monitor or "monitor"

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(self.config.outputs.directory)

    @property
    def alerts_file(self) -> Path:
        """Where the alerts stand."""
        return self.folder / ALERTS

    @property
    def receivers(self) -> list[Receiver]:
        """Who is told."""
        told = receivers_of(self.config.alerts.send, self.environ)
        return [*told, runs(self.on_alert, self.alerts_file)] if self.on_alert else told

    @property
    def now(self) -> str:
        """The time as it is remembered."""
        return self.at.astimezone(dt.UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a job.

    Parameters
    ----------
    reports : tuple of Report
        Of the parts that ran.
    failed : mapping of str to str
        The parts that could not, and why.
    alerts : AlertReport
        As they stand.
    notice : AlertReport or None
        What was to be told.
    undelivered : tuple of Undelivered
        What nobody got yet.
    warnings : tuple of str
    """

    reports: tuple[Report, ...]
    failed: Mapping[str, str]
    alerts: AlertReport
    notice: AlertReport | None
    undelivered: tuple[Undelivered, ...]
    warnings: tuple[str, ...]


def run_monitor(job: Job, watch: Watch | None = None) -> Ran:
    """Check, remember and tell.

    A part that cannot run stops no other. The results are written before the run is remembered, it
    is remembered before anything is told, and what could not be told waits for the next run.

    Parameters
    ----------
    job : Job
    watch : Watch, optional

    Raises
    ------
    DriftcliError
        If no part could run, or the store or the folder cannot be used.
    """
    seconds = duration(job.config.store.wait).total_seconds()
    _make(job.folder)
    with opened_store(job.config, job.environ) as store, store.alone(job.monitor, seconds):
        found = check_parts(job.config, watch or Nobody())
        last = next(iter(store.runs(job.monitor, 1)), None)
        if last is not None and last.at > job.now:
            return _looked_back(job, store, found, last)
        for report in found.reports:
            _write(job.folder / FILES[report.command], (report,))
        return _told(job, store, found, last)


def opened_store(
    config: Config, environ: Mapping[str, str], *, must_exist: bool = False
) -> AbstractContextManager[Store]:
    """Open the store of a configuration.

    Parameters
    ----------
    config : Config
    environ : mapping of str
        Holds the address of a server.
    must_exist : bool
        Whether a file that is not there is an error, as there is nothing to look at.

    Raises
    ------
    DriftcliError
        If the variable that is to hold its address is not set, or it cannot be opened.
    """
    options = config.store
    if options.url_env is None:
        path = Path(options.path or Path(config.outputs.directory) / HISTORY)
        if must_exist and not path.exists():
            raise DataError("no run yet", path=path, hint="driftcli run remembers one")
        return open_store(path)
    url = environ.get(options.url_env, "").strip()
    if not url:
        raise UsageError(f"the environment variable {options.url_env} is not set")
    return open_store(None, url, f"PostgreSQL ({options.url_env})")


def past_runs(config: Config, environ: Mapping[str, str]) -> list[Past]:
    """Return what the last runs of a monitor found, the oldest first.

    Raises
    ------
    DriftcliError
        If there is no store, or it cannot be opened.
    """
    with opened_store(config, environ, must_exist=True) as store:
        return store.history(config.monitor, None, SHOWN)


def _looked_back(job: Job, store: Store, found: Checked, last: Run) -> Ran:
    """Remember a run that stands for a time before the last; files and alerts stay those of it."""
    alerts = _of(last)
    run = _run(job, found, alerts)
    if not any(_repeats(one, run) for one in store.runs(job.monitor)):
        store.remember(run, None, ())
    told = f"older than the last run ({last.at[:16]}): remembered, and nothing is told or written"
    return Ran(found.reports, found.failed, alerts, None, (), (told,))


def _told(job: Job, store: Store, found: Checked, last: Run | None) -> Ran:
    strange = () if found.failed else unknown_in_mutes(job.config.alerts, found.reports, job.now)
    warnings = [*strange]
    notice = None
    this = _run(job, found, _NOTHING)
    if last is not None and _repeats(last, this):
        alerts = _of(last)
        warnings.append(f"the data of the run of {last.at[:16]} again: nothing new is told")
    else:
        stale, same = _stale(job, found, last, this)
        if stale is not None:
            warnings.append(stale.message)
        situation = _situation(job, store, found, stale, same)
        outcome = told(this.id, replace(situation, warnings=tuple(strange)))
        alerts, notice = outcome.alerts, outcome.notice
        waiting = deliveries_of(notice, job.receivers, job.now)
        store.remember(_with(this, alerts), memory_rows(outcome.memories), waiting)
    try:
        _publish(job, store, found.reports, alerts)
    finally:  # who must know is told though a file cannot be written
        undelivered = deliver_waiting(store, job.monitor, job.receivers, job.now)
    return Ran(found.reports, found.failed, alerts, notice, undelivered, tuple(warnings))


def _memory(store: Store, monitor: str) -> dict[Key, Memory]:
    try:
        return remembered(store.memories(monitor))
    except ValueError:  # a severity that there is not
        raise store.malformed() from None


def _situation(
    job: Job, store: Store, found: Checked, stale: Found | None, same: frozenset[str]
) -> Situation:
    return Situation(
        tuple((FILES[report.command], report) for report in found.reports),
        job.config.alerts,
        job.monitor,
        job.now,
        _memory(store, job.monitor),
        store.acknowledgements(job.monitor, job.now),
        stale,
        same,
        found.failed,
        job.config.outputs.link,
    )


def _publish(job: Job, store: Store, reports: Sequence[Report], alerts: AlertReport) -> None:
    text = json.dumps(document(alerts), indent=2, allow_nan=False)
    write_whole(job.alerts_file, text + "\n")
    # the page adds what this run found
    history = [p for p in store.history(job.monitor, None, SHOWN) if p.run != alerts.id]
    write_whole(job.folder / PAGE, html.render(reports, alerts, history))


def _repeats(last: Run, this: Run) -> bool:
    """Whether a run checks what another did, the same day: tried again, or started twice."""
    return _mark(last) == _mark(this)


def _mark(run: Run) -> tuple[str, str, str]:
    return run.fingerprint, run.sources, run.at[:10]


def _stale(
    job: Job, found: Checked, last: Run | None, this: Run
) -> tuple[Found | None, frozenset[str]]:
    """Return why the data are not those of now, and the parts whose data the last run checked.

    Where all of it is the last run's, it is stale. Part of it may be: labels come later. Data that
    are judged anew the same day, under other settings, are neither.
    """
    reason = too_old(found.newest, job.at, job.config.alerts.max_age)
    if last is None or _anew(last, this):
        return (None if reason is None else stale_input(reason)), frozenset()
    before, after = _kept(last.fingerprint), _kept(this.fingerprint)
    same = frozenset(part for part, seen in after.items() if before.get(part) == seen)
    if len(same) == len(after):
        reason = f"the same data as in the run of {last.at[:16]}"
    return (None if reason is None else stale_input(reason)), same


def _anew(last: Run, this: Run) -> bool:
    """Whether a run judges what another did the same day, under other settings."""
    settings = last.sources != this.sources
    return settings and _read(last) == _read(this) and last.at[:10] == this.at[:10]


def _read(run: Run) -> object:
    return _kept(run.sources).get("current")


def _kept(text: str) -> dict[str, object]:
    """Return what a store keeps as JSON; nothing where it is damaged, or of an earlier version."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def too_old(newest: dt.datetime | None, now: dt.datetime, max_age: str | None) -> str | None:
    """Return why data are stale by their age; ``None`` where they are not, or nobody asked.

    Parameters
    ----------
    newest : datetime or None
        When they end.
    now : datetime
    max_age : str or None
        Such as ``26h``.
    """
    if max_age is None or newest is None or now - newest <= duration(max_age):
        return None
    return f"the data end at {newest.isoformat(timespec='minutes')}, max_age is {max_age}"


def _of(run: Run) -> AlertReport:
    (found,) = parse(run.alerts, "the store")
    if not isinstance(found, AlertReport):
        raise UsageError("the store holds no alerts of the last run")
    return found


_NOTHING = AlertReport("", __version__, (), should_retrain=False)


def _run(job: Job, found: Checked, alerts: AlertReport) -> Run:
    """Return what is remembered of a run."""
    reports = found.reports
    first = reports[0]
    settings = hashlib.sha256(repr(job.config).encode("utf-8", "surrogatepass")).hexdigest()
    sources = sorted({report.current.source for report in reports})
    run = Run(
        id=uuid.uuid4().hex,
        monitor=job.monitor,
        at=job.now,
        finished=timestamp(),
        driftcli_version=__version__,
        sources=json.dumps({"current": sources, "settings": settings[:16]}),
        fingerprint=json.dumps(fingerprints(reports), sort_keys=True),
        n_reference=None if first.reference is None else first.reference.rows,
        n_current=first.current.rows,
        status=verdict(reports).value,
        should_retrain=False,
        alerts="",
        checks=check_rows(reports),
        columns=column_rows(reports),
        metrics=metric_rows(reports),
    )
    return _with(run, alerts)


def _with(run: Run, alerts: AlertReport) -> Run:
    text = json.dumps(document(alerts), allow_nan=False)
    return replace(run, alerts=text, should_retrain=alerts.should_retrain)


def _make(folder: Path) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError("is a file", path=folder, hint="outputs.directory names a folder")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "no folder").lower()
        raise OutputError(f"cannot be made ({reason})", path=folder) from None


def _write(path: Path, reports: Sequence[Report], alerts: AlertReport | None = None) -> None:
    render = renderer_for(path.suffix)
    if render is not None:
        write_whole(path, render(reports, alerts))
