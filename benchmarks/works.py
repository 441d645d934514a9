"""Who is measured, on what, and what was promised."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
CONTESTANTS_FOLDER = ROOT / "benchmarks" / "contestants"


@dataclass(frozen=True)
class Contestant:
    """A way to do the work, as a command.

    Parameters
    ----------
    title : str
    command : sequence of str
        With ``{python}``, ``{reference}``, ``{current}`` and ``{baseline}`` to fill in.
    computes : str
        What it does, in words.
    packages : sequence of str
        Whose versions are told, the main one first.
    requirements : sequence of str
        What its own virtual environment holds; none for the interpreter that measures.
    codes : frozenset of int
        Exit codes of success.
    answers : bool
        Whether the last line that it prints is JSON with every column's name.
    """

    title: str
    command: Sequence[str]
    computes: str
    packages: Sequence[str] = ()
    requirements: Sequence[str] = ()
    codes: frozenset[int] = frozenset({0})
    answers: bool = True


@dataclass(frozen=True, order=True)
class Table:
    """A pair of tables as ``generate.py`` writes it.

    Parameters
    ----------
    rows : int
        Of either side.
    columns : int
    parts : int
        Files a side; 0 for one file that is in no folder.
    """

    rows: int
    columns: int = 12
    parts: int = 0

    @property
    def title(self) -> str:
        """Such as ``10M × 12``."""
        size = f"{self.rows:,}"
        for zeros, unit in ((",000,000", "M"), (",000", "k")):
            size = size.replace(zeros, unit)
        return f"{size} × {self.columns:,}"


# who, and on which table
Entry = tuple[str, Table]


@dataclass(frozen=True)
class Work:
    """What is measured in one session, all taking turns.

    Parameters
    ----------
    title : str
    entries : sequence of Entry
    repeat : int
        How often each is measured, unless it is slow.
    along : str
        ``"rows"`` or ``"columns"`` where the time is to grow linearly with it, else empty.
    """

    title: str
    entries: Sequence[Entry]
    repeat: int = 5
    along: Literal["", "rows", "columns"] = ""


@dataclass(frozen=True)
class Promise:
    """A bar: a figure of one entry, or its ratio to another's, is at most so much.

    Parameters
    ----------
    work : str
    figure : str
    of : Entry
    most : float
    to : Entry or None
    """

    work: str
    figure: Literal["seconds", "megabytes"]
    of: Entry
    most: float
    to: Entry | None = None


def script(
    title: str, name: str, packages: Sequence[str], requirements: Sequence[str] = ()
) -> Contestant:
    """Return a contestant that is a script of the folder, which says itself what it computes.

    Parameters
    ----------
    title : str
    name : str
    packages : sequence of str
    requirements : sequence of str
    """
    path = CONTESTANTS_FOLDER / f"{name}.py"
    computes = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    # -P: a script's own folder is not searched for modules
    command = ("{python}", "-P", str(path), "{reference}", "{current}")
    return Contestant(title, command, " ".join(computes.split()), packages, requirements)


# -P: the driftcli that is installed, not one that lies where this runs
YEAR_ROWS = 10_000_000
DRIFTCLI = ("{python}", "-P", "-m", "driftcli")
FEATURES = (*DRIFTCLI, "features")
FOUND = frozenset({0, 1})
JSON = ("--format", "json", "--quiet")
STACK = ("pandas", "numpy", "scipy", "pyarrow")
OLD_STACK = ("pandas==2.3.3", "numpy==1.26.4", "pyarrow==21.0.0")

OURS: Mapping[str, Contestant] = {
    "driftcli": Contestant(
        "driftcli",
        (*FEATURES, "{reference}", "{current}", *JSON),
        "`driftcli features REF CUR --format json`: D, exact or between two bounds, and PSI for "
        "each numeric column; chi-square, total variation distance and PSI for each other; missing "
        "rates, p-values, intervals, moments, histograms, verdicts.",
        ("driftcli", "numpy", "pyarrow"),
        codes=FOUND,
    ),
    "baseline-create": Contestant(
        "driftcli, making the baseline",
        (*DRIFTCLI, "baseline", "create", "{reference}", "-o", "{baseline}"),
        "`driftcli baseline create REF -o REF.baseline`: no check; done once for a reference.",
        answers=False,
    ),
    "baseline-windows": Contestant(
        "driftcli, making the baseline with 365 windows",
        (
            *(*DRIFTCLI, "baseline", "create", "{reference}", "-o", "{baseline}"),
            *("--window", f"{YEAR_ROWS // 365 + 1}rows"),
        ),
        "`driftcli baseline create REF -o REF.baseline --window 27398rows`: the same, and by how "
        "much each of 365 windows differs from all others, by every check.",
        answers=False,
    ),
    "baseline": Contestant(
        "driftcli, baseline file",
        (*FEATURES, "{baseline}", "{current}", *JSON),
        "`driftcli features REF.baseline CUR --format json`: the same, the reference taken from "
        "its baseline file.",
        codes=FOUND,
    ),
    "table": Contestant(
        "driftcli, table",
        (*FEATURES, "{reference}", "{current}"),
        "`driftcli features REF CUR`: as the first, drawn as the table for people.",
        codes=FOUND,
        answers=False,
    ),
    "help": Contestant(
        "driftcli --help",
        (*DRIFTCLI, "--help"),
        "`driftcli --help`: no check; what starting costs.",
        answers=False,
    ),
}
OTHERS: Mapping[str, Contestant] = {
    "bare": script("bare reading", "bare", ("pyarrow",)),
    "tutorial": script("the tutorial way", "tutorial", STACK),
    "duckdb": script("DuckDB SQL", "duckdb_sql", ("duckdb",), ("duckdb==2.0.0",)),
    "evidently": script(
        "Evidently",
        "peer_evidently",
        ("evidently", *STACK),
        ("evidently==0.7.23", "pandas==2.3.3", "numpy==2.4.6", "pyarrow==26.0.1"),
    ),
    "nannyml": script(
        "NannyML",
        "peer_nannyml",
        ("nannyml", *STACK),
        (
            "nannyml==0.13.1",
            "statsmodels==0.15.0",
            "pandas==3.1.1",
            "numpy==2.4.6",
            "pyarrow==26.0.1",
        ),
    ),
    "whylogs": script(
        "whylogs", "peer_whylogs", ("whylogs", *STACK), ("whylogs[viz]==1.6.4", *OLD_STACK)
    ),
    "deepchecks": script(
        "deepchecks",
        "peer_deepchecks",
        ("deepchecks", *STACK),
        ("deepchecks==0.19.1", "scikit-learn==1.6.1", *OLD_STACK),
    ),
    "alibi-detect": script(
        "Alibi Detect",
        "peer_alibi_detect",
        ("alibi-detect", *STACK),
        ("alibi-detect==0.13.0", *OLD_STACK),
    ),
    "frouros": script(
        "Frouros",
        "peer_frouros",
        ("frouros", *STACK),
        ("frouros==0.9.0", "pandas==3.1.1", "numpy==2.1.3", "pyarrow==26.0.1"),
    ),
}
SPARK = ("--engine", "spark")
WITH_SPARK = ("pyspark==4.3.0", "pandas==2.3.3", "numpy==2.4.6", "pyarrow==26.0.1", str(ROOT))
CLUSTER: Mapping[str, Contestant] = {
    "spark-bare": script("bare reading by Spark", "spark_bare", ("pyspark",), WITH_SPARK[:-1]),
    "spark": Contestant(
        "driftcli by Spark",
        (*FEATURES, "{reference}", "{current}", *SPARK, *JSON),
        "`driftcli features REF CUR --engine spark --format json` on a session of this machine, "
        "`local[*]`: the start of Java included; MB those of the driver's Python alone.",
        ("pyspark",),
        WITH_SPARK,
        codes=FOUND,
    ),
    "spark-baseline": Contestant(
        "driftcli by Spark, baseline file",
        (*FEATURES, "{baseline}", "{current}", *SPARK, *JSON),
        "The same with `REF.baseline`, so that current is read once and the reference not at all.",
        ("pyspark",),
        WITH_SPARK,
        codes=FOUND,
    ),
}
CONTESTANTS: Mapping[str, Contestant] = {**OURS, **OTHERS, **CLUSTER}

# nobody's usage counter is to be part of the time
ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "1",
    "DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "1",
}

TRIAL, SMALL, MEDIUM, LARGE = (Table(n) for n in (2_000, 10_000, 1_000_000, 10_000_000))
NARROW, LONG = Table(10_000_000, 4, parts=1), Table(100_000_000, 4, parts=10)
WIDE, YEAR = Table(20_000, 1_000), Table(YEAR_ROWS, 20)


def each(names: Sequence[str], *tables: Table) -> list[Entry]:
    """Return an entry of every contestant for every table.

    Parameters
    ----------
    names : sequence of str
    tables : Table
    """
    return [(name, table) for table in tables for name in names]


CHECKS = ["driftcli", *OTHERS]
WITH_BASELINE = ["driftcli", "baseline-create", "baseline", *OTHERS]

WORKS: Mapping[str, Work] = {
    "trial": Work("2,000 rows by 12 columns, to try it out", each([*OURS, *OTHERS], TRIAL), 1),
    "10k": Work("10,000 rows by 12 columns", each([*OURS, *OTHERS], SMALL), 7),
    "1m": Work("A million rows by 12 columns", each(WITH_BASELINE, MEDIUM)),
    "10m": Work("Ten million rows by 12 columns", each(WITH_BASELINE, LARGE)),
    "spark": Work(
        "Ten million rows by 12 columns, by Spark",
        each(["driftcli", "baseline-create", "baseline", *CLUSTER], LARGE),
        3,
    ),
    "100m": Work(
        "A hundred million rows by 4 columns, in parts of ten million",
        each(["driftcli", "bare"], NARROW, LONG),
    ),
    "wide": Work(
        "20,000 rows by 1,000 columns",
        each(["driftcli", "bare", "tutorial", "duckdb", "evidently"], WIDE),
    ),
    "windows": Work(
        "Windows: ten million rows by 20 columns, in 365 of them",
        each(["baseline-create", "baseline-windows"], YEAR),
    ),
    "rows": Work(
        "Time by rows",
        each(["driftcli"], *(Table(n * 1_000_000) for n in (1, 2, 5, 10))),
        along="rows",
    ),
    "columns": Work(
        "Time by columns",
        each(["driftcli"], *(Table(20_000, n) for n in (50, 100, 200, 500, 1_000))),
        along="columns",
    ),
}

PROMISES = (
    Promise("10k", "seconds", ("driftcli", SMALL), 0.4, ("tutorial", SMALL)),
    Promise("1m", "seconds", ("driftcli", MEDIUM), 0.2, ("tutorial", MEDIUM)),
    Promise("1m", "megabytes", ("driftcli", MEDIUM), 250),
    Promise("10m", "seconds", ("driftcli", LARGE), 1.5, ("bare", LARGE)),
    Promise("10m", "seconds", ("driftcli", LARGE), 0.15, ("tutorial", LARGE)),
    Promise("10m", "megabytes", ("driftcli", LARGE), 400),
    Promise("10m", "seconds", ("baseline", LARGE), 0.6, ("driftcli", LARGE)),
    Promise("100m", "seconds", ("driftcli", LONG), 1.5, ("bare", LONG)),
    Promise("100m", "megabytes", ("driftcli", LONG), 512),
    # "flat": the same but for what an allocator keeps
    Promise("100m", "megabytes", ("driftcli", LONG), 1.1, ("driftcli", NARROW)),
    Promise("wide", "seconds", ("driftcli", WIDE), 0.3, ("tutorial", WIDE)),
    Promise("windows", "seconds", ("baseline-windows", YEAR), 3.0, ("baseline-create", YEAR)),
    Promise("windows", "megabytes", ("baseline-windows", YEAR), 512),
)
