"""Thresholds, the correction for many checks, and the status of each; no statistic is made here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from driftcli.model import (
    Correction,
    Decision,
    DecisionPolicy,
    MethodResult,
    Skip,
    Status,
    Threshold,
)
from driftcli.text import show_number, show_pvalue


@dataclass(frozen=True, slots=True)
class Check:
    """One result that waits for its verdict.

    Parameters
    ----------
    column : str
    result : MethodResult
    threshold : Threshold or None
        ``None`` informs only: never drift, and no part of the correction.
    effect : str
        What the effect is called in the reason.
    """

    column: str
    result: MethodResult
    threshold: Threshold | None
    effect: str


def adjust(pvalues: Sequence[float], correction: Correction) -> list[float]:
    """Adjust p-values for their number.

    Parameters
    ----------
    pvalues : sequence of float
    correction : {"holm", "bh", "none"}
        Holm (1979) bounds the chance of any false alarm; Benjamini & Hochberg (1995) the share of
        false ones among the alarms.

    Returns
    -------
    list of float
        In the order given, each at most 1.
    """
    if correction == "none":
        return list(pvalues)
    order = sorted(range(len(pvalues)), key=pvalues.__getitem__)
    count = len(order)
    adjusted = [0.0] * count
    if correction == "holm":
        running = 0.0
        for rank, index in enumerate(order):
            running = max(running, min(1.0, pvalues[index] * (count - rank)))
            adjusted[index] = running
    else:
        running = 1.0
        for rank, index in reversed(list(enumerate(order))):
            running = min(running, pvalues[index] * count / (rank + 1))
            adjusted[index] = running
    return adjusted


def decide(checks: Sequence[Check], policy: DecisionPolicy) -> list[Decision]:
    """Judge all checks of a run together.

    Parameters
    ----------
    checks : sequence of Check
    policy : DecisionPolicy

    Returns
    -------
    list of Decision
        In the order of the checks.
    """
    results = [_guarded(check, policy) for check in checks]
    tested = [i for i, check in enumerate(checks) if check.threshold and _tested(results[i])]
    corrected = adjust([results[i].pvalue or 0.0 for i in tested], policy.correction)
    adjusted = dict(zip(tested, corrected, strict=True))
    return [
        _judge(check, result, adjusted.get(index), policy)
        for index, (check, result) in enumerate(zip(checks, results, strict=True))
    ]


def _tested(result: MethodResult) -> bool:
    return result.pvalue is not None and result.skip is None


def _guarded(check: Check, policy: DecisionPolicy) -> MethodResult:
    """Turn a result of too few rows into a skip: its p-value must not count in the correction."""
    result = check.result
    if result.effect is not None and math.isnan(result.effect):
        return replace(result, effect=None, pvalue=None, skip=Skip("the effect is not a number"))
    counts = {"current": result.n_current, "the reference": result.n_reference}
    if result.details.get("baseline") == "fixed":
        counts.pop("the reference")  # a stored number has no rows
    side = min(counts, key=counts.__getitem__)
    if result.skip or counts[side] >= policy.min_rows:
        return result
    rows = "1 row" if counts[side] == 1 else f"{counts[side]} rows"
    reason = f"{rows} with a value in {side}, minimum {policy.min_rows}"
    skip = Skip(reason, harmless=check.threshold is None)
    return replace(result, effect=None, pvalue=None, interval=None, skip=skip)


def _judge(
    check: Check, result: MethodResult, adjusted: float | None, policy: DecisionPolicy
) -> Decision:
    status = _status(result, check.threshold, adjusted, policy)
    reason = _reason(status, result, check, adjusted)
    return Decision(check.column, result, check.threshold, adjusted, "rows", status, reason)


def _status(
    result: MethodResult,
    threshold: Threshold | None,
    adjusted: float | None,
    policy: DecisionPolicy,
) -> Status:
    """Apply the rule: big enough and not chance."""
    if result.skip or result.effect is None:
        return Status.NOT_EVALUATED
    if threshold is None:
        return Status.OK
    significant = adjusted is not None and adjusted < policy.alpha
    big = result.effect > threshold.value
    if policy.rule == "threshold":
        chance = result.pvalue is not None and result.pvalue < 0.05
        flagged = chance if result.method == "chi2" else big
    elif policy.rule == "certain":
        flagged = big and result.interval is not None and result.interval[0] > threshold.value
    else:
        flagged = big and significant
    if flagged:
        return Status.DRIFT
    straddles = not big and result.effect + result.error_bound > threshold.value
    if straddles or (big and policy.rule != "threshold"):
        return Status.UNCERTAIN
    return Status.CHANGED if significant else Status.OK


def _reason(status: Status, result: MethodResult, check: Check, adjusted: float | None) -> str:
    """Say in words what was found and why it counts or does not."""
    if result.skip or result.effect is None:
        return result.skip.reason if result.skip else "no effect could be computed"
    chance = "" if adjusted is None else f" (p {show_pvalue(adjusted)})"
    effect = f"{check.effect} {show_number(result.effect)}"
    if check.threshold is None:
        return effect
    limit = show_number(check.threshold.value)
    if status is Status.UNCERTAIN and result.effect <= check.threshold.value:
        most = show_number(result.effect + result.error_bound)
        return f"{effect} at least and {most} at most, which {limit} lies between"
    words = {
        Status.DRIFT: f"{effect} > {limit}",
        Status.UNCERTAIN: f"{effect} against {limit} may be chance{chance}",
        Status.CHANGED: f"{effect} is real{chance} but within {limit}",
    }
    return words.get(status, f"{effect} within {limit}")
