"""The baseline: what is kept of a reference in place of its rows, as one small file."""

from __future__ import annotations

from driftcli.baselines.value import Baseline, Scored, StoredWindows

__all__ = ["Baseline", "Scored", "StoredWindows"]
