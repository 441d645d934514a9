"""The Python API: the commands as functions that return a Report."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from driftcli.config import Config
from driftcli.errors import UsageError
from driftcli.model import AlertReport, Report

if TYPE_CHECKING:
    from driftcli.baselines import Baseline


def compare(
    reference: object, current: object, config: Config | str | PathLike[str] | None = None
) -> Report:
    """Check whether features drifted.

    Parameters
    ----------
    reference, current : path-like, str or frame
        A file, folder, glob, a data frame of Spark, or anything with ``__arrow_c_stream__``
        (pandas, polars, pyarrow). The reference may be a baseline, in a file or as
        :func:`profile` returns it.
    config : Config or path-like, optional
        Settings, or the YAML file that holds them.

    Returns
    -------
    Report

    Raises
    ------
    DriftcliError
        If the data or the configuration cannot be read.

    Examples
    --------
    >>> report = driftcli.compare("reference.parquet", frame)  # doctest: +SKIP
    >>> [name for name, column in report.features.items() if column.drifted]  # doctest: +SKIP
    """
    from driftcli.pipeline.columns import check_features

    return check_features(reference, current, _settings(config, reference, current))


def compare_predictions(
    reference: object, current: object, config: Config | str | PathLike[str] | None = None
) -> Report:
    """Check whether predictions moved; parameters as :func:`compare`."""
    from driftcli.pipeline.columns import check_predictions

    return check_predictions(reference, current, _settings(config, reference, current))


def evaluate(
    *logs: object,
    config: Config | str | PathLike[str] | None = None,
    baseline: str | PathLike[str] | None = None,
) -> Report:
    """Measure how well the model performs.

    Parameters
    ----------
    *logs : path-like, str or frame
        Scores and labels: current alone, or a reference log (or its baseline) before it.
    config : Config or path-like, optional
    baseline : path-like, optional
        Stored metrics (JSON) to compare with, in place of a reference log.

    Returns
    -------
    Report

    Raises
    ------
    DriftcliError
    """
    from driftcli.pipeline.performance import check_performance

    if not 1 <= len(logs) <= 2:
        raise UsageError(
            f"{len(logs)} logs, where one or two are taken: evaluate(reference, current)"
        )
    reference = logs[0] if len(logs) == 2 else None
    stored = None if baseline is None else Path(baseline)
    settings = _settings(config, *logs)
    return check_performance(logs[-1], settings, reference=reference, baseline=stored)


def profile(
    reference: object, config: Config | str | PathLike[str] | None = None, *, min_count: int = 0
) -> Baseline:
    """Summarise a reference; the result takes its place in later runs.

    Parameters
    ----------
    reference : path-like, str or frame
    config : Config or path-like, optional
        With the columns of ``performance`` set, the baseline also holds how well the model did.
    min_count : int
        Leave out categories and edges that fewer rows stand behind.

    Returns
    -------
    Baseline
        ``write`` makes a file of it.

    Raises
    ------
    DriftcliError

    Examples
    --------
    >>> driftcli.profile(train).write("train.baseline")  # doctest: +SKIP
    >>> report = driftcli.compare("train.baseline", today)  # doctest: +SKIP
    """
    from driftcli.pipeline.baseline import create_baseline

    return create_baseline(reference, _settings(config, reference), min_count=min_count).baseline


def find_alerts(
    *reports: Report, config: Config | str | PathLike[str] | None = None
) -> AlertReport:
    """Apply the alert rules to reports; nothing is sent.

    Parameters
    ----------
    *reports : Report
    config : Config or path-like, optional

    Returns
    -------
    AlertReport
    """
    from driftcli.pipeline import alerts

    named = [(report.current.source, report) for report in reports]
    return alerts.find_alerts(named, _settings(config).alerts)


def load_config(path: str | PathLike[str]) -> Config:
    """Read a YAML configuration.

    Raises
    ------
    ConfigError
        With file, line and column.
    """
    from driftcli.config_file import load_config as load

    return load(Path(path))


def _settings(config: Config | str | PathLike[str] | None, *data: object) -> Config:
    """Return the settings; data frames of Spark are counted by Spark."""
    from driftcli.engines.spark_table import is_frame

    if not isinstance(config, Config):
        config = Config() if config is None else load_config(config)
    if any(map(is_frame, data)):
        return replace(config, resources=replace(config.resources, engine="spark"))
    return config
