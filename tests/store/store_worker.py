"""What another process does to a store: ``store_worker.py WHAT PATH URL NAME``."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from store_samples import MEMORY, NOTICE, check, day, run

from driftcli.store import StoreError, open_store

PATH, URL, NAME = sys.argv[2:5]
GO = Path(NAME)


def say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 (how the test hears of it)


def remember_many() -> None:
    """Keep fifty runs, each with an alert's memory and a notice, as a cron job does."""
    for number in range(50):
        id_ = f"{NAME}-{number}"
        with _opened() as store, store.alone("ctr", 60):
            (last,) = store.memories("ctr") or [replace(MEMORY, seen="0")]
            count = replace(last, seen=str(int(last.seen) + 1))
            kept = run(1, id_=id_, checks=(check(), check("b")))
            store.remember(kept, [count], [NOTICE.__class__(id_, "slack", "ctr", day(1), "{}")])


def open_at_once() -> None:
    """Open a store that is not there, together with others."""
    say("ready")
    while not GO.exists():
        time.sleep(0.001)
    with _opened() as store:
        store.remember(run(1, id_=f"{time.monotonic_ns()}"), None, [])


def stop_in_the_middle() -> None:
    """Write half of a run and wait for the end."""

    def half():
        yield MEMORY
        say("ready")
        time.sleep(60)

    with _opened() as store, store.alone("ctr", 0):
        store.remember(run(2, checks=(check(),)), half(), [])


def write_nothing() -> None:
    """Hold the store without a word."""
    with _opened() as store, store._database.transaction():
        say("ready")
        time.sleep(60)


def hold() -> None:
    """Keep the others of a monitor away."""
    with _opened() as store, store.alone(NAME, 0):
        say("ready")
        time.sleep(60)


def take() -> None:
    """Wait for a monitor."""
    say("ready")
    with _opened() as store, store.alone(NAME, 30):
        say("taken")


def _opened():
    return open_store(Path(PATH) if PATH else None, URL or None, "PostgreSQL (DRIFT_DB)")


if __name__ == "__main__":
    try:
        globals()[sys.argv[1]]()
    except StoreError as error:
        sys.exit(str(error))
