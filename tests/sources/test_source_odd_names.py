"""Row 2: what lies among data files and is not named so is neither read nor left out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_helpers import Write, error, read

ENDS = ("~", ".tmp", ".bak", ".part", ".crdownload", ".1", " (1)")
COPIES = ("#x.csv#", *(f"x.csv{end}" for end in ENDS))
UNKNOWN = "not known to be a data file by its name."
REFUSED = f"{UNKNOWN} a copy, or half-written? move it away, or name the others by a glob"


def parquet(name: str, value: int = 1) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"x": [value]}), name)


@pytest.mark.parametrize("target", ["p", "p/", "p/*", "p/**/*"])
@pytest.mark.parametrize("name", [*COPIES, "x.parquet.tmp", "x.CSV.GZ.1"])
def test_a_copy_among_data(write: Write, target: str, name: str) -> None:
    """Its rows would count twice, and those of a file half-written only in part."""
    write("p/a.csv", "x\n1\n")
    parquet(f"p/{name}")
    assert error(target) == f"p/{name}: {REFUSED}"


@pytest.mark.parametrize("name", ["x.bak", "notes.txt"])
def test_a_name_of_no_data_among_data(folder: Path, name: str) -> None:
    parquet("p/a.parquet")
    parquet(f"p/{name}")
    assert error("p").startswith(f"p/{name}: {UNKNOWN} it looks like Parquet; known are .parquet")
    assert read("p", format="parquet") == {"x": [1, 1]}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_of_no_format(write: Write, name: str) -> None:
    write(f"p/{name}", "x\n1\n")
    assert error("p", format="csv") == f"p/{name}: {REFUSED}"
    write("p/notes.txt", "x\n2\n")
    assert error("p", format="csv") == f"p/{name}: {REFUSED}"
    Path(f"p/{name}").unlink()
    assert read("p", format="csv") == {"x": [2]}


@pytest.mark.parametrize("pattern", ["x.parquet.bak", "*.parquet.bak", "*.parquet.*"])
def test_a_copy_that_is_asked_for(folder: Path, pattern: str) -> None:
    parquet("p.csv.d/x.parquet.bak")
    assert read(f"p.csv.d/{pattern}") == {"x": [1]}
    for target in ("p.csv.d", "p.csv.d/*", "p.csv.d/*.bak", "p.csv.d/*.parquet*"):
        assert error(target) == f"p.csv.d/x.parquet.bak: {REFUSED}"


@pytest.mark.parametrize("name", [".x.csv.swp", "_temporary/0/x.csv", "x.csv.crc"])
@pytest.mark.parametrize("target", ["p", "p/*", "p/**/*.csv"])
def test_companions_are_left_out(write: Write, target: str, name: str) -> None:
    write("p/a.csv", "x\n1\n")
    write(f"p/{name}", "x\n2\n")
    assert read(target) == {"x": [1]}


def test_names_without_a_suffix_go_by_their_bytes(folder: Path) -> None:
    for at, name in enumerate(("000000_0", "a.parquet", "part-1")):
        parquet(f"p/{name}", at)
    assert read("p") == {"x": [0, 1, 2]}
