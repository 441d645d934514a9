"""Stored metrics as a baseline: what an earlier run wrote, or plain numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from driftcli.config import Task
from driftcli.errors import MAX_NAME, DataError, did_you_mean, quoted, shown_path
from driftcli.files import read_text
from driftcli.metrics import METRICS, METRICS_BY_TASK, Estimate
from driftcli.metrics.base import RAREST, Interval
from driftcli.model import MetricValue, PerformanceResult
from driftcli.renderers.json import loads

# what a run writes beside its metrics
BESIDES = ("n_predictions", "mean_score", "std_score", "n_reference", "n_current")
COUNTS: Interval = (0.0, 1e15)
# what tests of metrics read among the details of a side
DETAILS: dict[str, Interval] = {
    "positives": COUNTS,
    "negatives": COUNTS,
    "positives_variance": (0.0, 0.5),
    "negatives_variance": (0.0, 0.5),
    RAREST: COUNTS,
}
# beyond this the square is no number
LARGEST = 1e100
# an end of an interval may lie this share beyond its value, by rounding
ROUNDING = 1e-9


def stored_metrics(path: Path, task: Task) -> tuple[dict[str, Estimate], list[str]]:
    """Read a baseline: what an earlier run wrote, or plain numbers such as ``{"auc": 0.71}``.

    Plain numbers carry no variance and are taken as fixed.

    Returns
    -------
    dict of str to Estimate
        By metric.
    list of str
        Warnings of numbers that are compared with nothing.

    Raises
    ------
    DataError
        If the file is not that, holds none of the task's metrics, a name that is nearly one, or
        values that cannot be.
    """
    value = loads(read_text(path), path)
    if not isinstance(value, dict):
        raise DataError('not a file of metrics such as {"auc": 0.71}', path=path)
    run = value.get("performance")
    stored = _plain(value, task, path) if run is None else _written(run, task, path)
    found = {name: stored[name] for name in METRICS_BY_TASK[task] if name in stored}
    warnings = _unused(stored, task, path)
    if not found:
        known = ", ".join(METRICS_BY_TASK[task])
        raise DataError(f"holds none of the {task} metrics", path=path, hint=f"these are {known}")
    for name, estimate in found.items():
        refuse_impossible(name, estimate, METRICS_BY_TASK[task][name].bounds, path)
    return found, warnings


def _plain(value: Mapping[str, Any], task: Task, path: Path) -> dict[str, Estimate]:
    """Return plain numbers as fixed estimates; a metric that is no number is an error."""
    found = {}
    for name, number in value.items():
        if not isinstance(number, bool) and isinstance(number, int | float):
            found[name] = Estimate(float(number))
        elif name in METRICS_BY_TASK[task]:
            raise DataError(f"{name}: expected a number, got {quoted(number)}", path=path)
    return found


def _unused(names: Iterable[str], task: Task, path: Path) -> list[str]:
    """Tell what is no metric of the task; a name that is nearly one was meant to be it."""
    others = [name for name in names if name not in (*METRICS_BY_TASK[task], *BESIDES)]
    for name in others:
        hint = "" if name in METRICS else did_you_mean(name.lower(), METRICS)
        if hint:
            raise DataError(f"unknown metric {quoted(name)}", path=path, hint=hint)
    shown = ", ".join(map(quoted, others))
    return [f"{path}: compared with nothing, as no {task} metrics: {shown}"] if others else []


def _written(value: Any, task: Task, path: Path) -> dict[str, Estimate]:
    """Return the estimates that an earlier run wrote, variances included."""
    from pydantic import TypeAdapter, ValidationError

    try:
        # as JSON, a list may become a tuple and a word an enumeration; nothing else may change
        run = TypeAdapter(PerformanceResult).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = shown_path(_place(first["loc"], value))[:MAX_NAME]
        raise DataError(f"not a result of driftcli: {place}: {first['msg']}", path=path) from None
    except RecursionError:
        raise DataError("nested too deeply", path=path) from None
    if run.task != task:
        reason = f"holds metrics of task {run.task}, and this run is {task}"
        raise DataError(reason, path=path, hint="say which with --task")
    return {m.metric: estimate_of(m) for m in run.metrics if m.current is not None}


def _place(loc: tuple[int | str, ...], value: Any) -> str:
    """Return where a fault is, a metric by its name."""
    parts: list[object] = ["performance", *loc]
    if len(loc) > 1 and loc[0] == "metrics" and isinstance(loc[1], int):
        metric = value["metrics"][loc[1]]
        name = metric.get("metric") if isinstance(metric, dict) else None
        parts = [name, *loc[2:]] if isinstance(name, str) else parts
    return ".".join(map(str, parts))


def estimate_of(metric: MetricValue) -> Estimate:
    """Return what a report tells of a metric's current value as an estimate."""
    return Estimate(
        metric.current,
        metric.current_error,
        metric.current_interval,
        metric.n_current,
        metric.skip,
        metric.details,
    )


def refuse_impossible(name: str, estimate: Estimate, bounds: Interval, path: object) -> None:
    """Refuse numbers that no run can have written, so that none turns into a verdict.

    Raises
    ------
    DataError
    """
    value, error = estimate.value or 0.0, estimate.standard_error
    _within(name, value, bounds, path)
    _within(f"{name}: n_current", estimate.n, COUNTS, path)
    if error is not None:
        _within(f"{name}: current_error", error, (0.0, math.inf), path)
    for detail in DETAILS.keys() & estimate.details.keys():
        amount = estimate.details[detail]
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            reason = f"{name}: {detail}: expected a number, got {quoted(amount)}"
            raise DataError(reason, path=path)
        _within(f"{name}: {detail}", amount, DETAILS[detail], path)
    if estimate.interval is not None:
        low, high = estimate.interval
        for end in (low, high):
            _within(f"{name}: current_interval", end, (-math.inf, math.inf), path)
        slack = ROUNDING * max(1.0, abs(value))
        if not low - slack <= value <= high + slack:
            reason = f"{name}: current_interval: {low:g} to {high:g} leaves out {value:g}"
            raise DataError(reason, path=path)


def _within(what: str, value: float, bounds: Interval, path: object) -> None:
    low, high = max(bounds[0], -LARGEST), min(bounds[1], LARGEST)
    if low <= value <= high:
        return
    span = f"between {low:g} and {high:g}"
    if math.inf in (-bounds[0], bounds[1]):
        span = f"at least {low:g}" if value < low else f"at most {high:g}"
    shown = f"{value:g}" if float(f"{value:g}") == value else repr(float(value))
    raise DataError(f"{what}: must be {span}, got {shown}", path=path)
