"""Sums of powers in whole numbers: equal to the last digit for any order, split and machine.

Values are measured from a centre in a unit that is a power of two, rounded to 58 bits, and summed
exactly: blocks of limbs so short that floating point makes no error, blocks in Python's integers.
Sums therefore merge by addition like counts, where Chan's and Pébay's formulas would leave the last
digits to the order of the parts. Both centre and unit come from the reference and bind all parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values
from driftcli.summaries.moments import Moments

LIMB = 19
# rows; the product of two limbs, so often added up, stays below 2**53, and OpenBLAS keeps to one
# thread below 10,000
BLOCK = 8192
BLOCKS = 8  # at a time, as threads that call numpy for little wait for each other
SLAB = BLOCKS * BLOCK
TIER = 6  # bits by which the unit grows for values out of reach
BITS = 2 * LIMB
TAIL = 2  # bits by which the reach goes beyond the quantiles that it is taken from
MOST_BITS = 1000  # of a quotient, which must be a float
MODERATE = 200  # exponent up to which fourth powers stay floats
FAR = 2**14  # squared distance of the mean from the centre, in variances, at most
SMALLEST = -1074  # exponent of the least float, which no reach needs to be below

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where and how finely values are measured.

    Parameters
    ----------
    center : float
        Finite.
    exponent : int
        Values within 2**exponent of the centre are measured in units of 2**(exponent - 38), and in
        two limbs of 19 bits with a remainder of 19 more; values beyond in coarser units.
    degree : {2, 4}
        The highest power that is summed.
    """

    center: float = 0.0
    exponent: int = 0
    degree: int = 4

    @classmethod
    def of(cls, quantiles: Sequence[float], degree: int) -> Scale:
        """Return the scale of values that lie, but for a few, between two quantiles.

        Parameters
        ----------
        quantiles : sequence of float
            Minimum, a quantile near it, median, a quantile near the maximum, maximum; finite.
        degree : {2, 4}
        """
        least, low, middle, high, most = quantiles
        near, far = max(middle - low, high - middle), max(middle - least, most - middle)
        reach = near or far or abs(middle) or 1.0
        exponent = math.frexp(reach)[1] + TAIL if math.isfinite(reach) else 1023
        return cls(middle, min(max(exponent, SMALLEST), 1023), degree)


@dataclass(frozen=True, slots=True)
class PowerSums:
    """Sums of the first four powers of (x - center), in units of the scale.

    Parameters
    ----------
    count : int
        Finite values.
    first : int
        In units u 2**-19, with u = 2**(exponent - 38).
    second : int
        In units u**2 2**-38.
    third, fourth : int
        In units u**3 2**38 and u**4 2**76: their squares are rounded to 38 bits. 0 where the scale
        goes up to the second power only.
    """

    count: int = 0
    first: int = 0
    second: int = 0
    third: int = 0
    fourth: int = 0

    def __add__(self, other: PowerSums) -> PowerSums:
        return PowerSums(
            self.count + other.count,
            self.first + other.first,
            self.second + other.second,
            self.third + other.third,
            self.fourth + other.fourth,
        )

    def __sub__(self, other: PowerSums) -> PowerSums:
        return PowerSums(
            self.count - other.count,
            self.first - other.first,
            self.second - other.second,
            self.third - other.third,
            self.fourth - other.fourth,
        )

    @property
    def spread(self) -> bool:
        """Whether the values differ, however little."""
        return self.count * self.second > self.first**2

    def moments(self, scale: Scale) -> Moments:
        """Return mean and central sums of powers, rounded once from exact numbers."""
        n = self.count
        if not n:
            return Moments()
        # all in units of the first sum
        unit = scale.exponent - BITS - LIMB
        s1, s2 = self.first, self.second
        m2 = n * s2 - s1**2
        mean, offset = (_mean(center, s1, n, unit) for center in (scale.center, 0.0))
        spread = max(_ratio(m2, n, 2 * unit), 0.0)
        # far from the centre, little is left of rounded squares when the centre is taken off
        if scale.degree < 4 or m2 * FAR < s1**2:
            return Moments(n, mean, spread, math.inf, math.inf, offset)
        s3, s4 = self.third << 3 * LIMB + BITS, self.fourth << 4 * LIMB + 2 * BITS
        m3 = n**2 * s3 - 3 * n * s1 * s2 + 2 * s1**3
        m4 = n**3 * s4 - 4 * n**2 * s1 * s3 + 6 * n * s1**2 * s2 - 3 * s1**4
        third, fourth = _ratio(m3, n**2, 3 * unit), max(_ratio(m4, n**3, 4 * unit), 0.0)
        return Moments(n, mean, spread, third, fourth, offset)


def _mean(center: float, first: int, n: int, unit: int) -> float:
    """Return center + first / n * 2**unit, rounded once."""
    whole, part = center.as_integer_ratio()
    above, below = max(unit, 0), max(-unit, 0)
    try:
        return ((whole * n << below) + (first * part << above)) / (part * n << below)
    except OverflowError:
        return math.inf if first > 0 else -math.inf


def _ratio(number: int, divisor: int, exponent: int) -> float:
    """Return number / divisor * 2**exponent; infinite beyond the range of floats."""
    spare = max(0, number.bit_length() - divisor.bit_length() - MOST_BITS)
    try:
        return math.ldexp((number >> spare) / divisor, exponent + spare)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def power_sums(values: Values, scale: Scale, repeats: NDArray[np.int64] | None = None) -> PowerSums:
    """Sum the powers of finite values.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite and sorted.
    scale : Scale
    repeats : ndarray of int64, shape (n,), optional
        How often each value counts; once without.
    """
    if repeats is not None:
        return _repeated(values, scale, repeats)
    total = PowerSums()
    work = np.empty((6, min(SLAB, len(values) + BLOCKS)))
    for start in range(0, len(values), SLAB):
        total += _slab(values[start : start + SLAB], scale, work)
    return total


def _repeated(values: Values, scale: Scale, repeats: NDArray[np.int64]) -> PowerSums:
    """Sum values that repeat: once for each binary digit of their counts."""
    total = PowerSums()
    digit = 0
    while len(repeats):
        odd = (repeats & 1).astype(np.bool_)
        if odd.any():
            once = power_sums(values[odd], scale)
            total += PowerSums(*(part << digit for part in _parts(once)))
        repeats = repeats >> 1
        left = repeats > 0
        values, repeats, digit = values[left], repeats[left], digit + 1
    return total


def _parts(sums: PowerSums) -> tuple[int, int, int, int, int]:
    return sums.count, sums.first, sums.second, sums.third, sums.fourth


def _slab(values: Values, scale: Scale, work: Floats) -> PowerSums:
    y = work[0, : len(values)]
    with np.errstate(over="ignore"):
        np.subtract(values, scale.center, out=y)
    reach = math.ldexp(1.0, scale.exponent)
    if y[0] >= -reach and y[-1] <= reach:
        return _within(y, scale.exponent, scale.degree, work)
    far = np.abs(y) > reach
    near, away = y[~far], y[far]  # copies, as y is work's
    inner = _within(near, scale.exponent, scale.degree, work)
    return inner + _beyond(values[far], away, scale, work)


def _beyond(values: Values, y: Floats, scale: Scale, work: Floats) -> PowerSums:
    """Sum values out of reach in coarser units, each with those of its order of magnitude."""
    tiers = -(-(np.frexp(y)[1] - scale.exponent) // TIER)
    tiers[~np.isfinite(y)] = 0
    total = PowerSums()
    for tier in np.flatnonzero(np.bincount(tiers)).tolist():
        chosen = tiers == tier
        if tier:
            part = _within(y[chosen], scale.exponent + TIER * tier, scale.degree, work)
            total += scaled(part, TIER * tier)
        else:
            total += _exactly(values[chosen], scale)
    return total


def scaled(sums: PowerSums, bits: int) -> PowerSums:
    """Return sums taken in a unit that is 2**bits as large, in the unit of the scale."""
    return PowerSums(
        sums.count,
        sums.first << bits,
        sums.second << 2 * bits,
        sums.third << 3 * bits,
        sums.fourth << 4 * bits,
    )


def _exactly(values: Values, scale: Scale) -> PowerSums:
    """Sum values whose distance from the centre is beyond the range of floats, one by one."""
    total = PowerSums()
    for value in values.tolist():
        fine = (int(value) - int(scale.center)) << BITS + LIMB >> scale.exponent
        z = fine >> LIMB
        square = z * z >> BITS
        higher = (z * square, square * square) if scale.degree == 4 else (0, 0)
        total += PowerSums(1, fine, fine * fine, *higher)
    return total


def _within(distances: Floats, exponent: int, degree: int, work: Floats) -> PowerSums:
    """Sum distances of at most 2**exponent.

    They are cut into limbs, a of 19 bits, b of 19 more and a rest c of again 19. Limbs keep their
    place value, a power of two, so every product and every sum of a block is exact.
    """
    n, blocks = len(distances), max(-(-len(distances) // BLOCK), 1)
    width = -(-n // blocks)
    y, a, b, c, p, q = work[:, : blocks * width].reshape(6, blocks, width)
    y.reshape(-1)[:n] = distances
    y.reshape(-1)[n:] = 0.0  # adds nothing
    if abs(exponent) > MODERATE:
        np.ldexp(y, -exponent, out=y)
        exponent = 0
    unit, rest = exponent - BITS, exponent - BITS - LIMB
    whole = _rounded(y, unit, b)
    _rounded(np.subtract(y, whole, out=c), rest, c)
    first = (_sum(whole, unit) << LIMB) + _sum(c, rest)
    squares = np.multiply(whole, whole, out=q) if degree == 4 else None
    _rounded(whole, unit + LIMB, a)
    np.subtract(whole, a, out=b)
    pairs = ((a, a, 1), (a, b, 2), (b, b, 1), (a, c, 2), (b, c, 2), (c, c, 1))
    second = sum(_dot(one, other, 2 * rest) * times for one, other, times in pairs)
    if squares is None:
        return PowerSums(n, first, second)
    square = 2 * unit + BITS
    _rounded(_rounded(squares, square, q), square + LIMB, p)
    np.subtract(q, p, out=q)
    cube, power = square + unit, 2 * square
    third = sum(_dot(one, other, cube) for one, other in ((a, p), (a, q), (b, p), (b, q)))
    fourth = _dot(p, p, power) + 2 * _dot(p, q, power) + _dot(q, q, power)
    return PowerSums(n, first, second, third, fourth)


def _rounded(y: Floats, exponent: int, out: Floats) -> Floats:
    """Round to multiples of 2**exponent: so far up the line of floats they have no finer steps."""
    shift = math.ldexp(1.5, exponent + 52)
    np.add(y, shift, out=out)
    return np.subtract(out, shift, out=out)


def _sum(limbs: Floats, exponent: int) -> int:
    return _whole(limbs.sum(axis=1), exponent)


def _dot(one: Floats, other: Floats, exponent: int) -> int:
    """Return the sum of products in units of 2**exponent."""
    return _whole(np.matmul(one[:, None, :], other[:, :, None]).reshape(-1), exponent)


def _whole(blocks: Floats, exponent: int) -> int:
    """Return what blocks add up to, in units of 2**exponent."""
    return sum(int(math.ldexp(block, -exponent)) for block in blocks.tolist())
