"""Small files that would be large: one line, exit code 2, and memory that stays bounded.

Each is read by a process whose memory is looked at afterwards.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from cli_helpers import ERROR, OLD, normal, save, text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")

MOST = 600 * 2**20  # bytes resident, the libraries' 100 included
SIZE = 800 * 2**20  # what would be there when all of it were
PIECE = 8 * 2**20


def compressed(name: str, row: bytes) -> str:
    """Write a gzip or zstd file of as many equal rows as come to 800 MB, in members of 8 MB."""
    head = b'{"x": 1}\n' if ".json" in name else b"x\n"
    codec = pa.Codec("gzip" if name.endswith("gz") else "zstd")
    first, piece = (
        codec.compress(part, asbytes=True) for part in (head, (row * (PIECE // len(row))))
    )
    Path(name).write_bytes(first + piece * (SIZE // PIECE))
    return name


# told by the process itself: what its parent counts for it includes the parent's own memory
SCRIPT = """
import os
from driftcli.__main__ import main

leave = os._exit

def tell(code):
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    with open("peak", "w") as file:
        file.write(peak)
    leave(code)

os._exit = tell
main()
"""


def measured(*arguments: str) -> tuple[int, str, int]:
    """Run the tool; return its exit code, stderr, and the most bytes that it held."""
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, int(Path("peak").read_text()) * 1024


def deep_json() -> tuple[str, ...]:
    return "report", text("deep.json", "[" * 5_000_000), "-o", "x.html"


def deep_objects() -> tuple[str, ...]:
    return "alert", text("deep.json", '{"a":' * 500_000 + "1" + "}" * 500_000), "-o", "x.json"


def long_number() -> tuple[str, ...]:
    return "report", text("long.json", '{"schema_version":' + "9" * 5_000_000 + "}"), "-o", "x.html"


def many_values() -> tuple[str, ...]:
    lists = "[" + ",".join(["{}"] * 2_000_000) + "]"
    return "report", text("many.json", lists), "-o", "x.html"


def aliases() -> tuple[str, ...]:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    return *CHECK, "-c", text("bomb.yaml", "\n".join(lines))


def large_yaml() -> tuple[str, ...]:
    return *CHECK, "-c", text("large.yaml", "columns: {include: [" + "a," * 2**20 + "]}")


def line(name: str) -> Callable[[], tuple[str, ...]]:
    """A file of one line of 800 MB."""
    return lambda: ("features", "ref.parquet", compressed(name, b"1"))


def rows() -> tuple[str, ...]:
    """Rows without end, for which there is a limit."""
    settings = text("c.yaml", "input: {max_rows: 1000000}")
    return "features", "ref.parquet", compressed("b.csv.gz", b"1\n"), "-c", settings


CHECK = ("features", "ref.parquet", "ref.parquet")
BOMBS: dict[str, tuple[Callable[[], tuple[str, ...]], str]] = {
    "row 42 gzip line": (line("b.csv.gz"), "b.csv.gz: line 2: longer than 64 MB"),
    "row 42 zstd line of JSON": (line("b.jsonl.zst"), "b.jsonl.zst: line 2: longer than 64 MB"),
    "row 42 gzip rows": (rows, "b.csv.gz: more than 1000000 rows (input.max_rows)"),
    "JSON depth": (deep_json, "deep.json: nested too deeply"),
    "JSON objects": (deep_objects, "deep.json: nested too deeply"),
    "JSON number": (long_number, "long.json: a number of 5000000 digits is not JSON"),
    "JSON values": (many_values, "many.json: "),
    "row 88 YAML aliases": (aliases, "bomb.yaml:1:5: anchors and aliases are not allowed"),
    "row 88 YAML size": (large_yaml, "large.yaml: larger than 1,000,000 bytes. is it a data file?"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_do_not_go_off(name: str) -> None:
    save("ref.parquet", x=normal(1))
    for target in ("x.html", "x.json"):
        text(target, OLD)
    make, expected = BOMBS[name]
    code, said, used = measured(*make())
    assert (code, said.count("\n")) == (2, 1), said
    assert said.startswith(f"{ERROR}{expected}")
    assert used < MOST
    assert Path("x.html").read_text() == Path("x.json").read_text() == OLD


def test_the_bombs_are_small_files_of_much() -> None:
    """Else those above would show nothing."""
    compressed("b.zst", b"1\n")
    assert Path("b.zst").stat().st_size < SIZE // 5000
    with pa.input_stream("b.zst", compression="zstd") as opened:
        assert sum(map(len, iter(lambda: opened.read(PIECE), b""))) == SIZE + 2
