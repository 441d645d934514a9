"""Mean, variance and higher moments that merge.

Chan, Golub & LeVeque (1983) for the second moment, Pébay (2008, SAND2008-6212) for the third and
fourth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcli.summaries.arrays import Values

HUGE = 1e150
BLOCK = 65_536  # values whose powers fit the cache, and memory


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and the sums of powers of the deviations from the mean.

    Parameters
    ----------
    count : int
        Finite values.
    mean : float
    m2, m3, m4 : float
        Sums of (x - mean)^k.
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    @classmethod
    def of(cls, values: Values) -> Moments:
        """Summarise finite values; pass them sorted to make the sums independent of row order."""
        if not len(values):
            return cls()
        x = values.astype(np.float64, copy=False)
        if x[0] == x[-1] and x.min() == x.max():
            return cls(len(x), float(x[0]))  # rounding of the mean must not become spread
        with np.errstate(over="ignore", invalid="ignore"):
            mean = _mean(x)
            m2 = m3 = m4 = 0.0
            for start in range(0, len(x), BLOCK):
                d = x[start : start + BLOCK] - mean
                d2 = d * d
                m2, m3, m4 = m2 + d2.sum(), m3 + (d2 * d).sum(), m4 + (d2 * d2).sum()
        return cls(len(x), mean, float(m2), float(m3), float(m4))

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both parts together."""
        if not self.count or not other.count:
            return self if self.count else other
        a, b = np.float64(self.count), np.float64(other.count)  # numpy overflows to inf, quietly
        n = a + b
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            delta = np.float64(other.mean) - self.mean
            m2 = self.m2 + other.m2 + delta**2 * a * b / n
            m3 = (
                self.m3
                + other.m3
                + delta**3 * a * b * (a - b) / n**2
                + 3.0 * delta * (a * other.m2 - b * self.m2) / n
            )
            m4 = (
                self.m4
                + other.m4
                + delta**4 * a * b * (a * a - a * b + b * b) / n**3
                + 6.0 * delta**2 * (a * a * other.m2 + b * b * self.m2) / n**2
                + 4.0 * delta * (a * other.m3 - b * self.m3) / n
            )
            mean = self.mean + delta * b / n
        return Moments(self.count + other.count, float(mean), float(m2), float(m3), float(m4))

    @property
    def variance(self) -> float | None:
        """Sample variance (n - 1); ``None`` below two values or where it overflows."""
        if self.count < 2 or not math.isfinite(self.m2):
            return None
        return self.m2 / (self.count - 1)

    @property
    def std(self) -> float | None:
        """Sample standard deviation (n - 1); ``None`` below two values or where it overflows."""
        variance = self.variance
        return None if variance is None else math.sqrt(variance)

    @property
    def kurtosis(self) -> float | None:
        """Fourth standardised moment (3 for a normal, never below 1).

        ``None`` without spread, and where the powers left the range of floats.
        """
        if not self.count or self.m2 <= 0 or not math.isfinite(self.m4):
            return None
        kurtosis = self.m4 / self.m2 / self.m2 * self.count
        return kurtosis if 0.999 <= kurtosis < math.inf else None


def _mean(x: NDArray[np.float64]) -> float:
    """Return the mean; values near the largest float are scaled first, so that it is finite."""
    scale = max(-float(x.min()), float(x.max()))
    return float(x.mean()) if scale <= HUGE else float((x / scale).mean()) * scale
