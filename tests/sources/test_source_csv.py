from __future__ import annotations

import datetime as dt
import gzip
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_helpers import Write, error, read

from driftcli.config import Input
from driftcli.errors import DataError
from driftcli.sources import csv_, csv_lines, open_source
from driftcli.sources.csv_types import KINDS, parsed
from driftcli.sources.finding import find
from driftcli.sources.text import Text


def type_of(write: Write, *words: str) -> pa.DataType:
    return (
        open_source(write("t.csv", "x,y\n" + "".join(f"{word},0\n" for word in words)))
        .schema[0]
        .type
    )


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("1", "2", "-3"), pa.int64()),
        (("1", "", "NA", "-", "?"), pa.int64()),
        (("+1", " 2 ", "007"), pa.int64()),
        (("1", "2.5"), pa.float64()),
        (("1", "1e3"), pa.float64()),
        (("1.5", "inf", "-inf"), pa.float64()),
        (("0x1F", "1.5"), pa.string()),
        (("1", "a"), pa.string()),
        (("true", "False"), pa.bool_()),
        (("true", "1"), pa.string()),
        (("TRUE", "FALSE"), pa.string()),
        (("2024-01-01", "2024-12-31"), pa.date32()),
        (("2024-01-01", "2024-12-31 10:00:00"), pa.timestamp("s")),
        (("2024-12-31T10:00:00.5",), pa.timestamp("us")),
        (("2024-12-31T10:00:00.123456789",), pa.timestamp("ns")),
        (("9999-12-31", "2024-12-31T10:00:00.123456789"), pa.string()),
        (("2024-12-31T10:00:00Z", "2024-12-31T10:00:00+02:00"), pa.timestamp("s", "UTC")),
        (("2024-12-31T10:00:00Z", "2024-12-31T10:00:00"), pa.string()),
        (("10:00:00", "11:30"), pa.time32("s")),
        (("10:00:00.25",), pa.time64("us")),
        (("", "NA"), pa.null()),
        (("1", "2024-01-01"), pa.string()),
    ],
)
def test_types_of_words(write: Write, words: tuple[str, ...], kind: pa.DataType) -> None:
    assert type_of(write, *words) == kind
    assert type_of(write, *reversed(words)) == kind


def test_values(write: Write) -> None:
    name = write(
        "a.csv",
        'i,f,b,d,t,s\n1,1.5,true,2024-01-02,03:04:05,x\n,,,,,\n-2,-inf,False,2024-01-03,03:04:06,"y,\n"\n',
    )
    assert read(name) == {
        "i": [1, None, -2],
        "f": [1.5, None, -math.inf],
        "b": [True, None, False],
        "d": [dt.date(2024, 1, 2), None, dt.date(2024, 1, 3)],
        "t": [dt.time(3, 4, 5), None, dt.time(3, 4, 6)],
        "s": ["x", None, "y,\n"],
    }


def test_columns_in_the_order_asked(write: Write) -> None:
    name = write("a.csv", "a,b,c\n1,2,3\n")
    source = open_source(name)
    assert [batch.schema.names for batch in source.batches(["c", "a"])] == [["c", "a"]]
    assert [batch.num_rows for batch in source.batches([])] == [1]


def test_row_29_ragged_row(write: Write) -> None:
    assert error(write("a.csv", "a,b\n1,2\n\n3\n")) == (
        "a.csv: line 4: 1 field, but the header has 2"
    )
    assert error(write("a.csv", 'a,b\n1,"2\n\n"\n3,4,5\n')) == (
        "a.csv: line 5: 3 fields, but the header has 2"
    )


def test_row_30_a_word_in_a_number_column(write: Write) -> None:
    rows = "".join(f"{i},{i}.5\n" for i in range(400_000))
    name = write("cur.csv", f"x,y\n{rows}oops,1\n5,2\n")
    assert error(name, types={"x": pa.int64(), "y": pa.float64()}) == (
        "cur.csv: line 400002: column 'x': 'oops' is not a number"
    )
    assert open_source(name).schema.field("x").type == pa.string()
    source = open_source(name, types={"x": pa.int64()})
    assert sum(batch.num_rows for batch in source.batches(["y"])) == 400_002


@pytest.mark.parametrize("kind", [pa.uint8(), pa.float32(), pa.decimal128(9, 2)], ids=str)
def test_row_30_any_type_of_number(write: Write, kind: pa.DataType) -> None:
    assert error(write("cur.csv", "x\n1\n2.5\noops\n"), types={"x": kind}) == (
        "cur.csv: line 4: column 'x': 'oops' is not a number"
    )


def test_row_30_the_line_counts_quoted_newlines_and_empty_lines(write: Write) -> None:
    name = write("cur.csv", '\nx,y\n1,"a\nb"\n\n2,c\noops,d\n')
    assert error(name, types={"x": pa.int64()}) == (
        "cur.csv: line 7: column 'x': 'oops' is not a number"
    )


def test_float_text_where_the_reference_has_integers(write: Write) -> None:
    name = write("cur.csv", "x\n1\n2.5\n")
    assert read(name, types={"x": pa.int32()}) == {"x": [1.0, 2.5]}
    assert open_source(name, types={"x": pa.int64()}).schema.field("x").type == pa.float64()


def test_the_reference_says_text(write: Write) -> None:
    name = write("cur.csv", "x,y,z\n007,1,2024-01-01\n")
    kinds = (pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.large_string())
    types = dict(zip("xyz", kinds, strict=True))
    assert read(name, types=types) == {"x": ["007"], "y": ["1"], "z": ["2024-01-01"]}


@pytest.mark.parametrize("word", ["1", "0", "yes", "TRUE", "t"])
def test_the_reference_says_boolean(write: Write, word: str) -> None:
    types = {"x": pa.bool_()}
    assert read(write("a.csv", "x\ntrue\nFalse\n"), types=types) == {"x": [True, False]}
    assert error(write("cur.csv", f"x\ntrue\n{word}\n"), types=types) == (
        f"cur.csv: line 3: column 'x': '{word}' is not true or false. "
        "the reference holds truth values; write true and false on both sides"
    )


def test_the_reference_says_time(write: Write) -> None:
    name = write("cur.csv", "x\n2024-01-01\nsoon\n")
    assert error(name, types={"x": pa.timestamp("us")}) == (
        "cur.csv: line 3: column 'x': 'soon' is not a date or time"
    )
    name = write("cur.csv", "x\n10:00\n25:00\n")
    assert error(name, types={"x": pa.time32("s")}) == (
        "cur.csv: line 3: column 'x': '25:00' is not a time of day"
    )


def test_a_long_or_wild_word_stays_on_one_line(write: Write) -> None:
    name = write("cur.csv", 'x\n"\x1b[31m\n' + "o" * 500 + '"\n')
    line = error(name, types={"x": pa.int64()})
    assert line.startswith("cur.csv: line 2: column 'x': '\\x1b[31m\\nooo")
    assert len(line) < 160


def test_row_31_words_for_missing(write: Write) -> None:
    words = "".join(f"{word},{word}\n" for word in ("NA", "N/A", "-", "?", "null", "None", "nan"))
    assert read(write("a.csv", f"n,s\n1,a\n{words}")) == {
        "n": [1] + [None] * 7,
        "s": ["a"] + [None] * 7,
    }


def test_row_31_own_words_for_missing(write: Write) -> None:
    name = write("a.csv", "n,s\n1,NA\nmissing,missing\n")
    assert read(name, null_values=("missing",)) == {"n": [1, None], "s": ["NA", None]}


def test_row_31_quoted_words_are_values_of_a_text_only(write: Write) -> None:
    name = write("a.csv", 'n,s\n"1","a"\n"NA","NA"\n"",""\n2,\n')
    assert read(name) == {"n": [1, None, None, 2], "s": ["a", "NA", "", None]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a;b\n1,5;2,5\n", "a.csv: only one column, 'a;b'. try --delimiter ';'"),
        ("a\tb\n1\t2\n", "a.csv: only one column, 'a\\tb'. try --delimiter $'\\t'"),
        ("a|b\n1|2\n", "a.csv: only one column, 'a|b'. try --delimiter '|'"),
    ],
)
def test_row_32_another_delimiter(write: Write, text: str, line: str) -> None:
    assert error(write("a.csv", text)) == line


def test_row_32_the_delimiter_given(write: Write) -> None:
    name = write("a.csv", 'a;b\n1;"x;y"\n')
    assert read(name, delimiter=";") == {"a": [1], "b": ["x;y"]}
    assert error(write("b.csv", "a,b\n1,2\n"), delimiter=";") == (
        "b.csv: only one column, 'a,b'. try --delimiter ','"
    )
    assert error(name, delimiter="ab") == "a.csv: delimiter 'ab' is not one ASCII character"


def suspects(write: Write, words: list[str], **options: Any) -> dict[str, str]:
    """What is said of a column of these words."""
    name = write("s.csv", "x;y\n" + "".join(f"{word};0\n" for word in words))
    source = open_source(name, Input(delimiter=";", **options))
    assert source.warnings == []
    return dict(source.suspects)


@pytest.mark.parametrize(
    ("words", "at", "comma"),
    [
        (["1,5", "2"], 0, "a decimal comma"),
        (["0,250"], 0, "a decimal comma"),
        (["7", "-1,250"], 1, "a decimal comma or thousands separators"),
        (["1,234,567"], 0, "thousands separators"),
        (["999", "1,234.50"], 1, "thousands separators"),
    ],
)
def test_row_32_a_comma_is_called_what_it_is(
    write: Write, words: list[str], at: int, comma: str
) -> None:
    place = f"'{words[at]}' in line {at + 2} of s.csv"
    assert suspects(write, words) == {"x": f"{place}: numbers with {comma} are not understood"}


@pytest.mark.parametrize("word", ["1,2,3", "12,34.5", "1234,567,890"])
def test_row_32_a_list_is_no_number(write: Write, word: str) -> None:
    assert suspects(write, [word]) == {}


def test_row_32_decimal_commas_are_suspect(write: Write) -> None:
    name = write("a.csv", "x;y;z\n1,5;1;a,1\n2;2;b\n;;\n")
    assert read(name, delimiter=";") == {
        "x": ["1,5", "2", None],
        "y": [1, 2, None],
        "z": ["a,1", "b", None],
    }
    source = open_source(name, Input(delimiter=";"))
    assert source.warnings == []
    assert source.suspects == {
        "x": "'1,5' in line 2 of a.csv: numbers with a decimal comma are not understood"
    }
    assert error(name, delimiter=";", types={"x": pa.float64()}) == (
        "a.csv: line 2: column 'x': '1,5' is not a number"
    )


NUMBERS = [str(i) for i in range(9)] + ["-1.5", "+2e-3", ".5", "7.", " 8 ", "1E5", "0", "1", "2"]
ODD = "'oops' in line 6 of s.csv is not a number, as nearly all others are"


@pytest.mark.parametrize("missing", [[], ["", "NA", "-", '"NA"', '""'] * 50])
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([*NUMBERS[:4], "oops", *NUMBERS[4:]], ODD),
        ([*NUMBERS[:4], "oops", *NUMBERS[4:], "ouch"], ODD),
        ([*NUMBERS[:4], "oops", *NUMBERS[4:], "ouch", "ow"], None),  # 18 of 21
        ([*NUMBERS[:4], "oops", *NUMBERS[4:9]], None),  # nine are no handful
        ([*NUMBERS[:4], "oops", *NUMBERS[4:10]], ODD),
        ([*NUMBERS[:4], "oops", *["1,5"] * 20], ODD),
        (NUMBERS, None),
        (["x1", "2x", "2020-01-02", "1-2", "1.2.3", "0x1F", "12:30"] * 10, None),
        ([f"{i},{i}" for i in range(20)] + ["1.5"], "decimal comma"),
        (["a"] + ["b"] * 50, None),
    ],
)
def test_row_30_nearly_all_words_are_numbers(
    write: Write, words: list[str], reason: str | None, missing: list[str]
) -> None:
    found = suspects(write, [*words, *missing])
    if reason == "decimal comma":
        reason = "'0,0' in line 2 of s.csv: numbers with a decimal comma are not understood"
    assert found == ({} if reason is None else {"x": reason})


def test_row_30_suspects_do_not_depend_on_the_block(write: Write) -> None:
    words = [str(i) for i in range(5000)] + ["oops"] + ["red"] * 500 + [str(i) for i in range(99)]
    name = write("s.csv", "x,y\n" + "".join(f"{word},0\n" for word in words))
    expected = {"x": "'oops' in line 5002 of s.csv is not a number, as nearly all others are"}
    for block in (50, 999, 1 << 20):
        source = csv_.CsvSource(find(name).files[0], Input(), {}, blocks=(block, 1 << 20))
        assert source.suspects == expected


def test_row_30_what_the_reference_holds_as_text_is_not_suspect(write: Write) -> None:
    name = write("s.csv", "x,y\n" + "".join(f"{i},0\n" for i in range(99)) + "oops,0\n")
    assert open_source(name).suspects.keys() == {"x"}
    assert open_source(name, types={"x": pa.string()}).suspects == {}


def test_tabs_by_name(write: Write) -> None:
    assert read(write("a.tsv", "a\tb\n1\tx,y\n")) == {"a": [1], "b": ["x,y"]}
    assert read(write("b.csv", "a\tb\n1\tx,y\n"), delimiter="\\t") == {"a": [1], "b": ["x,y"]}


def test_row_34_latin_1_and_utf_16(write: Write) -> None:
    text = "n,s\n1,café\n"
    latin, wide = write("l.csv", text.encode("latin-1")), write("w.csv", text.encode("utf-16"))
    assert error(latin) == "l.csv: not UTF-8; set encoding. try --encoding latin-1"
    assert error(wide) == "w.csv: not UTF-8; set encoding. try --encoding utf-16"
    assert read(latin, encoding="latin-1") == {"n": [1], "s": ["café"]}
    assert read(wide, encoding="utf-16") == {"n": [1], "s": ["café"]}


def test_row_34_header_in_latin_1(write: Write) -> None:
    name = write("l.csv", "é,s\n1,a\n".encode("latin-1"))
    assert error(name) == "l.csv: not UTF-8; set encoding. try --encoding latin-1"
    assert read(name, encoding="cp1252") == {"é": [1], "s": ["a"]}


def test_row_34_wrong_encoding_given(write: Write) -> None:
    name = write("l.csv", b"a,s\n1,\xff\x81\n")
    assert (
        error(name, encoding="cp1252") == "l.csv: not CP1252; set encoding. try --encoding latin-1"
    )
    assert error(name, encoding="klingon") == "l.csv: unknown encoding 'klingon'"


def test_row_35_byte_order_mark(write: Write) -> None:
    assert read(write("a.csv", b"\xef\xbb\xbfa,b\n1,2\n")) == {"a": [1], "b": [2]}


@pytest.mark.parametrize("end", ["", "\n"])
def test_row_37_unclosed_quote_in_the_last_line(write: Write, end: str) -> None:
    assert error(write("a.csv", f'a,b\n1,x\n2,"y{end}')) == (
        "a.csv: line 3: a quote is opened and never closed"
    )


def test_row_37_unclosed_quote_swallows_the_rest(write: Write) -> None:
    rows = "".join(f"{i},x\n" for i in range(500_000))
    name = write("a.csv", f'a,b\n1,x\n2,"y\n{rows}')
    line = "a.csv: line 3: a quote is opened and never closed"
    assert error(name) == line
    assert error(name, types={"a": pa.string(), "b": pa.string()}) == line


def test_row_37_unclosed_quote_in_the_header(write: Write) -> None:
    assert error(write("a.csv", 'a,"b\n1,x\n')) == (
        "a.csv: line 1: a quote is opened and never closed"
    )


def test_a_lone_quote_inside_a_word_is_a_character(write: Write) -> None:
    assert read(write("a.csv", 'a,b\n1,5" pipe\n')) == {"a": [1], "b": ['5" pipe']}


@pytest.mark.parametrize("text", ["a,b\n", "a,b", "\n\n", "\ufeff"])
def test_row_38_no_data_rows(write: Write, text: str) -> None:
    assert error(write("a.csv", text)) == "a.csv: no data rows"
    assert error("a.csv", types={"a": pa.string(), "b": pa.string()}) == "a.csv: no data rows"


def test_row_40_integers_are_exact_or_warned_of(write: Write) -> None:
    exact = [9007199254740993, 2**63 - 1, -(2**63)]
    name = write("a.csv", "x\n" + "".join(f"{value}\n" for value in exact))
    assert read(name) == {"x": exact}
    assert open_source(name).warnings == []

    name = write("b.csv", f"x,y\n1,1\n{2**63},1.5\n")
    assert read(name) == {"x": [1.0, 2.0**63], "y": [1.0, 1.5]}
    for types in ({}, {"x": pa.int64()}):
        assert open_source(name, types=types).warnings == [
            "b.csv: column 'x': integers beyond 64 bits are read as floating-point numbers"
        ]


def test_row_41_long_lines(write: Write) -> None:
    word = "w" * (9 << 20)
    name = write("a.csv", f"n,s\n1,a\n2,{word}\n3,b\n")
    assert read(name) == {"n": [1, 2, 3], "s": ["a", word, "b"]}


def test_row_41_a_line_over_the_cap(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (csv_, csv_lines):
        monkeypatch.setattr(module, "MAX_LINE", 1 << 20)
    monkeypatch.setattr(csv_.CsvSource.__init__, "__defaults__", ((1 << 16, 1 << 20),))
    name = write("a.csv", "n,s\n" + "1,a\n" * 70_000 + f"2,{'w' * (3 << 20)}\n")
    assert error(name) == "a.csv: line 70002: longer than 64 MB"
    assert error(write("b.csv", "w" * (3 << 20) + "\n1\n")) == "b.csv: line 1: longer than 64 MB"


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_row_41_the_cap_is_exact(write: Write, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A line that ends in the next block passes pyarrow's reader."""
    for module in (csv_, csv_lines):
        monkeypatch.setattr(module, "MAX_LINE", 1 << 20)
    monkeypatch.setattr(csv_.CsvSource.__init__, "__defaults__", ((1 << 16, 1 << 20),))
    name = write("a.csv", "n,s\n" + "1,a\n" * 70_000 + f"2,{'w' * (size - 2)}\n3,b\n")
    if size > 1 << 20:
        assert error(name) == "a.csv: line 70002: longer than 64 MB"
    else:
        assert len(read(name)["n"]) == 70_002


def test_row_41_too_many_columns(write: Write) -> None:
    header = ",".join(f"c{i}" for i in range(100_001))
    assert error(write("a.csv", f"{header}\n")) == ("a.csv: line 1: 100001 columns, at most 100000")


def test_duplicate_columns(write: Write) -> None:
    assert error(write("a.csv", "a,b,a\n1,2,3\n")) == "a.csv: column 'a' appears 2 times"


TEXT = ("n,s\n" + "".join(f"{i},word {i % 5}\n" for i in range(20_000))).encode()


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_row_42_compressed(write: Write, suffix: str) -> None:
    data = gzip.compress(TEXT) if suffix == "gz" else pa.compress(TEXT, "zstd", asbytes=True)
    values = read(write(f"a.csv.{suffix}", data))
    assert values["n"] == list(range(20_000))
    line = error(write(f"cut.csv.{suffix}", data[: len(data) // 2]))
    assert line.startswith(f"cut.csv.{suffix}: damaged or truncated")


def test_row_42_gzip_in_members_and_without_its_suffix(write: Write) -> None:
    assert read(write("a.csv", gzip.compress(b"x\n1\n") + gzip.compress(b"2\n"))) == {"x": [1, 2]}


def test_row_42_gzip_bomb_stops_at_max_rows(write: Write) -> None:
    name = write("a.csv.gz", gzip.compress(b"x\n" + b"1\n" * 3_000_000))
    assert Path(name).stat().st_size < 20_000
    source = open_source(name, Input(max_rows=1_000_000), types={"x": pa.float64()})
    with pytest.raises(
        DataError, match=r"^a\.csv\.gz: more than 1000000 rows \(input\.max_rows\)$"
    ):
        list(source.batches(["x"]))


words = st.sampled_from(
    ["1", "-20", "1.5", "x", "", "NA", "true", "False", "2024-01-01", "2024-01-01 10:00:00",
     "2024-01-01T10:00:00.123456789", "9999-12-31", "+3", " 4", "0x1F", str(2**63), "10:00", '"NA"',
     '"a\nb"', '"1"', "1e5", "inf"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=40), st.integers(30, 300))
def test_types_and_values_do_not_depend_on_the_block(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], block: int
) -> None:
    path = tmp_path_factory.mktemp("block") / "a.csv"
    path.write_text("x,y,z\n" + "".join(f"{x},{y},0\n" for x, y in rows))
    file = find(str(path)).files[0]
    whole = csv_.CsvSource(file, Input(), {})
    blocks = csv_.CsvSource(file, Input(), {}, blocks=(block, 1 << 16))
    assert blocks.schema == whole.schema
    assert blocks.warnings == whole.warnings
    assert blocks.suspects == whole.suspects

    def table(source: csv_.CsvSource, batch_rows: int) -> pa.Table:
        return pa.Table.from_batches(source.batches(["y", "z", "x"], batch_rows))

    expected = table(whole, 100_000).to_pylist()
    assert table(blocks, 100_000).to_pylist() == expected
    assert table(blocks, 3).to_pylist() == expected
    assert [row["z"] for row in expected] == [0] * len(rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(words.filter(lambda word: '"' not in word), min_size=1, max_size=8))
def test_a_column_has_the_first_kind_that_reads_all(
    tmp_path_factory: pytest.TempPathFactory, column: list[str]
) -> None:
    nulls = Input().null_values
    array = pa.array([None if word in nulls else word for word in column], pa.string())

    def reads(kind: object) -> bool:
        try:
            parsed(array, kind, nulls)  # type: ignore[arg-type]
        except pa.ArrowInvalid:
            return False
        return True

    path = tmp_path_factory.mktemp("first") / "a.csv"
    path.write_text("x,z\n" + "".join(f"{word},0\n" for word in column))
    expected = next(kind.type for kind in KINDS if reads(kind))
    assert open_source(path).schema.field("x").type == expected


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.text('ab,"\n', max_size=4), min_size=2, max_size=2), min_size=1, max_size=6
    )
)
def test_records_are_those_of_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("lines") / "a.csv"
    with path.open("w", newline="") as sink:
        csv.writer(sink, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    with path.open(newline="") as source:
        reader, starts, line = csv.reader(source), [], 1
        for _ in reader:
            starts.append(line)
            line = reader.line_num + 1
    found = list(csv_lines.records(Text(find(str(path)).files[0]), ","))
    assert [record.line for record in found] == starts
    assert {(record.fields, record.closed) for record in found} == {(2, True)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b'x,y\r1,2\r\r3,"4\r5"\r6,7\r', "line 6: 1 field, but the header has 2"),
        (b'x,y\n1,"2\r3"\n', "line 3: 1 field, but the header has 2"),
        (b"x,y\r\n1,2\r\n", "line 3: 1 field, but the header has 2"),
        (b"x,y\n1,2\r3,4\n", "line 4: 1 field, but the header has 2"),
    ],
)
@pytest.mark.parametrize("read_bytes", [1, 7, 1 << 20])
def test_lines_end_as_they_do_for_the_reader(
    write: Write, monkeypatch: pytest.MonkeyPatch, text: bytes, line: str, read_bytes: int
) -> None:
    monkeypatch.setattr(csv_lines, "READ_BYTES", read_bytes)
    assert read(write("a.csv", text))
    assert error(write("a.csv", text + b"8")) == f"a.csv: {line}"


def test_any_character_may_stand_in_a_header(write: Write) -> None:
    name = write("a.csv", "a\u2028b,c\x0bd,e\n1,2,3\n")
    assert read(name) == {"a\u2028b": [1], "c\x0bd": [2], "e": [3]}
