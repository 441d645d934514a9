"""The data of a run, opened by what is going to count them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from driftcli.config import Config
from driftcli.sources import Parts, open_source


def open_reference(target: object, config: Config) -> Parts:
    """Open the data that are compared with.

    Raises
    ------
    DriftcliError
    """
    options = config.input
    where, query = options.of_reference, options.query_of_reference
    return open_source(target, options, where=where, query=query)


def open_current(
    target: object, config: Config, types: Mapping[str, pa.DataType] | None = None
) -> Parts:
    """Open the data of today, text parsed with the reference's types.

    Raises
    ------
    DriftcliError
    """
    options = config.input
    where, query = options.of_current, options.query_of_current
    return open_source(target, options, types=types, where=where, query=query)


def open_labels(target: object, config: Config) -> Parts:
    """Open labels that came later.

    Raises
    ------
    DriftcliError
    """
    return open_source(target, config.input)
