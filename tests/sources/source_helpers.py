from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from driftcli.config import Input
from driftcli.errors import DriftcliError
from driftcli.sources import open_source
from driftcli.sources.widen import is_text

Write = Callable[[str, bytes | str], str]


def read(target: object, columns: list[str] | None = None, **options: Any) -> dict[str, list[Any]]:
    """All values of a source, column by column."""
    types = options.pop("types", None)
    rows = options.pop("batch_rows", 131_072)
    where = options.pop("where", ())
    source = open_source(target, Input(**options), types=types, where=where)
    names = source.schema.names if columns is None else columns
    values: dict[str, list[Any]] = {name: [] for name in names}
    for batch in source.batches(names, rows):
        assert batch.schema.names == names
        assert 0 < batch.num_rows <= rows
        for name in names:
            kind = batch.column(name).type
            coded = pa.types.is_dictionary(kind) and is_text(kind)
            assert source.schema.field(name).type in (kind, kind.value_type if coded else kind)
            values[name] += batch.column(name).to_pylist()
    return values


def error(target: object, **options: Any) -> str:
    """The one line that reading everything ends with."""
    with pytest.raises(DriftcliError) as caught:
        read(target, **options)
    return one_line(caught.value)


def one_line(caught: DriftcliError) -> str:
    """The message of an error, which must be one line."""
    line = str(caught)
    assert "\n" not in line
    assert line.isprintable()
    return line


def as_environment(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Let the environment mean the S3 at `endpoint`."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-word")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
