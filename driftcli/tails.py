"""The p-values of every check: Kolmogorov, normal, chi-square, Student.

Pure Python and numpy, so that a run need not load scipy. A NaN or an argument without a meaning
raises ValueError: it must never turn into a p-value.
"""

from __future__ import annotations

import itertools
import math
import operator
from functools import cache
from typing import TYPE_CHECKING

from driftcli.lattice import SERIES_FROM, stirling_series, touch_probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


EXACT_ROWS = 10_000
THETA_BELOW = 1.18
# nearer to 1 than to any other float
ONE_BELOW = 0.17
EPSILON = 2.0**-53


def kolmogorov_sf(x: float) -> float:
    """Return the limiting Kolmogorov survival function.

    For two samples of one continuous distribution, √(nm/(n+m)) D exceeds x with this probability as
    both sizes grow.

    Parameters
    ----------
    x : float
        The scaled distance; 1.0 comes back for 0 and below.

    Returns
    -------
    float
        2 Σ (−1)^(k−1) exp(−2k²x²), from 1.18 on; below, where that sum is slow and cancels, the
        theta form 1 − √(2π)/x Σ exp(−(2k−1)²π²/(8x²)) (Marsaglia, Tsang & Wang 2003).

    Raises
    ------
    ValueError
        If x is NaN.
    """
    _refuse_nan(x)
    if x < ONE_BELOW:
        return 1.0
    if x < THETA_BELOW:
        y = (math.pi / x) ** 2 / 8.0
        below = sum(math.exp(-(k * k) * y) for k in (1, 3, 5, 7))
        return 1.0 - math.sqrt(2.0 * math.pi) / x * below
    return 2.0 * sum((-1.0) ** (k - 1) * math.exp(-2.0 * (k * x) ** 2) for k in (1, 2, 3, 4))


@cache
def kolmogorov_isf(p: float) -> float:
    """Return the x that `kolmogorov_sf` takes to p, for the band D ± x √(1/n + 1/m).

    Parameters
    ----------
    p : float
        A probability: inf comes back for 0 and 0.0 for 1.

    Returns
    -------
    float
        By bisection down to neighbouring floats.

    Raises
    ------
    ValueError
        If p is not in 0..1.
    """
    _refuse_outside_unit("p", p)
    if p in (0.0, 1.0):
        return 0.0 if p else math.inf
    # sf(x) < 2 exp(-2x²), so the root is not above the second bound
    low, high = 0.0, math.sqrt(math.log(2.0 / p) / 2.0) + 1e-9
    while low < (middle := (low + high) / 2.0) < high:
        low, high = (middle, high) if kolmogorov_sf(middle) > p else (low, middle)
    return high


def ks_two_sample_sf(d: float, n: int, m: int) -> float:
    """Return the two-sided p-value of the two-sample Kolmogorov-Smirnov distance.

    Null hypothesis: both samples are independent draws from one distribution. If it is not
    continuous, ties make the p-value too large, never too small.

    Parameters
    ----------
    d : float
        The distance, 0..1; rounded to the nearest multiple of 1 / lcm(n, m) where exact.
    n, m : int
        The numbers of rows.

    Returns
    -------
    float
        Up to 10,000 rows a side the exact P(D >= d) (Hodges 1958, Arkiv för Matematik 3:469), 10 to
        50 ms at most; above, the limit `kolmogorov_sf`, which tends to be a little too large.

    Raises
    ------
    ValueError
        If d is not in 0..1 or a side has no rows.
    """
    n, m = operator.index(n), operator.index(m)
    _refuse_outside_unit("d", d)
    if min(n, m) < 1:
        raise ValueError(f"both sides need rows: {n} and {m}")
    if max(n, m) > EXACT_ROWS:
        return kolmogorov_sf(d * math.sqrt(n * m / (n + m)))
    return touch_probability(round(d * math.lcm(n, m)), n, m)


def normal_two_sided(z: float) -> float:
    """Return P(|Z| > |z|) for a standard normal Z: erfc(|z| / √2)."""
    _refuse_nan(z)
    return math.erfc(abs(z) / math.sqrt(2.0))


def normal_isf(p: float) -> float:
    """Return the z with P(Z > z) = p for a standard normal Z (Wichura 1988, AS 241).

    Raises
    ------
    ValueError
        If p is not between 0 and 1, ends left out.
    """
    # imported late: it costs 8 ms
    from statistics import NormalDist

    if not 0.0 < p < 1.0:
        raise ValueError(f"p must lie between 0 and 1: {p}")
    return -NormalDist().inv_cdf(p)


def chi2_sf(x: float, df: int) -> float:
    """Return P(X > x) for a chi-square X with df degrees of freedom.

    Parameters
    ----------
    x : float
        The statistic.
    df : int
        Degrees of freedom; with 0 nothing can differ and 1.0 comes back.

    Returns
    -------
    float
        Q(df/2, x/2): one minus the power series up to the mean, beyond it Legendre's continued
        fraction (Abramowitz & Stegun 1964, 6.5.29 and 6.5.31), to some 1e-12 relative; 0.0 on
        underflow.

    Raises
    ------
    ValueError
        If x is NaN or df negative.
    """
    _refuse_nan(x)
    if operator.index(df) < 0:
        raise ValueError(f"degrees of freedom cannot be negative: {df}")
    if df == 0 or x <= 0.0:
        return 1.0
    if math.isinf(x):
        return 0.0
    a, half = df / 2.0, x / 2.0
    # x^a e^-x / Γ(a+1), without the cancelling logarithms that cost 5 digits at df = 1e5
    surplus = (half - a) / a
    front = math.exp(a * (math.log1p(surplus) - surplus) - factorial_excess(a))
    if half < a + 1.0:
        return 1.0 - front * series(half / (a + k) for k in itertools.count(1))
    pairs = ((k * (a - k), half - a + 2 * k + 1.0) for k in itertools.count(1))
    return front * a * _continued_fraction(itertools.chain([(1.0, half - a + 1.0)], pairs))


def student_t_two_sided(t: float, df: float) -> float:
    """Return P(|T| > |t|) for a Student T with df degrees of freedom.

    Parameters
    ----------
    t : float
        The statistic.
    df : float
        Degrees of freedom above 0, not necessarily whole (Welch).

    Returns
    -------
    float
        I_x(df/2, ½) at x = df / (df + t²): near t = 0 one minus the series of its complement (DLMF
        8.17.8), in the tails the continued fraction of Didonato & Morris 1992 (equation 9), which
        keeps its precision as df grows.

    Raises
    ------
    ValueError
        If t is NaN or df not above 0 and finite.
    """
    _refuse_nan(t)
    if not 0.0 < df < math.inf:
        raise ValueError(f"degrees of freedom must be above 0 and finite: {df}")
    if t == 0.0 or math.isinf(t):
        return 1.0 if t == 0.0 else 0.0
    a, ratio = df / 2.0, abs(t) / math.sqrt(df)
    # -ln x; t² itself may overflow
    decay = 2.0 * math.log(math.hypot(1.0, ratio)) if ratio > 1.0 else math.log1p(ratio * ratio)
    x, y = math.exp(-decay), -math.expm1(-decay)
    front = math.exp(_log_inverse_beta(a) - a * decay) * math.sqrt(y)
    if y * (a + 2.5) < 1.5:
        return 1.0 - 2.0 * front * series((a + k - 0.5) / (k + 0.5) * y for k in itertools.count(1))
    return min(1.0, front * _continued_fraction(_beta_pairs(a, x, y)))


def _beta_pairs(a: float, x: float, y: float) -> Iterator[tuple[float, float]]:
    """Yield Didonato & Morris's continued fraction for I_x(a, ½), y being an unrounded 1 − x."""
    base = a * y - 0.5 * x + 1.0
    yield 1.0, a / (a + 1.0) * base
    for k in itertools.count(1):
        odd = a + 2 * k - 1.0
        shared = k * (0.5 - k) * x / odd
        alpha = (a + k - 1.0) * (a + k - 0.5) / odd * shared * x
        yield alpha, k + shared + (a + k) / (a + 2 * k + 1.0) * (base + k * (1.0 + y))


def _log_inverse_beta(a: float) -> float:
    """Return −ln B(a, ½) = ln Γ(a+½) − ln Γ(a) − ½ ln π, without cancellation where a is large."""
    if a < SERIES_FROM:
        return math.lgamma(a + 0.5) - math.lgamma(a) - 0.5 * math.log(math.pi)
    # Γ(a+½) = Γ(z+1) with z = a−½ and Γ(a) = Γ(a+1)/a, both by Stirling
    z = a - 0.5
    gap = a * math.log1p(-0.5 / a) + 0.5
    return gap + 0.5 * math.log(a / math.pi) + stirling_series(z) - stirling_series(a)


def factorial_excess(a: float) -> float:
    """Return ln Γ(a+1) − a ln a + a."""
    if a == 0.0:
        return 0.0
    if a < SERIES_FROM:
        return math.lgamma(a + 1.0) - a * math.log(a) + a
    return 0.5 * math.log(2.0 * math.pi * a) + stirling_series(a)


def series(ratios: Iterable[float]) -> float:
    """Return 1 + r₁ + r₁r₂ + …, until the geometric rest is lost in rounding."""
    total = term = 1.0
    for ratio in ratios:
        term *= ratio
        total += term
        if term < total * EPSILON * (1.0 - ratio):
            break
    return total


def _continued_fraction(pairs: Iterable[tuple[float, float]]) -> float:
    """Return a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method as modified by Thompson & Barnett 1986."""
    value = numerator = 1e-300
    denominator = 0.0
    for a, b in pairs:
        numerator = b + a / numerator or 1e-300
        denominator = 1.0 / (b + a * denominator or 1e-300)
        value *= numerator * denominator
        if abs(numerator * denominator - 1.0) < 4.0 * EPSILON:
            break
    return value


def _refuse_nan(x: float) -> None:
    if math.isnan(x):
        raise ValueError("the statistic is not a number")


def _refuse_outside_unit(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must lie in 0..1: {value}")
