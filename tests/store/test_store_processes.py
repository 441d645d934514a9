"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_places import Place
from store_samples import MEMORY, NOTICE, check, run

from driftcli.store import StoreError
from driftcli.store.store import TABLES

WORKER = Path(__file__).parent / "store_worker.py"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(place: Place) -> Iterator[Start]:
    """Start a worker on the place; it is killed at the end."""
    started = []

    def _start(what: str, name: object = "") -> subprocess.Popen[str]:
        command = [sys.executable, str(WORKER), what, *place.arguments, str(name)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield _start
    for worker in started:
        worker.kill()
        worker.communicate()


def ready(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"


def ended_well(worker: subprocess.Popen[str]) -> None:
    _, told = worker.communicate(timeout=120)
    assert (worker.returncode, told) == (0, "")


def test_row_102_four_processes_lose_nothing(place: Place, start: Start) -> None:
    for worker in [start("remember_many", name) for name in "abcd"]:
        ended_well(worker)
    with place.open() as store:
        expected = {f"{name}-{number}" for name in "abcd" for number in range(50)}
        assert {row.id for row in store.runs()} == expected
        assert Counter(row.run for row in store.history()) == dict.fromkeys(expected, 2)
        assert {notice.id for notice in store.waiting("ctr")} == expected
        # each read what the one before it had written: no update was lost
        assert [memory.seen for memory in store.memories("ctr")] == ["200"]


def test_processes_that_make_the_store_at_once(place: Place, start: Start, tmp_path: Path) -> None:
    go = tmp_path / "go"
    workers = [start("open_at_once", go) for _ in range(6)]
    for worker in workers:
        ready(worker)
    go.touch()
    for worker in workers:
        ended_well(worker)
    with place.open() as store:
        assert len(store.runs()) == 6


def test_a_writer_killed_in_the_middle_leaves_the_old_state(place: Place, start: Start) -> None:
    with place.open() as store:
        store.remember(run(1, checks=(check(),)), [MEMORY], [NOTICE])
        before = {name: store.table(name)[1] for name in TABLES}
    worker = start("stop_in_the_middle")
    ready(worker)
    worker.kill()
    worker.wait()
    begun = time.monotonic()
    with place.open() as store, store.alone("ctr", 5):
        assert {name: store.table(name)[1] for name in TABLES} == before
        store.remember(run(2), None, [])
        assert len(store.runs()) == 2
    assert time.monotonic() - begun < 5, "neither lock outlives the process"


def test_a_reader_does_not_wait_for_a_writer(place: Place, start: Start) -> None:
    with place.open() as store:
        store.remember(run(1), None, [])
        ready(start("write_nothing"))
        assert len(store.runs()) == 1


def test_a_writer_does_not_wait_for_ever(
    place: Place, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftcli.store import postgres, sqlite

    monkeypatch.setattr(postgres, "BUSY", 1)
    monkeypatch.setattr(sqlite, "BUSY", 1)
    with place.open() as store:
        ready(start("write_nothing"))
        with pytest.raises(StoreError) as refused:
            store.remember(run(1), None, [])
        reason = "canceling statement due to lock timeout" if place.url else "database is locked"
        hint = "another process has written to it for 1 seconds"
        assert str(refused.value) == f"{place.name}: {reason}. {hint}"
        assert store.runs() == []


def test_row_102_one_run_of_a_monitor_at_a_time(place: Place, start: Start) -> None:
    holder = start("hold", "it's")
    ready(holder)
    with place.open() as store:
        begun = time.monotonic()
        with pytest.raises(StoreError) as refused, store.alone("it's", 0.3):
            pytest.fail("two hold it")
        assert time.monotonic() - begun >= 0.3
        held = f'{place.name}: another run holds the monitor "it\'s"'
        assert str(refused.value) == f"{held}. wait for it, or see why it hangs"
        with store.alone("another monitor", 0):
            store.remember(run(1), None, [])
        waiting = start("take", "it's")
        ready(waiting)
        time.sleep(0.5)
        assert waiting.poll() is None
        holder.kill()
        assert waiting.communicate(timeout=10) == ("taken\n", "")
        with store.alone("it's", 1), store.alone("ctr", 0):
            pass


def test_the_lock_ends_with_an_error(place: Place) -> None:
    with place.open() as first, place.open() as second:
        with pytest.raises(KeyboardInterrupt), first.alone("ctr", 0):
            raise KeyboardInterrupt
        with second.alone("ctr", 0), pytest.raises(StoreError, match="another run holds"):  # noqa: SIM117
            with first.alone("ctr", 0):
                pytest.fail("two hold it")


@pytest.mark.parametrize("monitor", ["", "a/b", "\x00", "\udcff", "x" * 5000, "…"])
def test_a_monitor_of_any_name_can_be_held(place: Place, monitor: str) -> None:
    with place.open() as first, place.open() as second, first.alone(monitor, 0):
        with second.alone(f"{monitor}.", 0):
            pass
        with (
            pytest.raises(StoreError, match="another run holds") as refused,
            second.alone(monitor, 0),
        ):
            pytest.fail("two hold it")
        assert str(refused.value).isprintable()
