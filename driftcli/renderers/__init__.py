"""Renderers turn reports into text and pictures; they compute nothing.

A new kind of file is one module here with ``render(reports, alerts) -> str | bytes`` and one line
below; so is a new format for stdout, which is text.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from driftcli.model import AlertReport, Report

FILES: dict[str, str] = {
    ".json": "driftcli.renderers.json",
    ".html": "driftcli.renderers.html",
    ".md": "driftcli.renderers.markdown",
    ".csv": "driftcli.renderers.csv_",
    ".xml": "driftcli.renderers.junit",
    ".prom": "driftcli.renderers.prometheus",
    ".svg": "driftcli.renderers.svg_overview",
    ".png": "driftcli.renderers.png",
    ".pdf": "driftcli.renderers.pdf",
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

Renderer = Callable[[Sequence[Report], AlertReport | None], str | bytes]
Printer = Callable[[Sequence[Report], AlertReport | None], str]


def renderer_for(suffix: str) -> Renderer | None:
    """Return the renderer of a kind of file, or ``None``.

    Parameters
    ----------
    suffix : str
        With its dot.

    Raises
    ------
    UsageError
        If what it takes is not installed.
    """
    render: Renderer | None = _found(FILES, suffix.lower())
    return render


def printer_for(format_: str) -> Printer | None:
    """Return the renderer of a format for stdout, or ``None``."""
    render: Printer | None = _found(PRINTED, format_)
    return render


def _found(registry: Mapping[str, str], name: str) -> Any:
    module = registry.get(name)
    return None if module is None else importlib.import_module(module).render
