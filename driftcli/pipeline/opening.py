"""The data of a run, opened by what is going to count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from driftcli.config import Config
from driftcli.sources import Parts, open_source
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
    if query is not None:
        query = dated(query, options.date)
    table = open_table(target, options, where, query)
    return Parts(table.name, [table], options.max_rows)
