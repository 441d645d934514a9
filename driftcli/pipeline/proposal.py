"""Thresholds that keep false alarms under a stated rate, from the windows of a replay."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from driftcli.config import Input
from driftcli.errors import UsageError, quoted
from driftcli.model import DecisionPolicy
from driftcli.pipeline.backtest import Backtest, proposed
from driftcli.pipeline.standing import Key
from driftcli.windows.spec import DAY

PERIODS = {"hour": 3_600, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
DIGITS = 3
_RATE = re.compile(rf"([0-9]{{1,6}})\s*per\s*(?:([0-9]{{1,6}})\s*)?({'|'.join(PERIODS)}|window)s?")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many alarms in so many seconds, or windows where ``seconds`` is 0."""

    alarms: int
    seconds: int
    windows: int

    def of(self, found: Backtest) -> float:
        """Return how many alarms it allows in all windows of a replay.

        Raises
        ------
        UsageError
            If windows of rows are asked for a rate in time.
        """
        if not self.seconds:
            return self.alarms * len(found.windows) / self.windows
        length = found.by.clock.spec.seconds
        if not length:
            hint = "write --at-most '1 per 100 windows'"
            raise UsageError("windows of rows have no length in time", hint=hint)
        return self.alarms * len(found.windows) * length / self.seconds


def parse_rate(text: str) -> Rate:
    """Return what ``--at-most`` says.

    Raises
    ------
    UsageError
    """
    found = _RATE.fullmatch(text.strip().lower())
    many = int(found[2] or 1) if found else 0
    if found is None or not many:
        hint = "write '1 per month', '2 per week' or '1 per 100 windows'"
        raise UsageError(f"--at-most {quoted(text)}: no rate", hint=hint)
    if found[3] == "window":
        return Rate(int(found[1]), 0, many)
    return Rate(int(found[1]), many * PERIODS[found[3]], 0)


def thresholds(found: Backtest, rate: Rate) -> dict[Key, float]:
    """Return the thresholds that must be higher than they are, rounded up to three digits."""
    limits = proposed(found, rate.of(found))
    return {key: _up(limit) for key, limit in limits.items() if limit > found.thresholds[key]}


def _up(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(value)) - DIGITS + 1)
    steps = math.ceil(value / unit)
    while (rounded := float(f"{steps * unit:.{DIGITS + 1}g}")) < value:
        steps += 1
    return rounded


def as_yaml(found: Backtest, limits: Mapping[Key, float], rate: str) -> str:
    """Return the configuration of a replay with these thresholds on top."""
    import yaml

    config = found.config
    overrides = {column: dict(values) for column, values in config.overrides.items()}
    for (column, method), limit in limits.items():
        overrides.setdefault(column, {})[method] = limit
    clock, plain = found.by.clock, asdict(Input())
    parts: dict[str, dict[str, object]] = {
        "columns": {
            "include": list(config.columns.include),
            "exclude": list(config.columns.exclude),
            "types": dict(config.columns.types),
        },
        "thresholds": dict(config.thresholds),
        "time": {
            "column": found.by.column,
            "window": str(clock.spec),
            "zone": config.time.zone,
            "like": found.by.like,
        },
        "decision": {} if config.decision == DecisionPolicy() else asdict(config.decision),
        "input": {name: v for name, v in asdict(config.input).items() if v != plain[name]},
        "overrides": dict(overrides),
    }
    told = {name: {k: v for k, v in part.items() if v} for name, part in parts.items()}
    document = {"version": 1, **{name: part for name, part in told.items() if part}}
    first, last = clock.label(found.windows[0]), clock.label(found.windows[-1])
    many = f"{len(found.windows):,} {clock.spec.plural}, {first} to {last}"
    return (
        f"# Under these thresholds at most {' '.join(rate.split())} of {many} alarms,\n"
        "# each against all others of them.\n"
        + yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    )
