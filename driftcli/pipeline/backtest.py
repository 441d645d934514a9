"""Replays the windows of a data set: how often each rule would have fired, and how late."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from driftcli.config import Config
from driftcli.decide import adjust
from driftcli.engines.watch import Watch
from driftcli.engines.windowing import Windows
from driftcli.errors import DataError, UsageError, quoted
from driftcli.methods.base import Method
from driftcli.model.verdicts import beyond
from driftcli.pipeline.columns import features_plan
from driftcli.pipeline.comparison import methods_for, serving, threshold_for
from driftcli.pipeline.effects import effects_of_past, enough
from driftcli.pipeline.engine import engine_for
from driftcli.pipeline.frame import Frame, Kinds, kinds_of
from driftcli.pipeline.opening import open_reference
from driftcli.pipeline.reference import refuse_baseline
from driftcli.pipeline.standing import Key, Null, joint, table_of
from driftcli.pipeline.windows import Windowing, rows_by_window, windowing
from driftcli.schema import ColumnPlan
from driftcli.sources import Parts
from driftcli.sources.plant_text import parse_plant
from driftcli.sources.planted import Planted
from driftcli.sources.plants import Dropped, Plant
from driftcli.summaries import Summary
from driftcli.summaries.windowed import together
from driftcli.windownull import loudness, needed

Flags = NDArray[np.bool_]

RULES = ("threshold", "rows", "windows")


@dataclass(frozen=True, slots=True)
class Split:
    """Which windows are the reference, and which are tested against it, in order of time."""

    past: tuple[int, ...]
    tested: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """One column in one split: effects of the past, effects and p-values of what was tested."""

    past: Mapping[str, Mapping[int, float]]
    effects: Mapping[str, Mapping[int, float]]
    pvalues: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Replay:
    """A comparison of windows with windows; as the engine calls it, column by column.

    Parameters
    ----------
    methods : sequence of Method
    config : Config
    splits : sequence of Split
    planted : bool
        Whether what is tested are the windows of current, not those of the reference.
    """

    methods: Sequence[Method]
    config: Config
    splits: Sequence[Split]
    planted: bool

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        """Return nothing: windows are compared at their edges."""
        return ()

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> list[Played]:
        """Return what each split finds; what was planted stands in for the windows tested."""
        methods = serving(self.methods, column, reference, self.config)
        clean = windows.past
        tested = windows.recent if self.planted else clean
        return [self._played(split, methods, clean, tested) for split in self.splits]

    def _played(
        self,
        split: Split,
        methods: Sequence[Method],
        clean: Mapping[int, Summary],
        tested: Mapping[int, Summary],
    ) -> Played:
        past, least = {n: clean[n] for n in split.past}, self.config.decision.min_rows
        total = together(list(past.values()))
        effects: dict[str, dict[int, float]] = {method.name: {} for method in methods}
        pvalues: dict[str, dict[int, float]] = {method.name: {} for method in methods}
        for number in filter(tested.__contains__, split.tested):
            for method in methods:
                if not enough(method, total, tested[number], least):
                    continue
                result = method.compare(total, tested[number])
                if result.effect is not None:
                    effects[method.name][number] = result.effect
                if result.pvalue is not None:
                    pvalues[method.name][number] = result.pvalue
        return Played(effects_of_past(methods, past, least), effects, pvalues)


@dataclass(frozen=True, slots=True)
class Fired:
    """Which checks fired in which of the windows tested, by rule: shape (windows, checks)."""

    keys: tuple[Key, ...]
    by_rule: Mapping[str, Flags]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What was planted (nothing in the first), and what fired in each split."""

    plant: str
    fired: tuple[Fired, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A replay.

    Parameters
    ----------
    source : str
    by : Windowing
    windows : tuple of int
        All windows of the data, in order of time.
    splits : tuple of Split
    scenarios : tuple of Scenario
        The data as they are, then one for each plant.
    thresholds : mapping of (column, method) to float
    whole : mapping of (column, method) to mapping of int to float
        The effect of each window against all others of the data.
    warnings : tuple of str
    config : Config
        Under which the windows were replayed.
    """

    source: str
    by: Windowing
    windows: tuple[int, ...]
    splits: tuple[Split, ...]
    scenarios: tuple[Scenario, ...]
    thresholds: Mapping[Key, float]
    whole: Mapping[Key, Mapping[int, float]]
    warnings: tuple[str, ...] = ()
    config: Config = field(default_factory=Config)


def backtest(
    data: object,
    config: Config,
    *,
    draws: int = 0,
    share: float = 0.5,
    plants: Sequence[str] = (),
    watch: Watch | None = None,
) -> Backtest:
    """Replay the windows of a data set under a configuration.

    Parameters
    ----------
    data : object
        What :func:`driftcli.sources.open_source` takes.
    config : Config
        With a time section.
    draws : int
        How often the windows are split at random into reference and tested; 0 splits once, the
        earlier ones being the reference.
    share : float
        Of the windows that are the reference.
    plants : sequence of str
        Changes that are made to the rows, one after the other, each a replay of its own.
    watch : Watch, optional

    Raises
    ------
    DriftcliError
    """
    refuse_baseline(data)
    if config.resources.engine != "local":
        hint = "set resources.engine to local for it"
        raise UsageError(f"the engine {config.resources.engine} replays nothing", hint=hint)
    planted = [parse_plant(text) for text in plants]
    source = open_reference(data, config)
    by = windowing(config.time, source.schema, source.name)
    if by is None:
        raise UsageError("no windows to replay", hint="name the time column with --time")
    engine = engine_for(config, watch, degree=2)
    methods = methods_for("features", config)
    by = replace(by, moments=any(method.moments for method in methods))
    windows = tuple(rows_by_window(source, by))
    kinds = kinds_of(source, by)
    splits = _splits(windows, draws, share, source.name, config.decision.alpha)
    everything = Split(windows, ())
    scenarios, whole, thresholds = [], {}, {}
    warnings: dict[str, None] = {}
    for plant in (None, *planted):
        current = source if plant is None else _planted(source, plant, by)
        outcome = engine.compare(
            source,
            current,
            features_plan(source, current, config).columns,
            Replay(methods, config, (*splits, everything), plant is not None),
            past=by,
            recent=None if plant is None else by,
        )
        warnings.update(dict.fromkeys(current.warnings))
        if plant is not None and not outcome.recent.rows:
            raise DataError(f"{plant.shown}: no row has a time any more", path=source.name)
        if plant is not None and not isinstance(plant, Dropped):
            idle = [name for name in plant.columns if name not in outcome.found]
            warnings.update({f"{plant.shown}: no check looks at {quoted(n)}": None for n in idle})
        keys = [
            (column, method.name)
            for column, found in outcome.found.items()
            for method in methods
            if method.name in found[-1].past
        ]
        limits = {key: _limit(methods, key, config) for key in keys}
        if plant is None:
            whole = {(c, m): outcome.found[c][-1].past[m] for c, m in keys}
            thresholds = limits
        fired = []
        for at, split in enumerate(splits):
            played = {column: found[at] for column, found in outcome.found.items()}
            fired.append(_fired(split, keys, played, limits, by, kinds, config, source.name))
        scenarios.append(Scenario("" if plant is None else plant.text, tuple(fired)))
    found = Backtest(source.name, by, windows, splits, tuple(scenarios), thresholds, whole)
    return replace(found, warnings=tuple(warnings), config=config)


def _planted(source: Parts, plant: Plant, by: Windowing) -> Planted:
    """Return the source with a plant, which must leave the time a time."""
    planted = Planted(source, [plant])
    if by.column is not None:
        kind = planted.schema.field(by.column).type
        place = f"{source.name} ({plant.shown})"
        by.clock.of_column(kind, path=place, column=by.column)
    return planted


def _limit(methods: Sequence[Method], key: Key, config: Config) -> float:
    method = next(method for method in methods if method.name == key[1])
    return threshold_for(method, key[0], config).value


def _splits(
    windows: Sequence[int], draws: int, share: float, name: str, alpha: float
) -> tuple[Split, ...]:
    """Split the windows in time, or at random by a fixed seed."""
    size = round(share * len(windows))
    least = needed(alpha)
    if size < least or size >= len(windows):
        reason = f"{len(windows)} windows, of which {size} would be the reference"
        raise DataError(reason, path=name, hint=f"{least} are needed, and one to test")
    if not draws:
        return (Split(tuple(windows[:size]), tuple(windows[size:])),)
    random = np.random.default_rng(0)
    found = []
    for _ in range(draws):
        chosen = set(random.permutation(len(windows))[:size].tolist())
        past = tuple(number for at, number in enumerate(windows) if at in chosen)
        found.append(Split(past, tuple(n for at, n in enumerate(windows) if at not in chosen)))
    return tuple(found)


def _fired(
    split: Split,
    keys: Sequence[Key],
    found: Mapping[str, Played],
    limits: Mapping[Key, float],
    by: Windowing,
    kinds: Kinds,
    config: Config,
    name: str,
) -> Fired:
    """Apply the rules to every window tested.

    Raises
    ------
    DataError
        If no window could be judged: that nothing fires would look like peace.
    """
    alpha, correction = config.decision.alpha, config.decision.correction
    past, tested = (dict.fromkeys(numbers, 0) for numbers in (split.past, split.tested))
    frame = Frame(by, past, tested, (kinds, kinds))
    null = Null(table_of(split.past, [found[c].past[m] for c, m in keys]), frame)
    effects = table_of(split.tested, [found[c].effects[m] for c, m in keys])
    pvalues = table_of(split.tested, [found[c].pvalues[m] for c, m in keys])
    thresholds = np.array([limits[key] for key in keys])
    big = beyond(effects, thresholds)
    if np.isnan(effects).all():
        reason = f"no check of any window could be evaluated (min_rows {config.decision.min_rows})"
        raise DataError(reason, path=name, hint="take longer windows")
    least, most = needed(alpha), 0
    rows, among = np.zeros(big.shape, np.bool_), np.zeros(big.shape, np.bool_)
    for at, number in enumerate(split.tested):
        known = ~np.isnan(pvalues[at])
        rows[at, known] = np.array(adjust(pvalues[at, known].tolist(), correction)) < alpha
        alike = null.alike(number)
        most = max(most, len(alike))
        with np.errstate(invalid="ignore"):
            among[at] = joint(alike, effects[at], thresholds, least) < alpha
    if most < least:
        reason = f"{most} windows of the reference are alike, and a verdict takes {least}"
        raise DataError(reason, path=name, hint="leave --like away, or replay more of the past")
    rules = {"threshold": big, "rows": big & rows, "windows": big & among}
    return Fired(tuple(keys), rules)


def proposed(found: Backtest, alarms: float) -> dict[Key, float]:
    """Return thresholds under which so many windows of the data at most had raised any alarm.

    The windows that are loudest, each by its loudest check, may go on to alarm; every check is cut
    at its largest effect in all others, where that is above its threshold.

    Parameters
    ----------
    found : Backtest
    alarms : float
        Windows with an alarm, of all that the data have.

    Returns
    -------
    dict of (column, method) to float
    """
    keys = list(found.whole)
    table = table_of(found.windows, [found.whole[key] for key in keys])
    thresholds = np.array([found.thresholds[key] for key in keys])
    with np.errstate(invalid="ignore"):
        loud = np.where(table > thresholds, loudness(table), -np.inf).max(axis=1)
    quiet = np.argsort(-loud, kind="stable")[math.floor(alarms) :]
    largest = np.nan_to_num(table[quiet], nan=-np.inf).max(axis=0, initial=-np.inf)
    limits = np.maximum(thresholds, largest)
    return {key: float(limit) for key, limit in zip(keys, limits, strict=True)}
