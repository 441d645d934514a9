"""What a drift method is: a name, what it serves, and a function of two summaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from driftcli.model import ColumnKind, MethodResult, Skip

ALL_KINDS = frozenset(ColumnKind)
NUMERIC = frozenset({ColumnKind.NUMERIC})
COUNTED = frozenset({ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN})
FEATURES = frozenset({"features"})
PREDICTIONS = frozenset({"predictions"})
CONFIDENCE = 0.05


@dataclass(frozen=True, slots=True)
class Method:
    """A drift method, as the registry holds it.

    Parameters
    ----------
    name : str
        In thresholds, JSON and tables.
    effect : str
        What the effect is, as a sentence begins with it.
    kinds : frozenset of ColumnKind
        The columns it serves.
    threshold : float
        Default threshold of the effect.
    upper : float, optional
        The largest effect there can be; ``None`` without bound.
    compare : callable
        ``(reference, current) -> MethodResult`` of two summaries of the kind that it serves.
    description : str
        One line for the reference pages.
    roles : frozenset of str
        The commands that run it: ``features``, ``predictions``.
    measure : callable, optional
        ``(reference, current) -> float or None``, the effect alone. Windows are compared by it,
        many times, on counts at edges; without it ``compare`` serves.
    moments : bool
        Whether it looks at the mean or higher moments of the values.
    """

    name: str
    effect: str
    kinds: frozenset[ColumnKind]
    threshold: float
    upper: float | None
    compare: Callable[[Any, Any], MethodResult]
    description: str
    roles: frozenset[str] = field(default=FEATURES | PREDICTIONS)
    measure: Callable[[Any, Any], float | None] | None = None
    moments: bool = True

    def effect_of(self, reference: Any, current: Any) -> float | None:
        """Return the effect alone; ``None`` where there is none."""
        if self.measure is None:
            return self.compare(reference, current).effect
        return self.measure(reference, current)


def no_values(method: str, n_reference: int, n_current: int) -> MethodResult | None:
    """Return the skipped result where a side has no values at all, else ``None``."""
    if n_reference and n_current:
        return None
    if not n_reference and not n_current:
        skip = Skip("no values on either side", harmless=True)
    else:
        skip = Skip(f"no values in {'current' if n_reference else 'the reference'}")
    return MethodResult(method, None, None, None, n_reference, n_current, skip=skip)
