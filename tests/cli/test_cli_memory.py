"""Too little memory ends a run with one line, whatever it is that does not get it."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_helpers import Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits bind on Linux only")

ROWS = 400_000
ARGUMENTS = ["features", "ref.parquet", "cur.parquet", "--format", "json", "--jobs", "2"]


def limited(megabytes: int | None, folder: Path) -> Outcome:
    """Run the tool with so much address space, as ``ulimit -v`` gives it."""

    def limit() -> None:
        if megabytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    command = [sys.executable, "-m", "driftcli", *ARGUMENTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, preexec_fn=limit)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def write(folder: Path) -> None:
    for seed, name in ((1, "ref.parquet"), (2, "cur.parquet")):
        drawn = np.random.default_rng(seed).normal(size=ROWS)
        words = pa.array(np.array(["a", "b", "c"])[(drawn * 9).astype(int) % 3])
        table = pa.table({"x": drawn, "y": drawn**3, "w": words, "n": (drawn * 50).astype(int)})
        pq.write_table(table, folder / name, row_group_size=100_000, compression="none")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The folder of the data, and the answer of a run without limits."""
    folder = tmp_path_factory.mktemp("memory")
    write(folder)
    outcome = limited(None, folder)
    assert (outcome.code, outcome.err) == (0, "")
    return {"folder": folder, "found": answer(outcome)}


def answer(outcome: Outcome) -> object:
    """All that was found, but for the time."""
    return {name: value for name, value in outcome.json.items() if name != "timestamp"}


# what is too little depends on the machine's threads and libraries; somewhere in between lies the
# point from which on there is enough, and no run on either side may end otherwise
LIMITS = [60, 200, 256, 280, 300, 320, 350, 450, 1_100, 1_375, 4_000]


@pytest.mark.slow
def test_a_run_without_enough_memory_ends_with_one_line_or_the_full_answer(
    whole: dict[str, Any],
) -> None:
    answered = []
    for megabytes in LIMITS:
        outcome = limited(megabytes, whole["folder"])
        answered.append(outcome.code == 0)
        if outcome.code == 0:
            assert (answer(outcome), outcome.err) == (whole["found"], ""), megabytes
        else:
            assert outcome.out == ""
            assert "memory" in outcome.error or "ulimit" in outcome.error, (megabytes, outcome.err)
    assert not answered[0]
    assert answered[-1]
    # more memory never means less of an answer
    assert answered == sorted(answered)
