"""How often a random lattice path strays from its diagonal: the exact Kolmogorov-Smirnov p.

Two independent samples from one continuous distribution, read in increasing order, interleave as a
uniformly random path from (0, 0) to (n, m), a step right for a value of the first and a step up for
one of the second; D is the largest ``|i/n - j/m|`` that the path reaches (Hodges 1958).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Number = TypeVar("Number", float, NDArray[np.float64])

SERIES_FROM = 16
BLOCK = 256


def stirling_series(z: Number) -> Number:
    """Return ln Γ(z+1) − (½ ln 2πz + z ln z − z) for z of 16 or more.

    The first term left out is below 2e-18 there (Abramowitz & Stegun 1964, 6.1.41).
    """
    w = 1.0 / (z * z)
    tail = 1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * (691 / 360360)))
    return (1 / 12 - w * (1 / 360 - w * tail)) / z


def touch_probability(reach: int, n: int, m: int) -> float:
    """Return the probability that a random path from (0, 0) to (n, m) goes as far as ``reach``.

    Parameters
    ----------
    reach : int
        The distance ``|i/n - j/m|`` in units of 1 / lcm(n, m), so that no rounding decides whether
        a point of the lattice lies outside.
    n, m : int
        The lengths of the two sides, at least 1. Time and memory are for up to some 10,000.

    Returns
    -------
    float
        P(max |i/n - j/m| >= reach / lcm(n, m)), from terms of one sign where n != m, so that small
        probabilities keep their relative precision; 0.0 below 1e-308.
    """
    if reach < 1:
        return 1.0
    probability = _equal_sides(reach, n) if n == m else _unequal_sides(reach, min(n, m), max(n, m))
    return min(probability, 1.0)


def _equal_sides(reach: int, n: int) -> float:
    """Return 2 Σ (−1)^(k−1) C(2n, n − k reach) / C(2n, n), by reflection.

    Gnedenko & Korolyuk 1951. The first term rules where the result is small, so that the signs cost
    no precision.
    """
    step = np.arange(n, dtype=np.float64)
    terms = np.cumprod((n - step) / (n + step + 1.0))[reach - 1 :: reach]
    terms[1::2] *= -1.0
    return 2.0 * math.fsum(terms)


class _Side(NamedTuple):
    """A band's edge at every step: the last point inside, the weight of its neighbour outside."""

    inside: Integers
    weight: Floats


class _Walk:
    """The paths of (small, large), counted with the weight p^i q^j so that nothing overflows.

    The weights of all paths to the points with i + j = s sum to one; p = small / (small + large)
    keeps them near the diagonal, whatever the ratio of the sides.
    """

    def __init__(self, small: int, large: int) -> None:
        self.small, self.large, self.total = small, large, small + large
        self.p, self.q = small / self.total, large / self.total
        number = np.arange(self.total + 1, dtype=np.float64)
        head, tail = number[1:SERIES_FROM], number[SERIES_FROM:]
        exact = [math.lgamma(k + 1) - k * math.log(k) + k for k in head.tolist()]
        series = 0.5 * np.log(2 * math.pi * tail) + stirling_series(tail)
        self._excess = np.concatenate([np.zeros(1), exact, series])

    def weights(self, i: Integers, s: Integers) -> Floats:
        """Return C(s, i) p^i q^(s−i) to some 1e-13 relative, 0 beyond 0..s (Loader 2000)."""
        possible = (i >= 0) & (i <= s)
        right = np.where(possible, i, 0)
        up = s - right
        surplus = (right * self.total - s * self.small).astype(np.float64)
        scale = np.maximum(s, 1).astype(np.float64)
        # a side without steps gives log(0), but zero times: any finite value will do
        of_right = np.log1p(np.where(right > 0, surplus / (scale * self.small), 0.0))
        of_up = np.log1p(np.where(up > 0, -surplus / (scale * self.large), 0.0))
        excess = self._excess[s] - self._excess[right] - self._excess[up]
        log_weight = excess - right * of_right - up * of_up
        return np.where(possible, np.exp(log_weight), 0.0)


def _unequal_sides(reach: int, small: int, large: int) -> float:
    """Return the share of touching paths by Hodges' recursion over the antidiagonals i + j = s.

    The band looks the same from either end, so that one sweep to the middle serves both halves: a
    path touches in the first, or else in the second.
    """
    walk = _Walk(small, large)
    near, far = walk.total // 2, walk.total - walk.total // 2
    lower, upper = _band(walk, reach, far)
    if np.any(lower.inside > upper.inside):
        return 1.0
    state = np.zeros(small + 3)
    i = np.arange(small + 1)
    touching, all_paths = {}, {}
    done = 0
    for stop in (near, far):
        _advance(state, walk, lower, upper, range(done + 1, stop + 1))
        inside = slice(lower.inside[stop], upper.inside[stop] + 1)
        all_paths[stop] = walk.weights(i, np.full_like(i, stop))
        touching[stop] = all_paths[stop].copy()
        touching[stop][inside] = state[1:-1][inside] * walk.q ** (stop % BLOCK)
        done = stop
    first = touching[near] * all_paths[far][::-1]
    second = (all_paths[near] - touching[near]) * touching[far][::-1]
    ends = walk.weights(np.array([small]), np.array([walk.total]))
    return float((first + second).sum() / ends[0])


def _band(walk: _Walk, reach: int, steps: int) -> tuple[_Side, _Side]:
    """Return the two edges of |i large − j small| < reach gcd for i + j = 0..steps."""
    shared = math.gcd(walk.small, walk.large)
    s = np.arange(steps + 1)
    centre, width = s * (walk.small // shared), walk.total // shared
    low = np.maximum((centre - reach) // width + 1, 0)
    high = np.minimum(-((-centre - reach) // width) - 1, np.minimum(s, walk.small))
    unscaled = walk.q ** -(s % BLOCK).astype(np.float64)
    below = walk.weights(low - 1, s) * unscaled
    above = walk.weights(high + 1, s) * unscaled
    return _Side(low, below), _Side(high, above)


def _advance(state: Floats, walk: _Walk, lower: _Side, upper: _Side, steps: range) -> None:
    """Carry the weights of the touching paths over some antidiagonals, in place.

    ``state[i + 1]`` belongs to the point (i, s − i) and lacks the factor q^(s mod BLOCK), which is
    made good once a block: two numpy calls a step and no overflow. All paths to a point outside
    touch, so its neighbours inside take the weight of all of them.
    """
    ratio = walk.p / walk.q
    spare = np.empty_like(state)
    add, multiply = np.add, np.multiply
    rows = slice(steps.start, steps.stop)
    edges = zip(
        steps,
        lower.inside[rows].tolist(),
        upper.inside[rows].tolist(),
        lower.weight[rows].tolist(),
        upper.weight[rows].tolist(),
        strict=True,
    )
    for s, low, high, below, above in edges:
        inside, carried = state[low + 1 : high + 2], spare[: high + 1 - low]
        multiply(state[low : high + 1], ratio, carried)
        add(inside, carried, inside)
        if s % BLOCK == 0:
            inside *= walk.q**BLOCK
        state[low] = below
        state[high + 2] = above
