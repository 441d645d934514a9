"""Mean, variance and higher moments, as they are read from sums of powers."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and the sums of powers of the deviations from the mean.

    Parameters
    ----------
    count : int
        Finite values.
    mean : float
    m2, m3, m4 : float
        Sums of (x - mean)^k; infinite where they are beyond floats, ``m3`` and ``m4`` also where
        the mean lies more than 128 standard deviations from the reference's centre.
    offset : float
        The mean less that centre, which both sides share: differences of means far from 0 keep
        their digits.
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    offset: float = 0.0

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
