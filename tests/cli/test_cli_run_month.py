"""A month of a monitor under cron, with all that goes wrong in one."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alert_receiver import Receiver
from cli_helpers import Outcome
from monitored import (
    Notice,
    Spoil,
    Warm,
    day_file,
    log,
    monitor,
    notices,
    parts_left,
    read_all_the_time,
    reference,
    rows,
    warmed,
    webhook,
)

UNLABELLED, STALE, CUT = 5, 16, 21
DAYS = range(1, 31)
MONITOR = "driftcli.pipeline.monitor:"
# in the order of a run; the results are three files, alerts.json the fourth, report.html the fifth
STAGES: dict[str, Spoil] = {
    "before the results": (f"{MONITOR}write_whole", 1, "before"),
    "half a result written": ("driftcli.files:os.fsync", 3, "before"),
    "between the results": (f"{MONITOR}write_whole", 2, "before"),
    "before the store": ("driftcli.store:Store.remember", 1, "before"),
    "half of the store written": ("driftcli.store.sqlite:SqliteDatabase.many", 3, "after"),
    "before alerts.json": (f"{MONITOR}write_whole", 4, "before"),
    "before report.html": (f"{MONITOR}write_whole", 5, "before"),
    "before the delivery": (f"{MONITOR}deliver_waiting", 1, "before"),
    "before the delivery is noted": ("driftcli.store:Store.settle", 1, "before"),
    "after all": (f"{MONITOR}deliver_waiting", 1, "after"),
}
COMMITTED = list(STAGES).index("before alerts.json")
KILLED = -9


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    yield from warmed(tmp_path_factory.mktemp("warm"))


def name_of(day: int) -> str:
    return f"2026-01-{day:02}"


def arguments(day: int) -> list[str]:
    return ["run", "monitor.yaml", "--as-of", f"{name_of(day)}T04:00Z", "--format", "json"]


def write_days() -> None:
    """``price`` drifts from day 12 to day 20, ``city`` from day 20 to day 22."""
    for day in DAYS:
        content = day - 1 if day == STALE else day
        table = log(
            100 + content,
            price=2.0 if 12 <= day <= 20 else 0.0,
            city=0.4 if 20 <= day <= 22 else 0.0,
            labels=day != UNLABELLED,
        )
        day_file(name_of(day), table)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens, kept for the length of a test."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/"


LABEL, STALENESS = "not_evaluated label", "stale_input"
PRICE, CITY = "feature_drift price", "feature_drift city"
# cooldown is 7 days: what was told on day 12 is told again on day 19
AT_ONCE: list[Notice] = [
    (name_of(5), {LABEL: "new"}),
    (name_of(6), {LABEL: "resolved"}),
    (name_of(12), {PRICE: "new"}),
    (name_of(16), {STALENESS: "new"}),
    (name_of(17), {STALENESS: "resolved"}),
    (name_of(19), {PRICE: "still"}),
    (name_of(20), {PRICE: "still", CITY: "new"}),  # two columns are louder than one
    (name_of(21), {PRICE: "resolved"}),
    (name_of(23), {CITY: "resolved"}),
]
# what could not be checked waits for nothing
CONFIRMED: list[Notice] = [
    (name_of(5), {LABEL: "new"}),
    (name_of(6), {LABEL: "resolved"}),
    (name_of(13), {PRICE: "new"}),
    (name_of(16), {STALENESS: "new"}),
    (name_of(17), {STALENESS: "resolved"}),
    (name_of(20), {PRICE: "still"}),
    (name_of(21), {CITY: "new"}),
    (name_of(22), {PRICE: "resolved"}),
    (name_of(24), {CITY: "resolved"}),
]


@pytest.mark.parametrize(
    ("alerts", "twice", "down", "expected"),
    [
        pytest.param({}, 12, 19, AT_ONCE, id="at-once"),
        pytest.param({"confirm": "2 of 3"}, 13, 20, CONFIRMED, id="2-of-3"),
    ],
)
def test_a_month(
    warm: Warm,
    receiver: Receiver,
    nobody: str,
    alerts: dict[str, Any],
    twice: int,
    down: int,
    expected: list[Notice],
) -> None:
    reference()
    write_days()
    monitor({**alerts, "cooldown": "7d", "send": [webhook()]})
    hook = receiver.url()
    codes = {}
    with read_all_the_time() as reader:
        for day in DAYS:
            if day == twice:  # two jobs of cron at once
                first, second = warm.together(arguments(day), arguments(day), HOOK=hook)
                assert sorted([first.json["told"], second.json["told"]]) == [False, True]
                assert first.json["id"] == second.json["id"]
                codes[day] = first.code
                assert second.code == first.code
                continue
            if day == CUT:
                for stage in STAGES.values():
                    assert warm(*arguments(day), spoil=stage, HOOK=hook).code == KILLED
            outcome = warm(*arguments(day), HOOK=nobody if day == down else hook)
            codes[day] = outcome.code
            not_told = ["webhook (HOOK): connection refused"] if day == down else []
            assert outcome.json["undelivered"] == not_told
    drifted = dict.fromkeys(range(12, 23), 1)
    assert codes == {day: 2 if day == UNLABELLED else drifted.get(day, 0) for day in DAYS}
    # told: exactly what there was to tell, once each by its id, in its order
    assert notices(receiver.requests) == expected
    sent = "SELECT outcome, count(*) FROM deliveries GROUP BY outcome"
    assert rows(sent) == [("sent", len(expected))]
    # remembered: each day once, whoever ran or died on it
    days = rows("SELECT substr(at, 1, 10) FROM runs ORDER BY at")
    assert [day for (day,) in days] == [name_of(day) for day in DAYS]
    assert rows("SELECT count(*) FROM memories WHERE is_open") == [(0,)]
    history = warm("history", "-c", "monitor.yaml", "price", "--format", "json").json
    assert {past["at"][:10] for past in history} == {name_of(day) for day in DAYS}
    # files: whole whenever somebody looked, and one half written when the process was killed in it
    assert len(reader.versions) > len(DAYS) / 2
    assert [name[-5:] for name in parts_left()] == [".part"]


@pytest.fixture(scope="module")
def eleventh(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which nothing happened until day 11."""
    folder = tmp_path_factory.mktemp("eleventh")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        reference()
        for day in (11, 12, 13):
            day_file(name_of(day), log(100 + day, price=0.0 if day == 11 else 2.0))
        monitor({"send": [webhook()]})
        assert warm(*arguments(11)).code == 0
    return folder


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("next_run", [12, 13], ids=["that-day", "the-next-day"])
def test_row_103_and_100_killed_at_any_stage_blocks_nothing(
    warm: Warm, receiver: Receiver, eleventh: Path, folder: Path, stage: str, next_run: int
) -> None:
    """Whether somebody runs the day again or not, the drift is told once."""
    shutil.copytree(eleventh, folder, dirs_exist_ok=True)
    hook = receiver.url()
    assert warm(*arguments(12), spoil=STAGES[stage], HOOK=hook).code == KILLED
    outcome = warm(*arguments(next_run), HOOK=hook)
    assert outcome.code == 1
    remembered = list(STAGES).index(stage) >= COMMITTED
    first = 12 if remembered else next_run
    assert notices(receiver.requests) == [(name_of(first), {PRICE: "new"})]
    assert rows("SELECT substr(at, 9, 2), outcome FROM runs LEFT JOIN deliveries USING (id)") == [
        ("11", None),
        *[(f"{day}", "sent" if day == first else None) for day in sorted({first, next_run})],
    ]
    assert len(parts_left()) == (stage == "half a result written")
    assert told_again(warm, next_run, hook).json["told"] is False
    assert len(notices(receiver.requests)) == 1
    shown = json.loads(Path("out/alerts.json").read_text())
    assert shown["alerts"][0]["columns"] == {"price": "new" if first == next_run else "still"}


def told_again(warm: Warm, day: int, hook: str) -> Outcome:
    """Run a day that was run, as somebody does who wants to see for himself."""
    outcome = warm(*arguments(day), HOOK=hook)
    assert "nothing new is told" in outcome.warnings[0]
    return outcome
