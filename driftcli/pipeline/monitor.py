"""The whole monitoring job: check, remember, tell."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftcli import __version__
from driftcli.alerts.document import document
from driftcli.alerts.measures import Found, stale_input
from driftcli.config import Config
from driftcli.durations import duration
from driftcli.engines.watch import Nobody, Watch
from driftcli.errors import DataError, DriftcliError, OutputError, UsageError
from driftcli.files import write_whole
from driftcli.model import AlertReport, Report
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.pipeline.commanding import runs
from driftcli.pipeline.delivering import (
    Receiver,
    Undelivered,
    deliver_waiting,
    deliveries_of,
    receivers_of,
)
from driftcli.pipeline.performance import check_performance
from driftcli.pipeline.reference import Stored, opened, refuse_baseline
from driftcli.pipeline.remembering import Situation, memory_rows, remembered, told, too_old
from driftcli.pipeline.rows import check_rows, column_rows, fingerprint, metric_rows, verdict
from driftcli.renderers import renderer_for
from driftcli.renderers.json import parse
from driftcli.sources import Parts, open_source
from driftcli.store import Run, Store, open_store

FILES = {
    "features": "drift_report.json",
    "predictions": "prediction_drift.json",
    "performance": "performance_metrics.json",
}
ALERTS, PAGE, HISTORY = "alerts.json", "report.html", "history.sqlite"
DEFAULT_PREDICTIONS = ("score", "prediction")


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
    with opened_store(job.config, job.environ) as store, store.alone(job.monitor, seconds):
        _make(job.folder)
        reports, failed, newest = _checked(job, watch or Nobody())
        for report in reports:
            _write(job.folder / FILES[report.command], (report,))
        return _told(job, store, reports, failed, newest)


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


def _checked(
    job: Job, watch: Watch
) -> tuple[tuple[Report, ...], dict[str, str], dt.datetime | None]:
    """Run the parts, each column of either side read once."""
    config = job.config
    if config.reference is None or config.current is None:
        missing = "reference" if config.reference is None else "current"
        raise UsageError(
            f"no {missing} data", hint=f"name them with {missing}: in the configuration"
        )
    refuse_baseline(config.current)
    before = opened(config.reference, config)
    types = {column.name: column.type for column in before.schema}
    after = open_source(config.current, config.input, types=types, where=config.input.of_current)
    reference = before.baseline if isinstance(before, Stored) else before
    for side in (before, after):
        if isinstance(side, Parts):
            side.keep(_asked_twice(config))
    features = _without_outputs(config, before.schema.names)
    parts: dict[str, Callable[[], Report]] = {
        "features": lambda: check_features(reference, after, features, watch),
        "predictions": lambda: check_predictions(reference, after, config, watch),
        "performance": lambda: check_performance(after, config, reference=reference),
    }
    reports, failed = [], {}
    for name in _wanted(config, before):
        try:
            reports.append(parts[name]())
        except DriftcliError as error:
            failed[name] = str(error)
    if not reports:
        raise UsageError(f"no part could run: {'; '.join(failed.values())}")
    return tuple(reports), failed, _newest(config, reports, after)


def _without_outputs(config: Config, names: Collection[str]) -> Config:
    """Return the configuration for features: what other parts check by default is none."""
    outputs = {"label", *DEFAULT_PREDICTIONS}.difference(config.columns.include) & set(names)
    columns = config.columns
    return replace(config, columns=replace(columns, exclude=(*columns.exclude, *sorted(outputs))))


def _asked_twice(config: Config) -> set[str]:
    """Return the columns that more than one part may look at."""
    roles = config.performance
    scores = roles.score if isinstance(roles.score, tuple) else (roles.score,)
    named = (*scores, roles.label, roles.prediction, roles.group, roles.join_on, config.time.column)
    usual = (*DEFAULT_PREDICTIONS, "label", *config.predictions.column)
    return {name for name in (*named, *usual) if name}


def _wanted(config: Config, before: Parts | Stored) -> list[str]:
    """Return the parts that the configuration asks for, or that the reference has columns for."""
    names = set(before.schema.names)
    roles = config.performance
    predicted = bool(config.predictions.column) or bool(names.intersection(DEFAULT_PREDICTIONS))
    known = isinstance(before, Stored) and before.baseline.performance is not None
    labels = roles.label is not None or roles.labels is not None or "label" in names
    performs = known if isinstance(before, Stored) else labels
    wanted = {"features": True, "predictions": predicted, "performance": performs}
    return [name for name, asked in wanted.items() if asked]


def _newest(config: Config, reports: Sequence[Report], after: Parts) -> dt.datetime | None:
    """Return when current ends: by its time column, else by when its files were written."""
    for report in reports:
        column = report.features.get(config.time.column or "")
        last = None if column is None or column.current is None else column.current.maximum
        if isinstance(last, str):
            found = dt.datetime.fromisoformat(last)
            return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return after.modified


def _told(
    job: Job,
    store: Store,
    reports: tuple[Report, ...],
    failed: Mapping[str, str],
    newest: dt.datetime | None,
) -> Ran:
    mark, now = fingerprint(reports), job.now
    sources = json.dumps(sorted({report.current.source for report in reports}))
    last = next(iter(store.runs(job.monitor, 1)), None)
    warnings = []
    if last is not None and _repeats(last, mark, sources, now):
        alerts, notice = _of(last), None
        warnings.append(f"the data of the run of {last.at[:16]} again: nothing new is told")
    elif last is not None and last.at > now:
        alerts, notice = _of(last), None
        warnings.append(
            f"older than the last run ({last.at[:16]}): remembered, and nothing is told"
        )
        if not any(_repeats(run, mark, sources, now) for run in store.runs(job.monitor)):
            store.remember(_run(job, reports, mark, sources, alerts), None, ())
    else:
        same = last is not None and last.fingerprint == mark
        known = store.acknowledgements(job.monitor, now)
        stale = _stale(job, last if same else None, newest)
        if stale is not None:
            warnings.append(stale.message)
        run = uuid.uuid4().hex
        outcome = told(
            run,
            Situation(
                tuple((FILES[report.command], report) for report in reports),
                job.config.alerts,
                job.monitor,
                now,
                remembered(store.memories(job.monitor)),
                known,
                stale,
                same,
                failed,
                job.config.outputs.link,
            ),
        )
        alerts, notice = outcome.alerts, outcome.notice
        waiting = deliveries_of(notice, job.receivers, now)
        row = replace(_run(job, reports, mark, sources, alerts), id=run)
        store.remember(row, memory_rows(outcome.memories), waiting)
    write_whole(job.alerts_file, json.dumps(document(alerts), indent=2, allow_nan=False) + "\n")
    _write(job.folder / PAGE, reports, alerts)
    undelivered = deliver_waiting(store, job.monitor, job.receivers, now)
    return Ran(reports, failed, alerts, notice, undelivered, tuple(warnings))


def _repeats(last: Run, mark: str, sources: str, now: str) -> bool:
    """Whether a run checks what the last one did, the same day: tried again, or started twice."""
    return (last.fingerprint, last.sources, last.at[:10]) == (mark, sources, now[:10])


def _stale(job: Job, twin: Run | None, newest: dt.datetime | None) -> Found | None:
    reason = too_old(newest, job.at, job.config.alerts.max_age)
    if twin is not None:
        reason = f"the same data as in the run of {twin.at[:16]}"
    return None if reason is None else stale_input(reason)


def _of(run: Run) -> AlertReport:
    (found,) = parse(run.alerts, "the store")
    if not isinstance(found, AlertReport):
        raise UsageError("the store holds no alerts of the last run")
    return found


def _run(job: Job, reports: Sequence[Report], mark: str, sources: str, alerts: AlertReport) -> Run:
    first = reports[0]
    return Run(
        id=uuid.uuid4().hex,
        monitor=job.monitor,
        at=job.now,
        finished=timestamp(),
        driftcli_version=__version__,
        sources=sources,
        fingerprint=mark,
        n_reference=None if first.reference is None else first.reference.rows,
        n_current=first.current.rows,
        status=verdict(reports).value,
        should_retrain=alerts.should_retrain,
        alerts=json.dumps(document(alerts), allow_nan=False),
        checks=check_rows(reports),
        columns=column_rows(reports),
        metrics=metric_rows(reports),
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "no folder").lower()
        raise OutputError(f"cannot be made ({reason})", path=folder) from None


def _write(path: Path, reports: Sequence[Report], alerts: AlertReport | None = None) -> None:
    render = renderer_for(path.suffix)
    if render is not None:
        write_whole(path, render(reports, alerts))
