"""Every command that writes, with a fault at every call that it makes into the system."""

from __future__ import annotations

import inspect
import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from alert_receiver import Receiver, served
from cli_helpers import OLD
from fault_runs import Case, Injector, Order
from monitored import day_file, log, monitor, webhook

from driftcli import cli

ALL = "DRIFTCLI_ALL_FAULTS" in os.environ
MOST = 60
HOWS = (
    "ENOSPC", "EIO", "EACCES", "MemoryError", "KeyboardInterrupt", "SIGTERM before",
    "SIGTERM after", "SIGINT after", "SIGKILL before", "SIGKILL after",
)  # fmt: skip
LABELLED = ("--label", "label", "--score", "score")
COMMANDS = {
    "features": ("features", "ref.parquet", "cur.parquet", "-o", "out/r.json", "-o", "out/r.html"),
    "predictions": ("predictions", "ref.parquet", "cur.parquet", "-o", "out/r.json"),
    "performance": (
        "performance", "ref.parquet", "cur.parquet", *LABELLED, "-o", "out/r.json",
    ),
    "alert": ("alert", "found.json", "-o", "out/alerts.json"),
    "report": ("report", "found.json", "-o", "out/r.html", "-o", "out/r.md"),
    "baseline create": ("baseline", "create", "ref.parquet", "-o", "out/base", *LABELLED),
    "baseline merge": ("baseline", "merge", "base", "part", "-o", "out/base"),
    "config init": ("config", "init", "--force", "out/driftcli.yaml"),
    "backtest": (
        "backtest", "days.parquet", "--time", "t", "--propose", "out/limits.yaml", "-o",
        "out/replay.json",
    ),
}  # fmt: skip


def days() -> pa.Table:
    """A log of sixty days."""
    rng = np.random.default_rng(1)
    seconds = np.arange(3_000) * 1_728 + 1_767_571_200
    return pa.table({"t": pa.array(seconds, pa.timestamp("s")), "x": rng.normal(size=3_000)})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, injector: Injector) -> Path:
    """A folder with the data, a result, and two baselines that add up."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        pq.write_table(log(0, rows=600), "ref.parquet")
        pq.write_table(log(1, price=2.0), "cur.parquet")
        pq.write_table(days(), "days.parquet")
    for words in (
        ("features", "ref.parquet", "cur.parquet", "-q", "-o", "found.json"),
        ("baseline", "create", "ref.parquet", "-q", "-o", "base"),
        ("baseline", "create", "cur.parquet", "-q", "-o", "part", "--edges-of", "base"),
    ):
        (made,) = injector([folder], Order(words))
        assert made.outcome.code in (0, 1), made.outcome
    return folder


def case(name: str, bench: Path, injector: Injector, folder: Path) -> Case:
    """Return a command with old files where it writes."""
    folder = folder / "begin"
    (folder / "out").mkdir(parents=True)
    for word in COMMANDS[name]:
        if (bench / word).is_file():
            shutil.copy(bench / word, folder)
        elif word.startswith("out/"):
            (folder / word).write_text(OLD)
    (clean,) = injector(folder, Order(COMMANDS[name]))
    assert (clean.code, clean.errors) in ((0, []), (1, []))
    assert clean.calls.count("replace") == sum(word.startswith("out/") for word in COMMANDS[name])
    return Case(folder, COMMANDS[name], clean)


def faults(calls: list[str]) -> list[tuple[int, str]]:
    """Return each call with each fault if all are asked for, else some sixty with one in turn."""
    numbers = range(1, len(calls) + 1)
    if ALL:
        return [(number, how) for number in numbers for how in HOWS]
    return list(zip(numbers[:: -(-len(calls) // MOST)], itertools.cycle(HOWS), strict=False))


def sweep(this: Case, injector: Injector) -> None:
    """Run with every fault, and once more where things may be left behind or were remembered."""
    chosen = faults(this.clean.calls)
    orders = [this.order(number, how) for number, how in chosen]
    wrong = []
    for (number, how), ended in zip(chosen, injector(this.folder, *orders), strict=True):
        try:
            this.check(ended, how)
            if this.lenient or ended.code < 0:
                (after,) = injector([ended.folder], this.order(attempt=int(ended.failed)))
                this.check_next(ended, after)
        except AssertionError as error:
            wrong.append(
                f"{how} at {number} ({this.clean.calls[number - 1]}): {error}".replace("\n", " ")
            )
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("name", COMMANDS)
def test_row_012_100_101_104_116_files(
    name: str, bench: Path, injector: Injector, tmp_path: Path
) -> None:
    sweep(case(name, bench, injector, tmp_path), injector)


LINES = ("driftcli/files.py", "driftcli/cli.py", "driftcli/commands/terminal.py")


@pytest.mark.parametrize("word", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_row_100_104_a_signal_at_any_line_that_writes_or_tells(
    word: str, bench: Path, injector: Injector, tmp_path: Path
) -> None:
    this = case("alert", bench, injector, tmp_path)
    (counted,) = injector(this.folder, this.order(lines=LINES))
    (ready,) = (
        at
        for at, line in enumerate(inspect.getsource(cli).splitlines(), 1)
        if "= prepare_libraries()" in line
    )
    armed = counted.calls.index(f"cli.py:{ready}") + 1
    numbers = range(armed, len(counted.calls) + 1)
    orders = [this.order(number, f"{word} before", lines=LINES) for number in numbers]
    wrong = []
    for number, ended in zip(numbers, injector(this.folder, *orders), strict=True):
        try:
            this.check(ended, word)
        except AssertionError as error:
            wrong.append(f"at {counted.calls[number - 1]}: {error}")
    assert wrong == [], "\n".join(wrong)


# -- what is remembered ----------------------------------------------------------------------------

DAYS = ("2026-01-01", "2026-01-02")


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    yield from served()


@pytest.fixture
def monitored(injector: Injector, receiver: Receiver, tmp_path: Path) -> Callable[..., Case]:
    """Return how to make a case of a monitor that ran on the first of two days."""
    folder = tmp_path / "begin"
    folder.mkdir()
    hook = {"HOOK": receiver.url()}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        pq.write_table(log(0, rows=600), "ref.parquet")
        for seed, day in enumerate(DAYS):
            day_file(day, log(seed + 1, price=2.0 * seed))
        monitor({"send": [webhook(required=True)]})
    words = ("run", "monitor.yaml", "--as-of", f"{DAYS[0]}T04:00Z", "-q")
    (first,) = injector([folder], Order(words, environment=hook))
    assert (first.outcome.code, first.outcome.err) == (0, "")

    def made(*words: str, lenient: bool = False) -> Case:
        (clean,) = injector(folder, Order(words, environment=hook))
        assert (clean.code, clean.errors) in ((0, []), (1, []))
        return Case(folder, words, clean, hook, lenient)

    return made


SECOND = ("run", "monitor.yaml", "--as-of", f"{DAYS[1]}T04:00Z", "--jobs", "1", "-q")


def test_row_012_100_101_104_116_run(monitored: Callable[..., Case], injector: Injector) -> None:
    this = monitored(*SECOND, lenient=True)
    assert {"sql", "resolve", "connect", "sendall", "sync", "read"} <= set(this.clean.calls)
    sweep(this, injector)


@pytest.mark.parametrize(
    "words",
    [
        ("history", "prune", "-c", "monitor.yaml", "--keep", "1d"),
        ("history", "export", "-c", "monitor.yaml", "out/tables"),
    ],
    ids=["prune", "export"],
)
def test_row_012_100_101_104_116_history(
    words: tuple[str, ...], monitored: Callable[..., Case], injector: Injector
) -> None:
    sweep(monitored(*words), injector)


@pytest.mark.parametrize("kill", [False, True], ids=["full", "killed"])
def test_row_100_101_a_disk_that_fills_up_under_sqlite(
    monitored: Callable[..., Case], injector: Injector, kill: bool
) -> None:
    """At any page that SQLite writes, to the store or to its journal."""
    this = monitored(*SECOND, lenient=True)
    written = {path: path.stat().st_size for path in this.clean.folder.glob("out/*")}
    most = max(written.values()) + 8192  # the page is larger than the store
    sizes = [*range(4096, written[this.clean.folder / "out/history.sqlite"] + 8192, 8192), most]
    orders = [this.order(limit=(size, kill)) for size in sizes]
    codes = []
    for ended in injector(this.folder, *orders):
        codes.append(ended.code)
        if kill and ended.code < 0:
            assert ended.code == -signal.SIGXFSZ
            this.check_files(ended)
        else:
            this.check(ended, "ENOSPC")
        (after,) = injector([ended.folder], this.order(attempt=int(ended.failed)))
        this.check_next(ended, after)
    assert set(codes) == {-signal.SIGXFSZ if kill else 2, this.clean.code}
