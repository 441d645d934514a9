"""Stores of experiments, in which the results of a command become a run beside those of training.

A new kind of store is one module here with ``log(entry)`` and one line below.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from driftcli.errors import UsageError
from driftcli.model import Report

TRACKERS: dict[str, tuple[str, str]] = {"mlflow": ("mlflow", "driftcli.tracking.mlflow_")}
"""Word of ``--log-to`` to the library it takes and our module, imported at first use."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is logged of one command.

    Parameters
    ----------
    name : str
        Of the run: the monitor, or the command.
    folder : str
        Where the files go among those of the run, so that several commands can share one.
    reports : tuple of Report
    files : mapping of str to str or bytes
        Name to content.
    statuses : mapping of str to str
        Section to what came of it.
    """

    name: str
    folder: str
    reports: tuple[Report, ...]
    files: Mapping[str, str | bytes]
    statuses: Mapping[str, str]


def check_installed(tracker: str) -> None:
    """Refuse a store whose library is not installed, without loading it.

    Raises
    ------
    UsageError
    """
    library, _ = TRACKERS[tracker]
    found = importlib.util.find_spec(library)
    # a folder of that name, which is no library, has no origin
    if found is None or found.origin is None:
        hint = f"pip install 'driftcli[{tracker}]'"
        raise UsageError(f"--log-to {tracker} needs {library}", hint=hint)


def log(tracker: str, entry: Entry) -> None:
    """Log the results of a command.

    Parameters
    ----------
    tracker : str
        A key of :data:`TRACKERS`.
    entry : Entry

    Raises
    ------
    OutputError
        If the store cannot be reached or does not take them.
    """
    _, module = TRACKERS[tracker]
    importlib.import_module(module).log(entry)
