"""What an engine tells of its work: as much is read as was announced, each second on a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import pyarrow as pa
import pytest

from driftcli.engines.local import LocalEngine
from driftcli.engines.windowing import Windows
from driftcli.schema import ColumnPlan, plan_columns
from driftcli.summaries import Summary

COLUMNS = 8


@dataclass
class Table:
    """Rows in batches, as a source gives them."""

    table: pa.Table
    columnar: bool = True
    known: bool = True
    name: str = "table"

    @property
    def rows(self) -> int | None:
        return len(self.table) if self.known else None

    def batches(self, columns: Sequence[str], *, threads: bool = True) -> Iterator[pa.RecordBatch]:
        yield from self.table.select(list(columns)).to_batches(max_chunksize=10_000)


@dataclass
class Notes:
    """A watch that writes down what it hears."""

    expected: list[tuple[int | None, int]] = field(default_factory=list)
    done: int = 0
    stages: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def expect(self, rows: int | None, columns: int) -> None:
        with self.lock:
            self.expected.append((rows, columns))

    def read(self, rows: int, columns: int) -> None:
        with self.lock:
            self.done += rows * columns

    @contextmanager
    def spend(self, stage: str, columns: Sequence[str]) -> Iterator[None]:
        yield
        with self.lock:
            self.stages.update((stage, name) for name in columns)


class Nothing:
    """A comparison that looks into the first bucket of some columns."""

    def __init__(self, unsettled: Sequence[str] = ()) -> None:
        self._unsettled = unsettled

    def unsettled(self, column: ColumnPlan, reference: Summary, current: Summary) -> Sequence[int]:
        return (0,) if column.name in self._unsettled else ()

    def compare(
        self, column: ColumnPlan, reference: Summary, current: Summary, windows: Windows
    ) -> None:
        return None


def table(seed: int, rows: int) -> pa.Table:
    values = np.random.default_rng(seed).normal(size=(COLUMNS, rows))
    return pa.table({f"c{i}": column for i, column in enumerate(values)})


def watched(reference: Table, current: Table, jobs: int, *unsettled: str) -> Notes:
    notes = Notes()
    plan = plan_columns(reference.table.schema, current.table.schema)
    engine = LocalEngine(memory=0, jobs=jobs, watch=notes)
    engine.compare(reference, current, plan.columns, Nothing(unsettled))
    return notes


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("columnar", [True, False])
def test_what_fits_is_read_once(columnar: bool, jobs: int) -> None:
    sides = Table(table(1, 3000), columnar), Table(table(2, 2000), columnar)
    notes = watched(*sides, jobs)
    assert notes.expected == [(3000, COLUMNS), (2000, COLUMNS)]
    assert notes.done == 5000 * COLUMNS
    assert {stage for stage, _ in notes.stages} == {
        "read reference", "fold reference", "read current", "fold current",
        "sort and sum", "compare",
    }  # fmt: skip
    assert {name for _, name in notes.stages} == {f"c{i}" for i in range(COLUMNS)}
    assert notes.stages["compare", "c0"] == 1


@pytest.mark.parametrize("jobs", [1, 3])
def test_further_passes_are_announced(jobs: int) -> None:
    rows = 70_000  # more than a column's share of the memory
    sides = Table(table(1, rows), columnar=False), Table(table(2, rows), columnar=False)
    notes = watched(*sides, jobs, "c1", "c5")
    assert notes.expected == [
        (rows, COLUMNS),
        (rows, COLUMNS),
        (rows, COLUMNS),
        (rows, 2),
        (rows, 2),
    ]
    assert notes.done == rows * (3 * COLUMNS + 4)
    assert notes.stages["fold reference, second pass", "c7"] == 7
    assert notes.stages["fold second look", "c1"] == 14
    assert notes.stages["fold second look", "c7"] == 0


def test_groups_of_columns_together_are_announced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftcli.engines.local.SMALL", 200_000)
    notes = watched(Table(table(1, 3000)), Table(table(2, 2000)), 2)
    assert notes.expected == [(3000, COLUMNS), (2000, COLUMNS)]
    assert notes.done == 5000 * COLUMNS
    assert notes.stages["read current", "c7"] == 2  # its batch, and the end


def test_rows_that_nobody_knows_are_announced_as_such() -> None:
    sides = Table(table(1, 3000), known=False), Table(table(2, 2000))
    notes = watched(*sides, 1)
    assert notes.expected == [(None, COLUMNS), (2000, COLUMNS)]
    assert notes.done == 5000 * COLUMNS
