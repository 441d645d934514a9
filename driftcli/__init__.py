"""Tells whether the data a model sees today still looks like what it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftcli.api import (
        compare,
        compare_predictions,
        evaluate,
        find_alerts,
        load_config,
        profile,
    )
    from driftcli.baselines import Baseline
    from driftcli.config import Config
    from driftcli.errors import DriftcliError
    from driftcli.model import Report

__version__ = "0.1.0"

__all__ = [
    "Baseline",
    "Config",
    "DriftcliError",
    "Report",
    "__version__",
    "compare",
    "compare_predictions",
    "evaluate",
    "find_alerts",
    "load_config",
    "profile",
]

_HOMES = {"Baseline": "baselines", "Config": "config", "DriftcliError": "errors", "Report": "model"}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: importing the package costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'driftcli' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"driftcli.{_HOMES.get(name, 'api')}"), name)
