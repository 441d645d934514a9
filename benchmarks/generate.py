"""Write a pair of Parquet tables as a recommender has them: a reference, and a current that moved.

Run ``python benchmarks/generate.py FOLDER --rows 1000000``: it makes ``FOLDER/reference.parquet``
and ``FOLDER/current.parquet``, or folders of part files with ``--parts N``. The same arguments and
the same pyarrow give the same bytes. Every column of every row group has a seed of its own, so a
column's values depend neither on the other columns nor on how many there are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 1_000_000
# bounds the memory of wide tables: 8 bytes each, and a copy
GROUP_CELLS = 20_000_000
SIDES = ("reference", "current")

Values = npt.NDArray[Any]


@dataclass(frozen=True)
class Kind:
    """A column as it is drawn.

    Parameters
    ----------
    draw : callable
        From a generator, the rows and how far the values have moved (0 in the reference) to values.
    moved : float
        How far the current side moves.
    missing : float
        Share of nulls.
    levels : sequence of str
        Words that the values are numbers of; empty for numbers.
    """

    draw: Callable[[np.random.Generator, int, float], Values]
    moved: float = 0.0
    missing: float = 0.0
    levels: Sequence[str] = ()


def words(name: str, count: int, moved: float = 0.0) -> Kind:
    """Return a kind of strings, the frequent ones as in Zipf's law.

    Parameters
    ----------
    name : str
        What the strings begin with.
    count : int
        How many there are.
    moved : float
        By how much the law's exponent differs in the current side.
    """

    def draw(rng: np.random.Generator, rows: int, moved: float) -> Values:
        weights = np.arange(1.0, count + 1) ** -(1 + moved)
        return rng.choice(count, rows, p=weights / weights.sum())

    return Kind(draw, moved, levels=[f"{name}_{level}" for level in range(count)])


# in this order, so that the first four are of four kinds
KINDS: Mapping[str, Kind] = {
    "ctr": Kind(lambda rng, rows, moved: rng.beta(2, 30, rows) * (1 + moved), moved=0.1),
    "price": Kind(lambda rng, rows, moved: rng.lognormal(3 + moved, 1, rows), missing=0.02),
    "clicks": Kind(lambda rng, rows, moved: rng.poisson(3 + moved, rows), moved=0.5),
    "category": words("category", 40),
    "score": Kind(lambda rng, rows, moved: rng.beta(5, 2, rows)),
    "dwell_seconds": Kind(lambda rng, rows, moved: rng.lognormal(1 + moved, 0.5, rows), moved=0.15),
    "recency_days": Kind(lambda rng, rows, moved: rng.exponential(5 + moved, rows), missing=0.02),
    "item_rank": Kind(lambda rng, rows, moved: np.minimum(rng.zipf(1.5 + moved, rows), 100_000)),
    "hour": Kind(lambda rng, rows, moved: rng.integers(0, 24, rows)),
    "n_items": Kind(lambda rng, rows, moved: rng.integers(1, 50, rows)),
    "device": words("device", 4, moved=0.3),
    "daypart": words("daypart", 7),
}


def column_kinds(columns: int) -> dict[str, Kind]:
    """Return so many columns: the kinds in turn, with a number from their second turn on.

    Parameters
    ----------
    columns : int
    """
    kinds = list(KINDS.items())
    turns = (divmod(index, len(kinds)) for index in range(columns))
    return {
        f"{kinds[place][0]}_{turn + 1}" if turn else kinds[place][0]: kinds[place][1]
        for turn, place in turns
    }


def drawn(kind: Kind, rows: int, side: int, seed: Sequence[int]) -> pa.Array:
    """Draw a column of one row group.

    Parameters
    ----------
    kind : Kind
    rows : int
    side : int
        0 for the reference, 1 for the current side.
    seed : sequence of int
    """
    rng = np.random.default_rng(seed)
    values = kind.draw(rng, rows, kind.moved * side)
    if kind.levels:
        return pa.array(kind.levels).take(pa.array(values))
    return pa.array(values, mask=rng.random(rows) < kind.missing if kind.missing else None)


def groups(rows: int, columns: int, side: int, seed: Sequence[int]) -> Iterator[pa.Table]:
    """Yield a side of the pair in row groups, the columns of each drawn by threads.

    Parameters
    ----------
    rows : int
    columns : int
    side : int
    seed : sequence of int
    """
    kinds = column_kinds(columns)
    size = min(GROUP_ROWS, max(1, GROUP_CELLS // columns))
    with ThreadPoolExecutor() as pool:
        for start in range(0, rows, size):
            count = min(size, rows - start)
            arrays = pool.map(
                lambda place, kind, start=start, count=count: drawn(
                    kind, count, side, (*seed, side, place, start)
                ),
                range(columns),
                kinds.values(),
            )
            yield pa.table(dict(zip(kinds, arrays, strict=True)))


def write(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write row groups to a file as they come.

    Parameters
    ----------
    path : Path
    tables : iterator of Table
    """
    first = next(tables)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def generate(folder: Path, rows: int, columns: int = 12, parts: int = 0, seed: int = 0) -> None:
    """Write the pair.

    Parameters
    ----------
    folder : Path
        Gets ``reference.parquet`` and ``current.parquet``, or with parts the folders ``reference``
        and ``current``.
    rows : int
        Of either side, over all parts.
    columns : int
    parts : int
        Files a side; 0 for a single file that is no folder.
    seed : int
    """
    for side, name in enumerate(SIDES):
        if not parts:
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / f"{name}.parquet", groups(rows, columns, side, [seed]))
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        bounds = [rows * part // parts for part in range(parts + 1)]
        for part, (start, stop) in enumerate(pairwise(bounds)):
            tables = groups(stop - start, columns, side, [seed, part])
            write(folder / name / f"part-{part:03}.parquet", tables)


def main() -> None:
    """Write a pair as the command line says, and print the names of its columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--parts", type=int, default=0, help="files a side; 0: one, no folder")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generate(**vars(options))
    print(*column_kinds(options.columns), sep="\n")


if __name__ == "__main__":
    main()
