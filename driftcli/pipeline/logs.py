"""A log of labels and scores: read, joined with labels that came late, and measured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa

from driftcli.config import Config, Task
from driftcli.engines.lane import read
from driftcli.engines.windowing import Now
from driftcli.pipeline.evaluation import Evaluated, estimate_all, too_few
from driftcli.pipeline.labels import Labelled, Part, complete_rows, counted, join_labels
from driftcli.pipeline.opening import open_labels
from driftcli.pipeline.roles import Roles, guess_task, refuse_misfit, require
from driftcli.pipeline.scoring import ScoredRows, scored_rows
from driftcli.pipeline.windows import Windowing
from driftcli.sources import Source
from driftcli.summaries.arrays import flatten
from driftcli.summaries.windowed import Rows


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
    """Compute the metrics of a log, and of each of its windows, where there are rows enough.

    Parameters
    ----------
    rows : Labelled
    roles : Roles
    task : str
    config : Config
    seen : collection of str
        Labels of the other side.
    """
    each = {} if rows.windows is None else dict(rows.windows.each())
    whole = Part(rows.coverage, rows.table.num_rows)
    scored = None
    if any(too_few(part.coverage, part.rows, config) is None for part in (whole, *each.values())):
        scored = scored_rows(rows, roles, task, config.performance, seen)

    windows = {number: _estimated(part, scored, task, config) for number, part in each.items()}
    return replace(_estimated(whole, scored, task, config), windows=windows)


def _estimated(part: Part, scored: ScoredRows | None, task: Task, config: Config) -> Evaluated:
    few = too_few(part.coverage, part.rows, config) is not None
    summary = None if few or scored is None else scored.summary(part.at)
    return estimate_all(part.coverage, part.rows, summary, task, config)


def labelled(
    source: Source,
    roles: Roles,
    config: Config,
    labels: str | None,
    by: Windowing | None = None,
) -> tuple[Labelled, list[str]]:
    """Read the scored rows of a source and find their labels; return what is worth a warning.

    Parameters
    ----------
    source : Source
    roles : Roles
    config : Config
    labels : str, optional
        Where labels are that came later.
    by : Windowing, optional
        How rows are put into windows of time.
    """
    own = [] if labels is None else [str(roles.key)]
    wanted = [*roles.inputs, *(own or [roles.label])]
    flags = {roles.label: "--label", roles.key: "--on", roles.group: "--group"}
    for column in wanted:
        require(column, source.schema, source.name, flags.get(column, "--score"))
    names = list(dict.fromkeys(wanted))
    times = [by.column] if by is not None and by.column else []
    table = read(source, list(dict.fromkeys([*names, *times])))
    windows = None if by is None else _windows(source.name, table, by)
    table = table.select(names)
    unmatched, notes = 0, [*source.warnings]
    if labels is not None:
        late = open_labels(labels, config)
        table, unmatched = _joined(source.name, table, roles, late)
        notes += late.warnings
        if unmatched:
            verb = "belongs" if unmatched == 1 else "belong"
            notes.append(f"{late.name}: {counted(unmatched, 'label')} {verb} to no row")
    rows = complete_rows(source.name, table, roles.label, unmatched, windows)
    return rows, [*notes, *_left_out(rows)]


def _windows(name: str, table: pa.Table, by: Windowing) -> Rows:
    """Return which window each row lies in."""
    times = flatten(table[by.column].combine_chunks()) if by.column else None
    now = Now(by, name)
    now.see(times, 0, table.num_rows)
    return now.rows


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
