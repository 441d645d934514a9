"""Data frames of Spark: opened by path, table or query, and their errors in one line."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pyarrow as pa

from driftcli.config import Input
from driftcli.errors import DataError, DriftcliError, UsageError, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEME = "spark:"
SUFFIXES = {"csv": "csv", "tsv": "csv", "json": "json", "jsonl": "json", "ndjson": "json"}
READERS = {"jsonl": "json", "arrow": None}
# the package before the name of an exception of Java
PACKAGE = re.compile(r"\b(?:[a-z]\w*\.)+(?=[A-Z]\w*(?:Exception|Error)\b)")
CALLING = "An error occurred while calling"
UNREACHABLE = re.compile(
    r"No FileSystem for scheme|ClassNotFoundException: .*FileSystem|UNSUPPORTED_FILE"
)
OURS = re.compile(r"driftcli\.errors\.(?P<kind>\w+Error): (?P<text>.*)")
CONDITION = re.compile(r"\[(?P<name>[A-Z_]{5,})[A-Z_.]*\] *(?P<text>.*)")
LACKING = re.compile(r"ModuleNotFoundError: No module named '(?P<module>[\w.]+)'")
REASONS = {
    "PATH_NOT_FOUND": ("no such file or folder", ""),
    "TABLE_OR_VIEW_NOT_FOUND": ("no such table or view", ""),
    "DATA_SOURCE_NOT_FOUND": (
        "this Spark has no reader for it",
        "add its package, such as io.delta:delta-spark, to the session",
    ),
    "CANNOT_READ_FILE_FOOTER": ("damaged, or of another format", ""),
    "FAILED_READ_FILE": ("damaged, or of another format", ""),
    "UNABLE_TO_INFER_SCHEMA": ("no file that Spark can read", ""),
    "UNRESOLVED_COLUMN": ("a query or a filter names a column that is not there", ""),
    "PARSE_SYNTAX_ERROR": ("not understood by Spark", "look at the query and the filters"),
    "JAVA_GATEWAY_EXITED": ("Spark did not start", "it needs Java 17; is JAVA_HOME set?"),
}


@dataclass(frozen=True, slots=True)
class SparkTable:
    """A data frame as a source.

    Parameters
    ----------
    name : str
        As the user wrote it.
    frame : pyspark.sql.DataFrame
    schema : pyarrow.Schema
    """

    name: str
    frame: DataFrame
    schema: pa.Schema
    rows: int | None = None
    columnar: bool = True
    warnings: list[str] = field(default_factory=list)
    suspects: Mapping[str, str] = field(default_factory=dict)

    def batches(
        self, columns: Sequence[str], batch_rows: int = 65_536, *, threads: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns in this process, partition by partition."""
        frame = self.frame.select([column_named(name) for name in columns])
        with asking(self.name):
            for row in frame.mapInArrow(_streams, "stream binary").toLocalIterator():
                with pa.ipc.open_stream(bytes(row["stream"])) as stream:
                    yield from stream


def _streams(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield each batch as the bytes of a stream."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        data = pa.array([sink.getvalue().to_pybytes()], pa.binary())
        yield pa.RecordBatch.from_arrays([data], names=["stream"])


def column_named(name: str, *, there: bool = False) -> Column:
    """Return a column by its name, whatever the characters in it.

    Parameters
    ----------
    name : str
    there : bool
        Whether in place of each value, null apart, a mere truth stands.
    """
    from pyspark.sql.functions import col, lit, when

    found = col("`" + name.replace("`", "``") + "`")
    return when(found.isNotNull(), lit(True)).alias(name) if there else found


def is_frame(target: object) -> bool:
    """Whether it is a data frame of Spark, classic or Connect; Spark is not imported for that."""
    return any(
        kind.__module__.startswith("pyspark.sql.") and kind.__name__ == "DataFrame"
        for kind in type(target).__mro__
    )


def open_table(
    target: object, options: Input, where: Sequence[str] = (), query: str | None = None
) -> SparkTable:
    """Open what Spark reads.

    Parameters
    ----------
    target : pyspark.sql.DataFrame or str
        A path or an address that the session can read, ``spark:catalog.schema.table``,
        ``delta:PATH?version=3``, ``iceberg:schema.table?snapshot=1``, or ``spark:`` with a query.
    options : Input
        How text is read.
    where : sequence of str
        Filters in Spark's SQL.
    query : str, optional

    Raises
    ------
    DataError
        If there is nothing to read.
    UsageError
        If the target is not understood, or Spark is not there.
    """
    name = "spark:DataFrame"
    if not is_frame(target):
        if not isinstance(target, str):
            hint = "give a path, spark:TABLE, or a data frame of Spark"
            raise UsageError(f"--engine spark cannot read a {type(target).__name__}", hint=hint)
        name = "spark" if target == SCHEME else target
    with asking(name):
        given: Any = target
        frame = _read(session(), target, options, query) if isinstance(target, str) else given
        for text in where:
            frame = frame.where(text)
        schema = _arrow_schema(frame)
    if len(set(schema.names)) < len(schema):
        twice = next(column for column in schema.names if schema.names.count(column) > 1)
        raise DataError(f"column {twice!r} appears more than once", path=name)
    return SparkTable(name, frame, schema)


def session() -> SparkSession:
    """Return the session that runs, or the one that the environment describes."""
    try:
        from pyspark.sql import SparkSession
        from pyspark.sql.utils import is_remote
    except ImportError as error:
        hint = "pip install 'driftcli[spark]'"
        raise UsageError("--engine spark needs pyspark", hint=hint) from error
    # what it logs is raised as well
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    if running := SparkSession.getActiveSession():
        return running
    quiet = SparkSession.builder.appName("driftcli").config("spark.ui.showConsoleProgress", "false")
    if is_remote():
        return quiet.getOrCreate()
    return _classic(quiet)


def _classic(builder: Any) -> SparkSession:
    from pyspark import SparkContext

    # an active session is one of this thread; another thread's must stay as its owner made it
    running = SparkContext._active_spark_context is not None
    spark: SparkSession = builder.getOrCreate()
    if not running and spark.sparkContext.master.startswith("local"):
        _at_home(spark)
    return spark


def _at_home(spark: SparkSession) -> None:
    """Let a Spark of this machine run the Python that runs now; its log repeats what it raises."""
    spark.sparkContext.setLogLevel("OFF")
    if "PYSPARK_PYTHON" not in os.environ:
        spark.sparkContext.pythonExec = sys.executable  # else the first python3 on the PATH


def _read(spark: SparkSession, target: str, options: Input, query: str | None) -> DataFrame:
    if target == SCHEME:
        if query is None:
            hint = "name a table, spark:schema.table, or ask with --query"
            raise UsageError("no table and no query", path="spark", hint=hint)
        return spark.sql(query)
    if target.startswith(SCHEME):
        return spark.table(target.removeprefix(SCHEME))
    scheme, _, rest = target.partition(":")
    place, _, asked = rest.partition("?")
    told = dict(parse_qsl(asked))
    if scheme == "delta":
        names = {"version": "versionAsOf", "timestamp": "timestampAsOf"}
        return spark.read.format("delta").options(**_renamed(told, names, target)).load(place)
    if scheme == "iceberg":
        names = {"snapshot": "snapshot-id"}
        return spark.read.format("iceberg").options(**_renamed(told, names, target)).load(place)
    return _files(spark, target, options)


def _renamed(told: Mapping[str, str], names: Mapping[str, str], target: str) -> dict[str, str]:
    for name in told:
        if name not in names:
            known = ", ".join(names)
            raise UsageError(f"no option {quoted(name)}", path=target, hint=f"known are {known}")
    return {names[name]: value for name, value in told.items()}


def _files(spark: SparkSession, target: str, options: Input) -> DataFrame:
    suffix = target.removesuffix(".gz").rpartition(".")[2].lower()
    kind = options.format or SUFFIXES.get(suffix, suffix if suffix == "orc" else "parquet")
    reader = READERS.get(kind, kind)
    if reader is None:
        raise UsageError(f"Spark reads no {kind} files", path=target)
    if reader != "csv":
        return spark.read.format(reader).load(target)
    # Spark knows one word for missing values; the first of ours that is not the empty one
    null = next((word for word in options.null_values if word), "")
    return spark.read.csv(
        target,
        header=True,
        inferSchema=True,
        sep=options.delimiter,
        encoding=options.encoding,
        nullValue=null,
        mode="FAILFAST",
    )


def _arrow_schema(frame: DataFrame) -> pa.Schema:
    """Return the columns in Arrow's types; times in UTC, whatever the session's zone."""
    return pa.schema([(field.name, _arrow_type(field.dataType)) for field in frame.schema])


def _arrow_type(kind: Any) -> pa.DataType:
    from pyspark.sql.pandas.types import to_arrow_type
    from pyspark.sql.types import TimestampType

    if isinstance(kind, TimestampType):
        return pa.timestamp("us", "UTC")
    try:
        return to_arrow_type(kind)
    except Exception:  # of another class in each version; such a column is skipped
        return pa.struct([])


@contextmanager
def asking(name: str) -> Iterator[None]:
    """Turn what goes wrong in Spark into one line.

    Raises
    ------
    DriftcliError
    """
    try:
        yield
    except DriftcliError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark", "py4j", "grpc")):
            raise
        raise _explained(str(error), name) from error


def _explained(text: str, name: str) -> DriftcliError:
    """Return the error of ours that an executor raised, or the first line of Spark's."""
    if ours := OURS.search(text):
        return DataError(ours["text"].strip())
    if lacking := LACKING.search(text):
        hint = "install driftcli there, or set PYSPARK_PYTHON to a Python that has it"
        reason = f"the Python of Spark's executors has no {lacking['module']}"
        return DataError(reason, path=name, hint=hint)
    if UNREACHABLE.search(text):
        hint = "add its package, such as org.apache.hadoop:hadoop-aws, to the session"
        return DataError("this Spark reads nothing from there", path=name, hint=hint)
    lines = [line.strip(": ") for line in text.splitlines() if line.strip(": ")]
    lines = [line for line in lines if not line.startswith(CALLING)] or ["no reason given"]
    found = next(filter(None, map(CONDITION.search, lines)), None)
    if found is None:
        return DataError(f"Spark failed ({PACKAGE.sub('', lines[0])[:200]})", path=name)
    for condition, (reason, hint) in REASONS.items():
        if found["name"].startswith(condition):
            return DataError(reason, path=name, hint=hint)
    return DataError(f"Spark failed ({found['text'][:200].rstrip('.')})", path=name)
