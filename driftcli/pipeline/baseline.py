"""Makes baselines: of a reference, on the edges of another one, of parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from driftcli import __version__
from driftcli.baselines import Baseline, StoredWindows
from driftcli.baselines.merge import likely_copies, merged, refuse_repeated
from driftcli.baselines.protect import protected
from driftcli.config import Config, Performance
from driftcli.engines.local import LocalEngine, Measure, Summarised
from driftcli.engines.watch import Watch
from driftcli.engines.windowing import Windows
from driftcli.errors import DataError, UsageError, did_you_mean, quoted
from driftcli.model import Skip
from driftcli.pipeline.classes import class_names
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.comparison import identifier, methods_for
from driftcli.pipeline.effects import effects_of_past
from driftcli.pipeline.engine import engine_for
from driftcli.pipeline.evaluation import remarks
from driftcli.pipeline.frame import Kinds, kinds_of
from driftcli.pipeline.known import (
    Record,
    by_window,
    kept_scores,
    merged_performance,
    metric_values,
    written,
)
from driftcli.pipeline.logs import evaluate, labelled, settle_task
from driftcli.pipeline.numerals import kept_as_text
from driftcli.pipeline.opening import open_reference
from driftcli.pipeline.reference import found_baseline, refuse_baseline, settings_hash
from driftcli.pipeline.roles import find_roles
from driftcli.pipeline.scoring import scored_rows
from driftcli.pipeline.windows import Windowing, complete, windowing
from driftcli.schema import ColumnPlan, plan_columns
from driftcli.sources import Parts
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.windownull import needed
from driftcli.windows.spec import LIKES

MAX_LABELS = 1000
ByMethod = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Made:
    """A baseline, and what is worth a warning."""

    baseline: Baseline
    warnings: tuple[str, ...] = ()


def create_baseline(
    reference: object,
    config: Config,
    *,
    performance: bool = False,
    edges_of: Path | None = None,
    min_count: int = 0,
    watch: Watch | None = None,
) -> Made:
    """Summarise a reference for later runs.

    Parameters
    ----------
    reference : object
        What :func:`driftcli.sources.open_source` takes.
    config : Config
        Columns and their kinds, how the data are read, and the roles of performance where it is
        asked for.
    performance : bool
        Whether labels and scores must be there; otherwise they are measured where the configuration
        names them and the reference has them.
    edges_of : Path, optional
        A baseline whose columns, kinds and edges are taken, so that parts merge.
    min_count : int
        Leave out categories and edges with fewer rows.
    watch : Watch, optional

    Raises
    ------
    DriftcliError
    """
    refuse_baseline(reference)
    engine = engine_for(config, watch)
    source = open_reference(reference, config)
    by = windowing(config.time, source.schema, source.name)
    if by is not None and edges_of is not None:
        raise UsageError("windows of parts do not add up", hint="leave --time or --edges-of away")
    if by is not None and min_count:
        reason = "windows are measured on all edges and categories"
        raise UsageError(reason, hint="leave --time or --min-count away")
    model = None if edges_of is None else _model(edges_of, config)
    if model is None:
        baseline = _of_its_own(source, config, engine, by)
    else:
        baseline = _on_edges_of(model, edges_of, source, engine)
    baseline = replace(
        baseline,
        sources=(source.name,),
        where=config.input.of_reference,
        settings=settings_hash(config.input),
        created=timestamp(),
        version=__version__,
    )
    made = _with_performance(baseline, source, config, by, must=performance)
    baseline = _protected(made.baseline, min_count)
    told = () if baseline.windows is None else _of_windows(baseline, config)
    return Made(baseline, (*source.warnings, *told, *made.warnings))


def _of_windows(baseline: Baseline, config: Config) -> tuple[str, ...]:
    """Return what keeps windows from telling all that they could."""
    assert baseline.windows is not None  # noqa: S101  the caller looked
    many, name = len(baseline.windows.rows), baseline.summary.source
    least, lost = needed(config.decision.alpha), baseline.windows.lost
    told = []
    if lost:
        told.append(f"{name}: {lost:,} rows have no time and are in no window")
    if many < least:
        told.append(f"{name}: {many} windows, and a verdict takes {least}")
    return tuple(told)


def _of_its_own(
    source: Parts, config: Config, engine: LocalEngine, by: Windowing | None
) -> Baseline:
    """Let the reference decide kinds and edges."""
    chosen = config.columns
    for place, names in (("columns.include", chosen.include), ("columns.types", chosen.types)):
        _must_exist(names, place, source)
    folders = set(source.partitions) - {*chosen.include, *chosen.types}
    plan = plan_columns(
        source.schema,
        source.schema,
        include=chosen.include,
        exclude={*chosen.exclude, *folders},
        types=chosen.types,
        suspects=source.suspects,
    )
    _refuse(plan.skipped, source.name)
    kept = {column.name for column in plan.columns} | set(plan.skipped)
    if not plan.columns:
        raise DataError("no column to keep", path=source.name)
    measure = None if by is None else _measure(config)
    made = engine.summarise(source, plan.columns, by, measure)
    found = made.summary
    columns = {
        column.name: _nameless(column, found.columns[column.name], source, chosen.types)
        for column in plan.columns
    }
    schema = source.schema
    return Baseline(
        DatasetSummary(source.name, found.row_count, columns),
        pa.schema([schema.field(name) for name in schema.names if name in kept]),
        plan.columns,
        frozenset(chosen.types) & {column.name for column in plan.columns},
        tuple(name for name in schema.names if name not in kept),
        windows=None if by is None else _stored(by, made, config, kinds_of(source, by)),
    )


def _measure(config: Config) -> Measure[ByMethod]:
    """Return what is made of a column's windows: their effects by all methods of later runs."""
    roles = [methods_for(role, config) for role in ("features", "predictions")]
    methods = {method.name: method for chosen in roles for method in chosen}.values()
    least = config.decision.min_rows

    def measure(column: ColumnPlan, windows: Mapping[int, Summary]) -> ByMethod:
        serving = [method for method in methods if column.kind in method.kinds]
        return effects_of_past(serving, windows, least)

    return measure


def _stored(
    by: Windowing, made: Summarised[ByMethod], config: Config, kinds: Kinds
) -> StoredWindows:
    rows = complete(made.windows.rows, by)
    if not rows:
        raise DataError("no row has a time", path=made.summary.source, column=by.column)
    kept = {
        column: {
            method: {number: effect for number, effect in found.items() if number in rows}
            for method, found in effects.items()
        }
        for column, effects in made.made.items()
    }
    scale = config.predictions.scale
    clock = by.clock
    lost = made.windows.lost
    if by.like not in (None, *LIKES) and not kinds:
        raise DataError("no value in any window", path=made.summary.source, column=by.like)
    return StoredWindows(
        str(clock.spec), by.column, clock.zone, by.like, scale, lost, rows, kept, kinds
    )


def _must_exist(names: Iterable[str], place: str, source: Parts) -> None:
    for name in names:
        if name not in source.schema.names:
            hint = did_you_mean(name, source.schema.names) or f"it is named by {place}"
            raise UsageError("no such column", path=source.name, column=name, hint=hint)


def _refuse(skipped: Mapping[str, Skip], name: str) -> None:
    """Refuse now what every later run would have to refuse."""
    for column, skip in skipped.items():
        if not skip.harmless:
            hint = "set its type, or leave it out with --exclude"
            raise DataError(skip.reason, path=name, column=column, hint=hint)


def _nameless(
    column: ColumnPlan, summary: Summary, source: Parts, chosen: Collection[str]
) -> Summary:
    """Return identifiers without their values, which no later run compares."""
    if column.name in chosen or not isinstance(summary, CategoricalSummary):
        return summary
    if not identifier(summary):
        return summary
    if skip := kept_as_text(column, summary, source.place_of):
        _refuse({column.name: skip}, source.name)
    return CategoricalSummary(
        summary.count, summary.missing, unnamed=min(summary.distinct, summary.count)
    )


def _model(path: Path, config: Config) -> Baseline:
    model = found_baseline(path)
    if model is None:
        raise DataError("not a baseline", path=path, hint="make one with driftcli baseline create")
    if config.columns.include or config.columns.types or config.columns.exclude:
        reason = "--edges-of takes columns and kinds from the other baseline"
        raise UsageError(reason, hint="leave --columns, --exclude and types away")
    return model


def _on_edges_of(model: Baseline, path: object, source: Parts, engine: LocalEngine) -> Baseline:
    """Count a part on the edges of another baseline."""
    for field in model.schema:
        if field.name not in source.schema.names:
            reason = f"no such column, and {path} has it"
            raise DataError(reason, path=source.name, column=field.name)
    plan = plan_columns(
        model.schema,
        source.schema,
        include=model.schema.names,
        types={column.name: str(column.kind) for column in model.plan},
    )
    for column in model.plan:
        found = next((one for one in plan.columns if one.name == column.name), None)
        if found is None or found.dtype != column.dtype:
            skip = plan.skipped.get(column.name)
            ours = source.schema.field(column.name).type
            reason = skip.reason if skip else f"{ours}, and {column.stands_for} in {path}"
            raise DataError(reason, path=source.name, column=column.name)
    outcome = engine.compare(model.summary, source, model.plan, _Counted())
    return replace(
        model,
        summary=DatasetSummary(source.name, outcome.current_rows, dict(outcome.found)),
        min_count=0,
        performance=None,
        scored=None,
        windows=None,
    )


class _Counted:
    """Keeps what was counted on the edges of another side."""

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        """Return nothing: no verdict depends on it."""
        return ()

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> Summary:
        """Return the current side; what has no name there stays without."""
        names = isinstance(reference, CategoricalSummary) and reference.counts
        if isinstance(current, CategoricalSummary) and reference.count and not names:
            # how many are distinct does not add up over parts; the most that there can be does
            return CategoricalSummary(current.count, current.missing, unnamed=current.count)
        return current.compact()


def _with_performance(
    baseline: Baseline, source: Parts, config: Config, by: Windowing | None, *, must: bool
) -> Made:
    """Measure labels and scores where they were asked for."""
    settings = config.performance
    asked = (settings.label, settings.score, settings.prediction, settings.group, settings.task)
    if not must and not any(asked):
        return Made(baseline)
    label = settings.label or "label"
    if not must and label not in source.schema.names:
        reason = f"no column {quoted(label)}, so the baseline holds no performance"
        return Made(baseline, (f"{source.name}: {reason}",))
    settings = replace(settings, labels=None, join_on=None, max_drop={})
    config = replace(config, performance=settings)
    roles = find_roles(source.schema, source.name, settings)
    rows, notes = labelled(source, roles, config, None, by)
    task = settle_task(rows, roles, config)
    evaluated = evaluate(rows, roles, task, config)
    summary = scored_rows(rows, roles, task, settings).summary()
    names = class_names(rows.table[roles.label]) if task in ("binary", "multiclass") else []
    record = Record(
        task,
        _fixed(settings, roles.label, roles.scores, roles.prediction, roles.group),
        config.decision.min_rows,
        tuple(sorted(names)),
        rows.table.num_rows,
        rows.coverage,
        metric_values(evaluated, task),
        windows=None
        if baseline.windows is None
        else by_window(evaluated, baseline.windows.rows, config.decision.min_rows),
    )
    done = replace(baseline, performance=written(record), scored=kept_scores(summary))
    return Made(done, (*notes, *remarks(source.name, evaluated.estimates)))


def _fixed(
    settings: Performance,
    label: str,
    scores: tuple[str, ...],
    prediction: str | None,
    group: str | None,
) -> Performance:
    """Return the settings with the columns that were found."""
    score = scores[0] if len(scores) == 1 else scores or None
    return replace(settings, label=label, score=score, prediction=prediction, group=group)


def _protected(baseline: Baseline, least: int) -> Baseline:
    """Leave out what fewer rows stand behind, where that is asked for."""
    if not least:
        return baseline
    columns: dict[str, Summary] = {}
    for plan in baseline.plan:
        summary = baseline.summary.columns[plan.name]
        nameless = isinstance(summary, CategoricalSummary) and not summary.counts
        try:
            columns[plan.name] = summary if nameless else protected(summary, least)
        except ValueError as error:
            hint = "leave it out with --exclude, or ask for a smaller --min-count"
            path = baseline.summary.source
            raise DataError(str(error), path=path, column=plan.name, hint=hint) from error
    scored = None if baseline.scored is None else kept_scores(baseline.scored.summary, least)
    return replace(
        baseline,
        summary=replace(baseline.summary, columns=columns),
        min_count=least,
        scored=scored,
    )


def merge_baselines(paths: Sequence[Path], *, min_count: int = 0) -> Made:
    """Add up baselines of parts that were counted on the same edges.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    min_count : int
        As :func:`create_baseline` takes it.

    Raises
    ------
    DriftcliError
    """
    refuse_repeated(paths)
    parts = []
    for path in paths:
        part = found_baseline(path)
        if part is None:
            reason = "not a baseline" if path.exists() else "no such file"
            raise DataError(reason, path=path)
        parts.append(part)
    whole = merged(parts)
    record, summary, left_out = merged_performance(parts)
    whole = replace(
        whole,
        performance=record,
        scored=kept_scores(summary),
        created=timestamp(),
        version=__version__,
    )
    told = [*likely_copies(parts), *filter(None, [left_out])]
    if any(part.windows for part in parts):
        told.append("windows of parts do not add up and were left out")
    return Made(_protected(whole, min_count), tuple(told))
