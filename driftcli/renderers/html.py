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
from driftcli.renderers import html_text, html_view, html_windows, svg, svg_strip


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return reports, and the alerts raised from them, as one HTML page.

    Parameters
    ----------
    reports : sequence of Report
        Shown on one page: usually the features, predictions and performance of one model.
    alerts : AlertReport, optional
        Shown first where given.
    """
    environment = _environment()
    style, script = _asset("style.css"), _asset("report.js")
    return environment.get_template("report.html").render(
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_content_policy(style, script),
        verdict=html_view.verdict(reports, alerts),
        tone=html_view.tone(reports, alerts),
        sections=html_view.sections(reports),
        reports=reports,
        runs=html_view.runs(reports),
        alerts=alerts,
        warnings=html_view.warnings(reports, alerts),
        unevaluated=html_view.unevaluated(reports),
        rules=html_view.policies(reports),
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
        "apart": html_text.apart,
        "caption": _caption,
        "count": html_text.count,
        "effect": html_text.effect,
        "interval": html_text.interval,
        "label": html_text.label,
        "name": html_text.name,
        "number": html_text.number,
        "percent": html_text.percent,
        "pvalue": html_text.pvalue,
        "scalars": _scalars,
        "shown": html_text.harmless,
        "status": html_text.status_text,
        "threshold": html_text.threshold,
    }
    environment.globals |= {
        "LOUD_FIRST": html_view.LOUD_FIRST,
        "NOT_EVALUATED": Status.NOT_EVALUATED,
        "OK": Status.OK,
        "chart": svg.chart,
        "drawn_bars": svg.drawn_bars,
        "equally_wide": svg.equally_wide,
        "last_windows": html_windows.shown,
        "metric_windows": html_windows.metric_windows,
        "of_current": html_windows.of_current,
        "of_reference": html_windows.of_reference,
        "plural": html_view.plural,
        "spans": svg.spans,
        "strip": svg_strip.strip,
    }
    return environment


@cache
def _asset(name: str) -> str:
    """Return a file as a browser hashes it: one kind of line end, nothing around it."""
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - for the type checker
    source, _, _ = loader.get_source(_environment(), name)
    return source.replace("\r\n", "\n").strip()


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
    status = column.status.value.replace("_", " ")
    return f"Distribution of {html_text.harmless(column.name, 80)}{sides} rows: {status}"


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
