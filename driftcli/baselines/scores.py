"""Labels and scores as an entry of the document with the rows of a table beside it, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from driftcli.baselines import checks
from driftcli.baselines import fields as f
from driftcli.baselines.table import PAIR, SCORE, Reader, Rows
from driftcli.baselines.value import Scored
from driftcli.summaries.grid import MAX_EDGES
from driftcli.summaries.scored import BinarySummary, Confusion, MulticlassSummary, ScoreCells
from driftcli.summaries.scored.multiclass import MAX_CLASSES

MAX_CELLS = MAX_EDGES


def to_entry(scored: Scored) -> dict[str, Any]:
    """Return what does not stand in the table."""
    summary = scored.summary
    if isinstance(summary, BinarySummary):
        said = summary.decisions
        return {
            "task": "binary",
            "exact": scored.exact,
            "positives": summary.positives,
            "negatives": summary.negatives,
            "cells": None if summary.cells is None else len(summary.cells.scores),
            "decisions": None if said is None else [said.tp, said.fp, said.fn, said.tn],
        }
    return {
        "task": "multiclass",
        "exact": scored.exact,
        "classes": list(summary.classes),
        "pairs": int(np.count_nonzero(summary.confusion)),
        "cells": None if summary.cells is None else [len(cell.scores) for cell in summary.cells],
        "unnormalised": summary.unnormalised,
    }


def parts_of(scored: Any) -> Iterator[tuple[str, str, int]]:
    """Yield the parts of labels and scores: class, part and rows; beyond the caps is an error."""
    if f.word(scored, "task") == "binary":
        if f.entry(scored, "cells") is not None:
            yield "", SCORE, f.count(scored, "cells", MAX_CELLS)
        return
    yield "", PAIR, f.count(scored, "pairs", MAX_CLASSES**2)
    cells = f.entry(scored, "cells")
    names = f.words(scored, "classes")
    for name, rows in zip(names, cells or (), strict=bool(cells)):
        yield name, SCORE, f.count({SCORE: rows}, SCORE, MAX_CELLS)


def from_entry(scored: Any, reader: Reader) -> Scored:
    """Return labels and scores, checked.

    Raises
    ------
    ValueError
        If something cannot be.
    """
    exact = f.flag(scored, "exact")
    parts = [(part, reader.take(name, part, rows)) for name, part, rows in parts_of(scored)]
    cells = tuple(_cells(rows) for part, rows in parts if part == SCORE)
    if f.word(scored, "task") == "binary":
        return Scored(_binary(scored, cells), exact)
    return Scored(_multiclass(scored, parts[0][1], cells), exact)


def _binary(scored: Any, cells: tuple[ScoreCells, ...]) -> BinarySummary:
    said = f.entry(scored, "decisions")
    decisions = None
    if said is not None:
        tp, fp, fn, tn = (f.count({"decision": one}, "decision") for one in said)
        decisions = Confusion(tp, fp, fn, tn)
    positives, negatives = f.count(scored, "positives"), f.count(scored, "negatives")
    summary = BinarySummary(positives, negatives, cells[0] if cells else None, decisions)
    checks.check_binary(summary)
    return summary


def _multiclass(scored: Any, pairs: Rows, cells: tuple[ScoreCells, ...]) -> MulticlassSummary:
    classes = f.words(scored, "classes")
    size = len(classes)
    if list(classes) != sorted(set(classes)) or size > MAX_CLASSES:
        raise f.Unsound("classes that repeat, or too many")
    confusion = np.zeros(size * size, dtype=np.int64)
    at = pairs.numbers("unsigned", "<u8")
    if (at >= size * size).any() or len(np.unique(at)) < len(at):
        raise f.Unsound("rows of classes that there are not")
    confusion[at.astype(np.int64)] = pairs.numbers("count")
    unnormalised = f.count(scored, "unnormalised")
    summary = MulticlassSummary(classes, confusion.reshape(size, size), cells or None, unnormalised)
    checks.check_multiclass(summary)
    return summary


def _cells(rows: Rows) -> ScoreCells:
    count, positives = rows.numbers("count"), rows.numbers("positives")
    return ScoreCells(rows.numbers("value", "<f8"), positives, count - positives)
