"""Runs command lines with Spark, in one process as it takes seconds to start.

``spark_commands.py FOLDER`` reads a JSON list of command lines from stdin and prints a JSON list of
``[code, stdout, stderr]``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from pyspark.sql import SparkSession

from driftcli.cli import run


def outcome(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    return code, out.getvalue(), err.getvalue()


def main() -> None:
    os.chdir(sys.argv[1])
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    for name in ("ref", "cur"):
        spark.read.parquet(f"{name}.parquet").createOrReplaceTempView(name)
    sys.stdout.write(json.dumps([outcome(words) for words in json.load(sys.stdin)]) + "\n")


if __name__ == "__main__":
    main()
