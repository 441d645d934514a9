"""Renderers turn reports into text; they compute nothing.

A new kind of file is one module here with ``render(reports, alerts) -> str`` and one line below; so
is a new format for stdout.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence

from driftcli.model import AlertReport, Report

FILES: dict[str, str] = {
    ".json": "driftcli.renderers.json",
    ".html": "driftcli.renderers.html",
    ".md": "driftcli.renderers.markdown",
    ".csv": "driftcli.renderers.csv_",
    ".xml": "driftcli.renderers.junit",
    ".prom": "driftcli.renderers.prometheus",
}
"""Suffix of an output file to the module that renders it, imported only then."""

PRINTED: dict[str, str] = {
    "markdown": "driftcli.renderers.markdown",
    "csv": "driftcli.renderers.csv_",
    "junit": "driftcli.renderers.junit",
    "prometheus": "driftcli.renderers.prometheus",
    "github": "driftcli.renderers.github",
}
"""Format for stdout to the module that renders it, likewise."""

Renderer = Callable[[Sequence[Report], AlertReport | None], str]


def renderer_for(suffix: str) -> Renderer | None:
    """Return the renderer of a kind of file, or ``None``.

    Parameters
    ----------
    suffix : str
        With its dot.
    """
    return _found(FILES, suffix.lower())


def printer_for(format_: str) -> Renderer | None:
    """Return the renderer of a format for stdout, or ``None``."""
    return _found(PRINTED, format_)


def _found(registry: Mapping[str, str], name: str) -> Renderer | None:
    module = registry.get(name)
    if module is None:
        return None
    render: Renderer = importlib.import_module(module).render
    return render
