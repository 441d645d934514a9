from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from source_helpers import Write, error, one_line, read

from driftcli.config import Input
from driftcli.errors import UsageError
from driftcli.sources import open_source
from driftcli.sources.finding import natural
from driftcli.sources.templates import day_of, filled

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", TODAY),
        ("today", TODAY),
        ("yesterday", dt.date(2026, 11, 21)),
        ("-0d", TODAY),
        ("-3d", dt.date(2026, 11, 19)),
        ("-22d", dt.date(2026, 10, 31)),
    ],
)
def test_days(text: str, day: dt.date) -> None:
    assert day_of(text, TODAY) == day


def test_today_is_that_of_utc() -> None:
    before = dt.datetime.now(dt.UTC).date()
    assert before <= day_of("today") <= dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize("text", ["", "2026-02-30", "tomorrow", "-3", "3d", "-999999d", "22.11.26"])
def test_no_such_day(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        day_of(text)
    assert one_line(caught.value) == (
        f"no such date: '{text}'. write 2026-11-22, today, yesterday, or -3d for three days ago"
    )


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("a/{date:%Y-%m-%d}.csv", "a/2026-11-22.csv"),
        ("a/{date}.csv", "a/2026-11-22.csv"),
        ("{date:%Y}/{date:%m}/x{date:%d}{date:%j}", "2026/11/x22326"),
        ("{date:dt=%Y%m%d_%H}", "dt=20261122_00"),
        ("{date:%%Y}", "%Y"),
        ("a/{latest}/{date:%d}", "a/{latest}/22"),
        ("s3://b-{date:%Y}/x", "s3://b-2026/x"),
        ("a{1}{}{a,b}{a b}.csv", "a{1}{}{a,b}{a b}.csv"),
    ],
)
def test_dates_are_filled_in(target: str, path: str) -> None:
    assert filled(target, "2026-11-22") == path


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("{day}.csv", "{day}.csv: no template '{day}'. "
         "known are {date:%Y-%m-%d} and {latest}"),
        ("{Date:%Y}", "{Date:%Y}: no template '{Date:%Y}'. "
         "known are {date:%Y-%m-%d} and {latest}"),
        ("{latest:%Y}", "{latest:%Y}: no template '{latest:%Y}'. "
         "known are {date:%Y-%m-%d} and {latest}"),
        ("{date:%Q}", "{date:%Q}: template '{date:%Q}': no directive '%Q'. "
         "write it as for strftime, such as {date:%Y-%m-%d}"),
        ("{date:%Y%}", "{date:%Y%}: template '{date:%Y%}': no directive '%'. "
         "write it as for strftime, such as {date:%Y-%m-%d}"),
        ("{date:}", "{date:}: template '{date:}': an empty format. "
         "write it as for strftime, such as {date:%Y-%m-%d}"),
    ],
)  # fmt: skip
def test_templates_that_are_not_understood(folder: Path, target: str, line: str) -> None:
    assert error(target) == line


def test_the_name_is_the_path_that_was_read(write: Write) -> None:
    write("logs/2026-11-22/a.csv", "x\n1\n")
    source = open_source("logs/{date:%Y-%m-%d}/*.csv", Input(date="2026-11-22"))
    assert source.name == "logs/2026-11-22/*.csv"
    assert error("logs/{date}/*.csv", date="2026-11-23") == "logs/2026-11-23/*.csv: no data files"
    assert error("logs/{date}", date="2026-11-23") == (
        "logs/2026-11-23: no such file. did you mean '2026-11-22'?"
    )
    assert error("logs/{date}", date="nonsense").startswith("no such date: 'nonsense'. ")


def test_a_file_whose_name_is_a_template(write: Write) -> None:
    assert read(write("a{date}{day}.csv", "x\n1\n")) == {"x": [1]}


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        ("logs/dt={latest}/", "logs/dt=2026-01-10/", 10),
        ("logs/dt={latest}", "logs/dt=2026-01-10", 10),
        ("logs/{latest}/*.csv", "logs/dt=2026-01-10/*.csv", 10),
        ("logs/dt=2026-01-{latest}/a.csv", "logs/dt=2026-01-10/a.csv", 10),
        ("{latest}/dt=2026-01-{latest}/a.csv", "logs/dt=2026-01-10/a.csv", 10),
        ("logs/dt={latest}/{latest}.csv", "logs/dt=2026-01-10/a.csv", 10),
        ("runs/run-{latest}.csv", "runs/run-11.csv", 11),
        ("{date:run}s/run-{latest}.csv", "runs/run-11.csv", 11),
        ("runs/{latest}", "runs/run-11.csv", 11),
        ("logs/dt=2026-01-0{latest}/*.csv", "logs/dt=2026-01-09/*.csv", 9),
    ],
)
def test_the_latest_that_holds_data(write: Write, target: str, name: str, value: int) -> None:
    for day in (1, 9, 10):
        write(f"logs/dt=2026-01-{day:02}/a.csv", f"x\n{day}\n")
    write("logs/dt=2026-01-11/_SUCCESS", "")
    write("logs/_dt=2026-01-12/a.csv", "")
    for run in (9, 10, 11):
        write(f"runs/run-{run}.csv", f"x\n{run}\n")
    source = open_source(target)
    assert source.name == name
    assert read(target) == {"x": [value]}
    assert source.partitions == ()


def test_keys_below_the_latest_are_columns(write: Write) -> None:
    write("logs/dt=2026-01-01/country=NL/a.csv", "x\n1\n")
    assert read("logs/dt={latest}") == {"x": [1], "country": ["NL"]}


def test_what_is_the_latest_may_be_damaged(write: Write) -> None:
    """Half-written data are an error, never a reason to check older ones."""
    write("logs/1/a.csv", "x\n1\n")
    write("logs/2/a.csv", "")
    assert error("logs/{latest}/a.csv") == "logs/2/a.csv: file is empty"


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("logs/{latest}/x.csv", "logs/{latest}/x.csv: nothing with data fits {latest}"),
        ("nowhere/{latest}", "nowhere/{latest}: nothing with data fits {latest}"),
        ("*/{latest}", "*/{latest}: a glob cannot stand before {latest}"),
    ],
)
def test_no_latest(write: Write, target: str, line: str) -> None:
    write("logs/1/a.csv", "x\n1\n")
    assert error(target) == line


def test_natural_order() -> None:
    names = ["b", "a10", "a9", "a09", "a", "10", "9", "a9b2", "a9b10", "²"]
    assert sorted(names, key=natural) == [
        "9", "10", "a", "a09", "a9", "a9b2", "a9b10", "a10", "b", "²",
    ]  # fmt: skip
