"""The file: what stands in it, that it comes back whole, and that nothing else is believed."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from baseline_samples import data, forge, parts_of, sample

from driftcli.baselines.document import to_document
from driftcli.baselines.file import load, packed
from driftcli.baselines.recognise import is_baseline
from driftcli.config import Config
from driftcli.errors import DataError
from driftcli.pipeline.baseline import create_baseline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ref.baseline"
    sample().write(path)
    return path


def reason(path: Path) -> str:
    """The one line of a file that is refused."""
    with pytest.raises(DataError) as caught:
        load(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    return line.removeprefix(f"{path}: ").partition(". ")[0]


def test_what_is_written_comes_back(path: Path) -> None:
    made, read = sample(), load(path)
    assert packed(read).hex() == path.read_bytes().hex()
    assert {**to_document(made), "created": ""} == {**to_document(read), "created": ""}


def test_the_same_data_give_the_same_bytes() -> None:
    shuffled = data().take(np.random.default_rng(0).permutation(300))
    tables = [data(), shuffled, pa.concat_tables([data()[200:], data()[:200]])]
    made = [create_baseline(table, Config()).baseline for table in tables]
    documents = [{**to_document(one), "created": "", "sources": []} for one in made]
    assert documents[0] == documents[1] == documents[2]
    assert len({len(packed(one)) for one in made}) == 1


def test_any_parquet_tool_reads_it(path: Path) -> None:
    frames = [pd.read_parquet(path), pl.read_parquet(path).to_pandas()]
    for frame in frames:
        edges = frame[(frame["column"] == "n") & (frame["part"] == "edge")]
        values, rows = np.unique(data()["n"].to_numpy(), return_counts=True)
        assert edges["integer"].astype(int).tolist() == values.tolist()
        assert edges["upto"].astype(int).tolist() == np.cumsum(rows).tolist()
        words = frame[(frame["column"] == "word") & (frame["part"] == "category")]
        counts = dict(zip(words["text"], words["count"].astype(int), strict=True))
        assert counts == data()["word"].drop_null().to_pandas().value_counts().to_dict()


def test_no_more_rows_of_the_data_than_edges(path: Path) -> None:
    assert pq.ParquetFile(path).metadata.num_rows == load_size(path)
    assert path.stat().st_size < 40_000


def load_size(path: Path) -> int:
    document, _ = parts_of(path)
    sizes = [column.get("edges", column.get("categories")) for column in document["columns"]]
    return int(sum(sizes)) + int(document["scored"]["cells"])


def test_93_damage_is_told_or_does_no_harm(path: Path) -> None:
    whole, told = path.read_bytes(), to_document(load(path))
    chance = random.Random(93)
    lines = set()
    for _ in range(300):
        at, bit = chance.randrange(len(whole)), chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        try:
            assert to_document(load(path)) == told
        except DataError as error:
            lines.add(str(error).removeprefix(f"{path}: "))
    for _ in range(60):
        path.write_bytes(whole[: chance.randrange(len(whole))])
        lines.add(reason(path))
    again = "make it again with driftcli baseline create"
    assert f"baseline damaged (checksum). {again}" in lines
    known = re.compile(
        r"(not a baseline|baseline damaged \((checksum|version)\)|baseline damaged or incomplete"
        r"|not a sound baseline \(.+\)|a baseline of format \d+, .*)(\..*)?"
    )
    assert [line for line in lines if not known.fullmatch(line)] == []


def edit(column: str, **changes: Any) -> Any:
    def change(document: dict[str, Any]) -> None:
        entry = next(one for one in document["columns"] if one["name"] == column)
        assert changes.keys() <= entry.keys()
        entry.update(changes)

    return change


def cells(column: str, part: str, name: str, change: Any) -> Any:
    """Change the values of one column of the table in the rows of one part."""

    def changed(table: pa.Table) -> pa.Table:
        frame = table.to_pydict()
        here = [
            at for at, row in enumerate(zip(frame["column"], frame["part"], strict=True))
            if row == (column, part)
        ]  # fmt: skip
        values = frame[name]
        for at, value in zip(here, change([values[at] for at in here]), strict=True):
            values[at] = value
        field = table.schema.field(name)
        array = pa.array(values, field.type if name != "text" else pa.string())
        array = array.dictionary_encode() if name == "text" else array
        return table.set_column(table.schema.get_field_index(name), field, array)

    return changed


def swap(values: list[Any]) -> list[Any]:
    return [values[1], values[0], *values[2:]]


def first(value: Any) -> Any:
    return lambda values: [value, *values[1:]]


FORGED: dict[str, tuple[Any, Any]] = {
    "column 'x': edges out of order": (None, cells("x", "edge", "value", swap)),
    "column 'x': an edge that is NaN": (None, cells("x", "edge", "value", first(math.nan))),
    "column 'x': counts that fall": (None, cells("x", "edge", "upto", swap)),
    "column 'x': counts beyond the rows": (None, cells("x", "edge", "below", first(-1))),
    "column 'x': values and missing rows are not all rows": (edit("x", count=299), None),
    "column 'n': edges that differ from their exact values": (
        None, cells("n", "edge", "integer", first(-5))),
    "column 'x': rows at an edge beyond the ends": (edit("x", minimum=0.0), None),
    "column 'n': minimum is not of the kind int": (edit("n", minimum=0.5), None),
    "column 'x': ends out of order": (edit("x", minimum=9.0), None),
    "column 'word': a category without rows": (None, cells("word", "category", "count", first(0))),
    "column 'word': rows without a category": (None, cells("word", "category", "count", first(1))),
    "column 'word': more rows in categories than there are": (
        None, cells("word", "category", "count", first(10**6))),
    "column 'word': a category is missing or repeats": (
        None, cells("word", "category", "text", first("b"))),
    "column 'word': categories out of order": (None, cells("word", "category", "text", swap)),
    "scores that do not add up": (None, cells("", "score", "count", first(100))),
    "scores out of order": (None, cells("", "score", "value", swap)),
}  # fmt: skip


@pytest.mark.parametrize(("words", "changes"), FORGED.items(), ids=list(FORGED))
def test_94_what_cannot_be_is_refused_though_its_checksum_is_right(
    path: Path, words: str, changes: Any
) -> None:
    forge(path, *changes)
    assert reason(path) == f"not a sound baseline ({words})"


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("sums has no such number", "sums", {"count": 300}),
        ("exponent is out of range", "exponent", 99_999),
        ("exponent is out of range", "exponent", True),
        ("few is not of the kind bool", "few", 1),
        ("center is not of the kind float", "center", "0"),
    ],
)
def test_94_a_document_of_other_values(path: Path, words: str, key: str, value: Any) -> None:
    forge(path, edit("x", **{key: value}))
    expected = "no first" if key == "sums" else words
    assert reason(path) == f"not a sound baseline (column 'x': {expected})"


@pytest.mark.parametrize(
    ("words", "power", "value"),
    [
        ("a mean beyond the ends", "first", str(10**40)),
        ("a negative sum of squares", "second", "-1"),
        ("moments of other rows", "count", 299),
    ],
)
def test_94_moments_that_cannot_be(path: Path, words: str, power: str, value: Any) -> None:
    def change(document: dict[str, Any]) -> None:
        document["columns"][0]["sums"][power] = value

    forge(path, change)
    assert reason(path) == f"not a sound baseline (column 'x': {words})"


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("rows is 1e+18, beyond 0 to 1,152,921,504,606,846,976", {"rows": 10**19}),
        ("no columns, or more than 100,000", {"columns": [{}] * 100_001}),
        ("no columns, or more than 100,000", {"columns": None}),
    ],
)
def test_98_numbers_beyond_all_reason(path: Path, words: str, change: dict[str, Any]) -> None:
    forge(path, lambda document: {**document, **change})
    found = reason(path)
    assert found.startswith("not a sound baseline (")
    assert words.partition(" is ")[0] in found


def test_98_a_billion_edges_are_refused_before_anything_is_allocated(path: Path) -> None:
    forge(path, edit("x", edges=10**9))
    assert reason(path) == "not a sound baseline (edges is 1e+09, beyond 0 to 8,192)"


def test_98_more_rows_than_the_bytes_can_hold(path: Path) -> None:
    schema, most = parts_of(path)[1].schema, 100_000

    def change(document: dict[str, Any]) -> None:
        word = next(one for one in document["columns"] if one["name"] == "word")
        document["columns"] = [{**word, "categories": most}] * 9
        document["scored"] = None

    empty = [pa.nulls(9 * most, field.type) for field in schema]
    forge(path, change, lambda _: pa.table(empty, schema=schema))
    assert reason(path) == "not a sound baseline (more rows than it can have)"


def test_a_newer_format_says_what_reads_it(path: Path) -> None:
    forge(path, lambda document: {**document, "version": 2, "driftcli": "9.1.0"})
    assert reason(path) == "a baseline of format 2, and this driftcli reads 1"
    with pytest.raises(DataError, match=r"written by driftcli 9\.1\.0; use that or a newer one"):
        load(path)


def test_97_no_pickle_and_no_other_file(path: Path) -> None:
    path.write_bytes(b"\x80\x05\x95" + b"cos\nsystem\n(S'false'\ntR." * 20)
    assert reason(path) == "baseline damaged or incomplete"
    pq.write_table(data(), path)
    assert reason(path) == "not a baseline"


def test_recognised_by_what_it_holds(path: Path, tmp_path: Path) -> None:
    other = path.rename(tmp_path / "ref.parquet")
    assert is_baseline(other)
    pq.write_table(data(), tmp_path / "data.parquet")
    assert not is_baseline(tmp_path / "data.parquet")
    (tmp_path / "short").write_bytes(b"PAR1")
    assert not is_baseline(tmp_path / "short")
    assert not is_baseline(tmp_path)
    assert not is_baseline(tmp_path / "absent.baseline")


def test_a_schema_that_says_two_things(path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["schema"]["types"][0] = "int64"

    forge(path, change)
    assert reason(path) == "not a sound baseline (two schemas that differ)"


def test_a_numeric_column_stays_below_a_hundred_kilobytes() -> None:
    rng = np.random.default_rng(6)
    values = {
        "smooth": rng.normal(size=20_000) * 1e200,
        "whole": rng.integers(-(2**62), 2**62, 20_000),
    }
    for name, column in values.items():
        baseline = create_baseline(pa.table({name: column}), Config()).baseline
        assert len(baseline.summary.columns[name].grid.edges) >= 4000  # type: ignore[union-attr]
        assert len(packed(baseline)) < 100_000
