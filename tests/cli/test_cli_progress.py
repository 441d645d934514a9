"""The bar on a terminal while the work lasts, and where there is none."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from threading import Thread

import numpy as np
import pytest
from cli_helpers import normal, save
from terminals import on_terminal, screen

from driftcli.commands.progress import Bar, Count, progress
from driftcli.engines.watch import Nobody

MOVED = ("features", "ref.parquet", "moved.parquet")
COLOUR = re.compile(rb"\x1b\[[0-9;]*[34]\d[0-9;]*m")


def script(
    *arguments: str, pause: float = 0.1, patience: float | None = 0.05, period: float = 0.02
) -> str:
    """A run whose every column takes a while; patience as it is where none is given."""
    lines = [
        "import sys, time",
        "from driftcli.commands import progress",
        "from driftcli.engines.lane import Lane",
        f"progress.PERIOD = {period}",
        "fold = Lane._add",
        "def slowly(self, task):",
        f"    time.sleep({pause})",
        "    fold(self, task)",
        "Lane._add = slowly",
        f"sys.argv = {['driftcli', *arguments]}",
        "from driftcli.cli import main",
        "main()",
    ]
    if patience is not None:
        lines.insert(3, f"progress.PATIENCE = {patience}")
    return "\n".join(lines)


@pytest.mark.usefixtures("data")
def test_work_of_more_than_a_second_has_a_bar_and_the_table_stands_alone_afterwards() -> None:
    shown = on_terminal(script(*MOVED, pause=0.25, patience=None), stdout=True, columns=100)
    quick = on_terminal(script(*MOVED, pause=0, patience=60), stdout=True, columns=100)
    assert "━".encode() in shown.raw
    assert "━".encode() not in quick.raw
    assert (shown.code, shown.screen) == (1, quick.screen)
    assert shown.screen[0].startswith("feature")
    assert shown.cursor


@pytest.mark.usefixtures("data")
def test_the_bar_tells_rows_columns_rate_and_time_left() -> None:
    shown = on_terminal(script(*MOVED), columns=100)
    assert shown.screen == []
    text = shown.raw.decode()
    assert "  0 %" in text
    assert "0 of 1.0k rows, 3 columns" in text
    assert re.search(r" 50 % .*500 of 1.0k rows, 3 columns, \d+ rows/s, 0:00:0\d left", text)


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("columns", [20, 40])
def test_a_narrow_terminal_gets_one_line(columns: int) -> None:
    shown = on_terminal(script(*MOVED), columns=columns)
    assert (shown.code, shown.screen) == (1, [])
    assert ("0:00:00 left" if columns == 40 else " 50") in shown.raw.decode()
    lines = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", shown.raw.decode()).split("\r")
    assert max(len(line.rstrip("\n")) for line in lines) <= columns - 4
    assert not any("\n" in line.strip("\n") for line in lines)


@pytest.mark.usefixtures("data")
def test_no_color_has_no_colour() -> None:
    coloured, plain = (
        on_terminal(script(*MOVED), **environment) for environment in ({}, {"NO_COLOR": "1"})
    )
    assert COLOUR.search(coloured.raw)
    assert not COLOUR.search(plain.raw)
    assert "━".encode() in plain.raw
    assert plain.screen == []


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("flags", "environment"), [(("-q",), {}), ((), {"TERM": "dumb"})], ids=["quiet", "dumb"]
)
def test_none_where_it_is_not_wanted_or_cannot_be_drawn(
    flags: tuple[str, ...], environment: dict[str, str]
) -> None:
    shown = on_terminal(script(*MOVED, *flags), **environment)
    assert (shown.code, shown.raw) == (1, b"")


@pytest.mark.usefixtures("data")
def test_none_in_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-c", script(*MOVED, "--format", "json")], capture_output=True, timeout=20
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout)["summary"]["drifted_features"] == 2


@pytest.mark.usefixtures("data")
def test_json_on_stdout_is_whole_beside_the_bar() -> None:
    shown = on_terminal(script(*MOVED, "--format", "json"))
    assert "━".encode() in shown.raw
    assert json.loads(shown.out)["summary"]["drifted_features"] == 2
    assert shown.out.count(b"\n") == 1


def test_short_work_neither_shows_nor_imports_a_bar() -> None:
    for name, seed in (("ref.parquet", 1), ("cur.parquet", 2)):
        save(name, **{f"c{i}": normal(seed * 100 + i, 10_000) for i in range(12)})
    shown = on_terminal(
        "import sys\n"
        "from driftcli import cli\n"
        "print(cli.run(['features', 'ref.parquet', 'cur.parquet', '--format', 'json']))\n"
        "print([name for name in ('rich.progress', 'rich.live') if name in sys.modules])\n"
    )
    assert (shown.raw, shown.out.splitlines()[1:]) == (b"", [b"0", b"[]"])


@pytest.mark.usefixtures("data")
def test_an_error_amid_the_work_stands_alone() -> None:
    failing = script(*MOVED).replace(
        "Lane._add = slowly",
        "def fails(*_):\n"
        "    time.sleep(0.3)\n"
        "    from driftcli.errors import DataError\n"
        "    raise DataError('cannot be read', path='moved.parquet')\n"
        "Lane._add = fails",
    )
    shown = on_terminal(failing)
    assert "━".encode() in shown.raw
    assert shown.screen == ["driftcli: error: moved.parquet: cannot be read"]
    assert (shown.code, shown.out, shown.cursor) == (2, b"", True)


def wide() -> None:
    """So many columns that several groups of them are worked at side by side."""
    for name, seed in (("ref.parquet", 1), ("moved.parquet", 2)):
        values = np.random.default_rng(seed).normal(size=(130, 50))
        save(name, **{f"c{i}": column for i, column in enumerate(values)})


def long() -> None:
    """So many rows that the columns of a batch are folded side by side."""
    for name, seed in (("ref.parquet", 1), ("moved.parquet", 2)):
        save(name, **{f"c{i}": normal(seed * 10 + i, 50_000) for i in range(6)})


@pytest.mark.parametrize("data", [wide, long])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_row_104_a_signal_amid_threads_leaves_a_clean_terminal(
    data: object, number: signal.Signals, code: int
) -> None:
    assert callable(data)
    data()
    shown = on_terminal(
        script(*MOVED, "--jobs", "2", "-o", "x.json", pause=0.3),
        until=lambda raw: "━" in raw.decode(errors="ignore"),
        number=number,
    )
    assert "━".encode() in shown.raw
    assert shown.screen == [f"driftcli: error: stopped by {number.name}"]
    assert (shown.code, shown.out, shown.cursor) == (code, b"", True)
    assert shown.seconds < 1


def test_the_screen_of_these_tests_can_tell() -> None:
    assert screen(b"one\r\ntwo\x1b[1A\r\x1b[2Kthree") == ["three", "two"]
    assert screen(b"abc\rd\n\n") == ["dbc"]


MILLION = 10**6


@pytest.mark.parametrize(
    ("count", "wide", "narrow"),
    [
        (Count(0, 0, 0, 0.0), "opening", "opening"),
        (Count(0, 24 * MILLION, 12, 1.0), "0 of 2.0M rows, 12 columns", "0 of 2.0M rows"),
        (
            Count(6 * MILLION, 24 * MILLION, 12, 2.0),
            "500.0k of 2.0M rows, 12 columns, 250.0k rows/s, 0:00:06 left",
            "0:00:06 left",
        ),
        (
            Count(900, None, 1, 3.0),
            "900 rows, 1 column, 300 rows/s",
            "900 rows",
        ),
        (
            Count(3 * 10**9, 4 * 10**12, 2, 3600.0),
            "1.5G of 2000.0G rows, 2 columns, 416.7k rows/s, 55 days, 12:20:00 left",
            "55 days, 12:20:00 left",
        ),
    ],
)
def test_a_count_in_words(count: Count, wide: str, narrow: str) -> None:
    assert (count.words(60), count.words(59)) == (wide, narrow)


def test_more_to_read_than_was_told_at_first_is_added() -> None:
    bar = Bar(Nobody())
    bar.expect(100, 12)
    bar.expect(50, 12)
    bar.read(100, 12)
    bar.expect(100, 5)  # looked through once more
    count = bar.count()
    assert (count.done, count.total, count.columns) == (1200, 2300, 12)


def test_one_side_of_unknown_length_makes_the_whole_unknown() -> None:
    bar = Bar(Nobody())
    bar.expect(100, 2)
    bar.expect(None, 2)
    bar.expect(100, 1)
    bar.read(10, 2)
    count = bar.count()
    assert (count.done, count.total, count.columns) == (20, None, 2)


def test_the_count_is_right_from_many_threads() -> None:
    bar = Bar(Nobody())
    bar.expect(8 * 5000, 3)

    def read() -> None:
        for _ in range(5000):
            bar.read(1, 3)

    threads = [Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bar.count().done == bar.count().total == 3 * 8 * 5000


def test_without_a_terminal_the_other_watch_is_handed_on() -> None:
    watch = Nobody()
    with progress(watch, quiet=False) as seen:
        assert seen is watch
