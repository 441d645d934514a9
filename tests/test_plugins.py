"""A method of another package: found by its entry point, run where a threshold names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "examples" / "data"
MODULE = """
from driftcli.methods.base import COUNTED, NUMERIC, Method
from driftcli.model import MethodResult


def compare(reference, current):
    growth = current.count / reference.count - 1
    return MethodResult(
        "growth", growth, abs(growth), 0.0, reference.count, current.count
    )


METHOD = Method("growth", "growth", NUMERIC | COUNTED, 0.01, None, compare, "More rows than before")
"""


@pytest.fixture
def installed(tmp_path):
    """A distribution with one method, as an installer lays it out."""
    (tmp_path / "growth_method.py").write_text(MODULE)
    info = tmp_path / "growth_method-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: growth-method\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[driftcli.methods]\ngrowth = growth_method:METHOD\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def run(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "driftcli", "features", DATA / "reference.parquet", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_threshold_brings_the_method_in(installed, tmp_path):
    config = tmp_path / "monitor.yaml"
    config.write_text("version: 1\nthresholds: {growth: 0.05}\n")
    for named in (["--threshold", "growth=0.05"], ["-c", str(config)]):
        result = run(installed, DATA / "current.parquet", "--columns", "origin", *named)
        assert result.returncode == 1, result.stderr
        assert "origin: growth 0.07976 > 0.05" in result.stdout


def test_without_the_package_the_name_is_unknown(tmp_path):
    result = run(dict(os.environ), DATA / "current.parquet", "--threshold", "growth=0.05")
    assert result.returncode == 2
    assert "no such method" in result.stderr
