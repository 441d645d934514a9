"""The run on performance: read, find labels, measure, compare, decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftcli import __version__
from driftcli.config import Config, Performance, Task
from driftcli.errors import UsageError
from driftcli.metrics import METRICS_BY_TASK
from driftcli.model import DatasetInfo, Report
from driftcli.pipeline.classes import class_names
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.degradation import judge
from driftcli.pipeline.evaluation import Evaluated, remarks
from driftcli.pipeline.frame import Frame, Kinds, kinds_of
from driftcli.pipeline.known import Known, known_performance
from driftcli.pipeline.labels import Labelled
from driftcli.pipeline.logs import evaluate, labelled, settle_task
from driftcli.pipeline.opening import open_current
from driftcli.pipeline.reference import (
    Stored,
    agreed,
    doubts,
    found_baseline,
    opened,
    refuse_baseline,
)
from driftcli.pipeline.roles import Roles, find_roles
from driftcli.pipeline.stored import stored_metrics
from driftcli.pipeline.windows import (
    Windowing,
    complete,
    of_current,
    windowing,
    windowing_of,
)
from driftcli.sources import Source


@dataclass(frozen=True, slots=True)
class _Past:
    """What current is measured against.

    Parameters
    ----------
    task : str
    evaluated : Evaluated or None
        ``None`` where current is only measured.
    info : DatasetInfo or None
    seen : collection of str
        The labels there were.
    notes : tuple of str
    windows : mapping of int to int
        Rows by window of time, where there are any.
    lost : int
        Rows that lie in none.
    kinds : mapping of int to str
        Of the windows, where a column tells kinds.
    """

    task: Task
    evaluated: Evaluated | None = None
    info: DatasetInfo | None = None
    seen: Collection[str] = ()
    notes: tuple[str, ...] = ()
    windows: Mapping[int, int] = field(default_factory=dict)
    lost: int = 0
    kinds: Kinds = field(default_factory=dict)


def check_performance(
    current: object,
    config: Config,
    *,
    reference: object | None = None,
    baseline: Path | None = None,
) -> Report:
    """Measure how well the model does, against a reference log or stored metrics where given.

    Parameters
    ----------
    current : object
        What :func:`driftcli.sources.open_source` takes.
    config : Config
    reference : object, optional
        A log of the same columns, or a baseline that was made of one.
    baseline : Path, optional
        Stored metrics (JSON).

    Raises
    ------
    DriftcliError
    """
    if baseline is not None and reference is None and found_baseline(baseline) is not None:
        reference, baseline = baseline, None
    _refuse_contradictions(config.performance, reference, baseline)
    refuse_baseline(current)
    before = None if reference is None else opened(reference, config)
    after = open_current(current, config)
    by = _windowing(before, after, config)
    recent = of_current(by, after)
    if isinstance(before, Stored):
        known = known_performance(before)
        config = replace(config, performance=agreed(config.performance, known.fixed, before.name))
        roles = replace(known.roles, key=config.performance.join_on)
        rows, notes = labelled(after, roles, config, config.performance.labels, recent)
        past = _known(before, known, config)
    else:
        # the reference settles what is there to check: a column that current lost is missed
        first = before or after
        roles = find_roles(first.schema, first.name, config.performance)
        rows, notes = labelled(after, roles, config, config.performance.labels, recent)
        past = _measured(before, rows, roles, config, baseline, by)
    now = evaluate(rows, roles, past.task, config, past.seen)
    frame = None
    if by is not None:
        frame = replace(_frame(by, past, rows), kinds=(past.kinds, kinds_of(after, recent)))
    return Report(
        command="performance",
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision,
        monitor=config.monitor,
        reference=past.info,
        current=DatasetInfo(after.name, rows.coverage.rows, len(after.schema)),
        performance=judge(past.task, roles, now, past.evaluated, config, frame),
        windows=None if frame is None else frame.info(),
        warnings=(
            *notes,
            *remarks(after.name, now.estimates),
            *past.notes,
            *_unused(config.performance, past.task),
            *_of_windows(frame, past, rows),
        ),
    )


def _windowing(before: Source | Stored | None, after: Source, config: Config) -> Windowing | None:
    """Return how rows are put into windows: as the reference is, else as the settings say."""
    if isinstance(before, Stored):
        return windowing_of(before.baseline, config.time)
    first = before or after
    return windowing(config.time, first.schema, first.name)


def _frame(by: Windowing, past: _Past, rows: Labelled) -> Frame:
    recent = {} if rows.windows is None else rows.windows.coverage
    now = {number: part.rows for number, part in recent.items()}
    lost = past.lost, 0 if rows.windows is None else rows.windows.lost
    return Frame(by, complete(past.windows, by), complete(now, by), lost=lost)


def _of_windows(frame: Frame | None, past: _Past, rows: Labelled) -> list[str]:
    """Return what the reader must know of the windows."""
    if frame is None:
        return []
    told = frame.warnings(rows.coverage.rows)
    if past.evaluated is not None and past.info is None:
        told.append("stored metrics have no windows to compare with")
    return told


def _unused(settings: Performance, task: Task) -> list[str]:
    """Tell which largest drops are of metrics that the task does not have."""
    others = [name for name in settings.max_drop if name not in METRICS_BY_TASK[task]]
    if not others:
        return []
    return [f"a largest drop is given that is of no {task} metric: {', '.join(others)}"]


def _refuse_contradictions(
    settings: Performance, reference: object | None, baseline: Path | None
) -> None:
    if reference is not None and baseline is not None:
        raise UsageError("a reference and a baseline", hint="give one of the two")
    if settings.labels is not None and settings.join_on is None:
        raise UsageError("--labels needs a key to join by", hint="name it with --on")
    if settings.labels is None and settings.join_on is not None:
        raise UsageError("--on joins labels, and there are none", hint="name them with --labels")


def _known(before: Stored, known: Known, config: Config) -> _Past:
    """Return what a baseline tells of its log."""
    info = DatasetInfo(before.name, known.rows, len(before.schema))
    notes = (*doubts(before, config), *remarks(before.name, known.evaluated.estimates))
    stored = before.baseline.windows
    if stored is None:
        return _Past(known.task, known.evaluated, info, known.labels, notes)
    windows, kinds = stored.rows, stored.kinds
    evaluated = known.evaluated
    return _Past(known.task, evaluated, info, known.labels, notes, windows, kinds=kinds)


def _measured(
    before: Source | None,
    rows: Labelled,
    roles: Roles,
    config: Config,
    baseline: Path | None,
    by: Windowing | None,
) -> _Past:
    """Return what a reference log or stored metrics tell; without either the task alone."""
    if before is None:
        task = settle_task(rows, roles, config)
        if baseline is None:
            return _Past(task)
        stored, unused = stored_metrics(baseline, task)
        return _Past(task, Evaluated(stored), notes=tuple(unused))
    old, notes = labelled(before, roles, config, None, by)
    task = settle_task(old, roles, config)
    evaluated = evaluate(old, roles, task, config, class_names(rows.table[roles.label]))
    info = DatasetInfo(before.name, old.coverage.rows, len(before.schema))
    told = (*notes, *remarks(old.name, evaluated.estimates))
    seen, windows = class_names(old.table[roles.label]), old.windows
    if windows is None:
        return _Past(task, evaluated, info, seen, told)
    by_window = {number: part.rows for number, part in windows.coverage.items()}
    kinds = kinds_of(before, by)
    return _Past(task, evaluated, info, seen, told, by_window, windows.lost, kinds)
