"""What is asked of Spark: which one, command lines that are right, and lines that are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

PYTHONS = {
    "spark3": "DRIFTCLI_SPARK_3",
    "spark4": "DRIFTCLI_SPARK_4",
    "connect": "DRIFTCLI_SPARK_4",
}
ON_CONNECT = ("raw", "performance")  # the other way to the same Spark


@dataclass(frozen=True)
class Said:
    """What a Spark said: to each case, and to each command line its code, stdout and stderr."""

    cases: dict[str, Any]
    lines: dict[tuple[str, ...], list[Any]]


BOTH = ("--engine", "spark", "--format", "json", "--quiet")
MOVED = ("--columns", "moved,few", "--threshold", "ks=0.05")
SIDES = ("ref.parquet", "cur.parquet")

WRONG = {
    ("nope.parquet", "cur.parquet"): "nope.parquet: no such file or folder",
    ("text.txt", "cur.parquet"): "text.txt: damaged, or of another format",
    (*SIDES, "--where", "nope > 3"): (
        "ref.parquet: a query or a filter names a column that is not there"
    ),
    (*SIDES, "--where", "few >"): (
        "ref.parquet: not understood by Spark. look at the query and the filters"
    ),
    (*SIDES, "--where", "few > 99"): "ref.parquet: 0 rows",
    (*SIDES, "--columns", "nope"): (
        "ref.parquet: column 'nope': no such column. it is named by --columns or columns.include"
    ),
    (*SIDES, "--window", "1000rows"): (
        "Spark's rows have no order to make windows of. give a time column with --time"
    ),
    ("spark:ref", "spark:curr"): "spark:curr: no such table or view",
    ("spark:", "spark:cur"): (
        "spark: no table and no query. name a table, spark:schema.table, or ask with --query"
    ),
    ("delta:sales", "cur.parquet"): (
        "delta:sales: this Spark has no reader for it."
        " add its package, such as io.delta:delta-spark, to the session"
    ),
    ("-", "cur.parquet"): "Spark reads no standard input. give a path or a table",
    ("sqlite:///scores.db#scores", "cur.parquet"): (
        "sqlite: Spark reads no database."
        " count there with --engine sql, or read it as one machine with --engine local"
    ),
    ("nowhere://bucket/ref.parquet", "cur.parquet"): (
        "nowhere://bucket/ref.parquet: this Spark reads nothing from there."
        " add its package, such as org.apache.hadoop:hadoop-aws, to the session"
    ),
    ("s3a://key:word@bucket/ref.parquet", "cur.parquet"): (
        "s3a://bucket/ref.parquet: a secret must not stand in an address. leave it to the"
        " environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ),
    ("[.parquet", "cur.parquet"): (
        "[.parquet: Spark failed (IOException: Illegal file pattern: error parsing regexp:"
        " Unclosed character class at pos 9: `[.parquet`)"
    ),
    ("delta:sales?versio=3", "cur.parquet"): (
        "delta:sales?versio=3: no option 'versio'. known are version, timestamp"
    ),
}
RIGHT = {
    "files": SIDES,
    "tables": ("spark:ref", "spark:cur"),
    "queries": (
        *("spark:", "spark:"),
        *("--reference-query", "SELECT * FROM ref WHERE '{date:%Y}' > '2000'"),
        *("--current-query", "SELECT * FROM cur"),
    ),
    "csv": ("ref.csv", "cur.csv"),
    "json": ("ref.jsonl", "cur.jsonl"),
}


def line_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line that compares two sides."""
    return ("features", *words, *BOTH)


LINES = tuple(line_of(words) for words in (*WRONG, *((*words, *MOVED) for words in RIGHT.values())))


def write_data(folder: Path) -> None:
    """Write what the lines read beside the Parquet files."""
    (folder / "text.txt").write_text("no Parquet\n" * 99)
    for name in ("ref", "cur"):
        table = pq.read_table(folder / f"{name}.parquet", columns=["moved", "few"]).to_pandas()
        table.to_csv(folder / f"{name}.csv", index=False)
        table.to_json(folder / f"{name}.jsonl", orient="records", lines=True)
