"""The runs on columns: read, summarise, compare, decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

import pyarrow as pa

from driftcli import __version__
from driftcli.baselines import StoredWindows
from driftcli.config import Config
from driftcli.engines.local import LocalEngine, Outcome
from driftcli.engines.watch import Watch
from driftcli.errors import DataError, UsageError, did_you_mean
from driftcli.methods import known as known_methods
from driftcli.model import ColumnKind, ColumnResult, DatasetInfo, Report, Status
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.comparison import (
    ColumnComparison,
    Compared,
    column_warnings,
    judge_columns,
    methods_for,
    named,
)
from driftcli.pipeline.effects import effects_stored
from driftcli.pipeline.engine import engine_for
from driftcli.pipeline.frame import Frame, Kinds, kinds_of
from driftcli.pipeline.opening import open_current
from driftcli.pipeline.reference import (
    Stored,
    counted_current,
    doubts,
    not_new,
    opened,
    refuse_strange,
    settled,
)
from driftcli.pipeline.windows import (
    Windowing,
    complete,
    of_current,
    windowing,
    windowing_of,
)
from driftcli.schema import Plan, plan_columns
from driftcli.sources import Parts

Reference = Parts | Stored


class Side(Protocol):
    """What is asked of either side before it is read."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    @property
    def schema(self) -> pa.Schema:
        """All columns."""

    @property
    def partitions(self) -> Collection[str]:
        """Columns that name folders."""

    @property
    def suspects(self) -> Mapping[str, str]:
        """Columns that may be misread, and why."""


def check_features(
    reference: object, current: object, config: Config, watch: Watch | None = None
) -> Report:
    """Compare every feature column of two data sets.

    Parameters
    ----------
    reference, current : object
        What :func:`driftcli.sources.open_source` takes; the reference may be a baseline.
    config : Config
    watch : Watch, optional
        Hears of the progress.

    Returns
    -------
    Report

    Raises
    ------
    DriftcliError
        If either side cannot be read, or the configuration names a column that is not there.
    """
    engine = engine_for(config, watch, degree=2)
    with engine.watch.spend("open", ()):
        before, after = _open_both(reference, current, config)
    config = settled(before, config)
    columns = config.columns
    with engine.watch.spend("plan", ()):
        plan = features_plan(before, after, config)
    report, found = _compare("features", before, after, plan, config, engine)
    unknown = not_new(before, [n for n in columns.exclude if n not in before.schema.names])
    new = not_new(before, plan.new)
    warnings = [*report.warnings]
    warnings += [f"{named(new)}: new, not in the reference"] if new else []
    warnings += [f"{named(unknown)}: excluded, but not in the reference"] if unknown else []
    return replace(report, features=found, warnings=tuple(warnings))


def features_plan(before: Side, after: Side, config: Config) -> Plan:
    """Return how the feature columns are compared.

    Raises
    ------
    UsageError
        If the configuration names a column that neither side has, or gives a column the threshold
        of a check that does not serve it.
    """
    columns = config.columns
    _must_exist(columns.include, "--columns or columns.include", before, after)
    _must_exist(columns.types, "columns.types", before, after)
    _must_exist(config.overrides, "overrides", before, after)
    plan = plan_columns(
        before.schema,
        after.schema,
        include=columns.include,
        exclude={
            *columns.exclude,
            *(_not_features(config, before) - set(columns.include)),
            *(_folders(before, after) - {*columns.include, *columns.types}),
        },
        types=columns.types,
        suspects={**after.suspects, **before.suspects},
    )
    _must_serve(plan, config, before.name)
    return plan


def check_predictions(
    reference: object, current: object, config: Config, watch: Watch | None = None
) -> Report:
    """Compare the model's outputs of two data sets; parameters as :func:`check_features`."""
    engine = engine_for(config, watch)
    with engine.watch.spend("open", ()):
        before, after = _open_both(reference, current, config)
    config = settled(before, config)
    names = config.predictions.column or _default_prediction(before.schema)
    _must_exist(names, "--column or predictions.column", before, after)
    plan = plan_columns(
        before.schema,
        after.schema,
        include=names,
        types=config.columns.types,
        suspects={**after.suspects, **before.suspects},
    )
    _must_serve(plan, config, before.name)
    report, found = _compare("predictions", before, after, plan, config, engine)
    return replace(report, predictions=found)


def _open_both(reference: object, current: object, config: Config) -> tuple[Reference, Reference]:
    before = opened(reference, config)
    after: Reference | None = counted_current(current, before, config.input.date)
    if after is None:
        types = {field.name: field.type for field in before.schema}
        after = open_current(current, config, types)
    refuse_strange(before, after.schema, after.name)
    return before, after


def _folders(before: Side, after: Side) -> set[str]:
    """Return the columns that only name folders: they tell how data are stored."""
    named = {*before.partitions, *after.partitions}
    stored = [set(side.schema.names) - set(side.partitions) for side in (before, after)]
    return named.difference(*stored)


def _compare(
    role: str,
    before: Reference,
    after: Reference,
    plan: Plan,
    config: Config,
    engine: LocalEngine,
) -> tuple[Report, Mapping[str, ColumnResult]]:
    if not plan.columns and not plan.skipped:
        raise DataError("no column to compare", path=before.name)
    stored = None
    if isinstance(before, Stored):
        stored, by = before.baseline.windows, windowing_of(before.baseline, config.time)
    else:
        by = windowing(config.time, before.schema, before.name)
    methods = methods_for(role, config)
    if by is not None:
        by = replace(by, moments=any(method.moments for method in methods))
    comparison = ColumnComparison(methods, config, by, before.place_of)
    recent = of_current(by, after) if isinstance(after, Parts) else None
    kinds = _kinds_of_past(before, by), _kinds_of_recent(after, recent)
    if isinstance(after, Stored):
        assert isinstance(before, Stored)  # noqa: S101  on whose edges it was counted
        outcome = before.compare_counted(after, plan.columns, comparison)
    elif isinstance(before, Stored):
        outcome = before.compare(engine, after, plan.columns, comparison, recent)
    else:
        outcome = engine.compare(before, after, plan.columns, comparison, by, recent)
    found = _with_stored(outcome.found, stored, config)
    frame = None if by is None else _frame(by, outcome, stored, kinds)
    with engine.watch.spend("decide", ()):
        judged = judge_columns(plan, found, config, frame)
    _must_say_something(judged, before.name, role)
    warnings = [
        *doubts(before, config),
        *before.warnings,
        *after.warnings,
        *column_warnings(judged),
    ]
    if frame is not None:
        warnings += frame.warnings(outcome.current_rows)
    report = Report(
        command=role,
        timestamp=timestamp(),
        driftcli_version=__version__,
        policy=config.decision,
        monitor=config.monitor,
        reference=DatasetInfo(before.name, outcome.reference_rows, len(before.schema)),
        current=DatasetInfo(after.name, outcome.current_rows, len(after.schema)),
        windows=None if frame is None else frame.info(),
        warnings=tuple(warnings),
    )
    return report, judged


def _with_stored(
    found: Mapping[str, Compared], stored: StoredWindows | None, config: Config
) -> Mapping[str, Compared]:
    """Return what was found with the windows that a baseline keeps of its reference."""
    if stored is None:
        return found
    effects = {name: column.effects for name, column in found.items()}
    known = effects_stored(effects, stored, config.predictions.scale)
    return {name: replace(column, effects=known[name]) for name, column in found.items()}


def _kinds_of_recent(after: Reference, by: Windowing | None) -> Kinds:
    return {} if isinstance(after, Stored) else kinds_of(after, by)


def _kinds_of_past(before: Reference, by: Windowing | None) -> Kinds:
    if isinstance(before, Stored):
        stored = before.baseline.windows
        return {} if stored is None else stored.kinds
    return kinds_of(before, by)


def _frame(
    by: Windowing,
    outcome: Outcome[Compared],
    stored: StoredWindows | None,
    kinds: tuple[Kinds, Kinds],
) -> Frame:
    past = outcome.past.rows if stored is None else stored.rows
    lost = outcome.past.lost, outcome.recent.lost
    return Frame(by, complete(past, by), complete(outcome.recent.rows, by), kinds, lost)


def _must_say_something(found: Mapping[str, ColumnResult], name: str, role: str) -> None:
    """Refuse a run in which nothing was evaluated though nothing is at fault: it is no "no drift".

    Parameters
    ----------
    found : mapping of str to ColumnResult
    name : str
        The source, for the message.
    role : str
        Of predictions the values are what was asked for: how many are missing says too little where
        it alone was evaluated and is quiet. Of values that no check compares it does as well.

    Raises
    ------
    DataError
    """
    unsaid = []
    for column in found.values():
        valued = role == "predictions" or column.kind is ColumnKind.OTHER
        for check in column.checks:
            quiet = check.result.method == "missing" and check.status is Status.OK
            if not check.blocking and check.result.effect is None:
                unsaid.append(check)
            elif not (valued and quiet):
                return
    reason = next((check.reason for check in unsaid), "no column")
    raise DataError(f"nothing to compare ({reason})", path=name)


def _must_exist(names: Iterable[str], place: str, before: Side, after: Side) -> None:
    """Refuse a name that neither side has; what one side lacks is a finding, no typo."""
    known = {*before.schema.names, *after.schema.names}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"it is named by {place}"
            raise UsageError("no such column", path=before.name, column=name, hint=hint)


def _must_serve(plan: Plan, config: Config, name: str) -> None:
    """Refuse a column's threshold for a check that is none of its kind."""
    methods = known_methods(config.thresholds)
    for column in plan.columns:
        serving = [
            method.name
            for method in methods.values()
            if column.kind in method.kinds and "features" in method.roles
        ]
        for chosen in config.overrides.get(column.name, {}):
            if chosen in methods and column.kind not in methods[chosen].kinds:
                reason = f"overrides sets {chosen}, which does not serve {column.kind} columns"
                hint = f"they are checked by {', '.join(serving)}"
                raise UsageError(reason, path=name, column=column.name, hint=hint)


def _not_features(config: Config, before: Side) -> set[str]:
    """Return the columns that the configuration or a baseline has for something else."""
    performance = config.performance
    scores = performance.score if isinstance(performance.score, tuple) else (performance.score,)
    others = (performance.label, performance.prediction, performance.group, performance.join_on)
    told = {name for name in (*scores, *others, *config.predictions.column) if name}
    return told | before.others if isinstance(before, Stored) else told


def _default_prediction(schema: pa.Schema) -> tuple[str, ...]:
    names = tuple(name for name in ("score", "prediction") if name in schema.names)
    if not names:
        raise UsageError("which column holds the predictions?", hint="name it with --column")
    return names
