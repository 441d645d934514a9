"""What a run compares with: data, or a baseline that was made of them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Generic, cast

import pyarrow as pa

from driftcli.baselines import Baseline
from driftcli.baselines.adapt import adapted, empty
from driftcli.baselines.merge import must_fit
from driftcli.baselines.protect import joined
from driftcli.baselines.recognise import SUFFIX, is_baseline
from driftcli.config import Config, Input, Kind, Performance
from driftcli.engines.local import Comparison, LocalEngine, Outcome, T
from driftcli.engines.windowing import Windowing, Windows
from driftcli.errors import DataError, UsageError, quoted, shown_path
from driftcli.pipeline.opening import open_reference
from driftcli.schema import ColumnPlan
from driftcli.sources import Parts
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.categorical import MAX_CATEGORIES, CategoricalSummary

# what the settings of performance that belong to the reference are called on the command line
ROLES = ("label", "score", "prediction", "group", "task", "positive", "cutoff", "k")


@dataclass(frozen=True, slots=True)
class Stored:
    """A baseline in the place of a source.

    Parameters
    ----------
    baseline : Baseline
    name : str
        As the user wrote it.
    """

    baseline: Baseline
    name: str
    partitions: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The reference's columns."""
        return self.baseline.schema

    @property
    def suspects(self) -> Mapping[str, str]:
        """None: they were refused when the baseline was made."""
        return {}

    @property
    def warnings(self) -> list[str]:
        """None: they were told when the baseline was made."""
        return []

    def place_of(self, column: str, label: str) -> str:
        """Return where a label of a column stands: the rows are not there to be looked at."""
        return shown_path(self.name)

    @property
    def others(self) -> set[str]:
        """Columns that are no features: those of the stored performance."""
        return set(_role_columns((self.baseline.performance or {}).get("settings")))

    def compare(
        self,
        engine: LocalEngine,
        current: Parts,
        columns: Sequence[ColumnPlan],
        comparison: Comparison[T],
        recent: Windowing | None = None,
    ) -> Outcome[T]:
        """Fold current and compare it with the stored summaries, in the types of this run."""
        side = self.in_types_of(columns)
        against = _Against(comparison, self.baseline.min_count > 0, current.name)
        return engine.compare(side, current, columns, against, recent=recent)

    def in_types_of(self, columns: Sequence[ColumnPlan]) -> DatasetSummary:
        """Return the stored summaries of columns, in the types of a run."""
        stored = {plan.name: plan for plan in self.baseline.plan}
        summaries: dict[str, Summary] = {}
        for column in columns:
            if column.name in stored:
                summary = self.baseline.summary.columns[column.name]
                summaries[column.name] = adapted(summary, stored[column.name], column)
            else:  # a column of nulls
                summaries[column.name] = empty(column, self.baseline.summary.row_count)
        return DatasetSummary(self.name, self.baseline.summary.row_count, summaries)

    def compare_counted(
        self, current: Stored, columns: Sequence[ColumnPlan], comparison: Comparison[T]
    ) -> Outcome[T]:
        """Compare with current that was counted on the same edges, part by part perhaps."""
        against = _Against(comparison, self.baseline.min_count > 0, current.name)
        before, after = (side.in_types_of(columns) for side in (self, current))
        found = {
            column.name: against.compare(
                column, before.columns[column.name], after.columns[column.name], Windows()
            )
            for column in columns
        }
        return Outcome(found, before.row_count, after.row_count)


@dataclass(frozen=True, slots=True)
class _Against(Generic[T]):
    """Compares with a baseline that may tell less than the rows did."""

    inner: Comparison[T]
    thinned: bool
    current: str

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        """Return nothing: the rows are not there to be looked at."""
        return ()

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> T:
        """Return what the comparison finds."""
        if isinstance(current, CategoricalSummary) and isinstance(reference, CategoricalSummary):
            self._refuse_too_many(column, reference, current)
        if self.thinned:
            current = joined(current, reference)
        return self.inner.compare(column, reference, current, windows)

    def _refuse_too_many(
        self, column: ColumnPlan, reference: CategoricalSummary, current: CategoricalSummary
    ) -> None:
        if reference.counts and reference.unnamed and current.groups is not None:
            reason = f"more than {MAX_CATEGORIES:,} categories, and the baseline names only some"
            raise DataError(reason, path=self.current, column=column.name, hint="--exclude it")


def opened(target: object, config: Config) -> Parts | Stored:
    """Open a reference: data, a baseline in a file, or one in memory.

    Raises
    ------
    DriftcliError
    """
    baseline = found_baseline(target, config.input.date)
    if baseline is None:
        return open_reference(target, config)
    asked = config.input.of_reference
    if asked and asked != baseline.where:
        hint = "filter when it is made, and CUR with --current-where"
        raise UsageError("the rows of a baseline cannot be filtered", path=_name(target), hint=hint)
    return Stored(baseline, baseline.summary.source)


def found_baseline(target: object, day: str = "today") -> Baseline | None:
    """Return the baseline that a target is, if it is one.

    Parameters
    ----------
    target : object
        A file is known for a baseline by what it holds; what lies in remote storage, or has a date
        in its name, by its suffix.
    day : str
        The day of dates in the name.

    Raises
    ------
    DataError
        If it is a damaged one.
    """
    if isinstance(target, Baseline):
        return target
    if not isinstance(target, str | os.PathLike):
        return None
    text = os.fsdecode(target)
    if is_baseline(Path(text)):
        from driftcli.baselines.file import load

        return load(Path(text))
    return _looked_up(text, day) if text.endswith(SUFFIX) else None


def _looked_up(target: str, day: str) -> Baseline:
    """Return the baseline at an address, or at a path with a date in it."""
    from driftcli.baselines.file import MAX_BYTES, unpacked
    from driftcli.sources.finding import find

    found = find(target, day)
    if len(found.files) > 1:
        reason = f"{len(found.files)} files where one baseline is compared with"
        raise UsageError(reason, path=found.name, hint="driftcli baseline merge adds them up")
    with found.files[0].on_disk() as file:
        return unpacked(file.read(MAX_BYTES + 1), found.name)


def counted_current(target: object, reference: Parts | Stored, day: str) -> Stored | None:
    """Return current where it is a baseline as well, counted on the edges of the reference.

    Raises
    ------
    DriftcliError
        If it was counted on others, or the reference is none.
    """
    found = found_baseline(target, day)
    if found is None:
        return None
    if not isinstance(reference, Stored):
        hint = "REF must be the baseline on whose edges it was made"
        raise UsageError("a baseline in the place of data", path=_name(target), hint=hint)
    if reference.baseline.windows is not None:
        hint = "compare the rows themselves, or with a baseline made without --time"
        raise UsageError("a baseline has no windows of time", path=_name(target), hint=hint)
    try:
        must_fit(found, reference.baseline)
    except DataError as error:
        hint = f"make it with --edges-of {reference.name}"
        raise DataError(error.message, path=error.path, column=error.column, hint=hint) from error
    return Stored(found, found.summary.source)


def refuse_baseline(target: object) -> None:
    """Refuse a baseline where rows are needed.

    Raises
    ------
    UsageError
    """
    if found_baseline(target) is not None:
        hint = "it can only be the reference: REF CUR"
        raise UsageError("a baseline in the place of data", path=_name(target), hint=hint)


def _name(target: object) -> str:
    if isinstance(target, Baseline):
        return target.summary.source
    return os.fsdecode(target) if isinstance(target, str | os.PathLike) else ""


def settings_hash(options: Input) -> str:
    """Return a short hash of what decides how text is read."""
    told = json.dumps([options.encoding.lower(), sorted(options.null_values)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def settled(reference: Parts | Stored, config: Config) -> Config:
    """Return the configuration of a run with the kinds of columns that a baseline fixed.

    Raises
    ------
    UsageError
        If the configuration wants another kind.
    """
    if not isinstance(reference, Stored):
        return config
    kinds = {plan.name: str(plan.kind) for plan in reference.baseline.plan}
    types = {name: cast(Kind, kinds[name]) for name in reference.baseline.chosen}
    for name, kind in config.columns.types.items():
        if kinds.get(name, kind) != kind:
            reason = f"columns.types says {kind}, and the baseline was made with {kinds[name]}"
            hint = "make the baseline again with this config"
            raise UsageError(reason, path=reference.name, column=name, hint=hint)
    columns = replace(config.columns, types={**types, **config.columns.types})
    return replace(config, columns=columns)


def refuse_strange(reference: Parts | Stored, current: pa.Schema, name: str) -> None:
    """Refuse a baseline of another data set.

    Raises
    ------
    DataError
        If no column is in both.
    """
    if not isinstance(reference, Stored) or set(current.names) & set(reference.schema.names):
        return
    first = reference.schema.names[0] if len(reference.schema) else ""
    reason = f"the baseline of another data set: no such column in {name}, nor any other"
    raise DataError(reason, path=reference.name, column=first)


def doubts(reference: Parts | Stored, config: Config) -> list[str]:
    """Return what may make a baseline the wrong one though it can be compared with."""
    if not isinstance(reference, Stored):
        return []
    baseline, found = reference.baseline, []
    if baseline.settings and baseline.settings != settings_hash(config.input):
        found.append("made with another config (input.null_values or input.encoding)")
    left = [text for text in baseline.where if text not in config.input.of_current]
    if left:
        found.append(f"made of the rows {quoted(' and '.join(left))}, current is not")
    return [f"{reference.name}: {words}" for words in found]


def not_new(reference: Parts | Stored, names: Collection[str]) -> tuple[str, ...]:
    """Return the names that are new indeed, less those that a baseline was made without."""
    left_out = set(reference.baseline.left_out) if isinstance(reference, Stored) else set()
    return tuple(name for name in names if name not in left_out)


def agreed(settings: Performance, stored: Mapping[str, object], name: str) -> Performance:
    """Return the settings of performance with those that a baseline fixed.

    Raises
    ------
    UsageError
        If the run asks for others.
    """
    plain = {field.name: getattr(Performance(), field.name) for field in fields(Performance)}
    for role in ROLES:
        asked, kept = getattr(settings, role), stored.get(role)
        if asked not in (plain[role], kept):
            reason = f"{role} {quoted(asked)}, and the baseline was made with {quoted(kept)}"
            hint = f"make it again, or leave {role} away"
            raise UsageError(reason, path=name, hint=hint)
    return replace(settings, **{role: stored[role] for role in ROLES if role in stored})  # type: ignore[arg-type]


def _role_columns(stored: object) -> list[str]:
    if not isinstance(stored, Mapping):
        return []
    names = [stored.get(role) for role in ("label", "prediction", "group")]
    score = stored.get("score")
    names += score if isinstance(score, list) else [score]
    return [name for name in names if isinstance(name, str)]
