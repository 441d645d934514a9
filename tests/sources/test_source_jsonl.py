from __future__ import annotations

import datetime as dt
import gzip

import pyarrow as pa
import pytest
from source_helpers import Write, error, read

from driftcli.sources import json_lines, jsonl, open_source


def test_values_and_types(write: Write) -> None:
    name = write(
        "a.jsonl",
        '{"i": 1, "f": 1, "s": "a", "b": true, "t": "2024-01-01 10:00:00", "n": null}\n'
        "\n"
        '{"f": 2.5, "i": null, "s": "ä", "late": [1]}\n',
    )
    assert read(name) == {
        "i": [1, None],
        "f": [1.0, 2.5],
        "s": ["a", "ä"],
        "b": [True, None],
        "t": [dt.datetime(2024, 1, 1, 10), None],
        "n": [None, None],
        "late": [None, [1]],
    }
    source = open_source(name)
    assert source.rows == 2
    assert [batch.to_pydict() for batch in source.batches(["s", "i"], 1)] == [
        {"s": ["a"], "i": [1]},
        {"s": ["ä"], "i": [None]},
    ]
    assert sum(batch.num_rows for batch in source.batches([])) == 2


@pytest.mark.parametrize("name", ["a.ndjson", "a.json", "a.jsonl.gz"])
def test_names(write: Write, name: str) -> None:
    data = b'{"a": 1}\n{"a": 2}'
    assert read(write(name, gzip.compress(data) if name.endswith("gz") else data)) == {"a": [1, 2]}


def test_types_are_those_of_all_blocks(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ['{"x": 1, "t": "2024-01-01", "s": {"a": 1}}'] * 50
    lines += ['{"x": 0.5, "t": "later", "s": {"b": "c"}, "new": true}']
    name = write("a.jsonl", "\n".join(lines))
    whole = open_source(name)
    monkeypatch.setattr(json_lines.blocks, "__defaults__", (100,))
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 60)
    source = open_source(name)
    assert source.schema == whole.schema
    assert source.schema.field("x").type == pa.float64()
    assert source.schema.field("t").type == pa.string()
    assert source.schema.field("s").type == pa.struct({"a": pa.int64(), "b": pa.string()})
    assert read(name) == {
        "x": [1.0] * 50 + [0.5],
        "t": ["2024-01-01"] * 50 + ["later"],
        "s": [{"a": 1, "b": None}] * 50 + [{"a": None, "b": "c"}],
        "new": [None] * 50 + [True],
    }


def test_the_reference_says_text(write: Write) -> None:
    name = write("a.jsonl", '{"t": "2024-01-01"}\n')
    assert read(name, types={"t": pa.large_string()}) == {"t": ["2024-01-01"]}


@pytest.mark.parametrize("block", [30, 1 << 20])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"a": "x"}', "column 'a': changes from number to string"),
        ('{"a": true}', "column 'a': changes from number to boolean"),
        ('{"a": [1]}', "column 'a': changes from number to array"),
        ('{"a": 1, "a": 2}', "column 'a': appears twice"),
        ("[1]", "array, not an object"),
        ('{"a": NaN}', "NaN is not JSON. write null for a missing number"),
        ('{"b": "NaN", "a": -Infinity}', "-Infinity is not JSON. write null for a missing number"),
        ('{"a": 1', "not JSON (missing a comma or '}' after an object member)"),
        ("{'a': 1}", "not JSON (missing a name for object member)"),
        ('{"a": 1},', "a comma after the object. leave it out (sed 's/,$//')"),
        ('{"a": %s},' % ("1" * 5_000), "a comma after the object. leave it out (sed 's/,$//')"),
        ('{"a": 1} ,{"a": 2}', "a comma after the object. leave it out (sed 's/,$//')"),
        ('{"a": 1,}', "not JSON (missing a name for object member)"),
        ('{"a": ' + "[" * 101 + "]" * 101 + "}", "nested deeper than 100 levels"),
        ('{"a": ' + "[" * 100_000, "nested deeper than 100 levels"),
    ],
)
def test_row_44_faults_have_a_line(
    write: Write, monkeypatch: pytest.MonkeyPatch, line: str, message: str, block: int
) -> None:
    monkeypatch.setattr(json_lines.blocks, "__defaults__", (block,))
    text = "\n" + '{"a": 1}\n' * 20 + f"{line}\n" + '{"a": 3}\n' * 5
    assert error(write("a.jsonl", text)) == f"a.jsonl: line 22: {message}"


def test_row_44_brackets_and_words_in_strings_are_text(write: Write) -> None:
    value = "[" * 500 + ' \\" NaN {'
    name = write("a.jsonl", f'{{"a": "{value}"}}\n' + '{"a": "Infinity"}\n')
    assert read(name) == {"a": [value.replace("\\", ""), "Infinity"]}


def test_row_44_nesting_up_to_the_limit(write: Write) -> None:
    name = write("a.jsonl", '{"x": 1, "a": ' + "[" * 99 + "]" * 99 + "}\n")
    assert read(name, ["x"]) == {"x": [1]}


def test_row_34_not_utf_8(write: Write) -> None:
    name = write("a.jsonl", '{"a": "x"}\n{"a": "café"}\n'.encode("latin-1"))
    assert error(name) == (
        "a.jsonl: line 2: not UTF-8. JSON is always UTF-8; convert it (iconv -t utf-8)"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32-le"])
def test_row_34_wide_text(write: Write, encoding: str) -> None:
    name = write("a.jsonl", '{"a": "x"}\n'.encode(encoding))
    remedy = f"JSON is always UTF-8; convert it (iconv -f {encoding} -t utf-8)"
    assert error(name) == f"a.jsonl: not UTF-8. {remedy}"


def test_row_38_no_data_rows(write: Write) -> None:
    assert error(write("a.jsonl", "\n\n")) == "a.jsonl: no data rows"


def test_row_40_large_integers(write: Write) -> None:
    name = write("a.jsonl", f'{{"a": {2**63 - 1}}}\n{{"a": {2**53 + 1}}}\n')
    assert read(name) == {"a": [2**63 - 1, 2**53 + 1]}
    assert open_source(name).warnings == []
    name = write("b.jsonl", f'{{"a": {2**63}}}\n')
    assert read(name) == {"a": [2.0**63]}
    assert open_source(name).warnings == [
        "b.jsonl: integers beyond 64 bits are read as floating-point numbers"
    ]


def test_row_41_a_long_line(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    word = "w" * (3 << 20)
    name = write("a.jsonl", f'{{"a": "x"}}\n{{"a": "{word}"}}\n')
    assert read(name) == {"a": ["x", word]}
    monkeypatch.setattr(json_lines, "MAX_LINE", 1 << 20)
    monkeypatch.setattr(json_lines.blocks, "__defaults__", (1 << 18,))
    assert error(name) == "a.jsonl: line 2: longer than 64 MB"


@pytest.mark.parametrize("size", [1000, 1001])
def test_row_41_the_cap_is_exact(write: Write, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 1000)
    monkeypatch.setattr(json_lines.blocks, "__defaults__", (300,))
    word = "w" * (size - len('{"a": ""}'))
    name = write("a.jsonl", f'{{"a": "x"}}\n{{"a": "{word}"}}\n{{"a": "y"}}\n')
    if size > 1000:
        assert error(name) == "a.jsonl: line 2: longer than 64 MB"
    else:
        assert read(name) == {"a": ["x", word, "y"]}


def test_row_42_truncated_gzip(write: Write) -> None:
    text = "".join(f'{{"a": {i * i}}}\n' for i in range(10_000))
    line = error(write("a.jsonl.gz", gzip.compress(text.encode())[:-5000]))
    assert line.startswith("a.jsonl.gz: damaged or truncated")


def test_an_array_of_objects(write: Write) -> None:
    assert error(write("a.json", '[{"a": 1}]\n')) == (
        "a.json: line 1: array, not an object. write one object a line (jq -c '.[]')"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("null", 1),
        ("\ufeff null\n", 1),
        ('\nnull\n{"a": 1}\n', 2),
        ('{"a": 1}\n\n\tnull\r\n', 3),
        ("null {}", 1),
        ("nullnull", 1),
    ],
)
def test_null_is_no_object(write: Write, text: str, line: int) -> None:
    # as the first row it would end the process
    assert error(write("a.jsonl", text)) == f"a.jsonl: line {line}: null, not an object"
