"""Renderers turn reports into text; they compute nothing.

A new kind of file is one module here with ``render(reports, alerts) -> str`` and one line below.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from driftcli.model import AlertReport, Report

FILES: dict[str, str] = {
    ".json": "driftcli.renderers.json",
    ".html": "driftcli.renderers.html",
}
"""Suffix of an output file to the module that renders it, imported only then."""

Renderer = Callable[[Sequence[Report], AlertReport | None], str]


def renderer_for(suffix: str) -> Renderer | None:
    """Return the renderer of a kind of file, or ``None``.

    Parameters
    ----------
    suffix : str
        With its dot.
    """
    module = FILES.get(suffix.lower())
    if module is None:
        return None
    render: Renderer = importlib.import_module(module).render
    return render
