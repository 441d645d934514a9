"""Folders named ``key=value``, and what else a walk through folders meets."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_helpers import Write, error, read

from driftcli.sources import open_source
from driftcli.sources.files import LocalFile

DAYS = [dt.date(2026, 1, 1), dt.date(2026, 1, 2)]


@pytest.fixture
def logs(write: Write) -> str:
    write("logs/dt=2026-01-01/country=NL/a.csv", "x\n1\n")
    write("logs/dt=2026-01-01/country=BE/a.csv", "x\n2\n")
    write("logs/dt=2026-01-02/country=NL/a.csv", "x\n3\n")
    return "logs"


EVERYTHING = {
    "x": [2, 1, 3],
    "dt": [DAYS[0], DAYS[0], DAYS[1]],
    "country": ["BE", "NL", "NL"],
}


@pytest.mark.parametrize("target", ["logs", "logs/", "logs/**/*.csv", "logs/*/*/*.csv", "logs/*"])
def test_keys_of_folders_are_columns(logs: str, target: str) -> None:
    source = open_source(target)
    assert source.schema == pa.schema({"x": pa.int64(), "dt": pa.date32(), "country": pa.string()})
    assert source.partitions == ("dt", "country")
    assert source.name == target
    assert read(target) == EVERYTHING
    assert read(target, ["country", "x"]) == {key: EVERYTHING[key] for key in ("country", "x")}
    assert read(target, ["dt"]) == {"dt": EVERYTHING["dt"]}
    assert sum(batch.num_rows for batch in source.batches([])) == 3


def test_only_folders_below_what_is_named_are_columns(logs: str) -> None:
    assert read("logs/dt=2026-01-01") == {"x": [2, 1], "country": ["BE", "NL"]}
    assert read("logs/dt=2026-01-01/*/a.csv") == {"x": [2, 1], "country": ["BE", "NL"]}
    assert read("logs/dt=2026-01-01/country=NL/a.csv") == {"x": [1]}
    assert read("logs/dt=2026-01-01/country=NL") == {"x": [1]}
    assert open_source("logs/dt=2026-01-02/country=NL/a.csv").partitions == ()


@pytest.mark.parametrize(
    ("values", "kind", "read_as"),
    [
        (["01", "2", "-3"], pa.int64(), [1, 2, -3]),
        (["9223372036854775807", "0"], pa.int64(), [2**63 - 1, 0]),
        (["9223372036854775808", "0"], pa.string(), ["9223372036854775808", "0"]),
        (["2026-01-31", "2024-02-29"], pa.date32(), [dt.date(2026, 1, 31), dt.date(2024, 2, 29)]),
        (["2026-01-31", "2026-02-30"], pa.string(), ["2026-01-31", "2026-02-30"]),
        (["1", "a"], pa.string(), ["1", "a"]),
        (["1.5", "2"], pa.string(), ["1.5", "2"]),
        (["1", "__HIVE_DEFAULT_PARTITION__"], pa.int64(), [1, None]),
        (["__HIVE_DEFAULT_PARTITION__"], pa.string(), [None]),
        (["", "a"], pa.string(), ["", "a"]),
        (["S%C3%A3o%20Paulo", "a%2Fb"], pa.string(), ["São Paulo", "a/b"]),
        (["a=b", "*[x]?", " c\t"], pa.string(), ["a=b", "*[x]?", " c\t"]),
    ],
    ids=str,
)
def test_all_values_decide_the_type(
    write: Write, values: list[str], kind: pa.DataType, read_as: list[Any]
) -> None:
    for at, value in enumerate(values):
        write(f"p/k={value}/{at}.csv", f"x\n{at}\n")
    found = read("p")
    assert open_source("p").schema.field("k").type == kind
    assert dict(zip(found["x"], found["k"], strict=True)) == dict(enumerate(read_as))


def test_a_key_wins_over_a_column_of_that_name(write: Write) -> None:
    write("p/k=1/a.csv", "x,k\n5,oops\n")
    write("p/k=2/a.csv", "k,x\n7.5,6\n")
    assert read("p") == {"x": [5, 6], "k": [1, 2]}
    assert open_source("p").suspects == {}


def test_a_key_in_odd_characters(write: Write) -> None:
    write("p/my%20key=1/a.csv", "x\n5\n")
    assert read("p") == {"x": [5], "my key": [1]}


def test_files_in_folders_of_other_keys(write: Write) -> None:
    write("p/k=1/a.csv", "x\n1\n")
    write("p/a.csv", "x\n1\n")
    assert error("p") == "p/a.csv: in no folder 'k=…', but p/k=1/a.csv is"
    Path("p/a.csv").unlink()
    write("p/j=1/a.csv", "x\n1\n")
    assert error("p") == "p/k=1/a.csv: in no folder 'j=…', but p/j=1/a.csv is"
    write("q/k=1/k=2/a.csv", "x\n1\n")
    assert error("q") == "q/k=1/k=2/a.csv: in two folders 'k=…'"


def test_parts_of_different_types_are_named(write: Write) -> None:
    write("p/k=1/a.csv", "x\n1\n")
    write("p/k=2/a.csv", "x\nb\n")
    assert error("p") == ("p/k=2/a.csv: column 'x': int64 in p/k=1/a.csv, string in p/k=2/a.csv")


def test_a_part_that_changes(write: Write) -> None:
    write("p/k=1/a.csv", "x\n1\n")
    source = open_source("p")
    write("p/k=1/a.csv", "x\n1\n2\n")
    with pytest.raises(Exception, match=r"^p/k=1/a.csv: it changed while it was being read\. "):
        list(source.batches(["x"]))


def test_max_rows_counts_over_all_folders(logs: str) -> None:
    assert read("logs", ["x"], max_rows=3) == {"x": EVERYTHING["x"]}
    assert error("logs", max_rows=2) == "logs: more than 2 rows (input.max_rows)"


def test_companions_at_every_level(logs: str, write: Write) -> None:
    for name in (
        "_SUCCESS", "_temporary/0/a.csv", ".spark-staging/dt=9/country=X/a.csv", "dt_$folder$",
        "dt=2026-01-01/_SUCCESS", "dt=2026-01-01/country=NL/.a.csv.crc",
        "dt=2026-01-02/.hidden/a.csv", "dt=2026-01-02/country=NL/_meta/a.csv",
    ):  # fmt: skip
        write(f"logs/{name}", "")
    for target in ("logs", "logs/**/*.csv", "logs/*/*/*"):
        assert read(target) == EVERYTHING


def test_a_key_may_begin_with_an_underscore(write: Write) -> None:
    write("p/_k=1/a.csv", "x\n5\n")
    assert read("p") == {"x": [5], "_k": [1]}


def test_a_plain_folder_among_keys(logs: str, write: Write) -> None:
    write("logs/dt=2026-01-02/old/a.csv", "x\n1\n")
    assert error("logs") == (
        "logs/: holds the folder 'old'. name the files by a glob, such as 'logs/**/*.parquet'"
    )


def test_folders_without_files(folder: Path) -> None:
    (folder / "logs/dt=1/country=NL").mkdir(parents=True)
    assert error("logs") == "logs/: no data files"
    assert error("logs/*") == "logs/*: no data files"


def test_a_glob_that_matches_files_leaves_folders_out(write: Write) -> None:
    write("p/a.csv", "x\n1\n")
    write("p/old/b.csv", "x\n2\n")
    assert read("p/*") == {"x": [1]}
    assert read("p/**") == {"x": [1, 2]}
    assert read("p/o*") == {"x": [2]}


def test_a_link_to_a_folder_above(logs: str) -> None:
    Path("logs/dt=2026-01-01/country=FR").symlink_to(Path("logs").resolve())
    assert error("logs") == "logs/dt=2026-01-01/country=FR: loop of symbolic links"
    assert error("logs/**/*.csv") == "logs/dt=2026-01-01/country=FR: loop of symbolic links"


def test_links_elsewhere_are_followed(logs: str) -> None:
    Path("more").mkdir()
    Path("more/dt=2026-01-03").symlink_to(Path("logs/dt=2026-01-02").resolve())
    assert read("more") == {"x": [3], "dt": [dt.date(2026, 1, 3)], "country": ["NL"]}
    Path("more/dt=2026-01-04").symlink_to("nowhere")
    assert error("more") == "more/dt=2026-01-04: broken symbolic link"


def test_every_part_is_opened_twice_and_no_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(30):
        path = folder / f"p/k={at}/a.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(pa.table({"x": [at]}), path)
    opened: list[str] = []
    real = LocalFile.on_disk

    def counting(self: LocalFile) -> Any:
        opened.append(self.name)
        return real(self)

    monkeypatch.setattr(LocalFile, "on_disk", counting)
    source = open_source("p")
    assert len(opened) == 60  # its first bytes, its footer
    assert sum(batch.num_rows for batch in source.batches(["x", "k"])) == 30
    assert len(opened) == 90


@pytest.mark.slow
def test_the_cost_of_parts_is_linear(folder: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), "a.parquet")
    whole = Path("a.parquet").read_bytes()
    spent = []
    for parts in (500, 4000):
        for at in range(parts):
            path = folder / f"p{parts}/k={at}/a.parquet"
            path.parent.mkdir(parents=True)
            path.write_bytes(whole)
        start = time.perf_counter()
        assert open_source(f"p{parts}").rows == parts
        spent.append(time.perf_counter() - start)
    assert spent[1] < 3 * 8 * spent[0], "eight times the parts; the rest is a busy machine"
