"""Summaries of plain values, as an engine would make them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from driftcli.summaries import categorical
from driftcli.summaries.arrays import numeric_values
from driftcli.summaries.categorical import CategoricalFold, CategoricalSummary
from driftcli.summaries.counting import EdgesFold, PocketsFold
from driftcli.summaries.folds import NumericFold

KEEP_ALL = 2**40


def fed(folding, values, *, batch=2**20, dtype=np.float64):
    """Give a fold values in batches; nothing is finished yet."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    for start in range(0, max(len(array), 1), batch):
        folding.add(*numeric_values(array.slice(start, batch), np.dtype(dtype)))
    return folding


def fold(values, grid=None, *, keep=KEEP_ALL, batch=2**20, dtype=np.float64):
    return fed(NumericFold(grid, keep), values, batch=batch, dtype=dtype)


def numeric_pair(reference, current, dtype=np.float64):
    """Both sides with all their values in memory."""
    before = fold(reference, dtype=dtype).finish()
    return before, fold(current, before.grid, dtype=dtype).finish()


def limited_pair(reference, current, *, keep, batch=2**20, dtype=np.float64):
    """Both sides as they come out of so much memory; the reference is read again if it must be."""
    first = fold(reference, keep=keep, batch=batch, dtype=dtype)
    edges = first.edges()
    if edges is not None:
        first = fed(EdgesFold(edges, max(keep, 1)), reference, batch=batch, dtype=dtype)
    before = first.finish()
    return before, fold(current, before.grid, keep=keep, batch=batch, dtype=dtype).finish()


def looked_into(sides, values, buckets, *, batch=2**20, dtype=np.float64):
    """Both sides with the values in some buckets, read once more where they were not kept."""
    return tuple(
        side
        if side.rows is not None
        else fed(PocketsFold(side, buckets), rows, batch=batch, dtype=dtype).finish()
        for side, rows in zip(sides, values, strict=True)
    )


def sort_everything(reference, current):
    """Walk up through all values of both sides, in whole numbers but for the last division.

    The distribution functions differ most just at a value, or just below the next one.
    """
    n, m = len(reference), len(current)
    before, after = Counter(reference), Counter(current)
    i = j = most = 0
    for value in sorted(before.keys() | after.keys()):
        i += before[value]
        j += after[value]
        most = max(most, abs(i * m - j * n))
    return most / (n * m)


def binned(reference, current):
    """Two numeric sides of which each distinct value holds these many rows (at most 20)."""
    values = np.arange(len(reference), dtype=np.float64)
    before, after = (np.repeat(values, counts) for counts in (reference, current))
    return numeric_pair(before, after)


def categories(counts, missing=0):
    """A side of a categorical column, from a mapping or a row of counts."""
    if not isinstance(counts, dict):
        counts = {f"c{index:05}": int(count) for index, count in enumerate(counts)}
    counts = {label: count for label, count in counts.items() if count}
    return CategoricalSummary(sum(counts.values()), missing, counts)


def capped(counts, missing=0):
    """The same beyond the cap, which is taken away for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(categorical, "MAX_CATEGORIES", 0)
        folding = CategoricalFold()
        folding.add(categories(counts).counts, missing)
        return folding.finish()
