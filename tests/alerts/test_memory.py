"""How alerts go on from run to run, and when they are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.alerts.memory import Key, Memory, Patience, step
from driftcli.model import AlertState, Severity

KEY: Key = ("feature_drift", "price")
START = dt.datetime(2026, 1, 1, 4, tzinfo=dt.UTC)


def at(day: float) -> str:
    return (START + dt.timedelta(days=day)).isoformat()


def _always(patience: Patience) -> Callable[[str], Patience]:
    return lambda _: patience


def days(pattern: str, **patience: Any) -> str:
    """Run once a day: x found, . not found, ? not looked at, m muted and found, - muted, H high.

    Returns for each day the state's first letter, in upper case where it is told.
    """
    cooldown = dt.timedelta(days=patience.pop("cooldown", 7))
    memories: Mapping[Key, Memory] = {}
    told = ""
    for day, sign in enumerate(pattern):
        found = {KEY: Severity.HIGH if sign == "H" else Severity.LOW} if sign in "xmH" else {}
        unknown = {KEY} if sign == "?" else set()
        quiet = {KEY: AlertState.MUTED} if sign in "m-" else {}
        now = step(
            memories,
            found,
            unknown,
            quiet,
            at(day),
            _always(Patience(cooldown=cooldown, **patience)),
        )
        memories = now.memories
        letter = now.states[KEY].value[0] if KEY in now.states else "."
        told += letter.upper() if KEY in now.tell else letter
    return told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("..xxxx..", "..NsssR."),
        ("x", "N"),
        ("x.x", "NRN"),  # the last word is not that it is over
        ("x.xx....x", "NRNsR...N"),
        ("x.xxxxxxxx", "NRNssssssS"),
        ("xxxxxxxxxxxxxxxx", "NssssssSssssssSs"),  # a reminder a week
        ("xxHHxx", "NsSsss"),  # louder is told at once
        ("xx??xx.", "NsssssR"),  # what could not be looked at stays as it was
        ("?", "."),
        ("mm--", "mmr."),
        ("mmxx.", "mmSsR"),  # told when it is no longer muted
        ("xxmm..", "NsmmR."),
        ("xm-", "Nmr"),  # nobody hears of what is muted, not even its end
    ],
)
def test_days(pattern: str, told: str) -> None:
    assert days(pattern) == told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("x....", "p...."),
        ("x.x...", "p.NR.."),
        ("xx.x..", "pNssR."),
        ("xxxx....", "pNsss" + "R.."),
        ("x..x..x", "p..p..p"),
        ("x?x..", "p.NsR"),
    ],
)
def test_two_of_three(pattern: str, told: str) -> None:
    assert days(pattern, often=2, runs=3) == told


def test_the_first_sight_is_remembered() -> None:
    memories: Mapping[Key, Memory] = {}
    patience = Patience(2, 3)
    for day, found in enumerate((True, False, True, True)):
        what = {KEY: Severity.LOW} if found else {}
        memories = step(memories, what, (), {}, at(day), _always(patience)).memories
    assert memories[KEY].first == at(0)
    assert memories[KEY].told == at(2)


def test_what_is_over_is_forgotten() -> None:
    memories: Mapping[Key, Memory] = {}
    for day, found in ((0, True), (1, False)):
        what = {KEY: Severity.LOW} if found else {}
        memories = step(memories, what, (), {}, at(day), _always(Patience())).memories
        assert bool(memories) == found


def test_a_cooldown_is_a_span_of_time_not_a_number_of_runs() -> None:
    assert days("xxx", cooldown=1) == "NSS"
    assert days("xxx", cooldown=0) == "NSS"
    assert days("xxx", cooldown=1.0001) == "NsS"


@given(st.text("x.?mH", max_size=40), st.integers(1, 3), st.integers(0, 3), st.integers(0, 9))
def test_every_end_that_is_told_had_a_beginning_that_was(
    pattern: str, often: int, more: int, cooldown: int
) -> None:
    told = [
        c for c in days(pattern, often=often, runs=often + more, cooldown=cooldown) if c in "NSR"
    ]
    for before, after in zip(["R", *told], told, strict=False):
        assert not (before == "R" and after == "R")
