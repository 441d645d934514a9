"""Delta tables: the version that an address means, and its rows.

The log is read by ``deltalake``, the files as other Parquet files are: in their order, row group by
row group, so that memory is bounded and two passes see the same rows in the same places.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli.config import Input
from driftcli.errors import DataError, DriftcliError, UsageError, quoted
from driftcli.sources.addresses import opened
from driftcli.sources.base import plain
from driftcli.sources.delta_log import Log
from driftcli.sources.files import File, printable_name
from driftcli.sources.lake import S3, Address, State, address_of, condition_of
from driftcli.sources.parts import Parts
from driftcli.sources.stores import NO_FILE, LocalStore, Store, joined

if TYPE_CHECKING:
    from deltalake import DeltaTable

LOG = "_delta_log"
COMMIT = re.compile(r"[0-9]{20}\.json")
COMMIT_TIME = re.compile(rb'"inCommitTimestamp"\s*:\s*([0-9]+)')
# what deltalake wraps around a reason, and its colours
WRAPPED = re.compile(r"\x1b\[[0-9;]*m|↳|(?:Generic delta kernel|Kernel|External) error(?::| ->)")


def open_table(target: str, options: Input, where: Sequence[str], query: str | None) -> Parts:
    """Return the rows of a Delta table at a version.

    Parameters
    ----------
    target : str
        ``delta:sales``, ``delta:s3://bucket/sales?version=3``, or
        ``delta:sales?timestamp=2026-11-01T00:00:00Z``: the version of that moment, of UTC where it
        says no zone.
    options : Input
    where : sequence of str
    query : str, optional
        An error.

    Returns
    -------
    Parts
        Named by the version that is read.

    Raises
    ------
    DataError
        If there is no such table or version, or it cannot be read rightly.
    UsageError
        If the address is not understood.
    """
    address = address_of(target, ("version", "timestamp"))
    condition = condition_of(where, query, address.name)
    store, folder = opened(address.stored_at)
    table = _loaded(address, store, folder)
    name = f"{printable_name(address.name)}?version={table.version()}"
    with _in_words(name):
        log = Log(table, name)
    files = log.files(store, folder, condition)
    if not files:
        raise (
            condition.none_left(name) if condition and log.count else DataError("0 rows", path=name)
        )
    return Parts(name, files, options.max_rows, condition, log.partitions, [State(log.modified)])


# -- the version that is asked for ---------------------------------------------------------------


def _loaded(address: Address, store: Store, folder: str) -> DeltaTable:
    _check_there(address, store, folder)
    version, moment = _asked(address)
    try:
        from deltalake import DeltaTable
    except ImportError:
        hint = "pip install 'driftcli[delta]'"
        message = "a Delta table needs the extra delta"
        raise UsageError(message, path=address.name, hint=hint) from None
    place = str(Path(folder).absolute()) if isinstance(store, LocalStore) else folder
    load = partial(DeltaTable, place, storage_options=_storage(address))
    if moment is not None:
        version = _version_at(moment, address, store, joined(folder, LOG))
    with _in_words(address.name):
        return load() if version is None else _of_version(load, version, address.name)


def _check_there(address: Address, store: Store, folder: str) -> None:
    if store.look(joined(folder, LOG)) is not None:
        return
    if store.look(folder) is None:
        missing = store.refuse(folder, NO_FILE)
        raise DataError(missing.message, path=address.name, hint=missing.hint)
    hint = f"name the folder that holds {LOG}"
    raise DataError(f"no Delta table (it holds no {LOG})", path=address.name, hint=hint)


def _asked(address: Address) -> tuple[int | None, datetime | None]:
    """Return the version, or the moment, that an address names."""
    version, moment = address.options.get("version"), address.options.get("timestamp")
    if version is not None and moment is not None:
        raise UsageError("a version and a timestamp", path=address.name, hint="name one of them")
    if version is not None and not re.fullmatch("[0-9]{1,18}", version):
        message = f"no version {quoted(version)}"
        raise UsageError(message, path=address.name, hint="write a number, such as version=3")
    return (
        None if version is None else int(version),
        None if moment is None else _moment(moment, address.name),
    )


def _moment(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus in an address is a blank
    except ValueError:
        hint = "write it as 2026-11-01T00:00:00Z"
        raise UsageError(f"no timestamp {quoted(text)}", path=name, hint=hint) from None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _of_version(load: partial[DeltaTable], version: int, name: str) -> DeltaTable:
    from deltalake.exceptions import DeltaError

    try:
        return load(version=version)
    except DeltaError:
        if version <= (newest := load().version()):
            raise
        raise DataError(
            f"no version {version}", path=name, hint=f"the newest is {newest}"
        ) from None


def _version_at(moment: datetime, address: Address, store: Store, log: str) -> int:
    """Return the last version that was there at a moment.

    deltalake gives the first one for a moment before it, and knows of the times of files only.
    """
    (entries,) = store.entries([log])
    commits = [entry for entry in entries if COMMIT.fullmatch(entry.name)]
    at = bisect_right(commits, moment, key=lambda entry: _written(store.file(entry)))
    if at:
        return int(commits[at - 1].name.partition(".")[0])
    asked, hint = address.options["timestamp"], ""
    if commits:
        first = _written(store.file(commits[0])).replace(microsecond=0, tzinfo=None)
        version = int(commits[0].name.partition(".")[0])
        hint = f"the first that is kept, {version}, is of {first.isoformat()}Z"
    raise DataError(f"no version at {quoted(asked)}", path=address.name, hint=hint)


def _written(commit: File) -> datetime:
    """Return when a commit was made: as its first line says, or else when its file was written."""
    with commit.on_disk() as handle:
        told = COMMIT_TIME.search(handle.readline())
    return datetime.fromtimestamp(int(told[1]) / 1000, UTC) if told else commit.modified


def _storage(address: Address) -> dict[str, str]:
    """Return how deltalake reaches the storage, beyond what it takes from the environment."""
    if not address.place.startswith(S3):
        return {}
    endpoint, region = address.on_s3()
    found = {"AWS_REGION": region} if region else {}
    if endpoint:
        found |= {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"}
    return found


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Turn what deltalake raises into one line."""
    try:
        yield
    except DriftcliError:
        raise
    except Exception as error:  # its own kinds, OSError, and those of values
        lines = WRAPPED.sub("", str(error)).splitlines()
        said = " ".join(" ".join(lines[:1] if "<unknown>" in str(error) else lines).split())
        new = "a newer deltalake may read it" if "support" in said else ""
        hint = new or f"is its {LOG} whole? read another version, or restore it"
        reason = f"its log cannot be read ({plain(ValueError(said))})"
        raise DataError(reason, path=name, hint=hint) from error
