"""Rows with labels and scores become the summary that the metrics of a task need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.config import Performance, Task
from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.model import ColumnKind
from driftcli.pipeline.labels import Labelled, class_codes, truth_values
from driftcli.schema import kind_of
from driftcli.summaries.arrays import numeric_values
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
    ScoredSummary,
)

MAX_GUESSED_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column is what.

    Parameters
    ----------
    label : str
    scores : tuple of str
        One score; for several classes one probability a class.
    prediction, group, key : str or None
        The decision taken, the list that a row is ranked in, the key that labels are joined by.
    """

    label: str
    scores: tuple[str, ...] = ()
    prediction: str | None = None
    group: str | None = None
    key: str | None = None

    @property
    def named(self) -> dict[str, str]:
        """The columns by role, for the report."""
        found = {"label": self.label, "prediction": self.prediction, "group": self.group}
        found |= {"score": ", ".join(self.scores) or None, "key": self.key}
        return {role: name for role, name in found.items() if name}

    @property
    def inputs(self) -> list[str]:
        """The columns that the model wrote."""
        names = (*self.scores, self.prediction, self.group)
        return list(dict.fromkeys(name for name in names if name))


def find_roles(schema: pa.Schema, name: str, settings: Performance) -> Roles:
    """Settle which columns to read; ``label``, ``score`` and ``prediction`` by default.

    Raises
    ------
    UsageError
        If a column is named that is not there, or nothing tells what was predicted.
    """
    score = settings.score or ("score" if "score" in schema.names else ())
    prediction = settings.prediction or ("prediction" if "prediction" in schema.names else None)
    roles = Roles(
        label=settings.label or "label",
        scores=(score,) if isinstance(score, str) else tuple(score),
        prediction=prediction,
        group=settings.group,
        key=settings.join_on if settings.labels else None,
    )
    joined = settings.labels is not None
    wanted = {"--score": roles.scores, "--prediction": (roles.prediction,)}
    wanted |= {"--group": (roles.group,), "--on": (roles.key,)}
    wanted |= {} if joined else {"--label": (roles.label,)}
    for flag, columns in wanted.items():
        for column in columns:
            require(column, schema, name, flag)
    if not roles.scores and not roles.prediction:
        raise UsageError("no scores and no predictions", path=name, hint="name them with --score")
    return roles


def require(column: str | None, schema: pa.Schema, name: str, flag: str) -> None:
    """Refuse a column that is not there.

    Raises
    ------
    UsageError
    """
    if column is not None and column not in schema.names:
        hint = did_you_mean(column, schema.names) or f"name it with {flag}"
        raise UsageError("no such column", path=name, column=column, hint=hint)


def guess_task(rows: Labelled, roles: Roles) -> Task:
    """Tell the task from the roles and the labels found."""
    if roles.group:
        return "ranking"
    if len(roles.scores) > 1:
        return "multiclass"
    column = rows.table[roles.label]
    kind = kind_of(column.type)
    if kind is ColumnKind.BOOLEAN:
        return "binary"
    distinct = len(column.unique())
    if kind is ColumnKind.CATEGORICAL:
        return "binary" if distinct <= 2 else "multiclass"
    if distinct <= 2:
        return "binary"
    whole = pa.types.is_integer(column.type)
    classes = whole and distinct <= MAX_GUESSED_CLASSES and not roles.scores
    return "multiclass" if classes else "regression"


def summarise_scored(
    rows: Labelled, roles: Roles, task: Task, settings: Performance
) -> ScoredSummary:
    """Return the summary of a task.

    Raises
    ------
    DriftcliError
        If labels, scores or predictions are not what the task needs.
    """
    if task == "binary":
        return _binary(rows, roles, settings)
    if task == "multiclass":
        return _multiclass(rows, roles)
    guess = roles.prediction or (roles.scores[0] if roles.scores else None)
    if task == "regression" and guess is not None:
        return RegressionSummary.from_arrays(_numbers(rows, roles.label), _numbers(rows, guess))
    return _ranking(rows, roles)


def _binary(rows: Labelled, roles: Roles, settings: Performance) -> BinarySummary:
    label = truth_values(rows.table[roles.label], settings.positive, rows.name, roles.label)
    score = prediction = None
    if roles.scores:
        score = _numbers(rows, roles.scores[0])
        _refuse_outside(score, rows.name, roles.scores[0])
    if roles.prediction:
        column = rows.table[roles.prediction]
        prediction = truth_values(column, settings.positive, rows.name, roles.prediction)
    return BinarySummary.from_arrays(label, score, prediction)


def _refuse_outside(score: NDArray[np.float64], name: str, title: str) -> None:
    """Refuse scores that are no probabilities: a percent, a logit."""
    above, below = score > 1.0, score < 0.0
    if above.any():
        worst = f"{int(above.sum()):,} values above 1 (max {score.max():.4g})"
        hint = "percent? divide by 100" if score.max() <= 100 and not below.any() else "logits?"
    elif below.any():
        worst, hint = f"{int(below.sum()):,} values below 0 (min {score.min():.4g})", "logits?"
    else:
        return
    reason = f"probabilities must lie between 0 and 1, found {worst}"
    raise DataError(reason, path=name, column=title, hint=hint)


def _multiclass(rows: Labelled, roles: Roles) -> MulticlassSummary:
    columns = [rows.table[roles.label]]
    if roles.prediction:
        columns.append(rows.table[roles.prediction])
    classes, codes = class_codes(columns)
    shares = None
    if len(roles.scores) > 1:
        owners = _owners(classes, roles.scores, rows.name)
        classes = list(owners)
        classes_at = {name: at for at, name in enumerate(classes)}
        names, codes = class_codes(columns)
        recode = np.array([classes_at[name] for name in names], dtype=np.int64)
        codes = [recode[code] for code in codes]
        shares = np.column_stack([_numbers(rows, owners[name]) for name in classes])
    prediction = codes[1] if roles.prediction else None
    return MulticlassSummary.from_arrays(classes, codes[0], prediction, shares)


def _owners(classes: list[str], scores: tuple[str, ...], name: str) -> dict[str, str]:
    """Match each probability column with its class: named as the class, or ending in _CLASS."""
    owners = {score.rsplit("_", 1)[-1]: score for score in scores}
    for label in classes:
        exact = [score for score in scores if score == label or score.endswith(f"_{label}")]
        if len(exact) != 1:
            raise DataError(
                f"class {quoted(label)} has no probability column of its own",
                path=name,
                hint="name the columns as the classes, or ending in _CLASS",
            )
        owners = {k: v for k, v in owners.items() if v != exact[0]} | {label: exact[0]}
    return owners


def _ranking(rows: Labelled, roles: Roles) -> RankingSummary:
    if not roles.group:
        raise UsageError("ranking needs the list that a row is in", hint="name it with --group")
    score = roles.scores[0] if roles.scores else str(roles.prediction)
    group = rows.table[roles.group].combine_chunks().dictionary_encode()
    codes = np.asarray(getattr(group, "indices", group)).astype(np.int64)
    return RankingSummary.from_arrays(codes, _numbers(rows, roles.label), _numbers(rows, score))


def _numbers(rows: Labelled, title: str) -> NDArray[np.float64]:
    column = rows.table[title]
    kind = kind_of(column.type)
    if kind not in (ColumnKind.NUMERIC, ColumnKind.BOOLEAN):
        raise DataError(f"{column.type} where numbers are needed", path=rows.name, column=title)
    values: NDArray[Any]
    values, _ = numeric_values(column.combine_chunks(), np.dtype(np.float64))
    return values
