"""Summaries as the rows of a table, one an edge, category, group or score; and back.

Every row names its column and what it is (``part``). Columns and parts stand in the order of the
document, which also tells how many rows each has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.baselines.canonical import text_codes, values_of
from driftcli.baselines.value import Baseline
from driftcli.summaries import Summary
from driftcli.summaries.grid import Cuts
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.scored import BinarySummary, ScoreCells

EDGE, CATEGORY, GROUP, HASH, SCORE, PAIR, WINDOW = (
    "edge", "category", "group", "hash", "score", "confusion", "window",
)  # fmt: skip
WORD = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("column", WORD),
        ("part", WORD),
        ("text", WORD),
        ("value", pa.float64()),
        ("integer", pa.int64()),
        ("unsigned", pa.uint64()),
        ("below", pa.int64()),
        ("upto", pa.int64()),
        ("cut_below", pa.bool_()),
        ("cut_upto", pa.bool_()),
        ("count", pa.int64()),
        ("positives", pa.int64()),
    ]
)
TEXTS = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type)]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one part of one column; what a part has no use for stays empty."""

    column: str
    part: str
    rows: int
    cells: Mapping[str, Any]


def blocks(baseline: Baseline) -> Iterator[Block]:
    """Yield the rows of a baseline in their order."""
    for plan in baseline.plan:
        yield from _summary_blocks(plan.name, baseline.summary.columns[plan.name])
        if baseline.windows is not None:
            yield from _window_blocks(plan.name, baseline.windows.effects.get(plan.name, {}))
    if baseline.scored is not None:
        yield from _scored_blocks(baseline.scored.summary)


def _summary_blocks(name: str, summary: Summary) -> Iterator[Block]:
    if isinstance(summary, NumericSummary):
        yield _edges(name, summary)
        return
    labels = list(summary.counts)
    counts = np.array(list(summary.counts.values()), dtype=np.int64)
    yield Block(name, CATEGORY, len(labels), {"text": labels, "count": counts})
    if summary.groups is not None and summary.smallest is not None:
        number = np.arange(len(summary.groups), dtype=np.uint64)
        cells = {"unsigned": number, "count": summary.groups}
        yield Block(name, GROUP, len(number), cells)
        yield Block(name, HASH, len(summary.smallest), {"unsigned": summary.smallest})


def _window_blocks(name: str, effects: Mapping[str, Mapping[int, float]]) -> Iterator[Block]:
    """Yield one row a method and window, with the effect."""
    told = [(method, *item) for method, found in effects.items() for item in found.items()]
    if told:
        methods, numbers, values = zip(*told, strict=True)
        cells = {"text": methods, "integer": numbers, "value": values}
        yield Block(name, WINDOW, len(told), cells)


def _edges(name: str, summary: NumericSummary) -> Block:
    edges, cuts = summary.grid.edges, summary.grid.cuts
    at = np.searchsorted(edges, cuts.points)
    cells: dict[str, Any] = {
        "value": edges.astype(np.float64),
        "below": summary.below,
        "upto": summary.upto,
        "cut_below": _marked(len(edges), at[~cuts.closed]),
        "cut_upto": _marked(len(edges), at[cuts.closed]),
    }
    if edges.dtype.kind in "iu":
        cells["integer" if edges.dtype.kind == "i" else "unsigned"] = edges
    return Block(name, EDGE, len(edges), cells)


def _marked(size: int, at: NDArray[np.intp]) -> NDArray[np.bool_]:
    marks = np.zeros(size, dtype=np.bool_)
    marks[at] = True
    return marks


def _scored_blocks(summary: Any) -> Iterator[Block]:
    if isinstance(summary, BinarySummary):
        if summary.cells is not None:
            yield _scores("", summary.cells)
        return
    pairs = np.flatnonzero(summary.confusion)
    cells = {"unsigned": pairs.astype(np.uint64), "count": summary.confusion.ravel()[pairs]}
    yield Block("", PAIR, len(pairs), cells)
    for name, cell in zip(summary.classes, summary.cells or (), strict=bool(summary.cells)):
        yield _scores(name, cell)


def _scores(name: str, cells: ScoreCells) -> Block:
    counts = cells.positives + cells.negatives
    values = {"value": cells.scores, "count": counts, "positives": cells.positives}
    return Block(name, SCORE, len(cells.scores), values)


def to_table(parts: list[Block]) -> pa.Table:
    """Return the rows as one table."""
    rows = np.array([part.rows for part in parts], dtype=np.int64)
    columns = []
    for field in SCHEMA:
        if field.name in ("column", "part"):
            names = pa.array([getattr(part, field.name) for part in parts], pa.string())
            at = pa.array(np.repeat(np.arange(len(parts)), rows))
            columns.append(names.dictionary_encode().take(at).cast(field.type))
        else:
            pieces = [_piece(part, field) for part in parts if part.rows]
            columns.append(pa.chunked_array(pieces, field.type))
    return pa.table(columns, schema=SCHEMA).unify_dictionaries().combine_chunks()


def _piece(part: Block, field: pa.Field) -> pa.Array:
    if field.name not in part.cells:
        return pa.nulls(part.rows, field.type)
    cells = part.cells[field.name]
    if field.type == WORD:
        return pa.array(cells, pa.string()).dictionary_encode()
    return pa.array(cells, field.type)


class Reader:
    """Takes the parts out of a table in their order.

    Parameters
    ----------
    columns : mapping of str to pyarrow.Array
        One array a column of the table.
    """

    def __init__(self, columns: Mapping[str, pa.Array]) -> None:
        self._columns = columns
        self._words = {name: columns[name].dictionary.to_pylist() for name in TEXTS}
        self._codes = {name: text_codes(columns[name]) for name in TEXTS}
        self._at = 0

    def take(self, column: str, part: str, rows: int) -> Rows:
        """Return the next rows, which must be those of that part of that column.

        Raises
        ------
        ValueError
            If they are not.
        """
        start, self._at = self._at, self._at + rows
        for name, expected in (("column", column), ("part", part)):
            found = {
                self._words[name][c] for c in set(self._codes[name][start : self._at].tolist())
            }
            if rows and found != {expected}:
                raise ValueError("rows out of order")
        texts = self._codes["text"][start : self._at]
        return Rows(self._columns, self._words["text"], texts, start, rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one part."""

    columns: Mapping[str, pa.Array]
    words: list[str]
    codes: NDArray[np.int64]
    start: int
    rows: int

    def numbers(self, name: str, dtype: str = "<i8") -> NDArray[Any]:
        """Return one column; a missing value is a ``ValueError``."""
        return values_of(self.columns[name].slice(self.start, self.rows), dtype)

    def effects(self) -> dict[str, dict[int, float]]:
        """Return the effects by method and window; an odd one is a ``ValueError``."""
        if (self.codes < 0).any():
            raise ValueError("an effect of no method")
        numbers, values = self.numbers("integer"), self.numbers("value", "<f8")
        if not (values >= 0).all() or not np.isfinite(values).all():
            raise ValueError("an effect that cannot be")
        found: dict[str, dict[int, float]] = {}
        rows = zip(self.codes.tolist(), numbers.tolist(), values.tolist(), strict=True)
        for code, number, value in rows:
            found.setdefault(self.words[code], {})[number] = value
        return found

    def texts(self) -> list[str]:
        """Return the texts; one that is missing or repeats is a ``ValueError``."""
        if (self.codes < 0).any() or len(np.unique(self.codes)) < self.rows:
            raise ValueError("a category is missing or repeats")
        return [self.words[code] for code in self.codes.tolist()]

    def cuts(self, edges: NDArray[Any]) -> Cuts:
        """Return the cuts of the PSI bins at these edges."""
        marks = [self.numbers(name, "?") for name in ("cut_below", "cut_upto")]
        points = np.concatenate([edges[mark] for mark in marks])
        closed = np.repeat([False, True], [int(mark.sum()) for mark in marks])
        order = np.lexsort((closed, points))
        return Cuts(points[order], closed[order])
