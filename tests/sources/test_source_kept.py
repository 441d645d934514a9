"""Columns that are held in memory once they were read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from driftcli.sources import Parts, open_source

ROWS = 10_000
RNG = np.random.default_rng(1)
TABLE = pa.table(
    {
        "a": RNG.normal(size=ROWS),
        "b": pa.array(RNG.choice(["x", "y", None], ROWS)),
        "c": RNG.integers(0, 9, ROWS),
        "d": RNG.random(ROWS),
    }
)


class Asked(Parts):
    """Parts that note which columns they read."""

    asked: list[tuple[str, ...]]

    def _read(self, columns: Any, batch_rows: int, threads: bool) -> Iterator[pa.RecordBatch]:
        self.asked.append(tuple(columns))
        return super()._read(columns, batch_rows, threads)


def opened(path: Path, **options: Any) -> Asked:
    source = open_source(path, **options)
    source.__class__ = Asked
    assert isinstance(source, Asked)
    source.asked = []
    return source


def read(source: Parts, *columns: str, batch_rows: int = 3_000) -> pa.Table:
    batches = list(source.batches(columns, batch_rows))
    assert all(0 < batch.num_rows <= batch_rows for batch in batches)
    return pa.Table.from_batches(batches)


@pytest.fixture(params=["parquet", "parts", "csv"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "csv":
        pyarrow.csv.write_csv(TABLE, tmp_path / "t.csv")
        return tmp_path / "t.csv"
    if request.param == "parquet":
        pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=777)
        return tmp_path / "t.parquet"
    (tmp_path / "t").mkdir()
    for at in range(0, ROWS, 2_500):
        pq.write_table(TABLE.slice(at, 2_500), tmp_path / "t" / f"{at:05}.parquet")
    return tmp_path / "t"


def plain(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_the_rows_are_those_of_the_file(path: Path) -> None:
    source, other = opened(path), open_source(path)
    source.keep(["b", "d", "nosuch"])
    for columns in (["a", "b"], ["b"], ["d", "c", "b"], ["b", "d"], ["d", "a"], ["c"]):
        assert plain(read(source, *columns)) == plain(read(other, *columns))


def test_what_is_kept_is_read_once(path: Path) -> None:
    source = opened(path)
    source.keep(["b", "d"])
    # a row of text that is read again for another column is read whole
    other = "c" if source.columnar else "b"
    for columns in (["a", "b"], ["b"], ["d", other], ["d", "b"], ["b", "d"]):
        read(source, *columns)
    counts = {name: sum(name in asked for asked in source.asked) for name in "bd"}
    assert counts == {"b": 1, "d": 1}


def test_of_text_all_that_is_to_be_kept_is_read_at_once(tmp_path: Path) -> None:
    pyarrow.csv.write_csv(TABLE, tmp_path / "t.csv")
    source = opened(tmp_path / "t.csv")
    source.keep(["b", "d"])
    assert read(source, "a").column_names == ["a"]
    read(source, "d", "b")
    assert source.asked == [("a", "b", "d")]


def test_a_reading_that_was_broken_off_keeps_nothing(path: Path) -> None:
    source = opened(path)
    source.keep(["b"])
    batches = source.batches(["b"], 1_000)
    next(batches)
    batches.close()
    assert read(source, "b").num_rows == ROWS
    assert len(source.asked) == 2


def test_filters_hold(path: Path) -> None:
    source = opened(path, where=("c > 4",))
    source.keep(["a", "b"])
    first, again = read(source, "a", "b"), read(source, "b", "a", "d")
    assert first.num_rows == again.num_rows == int((TABLE["c"].to_numpy() > 4).sum())
    assert plain(first.select(["a", "b"])) == plain(again.select(["a", "b"]))


def test_words_and_their_codes_mix(tmp_path: Path) -> None:
    """Some parts of a column may come as a dictionary, others as plain text."""
    (tmp_path / "t").mkdir()
    words = pa.table({"w": pa.array(["x", "y", "x"])})
    pq.write_table(words, tmp_path / "t" / "a.parquet")
    pq.write_table(words, tmp_path / "t" / "b.parquet", use_dictionary=False)
    source = opened(tmp_path / "t")
    source.keep(["w"])
    assert read(source, "w")["w"].to_pylist() == read(source, "w")["w"].to_pylist()
    assert len(source.asked) == 1


def test_what_is_open_stays_open(path: Path) -> None:
    source = open_source(path)
    assert open_source(source) is source


def test_the_latest_file_tells_the_age(path: Path) -> None:
    import os

    newest = max(path.rglob("*.parquet"), default=path) if path.is_dir() else path
    os.utime(newest, (2e9, 2e9))
    found = open_source(path).modified
    assert found is not None
    assert found.timestamp() == 2e9
    assert open_source(TABLE).modified is None
