"""A log of labels and scores: read, joined with labels that came late, and measured."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from driftcli.config import Config, Task
from driftcli.engines.lane import read
from driftcli.pipeline.evaluation import Evaluated, estimate_all, not_enough
from driftcli.pipeline.labels import Labelled, complete_rows, counted, join_labels
from driftcli.pipeline.roles import Roles, guess_task, refuse_misfit, require
from driftcli.pipeline.scoring import summarise_scored
from driftcli.sources import Source, open_source


def settle_task(rows: Labelled, roles: Roles, config: Config) -> Task:
    """Return the task that the configuration says, or that the columns make up.

    Raises
    ------
    UsageError
        If the columns do not make it up.
    """
    task = config.performance.task or guess_task(rows, roles)
    refuse_misfit(task, roles, rows.name)
    return task


def evaluate(
    rows: Labelled, roles: Roles, task: Task, config: Config, seen: Collection[str] = ()
) -> Evaluated:
    """Compute the metrics of a log where it has rows enough.

    Parameters
    ----------
    rows : Labelled
    roles : Roles
    task : str
    config : Config
    seen : collection of str
        Labels of the other side.
    """
    enough = not_enough(rows, config) is None
    summary = summarise_scored(rows, roles, task, config.performance, seen) if enough else None
    return estimate_all(rows.coverage, rows.table.num_rows, summary, task, config)


def labelled(
    source: Source, roles: Roles, config: Config, labels: str | None
) -> tuple[Labelled, list[str]]:
    """Read the scored rows of a source and find their labels; return what is worth a warning."""
    own = [] if labels is None else [str(roles.key)]
    wanted = [*roles.inputs, *(own or [roles.label])]
    flags = {roles.label: "--label", roles.key: "--on", roles.group: "--group"}
    for column in wanted:
        require(column, source.schema, source.name, flags.get(column, "--score"))
    table = read(source, list(dict.fromkeys(wanted)))
    unmatched, notes = 0, [*source.warnings]
    if labels is not None:
        late = open_source(labels, config.input)
        table, unmatched = _joined(source.name, table, roles, late)
        notes += late.warnings
        if unmatched:
            verb = "belongs" if unmatched == 1 else "belong"
            notes.append(f"{late.name}: {counted(unmatched, 'label')} {verb} to no row")
    rows = complete_rows(source.name, table, roles.label, unmatched)
    return rows, [*notes, *_left_out(rows)]


def _joined(name: str, table: pa.Table, roles: Roles, late: Source) -> tuple[pa.Table, int]:
    """Return the columns needed with the labels of their key, and how many labels are left."""
    key, label = str(roles.key), roles.label
    for column, flag in ((key, "--on"), (label, "--label")):
        require(column, late.schema, late.name, flag)
    found = read(late, [key, label])
    joined, unmatched = join_labels(name, table, key, found, late.name, label)
    return joined.select([*roles.inputs, label]), unmatched


def _left_out(rows: Labelled) -> list[str]:
    left = rows.without_score
    if not left:
        return []
    verbs = "has no score and is" if left == 1 else "have no score and are"
    return [f"{rows.name}: {counted(left, 'labelled row')} {verbs} left out"]
