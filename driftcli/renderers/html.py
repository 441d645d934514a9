"""One self-contained HTML page: no network, no library, readable without its script.

The page's Content-Security-Policy lets only this module's own style and script run, by their hash;
everything that came from data is escaped by Jinja2.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from driftcli.model import AlertReport, ColumnResult, Report, Status
from driftcli.records import Past
from driftcli.renderers import (
    html_facts,
    html_performance,
    html_tables,
    html_text,
    html_verdict,
    html_view,
    html_windows,
    html_words,
    svg,
    svg_bars,
    svg_bins,
    svg_histogram,
    svg_spans,
    svg_strip,
)


def render(
    reports: Sequence[Report], alerts: AlertReport | None = None, history: Sequence[Past] = ()
) -> str:
    """Return reports, and the alerts raised from them, as one HTML page.

    Parameters
    ----------
    reports : sequence of Report
        Shown on one page: usually the features, predictions and performance of one model.
    alerts : AlertReport, optional
        Shown on the first screen where given.
    history : sequence of Past, optional
        What earlier runs of the monitor found, oldest first: the trend of each column.
    """
    environment = _environment()
    style, script = _asset("style.css"), _asset("report.js")
    parts = html_view.sections(reports, history)
    return environment.get_template("report.html").render(
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_content_policy(style, script),
        verdict=html_verdict.verdict(parts, alerts),
        tone=html_verdict.tone(reports, alerts),
        sections=parts,
        ranked=html_view.ranked(parts),
        metrics=html_view.metrics_in_brief(parts),
        reports=reports,
        runs=html_facts.runs(reports),
        alerts=alerts,
        warnings=html_facts.warnings(reports, alerts),
        unevaluated=html_facts.unevaluated(reports),
        rules=html_facts.policies(reports),
        history=history,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("driftcli.renderers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "caption": _caption,
        "changes": html_words.changes,
        "count": html_text.count,
        "effect": html_text.effect,
        "interval": html_text.interval,
        "label": html_text.label,
        "lines": html_tables.lines,
        "name": html_text.name,
        "number": html_text.number,
        "numbers": html_words.numbers,
        "percent": html_text.percent,
        "pvalue": html_text.pvalue,
        "scalars": _scalars,
        "shown": html_text.harmless,
        "status": html_text.status_text,
        "threshold": html_text.threshold,
    }
    environment.globals |= {
        "LOUD_FIRST": html_view.LOUD_FIRST,
        "MAX_BARS": html_view.MAX_BARS,
        "NOT_EVALUATED": Status.NOT_EVALUATED,
        "OK": Status.OK,
        "bins": svg_bins.bins,
        "bins_of": svg_bins.bins_of,
        "chart": svg.chart,
        "drawn_bars": svg_bars.drawn_bars,
        "equally_wide": svg_histogram.equally_wide,
        "gap_of": svg_histogram.gap_of,
        "last_windows": html_windows.shown,
        "metric_windows": html_windows.metric_windows,
        "of_current": html_windows.of_current,
        "of_reference": html_windows.of_reference,
        "pictured": html_performance.pictured,
        "plural": html_text.plural,
        "rise_axis": svg_histogram.rise_axis,
        "spans": svg_spans.spans,
        "strip": svg_strip.strip,
        "tables": html_tables,
    }
    return environment


@cache
def _asset(name: str) -> str:
    """Return a file as a browser hashes it, without indents and comments of whole lines."""
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - for the type checker
    source, _, _ = loader.get_source(_environment(), name)
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))


def _content_policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _caption(column: ColumnResult) -> str:
    """Return what a screen reader says in place of a column's picture."""
    shape = column.distribution
    sides = "" if shape is None else f", {_rows(shape.reference)} against {_rows(shape.current)}"
    gap = svg_histogram.gap_of(column)
    found = f"; largest gap of the cumulative shares: {gap.words}" if gap else ""
    return f"Distribution of {html_text.harmless(column.name, 80)}{sides} rows{found}"


def _rows(counts: Sequence[int]) -> str:
    return html_text.count(sum(counts))


def _scalars(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the plain values of a mapping as words; nested ones belong to the JSON."""
    shown = []
    for key, value in details.items():
        words = html_text.label(key)
        if isinstance(value, bool | str):
            shown.append((words, html_text.harmless(value, 120)))
        elif isinstance(value, int | float):
            shown.append((words, html_text.number(value)))
    return shown
