"""What a replay of windows came to, as JSON values for people and scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from driftcli.pipeline.backtest import RULES, Backtest, Fired, Flags, Scenario
from driftcli.pipeline.clock import timestamp
from driftcli.pipeline.standing import Key


def outline_of(found: Backtest, thresholds: Mapping[Key, float] | None = None) -> dict[str, Any]:
    """Return how often each rule fired on each check, and how late it found what was planted.

    Parameters
    ----------
    found : Backtest
    thresholds : mapping of (column, method) to float, optional
        Those proposed.
    """
    clock, clean = found.by.clock, found.scenarios[0]
    return {
        "command": "backtest",
        "timestamp": timestamp(),
        "source": found.source,
        "window": str(clock.spec),
        "windows": clock.spec.plural,
        "one": found.by.one(),
        "column": found.by.column,
        "zone": clock.zone,
        "like": found.by.like,
        "first": clock.label(found.windows[0]),
        "last": clock.label(found.windows[-1]),
        "n_windows": len(found.windows),
        "splits": len(found.splits),
        "n_reference": len(found.splits[0].past),
        "n_tested": sum(len(split.tested) for split in found.splits),
        "any": _rates([fired.by_rule for fired in clean.fired]),
        "checks": _checks(found, clean),
        "plants": [_plant(scenario, clean) for scenario in found.scenarios[1:]],
        "proposed": [
            {"column": column, "method": method, "threshold": limit}
            for (column, method), limit in (thresholds or {}).items()
        ],
    }


def _rates(fired: Sequence[Mapping[str, Flags]]) -> dict[str, float]:
    """Return the share of windows in which any check fired, by rule."""
    return {
        rule: float(np.concatenate([flags[rule].any(axis=1) for flags in fired]).mean())
        for rule in RULES
    }


def _checks(found: Backtest, clean: Scenario) -> list[dict[str, Any]]:
    told = []
    for at, (column, method) in enumerate(clean.fired[0].keys):
        flags = {
            rule: np.concatenate([fired.by_rule[rule][:, at] for fired in clean.fired])
            for rule in RULES
        }
        effects = np.array(list(found.whole[column, method].values()))
        told.append(
            {
                "column": column,
                "method": method,
                "threshold": found.thresholds[column, method],
                "fired": {rule: float(flags[rule].mean()) for rule in RULES},
                "median_effect": float(np.median(effects)) if len(effects) else None,
                "largest_effect": float(effects.max()) if len(effects) else None,
            }
        )
    return sorted(told, key=lambda check: (-max(check["fired"].values()), check["column"]))


def _plant(scenario: Scenario, clean: Scenario) -> dict[str, Any]:
    """Tell on how many windows a plant is found, and how many windows late."""
    pairs = list(zip(scenario.fired, clean.fired, strict=True))
    return {
        "plant": scenario.plant,
        "found": _rates([fired.by_rule for fired, _ in pairs]),
        "by": {rule: _loudest(scenario.fired, rule) for rule in RULES},
        "late": {rule: _delays([fired.by_rule[rule] for fired, _ in pairs]) for rule in RULES},
    }


def _loudest(fired: Sequence[Fired], rule: str) -> dict[str, Any] | None:
    """Return the check that found a plant most often."""
    flags = np.concatenate([one.by_rule[rule] for one in fired])
    shares = flags.mean(axis=0)
    at = int(np.argmax(shares))
    if not shares[at]:
        return None
    column, method = fired[0].keys[at]
    return {"column": column, "method": method, "share": float(shares[at])}


def _delays(fired: Sequence[Flags]) -> dict[str, Any]:
    """Return how many windows pass until a change that begins at any window is told.

    It is told in the first window from its beginning on in which any check fires; a change after
    which none fires is never found.
    """
    delays: list[int] = []
    never = 0
    for flags in fired:
        places = np.flatnonzero(flags.any(axis=1))
        for start in range(len(flags)):
            after = places[places >= start]
            if len(after):
                delays.append(int(after[0]) - start)
            else:
                never += 1
    return {
        "median": float(np.median(delays)) if delays else None,
        "most": max(delays, default=None),
        "never": never,
        "of": never + len(delays),
    }
