"""What a baseline holds, as JSON values for people and scripts."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from driftcli.baselines import Baseline
from driftcli.errors import DataError, UsageError, did_you_mean
from driftcli.pipeline.known import read_record
from driftcli.pipeline.reference import found_baseline
from driftcli.schema import ColumnPlan
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.describe import column_stats
from driftcli.summaries.numeric import NumericSummary


def outline_of(path: Path, column: str | None = None) -> dict[str, Any]:
    """Return what a baseline holds; of one column its bins or categories as well.

    Raises
    ------
    DriftcliError
        If it cannot be read, or has no such column.
    """
    baseline = found_baseline(path)
    if baseline is None:
        reason = "not a baseline" if path.exists() else "no such file"
        raise DataError(reason, path=path)
    plans = {plan.name: plan for plan in baseline.plan}
    if column is not None and column not in plans:
        hint = did_you_mean(column, plans)
        raise UsageError("no such column", path=path, column=column, hint=hint)
    chosen = plans.values() if column is None else (plans[column],)
    columns = [_column(plan, baseline, full=column is not None) for plan in chosen]
    record = read_record(baseline, str(path))
    return {
        "file": str(path),
        "created": baseline.created,
        "driftcli_version": baseline.version,
        "sources": list(baseline.sources),
        "where": list(baseline.where),
        "rows": baseline.summary.row_count,
        "min_count": baseline.min_count,
        "left_out": list(baseline.left_out),
        "columns": columns,
        "performance": None if record is None or column is not None else asdict(record),
    }


def _column(plan: ColumnPlan, baseline: Baseline, *, full: bool) -> dict[str, Any]:
    summary = baseline.summary.columns[plan.name]
    told: dict[str, Any] = {
        "name": plan.name,
        "kind": str(plan.kind),
        "type": plan.stands_for,
        **asdict(column_stats(summary, plan.kind)),
    }
    if isinstance(summary, CategoricalSummary):
        told |= {"named": len(summary.counts), "unnamed": summary.distinct - len(summary.counts)}
        return told | ({"rows": dict(summary.counts)} if full else {})
    told |= {"edges": len(summary.grid.edges), "exact": summary.grid.complete}
    return told | ({"bins": _bins(summary)} if full else {})


def _bins(summary: NumericSummary) -> list[dict[str, Any]]:
    """Return the PSI bins: where each ends, whether with that value, and its rows."""
    if not summary.count:
        return []
    cuts, rows = summary.grid.cuts, summary.bin_counts().tolist()
    ends = [*zip(cuts.points.tolist(), cuts.closed.tolist(), strict=True), (None, True)]
    return [
        {"end": end if end is None or math.isfinite(end) else None, "with_end": closed, "rows": n}
        for (end, closed), n in zip(ends, rows, strict=True)
    ]
