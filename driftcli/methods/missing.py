"""The share of missing values, for columns of every kind."""

from __future__ import annotations

from driftcli.contingency import two_proportion_z
from driftcli.intervals import newcombe
from driftcli.methods.base import ALL_KINDS, Method, no_values
from driftcli.model import MethodResult
from driftcli.summaries import Summary


def measure(reference: Summary, current: Summary) -> float | None:
    """Return the absolute difference of the missing rates (0..1)."""
    n, m = reference.count + reference.missing, current.count + current.missing
    return abs(current.missing / m - reference.missing / n) if n and m else None


def compare(reference: Summary, current: Summary) -> MethodResult:
    """Compare two missing rates by the pooled two-proportion test.

    Returns
    -------
    MethodResult
        ``statistic`` is z, ``effect`` the absolute difference of the rates (0..1), ``interval``
        Newcombe's (1998), taken to absolute values.
    """
    n, m = reference.count + reference.missing, current.count + current.missing
    if skipped := no_values("missing", n, m):
        return skipped
    z, pvalue = two_proportion_z(reference.missing, n, current.missing, m)
    before, after = reference.missing / n, current.missing / m
    low, high = newcombe(after, m, before, n)
    return MethodResult(
        method="missing",
        statistic=z,
        effect=abs(after - before),
        pvalue=pvalue,
        n_reference=n,
        n_current=m,
        interval=(max(0.0, low, -high), max(-low, high)),
        details={"reference_rate": before, "current_rate": after},
    )


METHOD = Method(
    name="missing",
    effect="missing rate moved by",
    kinds=ALL_KINDS,
    threshold=0.05,
    upper=1.0,
    compare=compare,
    measure=measure,
    moments=False,
    description="Difference of the shares of missing values, two-proportion test",
)
