"""By how much windows differ: of the reference from all others of it, of current from the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from driftcli.baselines import StoredWindows
from driftcli.methods.base import ALL_KINDS, Method
from driftcli.summaries import Summary
from driftcli.summaries.windowed import coarsened, together, without

ByWindow = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Effects:
    """By how much one column's windows differ, by method and window.

    Parameters
    ----------
    past : mapping
        Each window of the reference against all others of them.
    recent : mapping
        Each window of current against the reference.
    now : mapping of str to float
        What is judged, measured as the windows are.
    """

    past: Mapping[str, ByWindow] = field(default_factory=dict)
    recent: Mapping[str, ByWindow] = field(default_factory=dict)
    now: Mapping[str, float] = field(default_factory=dict)


def effects_of_past(
    methods: Sequence[Method], windows: Mapping[int, Summary], min_rows: int
) -> dict[str, dict[int, float]]:
    """Return for each method the effect of every window against the rest of the reference.

    Parameters
    ----------
    methods : sequence of Method
    windows : mapping of int to Summary
        Of one column.
    min_rows : int
        A window with fewer values is left out.
    """
    found: dict[str, dict[int, float]] = {method.name: {} for method in methods}
    if len(windows) < 2:
        return found
    total = together(list(windows.values()))
    for number, part in windows.items():
        rest = without(total, part)
        for method in methods:
            effect = _effect(method, rest, part, min_rows)
            if effect is not None:
                found[method.name][number] = effect
    return found


def usual(reference: Summary, past: Mapping[int, Summary]) -> Summary:
    """Return what windows of current are compared with: all windows of the reference together.

    Rows without a time are in none. Of a baseline the windows are not there, and the whole serves.
    """
    whole = coarsened(reference, reference)
    if not past:
        return whole
    inside = sum(part.count + part.missing for part in past.values())
    lost = inside < whole.count + whole.missing
    return together(list(past.values())) if lost else whole


def effects_of_recent(
    methods: Sequence[Method], whole: Summary, windows: Mapping[int, Summary], min_rows: int
) -> dict[str, dict[int, float]]:
    """Return for each method the effect of every window of current against the reference."""
    return {
        method.name: {
            number: effect
            for number, part in windows.items()
            if (effect := _effect(method, whole, part, min_rows)) is not None
        }
        for method in methods
    }


def effects_now(
    methods: Sequence[Method], whole: Summary, part: Summary, min_rows: int
) -> dict[str, float]:
    """Return the effects of current as a whole, measured as those of windows are."""
    found = {method.name: _effect(method, whole, part, min_rows) for method in methods}
    return {name: effect for name, effect in found.items() if effect is not None}


def _effect(method: Method, rest: Summary, part: Summary, min_rows: int) -> float | None:
    return method.effect_of(rest, part) if enough(method, rest, part, min_rows) else None


def enough(method: Method, rest: Summary, part: Summary, min_rows: int) -> bool:
    """Whether both sides have rows enough for a method."""
    everything = method.kinds == ALL_KINDS  # which looks at missing rows as well
    return min(side.count + everything * side.missing for side in (rest, part)) >= min_rows


def effects_stored(
    found: Mapping[str, Effects], stored: StoredWindows, scale: str
) -> dict[str, Effects]:
    """Return the effects of a run with the reference's windows out of a baseline.

    Parameters
    ----------
    found : mapping of str to Effects
        By column.
    stored : StoredWindows
    scale : str
        In which this run measures the shift of a mean.
    """
    other = {"prediction_mean"} if scale != stored.scale else set()
    return {
        column: replace(
            effects,
            past={
                method: by_window
                for method, by_window in stored.effects.get(column, {}).items()
                if method not in other
            },
        )
        for column, effects in found.items()
    }
