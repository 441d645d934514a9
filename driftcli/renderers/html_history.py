"""What earlier runs found of a column, followed by this run, as a course to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftcli.model import ColumnResult, Decision, Series, Status
from driftcli.records import Past
from driftcli.renderers.html_text import harmless
from driftcli.renderers.html_windows import MAX_LABEL, MAX_WINDOWS, Course

THIS_RUN = "this run"

Pasts = Mapping[tuple[str, str], Sequence[Past]]


def by_column(history: Sequence[Past]) -> Pasts:
    """Return points of the past by section and column."""
    found: dict[tuple[str, str], list[Past]] = {}
    for point in history:
        found.setdefault((point.section, point.name), []).append(point)
    return found


def past_of(column: ColumnResult, points: Sequence[Past]) -> Course | None:
    """Return how the check that says most moved over the last runs; ``None`` without a past.

    Parameters
    ----------
    column : ColumnResult
    points : sequence of Past
        Of this column in earlier runs, oldest first.
    """
    leading = _followed(column, {point.method for point in points})
    if leading is None:
        return None
    of_check = [point for point in points if point.method == leading.result.method]
    shown = of_check[1 - MAX_WINDOWS :]
    series = Series(
        (*(point.effect for point in shown), leading.result.effect),
        (*(point.pvalue for point in shown), leading.pvalue_adjusted),
        (*(point.status == Status.DRIFT for point in shown), leading.status is Status.DRIFT),
    )
    names = (*(harmless(point.at[:10], MAX_LABEL) for point in shown), THIS_RUN)
    return Course(leading, names, "runs", series, "with drift")


def _followed(column: ColumnResult, methods: set[str]) -> Decision | None:
    known = [check for check in column.checks if check.threshold and check.result.method in methods]
    return max(known, key=lambda check: (check.status.severity, check.ratio), default=None)
