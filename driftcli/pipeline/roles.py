"""Which column is what, and which task the columns make up."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from driftcli.config import Performance, Task
from driftcli.errors import UsageError, did_you_mean
from driftcli.model import ColumnKind
from driftcli.pipeline.classes import class_names
from driftcli.pipeline.labels import Labelled
from driftcli.schema import kind_of

MAX_GUESSED_CLASSES = 20
SHOWN_LABELS = 5


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
        If a column is named that is not there or for two things, or nothing tells what was
        predicted.
    """
    score = settings.score or ("score" if "score" in schema.names else ())
    prediction = settings.prediction
    # a cutoff says that the score decides, whatever else stands in the data
    if prediction is None and settings.cutoff is None and "prediction" in schema.names:
        prediction = "prediction"
    roles = Roles(
        label=settings.label or "label",
        scores=(score,) if isinstance(score, str) else tuple(score),
        prediction=prediction,
        group=settings.group,
        key=settings.join_on,
    )
    wanted = {"--score": roles.scores, "--prediction": (roles.prediction,)}
    wanted |= {"--group": (roles.group,)}
    wanted |= {} if settings.labels is not None else {"--label": (roles.label,)}
    for flag, columns in wanted.items():
        for column in columns:
            require(column, schema, name, flag)
    if settings.prediction is not None and settings.cutoff is not None:
        raise UsageError("a cutoff and predictions", hint="give one of them: which one decides?")
    if not roles.scores and not roles.prediction:
        raise UsageError("no scores and no predictions", path=name, hint="name them with --score")
    if roles.label in (*roles.inputs, roles.key):
        raise UsageError("named as the label and as something else", path=name, column=roles.label)
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
    """Tell the task from the roles and the values found.

    Raises
    ------
    UsageError
        If a few whole numbers may be classes as well as amounts.
    """
    if roles.group:
        return "ranking"
    if len(roles.scores) > 1:
        return "multiclass"
    column = rows.table[roles.label]
    distinct = column.unique()
    kind = kind_of(column.type)
    if kind is ColumnKind.BOOLEAN or len(distinct) <= 2:
        return "binary"
    predicted = rows.table[roles.prediction] if roles.prediction else None
    words = predicted is not None and kind_of(predicted.type) is ColumnKind.CATEGORICAL
    if kind is ColumnKind.CATEGORICAL or words:
        return "multiclass"
    if len(distinct) > MAX_GUESSED_CLASSES or not _whole(distinct):
        return "regression"
    if predicted is None:
        raise _unclear(column, rows.name, roles.label)
    return "multiclass" if _whole(predicted.unique()) else "regression"


def _whole(values: pa.Array) -> bool:
    """Whether all numbers are whole, of whatever type: a missing label makes floats of them."""
    kind = values.type
    if not (pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return bool(pa.types.is_integer(kind))
    return all(float(value).is_integer() for value in values.to_pylist())


def _unclear(column: pa.ChunkedArray, name: str, title: str) -> UsageError:
    labels = sorted(class_names(column), key=float)
    shown = ", ".join(labels[:SHOWN_LABELS]) + (", …" if len(labels) > SHOWN_LABELS else "")
    reason = f"labels {shown}: classes or numbers?"
    return UsageError(reason, path=name, column=title, hint="say which with --task")


def refuse_misfit(task: Task, roles: Roles, name: str) -> None:
    """Refuse columns that do not make up the task.

    Raises
    ------
    UsageError
    """
    if task == "multiclass":
        if len(roles.scores) < 2 and not roles.prediction:
            reason = "multiclass needs predictions, or one probability column a class"
            hint = "name them with --prediction, or with --score once a class"
            raise UsageError(reason, path=name, hint=hint)
    elif len(roles.scores) > 1:
        reason = f"{len(roles.scores)} score columns, and the task {task} takes one"
        raise UsageError(reason, path=name, hint="name it with --score")
    if task == "ranking" and not roles.group:
        reason = "ranking needs the list that a row is in"
        raise UsageError(reason, path=name, hint="name it with --group")
