"""Tests on tables of counts: Pearson's chi-square of two samples, and two proportions."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from driftcli.tails import chi2_sf, factorial_excess, normal_two_sided, series

Cells = Sequence[tuple[int, int]]
TENTH = 0.1


@dataclass(frozen=True, slots=True)
class PearsonTest:
    """Pearson's chi-square of two samples.

    Parameters
    ----------
    statistic : float
        Chi-square, without a continuity correction.
    dof : int
        Degrees of freedom: the cells compared, less one.
    pvalue : float or None
        None where a side has no counts, or there are too few for any comparison.
    pooled : int
        How many cells went together into the rest cell, 0 where none had to.
    exact : bool
        Whether one cell alone is large enough, so that ``pvalue`` is exact, not chi-square's.
    """

    statistic: float
    dof: int
    pvalue: float | None
    pooled: int
    exact: bool = False


def pearson_two_sample(
    reference_counts: ArrayLike, current_counts: ArrayLike, minimum_expected: float = 5.0
) -> PearsonTest:
    """Return Pearson's chi-square test of homogeneity of two rows of counts.

    Null hypothesis: both samples are independent draws with the same cell probabilities. Cells that
    are empty on both sides count for nothing. Those whose smaller expected count is below
    ``minimum_expected`` go together into one rest cell, and if that is still too small, the
    smallest other cell joins it. Where that would leave nothing to compare, the one large cell is
    compared with all others together, with an exact p-value, if a cell of a tenth of the rows would
    be large enough. Neither the order of the cells nor that of the sides changes the result.

    Parameters
    ----------
    reference_counts, current_counts : array_like of int, shape (K,)
        The counts of the same cells on both sides.
    minimum_expected : float
        What a cell must be expected to hold on the smaller side.

    Returns
    -------
    PearsonTest
        χ² = Σ (r_k m − c_k n)² / (n m (r_k + c_k)) with r, c the counts and n, m their sums. One
        occupied cell cannot differ: its p-value is 1.0. A side without counts has none.

    Raises
    ------
    ValueError
        If the counts are not whole numbers from 0 up, in two rows of the same length.
    """
    cells = _occupied(reference_counts, current_counts)
    n, m = sum(r for r, _ in cells), sum(c for _, c in cells)
    if n == 0 or m == 0:
        return PearsonTest(0.0, 0, None, 0)
    if len(cells) == 1:
        return PearsonTest(0.0, 0, 1.0, 0)
    kept, pooled = _pool_small(cells, n, m, minimum_expected)
    if len(kept) == 1:
        return _one_large_cell(cells, n, m, minimum_expected)
    statistic = _chi_square(kept, n, m)
    return PearsonTest(statistic, len(kept) - 1, chi2_sf(statistic, len(kept) - 1), pooled)


def _chi_square(cells: Cells, n: int, m: int) -> float:
    # exact integers and fsum: the order of the cells must not show in the last digit
    return math.fsum((r * m - c * n) ** 2 / (n * m * (r + c)) for r, c in cells)


def _one_large_cell(cells: Cells, n: int, m: int, minimum_expected: float) -> PearsonTest:
    """Compare the cell that alone is large enough with the rest of the rows, if there is one.

    Which cell that is depends on the margins of the table alone, so that the p-value, given these,
    is Fisher's: twice the exact tail on the side where the rest is more frequent.
    """
    a, c = max(cells, key=sum)
    # of fewer rows the rest would have to change by more than a drift to be told from chance
    enough = TENTH * min(n, m) >= minimum_expected
    if not enough or a + c < _least(n, m, minimum_expected):
        return PearsonTest(0.0, 0, None, len(cells))
    b, d = n - a, m - c
    sides = ((b, a), (d, c)) if b * m >= d * n else ((d, c), (b, a))
    pvalue = min(1.0, 2.0 * _hypergeometric_sf(*sides))
    pooled = len(cells) - 1 if len(cells) > 2 else 0
    return PearsonTest(_chi_square([(a, c), (b, d)], n, m), 1, pvalue, pooled, exact=True)


def likelihood_ratio_sf(reference_counts: ArrayLike, current_counts: ArrayLike) -> float:
    """Return the p-value of the likelihood-ratio test of homogeneity of two rows of counts.

    Parameters
    ----------
    reference_counts, current_counts : array_like of int, shape (K,)
        The counts of the same cells on both sides, neither all zero.

    Returns
    -------
    float
        P(X > G), X chi-square with the occupied cells less one as degrees of freedom.

    Raises
    ------
    ValueError
        If the counts are not whole numbers from 0 up, in two rows of the same length.
    """
    cells = _occupied(reference_counts, current_counts)
    return chi2_sf(_likelihood_ratio(cells), len(cells) - 1)


def _likelihood_ratio(cells: Cells) -> float:
    """Return G = 2 Σ o ln(o / e) over both sides of occupied cells, e from the margins."""
    n, m = sum(r for r, _ in cells), sum(c for _, c in cells)
    # o / e - 1 from whole numbers: the sum of near-cancelling terms keeps its digits
    excess = [(r, c, r * m - c * n) for r, c in cells]
    first = (r * math.log1p(gap / (n * (r + c))) for r, c, gap in excess if r)
    second = (c * math.log1p(-gap / (m * (r + c))) for r, c, gap in excess if c)
    return max(0.0, 2.0 * math.fsum([*first, *second]))


def pool_neighbours(
    reference_counts: NDArray[np.int64],
    current_counts: NDArray[np.int64],
    minimum_expected: float = 5.0,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join neighbouring bins from the left until the reference expects enough rows in each.

    The bins of a number have an order, so a thin one joins its neighbour rather than a rest cell.
    Only the reference decides, as it decided on the bins: pooling by what current holds would pick
    the tables that look unequal.

    Parameters
    ----------
    reference_counts, current_counts : ndarray of int, shape (bins,)
        In order of the bins.
    minimum_expected : float
        Rows of the smaller side.

    Returns
    -------
    tuple of ndarray, each of shape (groups,)
    """
    n, m = int(reference_counts.sum()), int(current_counts.sum())
    needed = minimum_expected * n / min(n, m)
    starts, held = [0], 0
    for at, count in enumerate(reference_counts.tolist()):
        if held >= needed:
            starts.append(at)
            held = 0
        held += count
    if len(starts) > 1 and held < needed:
        starts.pop()
    return np.add.reduceat(reference_counts, starts), np.add.reduceat(current_counts, starts)


def _occupied(reference_counts: ArrayLike, current_counts: ArrayLike) -> list[tuple[int, int]]:
    """Return the cells with any count, as Python integers, which do not overflow."""
    reference, current = np.asarray(reference_counts), np.asarray(current_counts)
    if reference.ndim != 1 or reference.shape != current.shape:
        raise ValueError(f"counts of different shapes: {reference.shape} and {current.shape}")
    for side in (reference, current):
        if side.size and (side.dtype.kind not in "iu" or side.min() < 0):
            raise ValueError("counts must be whole numbers from 0 up")
    pairs = zip(reference.tolist(), current.tolist(), strict=True)
    return [(r, c) for r, c in pairs if r or c]


def _pool_small(
    cells: list[tuple[int, int]], n: int, m: int, minimum_expected: float
) -> tuple[list[tuple[int, int]], int]:
    """Return the cells with the small ones made one, and how many went into it."""
    needed = _least(n, m, minimum_expected)
    large = [cell for cell in cells if sum(cell) >= needed]
    small = [cell for cell in cells if sum(cell) < needed]
    if not small:
        return large, 0
    rest = (sum(r for r, _ in small), sum(c for _, c in small))
    if sum(rest) >= needed or not large:
        return [*large, rest], len(small)

    def cost(cell: tuple[int, int]) -> tuple[int, int]:
        # of equally small cells the one that leaves the smaller chi-square, whatever their order
        own, other = (r * m - c * n for r, c in (cell, rest))
        return sum(cell), (own + other) ** 2 * sum(cell) - own**2 * (sum(cell) + sum(rest))

    chosen = min(large, key=cost)
    large.remove(chosen)
    return [*large, (rest[0] + chosen[0], rest[1] + chosen[1])], len(small) + 1


def _least(n: int, m: int, minimum_expected: float) -> float:
    """Return of how many rows on both sides the smaller expects that many."""
    return minimum_expected * (n + m) / min(n, m)


def two_proportion_z(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Return the pooled two-proportion z of x1 of n1 against x2 of n2, and its two-sided p-value.

    Null hypothesis: both rates are equal, the rows independent; z is then nearly standard normal.

    Parameters
    ----------
    x1, n1 : int
        Cases and rows of the first side.
    x2, n2 : int
        Cases and rows of the second side.

    Returns
    -------
    tuple of float
        z = (p1 − p2) / √(p̄(1−p̄)(1/n1 + 1/n2)), p̄ = (x1+x2)/(n1+n2), and P(|Z| > |z|), or the exact
        probability of so many cases or more on the side of the larger rate where that is larger:
        of few cases on the smaller of two sides the normal tail promises too little. (0.0, 1.0) if
        both rates are 0 or both are 1.

    Raises
    ------
    ValueError
        If a side has no rows, or cases outside 0..rows.
    """
    x1, n1, x2, n2 = (operator.index(number) for number in (x1, n1, x2, n2))
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2 and n1 and n2):
        raise ValueError(f"not a share of rows: {x1} of {n1}, {x2} of {n2}")
    cases, rows = x1 + x2, n1 + n2
    if cases in (0, rows):
        return 0.0, 1.0
    # exact integers until the last step
    z = (x1 * n2 - x2 * n1) * math.sqrt(rows / (n1 * n2 * cases * (rows - cases)))
    sides = (x1, n1 - x1), (x2, n2 - x2)
    return z, max(normal_two_sided(z), _hypergeometric_sf(*sides[:: 1 if z > 0 else -1]))


def _hypergeometric_sf(high: tuple[int, int], low: tuple[int, int]) -> float:
    """Return the chance of so many cases or more on the first side, all margins given (Fisher).

    Parameters
    ----------
    high, low : tuple of int
        Cases and other rows of a side; the share of cases of the first is not the smaller one.
    """
    (a, b), (c, d) = high, low
    margins = (a + b, c + d, a + c, b + d)
    # ln of the probability of this table: Stirling's leading terms make up -G/2
    stirling = [*map(factorial_excess, margins), *(-factorial_excess(x) for x in (a, b, c, d))]
    log_mass = math.fsum([*stirling, -factorial_excess(a + b + c + d)])
    log_mass -= _likelihood_ratio(((a, c), (b, d))) / 2.0
    further = ((b - k) * (c - k) / ((a + k + 1) * (d + k + 1)) for k in range(min(b, c)))
    return min(1.0, math.exp(log_mass) * series(further))
