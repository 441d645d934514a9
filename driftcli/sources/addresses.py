"""Addresses of remote storage: which file system of pyarrow they mean, without a secret in them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode

from driftcli.errors import UsageError, did_you_mean, quoted
from driftcli.sources.base import reading
from driftcli.sources.stores import LocalStore, RemoteStore, Store, joined

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

SCHEMES = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs", "file")
S3_OPTIONS = ("region", "endpoint_override", "scheme")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
# an answer takes a fraction of a second; three attempts of five end within twenty
WAIT_SECONDS, ATTEMPTS, RETRY_SECONDS = 5, 3, 10

ADDRESS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<host>[^/?]*)"
    r"(?P<path>.*?)(?:\?(?P<query>[A-Za-z_]+=.*))?",
    re.DOTALL,
)
SECRETS = re.compile(r"key|secret|token|password|credential|^sig", re.IGNORECASE)


def is_address(target: str) -> bool:
    """Whether `target` is an address such as ``s3://bucket/key`` rather than a path."""
    return ADDRESS.fullmatch(target) is not None


def options_of(target: str) -> str:
    """Return the options of an address with their question mark; empty where it has none."""
    found = ADDRESS.fullmatch(target)
    return f"?{found['query']}" if found is not None and found["query"] else ""


def refuse_secrets(target: str) -> None:
    """Refuse an address with a secret: it would stand in every report, log and history.

    Raises
    ------
    UsageError
    """
    if (found := ADDRESS.fullmatch(target)) is None:
        return
    user, _, place = found["host"].rpartition("@")
    named = [name for name, _ in parse_qsl(found["query"], keep_blank_values=True)]
    is_key = user and found["scheme"].lower() in ("s3", "s3a", "s3n")
    if is_key or ":" in user or any(map(SECRETS.search, named)):
        message = "a secret must not stand in an address"
        hint = "leave it to the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise UsageError(message, path=f"{found['scheme']}://{place}{found['path']}", hint=hint)


def opened(target: str) -> tuple[Store, str]:
    """Return the store that a path or an address means, and the path in it.

    Parameters
    ----------
    target : str
        A local path, or an address that :data:`SCHEMES` knows; options for pyarrow may follow a
        question mark (``s3://bucket/logs?region=eu-west-1``).

    Raises
    ------
    UsageError
        If nobody knows such addresses.
    DataError
        If the storage cannot be reached.
    """
    if (found := ADDRESS.fullmatch(target)) is None:
        return LocalStore(target), target
    scheme, host, query = found["scheme"].lower(), found["host"], found["query"]
    if scheme not in SCHEMES:
        hint = did_you_mean(scheme, SCHEMES) or "copy it to a disk, or mount it"
        raise UsageError(f"addresses of {quoted(scheme)} are not supported", path=target, hint=hint)
    if scheme == "file":
        path = unquote(found["path"])
        return LocalStore(path), path
    options = dict(parse_qsl(query or ""))
    if not host and scheme != "hdfs":
        raise UsageError("an address without a bucket", path=target)
    base = f"{scheme}://{host}/"
    place = base + found["path"].lstrip("/")
    with reading(place):
        if scheme == "s3":
            return RemoteStore(base, _s3(place, host, options), f"{host}/"), place
        system, root = _by_address(scheme, host, options)
    return RemoteStore(base, system, joined(root, "")), place


def s3_settings(place: str, bucket: str, options: Mapping[str, str]) -> dict[str, str | None]:
    """Return how S3 is reached: as an address says, or else the environment.

    Parameters
    ----------
    place : str
        The address, for messages.
    bucket : str
    options : mapping of str to str
        Those of the address.

    Returns
    -------
    dict
        :data:`S3_OPTIONS`; ``None`` for what is as usual.

    Raises
    ------
    UsageError
        At an option that S3 does not have.
    """
    for name in options:
        if name not in S3_OPTIONS:
            hint = did_you_mean(name, S3_OPTIONS) or f"known are {', '.join(S3_OPTIONS)}"
            raise UsageError(f"no option {quoted(name)} of S3", path=place, hint=hint)
    endpoint = options.get("endpoint_override") or _environment(ENDPOINTS)
    region = options.get("region") or _environment(REGIONS)
    if endpoint is None and region is None and bucket:
        from pyarrow.fs import resolve_s3_region

        region = resolve_s3_region(bucket)
    return {"region": region, "endpoint_override": endpoint, "scheme": options.get("scheme")}


def _s3(place: str, bucket: str, options: Mapping[str, str]) -> FileSystem:
    """Return S3 as the environment says, giving up soon where nobody answers."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    return S3FileSystem(
        **s3_settings(place, bucket, options),
        connect_timeout=WAIT_SECONDS,
        request_timeout=WAIT_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _by_address(scheme: str, host: str, options: Mapping[str, str]) -> tuple[FileSystem, str]:
    """Return what pyarrow makes of the address of a bucket, and the path of the bucket in it."""
    from pyarrow.fs import FileSystem

    if scheme in ("gs", "gcs"):
        options = {"retry_limit_seconds": str(RETRY_SECONDS), **options}
    query = f"?{urlencode(options)}" if options else ""
    system, root = FileSystem.from_uri(f"{scheme}://{quote(host, safe='@:.-_')}/{query}")
    return system, str(root)


def _environment(names: tuple[str, ...]) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)
