"""Iceberg tables: the snapshot that an address means, and its rows.

Catalogs, metadata and manifests are read by ``pyiceberg``, the files as other Parquet files are:
its own reader begins all files at once and holds each of them whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli.config import Input
from driftcli.errors import DataError, UsageError, did_you_mean, quoted, shown_path
from driftcli.sources.addresses import WAIT_SECONDS, opened
from driftcli.sources.files import printable_name
from driftcli.sources.iceberg_files import Planned, in_words
from driftcli.sources.lake import S3, Address, State, address_of, condition_of
from driftcli.sources.parts import Parts
from driftcli.sources.stores import NO_FILE, LocalStore, joined

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

METADATA, HINT = ".metadata.json", "version-hint.text"
NUMBERED = re.compile(r"v?(?P<number>[0-9]+)(?:-[0-9A-Fa-f-]{36})?(?:\.gz)?\.metadata\.json")


def open_table(target: str, options: Input, where: Sequence[str], query: str | None) -> Parts:
    """Return the rows of an Iceberg table at a snapshot.

    Parameters
    ----------
    target : str
        ``iceberg:namespace.table``, of the catalog that pyiceberg takes as the default or of
        ``?catalog=``; or a path or an address with a slash: ``iceberg:lake/sales/`` for the newest
        metadata there, ``iceberg:lake/sales/metadata/00002-….metadata.json``. The snapshot of
        ``?snapshot=`` is its number, or the name of a branch or a tag.
    options : Input
    where : sequence of str
    query : str, optional
        An error.

    Returns
    -------
    Parts
        Named by the snapshot that is read.

    Raises
    ------
    DataError
        If there is no such table or snapshot, or it cannot be read rightly.
    UsageError
        If the address is not understood.
    """
    address = address_of(target, ("snapshot", "catalog"))
    condition = condition_of(where, query, address.name)
    _check_installed(address.name)
    with in_words(address.name):
        named = "/" not in address.place and "." in address.place
        table = _of_catalog(address) if named else _of_metadata(address)
        snapshot = _snapshot(table, address)
        asked = snapshot.snapshot_id if "snapshot" in address.options else None
        catalog = f"catalog={address.options['catalog']}&" if "catalog" in address.options else ""
        name = f"{printable_name(address.name)}?{catalog}snapshot={snapshot.snapshot_id}"
        found = Planned(table, asked, name)
        files = found.files(condition)
    if not files:
        raise condition.none_left(name) if condition else DataError("0 rows", path=name)
    written = State(datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC))
    return Parts(name, files, options.max_rows, condition, found.partitions, [written])


# -- the table and its snapshot ------------------------------------------------------------------


def _check_installed(name: str) -> None:
    try:
        import pyiceberg  # noqa: F401
    except ImportError:
        hint = "pip install 'driftcli[iceberg]'"
        message = "an Iceberg table needs the extra iceberg"
        raise UsageError(message, path=name, hint=hint) from None


def _of_catalog(address: Address) -> Table:
    from pyiceberg.catalog import list_catalogs, load_catalog
    from pyiceberg.exceptions import NoSuchTableError
    from pyiceberg.utils.config import Config

    catalog = address.options.get("catalog") or Config().get_default_catalog_name()
    if catalog not in (known := list_catalogs()):
        variable = f"PYICEBERG_CATALOG__{catalog.upper()}__URI"
        known_ones = f"; known are {', '.join(known)} (?catalog=NAME)" if known else ""
        hint = did_you_mean(catalog, known)
        hint = hint or f"set {variable}, or write ~/.pyiceberg.yaml{known_ones}"
        raise UsageError(f"no catalog {quoted(catalog)}", path=address.name, hint=hint)
    source = load_catalog(catalog)
    try:
        return source.load_table(address.place)
    except NoSuchTableError:
        near = _near(source, address.place)
        raise DataError("no such table", path=address.name, hint=near) from None


def _near(catalog: Catalog, name: str) -> str:
    from pyiceberg.exceptions import NoSuchNamespaceError

    space, _, table = name.rpartition(".")
    try:
        return did_you_mean(table, [found[-1] for found in catalog.list_tables(space)])
    except NoSuchNamespaceError:
        near = did_you_mean(space, map(".".join, catalog.list_namespaces()))
        return f"there is no namespace {quoted(space)}" + (f", {near}" if near else "")


def _of_metadata(address: Address) -> Table:
    from pyiceberg.table import StaticTable

    store, place = opened(address.stored_at)
    if store.look(place) is None:
        missing = store.refuse(place, NO_FILE)
        raise DataError(missing.message, path=address.name, hint=missing.hint)
    if not place.endswith(METADATA):
        (entries,) = store.entries([joined(place, "metadata")])
        names = [entry.name for entry in entries]
        if HINT not in names:
            place = joined(joined(place, "metadata"), _newest(names, address.name))
    if isinstance(store, LocalStore):
        return StaticTable.from_metadata(str(Path(place).absolute()))
    return StaticTable.from_metadata(place, _storage(address))


def _newest(names: Sequence[str], name: str) -> str:
    """Return the newest of the files of metadata, where there is one."""
    numbers = {file: int(found["number"]) for file in names if (found := NUMBERED.fullmatch(file))}
    if not numbers:
        hint = "name its folder, a file of its metadata, or NAMESPACE.TABLE of a catalog"
        raise DataError(f"no Iceberg table (no metadata/*{METADATA})", path=name, hint=hint)
    last = max(numbers.values())
    newest = [file for file, number in numbers.items() if number == last]
    if len(newest) > 1:
        hint = f"ask its catalog, or name the file: {' or '.join(map(quoted, newest))}"
        raise DataError(f"{len(newest)} newest files of metadata", path=name, hint=hint)
    return newest[0]


def _storage(address: Address) -> dict[str, str]:
    """Return how pyiceberg reaches a storage that no catalog tells of."""
    if not address.place.startswith(S3):
        return {}
    endpoint, region = address.on_s3()
    found = {
        "s3.region": region or "us-east-1",
        "s3.connect-timeout": str(WAIT_SECONDS),
        "s3.request-timeout": str(WAIT_SECONDS),
    }
    if endpoint:
        found["s3.endpoint"] = endpoint
    return found


def _snapshot(table: Table, address: Address) -> Snapshot:
    asked = address.options.get("snapshot")
    newest = table.current_snapshot()
    if newest is None and asked is None:
        raise DataError("0 rows", path=address.name)
    if asked is None:
        found = newest
    else:
        number = int(asked) if re.fullmatch("[0-9]{1,19}", asked) else -1
        found = table.snapshot_by_name(asked) or table.metadata.snapshot_by_id(number)
    if found is None:
        refs = shown_path(", ".join(sorted(table.metadata.refs)))
        hint = f"the newest is {newest.snapshot_id}; branches and tags: {refs}" if newest else ""
        raise DataError(f"no snapshot {quoted(asked)}", path=address.name, hint=hint)
    return found
