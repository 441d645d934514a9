"""The numbers behind each picture: rows of cells, which the page's script makes a table of.

On the page they stand as lines with tabs, a tenth of the markup of a table and readable as they
are; they become a real table when somebody opens them.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from driftcli.model import ColumnResult, Decision
from driftcli.renderers.html_text import (
    ABSENT,
    count,
    edge_words,
    effect,
    harmless,
    interval,
    label,
    number,
    pvalue,
    status_text,
    threshold,
)
from driftcli.renderers.html_windows import Course
from driftcli.renderers.svg_bins import Bin

Rows = list[Sequence[str]]

MAX_CATEGORY = 80


def lines(rows: Rows) -> Markup:
    """Return rows as lines with a tab between cells, the head first."""
    return Markup.escape("\n".join("\t".join(row) for row in rows))


def checks(column: ColumnResult) -> Rows:
    """Return the checks, one a column, so that the table is as narrow as its card."""
    found = column.checks
    rows = [
        ("Statistic", [number(c.result.statistic) for c in found]),
        ("Effect", [effect(c.result.effect) for c in found]),
        ("At most", [_at_most(c) for c in found]),
        ("Interval", [interval(c.result.interval) for c in found]),
        ("Threshold", [_limit(c) for c in found]),
        ("p", [pvalue(c.result.pvalue) for c in found]),
        ("Adjusted p", [pvalue(c.pvalue_adjusted) for c in found]),
        ("Status", [status_text(c.status) for c in found]),
    ]
    head = ["Check", *(label(c.result.method) for c in found)]
    return [head, *([title, *cells] for title, cells in rows if set(cells) != {ABSENT})]


def _at_most(check: Decision) -> str:
    result = check.result
    exact = not result.error_bound or result.effect is None
    return ABSENT if exact else effect((result.effect or 0.0) + result.error_bound)


def _limit(check: Decision) -> str:
    if check.threshold is None:
        return ABSENT
    origin = check.threshold.origin
    told = "" if origin == "default" else f" ({harmless(origin, 40)})"
    return f"{threshold(check.threshold.value)}{told}"


def sides(column: ColumnResult) -> Rows:
    """Return the numbers of both sides."""
    r, c = column.reference, column.current
    if r is None or c is None:
        return []
    infinite = [side.positive_infinite + side.negative_infinite for side in (r, c)]
    rows = [
        ("Rows", count(r.count), count(c.count)),
        ("Missing", count(r.missing), count(c.missing)),
        ("Mean", number(r.mean), number(c.mean)),
        ("SD", number(r.std), number(c.std)),
        ("Minimum", number(r.minimum), number(c.minimum)),
        ("Maximum", number(r.maximum), number(c.maximum)),
        ("Infinite", count(infinite[0]), count(infinite[1])),
        ("Categories", count(r.categories), count(c.categories)),
    ]
    told = [row for row in rows if row[1] != row[2] or row[1] not in (ABSENT, "0")]
    return [("Numbers", "Reference", "Current"), *told]


def counts(column: ColumnResult) -> Rows:
    """Return the rows behind the picture of both distributions."""
    shape = column.distribution
    if shape is None or not shape.reference:
        return []
    if shape.labels:
        places = [harmless(name, MAX_CATEGORY) or "(empty)" for name in shape.labels]
    else:
        places = edge_words(shape.edges, column.kind)[:-1]
    numbers = zip(map(count, shape.reference), map(count, shape.current), strict=True)
    head = ("Category" if shape.labels else "From", "Reference", "Current")
    return [head, *((place, *both) for place, both in zip(places, numbers, strict=True))]


def psi(found: Sequence[Bin]) -> Rows:
    """Return the bins of PSI."""
    head = ("PSI bin", "Reference", "Current", "PSI")
    return [head, *(one.cells for one in found)] if found else []


def runs(past: Course) -> Rows:
    """Return what the check that is followed came to in each run."""
    rows = zip(past.windows, past.rows, strict=True)
    told = [(name, effect(size), pvalue(p), "▲ drift" * flag) for name, (size, p, flag) in rows]
    return [("Run", label(past.check.result.method), "Adjusted p", "Verdict"), *told]
