"""What is settled before the numeric libraries are imported; each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pyarrow as pa
import pytest

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
