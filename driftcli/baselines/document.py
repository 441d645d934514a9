"""A baseline as a JSON document with the rows of a table beside it, and back."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from driftcli.baselines import checks, scores
from driftcli.baselines import fields as f
from driftcli.baselines.recognise import KEY
from driftcli.baselines.table import CATEGORY, EDGE, GROUP, HASH, WINDOW, Reader, Rows
from driftcli.baselines.value import Baseline, StoredWindows
from driftcli.errors import UsageError
from driftcli.model import ColumnKind
from driftcli.schema import ColumnPlan
from driftcli.summaries import DatasetSummary, Summary
from driftcli.summaries.categorical import GROUPS, MAX_CATEGORIES, SMALLEST, CategoricalSummary
from driftcli.summaries.grid import MAX_EDGES, Grid
from driftcli.summaries.numeric import NumericSummary
from driftcli.summaries.powers import PowerSums, Scale
from driftcli.windows.clock import Clock
from driftcli.windows.spec import LIKES, MOST_WINDOWS, WindowSpec

FORMAT, VERSION = KEY.decode(), 1
MAX_COLUMNS = 100_000
MAX_METHODS = 50
CAPS = {
    EDGE: 2 * MAX_EDGES,
    CATEGORY: MAX_CATEGORIES,
    GROUP: GROUPS,
    HASH: SMALLEST,
    WINDOW: MOST_WINDOWS * MAX_METHODS,
}
DTYPES = ("int64", "uint64", "float64", "float32", "float16")
Effects = Mapping[str, Mapping[str, Mapping[int, float]]]
SCALES = ("sd", "relative", "absolute")
SUMS = ("first", "second", "third", "fourth")


def to_document(baseline: Baseline) -> dict[str, Any]:
    """Return everything that does not stand in the table, less the checksum."""
    packed = bare(baseline.schema).serialize()
    return {
        "format": FORMAT,
        "version": VERSION,
        "created": baseline.created,
        "driftcli": baseline.version,
        "sources": list(baseline.sources),
        "where": list(baseline.where),
        "settings": baseline.settings,
        "rows": baseline.summary.row_count,
        "min_count": baseline.min_count,
        "schema": {
            "names": baseline.schema.names,
            # as they are read back: some names within a type get lost
            "types": [str(field.type) for field in pa.ipc.read_schema(packed)],
            "arrow": base64.b64encode(packed).decode(),
        },
        "left_out": list(baseline.left_out),
        "columns": [_column(plan, baseline) for plan in baseline.plan],
        "performance": baseline.performance,
        "scored": None if baseline.scored is None else scores.to_entry(baseline.scored),
        "windows": None if baseline.windows is None else _windows_entry(baseline.windows),
    }


def _windows_entry(windows: StoredWindows) -> dict[str, Any]:
    return {
        "window": windows.window,
        "column": windows.column,
        "zone": windows.zone,
        "like": windows.like,
        "scale": windows.scale,
        "lost": windows.lost,
        "numbers": list(windows.rows),
        "rows": list(windows.rows.values()),
        "kinds": [windows.kinds.get(number) for number in windows.rows],
    }


def bare(schema: pa.Schema) -> pa.Schema:
    """Return names and types only."""
    return pa.schema([pa.field(field.name, field.type) for field in schema])


def _column(plan: ColumnPlan, baseline: Baseline) -> dict[str, Any]:
    summary = baseline.summary.columns[plan.name]
    entry: dict[str, Any] = {
        "name": plan.name,
        "kind": str(plan.kind),
        "dtype": str(plan.dtype),
        "chosen": plan.name in baseline.chosen,
        "count": summary.count,
        "missing": summary.missing,
    }
    if baseline.windows is not None:
        effects = baseline.windows.effects.get(plan.name, {})
        entry["windows"] = sum(map(len, effects.values()))
    if isinstance(summary, CategoricalSummary):
        groups = 0 if summary.groups is None else len(summary.groups)
        hashes = 0 if summary.smallest is None else len(summary.smallest)
        named = {"unnamed": summary.unnamed, "categories": len(summary.counts)}
        return {**entry, **named, "groups": groups, "hashes": hashes}
    grid, sums = summary.grid, summary.sums
    return {
        **entry,
        "positive_infinite": summary.positive_infinite,
        "negative_infinite": summary.negative_infinite,
        "minimum": f.shown_extreme(summary.minimum),
        "maximum": f.shown_extreme(summary.maximum),
        "center": float(grid.scale.center),
        "exponent": grid.scale.exponent,
        "sums": {"count": sums.count, **{name: str(getattr(sums, name)) for name in SUMS}},
        "few": grid.few,
        "complete": grid.complete,
        "edges": len(grid.edges),
    }


def declared_rows(document: Mapping[str, Any]) -> int:
    """Return how many rows the table must have; refuse what is beyond the caps."""
    columns = _columns(document)
    scored = f.entry(document, "scored")
    return sum(rows for column in columns for _, rows in _parts(column)) + (
        0 if scored is None else sum(rows for _, _, rows in scores.parts_of(scored))
    )


def _columns(document: Mapping[str, Any]) -> list[Any]:
    columns = f.entry(document, "columns")
    if not isinstance(columns, list) or len(columns) > MAX_COLUMNS:
        raise f.Unsound(f"no columns, or more than {MAX_COLUMNS:,}")
    return columns


def _parts(column: Any) -> Iterator[tuple[str, int]]:
    """Yield the parts of a column and the rows of each."""
    keys = {GROUP: "groups", HASH: "hashes"}
    if "edges" in column:
        yield EDGE, f.count(column, "edges", CAPS[EDGE])
        keys = {}
    else:
        yield CATEGORY, f.count(column, "categories", CAPS[CATEGORY])
    if "windows" in column:
        keys[WINDOW] = "windows"
    for part, key in keys.items():
        if rows := f.count(column, key, CAPS[part]):
            yield part, rows


def from_document(
    document: Mapping[str, Any], columns: Mapping[str, pa.Array], name: str
) -> Baseline:
    """Build a baseline again, and check that it can be what a run wrote.

    Parameters
    ----------
    document : mapping
    columns : mapping of str to pyarrow.Array
        The table.
    name : str
        The file, for reports.

    Raises
    ------
    ValueError
        If something cannot be.
    """
    reader, rows = Reader(columns), f.count(document, "rows")
    min_count = f.count(document, "min_count")
    schema = _schema(f.mapping(document, "schema"))
    plan: list[ColumnPlan] = []
    summaries: dict[str, Summary] = {}
    effects: dict[str, Mapping[str, Mapping[int, float]]] = {}
    for column in _columns(document):
        planned = _plan(column, schema)
        with _named(planned.name):
            parts = {part: reader.take(planned.name, part, n) for part, n in _parts(column)}
            summary = _summary(column, planned, parts)
            if WINDOW in parts:
                effects[planned.name] = parts[WINDOW].effects()
            checks.check_summary(summary, planned, rows, exact_ends=not min_count)
        plan.append(planned)
        summaries[planned.name] = summary
    if len(summaries) < len(plan):
        raise f.Unsound("a column stands there twice")
    stored = f.entry(document, "performance")
    scored = f.entry(document, "scored")
    return Baseline(
        DatasetSummary(name, rows, summaries),
        schema,
        tuple(plan),
        frozenset(f.word(c, "name") for c in _columns(document) if f.flag(c, "chosen")),
        f.words(document, "left_out"),
        f.words(document, "sources"),
        f.words(document, "where"),
        f.word(document, "settings"),
        min_count,
        None if stored is None else f.mapping(document, "performance"),
        None if scored is None else scores.from_entry(scored, reader),
        _windows(document, effects),
        f.word(document, "created"),
        f.word(document, "driftcli"),
    )


class _named:
    """Puts the column into what a check says."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, ValueError):
            raise f.Unsound(f"column {self._name!r:.80}: {error}") from error


def _schema(entry: Mapping[str, Any]) -> pa.Schema:
    """Return the schema; its readable names and types must be those of the binary form."""
    packed = base64.b64decode(f.word(entry, "arrow"), validate=True)
    schema = pa.ipc.read_schema(pa.py_buffer(packed))
    types = tuple(str(field.type) for field in schema)
    if (tuple(schema.names), types) != (f.words(entry, "names"), f.words(entry, "types")):
        raise f.Unsound("two schemas that differ")
    if len(set(schema.names)) < len(schema) or len(schema) > MAX_COLUMNS:
        raise f.Unsound("column names that repeat, or too many")
    return bare(schema)


def _plan(column: Any, schema: pa.Schema) -> ColumnPlan:
    name, dtype = f.word(column, "name"), f.word(column, "dtype")
    if name not in schema.names or dtype not in DTYPES:
        raise f.Unsound("a column that is not in the schema, or of a type that there is not")
    kind = ColumnKind(f.word(column, "kind"))
    planned = ColumnPlan(name, kind, np.dtype(dtype), str(schema.field(name).type))
    if planned.counted == ("edges" in column):
        raise f.Unsound("a column of two kinds")
    return planned


def _windows(document: Mapping[str, Any], effects: Effects) -> StoredWindows | None:
    if document.get("windows") is None:
        return None
    told = f.mapping(document, "windows")
    numbers, rows = (f.whole_numbers(told, name) for name in ("numbers", "rows"))
    ordered = list(numbers) == sorted(set(numbers))
    if not ordered or len(rows) != len(numbers) or min(rows, default=0) < 0:
        raise f.Unsound("windows out of order, or without rows")
    known = set(numbers)
    if any(not known.issuperset(found) for by in effects.values() for found in by.values()):
        raise f.Unsound("an effect of a window that there is not")
    column, zone, like = (
        None if f.entry(told, name) is None else f.word(told, name)
        for name in ("column", "zone", "like")
    )
    counted = dict(zip(numbers, rows, strict=True))
    windows = StoredWindows(
        f.word(told, "window"),
        column,
        zone,
        like,
        f.word(told, "scale"),
        f.count(told, "lost"),
        counted,
        effects,
        _kinds(told, numbers),
    )
    _check_windows(windows)
    return windows


def _kinds(told: Mapping[str, Any], numbers: Sequence[int]) -> dict[int, str]:
    """Return what kinds of windows there are; of some it may not be known."""
    kinds = f.entry(told, "kinds")
    fitting = isinstance(kinds, list) and len(kinds) == len(numbers)
    if not fitting or not all(kind is None or isinstance(kind, str) for kind in kinds):
        raise f.Unsound("kinds of other windows")
    return {number: kind for number, kind in zip(numbers, kinds, strict=True) if kind is not None}


def _check_windows(windows: StoredWindows) -> None:
    """See that such windows can be, and have names."""
    try:
        clock = Clock(WindowSpec.parse(windows.window), windows.zone)
        named = clock.end if windows.column else clock.label
        for number in [*windows.rows][:: max(1, len(windows.rows) - 1)]:
            named(number)
        if windows.like in LIKES:
            clock.spec.check_like(windows.like)
    except (UsageError, OverflowError, ValueError) as error:
        raise f.Unsound(f"windows that cannot be: {error}") from error
    canonical = str(clock.spec) == windows.window
    if not canonical or clock.spec.by_rows != (windows.column is None):
        raise f.Unsound("windows of another kind than they say")
    if windows.scale not in SCALES:
        raise f.Unsound("a scale that there is not")
    if bool(windows.kinds) == (windows.like is None or windows.like in LIKES):
        raise f.Unsound("kinds of windows by another way than they say")


def _summary(column: Any, plan: ColumnPlan, parts: Mapping[str, Rows]) -> Summary:
    count, missing = f.count(column, "count"), f.count(column, "missing")
    if plan.counted:
        rows = parts[CATEGORY]
        counts = dict(zip(rows.texts(), rows.numbers("count").tolist(), strict=True))
        groups = parts[GROUP].numbers("count") if GROUP in parts else None
        smallest = parts[HASH].numbers("unsigned", "<u8") if HASH in parts else None
        unnamed = f.count(column, "unnamed")
        return CategoricalSummary(count, missing, counts, groups, smallest, unnamed)
    rows = parts[EDGE]
    edges = rows.numbers("value", "<f8")
    if plan.dtype.kind in "iu":
        exact = rows.numbers(*{"i": ("integer", "<i8"), "u": ("unsigned", "<u8")}[plan.dtype.kind])
        if not np.array_equal(edges, exact.astype(np.float64)):
            raise f.Unsound("edges that differ from their exact values")
        edges = exact
    sums = f.mapping(column, "sums")
    exponent = f.entry(column, "exponent")
    if type(exponent) is not int or not -1074 <= exponent <= 1023:
        raise f.Unsound("exponent is out of range")
    return NumericSummary(
        count,
        missing,
        f.count(column, "positive_infinite"),
        f.count(column, "negative_infinite"),
        PowerSums(f.count(sums, "count"), *(f.integer(sums, name) for name in SUMS)),
        f.extreme(column, "minimum", plan.dtype),
        f.extreme(column, "maximum", plan.dtype),
        Grid(
            edges,
            rows.cuts(edges),
            f.flag(column, "few"),
            f.flag(column, "complete"),
            Scale(f.real(column, "center"), exponent),
        ),
        (rows.numbers("below"), rows.numbers("upto")),
    )
