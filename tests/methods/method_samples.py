"""Summaries of plain values, as an engine would make them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from driftcli.summaries.arrays import numeric_values
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.numeric import NumericFold, summarise

KEEP_ALL = 2**40


def fold(values, grid=None, *, keep=KEEP_ALL, batch=2**20, dtype=np.float64):
    """Feed a fold in batches; nothing is finished yet."""
    folding = NumericFold(grid, keep)
    array = values if isinstance(values, pa.Array) else pa.array(values)
    for start in range(0, max(len(array), 1), batch):
        folding.add(*numeric_values(array.slice(start, batch), np.dtype(dtype)))
    return folding


def numeric_pair(reference, current, dtype=np.float64):
    """Both sides with all their values in memory."""
    before = fold(reference, dtype=dtype).finish()
    return before, fold(current, before.grid, dtype=dtype).finish()


def spilled_pair(reference, current, *, keep, batch, dtype=np.float64):
    """Both sides as counts on edges of a sample, as when they outgrow the memory."""
    grid = fold(reference, keep=keep, batch=batch, dtype=dtype).sampled_grid
    assert grid is not None
    return tuple(
        fold(side, grid, keep=keep, batch=batch, dtype=dtype).finish()
        for side in (reference, current)
    )


def binned(reference, current):
    """Two numeric sides of which each distinct value holds these many rows (at most 20)."""
    values = np.arange(len(reference), dtype=np.float64)
    before, after = (np.repeat(values, counts) for counts in (reference, current))
    return numeric_pair(before, after)


def categories(counts, missing=0, other=0):
    """A side of a categorical column, from a mapping or a row of counts."""
    if not isinstance(counts, dict):
        counts = {f"c{index:05}": int(count) for index, count in enumerate(counts)}
    counts = {label: count for label, count in counts.items() if count}
    return CategoricalSummary(sum(counts.values()) + other, missing, counts, other)


def of_sorted(values, grid):
    return summarise(np.sort(np.asarray(values)), grid, keep=True)
