"""The data of a run, opened by what is going to count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from driftcli.config import Config
from driftcli.errors import UsageError
from driftcli.sources import Parts, open_source
from driftcli.sources.addresses import refuse_secrets
from driftcli.sources.spool import STDIN
from driftcli.sources.tables import SQL, TABLES
from driftcli.sources.templates import dated, filled


def open_reference(target: object, config: Config) -> Parts:
    """Open the data that are compared with.

    Raises
    ------
    DriftcliError
    """
    options = config.input
    return _opened(target, config, options.of_reference, options.query_of_reference)


def open_current(
    target: object, config: Config, types: Mapping[str, pa.DataType] | None = None
) -> Parts:
    """Open the data of today, text parsed with the reference's types.

    Raises
    ------
    DriftcliError
    """
    options = config.input
    return _opened(target, config, options.of_current, options.query_of_current, types)


def open_labels(target: object, config: Config) -> Parts:
    """Open labels that came later.

    Raises
    ------
    DriftcliError
    """
    return _opened(target, config, (), None)


def _opened(
    target: object,
    config: Config,
    where: Sequence[str],
    query: str | None,
    types: Mapping[str, pa.DataType] | None = None,
) -> Parts:
    options = config.input
    if isinstance(target, Parts) or config.resources.engine != "spark":
        return open_source(target, options, types=types, where=where, query=query)
    from driftcli.engines.spark_table import open_table

    if isinstance(target, str):
        target = filled(target, options.date)
        _refuse_what_spark_cannot_read(target)
    if query is not None:
        query = dated(query, options.date)
    table = open_table(target, options, where, query)
    return Parts(table.name, [table], options.max_rows)


def _refuse_what_spark_cannot_read(target: str) -> None:
    refuse_secrets(target)
    if target == STDIN:
        raise UsageError("Spark reads no standard input", hint="give a path or a table")
    scheme = target.partition(":")[0]
    if TABLES.get(scheme) == SQL:
        hint = "count there with --engine sql, or read it as one machine with --engine local"
        raise UsageError("Spark reads no database", path=scheme, hint=hint)
