"""Population stability index, for numeric and categorical columns."""

from __future__ import annotations

import math
from itertools import compress
from typing import Any

import numpy as np

from driftcli.contingency import likelihood_ratio_sf, pearson_two_sample, pool_neighbours
from driftcli.methods.base import COUNTED, NUMERIC, Method, no_values
from driftcli.methods.tables import Counts, Shares, half_width, paired_counts
from driftcli.model import MethodResult, Skip
from driftcli.summaries import Summary
from driftcli.summaries.numeric import NumericSummary


def psi(reference: Counts, current: Counts) -> float:
    """Return PSI = sum of (q - p) ln(q / p) over the cells; an empty cell counts half a row.

    Parameters
    ----------
    reference, current : ndarray of int, shape (cells,)
        Rows in each cell; cells empty on both sides are left out.

    References
    ----------
    Yurdakul 2018, Statistical properties of PSI (WMU dissertation 3208).
    """
    used = (reference > 0) | (current > 0)
    return math.fsum(_terms(_shares(reference[used]), _shares(current[used])))


def _terms(p: Shares, q: Shares) -> Shares:
    """Return what each cell contributes to PSI."""
    terms: Shares = (q - p) * np.log(q / p)
    return terms


def _cells(reference: Summary, current: Summary) -> tuple[Counts, Counts, dict[str, Any]]:
    """Return both sides' counts of the cells with a row, and the ends of those of a number.

    A bin without a finite end has ``None`` there; one of a single value has twice the same end.
    """
    if not isinstance(reference, NumericSummary) or not isinstance(current, NumericSummary):
        return *paired_counts(reference, current), {}
    left, right = reference.bin_counts(), current.bin_counts()
    used = (left > 0) | (right > 0)
    kept = used.tolist()
    ends = [None, *map(_finite, reference.grid.cuts.points.tolist()), None]
    low, high = list(compress(ends, kept)), list(compress(ends[1:], kept))
    return left[used], right[used], {"low": low, "high": high}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _shares(counts: Counts) -> Shares:
    shares: Shares = np.maximum(counts, 0.5) / counts.sum()
    return shares


def _pvalue(reference: Summary, left: Counts, right: Counts) -> float | None:
    """Test the bins: thin ones of a number join their neighbours, thin categories a rest cell."""
    if not isinstance(reference, NumericSummary) or reference.grid.few:
        return pearson_two_sample(left, right).pvalue
    bins = pool_neighbours(left, right)
    pvalue = pearson_two_sample(*bins, minimum_expected=0.0).pvalue
    if pvalue is None or left.sum() >= right.sum():
        return pvalue
    # few rows cut the bins unevenly, and current's many tell it: shares that vary like the gaps
    # between random points, for which Pearson's tail promises too little
    return max(pvalue, likelihood_ratio_sf(*bins))


def measure(reference: Summary, current: Summary) -> float | None:
    """Return PSI less what chance alone gives it, floored at 0."""
    if not reference.count or not current.count:
        return None
    left, right = paired_counts(reference, current)
    return max(0.0, psi(left, right) - chance_psi(left, right))


def chance_psi(left: Counts, right: Counts) -> float:
    """Return what PSI is on average where nothing has changed."""
    return (len(left) - 1) * (1 / int(left.sum()) + 1 / int(right.sum()))


def compare(reference: Summary, current: Summary) -> MethodResult:
    """Compare two distributions by PSI less what chance alone gives it.

    Parameters
    ----------
    reference, current : Summary
        Numeric columns are binned at the reference's deciles, heavy values apart.

    Returns
    -------
    MethodResult
        ``statistic`` is the raw PSI, ``effect`` PSI - (B - 1)(1/n + 1/m) floored at 0; the p-value
        is Pearson's on the same bins; of a number in the bins of a reference that is the smaller
        side, the likelihood-ratio test's where that is larger. Of a number ``details`` hold each
        bin: ``low`` and ``high`` end, share of ``reference`` and ``current``, and the
        ``contributions`` that add up to PSI.
    """
    n, m = reference.count, current.count
    if skipped := no_values("psi", n, m):
        return skipped
    left, right, told = _cells(reference, current)
    p, q = _shares(left), _shares(right)
    terms = _terms(p, q)
    raw, chance = math.fsum(terms), chance_psi(left, right)
    effect = max(0.0, raw - chance)
    if told:
        told |= {"reference": (left / n).tolist(), "current": (right / m).tolist()}
        told["contributions"] = terms.tolist()
    pvalue = _pvalue(reference, left, right)
    reach = half_width(np.log(p / q) + 1 - q / p, np.log(q / p) + 1 - p / q, left, right)
    skip = None
    if pvalue is None:
        numeric = isinstance(reference, NumericSummary)  # which KS, without bins, still compares
        skip = Skip("not enough data: fewer than 2 cells with 5 expected rows", harmless=numeric)
    return MethodResult(
        method="psi",
        statistic=raw,
        effect=None if skip else effect,
        pvalue=pvalue,
        n_reference=n,
        n_current=m,
        interval=(max(0.0, effect - reach), effect + reach),
        details={"bins": len(left), "chance": chance, **told},
        skip=skip,
    )


METHOD = Method(
    name="psi",
    effect="PSI",
    kinds=NUMERIC | COUNTED,
    threshold=0.2,
    upper=None,
    compare=compare,
    measure=measure,
    moments=False,
    description="Population stability index on the reference's deciles or categories, "
    "less what chance alone gives it",
)
