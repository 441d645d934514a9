"""Section C of the list of bad inputs: CSV and JSON lines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from cli_helpers import Run, normal, refused, text

HEADER = "n,v,c"
ROWS = [f"{i % 97},{v:.4f},{'xyz'[i % 3]}" for i, v in enumerate(normal(1, 200))]
GOOD = "\n".join([HEADER, *ROWS]) + "\n"


def with_row(row: str, line: int = 102) -> str:
    """The good file with that line replaced."""
    lines = [HEADER, *ROWS]
    lines[line - 1] = row
    return "\n".join(lines) + "\n"


@pytest.fixture(autouse=True)
def reference() -> None:
    text("r.csv", GOOD)


def refused_csv(run: Run, content: str | bytes, *flags: str) -> str:
    return refused(run, "features", "r.csv", text("x.csv", content), *flags)


def accepted(run: Run, content: str | bytes, *flags: str, name: str = "x.csv") -> list[str]:
    outcome = run("features", "r.csv", text(name, content), *flags)
    assert (outcome.code, outcome.errors) == (0, [])
    return outcome.warnings


@pytest.mark.parametrize(("row", "count"), [("1,2", 2), ("1,2,x,9", 4)])
def test_row_029_ragged(run: Run, row: str, count: int) -> None:
    expected = f"x.csv: line 102: {count} fields, but the header has 3"
    assert refused_csv(run, with_row(row)) == expected
    assert refused(run, "features", "x.csv", "r.csv") == expected


def test_row_030_a_word_among_numbers(run: Run) -> None:
    expected = "x.csv: line 102: column 'v': 'oops' is not a number"
    assert refused_csv(run, with_row("1,oops,x")) == expected


def column(mean: float, *, word: str = "", decimal: str = ".") -> str:
    """A file of 3,000 numbers; `word` stands in for one of them."""
    numbers = [f"{v:.6f}".replace(".", decimal) for v in normal(2, 3000, mean)]
    numbers[1500] = word or numbers[1500]
    return "\n".join(["v;k", *(f"{v};{i % 3}" for i, v in enumerate(numbers))]) + "\n"


def test_row_030_a_word_among_the_numbers_of_the_reference(run: Run) -> None:
    """The column must not turn into text, look like an identifier and be checked no more."""
    text("ref.csv", column(0, word="oops"))
    outcome = run("features", "ref.csv", text("cur.csv", column(5)), "--delimiter", ";")
    assert outcome.code == 2
    reason = "'oops' in line 1502 of ref.csv is not a number, as nearly all others are"
    hint = "(columns.types can say categorical)"
    assert outcome.errors == [f"cur.csv: column 'v': {reason} {hint}"]


def test_row_030_the_user_may_mean_text(run: Run) -> None:
    text("ref.csv", column(0, word="oops"))
    Path("c.yaml").write_text("version: 1\ncolumns: {types: {k: categorical, v: categorical}}\n")
    outcome = run("features", "ref.csv", "ref.csv", "--delimiter", ";", "-c", "c.yaml")
    assert "'oops'" not in outcome.err


def test_row_030_predictions(run: Run) -> None:
    text("ref.csv", column(0, word="oops"))
    outcome = run("predictions", "ref.csv", "ref.csv", "--delimiter", ";", "--column", "v")
    assert outcome.code == 2
    assert "'oops' in line 1502 of ref.csv" in outcome.errors[0]


def test_row_030_drift_elsewhere_is_still_drift(run: Run) -> None:
    moved = column(0).replace(";0", ";7")
    text("ref.csv", column(0, word="oops"))
    outcome = run("features", "ref.csv", text("cur.csv", moved), "--delimiter", ";")
    assert (outcome.code, outcome.errors) == (1, [])
    assert "'oops' in line 1502 of ref.csv" in outcome.err


def test_row_031_words_that_mean_missing(run: Run) -> None:
    lines = GOOD.splitlines()
    for at, word in enumerate(("-", "N/A", "?", "NA", "NULL", "nan", "")):
        lines[10 + at] = f"1,{word},x"
    outcome = run("features", "r.csv", text("x.csv", "\n".join(lines)), "--format", "json")
    assert outcome.code == 0
    assert outcome.json["features"]["v"]["current"]["missing"] == 7


def test_row_031_other_words_do_not(run: Run) -> None:
    expected = "x.csv: line 102: column 'v': 'missing' is not a number"
    assert refused_csv(run, with_row("1,missing,x")) == expected


def test_row_032_semicolons(run: Run) -> None:
    expected = "x.csv: only one column, 'n;v;c'. try --delimiter ';'"
    assert refused_csv(run, GOOD.replace(",", ";")) == expected
    assert run("features", "x.csv", "x.csv", "--delimiter", ";", "-q").code == 0


def test_row_032_decimal_commas(run: Run) -> None:
    text("ref.csv", column(0, decimal=","))
    outcome = run(
        "features", "ref.csv", text("cur.csv", column(5, decimal=",")), "--delimiter", ";"
    )
    assert outcome.code == 2
    reason = "numbers with a decimal comma are not understood (columns.types can say categorical)"
    assert len(outcome.errors) == 1
    assert outcome.errors[0].startswith("cur.csv: column 'v': '")
    assert outcome.errors[0].endswith(f"' in line 2 of ref.csv: {reason}")


def test_row_034_encodings(run: Run) -> None:
    for wide in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        expected = f"x.csv: not UTF-8; set encoding. try --encoding {wide}"
        assert refused_csv(run, GOOD.encode(wide)) == expected
    assert accepted(run, GOOD.encode("utf-16"), "--encoding", "utf-16", name="r.csv") == []


def test_row_034_latin_1(run: Run) -> None:
    latin = GOOD.replace("x", "é").encode("latin-1")
    assert refused_csv(run, latin) == "x.csv: not UTF-8; set encoding. try --encoding latin-1"
    assert run("features", "x.csv", "x.csv", "--encoding", "latin-1", "-q").code == 0
    for none in ("punycode", "idna", "unicode_escape", "raw-unicode-escape"):
        line = refused(run, "features", "r.csv", "x.csv", "--encoding", none)
        assert line == f"r.csv: encoding '{none}' is none of files"
    for unknown in ("latin-11", "rot13", "base64", "undefined"):
        line = refused(run, "features", "r.csv", "x.csv", "--encoding", unknown)
        assert line == f"r.csv: unknown encoding '{unknown}'"


def test_row_035_byte_order_mark(run: Run) -> None:
    assert accepted(run, b"\xef\xbb\xbf" + GOOD.encode()) == []


def test_row_037_unclosed_quote(run: Run) -> None:
    expected = "x.csv: line 102: a quote is opened and never closed"
    assert refused_csv(run, with_row('1,2,"x')) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [(HEADER + "\n", "no data rows"), ("\n\n", "no data rows"), ("", "file is empty")],
)
def test_row_038_no_data(run: Run, content: str, reason: str) -> None:
    assert refused_csv(run, content) == f"x.csv: {reason}"
    assert refused(run, "features", "x.csv", "r.csv") == f"x.csv: {reason}"


def test_row_040_whole_numbers_are_exact_beyond_2_53(run: Run) -> None:
    text("a.csv", "k\n" + f"{2**53 + 1}\n" * 100)
    text("b.csv", "k\n" + f"{2**53}\n" * 100)
    assert run("features", "a.csv", "b.csv", "-q").code == 1


def test_row_040_larger_ones_are_told(run: Run) -> None:
    text("a.csv", "k\n" + "".join(f"{2**64 + i}\n" for i in range(100)))
    outcome = run("features", "a.csv", "a.csv")
    reason = "integers beyond 64 bits are read as floating-point numbers"
    assert outcome.code == 0
    assert outcome.warnings == [f"a.csv: column 'k': {reason}"]


def test_row_041_too_many_columns(run: Run) -> None:
    names = ",".join(f"c{i}" for i in range(100_001))
    expected = "x.csv: line 1: 100001 columns, at most 100000"
    assert refused_csv(run, names + "\n" + names + "\n") == expected


def test_row_041_a_long_value_does_not_flood_the_report(run: Run) -> None:
    long = with_row("1,2," + "x" * (1 << 20))
    run("features", "r.csv", text("x.csv", long), "-q", "-o", "x.json", "-o", "x.html")
    assert Path("x.json").stat().st_size < 100_000
    assert Path("x.html").stat().st_size < 100_000


def test_row_042_gzip(run: Run) -> None:
    assert accepted(run, gzip.compress(GOOD.encode()), name="x.csv.gz") == []


def test_row_042_truncated_gzip(run: Run) -> None:
    packed = gzip.compress(GOOD.encode())
    text("x.csv.gz", packed[: len(packed) // 2])
    expected = "x.csv.gz: damaged or truncated (Truncated compressed stream)"
    assert refused(run, "features", "r.csv", "x.csv.gz") == expected


def test_row_042_gzip_that_was_altered(run: Run) -> None:
    packed = bytearray(gzip.compress(GOOD.encode()))
    packed[-6] ^= 0xFF
    text("x.csv.gz", bytes(packed))
    line = refused(run, "features", "r.csv", "x.csv.gz")
    assert line.startswith("x.csv.gz: damaged or truncated (")


OBJECTS = [json.dumps({"n": i % 97, "v": v, "c": "x"}) for i, v in enumerate(normal(3, 200))]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("[" * 5000 + "]" * 5000, "line 101: nested deeper than 100 levels"),
        ('{"n": ' + "[" * 5000 + "]" * 5000 + "}", "line 101: nested deeper than 100 levels"),
        ('{"n": 1, "n": 2, "v": 1.0, "c": "x"}', "line 101: column 'n': appears twice"),
        (
            '{"n": 1, "v": NaN, "c": "x"}',
            "line 101: NaN is not JSON. write null for a missing number",
        ),
        (
            '{"n": 1, "v": "oops", "c": "x"}',
            "line 101: column 'v': changes from number to string",
        ),
    ],
)
def test_row_044_json_lines(run: Run, row: str, reason: str) -> None:
    text("r.jsonl", "\n".join(OBJECTS) + "\n")
    lines = [*OBJECTS[:100], row, *OBJECTS[100:]]
    text("x.jsonl", "\n".join(lines) + "\n")
    assert refused(run, "features", "r.jsonl", "x.jsonl") == f"x.jsonl: {reason}"


def test_row_044_json_lines_cut_off(run: Run) -> None:
    text("r.jsonl", "\n".join(OBJECTS) + "\n")
    text("x.jsonl", "\n".join(OBJECTS)[:-20])
    line = refused(run, "features", "r.jsonl", "x.jsonl")
    assert line.startswith("x.jsonl: line 200: ")
    assert "changes from" not in line


def test_too_many_rows(run: Run) -> None:
    Path("c.yaml").write_text("version: 1\ninput: {max_rows: 100}\n")
    expected = "r.csv: more than 100 rows (input.max_rows)"
    assert refused(run, "features", "r.csv", "r.csv", "-c", "c.yaml") == expected


@pytest.mark.parametrize("delimiter", ["", "ab"])
def test_the_delimiter_is_one_character(run: Run, delimiter: str) -> None:
    expected = "--delimiter takes one character. write '\\t' for a tab"
    assert refused(run, "features", "r.csv", "r.csv", "--delimiter", delimiter) == expected


def test_tabs(run: Run) -> None:
    text("x.tsv", GOOD.replace(",", "\t"))
    assert run("features", "x.tsv", "x.tsv", "--delimiter", "\\t", "-q").code == 0
