"""Two dataset summaries become judged columns: the part that every command on columns shares."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from driftcli.config import Config
from driftcli.decide import Check, decide
from driftcli.engines.windowing import Windows
from driftcli.errors import quoted
from driftcli.methods import known, prediction_mean
from driftcli.methods.base import Method
from driftcli.methods.distance import open_buckets
from driftcli.model import ColumnKind, ColumnResult, Decision, MethodResult, Skip, Threshold
from driftcli.pipeline.effects import (
    Effects,
    effects_now,
    effects_of_past,
    effects_of_recent,
    usual,
)
from driftcli.pipeline.frame import Frame
from driftcli.pipeline.numerals import kept_as_text
from driftcli.pipeline.windows import Windowing, complete
from driftcli.schema import ColumnPlan, Plan
from driftcli.summaries import Summary
from driftcli.summaries.categorical import GROUPS, MAX_CATEGORIES, CategoricalSummary
from driftcli.summaries.describe import categories_only_in, column_stats, distribution, short
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.windowed import coarsened

IDENTIFIER_ROWS = 1000
IDENTIFIER_SHARE = 0.5
ALL_DISTINCT_ROWS = 100
TWO_VALUED = 2
NAMED = 5
NAMED_CATEGORIES = 100
Sides = tuple[Summary, Summary]
PlaceOf = Callable[[str, str], str]


def _in_the_reference(column: str, label: str) -> str:
    return "the reference"


def methods_for(role: str, config: Config) -> tuple[Method, ...]:
    """Return the methods that a command runs, in the order of the registry."""
    scaled = prediction_mean.on_scale(config.predictions.scale)
    chosen = {**known(config.thresholds), scaled.name: scaled}
    return tuple(method for method in chosen.values() if role in method.roles)


def threshold_for(method: Method, column: str, config: Config) -> Threshold:
    """Return the threshold of a check: the column's, the run's, or the method's own default."""
    shifts = {
        "prediction_mean": config.predictions.mean_shift,
        "prediction_std": config.predictions.std_shift,
    }
    for place, value in (
        (f"overrides.{column}", config.overrides.get(column, {}).get(method.name)),
        ("thresholds", config.thresholds.get(method.name)),
        ("predictions", shifts.get(method.name)),
    ):
        if value is not None:
            return Threshold(value, place)
    return Threshold(method.threshold)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found of one column, before it is judged with all others."""

    checks: tuple[Check, ...]
    description: ColumnResult
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """Runs every method on a column that it serves.

    Parameters
    ----------
    methods : sequence of Method
    config : Config
    by : Windowing, optional
        How rows are put into windows, where effects are measured in windows as well.
    place_of : callable
        Tells where in the reference a label of a column stands.
    """

    methods: Sequence[Method]
    config: Config
    by: Windowing | None = None
    place_of: PlaceOf = _in_the_reference

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        """Return the buckets to look into where the bound of a distance straddles its threshold."""
        if not isinstance(reference, NumericSummary) or not isinstance(current, NumericSummary):
            return ()
        if reference.rows is not None and current.rows is not None:
            return ()
        for check in self._checks(column, reference, (reference, current)):
            effect, limit = check.result.effect, check.threshold
            if effect is None or limit is None or not check.result.error_bound:
                continue
            if effect <= limit.value < effect + check.result.error_bound:
                return open_buckets(reference, current)
        return ()

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> Compared:
        """Return the checks of a column and what there is to show of it.

        Of several windows of current the last is judged, and the whole is shown; of one window
        likewise where other rows have no time.
        """
        methods = self._serving(column, reference)
        sides = reference, current
        effects = Effects()
        if self.by is not None:
            whole = usual(reference, windows.past)
            recent = self._complete(windows.recent, self.by)
            inside = sum(part.count + part.missing for part in windows.recent.values())
            lost = inside < current.count + current.missing
            cut = len(windows.recent) > 1 or (bool(recent) and lost)
            last = recent[max(recent)] if cut else None
            part = coarsened(current, reference) if last is None else last
            least = self.config.decision.min_rows
            effects = Effects(
                effects_of_past(methods, windows.past, least),
                effects_of_recent(methods, whole, recent, least),
                effects_now(methods, whole, part, least),
            )
            # in a window every row has a time
            if last is not None and column.name != self.by.column:
                sides = whole, last
        checks = self._checks(column, reference, sides)
        shown = _describe(column, reference, current, checks, self.config)
        return Compared(tuple(checks), shown, effects)

    def _complete(self, recent: Mapping[int, Summary], by: Windowing) -> dict[int, Summary]:
        rows = {number: part.count + part.missing for number, part in recent.items()}
        return {number: recent[number] for number in complete(rows, by)}

    def _serving(self, column: ColumnPlan, reference: Summary) -> list[Method]:
        return serving(self.methods, column, reference, self.config)

    def _checks(self, column: ColumnPlan, reference: Summary, sides: Sides) -> list[Check]:
        skip = _incomparable(column, reference, self.config)
        if skip:
            skip = kept_as_text(column, reference, self.place_of) or skip
        skipped = [Check(column.name, _skipped("schema", skip), None, "schema")] if skip else []
        return skipped + [
            Check(
                column.name,
                method.compare(*sides),
                threshold_for(method, column.name, self.config),
                method.effect,
            )
            for method in self._serving(column, reference)
        ]


def serving(
    methods: Sequence[Method], column: ColumnPlan, reference: Summary, config: Config
) -> list[Method]:
    """Return the methods that serve a column; of what moves by its nature, only missing rates."""
    found = [method for method in methods if column.kind in method.kinds]
    if column.presence_only or _incomparable(column, reference, config):
        return [method for method in found if method.name == "missing"]
    return found


def judge_columns(
    plan: Plan, compared: Mapping[str, Compared], config: Config, frame: Frame | None = None
) -> dict[str, ColumnResult]:
    """Judge the checks of all columns together.

    Parameters
    ----------
    plan : Plan
    compared : mapping of str to Compared
    config : Config
    frame : Frame, optional
        The windows of the run, where p-values come from these.

    Returns
    -------
    dict of str to ColumnResult
        In the order of the reference's columns.
    """
    checks = [
        Check(name, _skipped("schema", skip), None, "schema") for name, skip in plan.skipped.items()
    ]
    checks += [check for column in plan.columns for check in compared[column.name].checks]
    effects = {name: column.effects for name, column in compared.items()}
    if frame is not None:
        from driftcli.pipeline.standing import stand, with_series

        checks = stand(checks, effects, frame, config.decision.alpha)
    decisions = decide(checks, config.decision)
    if frame is not None:
        decisions = with_series(decisions, effects, frame, config)
    by_column: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_column.setdefault(decision.column, []).append(decision)
    found = {
        name: replace(column.description, checks=tuple(by_column.get(name, ())))
        for name, column in compared.items()
    }
    for name in plan.skipped:
        found.setdefault(name, ColumnResult(name, None, tuple(by_column[name])))
    return found


def _skipped(method: str, skip: Skip) -> MethodResult:
    return MethodResult(method, None, None, None, 0, 0, skip=skip)


def _incomparable(column: ColumnPlan, reference: Summary, config: Config) -> Skip | None:
    """Tell columns whose values move by their nature: times, and text that hardly ever repeats.

    Leaving them out is harmless unless they were asked for by name.
    """
    reason = None
    if column.kind is ColumnKind.DATETIME:
        reason = "times move on; only missing values are checked"
    elif isinstance(reference, CategoricalSummary) and column.name not in config.columns.types:
        reason = identifier(reference)
    asked = column.name in config.columns.include
    return Skip(reason, harmless=not asked) if reason else None


def identifier(reference: CategoricalSummary) -> str | None:
    """Return why a column is taken for an identifier; ``None`` where it is not."""
    distinct, rows = reference.distinct, reference.count
    if rows > IDENTIFIER_ROWS and distinct > IDENTIFIER_SHARE * rows:
        return "looks like an identifier (distinct > 50 %), skipped"
    if rows >= ALL_DISTINCT_ROWS and distinct == rows:
        return "looks like an identifier (all values distinct), skipped"
    return None


def _describe(
    column: ColumnPlan, before: Summary, after: Summary, checks: Sequence[Check], config: Config
) -> ColumnResult:
    result = ColumnResult(
        name=column.name,
        kind=column.kind,
        checks=(),
        reference=column_stats(before, column.kind),
        current=column_stats(after, column.kind),
        importance=config.overrides.get(column.name, {}).get("importance", 1.0),
        notes=_notes(column, before, after),
    )
    if column.presence_only or any(check.result.method == "schema" for check in checks):
        return result
    result = replace(result, distribution=distribution(before, after))
    if isinstance(before, CategoricalSummary) and isinstance(after, CategoricalSummary):
        new, vanished = categories_only_in(after, before), categories_only_in(before, after)
        result = replace(
            result,
            new_categories=tuple(map(short, new[:NAMED_CATEGORIES])),
            vanished_categories=tuple(map(short, vanished[:NAMED_CATEGORIES])),
            new_category_count=len(new),
            vanished_category_count=len(vanished),
        )
    return result


def _notes(column: ColumnPlan, before: Summary, after: Summary) -> tuple[str, ...]:
    if isinstance(before, CategoricalSummary) and isinstance(after, CategoricalSummary):
        if before.groups is None and after.groups is None:
            return ()
        return (f"more than {MAX_CATEGORIES:,} categories, compared in {GROUPS:,} groups of them",)
    if not isinstance(before, NumericSummary) or not isinstance(after, NumericSummary):
        return ()
    if column.presence_only:
        return ()
    notes = []
    if strays := _strays(before, after):
        notes.append(strays)
    whole = column.dtype.kind in "iu" and "int" in column.stands_for
    if whole and before.grid.few and len(before.grid.edges) > TWO_VALUED:
        notes.append("few distinct whole numbers, compared as numbers, not as categories")
    return tuple(notes)


def _strays(before: NumericSummary, after: NumericSummary) -> str | None:
    """Tell values farther outside the reference than the reference is wide: a sentinel, a unit."""
    if not before.count or not after.count:
        return None
    low, high = float(before.minimum or 0), float(before.maximum or 0)
    reach = high - low
    if not math.isfinite(reach):
        return None
    new_low, new_high = float(after.minimum or 0), float(after.maximum or 0)
    if not reach or (new_low >= low - reach and new_high <= high + reach):
        return None
    far = new_high if new_high > high + reach else new_low
    return f"value {far:.6g} lies far outside the reference's {low:.6g} to {high:.6g}"


def column_warnings(columns: Mapping[str, ColumnResult]) -> list[str]:
    """Return what deserves a line on the screen though it leaves the verdict alone.

    Columns that share a reason share a line, so that a table of a thousand columns stays readable.
    """
    by_reason: dict[str, list[str]] = {}
    for name, column in columns.items():
        reasons = [
            check.reason
            for check in column.checks
            if check.result.method == "schema" and not check.blocking
        ]
        if column.kind is ColumnKind.DATETIME:
            reasons = []  # times are left out in every table; their row says so
        for reason in (*reasons, *column.notes):
            by_reason.setdefault(reason, []).append(name)
    return [f"{named(names)}: {reason}" for reason, names in by_reason.items()]


def named(names: Sequence[str]) -> str:
    """Return a few columns by name, and how many more there are."""
    shown = ", ".join(quoted(name) for name in names[:NAMED])
    if len(names) > NAMED:
        shown += f" and {len(names) - NAMED} more"
    return f"column{'s' if len(names) > 1 else ''} {shown}"
