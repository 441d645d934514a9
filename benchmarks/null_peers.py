"""How often other tools cry wolf on the pairs of tables that ``null_runs.py`` draws.

Run ``python benchmarks/null_peers.py``. What was judged is kept in ``null_peers.json`` and each
call goes on from there; ``--cells 1000:1000:12`` names cells, ``--runs`` their pairs, ``--minutes``
ends in time, ``--render`` prints the table. Every tool judges the same pairs, of which it says
whether any column drifts.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from null_runs import Cell, pair, simulate
from venvs import python_of, versions
from works import CONTESTANTS, ENVIRONMENT

HERE = Path(__file__).parent
KEPT = Path(__file__).with_suffix(".json")
VENVS = HERE.parent / "build" / "benchmarks" / "venvs"
CELLS = tuple(f"{rows}:{rows}:12" for rows in (200, 1_000, 10_000, 100_000))
BATCH = 25
PEERS = {"Evidently": "evidently", "NannyML": "nannyml", "deepchecks": "deepchecks"}
SCRIPTS = {**PEERS, "tutorial rule": "tutorial"}
OURS = "driftcli"
Kept = dict[str, dict[str, list[int]]]


def written(cell: Cell, run: int, folder: Path) -> Path:
    """Write a pair of tables as files, words as words."""
    place = folder / str(run)
    place.mkdir()
    for side, rows in zip(("reference", "current"), pair(cell, run), strict=True):
        columns = [
            column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            for column in rows.columns
        ]
        pq.write_table(pa.table(columns, names=rows.schema.names), place / f"{side}.parquet")
    return place


def judged(tool: str, python: Path, places: Sequence[Path]) -> list[bool]:
    """Return for each pair whether a tool says that any column drifts."""
    command = [python, "-P", "-W", "ignore", HERE / f"null_{SCRIPTS[tool]}.py", *places]
    settings = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, env=settings, stdout=subprocess.PIPE, check=True, text=True)
    said = [json.loads(line) for line in done.stdout.splitlines() if line in {"true", "false"}]
    if len(said) != len(places):
        raise SystemExit(f"{tool}: {len(said)} answers for {len(places)} pairs")
    return said


def read() -> Kept:
    """Return by cell and tool the pairs so far, and the alarms."""
    found: Kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return found


def go_on(cell: Cell, runs: int, pythons: dict[str, Path], end: float) -> None:
    """Judge what a cell lacks until the time is over, and keep it."""
    kept = read()
    done = kept.setdefault(str(cell), {tool: [0, 0] for tool in (OURS, *SCRIPTS)})
    while done[OURS][0] < runs and time.monotonic() < end:
        numbers = range(done[OURS][0], min(done[OURS][0] + BATCH, runs))
        with tempfile.TemporaryDirectory() as folder:
            places = [written(cell, run, Path(folder)) for run in numbers]
            said = {tool: judged(tool, python, places) for tool, python in pythons.items()}
        # of its rules the default
        said[OURS] = [simulate((cell, run))[1] for run in numbers]
        for tool, alarms in said.items():
            done[tool] = [done[tool][0] + len(alarms), done[tool][1] + sum(alarms)]
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    print(f"{cell}: {done[OURS][0]} runs", file=sys.stderr)


def table(kept: Kept) -> str:
    """Return the shares of pairs with an alarm as Markdown."""
    head = ["reference", "current", "columns", "runs", OURS, *SCRIPTS]
    lines = [head, ["---:"] * len(head)]
    for cell in sorted(map(Cell.of, kept)):
        found = kept[str(cell)]
        shares = [f"{100 * found[tool][1] / found[tool][0]:.1f} %" for tool in (OURS, *SCRIPTS)]
        size = [f"{cell.reference:,}", f"{cell.current:,}", cell.columns, f"{found[OURS][0]:,}"]
        lines.append([*size, *shares])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def computes(pythons: dict[str, Path]) -> str:
    """Return what each tool computes, and its version, as a list in Markdown."""
    lines = []
    for tool, python in pythons.items():
        script = HERE / f"null_{SCRIPTS[tool]}.py"
        said = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
        found = versions(python, CONTESTANTS[SCRIPTS[tool]].packages[:1])
        release = " ".join(f"{name} {version}" for name, version in found.items())
        lines.append(f"- {' '.join(said.split())} ({release})")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> None:
    """Go on with the judging and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="pairs of tables a cell")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--cells", type=Cell.of, nargs="*", default=[*map(Cell.of, CELLS)])
    parser.add_argument("--venvs", type=Path, default=VENVS)
    parser.add_argument("--render", action="store_true", help="print what there is")
    told = parser.parse_args(words)
    end = time.monotonic() + 60 * told.minutes
    pythons = {
        tool: python_of(told.venvs.resolve() / name, CONTESTANTS[name].requirements)
        for tool, name in SCRIPTS.items()
    }
    for cell in () if told.render else told.cells:
        go_on(cell, told.runs, pythons, end)
    print(table(read()))
    print()
    print(computes(pythons))


if __name__ == "__main__":
    main()
