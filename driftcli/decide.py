"""Thresholds, the correction for many checks, and the status of each; no statistic is made here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from driftcli.model import (
    Correction,
    Decision,
    DecisionPolicy,
    MethodResult,
    Skip,
    Standing,
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
    standing : Standing, optional
        Where current stands among the windows of the reference, where p-values come from there.
    joint_pvalue : float, optional
        The p-value among the windows, adjusted for all checks of the run together.
    """

    column: str
    result: MethodResult
    threshold: Threshold | None
    effect: str
    standing: Standing | None = None
    joint_pvalue: float | None = None


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
    tested = [i for i, check in enumerate(checks) if check.threshold and _tested(check, results[i])]
    adjusted: dict[int, float] = {}
    for windows in (False, True):
        alike = [i for i in tested if (checks[i].standing is not None) == windows]
        sides = [checks[i] for i in alike], [results[i] for i in alike]
        adjusted.update(zip(alike, _corrected(*sides, policy), strict=True))
    return [
        _judge(check, result, adjusted.get(index), policy)
        for index, (check, result) in enumerate(zip(checks, results, strict=True))
    ]


def _corrected(
    checks: Sequence[Check], results: Sequence[MethodResult], policy: DecisionPolicy
) -> list[float]:
    """Correct p-values for their number; among windows max-T stands in Holm's place."""
    places = [check.standing for check in checks]
    if policy.correction == "holm" and all(places):
        return [1.0 if check.joint_pvalue is None else check.joint_pvalue for check in checks]
    own = [r.pvalue if s is None else s.pvalue for r, s in zip(results, places, strict=True)]
    return adjust([p for p in own if p is not None], policy.correction)


def _tested(check: Check, result: MethodResult) -> bool:
    pvalue = result.pvalue if check.standing is None else check.standing.pvalue
    return pvalue is not None and result.skip is None


def _guarded(check: Check, policy: DecisionPolicy) -> MethodResult:
    """Turn a result of too few rows into a skip: its p-value must not count in the correction."""
    result = check.result
    if result.effect is not None and math.isnan(result.effect):
        return replace(result, effect=None, pvalue=None, skip=Skip("the effect is not a number"))
    counts = {"current": result.n_current, "the reference": result.n_reference}
    if result.details.get("baseline") == "fixed":
        counts.pop("the reference")  # a stored number has no rows
    side = min(counts, key=counts.__getitem__)
    if result.skip:
        return result
    if counts[side] >= policy.min_rows:
        return _with_windows(check, result, policy)
    rows = "1 row" if counts[side] == 1 else f"{counts[side]} rows"
    reason = f"{rows} with a value in {side}, minimum {policy.min_rows}"
    skip = Skip(reason, harmless=check.threshold is None)
    return replace(result, effect=None, pvalue=None, interval=None, skip=skip)


def _with_windows(check: Check, result: MethodResult, policy: DecisionPolicy) -> MethodResult:
    """Skip what too few windows of the reference can tell."""
    standing = check.standing
    if standing is None or check.threshold is None or policy.rule == "threshold":
        return result
    if standing.of >= standing.needed:
        return result
    have = f"{standing.of} {standing.windows} to compare with"
    reason = f"{have}, alpha {policy.alpha:g} takes {standing.needed}"
    return replace(result, effect=None, pvalue=None, interval=None, skip=Skip(reason))


def _judge(
    check: Check, result: MethodResult, adjusted: float | None, policy: DecisionPolicy
) -> Decision:
    status = _status(result, check, adjusted, policy)
    reason = _reason(status, result, check, adjusted)
    source: Literal["rows", "windows"] = "rows" if check.standing is None else "windows"
    return Decision(
        check.column, result, check.threshold, adjusted, source, status, reason, check.standing
    )


def _status(
    result: MethodResult,
    check: Check,
    adjusted: float | None,
    policy: DecisionPolicy,
) -> Status:
    """Apply the rule: big enough and not chance."""
    threshold = check.threshold
    if result.skip or result.effect is None:
        return Status.NOT_EVALUATED
    if threshold is None:
        return Status.OK
    significant = adjusted is not None and adjusted < policy.alpha
    big = threshold.exceeded_by(result.effect)
    if policy.rule == "threshold":
        chance = result.pvalue is not None and result.pvalue < 0.05
        flagged = chance if result.method == "chi2" else big
    elif policy.rule == "certain":
        flagged = big and result.interval is not None and threshold.exceeded_by(result.interval[0])
        # the interval takes rows as independent, and so knows nothing of usual days
        flagged = flagged and (significant or check.standing is None)
    else:
        flagged = big and significant
    if flagged:
        return Status.DRIFT
    straddles = not big and threshold.exceeded_by(result.effect + result.error_bound)
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
    if status is Status.UNCERTAIN and not check.threshold.exceeded_by(result.effect):
        most = show_number(result.effect + result.error_bound)
        return f"{effect} at least and {most} at most, which {limit} lies between"
    if check.standing is not None:
        return _among_windows(status, effect, limit, check.standing)
    words = {
        Status.DRIFT: f"{effect} > {limit}",
        Status.UNCERTAIN: f"{effect} against {limit} may be chance{chance}",
        Status.CHANGED: f"{effect} is real{chance} but within {limit}",
    }
    return words.get(status, f"{effect} within {limit}")


def _among_windows(status: Status, effect: str, limit: str, standing: Standing) -> str:
    """Say how usual the effect is among the windows of the reference."""
    rank = f"larger than {standing.larger_than} of {standing.of} {standing.windows}"
    words = {
        Status.DRIFT: f"{effect} > {limit}, {rank}",
        Status.UNCERTAIN: f"{effect} is usual for {standing.one}: {rank}",
        Status.CHANGED: f"{effect} within {limit}, though {rank}",
    }
    return words.get(status, f"{effect} within {limit}")
