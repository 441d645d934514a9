"""The memory of a monitor: its runs, what they found, and how its alerts stand."""

from __future__ import annotations

from driftcli.records import (
    Acknowledgement,
    CheckRow,
    ColumnRow,
    Delivery,
    MemoryRow,
    MetricRow,
    Past,
    Run,
)
from driftcli.store.database import StoreError
from driftcli.store.store import Store, open_store

__all__ = [
    "Acknowledgement",
    "CheckRow",
    "ColumnRow",
    "Delivery",
    "MemoryRow",
    "MetricRow",
    "Past",
    "Run",
    "Store",
    "StoreError",
    "open_store",
]
