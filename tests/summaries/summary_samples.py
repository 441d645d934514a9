"""Folds of plain values, and everything in a summary down to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np

from driftcli.summaries.counting import EdgesFold
from driftcli.summaries.folds import NumericFold
from driftcli.summaries.multiset import Multiset

ALL = 2**40


def of(values, dtype=np.float64):
    """All values of a column in order."""
    return Multiset(np.sort(np.asarray(values, dtype=dtype)))


def fed(folding, parts, dtype=np.float64):
    """Give a fold batches: lists of values, each with its missing rows."""
    for values, missing in parts:
        folding.add(np.array(values, dtype=dtype), missing)
    return folding


def fold(parts, grid=None, keep=ALL, dtype=np.float64):
    return fed(NumericFold(grid, keep), parts, dtype)


def reference(parts, keep=ALL, dtype=np.float64):
    """The summary of a reference, in two passes where it outgrows the memory."""
    first = fold(parts, keep=keep, dtype=dtype)
    edges = first.edges()
    return (first if edges is None else fed(EdgesFold(edges), parts, dtype)).finish()


def bits(value):
    """Everything in a summary, down to the last bit, however it is held."""
    if isinstance(value, Multiset):
        return tuple(map(bits, value.distinct()))
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(map(bits, value))
    if isinstance(value, Mapping):
        return tuple((key, bits(found)) for key, found in value.items())
    if is_dataclass(value):
        return tuple((field.name, bits(getattr(value, field.name))) for field in fields(value))
    return type(value), value
