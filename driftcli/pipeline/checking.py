"""The parts of a monitor's check: features, predictions and performance of the same two sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from driftcli.alerts.scope import unknown_in_rules
from driftcli.config import Config
from driftcli.engines.watch import Watch
from driftcli.errors import DriftcliError, UsageError
from driftcli.model import Report
from driftcli.pipeline.columns import check_features, check_predictions
from driftcli.pipeline.opening import open_current
from driftcli.pipeline.performance import check_performance
from driftcli.pipeline.reference import Stored, opened, refuse_baseline
from driftcli.sources import Parts

DEFAULT_PREDICTIONS = ("score", "prediction")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the parts found.

    Parameters
    ----------
    reports : tuple of Report
        Of those that ran.
    failed : mapping of str to str
        Those that could not, and why.
    newest : datetime or None
        When current ends.
    """

    reports: tuple[Report, ...]
    failed: Mapping[str, str]
    newest: dt.datetime | None


def check_parts(config: Config, watch: Watch) -> Checked:
    """Run the parts, each column of either side read once; one that fails stops no other.

    Parameters
    ----------
    config : Config
        Names reference and current.
    watch : Watch

    Raises
    ------
    DriftcliError
        If no part could run.
    """
    if config.reference is None or config.current is None:
        missing = "reference" if config.reference is None else "current"
        raise UsageError(
            f"no {missing} data", hint=f"name them with {missing}: in the configuration"
        )
    refuse_baseline(config.current)
    before = opened(config.reference, config)
    types = {column.name: column.type for column in before.schema}
    after = open_current(config.current, config, types)
    reference = before.baseline if isinstance(before, Stored) else before
    for side in (before, after):
        if isinstance(side, Parts):
            side.keep(_asked_twice(config, before))
    features = _without_outputs(config, before.schema.names)
    parts: dict[str, Callable[[], Report]] = {
        "features": lambda: check_features(reference, after, features, watch),
        "predictions": lambda: check_predictions(reference, after, config, watch),
        "performance": lambda: check_performance(after, config, reference=reference),
    }
    reports, failed = [], {}
    for name in _wanted(config, before):
        try:
            reports.append(parts[name]())
        except DriftcliError as error:
            failed[name] = str(error)
    if not reports:
        raise UsageError(f"no part could run: {'; '.join(failed.values())}")
    if not failed and (strange := unknown_in_rules(config.alerts, reports, parts)):
        failed["rules"] = "; ".join(strange)
    return Checked(tuple(reports), failed, _newest(config, reports, after))


def _without_outputs(config: Config, names: Collection[str]) -> Config:
    """Return the configuration for features: what other parts check by default is none."""
    outputs = {"label", *DEFAULT_PREDICTIONS}.difference(config.columns.include) & set(names)
    columns = config.columns
    return replace(config, columns=replace(columns, exclude=(*columns.exclude, *sorted(outputs))))


def _asked_twice(config: Config, before: Parts | Stored) -> set[str]:
    """Return the columns that more than one part may look at."""
    roles = config.performance
    scores = roles.score if isinstance(roles.score, tuple) else (roles.score,)
    named = {*scores, roles.label, roles.prediction, roles.group, roles.join_on, config.time.column}
    if isinstance(before, Stored):
        windows = before.baseline.windows
        named |= {*before.others, windows.column if windows else None}
    usual = (*DEFAULT_PREDICTIONS, "label", *config.predictions.column)
    return {name for name in (*named, *usual) if name}


def _wanted(config: Config, before: Parts | Stored) -> list[str]:
    """Return the parts that the configuration asks for, or that the reference has columns for."""
    names = set(before.schema.names)
    roles = config.performance
    predicted = bool(config.predictions.column) or bool(names.intersection(DEFAULT_PREDICTIONS))
    known = isinstance(before, Stored) and before.baseline.performance is not None
    labels = roles.label is not None or roles.labels is not None or "label" in names
    performs = known if isinstance(before, Stored) else labels
    wanted = {"features": True, "predictions": predicted, "performance": performs}
    return [name for name, asked in wanted.items() if asked]


def _newest(config: Config, reports: Sequence[Report], after: Parts) -> dt.datetime | None:
    """Return when current ends: by its time column, else by when its files were written."""
    for report in reports:
        column = report.features.get(config.time.column or "")
        last = None if column is None or column.current is None else column.current.maximum
        if isinstance(last, str):
            found = dt.datetime.fromisoformat(last)
            return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return after.modified
