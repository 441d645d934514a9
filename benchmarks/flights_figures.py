"""What the figures of ``flights_days.json`` come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import nhypergeom

from driftcli.model import DecisionPolicy

Figures = Mapping[str, Any]

ALPHA = DecisionPolicy().alpha
UNCHANGED = ""
PROMISED = 0.95  # of the days, where a fault is larger than what days differ by
CONFIDENCE = 0.95  # of the limits of chance


def level(outline: Figures) -> tuple[int, float]:
    """Return the rank below which alpha lies, and the share of days that reach it.

    Parameters
    ----------
    outline : mapping
        A replay.
    """
    ranks = outline["n_reference"] + 1
    rank = math.ceil(ALPHA * ranks) - 1
    return rank, rank / ranks


def limits(outline: Figures) -> tuple[float, float]:
    """Return between which shares of alarms most replays of exchangeable days lie.

    Going down from the loudest of all days, those tested that stand before the k-th of the
    reference alarm, k being the rank: a negative hypergeometric count in each draw.

    Parameters
    ----------
    outline : mapping
    """
    past, tests, draws = (outline[key] for key in ("n_reference", "n_tested", "splits"))
    tested = tests // draws
    one = nhypergeom(past + tested, tested, level(outline)[0]).pmf(np.arange(tested + 1))
    together = np.ones(1)
    for _ in range(draws):
        together = np.convolve(together, one)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = np.searchsorted(np.cumsum(together), tails)
    return float(low) / tests, float(high) / tests


def share_of(peer: Figures, rule: str, plant: str) -> float:
    """Return on what share of its days a peer's rule alarms.

    Parameters
    ----------
    peer : mapping
    rule, plant : str
    """
    found = [one for one in peer["found"] if one["plant"] == plant]
    flagged = sum(one["flagged"][rule] for one in found)
    return float(flagged / sum(one["days"] for one in found))


def rules_of(peer: Figures) -> list[str]:
    """Return the rules of a peer."""
    return list(peer["found"][0]["flagged"])


def added(replay: Figures, figures: Figures) -> str:
    """Return which thresholds a replay has beyond those of the first."""
    first = figures["replays"][0]["thresholds"]
    return " and ".join(f"`{text}`" for text in replay["thresholds"] if text not in first)


def found(replay: Figures, plant: str, rule: str = "windows") -> float:
    """Return on what share of the days a replay's rule finds a fault.

    Parameters
    ----------
    replay : mapping
    plant, rule : str
    """
    plants = {one["plant"]: one["found"] for one in replay["backtest"]["plants"]}
    return float(plants[plant][rule])


def checks_of(figures: Figures, fault: str) -> list[Figures]:
    """Return the checks that a fault moves, the most moved first, with its effect.

    Parameters
    ----------
    figures : mapping
    fault : str
    """
    column, sizes = figures["faults"][fault], figures["sizes"][fault]
    checks = figures["replays"][0]["backtest"]["checks"]
    moved = [
        {**check, "effect": sizes[check["method"]]}
        for check in checks
        if check["column"] == column and sizes[check["method"]] > 0
    ]
    return sorted(moved, key=lambda check: -check["effect"] / check["threshold"])


def outstanding(figures: Figures, fault: str) -> bool:
    """Say whether a fault is larger than any unchanged day, and than the threshold, in a check.

    Parameters
    ----------
    figures : mapping
    fault : str
    """
    return any(
        check["effect"] > max(check["largest_effect"], check["threshold"])
        for check in checks_of(figures, fault)
    )
