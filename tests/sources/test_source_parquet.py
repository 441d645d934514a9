from __future__ import annotations

import datetime as dt
import decimal
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_helpers import error, read

from driftcli.errors import DriftcliError
from driftcli.sources import open_source

TABLE = pa.table({"x": range(5000), "s": [f"value {i % 7}" for i in range(5000)]})


@pytest.fixture
def plain(folder: Path) -> Path:
    pq.write_table(TABLE, "a.parquet", row_group_size=1000)
    return folder / "a.parquet"


def test_all_columns_any_order_any_batch(plain: Path) -> None:
    expected = TABLE.to_pydict()
    assert read("a.parquet", batch_rows=333) == expected
    assert read("a.parquet", ["s", "x"]) == expected
    assert read("a.parquet", ["s"]) == {"s": expected["s"]}


def test_no_column_still_counts_rows(plain: Path) -> None:
    source = open_source("a.parquet")
    assert sum(batch.num_rows for batch in source.batches([])) == source.rows == 5000


def test_a_column_that_is_not_there(plain: Path) -> None:
    source = open_source("a.parquet")
    with pytest.raises(DriftcliError, match=r"^a\.parquet: column 'y': no such column$"):
        list(source.batches(["y"]))


@pytest.mark.parametrize("kept", [4, 11, 5000])
def test_row_13_half_written_parquet(plain: Path, kept: int) -> None:
    plain.write_bytes(plain.read_bytes()[:kept])
    assert error("a.parquet") == ("a.parquet: not a complete Parquet file (still being written?)")


def test_row_16_flipped_byte_with_checksum(folder: Path) -> None:
    pq.write_table(
        TABLE, "a.parquet", write_page_checksum=True, compression="none", use_dictionary=False
    )
    data = bytearray(Path("a.parquet").read_bytes())
    data[2000] ^= 1
    Path("a.parquet").write_bytes(data)
    assert error("a.parquet") == ("a.parquet: damaged (the checksum of a page does not match)")


FUZZ = """
import random, sys
from pathlib import Path
from driftcli.errors import DataError
from driftcli.sources import open_source
whole = Path("a.parquet").read_bytes()
rng = random.Random(int(sys.argv[1]))
ends = 0
for _ in range(int(sys.argv[2])):
    data = bytearray(whole)
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    Path("b.parquet").write_bytes(data)
    try:
        source = open_source("b.parquet")
        for _ in source.batches(source.schema.names):
            pass
    except DataError as error:
        assert "\\n" not in str(error), str(error)
        ends += 1
print(ends)
"""


def test_row_17_fuzzed_parquet_ends_in_one_line(folder: Path) -> None:
    pq.write_table(TABLE.slice(0, 50), "a.parquet", row_group_size=20, compression="snappy")
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, "1", "150"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 50


def test_row_18_decompression_bomb_is_streamed(folder: Path) -> None:
    block = pa.record_batch({"x": pa.array(np.full(1_000_000, 1.5))})
    with pq.ParquetWriter("bomb.parquet", block.schema) as writer:
        writer.write_table(pa.Table.from_batches([block] * 50), row_group_size=50_000_000)
    assert os.path.getsize("bomb.parquet") < 1_000_000  # noqa: PTH202
    program = """
from driftcli.sources import open_source
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
source = open_source("bomb.parquet")
before = resident()
rows = sum(batch.num_rows for batch in source.batches(["x"]))
print(rows, resident() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    rows, grown = map(int, done.stdout.split())
    assert rows == 50_000_000
    assert grown < 100_000, "kB more resident for 400 MB of values"


def test_row_18_max_rows(plain: Path) -> None:
    assert error("a.parquet", max_rows=4999) == ("a.parquet: more than 4999 rows (input.max_rows)")
    assert len(read("a.parquet", max_rows=5000)["x"]) == 5000


def test_row_19_no_rows(folder: Path) -> None:
    pq.write_table(TABLE.slice(0, 0), "a.parquet")
    with pytest.raises(DriftcliError, match=r"^a\.parquet: 0 rows$"):
        open_source("a.parquet")


def test_row_23_duplicate_columns(folder: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twice, "a.parquet")
    assert error("a.parquet") == "a.parquet: column 'a' appears 2 times"


def test_row_25_nested_columns_stay_out_of_the_way(folder: Path) -> None:
    table = pa.table(
        {
            "a": [1, 2],
            "list": [[1], [2, 3]],
            "struct": [{"a": 5, "list": 6}] * 2,
            "map": pa.array([[("k", 1)]] * 2, pa.map_(pa.string(), pa.int64())),
            "binary": [b"\xff", b""],
            "a.b": [3, 4],
            "struct.a": [7, 8],
        }
    )
    pq.write_table(table, "a.parquet")
    assert open_source("a.parquet").schema.names == table.schema.names
    assert read("a.parquet", ["a.b", "a"]) == {"a.b": [3, 4], "a": [1, 2]}
    assert read("a.parquet", ["struct.a"]) == {"struct.a": [7, 8]}
    assert read("a.parquet", ["binary"]) == {"binary": [b"\xff", b""]}


UTC = dt.UTC
ROW_26: list[tuple[pa.DataType, Any]] = [
    (pa.decimal128(10, 2), decimal.Decimal("1.50")),
    (pa.date32(), dt.date(2024, 1, 2)),
    (pa.timestamp("ms"), dt.datetime(2024, 1, 2, 3)),
    (pa.timestamp("us", "UTC"), dt.datetime(2024, 1, 2, 3, tzinfo=UTC)),
    (pa.duration("s"), dt.timedelta(seconds=5)),
    (pa.time32("ms"), dt.time(3, 4, 5)),
    (pa.bool_(), True),
    (pa.float16(), np.float16(1.5)),
    (pa.uint64(), 2**64 - 1),
    (pa.dictionary(pa.int32(), pa.string()), "a"),
    (pa.string(), "a"),
    (pa.large_string(), "a"),
    (pa.null(), None),
]


@pytest.mark.parametrize(("kind", "value"), ROW_26, ids=lambda item: str(item))
def test_row_26_types_pass_unchanged(folder: Path, kind: pa.DataType, value: Any) -> None:
    table = pa.table({"x": pa.array([value, None], kind)})
    pq.write_table(table, "a.parquet")
    assert open_source("a.parquet").schema.field("x").type == kind
    assert read("a.parquet") == table.to_pydict()


def error_or_none(name: str, word: str) -> bool:
    try:
        read(name)
    except DriftcliError as caught:
        return word in str(caught).upper()
    return False


def test_row_27_unknown_codec(folder: Path) -> None:
    """The footer is edited until it says LZO, which nothing reads."""
    pq.write_table(pa.table({"x": [1.5]}), "a.parquet", compression="snappy")
    data = Path("a.parquet").read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    for at in range(len(data) - 8 - length, len(data) - 8):
        Path("b.parquet").write_bytes(data[:at] + b"\x06" + data[at + 1 :])
        if data[at] == 2 and error_or_none("b.parquet", "LZO"):
            break
    else:
        pytest.fail("no byte of the footer is the codec")
    line = error("b.parquet")
    assert line.startswith("b.parquet: its compression is not supported (")
    assert "LZO" in line.upper()


def test_row_27_encrypted(plain: Path) -> None:
    data = plain.read_bytes()
    plain.write_bytes(b"PARE" + data[4:-4] + b"PARE")
    assert error("a.parquet") == "a.parquet: the file is encrypted. decrypt it first"


def test_footer_and_pages_disagree(plain: Path) -> None:
    """A footer that promises other rows than the pages have is never believed."""
    rng = random.Random(3)
    whole = plain.read_bytes()
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    for _ in range(40):
        data = bytearray(whole)
        data[rng.randrange(footer, len(data) - 8)] ^= 1 << rng.randrange(8)
        plain.write_bytes(data)
        try:
            source = open_source("a.parquet")
            rows = sum(batch.num_rows for batch in source.batches(source.schema.names))
        except DriftcliError:
            continue
        assert rows == source.rows
