"""The run on performance: read, find labels, measure, compare, decide."""

from __future__ import annotations

from pathlib import Path

from driftcli import __version__
from driftcli.config import Config, Task
from driftcli.engines.local import read
from driftcli.errors import UsageError
from driftcli.model import DatasetInfo, Report
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.evaluation import Evaluated, estimate_all, judge, not_enough, stored_metrics
from driftcli.pipeline.labels import Labelled, complete_rows, join_labels
from driftcli.pipeline.scoring import Roles, find_roles, guess_task, require, summarise_scored
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
    settings = config.performance
    after = open_source(current, config.input)
    roles = find_roles(after.schema, after.name, settings)
    rows = _labelled(after, roles, config, settings.labels)
    before = None if reference is None else open_source(reference, config.input)
    old_rows = None if before is None else _labelled(before, roles, config, None)
    task = settings.task or guess_task(old_rows or rows, roles)
    now = _evaluate(rows, roles, task, config)
    old = stored_metrics(baseline, task) if baseline else None
    if old_rows is not None:
        old = _evaluate(old_rows, roles, task, config)
    return Report(
        command="performance",
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision,
        reference=_log_info(before, old_rows),
        current=DatasetInfo(after.name, rows.coverage.rows, len(after.schema)),
        performance=judge(task, roles, now, old, config),
        warnings=(
            *after.warnings,
            *(before.warnings if before else ()),
            *_left_out(rows, old_rows),
        ),
    )


def _evaluate(rows: Labelled, roles: Roles, task: Task, config: Config) -> Evaluated:
    enough = not_enough(rows.coverage, config) is None
    summary = summarise_scored(rows, roles, task, config.performance) if enough else None
    return estimate_all(rows, summary, task, config)


def _labelled(source: Source, roles: Roles, config: Config, labels: str | None) -> Labelled:
    """Read the scored rows of a source and find their labels."""
    require_label = labels is None
    if require_label:
        require(roles.label, source.schema, source.name, "--label")
    for column in roles.inputs:
        require(column, source.schema, source.name, "--score")
    wanted = [*roles.inputs, *([roles.label] if require_label else [str(roles.key)])]
    table = read(source, list(dict.fromkeys(wanted)))
    if labels is None:
        return complete_rows(source.name, table, roles.label)
    if roles.key is None:
        raise UsageError("--labels needs a key to join by", hint="name it with --on")
    late = open_source(labels, config.input)
    for column, flag in ((roles.key, "--on"), (roles.label, "--label")):
        require(column, late.schema, late.name, flag)
    found = read(late, [roles.key, roles.label])
    joined, unmatched = join_labels(source.name, table, roles.key, found, late.name, roles.label)
    return complete_rows(source.name, joined, roles.label, unmatched)


def _left_out(*sides: Labelled | None) -> list[str]:
    return [
        f"{side.name}: {side.without_score:,} labelled rows have no score and are left out"
        for side in sides
        if side is not None and side.without_score
    ]


def _log_info(source: Source | None, rows: Labelled | None) -> DatasetInfo | None:
    if source is None or rows is None:
        return None
    return DatasetInfo(source.name, rows.coverage.rows, len(source.schema))
