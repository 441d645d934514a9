"""What is settled before the numeric libraries are imported; each in a process of its own."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from driftcli import _startup

SCRIPT = """
from driftcli._startup import keep_pandas_out, prepare_libraries
assert prepare_libraries() == ""
keep_pandas_out()
import pyarrow
print(pyarrow.default_memory_pool().backend_name)
"""
BEST = "jemalloc" if "jemalloc" in pa.supported_memory_backends() else "system"


@pytest.mark.parametrize(("chosen", "found"), [(None, BEST), ("mimalloc", "mimalloc")])
def test_the_allocator_of_arrow(chosen: str | None, found: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "ARROW_DEFAULT_MEMORY_POOL"}
    if chosen is not None:
        environment["ARROW_DEFAULT_MEMORY_POOL"] = chosen
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    assert (said.stdout, said.stderr) == (f"{found}\n", "")


CPU = """processor	: 0
vendor_id	: {vendor}
cpu family	: {family}
flags		: fpu avx2 {flag}

processor	: 1
"""
FEATURES = """
import os
from driftcli._startup import prepare_libraries
assert prepare_libraries() == ""
from numpy._core._multiarray_umath import __cpu_features__ as features
print(features["AVX2"], features[os.environ["NPY_DISABLE_CPU_FEATURES"]])
"""


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """Return the numpy that is installed, on a Zen 4."""
    found = SimpleNamespace(version="2.4.6", text="Tag: cp311-cp311-manylinux_2_28_x86_64\n")
    found.read_text = lambda _name: found.text
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: found)
    monkeypatch.setattr(_startup, "CPU_INFO", tmp_path / "cpuinfo")
    found.cpu = lambda *of: (tmp_path / "cpuinfo").write_text(
        CPU.format(vendor=of[0], family=of[1], flag=of[2])
    )
    found.cpu("AuthenticAMD", 25, "avx512f")
    return found


def disabled(monkeypatch: pytest.MonkeyPatch, chosen: str | None = None) -> str | None:
    """Return which features numpy is told to do without."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", {} if chosen is None else {_startup.DISABLED: chosen})
        assert _startup.prepare_libraries() == ""
        return os.environ.get(_startup.DISABLED)


@pytest.mark.parametrize(
    ("version", "feature"),
    [("1.26.4", None), ("2.0.2", "AVX512F"), ("2.3.5", "AVX512F"), ("2.4.0rc1", "X86_V4")],
)
def test_numpy_sorts_without_avx512_on_zen_4(
    wheel: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, version: str, feature: str | None
) -> None:
    wheel.version = version
    assert disabled(monkeypatch) == feature


@pytest.mark.parametrize(
    "cpu",
    [
        ("GenuineIntel", 6, "avx512f"),
        ("AuthenticAMD", 26, "avx512f"),
        ("AuthenticAMD", 25, "avx"),
    ],
)
def test_other_processors_sort_as_numpy_likes(
    wheel: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, cpu: tuple[str, int, str]
) -> None:
    wheel.cpu(*cpu)
    assert disabled(monkeypatch) is None


@pytest.mark.parametrize("text", ["Tag: cp311-cp311-linux_x86_64\n", None])
def test_a_numpy_built_elsewhere_may_insist_on_avx512(
    wheel: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    wheel.text = text
    assert disabled(monkeypatch) is None


def test_what_the_user_says_of_features_stands(
    wheel: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert disabled(monkeypatch, "") == ""


def test_without_a_processor_to_ask_numpy_chooses(
    wheel: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _startup.CPU_INFO.unlink()
    assert disabled(monkeypatch) is None


@pytest.mark.skipif(
    not _startup._sorts_slowly() or np.lib.NumpyVersion(np.__version__) < "2.0.0",
    reason="on a Zen 4, with numpy from 2.0 on",
)
def test_numpy_really_leaves_avx512_out() -> None:
    environment = {k: v for k, v in os.environ.items() if k != _startup.DISABLED}
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", FEATURES],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (said.stdout, said.stderr) == ("True False\n", "")
