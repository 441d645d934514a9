"""How an alert goes on from run to run: new, still, resolved; and when it is told again.

Nothing here reads a file or a clock: what was remembered and what was found make what is
remembered now, and what is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from driftcli.model import AlertState, Severity

Key: TypeAlias = tuple[str, str]
OPEN = (AlertState.NEW, AlertState.STILL)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one rule and column.

    Parameters
    ----------
    severity : Severity
        When it was last found.
    seen : str
        The last runs, the latest last: ``1`` where it was found, ``0`` where not.
    first : str
        When it was first found, of what goes on (ISO 8601).
    open : bool
        Whether it was found often enough to count.
    announced : bool
        Whether somebody was told that it is open.
    told : str, optional
        When somebody was last told of it.
    told_severity : Severity, optional
        How loud it was then.
    """

    severity: Severity
    seen: str
    first: str
    open: bool = False
    announced: bool = False
    told: str | None = None
    told_severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something must be found, and how seldom it is told.

    Parameters
    ----------
    often, runs : int
        It counts where it was found in so many of so many last runs.
    cooldown : timedelta
        What goes on is told again after this.
    """

    often: int = 1
    runs: int = 1
    cooldown: dt.timedelta = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """What a run leaves behind.

    Parameters
    ----------
    memories : mapping
        What is remembered from now on.
    states : mapping
        Of everything found or no longer found.
    tell : frozenset
        What somebody is to be told of.
    """

    memories: Mapping[Key, Memory]
    states: Mapping[Key, AlertState]
    tell: frozenset[Key]


def step(
    before: Mapping[Key, Memory],
    found: Mapping[Key, Severity],
    unknown: Collection[Key],
    quiet: Mapping[Key, AlertState],
    now: str,
    patience: Callable[[str], Patience],
    loud: Collection[Key] | None = None,
) -> Step:
    """Go on by one run.

    Parameters
    ----------
    before : mapping of (rule, column) to Memory
    found : mapping of (rule, column) to Severity
        What this run found.
    unknown : collection of (rule, column)
        What this run could not look at; it stays as it was.
    quiet : mapping of (rule, column) to AlertState
        What is muted or acknowledged.
    now : str
        When this run is (ISO 8601, UTC).
    patience : callable
        From the name of a rule to its :class:`Patience`.
    loud : collection of (rule, column), optional
        Of what was found what a notice can speak of; all unless said.

    Returns
    -------
    Step
    """
    audible = found if loud is None else loud
    memories: dict[Key, Memory] = {}
    states: dict[Key, AlertState] = {}
    tell = set()
    for key in {**before, **found}:
        old, bears = before.get(key), patience(key[0])
        if old is not None and key in unknown and key not in found:
            memories[key] = old
            if old.open:
                states[key] = quiet.get(key, AlertState.STILL)
            continue
        new, state = _gone_on(old, found.get(key), now, bears)
        if state is not None:
            hushed = quiet.get(key)
            sayable = key in audible or state is AlertState.RESOLVED
            if hushed is None and sayable and _to_tell(new, state, now, bears):
                tell.add(key)
                new = replace(new, told=now, told_severity=new.severity, announced=new.open)
            elif state is AlertState.RESOLVED:
                new = replace(new, announced=False)
            states[key] = state if hushed is None or state is AlertState.RESOLVED else hushed
        if new.open or "1" in new.seen:
            memories[key] = new
    return Step(memories, states, frozenset(tell))


def _gone_on(
    old: Memory | None, severity: Severity | None, now: str, patience: Patience
) -> tuple[Memory, AlertState | None]:
    """Return what is remembered of one key, and its state; ``None`` where it is nothing."""
    begins = old is None or "1" not in old.seen
    memory = old or Memory(severity or Severity.LOW, "", now)
    seen = (memory.seen + ("1" if severity else "0"))[-patience.runs :]
    counts = seen.count("1") >= patience.often
    new = replace(
        memory,
        severity=severity or memory.severity,
        seen=seen,
        first=now if begins and severity else memory.first,
        open=counts,
    )
    if counts:
        return new, AlertState.STILL if memory.open else AlertState.NEW
    if memory.open:
        return new, AlertState.RESOLVED
    return new, AlertState.PENDING if severity else None


def _to_tell(memory: Memory, state: AlertState, now: str, patience: Patience) -> bool:
    if state is AlertState.RESOLVED:
        return memory.announced
    if state not in OPEN:
        return False
    # what begins is told, also again soon after its end: the last word must not be that it is over
    louder = memory.told_severity is not None and memory.severity.rank > memory.told_severity.rank
    return not memory.announced or louder or not _recently_told(memory, now, patience)


def _recently_told(memory: Memory, now: str, patience: Patience) -> bool:
    if memory.told is None:
        return False
    since = dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(memory.told)
    return since < patience.cooldown
