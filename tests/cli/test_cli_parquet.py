"""Section B of the list of bad inputs: Parquet."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_helpers import Run, normal, refused, save, text
from pyarrow import feather

pytestmark = pytest.mark.usefixtures("data")


def test_row_013_half_written(run: Run) -> None:
    whole = Path("same.parquet").read_bytes()
    text("half.parquet", whole[: len(whole) // 2])
    reason = "not a complete Parquet file (still being written?)"
    assert refused(run, "features", "ref.parquet", "half.parquet") == f"half.parquet: {reason}"
    assert refused(run, "features", "half.parquet", "ref.parquet") == f"half.parquet: {reason}"


@pytest.mark.parametrize("command", ["features", "predictions", "performance"])
def test_row_014_no_bytes(run: Run, command: str) -> None:
    assert refused(run, command, "ref.parquet", text("none.parquet", "")) == (
        "none.parquet: file is empty"
    )


def test_row_015_wrong_names(run: Run) -> None:
    text("csv.parquet", "a,b,score\n1,2,3\n")
    hint = "give it the right name or set input.format"
    expected = f"csv.parquet: not a Parquet file. it looks like text such as CSV; {hint}"
    assert refused(run, "features", "ref.parquet", "csv.parquet") == expected
    text("parquet.csv", Path("same.parquet").read_bytes())
    expected = f"parquet.csv: not a CSV file. it looks like Parquet; {hint}"
    assert refused(run, "features", "ref.parquet", "parquet.csv") == expected


def test_row_016_flipped_bytes_with_checksums(run: Run) -> None:
    table = pa.table({"a": normal(1), "b": normal(2), "score": normal(3)})
    options: dict[str, Any] = {"compression": "none", "use_dictionary": False}
    pq.write_table(table, "f.parquet", write_page_checksum=True, **options)
    data = bytearray(Path("f.parquet").read_bytes())
    data[300] ^= 0xFF
    text("f.parquet", bytes(data))
    reason = "damaged (the checksum of a page does not match)"
    assert refused(run, "features", "ref.parquet", "f.parquet") == f"f.parquet: {reason}"


@pytest.mark.parametrize("seed", range(25))
def test_row_017_damaged_footer(run: Run, seed: int) -> None:
    """Twenty bytes of the footer replaced: the right answer or one line, never a crash."""
    rng = np.random.default_rng(seed)
    data = bytearray(Path("same.parquet").read_bytes())
    footer = int.from_bytes(data[-8:-4], "little")
    for at in rng.integers(len(data) - 8 - footer, len(data) - 8, 20):
        data[at] = rng.integers(256)
    outcome = run("features", "ref.parquet", text("f.parquet", bytes(data)), "-q")
    assert outcome.code in (0, 2)
    assert (outcome.code == 2) == bool(outcome.errors)
    assert "this is a bug" not in outcome.err


def test_row_018_many_rows_in_few_bytes(run: Run) -> None:
    text("c.yaml", "version: 1\ninput: {max_rows: 100000}\n")
    pq.write_table(pa.table({"a": np.zeros(1_000_000)}), "bomb.parquet")
    assert Path("bomb.parquet").stat().st_size < 100_000
    line = refused(run, "features", "bomb.parquet", "bomb.parquet", "-c", "c.yaml")
    assert line == "bomb.parquet: more than 100000 rows (input.max_rows)"


def test_row_019_no_rows(run: Run) -> None:
    save("none.parquet", a=normal(1, 0), b=normal(2, 0), score=normal(3, 0))
    for pair in (("ref.parquet", "none.parquet"), ("none.parquet", "ref.parquet")):
        assert refused(run, "features", *pair) == "none.parquet: 0 rows"


def test_row_021_types_differ_between_parts(run: Run) -> None:
    Path("parts").mkdir()
    save("parts/1.parquet", a=np.arange(500))
    save("parts/2.parquet", a=np.arange(500).astype(str))
    expected = "parts/2.parquet: column 'a': int64 in parts/1.parquet, string in parts/2.parquet"
    assert refused(run, "features", "ref.parquet", "parts") == expected


def test_row_021_whole_and_other_numbers_are_one_kind(run: Run) -> None:
    Path("parts").mkdir()
    save("parts/1.parquet", a=np.arange(500))
    save("parts/2.parquet", a=np.arange(500, 1000).astype(float))
    save("whole.parquet", a=np.arange(1000))
    assert run("features", "whole.parquet", "parts", "-q").code == 0


def test_row_023_duplicate_columns(run: Run) -> None:
    sides = [pa.array(normal(seed)) for seed in (1, 2, 3)]
    pq.write_table(pa.Table.from_arrays(sides, names=["a", "b", "a"]), "twice.parquet")
    for pair in (("ref.parquet", "twice.parquet"), ("twice.parquet", "ref.parquet")):
        assert refused(run, "features", *pair) == "twice.parquet: column 'a' appears 2 times"


NOT_COMPARED = "column 'tags': list values are not compared; only missing values are checked"


def nested(name: str) -> str:
    return save(name, a=normal(1), tags=[["x"]] * 500, blob=[b"x"] * 500)


def test_row_025_nested_columns_are_skipped_with_a_warning(run: Run) -> None:
    outcome = run("features", nested("n.parquet"), "n.parquet")
    assert outcome.code == 0
    assert outcome.warnings == [
        NOT_COMPARED,
        "column 'blob': binary values are not compared; only missing values are checked",
    ]


def test_row_025_nested_columns_asked_for_by_name(run: Run) -> None:
    outcome = run("features", nested("n.parquet"), "n.parquet", "--columns", "a,tags")
    assert outcome.error == f"n.parquet: {NOT_COMPARED}"
    text("c.yaml", "version: 1\ncolumns: {types: {tags: categorical}}\n")
    outcome = run("features", "n.parquet", "n.parquet", "-c", "c.yaml")
    assert outcome.code == 2
    assert outcome.errors == [f"n.parquet: {NOT_COMPARED}"]


def unlike(name: str, rate: float) -> str:
    """Save a column of every kind that is not compared, each missing in a share of the rows."""
    gone = np.arange(500) < 500 * rate
    lists = pa.array([["x"]] * 500, mask=gone)
    mapped = pa.array([[("k", 1)]] * 500, pa.map_(pa.string(), pa.int64()), mask=gone)
    pairs = pa.array([{"u": 1}] * 500, mask=gone)
    blobs = pa.array([b"\xff"] * 500, mask=gone).dictionary_encode()
    table = pa.table({"a": normal(1), "tags": lists, "pair": pairs, "map": mapped, "blob": blobs})
    (pq.write_table if name.endswith("parquet") else feather.write_feather)(table, name)
    return name


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_row_046_missing_rates_of_columns_that_are_not_compared(run: Run, suffix: str) -> None:
    before, after = unlike(f"r.{suffix}", 0.0), unlike(f"c.{suffix}", 0.3)
    assert run("features", before, before).code == 0
    assert run("baseline", "create", before, "-o", "r.baseline").code == 0
    for half in ("one", "two"):
        words = ("--edges-of", "r.baseline", "-o", f"{half}.baseline")
        assert run("baseline", "create", after, *words).code == 0
    assert run("baseline", "merge", "one.baseline", "two.baseline", "-o", "c.baseline").code == 0
    pairs = ((before, after, 500), ("r.baseline", after, 500), ("r.baseline", "c.baseline", 1000))
    for reference, current, rows in pairs:
        outcome = run("features", reference, current, "--format", "json")
        assert outcome.code == 1
        for name in ("tags", "pair", "map", "blob"):
            column = outcome.json["features"][name]
            assert (column["type"], column["status"]) == ("other", "drift")
            assert column["current"]["missing"] == 0.3 * rows
            assert column["drift_reason"] == "missing rate moved by 0.3 > 0.05"


def test_row_046_missing_rates_of_lists_in_json_lines(run: Run) -> None:
    for name, gone in (("r.jsonl", 0), ("c.jsonl", 150)):
        values = ["" if row < gone else ', "tags": ["x"], "pair": {"u": 1}' for row in range(500)]
        text(name, "".join(f'{{"a": {row % 7}{value}}}\n' for row, value in enumerate(values)))
    outcome = run("features", "r.jsonl", "c.jsonl", "--format", "json")
    drifted = {name for name, found in outcome.json["features"].items() if found["drifted"]}
    assert (outcome.code, drifted) == (1, {"tags", "pair"})


def test_nothing_that_can_be_compared_is_not_no_drift(run: Run) -> None:
    save("n.parquet", tags=[["x"]] * 500)
    assert run("features", "n.parquet", "n.parquet").code == 2


TYPES = {
    "decimal": pa.array([Decimal(i) for i in range(500)], pa.decimal128(20, 3)),
    "date": pa.array([18_000 + i for i in range(500)], pa.date32()),
    "timestamp": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 500, pa.timestamp("us", "UTC")),
    "duration": pa.array(range(500), pa.duration("s")),
    "time": pa.array(range(500), pa.time32("s")),
    "bool": pa.array([i % 3 == 0 for i in range(500)]),
    "float16": pa.array(normal(1).astype(np.float16)),
    "uint64": pa.array(np.arange(500, dtype=np.uint64) + np.uint64(2**63)),
    "int8": pa.array(np.arange(500) % 100, pa.int8()),
    "dictionary": pa.array(["x", "y"] * 250).dictionary_encode(),
    "null": pa.nulls(500),
    "large_string": pa.array(["x", "y"] * 250, pa.large_string()),
}


@pytest.mark.parametrize("kind", TYPES)
def test_row_026_every_type_against_itself(run: Run, kind: str) -> None:
    save("t.parquet", a=normal(1), t=TYPES[kind])
    outcome = run("features", "t.parquet", "t.parquet", "--format", "json")
    assert (outcome.code, outcome.errors) == (0, [])
    assert outcome.json["features"]["t"]["drifted"] is False


def test_row_026_time_zone_against_none(run: Run) -> None:
    times = [datetime(2026, 1, 1)] * 500
    save("plain.parquet", t=pa.array(times, pa.timestamp("us")))
    save("zone.parquet", t=pa.array(times, pa.timestamp("us", "UTC")))
    outcome = run("features", "zone.parquet", "plain.parquet")
    reason = "timestamps with a time zone in the reference but without a time zone in current"
    assert outcome.error == f"plain.parquet: column 't': {reason}"


def test_row_027_unknown_codec_or_encrypted(run: Run) -> None:
    text("e.parquet", b"PARE" + b"\0" * 100 + b"PARE")
    line = refused(run, "features", "ref.parquet", "e.parquet")
    assert line.startswith("e.parquet: ")
    assert "encrypted" in line
