"""Two-sample Kolmogorov-Smirnov test for numeric columns."""

from __future__ import annotations

import math

from driftcli.contingency import pearson_two_sample
from driftcli.methods.base import CONFIDENCE, NUMERIC, Method, no_values
from driftcli.methods.distance import at_edges, distance
from driftcli.model import MethodResult
from driftcli.summaries.numeric import NumericSummary
from driftcli.tails import kolmogorov_isf, ks_two_sample_sf


def compare(reference: NumericSummary, current: NumericSummary) -> MethodResult:
    """Compare two distributions by the largest difference of their distribution functions.

    The null hypothesis is that both samples come from one distribution; rows are taken as
    independent. Ties make the p-value conservative. Where the reference has at most 20 distinct
    values, Pearson's test on the values is sharper and is used instead.

    Parameters
    ----------
    reference, current : NumericSummary
        Counted on the same edges.

    Returns
    -------
    MethodResult
        ``statistic`` and ``effect`` are D (0..1), ``interval`` is D plus and minus the 95 % point
        of Kolmogorov's distribution times sqrt(1/n + 1/m).

    References
    ----------
    Hodges 1958; Wei & Dudley 2012 (two-sample DKW).
    """
    n, m = reference.count, current.count
    if skipped := no_values("ks", n, m):
        return skipped
    found = distance(reference, current)
    pvalue = ks_two_sample_sf(found.lower, n, m)
    details: dict[str, object] = {"at": found.at if math.isfinite(found.at) else None}
    if reference.grid.few:
        test = pearson_two_sample(reference.bin_counts(), current.bin_counts())
        if test.pvalue is not None:
            told = "exact" if test.exact else "pearson"
            details |= {"pvalue_kolmogorov": pvalue, "pvalue_method": told}
            pvalue = test.pvalue
    reach = kolmogorov_isf(CONFIDENCE) * math.sqrt(1 / n + 1 / m)
    return MethodResult(
        method="ks",
        statistic=found.lower,
        effect=found.lower,
        pvalue=pvalue,
        n_reference=n,
        n_current=m,
        error_bound=found.upper - found.lower,
        interval=(max(0.0, found.lower - reach), min(1.0, found.upper + reach)),
        details=details,
    )


METHOD = Method(
    name="ks",
    effect="KS D",
    kinds=NUMERIC,
    threshold=0.1,
    upper=1.0,
    compare=compare,
    measure=at_edges,
    moments=False,
    description="Kolmogorov-Smirnov: the largest difference of the two distribution functions",
)
