"""The runs on columns: read, summarise, compare, decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import pyarrow as pa

from driftcli import __version__
from driftcli.config import Config
from driftcli.engines.local import summarise
from driftcli.errors import DataError, UsageError, did_you_mean
from driftcli.model import ColumnResult, DatasetInfo, Report, Status
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.comparison import column_warnings, compare_columns, methods_for, named
from driftcli.schema import Plan, plan_columns
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
    _must_exist(columns.include, "--columns or columns.include", before, after)
    _must_exist(columns.types, "columns.types", before, after)
    _must_exist(config.overrides, "overrides", before, after)
    plan = plan_columns(
        before.schema,
        after.schema,
        include=columns.include,
        exclude={*columns.exclude, *(_not_features(config) - set(columns.include))},
        types=columns.types,
        suspects={**after.suspects, **before.suspects},
    )
    report, found = _compare("features", before, after, plan, config)
    unknown = [name for name in columns.exclude if name not in before.schema.names]
    warnings = [*report.warnings]
    warnings += [f"{named(plan.new)}: new, not in the reference"] if plan.new else []
    warnings += [f"{named(unknown)}: excluded, but not in the reference"] if unknown else []
    return replace(report, features=found, warnings=tuple(warnings))


def check_predictions(reference: object, current: object, config: Config) -> Report:
    """Compare the model's outputs of two data sets; parameters as :func:`check_features`."""
    before, after = _open_both(reference, current, config)
    names = config.predictions.column or _default_prediction(before.schema)
    _must_exist(names, "--column or predictions.column", before, after)
    plan = plan_columns(
        before.schema,
        after.schema,
        include=names,
        types=config.columns.types,
        suspects={**after.suspects, **before.suspects},
    )
    report, found = _compare("predictions", before, after, plan, config)
    return replace(report, predictions=found)


def _open_both(reference: object, current: object, config: Config) -> tuple[Source, Source]:
    options = config.input
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
    # of predictions the values are what was asked for, not how many are missing
    besides = {"missing"} if role == "predictions" else ()
    _must_say_something(found, before.name, besides)
    warnings = [*before.warnings, *after.warnings, *column_warnings(found)]
    report = Report(
        command=role,
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision,
        reference=_info(before, reference),
        current=_info(after, current),
        warnings=tuple(warnings),
    )
    return report, found


def _must_say_something(
    found: Mapping[str, ColumnResult], name: str, besides: Collection[str] = ()
) -> None:
    """Refuse a run in which nothing was evaluated though nothing is at fault: it is no "no drift".

    Parameters
    ----------
    found : mapping of str to ColumnResult
    name : str
        The source, for the message.
    besides : collection of str
        Methods that say too little where they alone were evaluated and are quiet.

    Raises
    ------
    DataError
    """
    checks = [check for column in found.values() for check in column.checks]
    said = [check for check in checks if check.blocking or check.result.effect is not None]
    for check in said:
        if check.result.method not in besides or check.status is not Status.OK:
            return
    reason = next((check.reason for check in checks if check not in said), "no column")
    raise DataError(f"nothing to compare ({reason})", path=name)


def _info(source: Source, summary: DatasetSummary) -> DatasetInfo:
    return DatasetInfo(source.name, summary.row_count, len(source.schema))


def _must_exist(names: Iterable[str], place: str, before: Source, after: Source) -> None:
    """Refuse a name that neither side has; what one side lacks is a finding, no typo."""
    known = {*before.schema.names, *after.schema.names}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"it is named by {place}"
            raise UsageError("no such column", path=before.name, column=name, hint=hint)


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
