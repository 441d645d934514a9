"""The registry of performance metrics: each a value, its interval, and a judged drop."""

from __future__ import annotations

from driftcli.metrics import binary, multiclass, ranking, regression
from driftcli.metrics.base import Estimate, Metric, Options, Task
from driftcli.metrics.compare import drop

METRICS_BY_TASK: dict[Task, dict[str, Metric]] = {
    "binary": {metric.name: metric for metric in binary.METRICS},
    "multiclass": {metric.name: metric for metric in multiclass.METRICS},
    "regression": {metric.name: metric for metric in regression.METRICS},
    "ranking": {metric.name: metric for metric in ranking.METRICS},
}

# every name once, for the check of a config before the task is known; tasks that share a name agree
# on which way is better and on the default threshold
METRICS: dict[str, Metric] = {
    name: metric for metrics in METRICS_BY_TASK.values() for name, metric in metrics.items()
}

__all__ = ["METRICS", "METRICS_BY_TASK", "Estimate", "Metric", "Options", "Task", "drop"]
