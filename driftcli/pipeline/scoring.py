"""Rows with labels and scores become the summary that the metrics of a task need."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcli.config import Performance, Task
from driftcli.errors import DataError
from driftcli.model import ColumnKind
from driftcli.pipeline.classes import (
    class_codes,
    class_columns,
    class_names,
    decisions,
    truth_values,
)
from driftcli.pipeline.labels import Labelled, counted
from driftcli.pipeline.roles import Roles
from driftcli.schema import kind_of
from driftcli.summaries.arrays import flatten, numeric_values
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
    ScoredSummary,
)

# beyond this a score above 1 is no rounding error
CLEARLY_ABOVE = 1.5


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Labels, scores and predictions as the summary of a task takes them.

    Parameters
    ----------
    make : callable
        Of the arrays, in their order.
    arrays : tuple of ndarray or None
        Shape (rows,), probabilities of classes (rows, classes).
    """

    make: Callable[..., ScoredSummary]
    arrays: tuple[NDArray[Any] | None, ...]

    def summary(self, at: NDArray[np.int64] | None = None) -> ScoredSummary:
        """Return the summary of all rows, or of those at some places."""
        if at is None:
            return self.make(*self.arrays)
        return self.make(*(None if array is None else array[at] for array in self.arrays))


def scored_rows(
    rows: Labelled, roles: Roles, task: Task, settings: Performance, seen: Collection[str] = ()
) -> ScoredRows:
    """Return what the summary of a task is made of.

    Parameters
    ----------
    rows : Labelled
    roles : Roles
        That fit the task, see :func:`refuse_misfit`.
    task : str
    settings : Performance
    seen : collection of str
        Labels of the other side, which may tell what a lone one stands for.

    Raises
    ------
    DriftcliError
        If labels, scores or predictions are not what the task needs.
    """
    if task == "binary":
        return _binary(rows, roles, settings, seen)
    if task == "multiclass":
        return _multiclass(rows, roles)
    label = _numbers(rows, roles.label)
    if task == "regression":
        estimate = _numbers(rows, roles.prediction or roles.scores[0])
        return ScoredRows(RegressionSummary.from_arrays, (label, estimate))
    score = _numbers(rows, roles.scores[0] if roles.scores else str(roles.prediction))
    group = flatten(rows.table[str(roles.group)].combine_chunks()).dictionary_encode()
    codes = np.asarray(group.indices).astype(np.int64)
    return ScoredRows(RankingSummary.from_arrays, (codes, label, score))


def _binary(
    rows: Labelled, roles: Roles, settings: Performance, seen: Collection[str]
) -> ScoredRows:
    column, positive = rows.table[roles.label], settings.positive
    label = truth_values(column, positive, rows.name, roles.label, seen)
    score = prediction = None
    if roles.scores:
        score = _numbers(rows, roles.scores[0])
        _refuse_outside(score, rows.name, roles.scores[0])
    if roles.prediction:
        labels = {*class_names(column), *seen}
        predicted = rows.table[roles.prediction]
        prediction = decisions(predicted, positive, labels, rows.name, roles.prediction)
    return ScoredRows(BinarySummary.from_arrays, (label, score, prediction))


def _refuse_outside(score: NDArray[np.float64], name: str, title: str) -> None:
    """Refuse scores that are no probabilities: a percent, a logit."""
    if not score.size:
        return
    least, most = float(score.min()), float(score.max())
    above, below = int((score > 1.0).sum()), int((score < 0.0).sum())
    hint = "logits?"
    if above:
        worst = f"{counted(above, 'value')} above 1 (max {_beyond_one(most)})"
        if not below:
            percent = "percent? divide by 100" if most <= 100 else hint
            hint = percent if most > CLEARLY_ABOVE else ""
    elif below:
        worst = f"{counted(below, 'value')} below 0 (min {least:.4g})"
        hint = hint if least < 1 - CLEARLY_ABOVE else ""
    else:
        return
    reason = f"probabilities must lie between 0 and 1, found {worst}"
    raise DataError(reason, path=name, column=title, hint=hint)


def _beyond_one(value: float) -> str:
    """Return a number above 1 in as many digits as tell that it is."""
    texts = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next(text for text in texts if float(text) > 1.0)


def _multiclass(rows: Labelled, roles: Roles) -> ScoredRows:
    columns = [rows.table[name] for name in (roles.label, roles.prediction) if name]
    classes, codes = class_codes(columns)
    shares = None
    if len(roles.scores) > 1:
        owners = class_columns(classes, roles.scores, rows.name)
        shares = np.column_stack([_numbers(rows, column) for column in owners.values()])
        place = {name: at for at, name in enumerate(owners)}
        recode = np.array([place[name] for name in classes], dtype=np.int64)
        classes, codes = list(owners), [recode[code] for code in codes]
    prediction = codes[1] if roles.prediction else None
    make = partial(MulticlassSummary.from_arrays, classes)
    return ScoredRows(make, (codes[0], prediction, shares))


def _numbers(rows: Labelled, title: str) -> NDArray[np.float64]:
    column = rows.table[title]
    kind = kind_of(column.type)
    if kind not in (ColumnKind.NUMERIC, ColumnKind.BOOLEAN):
        raise DataError(f"{column.type} where numbers are needed", path=rows.name, column=title)
    values: NDArray[Any]
    values, _ = numeric_values(column.combine_chunks(), np.dtype(np.float64))
    return values
