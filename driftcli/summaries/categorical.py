"""Counts of categories, with a cap beyond which only the heavy ones keep their names.

Beyond the cap rows are counted in groups of labels with the same hash. Groups merge by addition and
depend on the rows alone, and the total variation distance between groups is never larger than that
between the labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.summaries.hashing import label_hashes
from driftcli.summaries.wire import State

MAX_CATEGORIES = 100_000
GROUPS = 16_384
HEAVY = 100  # a category with one row of so many keeps its name beyond the cap
SMALLEST = 4096  # hashes from whose range the number of distinct labels is estimated
SAMPLE = 200  # labels that show what the others look like

Groups = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class CategoricalSummary:
    """What is known of one categorical column on one side.

    Parameters
    ----------
    count, missing : int
        Rows with and without a value.
    counts : mapping of str to int
        Rows of each category; beyond the cap of the heavy ones only, and then of their group, which
        some rare label may share.
    groups : ndarray of int64, shape (16384,), optional
        Rows by the label's hash, where there were more categories than the cap.
    smallest : ndarray of uint64, shape (4096,), optional
        The smallest hashes of labels, likewise.
    unnamed : int
        Categories below the cap that were left without a name, as a baseline may; ``other`` has
        their rows.
    sample : tuple of str
        Beyond the cap the labels with the smallest hashes; no baseline keeps them.
    """

    count: int
    missing: int
    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Groups | None = None
    smallest: NDArray[np.uint64] | None = None
    unnamed: int = 0
    sample: tuple[str, ...] = ()

    @property
    def other(self) -> int:
        """Rows of the categories without a name; 0 means that ``counts`` is exact."""
        return self.count - sum(self.counts.values())

    @property
    def distinct(self) -> int:
        """Distinct categories; beyond the cap estimated (Bar-Yossef et al. 2002), within 5 %."""
        if self.smallest is None:
            return len(self.counts) + self.unnamed
        return round((SMALLEST - 1) / (float(self.smallest[-1]) / 2**64))

    def examples(self) -> list[str]:
        """Return at most 200 of the labels, the same ones whatever the order of the rows."""
        if self.groups is not None:
            return list(self.sample)
        return list(self.counts)[:: -(-len(self.counts) // SAMPLE) or 1]

    def compact(self) -> CategoricalSummary:
        """Return the summary, which holds no single row."""
        return self

    def grouped(self) -> Groups:
        """Return the rows of each group of labels, shape (16384,)."""
        return _grouped(self.counts) if self.groups is None else self.groups

    def merge(self, other: CategoricalSummary) -> CategoricalSummary:
        """Return the summary of both parts together.

        Raises
        ------
        ValueError
            If categories of a part were left without a name.
        """
        if self.unnamed or other.unnamed:
            raise ValueError("categories without a name do not merge")
        fold = CategoricalFold()
        for part in (self, other):
            fold.add_summary(part)
        return fold.finish()


def _grouped(counts: Mapping[str, int]) -> Groups:
    labels, rows = _columns(counts)
    return group_rows(label_hashes(labels), rows)


def _columns(counts: Mapping[str, int]) -> tuple[pa.Array, NDArray[np.int64]]:
    rows = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    return pa.array(list(counts), pa.large_string()), rows


def group_rows(hashes: NDArray[np.uint64], rows: NDArray[np.int64]) -> Groups:
    """Return the rows of each group."""
    groups = np.zeros(GROUPS, dtype=np.int64)
    np.add.at(groups, _group_of(hashes), rows)
    return groups


def folded(groups: Groups, size: int) -> Groups:
    """Return the rows of fewer groups; both numbers are powers of two."""
    rows: Groups = groups.reshape(-1, size).sum(axis=0)
    return rows


def _group_of(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (hashes % np.uint64(GROUPS)).astype(np.int64)


class CategoricalFold:
    """Folds category counts, batch by batch, into a :class:`CategoricalSummary`."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._missing = 0
        self._groups: Groups | None = None
        self._smallest = np.empty(0, dtype=np.uint64)
        self._sample: dict[int, str] = {}  # by hash

    @property
    def full(self) -> bool:
        """Whether there are more categories than the cap, so that batches are best added hashed."""
        return self._groups is not None

    def add(self, counts: Mapping[str, int], missing: int) -> None:
        """Add a batch's counts and its missing rows."""
        self._missing += missing
        if self._groups is not None:
            self._add_hashed(counts)
            return
        table = self._counts
        for label, count in counts.items():
            table[label] = table.get(label, 0) + count
        if len(table) > MAX_CATEGORIES:
            self._overflow()

    def add_array(self, labels: pa.Array) -> None:
        """Add a batch's text, once it is full; only labels that may be heavy are looked at."""
        present = labels.drop_null()
        self._missing += len(labels) - len(present)
        hashes = label_hashes(present)
        at = _group_of(hashes)
        rows = np.bincount(at, minlength=GROUPS)
        self._add_groups(rows, hashes)
        self._add_sample(present, hashes)
        heavy = np.flatnonzero((2 * HEAVY * rows > len(present))[at])
        self._nominate(Counter(present.take(pa.array(heavy)).to_pylist()))

    def add_summary(self, part: CategoricalSummary) -> None:
        """Add a whole summary."""
        if part.groups is None:
            self.add(part.counts, part.missing)
            return
        self._missing += part.missing
        assert part.smallest is not None  # noqa: S101  comes with the groups
        self._add_full(part.groups, part.smallest, part.counts, part.sample)

    def state(self) -> State:
        """Return what was counted, candidates for a name included."""
        return {
            "labels": list(self._counts),
            "rows": list(self._counts.values()),
            "missing": self._missing,
            "groups": self._groups,
            "smallest": self._smallest,
            "sample": list(self._sample.values()),
        }

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has counted."""
        counts = dict(zip(state["labels"], state["rows"], strict=True))
        if state["groups"] is None:
            self.add(counts, state["missing"])
        else:
            self._missing += state["missing"]
            self._add_full(state["groups"], state["smallest"], counts, state["sample"])

    def _add_full(
        self, groups: Groups, smallest: Hashes, counts: Mapping[str, int], sample: Sequence[str]
    ) -> None:
        if self._groups is None:
            self._overflow()
        self._add_groups(groups, smallest)
        labels = pa.array(sample, pa.large_string())
        self._add_sample(labels, label_hashes(labels))
        self._nominate(counts)

    def _overflow(self) -> None:
        counts, self._counts = self._counts, {}
        self._groups = np.zeros(GROUPS, dtype=np.int64)
        self._add_hashed(counts)

    def _add_hashed(self, counts: Mapping[str, int]) -> None:
        labels, rows = _columns(counts)
        hashes = label_hashes(labels)
        self._add_groups(group_rows(hashes, rows), hashes)
        self._add_sample(labels, hashes)
        self._nominate(counts)

    def _add_groups(self, groups: Groups, hashes: NDArray[np.uint64]) -> None:
        assert self._groups is not None  # noqa: S101  called once it is full
        self._groups += groups
        if len(self._smallest) == SMALLEST:
            hashes = hashes[hashes < self._smallest[-1]]
        self._smallest = np.unique(np.concatenate((self._smallest, hashes)))[:SMALLEST]

    def _add_sample(self, labels: pa.Array, hashes: Hashes) -> None:
        """Keep the labels of the smallest hashes, once these are added."""
        last = self._smallest[:SAMPLE][-1:]
        if not len(last):
            return
        small = np.flatnonzero(hashes <= last)
        found, at = np.unique(hashes[small], return_index=True)
        names = labels.take(pa.array(small[at])).to_pylist()
        self._sample |= zip(found.tolist(), names, strict=True)
        self._sample = dict(sorted(self._sample.items())[:SAMPLE])

    def _nominate(self, counts: Mapping[str, int]) -> None:
        """Note candidates for a name; which of them are heavy is told by the groups."""
        for label, count in counts.items():
            self._counts[label] = self._counts.get(label, 0) + count
        if len(self._counts) > 100 * HEAVY:
            ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
            self._counts = dict(ranked[: 10 * HEAVY])

    def finish(self) -> CategoricalSummary:
        """Return the summary of all that was added, categories in order of name."""
        if self._groups is None:
            counts = dict(sorted(self._counts.items()))
            return CategoricalSummary(sum(counts.values()), self._missing, counts)
        rows = int(self._groups.sum())
        return CategoricalSummary(
            rows,
            self._missing,
            self._heavy(rows),
            self._groups,
            self._smallest,
            sample=tuple(self._sample.values()),
        )

    def _heavy(self, rows: int) -> dict[str, int]:
        """Name the heavy groups by the label that has most of their rows."""
        assert self._groups is not None  # noqa: S101  called once it is full
        names = sorted(self._counts, key=lambda name: (self._counts[name], name))
        at = _group_of(label_hashes(pa.array(names, pa.large_string())))
        named = dict(zip(at.tolist(), names, strict=True))  # the last, with most rows, stays
        heavy = {name: int(self._groups[group]) for group, name in named.items()}
        return {name: count for name, count in sorted(heavy.items()) if count * HEAVY > rows}
