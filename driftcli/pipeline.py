"""The runs as short stories: read, summarise, compare, decide."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from driftcli import __version__
from driftcli.alerts.channels import deliver
from driftcli.alerts.rules import evaluate
from driftcli.comparison import column_warnings, compare_columns, methods_for
from driftcli.config import Alerts, Config, Task
from driftcli.engines.local import read, summarise
from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.evaluation import Evaluated, estimate_all, judge, not_enough, stored_metrics
from driftcli.labels import Labelled, complete_rows, join_labels
from driftcli.model import AlertReport, ColumnResult, DatasetInfo, Report
from driftcli.schema import Plan, plan_columns
from driftcli.scoring import Roles, find_roles, guess_task, require, summarise_scored
from driftcli.sources import Source, open_source
from driftcli.summaries import DatasetSummary


def check_features(reference: object, current: object, config: Config) -> Report:
    """Compare every feature column of two data sets.

    Parameters
    ----------
    reference, current : object
        What :func:`driftcli.sources.open_source` takes.
    config : Config

    Returns
    -------
    Report

    Raises
    ------
    DriftcliError
        If either side cannot be read, or the configuration names a column that is not there.
    """
    before, after = _open_both(reference, current, config)
    columns = config.columns
    _must_exist(columns.include, "--columns", before, after)
    _must_exist(columns.types, "columns.types", before, after)
    _must_exist(config.overrides, "overrides", before, after)
    plan = plan_columns(
        before.schema,
        after.schema,
        include=columns.include,
        exclude={*columns.exclude, *_not_features(config)},
        types=columns.types,
    )
    report, found = _compare("features", before, after, plan, config)
    warnings = [*report.warnings, *(f"new column {quoted(name)}" for name in plan.new)]
    warnings += _unknown_exclusions(config, before.schema)
    return replace(report, features=found, warnings=tuple(warnings))


def check_predictions(reference: object, current: object, config: Config) -> Report:
    """Compare the model's outputs of two data sets; parameters as :func:`check_features`."""
    before, after = _open_both(reference, current, config)
    names = config.predictions.column or _default_prediction(before.schema)
    _must_exist(names, "--column", before, after)
    plan = plan_columns(before.schema, after.schema, include=names, types=config.columns.types)
    report, found = _compare("predictions", before, after, plan, config)
    return replace(report, predictions=found)


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
    after = open_source(current, config.input.options)
    roles = find_roles(after.schema, after.name, settings)
    rows = _labelled(after, roles, config, settings.labels)
    before = None if reference is None else open_source(reference, config.input.options)
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
        policy=config.decision.policy,
        reference=_log_info(before, old_rows),
        current=DatasetInfo(after.name, rows.coverage.rows, len(after.schema)),
        performance=judge(task, roles, now, old, config),
        warnings=(
            *after.warnings,
            *(before.warnings if before else ()),
            *_left_out(rows, old_rows),
        ),
    )


def find_alerts(results: Sequence[tuple[str, Report]], settings: Alerts) -> AlertReport:
    """Apply the alert rules to reports, each with the name of where it came from."""
    return evaluate(results, settings, timestamp(), __version__)


def send_alerts(report: AlertReport, settings: Alerts) -> list[str]:
    """Send alerts to the configured channels; return what could not be delivered, in words."""
    outcomes = deliver(report, settings.send, os.environ)
    return [outcome.message for outcome in outcomes if outcome.outcome == "failed"]


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
    late = open_source(labels, config.input.options)
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


def timestamp() -> str:
    """Return the present in UTC, as ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _open_both(reference: object, current: object, config: Config) -> tuple[Source, Source]:
    options = config.input.options
    before = open_source(reference, options)
    types = {field.name: field.type for field in before.schema}
    return before, open_source(current, options, types=types)


def _compare(
    role: str, before: Source, after: Source, plan: Plan, config: Config
) -> tuple[Report, Mapping[str, ColumnResult]]:
    if not plan.columns and not plan.skipped:
        raise DataError("no column to compare", path=before.name)
    reference = summarise(before, plan.columns)
    current = summarise(after, plan.columns, like=reference)
    found = compare_columns(plan, reference, current, methods_for(role, config), config)
    warnings = [*before.warnings, *after.warnings, *column_warnings(found)]
    report = Report(
        command=role,
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision.policy,
        reference=_info(before, reference),
        current=_info(after, current),
        warnings=tuple(warnings),
    )
    return report, found


def _info(source: Source, summary: DatasetSummary) -> DatasetInfo:
    return DatasetInfo(source.name, summary.row_count, len(source.schema))


def _must_exist(names: Iterable[str], place: str, before: Source, after: Source) -> None:
    """Refuse a name that neither side has; what one side lacks is a finding, no typo."""
    known = {*before.schema.names, *after.schema.names}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"it is named by {place}"
            raise UsageError("no such column", path=before.name, column=name, hint=hint)


def _unknown_exclusions(config: Config, schema: pa.Schema) -> list[str]:
    names = (name for name in config.columns.exclude if name not in schema.names)
    return [f"excluded column {quoted(name)} is not in the reference" for name in names]


def _not_features(config: Config) -> set[str]:
    """Return the columns that the configuration names as something else than a feature."""
    performance = config.performance
    scores = performance.score if isinstance(performance.score, tuple) else (performance.score,)
    others = (performance.label, performance.prediction, performance.group, performance.join_on)
    return {name for name in (*scores, *others, *config.predictions.column) if name}


def _default_prediction(schema: pa.Schema) -> tuple[str, ...]:
    names = tuple(name for name in ("score", "prediction") if name in schema.names)
    if not names:
        raise UsageError("which column holds the predictions?", hint="name it with --column")
    return names
