"""One warm driftcli with faults for all tests of a worker."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "alerts")]

from fault_runs import Injector  # noqa: E402


@pytest.fixture(scope="session")
def injector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Injector]:
    started = Injector(tmp_path_factory.mktemp("runs"))
    yield started
    started.close()
