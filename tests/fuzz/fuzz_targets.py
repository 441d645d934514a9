"""What is fuzzed: the files of each sort, and the command lines that read them."""

from __future__ import annotations

import random
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fuzz_document import forged
from fuzz_mutate import (
    TOP,
    Plan,
    Regions,
    drawn,
    mutated,
    no_regions,
    parquet_regions,
    sqlite_regions,
)

CORPUS = Path(__file__).with_name("corpus")
FILE = "FILE"  # in a command line
# what the command lines find beside the mutated file
BESIDE = {
    "reference.parquet": "parquet/seed-reference.parquet",
    "current.parquet": "parquet/seed-current.parquet",
    "good.base": "baseline/seed-days.base",
    "monitor.yaml": "config/seed-monitor.yaml",
    "performance.json": "result/seed-performance_metrics.json",
}
JSON = ("--format", "json")


@dataclass(frozen=True)
class Target:
    """One sort of file.

    Parameters
    ----------
    name : str
        The folder of its corpus.
    suffix : str
        Of the mutated file.
    commands : tuple of tuple of str
        ``FILE`` stands for the mutated file. The bytes choose one, so that a file meets the same.
    regions : callable
        Where mutations are most likely to matter.
    place : str
        The name that the file must have; by default any.
    pack : callable
        Makes the file of what was mutated.
    """

    name: str
    suffix: str
    commands: tuple[tuple[str, ...], ...]
    regions: Regions = no_regions
    place: str = ""
    pack: Callable[[bytes], bytes] = bytes

    @cached_property
    def corpus(self) -> dict[str, bytes]:
        """The files that are mutated, by name: seeds, and what was found before."""
        return {path.name: path.read_bytes() for path in sorted((CORPUS / self.name).iterdir())}

    def mutated(self, choice: int, plan: Plan) -> bytes:
        """Return one file of the corpus after a plan."""
        files = list(self.corpus.values())
        return mutated(files[choice % len(files)], plan, files, self.regions)

    def drawn(self, chance: random.Random) -> bytes:
        """Return a mutated file of a seeded generator."""
        return self.mutated(chance.randrange(TOP), drawn(chance))

    def command(self, data: bytes) -> tuple[str, ...]:
        """Return the command line that a file meets."""
        return self.commands[zlib.crc32(data) % len(self.commands)]

    def put(self, data: bytes, folder: Path, number: int) -> str:
        """Write what was mutated into a folder; return its name, another for each number."""
        name = self.place or f"f{number}{self.suffix}"  # the program remembers files by name
        file = folder / name
        if self.place:
            shutil.rmtree(file.parent, ignore_errors=True)
            file.parent.mkdir()
        file.write_bytes(self.pack(data))
        return name


def _tables(*options: str) -> tuple[tuple[str, ...], ...]:
    """Return the command lines that read data."""
    both, other = (FILE, "reference.parquet"), ("reference.parquet", FILE)
    return (
        ("features", *other, *JSON, *options),
        ("features", *both, "--format", "markdown", *options),
        ("features", *other, "--where", "price > 0 and city = 'a'", *JSON, *options),
        ("features", *other, "--time", "when", "--columns", "price,city", *JSON, *options),
        ("predictions", *other, *JSON, *options),
        ("performance", *other, "--label", "label", *JSON, *options),
        ("performance", FILE, FILE, "--label", "n", "--score", "price", *JSON, *options),
        ("baseline", "create", FILE, "-o", "made.base", *options),
    )


EVERY = ("-o", "made.md", "-o", "made.csv", "-o", "made.xml", "-o", "made.prom")
BASELINE = (
    ("baseline", "show", FILE, *JSON),
    ("baseline", "show", FILE, "--column", "price"),
    ("baseline", "merge", FILE, "good.base", "-o", "made.base"),
    ("features", FILE, "current.parquet", *JSON),
    ("features", FILE, "current.parquet", "-o", "made.html"),
    ("performance", FILE, "current.parquet", "--label", "label", *JSON),
)

TARGETS = {
    target.name: target
    for target in (
        Target("parquet", ".parquet", _tables(), parquet_regions),
        Target("csv", ".csv", (*_tables(), *_tables("--delimiter", ";"))),
        Target("jsonl", ".jsonl", _tables()),
        Target(
            "config",
            ".yaml",
            (
                ("config", "validate", FILE),
                ("features", "reference.parquet", "current.parquet", "-c", FILE, *JSON),
                ("performance", "reference.parquet", "current.parquet", "-c", FILE, *JSON),
                ("alert", "check", "performance.json", "-c", FILE, *JSON),
            ),
        ),
        Target("baseline", ".base", BASELINE, parquet_regions),
        Target("document", ".base", BASELINE, pack=forged),
        Target(
            "result",
            ".json",
            (
                ("alert", "check", FILE, *JSON),
                ("explain", "price", FILE),
                ("explain", "auc", FILE),
                ("report", FILE, "-o", "made.html"),
                ("report", FILE, "performance.json", "-o", "made.json", "-o", "made.svg"),
                ("report", FILE, *EVERY),
            ),
        ),
        Target(
            "store",
            ".sqlite",
            (
                ("history", "show", "-c", "monitor.yaml", *JSON),
                ("history", "show", "price", "-c", "monitor.yaml"),
                ("history", "export", "made", "-c", "monitor.yaml"),
                ("history", "prune", "-c", "monitor.yaml", "--keep", "1d"),
                ("alert", "list", "monitor.yaml", *JSON),
                ("run", "monitor.yaml", "--as-of", "2026-01-12T00:00:00Z", *JSON),
            ),
            sqlite_regions,
            place="out/history.sqlite",
        ),
    )
}
