"""Do usual days alarm? The flights of 2013 in driftcli and beside it: writes ``docs/flights.md``.

Run ``python benchmarks/flights_days.py`` in an environment with ``driftcli[examples]``. It makes
the data and the virtual environments of the other libraries, replays the days, keeps the figures in
``flights_days.json`` and writes the page from them; ``--render`` does the last step alone.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flights_data
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from flights_page import render
from results import machine, today
from venvs import python_of, versions
from works import CONTESTANTS, DRIFTCLI, ENVIRONMENT

from driftcli.config import Columns, Config, Time
from driftcli.pipeline.backtest import backtest
from driftcli.sources import open_source
from driftcli.sources.plant_text import parse_plant
from driftcli.sources.planted import Planted

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD = ROOT / "build" / "benchmarks"

DRAWS = 50
# a fault is found where it is larger than the threshold: a rate of 0.05 is above 0.02, and an hour
# moves D by less than 0.1, the default of ks
THRESHOLDS = (("missing=0.02",), ("missing=0.02", "ks=0.05"))
# each fault and the column where it can be seen
PLANTS = {
    "distance*1.609": "distance",
    "drop:carrier=UA": "carrier",
    "null:dest=0.05": "dest",
    "sched_dep_time+100": "sched_dep_time",
    "shift:score=0.1": "score",
}
UNCHANGED = ""
Figures = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """Another way to look at days: in how many of the draws, at how many of each one's days.

    Parameters
    ----------
    title : str
    contestant : str
        In :data:`works.CONTESTANTS`, whose packages it needs.
    draws : int
    days : int
        Drawn at random among those tested; 0 for all.
    """

    title: str
    contestant: str
    draws: int
    days: int = 0

    @property
    def path(self) -> Path:
        """Return the script, which takes a reference and files of days."""
        return HERE / f"flights_{self.contestant}.py"

    @property
    def computes(self) -> str:
        """Return what it does, in words."""
        said = ast.get_docstring(ast.parse(self.path.read_text(encoding="utf-8"))) or ""
        return " ".join(said.split())


# the slowest first; Evidently takes seconds for each day
PEERS = (
    Peer("Evidently", "evidently", draws=2, days=8),
    Peer("NannyML", "nannyml", draws=5),
    Peer("tutorial rule", "tutorial", draws=2),
)


@dataclass(frozen=True)
class Study:
    """The data, as they are and with each fault, and how their days are split.

    Parameters
    ----------
    folder : Path
        Where the files are.
    splits : list of (past, tested)
        Days, from midnight.
    """

    folder: Path
    splits: Sequence[tuple[list[pd.Timestamp], list[pd.Timestamp]]]

    def file(self, plant: str) -> Path:
        """Return the file with a fault."""
        return self.folder / f"flights-{list(PLANTS).index(plant) + 1 if plant else 0}.parquet"

    def of_draw(self, peer: Peer, draw: int) -> list[Path]:
        """Write the reference of a draw and its days, as they are and with each fault."""
        past, tested = self.splits[draw]
        if peer.days:
            chosen = np.random.default_rng(draw).permutation(len(tested))[: peer.days]
            tested = [tested[at] for at in sorted(chosen)]
        wanted = [(UNCHANGED, past), *((plant, tested) for plant in (UNCHANGED, *PLANTS))]
        written = []
        for at, (plant, days) in enumerate(wanted):
            rows = pd.read_parquet(self.file(plant))
            path = self.folder / f"{peer.contestant}-{draw}-{at}.parquet"
            rows[rows["time"].dt.normalize().isin(days)].to_parquet(path, index=False)
            written.append(path)
        return written


def planted(source: Path, plant: str, target: Path) -> None:
    """Write data with a fault, made as ``driftcli backtest`` makes it."""
    rows = Planted(open_source(str(source)), [parse_plant(plant)])
    table = pa.Table.from_batches(rows.batches(rows.schema.names))
    # words stay words: a dictionary would tell of carriers that are gone
    kept, dictionary = pq.read_schema(source), pa.types.is_dictionary
    types = [kept.field(f.name) if dictionary(f.type) else f for f in table.schema]
    pq.write_table(table.cast(pa.schema(types)), target)


def study(folder: Path) -> Study:
    """Make the data, and split their days as ``driftcli backtest`` splits them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Study(folder, ())
    clean = made.file(UNCHANGED)
    flights_data.write(clean)
    for plant in PLANTS:
        planted(clean, plant, made.file(plant))
    # one column is enough to learn the splits
    config = Config(columns=Columns(include=("origin",)), time=Time(column="time"))
    found = backtest(str(clean), config, draws=DRAWS)

    def days(numbers: Sequence[int]) -> list[pd.Timestamp]:
        return [pd.Timestamp(found.by.clock.label(number)) for number in numbers]

    return Study(folder, [(days(split.past), days(split.tested)) for split in found.splits])


def lines_of(command: Sequence[str | Path], folder: Path) -> list[Figures]:
    """Run a command and return its output, JSON in every line."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **ENVIRONMENT}, stdout=subprocess.PIPE, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]


def driftcli(folder: Path, *words: str | Path) -> Figures:
    """Run the tool and return its JSON."""
    command = [word.format(python=sys.executable) for word in DRIFTCLI]
    return lines_of([*command, *words, "--quiet", "--format", "json"], folder)[-1]


def replay(made: Study, thresholds: Sequence[str], plants: Sequence[str], *words: str) -> Figures:
    """Replay the days with some faults."""
    asked = [word for text in thresholds for word in ("--threshold", text)]
    asked += [word for plant in plants for word in ("--plant", plant)]
    clean = made.file(UNCHANGED).name
    days = ("--time", "time", "--draws", str(DRAWS))
    return driftcli(made.folder, "backtest", clean, *days, *asked, *words)


def alone(made: Study, thresholds: Sequence[str], plant: str) -> Figures:
    """Replay the days with a fault, its column watched alone."""
    found = replay(made, thresholds, [plant], "--columns", PLANTS[plant])
    return {"any": found["any"], "found": found["plants"][0]["found"]}


def size_of(made: Study, plant: str) -> Figures:
    """Return the effects of a fault on its column over the whole year."""
    files = made.file(UNCHANGED).name, made.file(plant).name
    column = PLANTS[plant]
    found = driftcli(made.folder, "features", *files, "--columns", column)
    results = [check["result"] for check in found["features"][column]["checks"]]
    return {result["method"]: result["effect"] for result in results}


def of_peer(made: Study, peer: Peer, draw: int, python: Path) -> list[Figures]:
    """Return what a peer says of the days of a draw, as they are and with each fault."""
    files = made.of_draw(peer, draw)
    found = lines_of([python, "-P", peer.path, *files], made.folder)
    for path in files:
        path.unlink()
    told = []
    for plant, flags in zip((UNCHANGED, *PLANTS), found, strict=True):
        count = {rule: sum(days) for rule, days in flags.items()}
        days = len(next(iter(flags.values())))
        told.append({"draw": draw, "plant": plant, "days": days, "flagged": count})
    print(f"{peer.title}, draw {draw + 1} of {peer.draws} done", file=sys.stderr)
    return told


def measured(options: argparse.Namespace) -> Figures:
    """Measure everything; the contestants share the draws."""
    pythons = {
        peer.contestant: python_of(
            options.venvs.resolve() / peer.contestant, CONTESTANTS[peer.contestant].requirements
        )
        for peer in PEERS
    }
    made = study(options.data.resolve())
    with ThreadPoolExecutor(options.jobs) as pool:
        replays = [pool.submit(replay, made, asked, list(PLANTS)) for asked in THRESHOLDS]
        said = {
            peer: [
                pool.submit(of_peer, made, peer, draw, pythons[peer.contestant])
                for draw in range(peer.draws)
            ]
            for peer in PEERS
        }
        by_itself = [
            {plant: pool.submit(alone, made, asked, plant) for plant in PLANTS}
            for asked in THRESHOLDS
        ]
        sizes = {plant: pool.submit(size_of, made, plant) for plant in PLANTS}
        return {
            "measured": today(),
            "machine": machine(),
            "rows": pq.read_metadata(made.file(UNCHANGED)).num_rows,
            "columns": flights_data.COLUMNS,
            "faults": PLANTS,
            "driftcli": versions(Path(sys.executable), CONTESTANTS["driftcli"].packages),
            "replays": [
                {
                    "thresholds": asked,
                    "backtest": job.result(),
                    "alone": {plant: one.result() for plant, one in columns.items()},
                }
                for asked, job, columns in zip(THRESHOLDS, replays, by_itself, strict=True)
            ],
            "sizes": {plant: job.result() for plant, job in sizes.items()},
            "peers": [
                {
                    "title": peer.title,
                    "computes": peer.computes,
                    "versions": versions(
                        pythons[peer.contestant], CONTESTANTS[peer.contestant].packages
                    ),
                    "draws": peer.draws,
                    "all_days": not peer.days,
                    "found": [one for job in jobs for one in job.result()],
                }
                for peer, jobs in said.items()
            ],
        }


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, default=BUILD / "flights", help="folder for the data")
    add("--venvs", type=Path, default=BUILD / "venvs", help="folder for virtual environments")
    add("--jobs", type=int, default=2, help="processes at a time")
    add("--results", type=Path, default=HERE / "flights_days.json", help="the figures")
    add("--page", type=Path, default=ROOT / "docs" / "flights.md", help="what to write")
    add("--render", action="store_true", help="measure nothing, write the page")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, keep, write the page."""
    options = parsed(arguments)
    if not options.render:
        text = json.dumps(measured(options), indent=1, ensure_ascii=False) + "\n"
        options.results.write_text(text, encoding="utf-8")
    figures = json.loads(options.results.read_text(encoding="utf-8"))
    options.page.write_text(render(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
