"""The run on performance: read, find labels, measure, compare, decide."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from driftcli import __version__
from driftcli.config import Config, Performance, Task
from driftcli.engines.local import read
from driftcli.errors import UsageError
from driftcli.model import DatasetInfo, Report
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.evaluation import Evaluated, estimate_all, judge, not_enough, remarks
from driftcli.pipeline.labels import Labelled, complete_rows, counted, join_labels
from driftcli.pipeline.roles import Roles, find_roles, guess_task, refuse_misfit, require
from driftcli.pipeline.scoring import summarise_scored
from driftcli.pipeline.stored import stored_metrics
from driftcli.sources import Source, open_source


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
        A log of the same columns.
    baseline : Path, optional
        Stored metrics (JSON).

    Raises
    ------
    DriftcliError
    """
    _refuse_contradictions(config.performance, reference, baseline)
    before = None if reference is None else open_source(reference, config.input)
    after = open_source(current, config.input)
    # the reference settles what is there to check, so that a column which current lost is missed
    first = before or after
    roles = find_roles(first.schema, first.name, config.performance)
    rows, notes = _labelled(after, roles, config, config.performance.labels)
    old_rows, old_notes = (None, []) if before is None else _labelled(before, roles, config, None)
    task = _task(old_rows or rows, roles, config)
    now = _evaluate(rows, roles, task, config, old_rows)
    old = Evaluated(stored_metrics(baseline, task)) if baseline else None
    if old_rows is not None:
        old = _evaluate(old_rows, roles, task, config, rows)
        old_notes += remarks(old_rows.name, old.estimates)
    return Report(
        command="performance",
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision,
        reference=_log_info(before, old_rows),
        current=DatasetInfo(after.name, rows.coverage.rows, len(after.schema)),
        performance=judge(task, roles, now, old, config),
        warnings=(*notes, *remarks(after.name, now.estimates), *old_notes),
    )


def _refuse_contradictions(
    settings: Performance, reference: object | None, baseline: Path | None
) -> None:
    if reference is not None and baseline is not None:
        raise UsageError("a reference and a baseline", hint="give one of the two")
    if settings.labels is not None and settings.join_on is None:
        raise UsageError("--labels needs a key to join by", hint="name it with --on")
    if settings.labels is None and settings.join_on is not None:
        raise UsageError("--on joins labels, and there are none", hint="name them with --labels")


def _task(rows: Labelled, roles: Roles, config: Config) -> Task:
    task = config.performance.task or guess_task(rows, roles)
    refuse_misfit(task, roles, rows.name)
    return task


def _evaluate(
    rows: Labelled, roles: Roles, task: Task, config: Config, other: Labelled | None
) -> Evaluated:
    enough = not_enough(rows, config) is None
    summary = summarise_scored(rows, roles, task, config.performance, other) if enough else None
    return estimate_all(rows, summary, task, config)


def _labelled(
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


def _log_info(source: Source | None, rows: Labelled | None) -> DatasetInfo | None:
    if source is None or rows is None:
        return None
    return DatasetInfo(source.name, rows.coverage.rows, len(source.schema))
