"""Counts of categories, with a cap and the heavy ones kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_CATEGORIES = 1_000_000


@dataclass(frozen=True, slots=True)
class CategoricalSummary:
    """What is known of one categorical column on one side.

    Parameters
    ----------
    count, missing : int
        Rows with and without a value.
    counts : mapping of str to int
        Rows of each category; at most a million categories are kept apart.
    other : int
        Rows of the light categories beyond the cap; 0 means that ``counts`` is exact.
    """

    count: int
    missing: int
    counts: Mapping[str, int] = field(default_factory=dict)
    other: int = 0

    def merge(self, other: CategoricalSummary) -> CategoricalSummary:
        """Return the summary of both parts together."""
        fold = CategoricalFold()
        for part in (self, other):
            fold.add(part.counts, part.missing, part.other)
        return fold.finish()


class CategoricalFold:
    """Folds category counts, batch by batch, into a :class:`CategoricalSummary`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._missing = 0
        self._other = 0

    def add(self, counts: Mapping[str, int], missing: int, other: int = 0) -> None:
        """Add a batch's counts, its missing rows and the rows beyond a cap."""
        table = self._counts
        for label, count in counts.items():
            table[label] = table.get(label, 0) + count
        self._missing += missing
        self._other += other
        if len(table) > MAX_CATEGORIES:
            self._prune()

    def _prune(self) -> None:
        """Keep the heavier half; ties go by name, so that equal counts prune equally."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        light = ranked[MAX_CATEGORIES // 2 :]
        self._other += sum(count for _, count in light)
        self._counts = dict(ranked[: MAX_CATEGORIES // 2])

    def finish(self) -> CategoricalSummary:
        """Return the summary of all that was added, categories in order of name."""
        total = sum(self._counts.values()) + self._other
        return CategoricalSummary(
            total, self._missing, dict(sorted(self._counts.items())), self._other
        )
