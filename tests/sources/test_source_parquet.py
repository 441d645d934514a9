from __future__ import annotations

import datetime as dt
import decimal
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_helpers import error, read

from driftcli.errors import DriftcliError
from driftcli.sources import open_source
from driftcli.sources.finding import find
from driftcli.sources.parquet_footer import Footer, Footers

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


@pytest.mark.parametrize("place", ["bomb.parquet", "p/k=1/bomb.parquet"])
def test_row_18_decompression_bomb_is_streamed(folder: Path, place: str) -> None:
    block = pa.record_batch({"x": pa.array(np.full(1_000_000, 1.5))})
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(place, block.schema) as writer:
        writer.write_table(pa.Table.from_batches([block] * 50), row_group_size=50_000_000)
    assert os.path.getsize(place) < 1_000_000  # noqa: PTH202
    program = """
import sys
from driftcli.sources import open_source
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
source = open_source(sys.argv[1])
before = resident()
rows = sum(batch.num_rows for batch in source.batches(source.schema.names))
print(rows, resident() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, place.split("/")[0]],
        capture_output=True,
        text=True,
        check=True,
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


# -- few distinct words ----------------------------------------------------------------------

FEW = [f"word {i % 40}" for i in range(20_000)]
MANY = [f"word {i}" for i in range(20_000)]


def kinds_read(source: Any, names: list[str]) -> list[pa.DataType]:
    (batch,) = source.batches(names)
    return [batch.column(at).type for at in range(len(names))]


CODED = pa.dictionary(pa.int32(), pa.string())


def test_text_of_few_words_is_read_as_a_dictionary(folder: Path) -> None:
    table = pa.table({"few": FEW, "many": MANY, "large": pa.array(FEW, pa.large_string())})
    pq.write_table(table, "a.parquet")
    source = open_source("a.parquet")
    assert source.schema == table.schema
    assert kinds_read(source, ["many", "few"]) == [pa.string(), CODED]
    assert kinds_read(source, ["large"]) == [pa.dictionary(pa.int32(), pa.large_string())]
    assert read("a.parquet", ["large"]) == {"large": FEW}
    assert read("a.parquet", ["few", "many"]) == {"few": FEW, "many": MANY}


def test_each_part_decides_for_itself(folder: Path) -> None:
    pq.write_table(pa.table({"s": FEW}), "a.parquet")
    pq.write_table(pa.table({"s": MANY}), "b.parquet")
    pq.write_table(pa.table({"s": FEW}), "c.parquet", use_dictionary=False)
    pq.write_table(pa.table({"s": FEW[:3]}), "d.parquet")
    source = open_source("*.parquet")
    assert [batch.column(0).type for batch in source.batches(["s"])] == [CODED] + [pa.string()] * 3
    assert read("*.parquet") == {"s": FEW + MANY + FEW + FEW[:3]}


def test_a_dictionary_in_a_part_that_widened(folder: Path) -> None:
    pq.write_table(pa.table({"s": FEW}), "a.parquet")
    pq.write_table(pa.table({"s": pa.array(["x"], pa.large_string())}), "b.parquet")
    large = pa.dictionary(pa.int32(), pa.large_string())
    found = [batch.column(0).type for batch in open_source("*.parquet").batches(["s"])]
    assert found == [large, pa.large_string()]
    assert read("*.parquet") == {"s": [*FEW, "x"]}


def test_a_column_in_a_struct_is_not_mistaken(folder: Path) -> None:
    inner = [{"b": word, "c": 1} for word in FEW]
    pq.write_table(pa.table({"a": inner, "a.b": MANY, "b": FEW}), "a.parquet")
    assert kinds_read(open_source("a.parquet"), ["a.b", "b"]) == [pa.string(), CODED]
    assert read("a.parquet", ["a.b"]) == {"a.b": MANY}


# -- threads and footers ---------------------------------------------------------------------


def test_several_threads_read_at_once(folder: Path) -> None:
    values = {f"c{i}": np.arange(i, 50_000 + i) for i in range(8)}
    pq.write_table(pa.table(values), "a.parquet", row_group_size=5_000)
    source = open_source("a.parquet")

    def total(name: str) -> int:
        batches = source.batches([name], 999, threads=False)
        return sum(int(np.asarray(batch.column(0)).sum()) for batch in batches)

    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(total, list(values) * 3))
    assert totals == [int(column.sum()) for column in values.values()] * 3


THREADS = """
import os, sys
from driftcli.sources import open_source
source = open_source("a.parquet")
names = source.schema.names
before = len(os.listdir("/proc/self/task"))
rows = sum(batch.num_rows for batch in source.batches(names, threads=sys.argv[1] == "1"))
print(rows, len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
@pytest.mark.parametrize(("threads", "more"), [("0", 0), ("1", 1)])
def test_without_threads_none_is_started(folder: Path, threads: str, more: int) -> None:
    values = {f"c{i}": np.random.default_rng(i).normal(size=100_000) for i in range(8)}
    pq.write_table(pa.table(values), "a.parquet")
    done = subprocess.run(
        [sys.executable, "-c", THREADS, threads], capture_output=True, text=True, check=True
    )
    rows, started = map(int, done.stdout.split())
    assert rows == 100_000
    assert min(started, 1) == more


def test_a_footer_is_parsed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(TABLE, "a.parquet")
    parsed: list[bool] = []
    real = pq.ParquetFile

    def counting(*args: Any, **options: Any) -> Any:
        parsed.append(options["metadata"] is None)
        return real(*args, **options)

    monkeypatch.setattr("driftcli.sources.parquet.pq.ParquetFile", counting)
    source = open_source("a.parquet")
    for _ in range(3):
        assert sum(batch.num_rows for batch in source.batches(["x"])) == 5000
    assert parsed == [True, False, False, False]


def test_footers_of_many_files_do_not_pile_up(folder: Path) -> None:
    files = []
    for at in range(6):
        pq.write_table(TABLE, f"{at}.parquet")
        files += find(f"{at}.parquet").files
    footer = Footer(pq.read_metadata("0.parquet"))
    size = footer.metadata.serialized_size
    for footers, left in (
        (Footers(budget=3 * size), 3),
        (Footers(budget=3 * size + 1, most=9), 3),
        (Footers(budget=99 * size, most=2), 2),
        (Footers(budget=1), 1),
    ):
        for file in [files[0], *files, files[5]]:
            footers.put(file, footer)
        assert [footers.get(file) is footer for file in files] == [False] * (6 - left) + [
            True
        ] * left


def test_a_footer_that_was_dropped_is_parsed_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftcli.sources.parquet._FOOTERS", Footers(budget=1))
    for at in range(3):
        pq.write_table(pa.table({"x": [at]}), f"{at}.parquet")
    source = open_source("*.parquet")
    for _ in range(2):
        values = [batch.column(0).to_pylist() for batch in source.batches(["x"])]
        assert values == [[0], [1], [2]]


@pytest.mark.slow
def test_a_column_of_a_wide_table_is_cheap(folder: Path) -> None:
    """To read some columns costs about the same beside 50 and beside 2,000 others."""
    values = np.random.default_rng(1).normal(size=20_000)
    wide = pa.table({f"c{i}": values for i in range(2000)})
    pq.write_table(wide, "wide.parquet", row_group_size=10_000)
    pq.write_table(wide.select(wide.schema.names[:50]), "narrow.parquet", row_group_size=10_000)
    spent = {}
    for name in ("wide", "narrow"):
        source, best = open_source(f"{name}.parquet"), float("inf")
        for _ in range(7):
            start = time.perf_counter()
            for _ in source.batches(wide.schema.names[:50], threads=False):
                pass
            best = min(best, time.perf_counter() - start)
        spent[name] = best
    assert spent["wide"] < 2 * spent["narrow"] + 0.02


MEMORY = """
import resource
from driftcli.sources import open_source
source = open_source("a.parquet")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(batch.num_rows for batch in source.batches(source.schema.names, 16_384, threads=False))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_row_group_is_not_held_whole(folder: Path) -> None:
    rng = np.random.default_rng(2)
    table = pa.table({f"c{i}": rng.normal(size=1_000_000) for i in range(12)})
    pq.write_table(table, "a.parquet", row_group_size=1_000_000)
    size = Path("a.parquet").stat().st_size
    assert size > 90_000_000
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    rows, grown = map(int, done.stdout.split())
    assert rows == 1_000_000
    assert grown * 1024 < size / 2


@pytest.mark.parametrize("dictionary", [True, False])
def test_text_that_is_not_utf_8(folder: Path, dictionary: bool) -> None:
    table = pa.table({"x": [1, 2], "s": pa.array([b"a", b"\xc3"]).view(pa.string())})
    pq.write_table(table, "a.parquet", use_dictionary=dictionary)
    said = error("a.parquet")
    assert said.startswith("a.parquet: column 's': damaged (Invalid UTF8 sequence"), said


@pytest.mark.parametrize("kind", [pa.list_(pa.int8()), pa.binary()])
def test_what_may_be_long_comes_in_short_batches(folder: Path, kind: pa.DataType) -> None:
    table = pa.table({"x": range(20_000), "long": pa.nulls(20_000, kind)})
    pq.write_table(table, "a.parquet")
    source = open_source("a.parquet")
    assert [batch.num_rows for batch in source.batches(["x"])] == [20_000]
    batches = source.batches(["x", "long"])
    assert [batch.num_rows for batch in batches] == [8_192, 8_192, 3_616]
