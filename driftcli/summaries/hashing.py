"""Stable hashes of labels, the same on every machine and in every run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BLOCK = 4096  # labels whose bytes fit the cache
_STEP = 0x100000001B3  # the FNV prime
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)


def label_hashes(labels: pa.Array) -> NDArray[np.uint64]:
    """Return a hash of each label: a polynomial in its UTF-8 bytes modulo 2**64, mixed.

    Parameters
    ----------
    labels : pyarrow.Array of string or large_string
        Without nulls.

    Returns
    -------
    ndarray of uint64, shape (labels,)
    """
    width = "i8" if pa.types.is_large_string(labels.type) else "i4"
    _, offsets, data = labels.buffers()
    if not len(labels):
        return np.empty(0, dtype=np.uint64)
    ends = np.frombuffer(offsets, dtype=width)[labels.offset : labels.offset + len(labels) + 1]
    content = np.frombuffer(b"" if data is None else data, dtype=np.uint8)
    sums = np.empty(len(labels), dtype=np.uint64)
    powers = _powers(int(np.diff(ends).max()))
    for start in range(0, len(labels), BLOCK):
        block = ends[start : start + BLOCK + 1]
        sums[start : start + BLOCK] = _polynomials(content[block[0] : block[-1]], block, powers)
    return mixed(sums)


def _polynomials(
    content: NDArray[np.uint8], ends: NDArray[Any], powers: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Return the polynomial in the bytes between neighbouring ends."""
    lengths = np.diff(ends)
    starts = ends[:-1] - ends[0]
    place = np.arange(len(content)) - np.repeat(starts, lengths)
    terms = powers[place]
    terms *= content + np.uint64(1)
    sums = np.zeros(len(lengths), dtype=np.uint64)
    filled = lengths > 0
    if filled.any():
        sums[filled] = np.add.reduceat(terms, starts[filled])
    return sums


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64-bit numbers whose every bit depends on all bits of the given ones."""
    result: NDArray[np.uint64] = bits * _MIX
    result ^= result >> _SHIFT
    result *= _MIX
    result ^= result >> _SHIFT
    return result


def _powers(count: int) -> NDArray[np.uint64]:
    """Return powers of the step; products wrap around."""
    steps = np.full(max(count, 1), _STEP, dtype=np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)
