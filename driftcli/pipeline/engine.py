"""The engine of a run, as its settings ask for it."""

from __future__ import annotations

import os

from driftcli.config import Config
from driftcli.engines.local import MB, LocalEngine
from driftcli.engines.watch import Nobody, Watch


def engine_for(config: Config, watch: Watch | None = None, degree: int = 4) -> LocalEngine:
    """Return the engine, with as many threads as the process has cores where nobody says."""
    resources = config.resources
    kind = LocalEngine
    if resources.engine == "spark":
        from driftcli.engines.spark import SparkEngine

        kind = SparkEngine
    elif resources.engine == "sql":
        from driftcli.engines.sql import SqlEngine

        kind = SqlEngine
    return kind(resources.max_memory * MB, resources.jobs or _cores(), degree, watch or Nobody())


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
