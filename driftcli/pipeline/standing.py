"""How usual current is among the windows of the reference, and its course over its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from driftcli.changepoint import since, trend
from driftcli.config import Config
from driftcli.decide import Check, adjust
from driftcli.errors import quoted
from driftcli.model import Decision, Series, Since, Skip, Standing, Status
from driftcli.model.verdicts import beyond
from driftcli.pipeline.effects import Effects
from driftcli.pipeline.frame import Frame
from driftcli.windownull import adjusted, needed, pvalues, standing

Key = tuple[str, str]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Null:
    """The effects of the reference's windows as one table: a row a window, a column a check."""

    table: Floats
    frame: Frame

    def alike(self, number: int | None) -> Floats:
        """Return the rows that a window of current is compared with."""
        kept = set(self.frame.alike(number))
        return self.table[[other in kept for other in self.frame.past]]


def stand(
    checks: Sequence[Check], effects: Mapping[str, Effects], frame: Frame, alpha: float
) -> list[Check]:
    """Return the checks with their place among the windows of the reference.

    Parameters
    ----------
    checks : sequence of Check
    effects : mapping of str to Effects
        By column.
    frame : Frame
    alpha : float
    """
    timed = frame.by.column  # in a window every row has a time
    if frame.timeless:
        return [check if check.column == timed else _timeless(check, frame) for check in checks]
    limits = {
        (check.column, check.result.method): check.threshold.value
        for check in checks
        if check.threshold and not check.result.skip and check.column != timed
    }
    keys = [key for key in limits if key[1] in effects.get(key[0], _NOTHING).now]
    null = _null(keys, effects, frame)
    judged = frame.judged
    past = null.alike(judged)
    now = np.array([effects[column].now.get(method, np.nan) for column, method in keys])
    larger, of = standing(past, now)
    least = needed(alpha)
    # what too few windows tell is not judged, and no part of the others' correction
    own, together = pvalues(past, now), joint(past, now, _of(limits, keys), least)
    many, one = frame.words()
    found = {
        key: (
            Standing(_known(own[at]), int(larger[at]), int(of[at]), many, one, least),
            _known(together[at]),
        )
        for at, key in enumerate(keys)
    }
    nothing = Standing(None, 0, 0, many, one, least)
    return [
        _standing(check, *found.get(key, (nothing, None)))
        if (key := (check.column, check.result.method)) in limits
        else check
        for check in checks
    ]


def _timeless(check: Check, frame: Frame) -> Check:
    """Skip a check of what has no windows to be compared by, unless it is skipped already."""
    if check.result.skip or check.threshold is None:
        return check
    reason = f"no row of {frame.timeless} has a time (column {quoted(str(frame.by.column))})"
    result = replace(check.result, effect=None, pvalue=None, interval=None, skip=Skip(reason))
    return replace(check, result=result)


def _of(limits: Mapping[Key, float], keys: Sequence[Key]) -> Floats:
    return np.array([limits[key] for key in keys])


def joint(past: Floats, now: Floats, limits: Floats, least: int) -> Floats:
    """Return p-values adjusted for all checks together, less those that too few windows tell of."""
    few = (~np.isnan(past)).sum(axis=0) < least
    return adjusted(past, np.where(few, np.nan, now), limits)


def _standing(check: Check, place: Standing, joint: float | None) -> Check:
    return replace(check, standing=place, joint_pvalue=joint)


_NOTHING = Effects()


def _null(keys: Sequence[Key], effects: Mapping[str, Effects], frame: Frame) -> Null:
    past = [effects[column].past.get(method, {}) for column, method in keys]
    return Null(table_of(list(frame.past), past), frame)


def table_of(numbers: Sequence[int], columns: Sequence[Mapping[int, float]]) -> Floats:
    """Return values by window as one table, NaN where there is none: a row a window."""
    table = np.full((len(numbers), len(columns)), np.nan)
    for at, values in enumerate(columns):
        table[:, at] = [values.get(number, np.nan) for number in numbers]
    return table


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def with_series(
    decisions: Sequence[Decision], effects: Mapping[str, Effects], frame: Frame, config: Config
) -> list[Decision]:
    """Return the decisions with the course of each check over the windows of current."""
    if not frame.several or frame.timeless:
        return list(decisions)
    limits = {
        (d.column, d.result.method): d.threshold.value
        for d in decisions
        if d.standing and d.threshold and d.result.method in effects[d.column].recent
    }
    keys = list(limits)
    null, recent = _null(keys, effects, frame), list(frame.recent)
    table = table_of(recent, [effects[column].recent[method] for column, method in keys])
    corrected = np.array(
        [
            _corrected(null.alike(number), row, _of(limits, keys), config)
            for number, row in zip(recent, table, strict=True)
        ]
    )
    level = null.alike(frame.judged)
    places = {key: at for at, key in enumerate(keys)}
    told = []
    for decision in decisions:
        place = places.get((decision.column, decision.result.method))
        if place is not None:
            course = _Course(table[:, place], corrected[:, place], level[:, place], frame)
            decision = course.told(decision, config.decision.alpha)
        told.append(decision)
    return told


def _corrected(past: Floats, now: Floats, limits: Floats, config: Config) -> Floats:
    """Return the p-values of one window, corrected as those of the verdict are."""
    policy = config.decision
    least = needed(policy.alpha)
    if policy.correction == "holm":
        return joint(past, now, limits, least)
    few = (~np.isnan(past)).sum(axis=0) < least
    own = np.where(few, np.nan, pvalues(past, now))
    known = ~np.isnan(own)
    own[known] = adjust(own[known].tolist(), policy.correction)
    return own


@dataclass(frozen=True, slots=True)
class _Course:
    """One check over the windows of current, and its effects in those of the reference."""

    effects: NDArray[np.float64]
    pvalues: NDArray[np.float64]
    past: NDArray[np.float64]
    frame: Frame

    def told(self, decision: Decision, alpha: float) -> Decision:
        """Return the decision with its course, and in words since when it drifts."""
        limit = decision.threshold.value if decision.threshold else np.inf
        with np.errstate(invalid="ignore"):
            flagged = beyond(self.effects, limit) & (self.pvalues < alpha)
        course = trend(self.effects)
        since_when = self._since() if decision.status is Status.DRIFT else None
        series = Series(
            effects=tuple(map(_known, self.effects)),
            pvalues=tuple(map(_known, self.pvalues)),
            flagged=tuple(flagged.tolist()),
            slope=course.slope if course else None,
            slope_pvalue=course.pvalue if course else None,
            since=since_when,
        )
        reason = decision.reason if since_when is None else f"{decision.reason}, {_say(since_when)}"
        return replace(decision, series=series, reason=reason)

    def _since(self) -> Since | None:
        found = since(self.effects, self.past[~np.isnan(self.past)])
        if found is None:
            return None
        names = [self.frame.by.clock.label(number) for number in self.frame.recent]
        return Since(names[found.at], names[found.low], names[found.high], before=found.low == 0)


def _say(since_when: Since) -> str:
    """Return since when, with its interval, in words."""
    first, last = since_when.earliest, since_when.latest
    if since_when.before:
        return f"since {first} or before" if first == last else f"since {last} or before"
    return f"since {since_when.window}" + (f" ({first} to {last})" if first != last else "")
