"""A run of MLflow's tracking store, which MLflow's own variables name.

MLflow tells addresses with their passwords in its log and in its errors, and prints on stdout where
a run can be seen; so all three are kept from everybody while it works for us.
"""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from driftcli.errors import OutputError
from driftcli.files import write_whole
from driftcli.tracking import Entry, names

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT = "driftcli"
MAX_REASON = 300
BATCH = 500  # of the 1,000 values that a server takes at once
# where the user has not said otherwise: by its own defaults a store that is down is tried for
# minutes, and MLflow reports its use to its makers
DEFAULTS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://\S*")


def log(entry: Entry) -> None:
    """Log results to the run that MLFLOW_RUN_ID names, or to a new one.

    A run that was there before is neither begun nor ended, as it is somebody else's.

    Raises
    ------
    OutputError
        If the store cannot be reached or does not take them.
    """
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        with _in_silence():
            _log(entry)
    # what can go wrong is up to the store and the libraries of its artifacts
    except Exception as error:
        told, hint = _in_words(error)
        raise OutputError(told, path=f"MLflow ({_place(_address())})", hint=hint) from None


def _log(entry: Entry) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    if run := os.environ.get("MLFLOW_RUN_ID"):
        _fill(client, run, entry)
        return
    experiment = _experiment(client, os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT)
    run = client.create_run(experiment, run_name=names.text(entry.name)).info.run_id
    try:
        _fill(client, run, entry)
    except BaseException:
        with suppress(Exception):  # the first error is the one to tell
            client.set_terminated(run, "FAILED")
        raise
    client.set_terminated(run)


def _experiment(client: MlflowClient, name: str) -> str:
    """Return the number of an experiment, made where there is none."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name))
        except MlflowException:  # another run may have made it meanwhile
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


def _fill(client: MlflowClient, run: str, entry: Entry) -> None:
    from mlflow.entities import Metric, Param, RunTag

    at = round(1000 * datetime.fromisoformat(entry.reports[0].timestamp).timestamp())
    client.log_batch(
        run,
        params=[Param(*one) for one in names.params(entry.reports).items()],
        tags=[RunTag(*one) for one in names.tags(entry.reports, entry.statuses).items()],
    )
    numbers = [Metric(*one, at, 0) for one in names.metrics(entry.reports).items()]
    for start in range(0, len(numbers), BATCH):
        client.log_batch(run, metrics=numbers[start : start + BATCH])
    with tempfile.TemporaryDirectory() as folder:
        for name, content in entry.files.items():
            write_whole(Path(folder, name), content)
        client.log_artifacts(run, folder, entry.folder)


@contextmanager
def _in_silence() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _in_words(error: BaseException) -> tuple[str, str]:
    """Return why a store did not take results, and what to do about it."""
    causes = list(_chain(error))
    kinds = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    hint = "check MLFLOW_TRACKING_URI"
    if "Timeout" in kinds:
        return "does not answer", hint
    if "ConnectionError" in kinds:
        return "cannot be reached", hint
    if "UnsupportedModelRegistryStoreURIException" in kinds:
        return (
            "this MLflow does not know such a store",
            f"{hint}; databases take 'pip install mlflow', mlflow-skinny has none",
        )
    if "MLFLOW_ALLOW_FILE_STORE" in str(error):
        return (
            "this MLflow no longer writes to folders",
            "name a server, or set MLFLOW_ALLOW_FILE_STORE=true",
        )
    return f"does not take the results ({_clean(str(error))})", ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _clean(text: str) -> str:
    """Return an error of MLflow on one line, less what is nobody's business."""
    line = " ".join(ADDRESS.sub(lambda found: _place(found[0]), text).split())
    for secret in _secrets():
        line = line.replace(secret, "…")
    return line if len(line) <= MAX_REASON else f"{line[: MAX_REASON - 1]}…"


def _secrets() -> Iterator[str]:
    password = _address().partition("://")[2].rpartition("@")[0].partition(":")[2]
    given = (os.environ.get(name, "") for name in SECRETS)
    yield from filter(None, (password, unquote(password), *given))


def _address() -> str:
    return os.environ.get("MLFLOW_TRACKING_URI") or "MLFLOW_TRACKING_URI is not set"


def _place(address: str) -> str:
    """Return an address without what may be secret in it: user, password, path, query."""
    scheme, apart, rest = address.partition("://")
    if not apart or rest.startswith("/"):
        return address.partition("?")[0]
    return f"{scheme}://{re.split('[/?#]', rest.rpartition('@')[2])[0]}"
