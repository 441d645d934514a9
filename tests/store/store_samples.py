"""Records of a monitor for the tests of the store."""

from __future__ import annotations

from driftcli.store import (
    Acknowledgement,
    CheckRow,
    ColumnRow,
    Delivery,
    MemoryRow,
    MetricRow,
    Run,
)


def day(number: int) -> str:
    return f"2026-01-{number:02d}T04:00:00.000000+00:00"


def check(name: str = "age", method: str = "psi", effect: float | None = 0.3) -> CheckRow:
    return CheckRow("features", name, method, 1.5, effect, 0.2, 0.001, "drift")


def run(
    number: int = 1,
    monitor: str = "ctr",
    id_: str | None = None,
    checks: tuple[CheckRow, ...] = (),
    columns: tuple[ColumnRow, ...] = (),
    metrics: tuple[MetricRow, ...] = (),
    finished: int = 0,
) -> Run:
    return Run(
        id=id_ or f"{monitor}-{number}",
        monitor=monitor,
        at=day(number),
        finished=f"2026-02-01T00:00:{finished:02d}.000000+00:00",
        driftcli_version="1.0",
        sources='["current.parquet"]',
        fingerprint="f" * 64,
        n_reference=2**62,
        n_current=None,
        status="drift",
        should_retrain=True,
        alerts='{"alerts": []}',
        checks=checks,
        columns=columns,
        metrics=metrics,
    )


COLUMN = ColumnRow("features", "age", "numeric", "drift", 1000, 3, 41.5, 12.25, None)
METRIC = MetricRow("auc", 0.75, 0.7, 0.8, 0.78, 0.03, 0.05, "ok")
MEMORY = MemoryRow("drift", "age", "medium", "011", day(1), True, False, None, None)
KNOWN = Acknowledgement("ctr", "drift", "age", day(20), "we know", day(1))
NOTICE = Delivery("n1", "slack", "ctr", day(1), "{}")
