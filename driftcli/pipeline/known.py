"""How well the model did on the log that a baseline was made of: written into it, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from driftcli.baselines import Baseline, Scored
from driftcli.config import Config, Performance, Task
from driftcli.errors import DataError, shown_path
from driftcli.metrics import METRICS_BY_TASK, Estimate
from driftcli.model import DecisionPolicy, LabelCoverage, MetricValue
from driftcli.pipeline.evaluation import Evaluated, estimate_all, metric_value
from driftcli.pipeline.reference import Stored
from driftcli.pipeline.roles import Roles
from driftcli.pipeline.stored import estimate_of, refuse_impossible
from driftcli.summaries.scored import (
    BinarySummary,
    Confusion,
    MulticlassSummary,
    ScoredSummary,
)
from driftcli.summaries.scored.cells import coarser

MAX_CELLS = 4096


@dataclass(frozen=True, slots=True)
class Record:
    """What a baseline keeps of performance, besides the scores themselves.

    Parameters
    ----------
    task : str
    settings : Performance
        Columns by role, and how metrics are computed; of the log, not of later ones.
    min_rows : int
        Fewer scored rows give no metric.
    labels : tuple of str
        Values that the label has, where they are few.
    scored : int
        Rows with label and score.
    coverage : LabelCoverage
    metrics : tuple of MetricValue
    windows : mapping of str to tuple of float or None, optional
        Each metric's value in every window of time that the baseline has, in their order; ``None``
        where a window has too few rows.
    """

    task: Task
    settings: Performance
    min_rows: int
    labels: tuple[str, ...]
    scored: int
    coverage: LabelCoverage
    metrics: tuple[MetricValue, ...]
    windows: Mapping[str, tuple[float | None, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a later run needs of a record."""

    task: Task
    roles: Roles
    fixed: Mapping[str, Any]
    labels: tuple[str, ...]
    rows: int
    evaluated: Evaluated


def written(record: Record) -> dict[str, Any]:
    """Return a record as JSON values."""
    value: dict[str, Any] = json.loads(json.dumps(asdict(record), allow_nan=False))
    return value


def known_performance(stored: Stored) -> Known:
    """Return what a baseline tells of performance.

    Raises
    ------
    DataError
        If it tells nothing, or what cannot be.
    """
    record = read_record(stored.baseline, stored.name)
    if record is None:
        hint = "make it with baseline create REF --label NAME --score NAME"
        raise DataError("holds no performance", path=stored.name, hint=hint)
    settings = record.settings
    score = settings.score or ()
    return Known(
        record.task,
        Roles(
            str(settings.label),
            (score,) if isinstance(score, str) else tuple(score),
            settings.prediction,
            settings.group,
        ),
        {**asdict(settings), "task": record.task},
        record.labels,
        record.coverage.rows,
        Evaluated(
            {m.metric: estimate_of(m) for m in record.metrics},
            record.coverage,
            _kept(record, stored.baseline),
            _windows(record, stored.baseline),
        ),
    )


def _kept(record: Record, baseline: Baseline) -> ScoredSummary | None:
    """Return what a baseline keeps of labels and scores, where it measured metrics on them."""
    measured = any(metric.current is not None for metric in record.metrics)
    if baseline.scored is None or not measured:
        return None
    summary = baseline.scored.summary
    if baseline.scored.exact or not isinstance(summary, BinarySummary) or summary.decisions:
        return summary
    return replace(summary, decisions=_decided(record, summary))


def _decided(record: Record, summary: BinarySummary) -> Confusion | None:
    """Return the decisions at the cutoff as the metrics tell them.

    Scores in few cells do not: some of a cell may lie below the cutoff and some above it.
    """
    shares = {metric.metric: metric.current or 0.0 for metric in record.metrics}
    tp = round(shares["recall"] * summary.positives)
    tn = round(shares["accuracy"] * summary.rows) - tp
    found = Confusion(tp, summary.negatives - tn, summary.positives - tp, tn)
    possible = min(found.tp, found.fp, found.fn, found.tn) >= 0
    return found if possible else None


def _windows(record: Record, baseline: Baseline) -> dict[int, Evaluated]:
    """Return the metrics of each window that the baseline has, where it has them."""
    if record.windows is None or baseline.windows is None:
        return {}
    # those of windows with too few rows were left out when they were written
    enough = record.min_rows
    columns = record.windows.items()
    return {
        number: Evaluated({name: Estimate(values[at], n=enough) for name, values in columns})
        for at, number in enumerate(baseline.windows.rows)
    }


def by_window(
    evaluated: Evaluated, numbers: Iterable[int], min_rows: int
) -> dict[str, tuple[float | None, ...]]:
    """Return what a record tells of windows.

    Parameters
    ----------
    evaluated : Evaluated
        Has these windows.
    numbers : iterable of int
    min_rows : int
        A metric of fewer rows is left out.
    """
    parts = [evaluated.windows[number].estimates for number in numbers]
    return {
        name: tuple(part[name].value if part[name].n >= min_rows else None for part in parts)
        for name in evaluated.estimates
    }


def read_record(baseline: Baseline, name: str) -> Record | None:
    """Return a baseline's record, checked; ``None`` where it has none.

    Raises
    ------
    DataError
    """
    if baseline.performance is None:
        return None
    from pydantic import TypeAdapter, ValidationError

    try:
        text = json.dumps(baseline.performance)
        record: Record = TypeAdapter(Record).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = shown_path(".".join(map(str, first["loc"])))[:80]
        reason = f"not a sound baseline (performance: {place}: {first['msg']})"
        raise DataError(reason, path=name) from None
    metrics = METRICS_BY_TASK[record.task]
    if {metric.metric for metric in record.metrics} != set(metrics):
        raise DataError("not a sound baseline (performance: other metrics)", path=name)
    for metric in record.metrics:
        if metric.current is not None:
            refuse_impossible(
                metric.metric, estimate_of(metric), metrics[metric.metric].bounds, name
            )
        elif metric.skip is None:
            reason = f"not a sound baseline (performance: {metric.metric} has no value)"
            raise DataError(reason, path=name)
    if record.windows is not None:
        _refuse_windows(record, record.windows, baseline, name)
    return record


def _refuse_windows(
    record: Record, windows: Mapping[str, Sequence[float | None]], baseline: Baseline, name: str
) -> None:
    """Refuse metrics of windows that no run can have written."""
    metrics = METRICS_BY_TASK[record.task]
    numbers = () if baseline.windows is None else baseline.windows.rows
    if windows.keys() != metrics.keys() or {len(v) for v in windows.values()} != {len(numbers)}:
        raise DataError("not a sound baseline (performance: other windows)", path=name)
    for metric, values in windows.items():
        for value in values:
            if value is not None:
                refuse_impossible(metric, Estimate(value), metrics[metric].bounds, name)


def metric_values(evaluated: Evaluated, task: Task) -> tuple[MetricValue, ...]:
    """Return the metrics of a log as a record has them."""
    return tuple(
        metric_value(metric, evaluated.estimates[name])
        for name, metric in METRICS_BY_TASK[task].items()
    )


def kept_scores(summary: ScoredSummary | None, least: int = 0) -> Scored | None:
    """Return labels and scores in few cells; ``None`` for those that are rows (numbers, rankings).

    Parameters
    ----------
    summary : ScoredSummary or None
    least : int
        Rows of a cell at least.
    """
    if isinstance(summary, BinarySummary) and summary.cells is not None:
        cells = coarser(summary.cells, MAX_CELLS, least)
        exact = len(cells.scores) == len(summary.cells.scores)
        return Scored(replace(summary, cells=cells), exact)
    if isinstance(summary, MulticlassSummary) and summary.cells is not None:
        several = tuple(coarser(cells, MAX_CELLS, least) for cells in summary.cells)
        pairs = zip(several, summary.cells, strict=True)
        exact = all(len(few.scores) == len(many.scores) for few, many in pairs)
        return Scored(replace(summary, cells=several), exact)
    if isinstance(summary, BinarySummary | MulticlassSummary):
        return Scored(summary, True)
    return None


def merged_performance(
    parts: Sequence[Baseline],
) -> tuple[dict[str, Any] | None, ScoredSummary | None, str]:
    """Return the record and the scores of all parts together, or why there are none.

    Raises
    ------
    DataError
        If a record is not sound.
    """
    records = [read_record(part, part.summary.source) for part in parts]
    first = records[0]
    if not any(records):
        return None, None, ""
    known = [record for record in records if record is not None]
    if first is None or len(known) < len(records):
        return None, None, "performance is left out: not all parts have it"
    alike = [
        replace(one, labels=(), scored=0, coverage=LabelCoverage(0, 0), metrics=(), windows=None)
        for one in known
    ]
    if any(one != alike[0] for one in alike):
        return None, None, "performance is left out: the parts were made with other settings"
    scores = [part.scored.summary for part in parts if part.scored and part.scored.exact]
    if len(scores) < len(parts):
        reason = "performance is left out: it adds up only for classes with at most 4,096 scores"
        return None, None, reason
    summary = _sum(scores)
    if summary is None:
        return None, None, "performance is left out: the parts have other classes"
    coverage = LabelCoverage(
        sum(one.coverage.rows for one in known), sum(one.coverage.labelled for one in known)
    )
    scored = sum(one.scored for one in known)
    config = Config(performance=first.settings, decision=DecisionPolicy(min_rows=first.min_rows))
    evaluated = estimate_all(coverage, scored, summary, first.task, config)
    record = replace(
        first,
        labels=tuple(sorted({label for one in known for label in one.labels})),
        scored=scored,
        coverage=coverage,
        metrics=metric_values(evaluated, first.task),
        windows=None,
    )
    return written(record), summary, ""


def _sum(scores: Sequence[BinarySummary | MulticlassSummary]) -> ScoredSummary | None:
    binary = [one for one in scores if isinstance(one, BinarySummary)]
    several = [one for one in scores if isinstance(one, MulticlassSummary)]
    try:
        if binary:
            return binary[0].merge(*binary[1:])
        return several[0].merge(*several[1:])
    except ValueError:
        return None
