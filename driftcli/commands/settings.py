"""From flags and a YAML file to the settings of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from driftcli._startup import keep_pandas_out
from driftcli.config import Config
from driftcli.errors import UsageError, did_you_mean, quoted

_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([mgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "m": 1, "g": 1024, "t": 1024**2}


def settle(
    path: Path | None,
    thresholds: Sequence[str] | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    *,
    max_memory: str | None = None,
    jobs: int | None = None,
    engine: str | None = None,
    role: str = "features",
) -> Config:
    """Return the configuration of a run: the file's, or the defaults, with the flags on top.

    A threshold may be given for the checks of the columns in that role.

    Raises
    ------
    DriftcliError
    """
    keep_pandas_out()
    config = Config()
    if path is not None:
        from driftcli.config_file import load_config

        config = load_config(path)
    if delimiter is not None:
        config = replace(config, input=replace(config.input, delimiter=_character(delimiter)))
    if encoding is not None:
        config = replace(config, input=replace(config.input, encoding=encoding))
    if max_memory is not None:
        memory = megabytes(max_memory)
        config = replace(config, resources=replace(config.resources, max_memory=memory))
    if jobs is not None:
        config = replace(config, resources=replace(config.resources, jobs=jobs))
    if engine is not None:
        chosen: Any = str(engine)
        config = replace(config, resources=replace(config.resources, engine=chosen))
    limits = {**config.thresholds, **parse_thresholds(thresholds or (), role)}
    return replace(config, thresholds=limits)


def sides(data: Sequence[str], config: Config) -> tuple[str, str]:
    """Return reference and current: both as given, or current alone, or as the config names them.

    Raises
    ------
    UsageError
    """
    reference, current = logs(data, config)
    if reference is None:
        raise UsageError("no reference data", hint="give REF CUR, or name them in the config")
    return reference, current


def logs(
    data: Sequence[str], config: Config, baseline: Path | None = None
) -> tuple[str | None, str]:
    """Return the reference where there is one, and current; stored metrics stand in its place.

    Raises
    ------
    UsageError
    """
    if not all(data):
        raise UsageError("an empty path", hint="is a variable unset?")
    if len(data) > 2:
        raise UsageError(f"{len(data)} data sets where two are compared: REF CUR")
    if len(data) == 2 and baseline is not None:
        raise UsageError("a reference and a baseline", hint="give REF CUR, or CUR --baseline FILE")
    reference = data[0] if len(data) == 2 else config.reference
    current = data[-1] if data else config.current
    if current is None:
        raise UsageError("no current data", hint="give REF CUR, or name them in the config")
    return (None if baseline is not None else reference), current


def _character(text: str) -> str:
    character = text.replace("\\t", "\t")
    if len(character) != 1:
        raise UsageError("--delimiter takes one character", hint="write '\\t' for a tab")
    return character


def megabytes(text: str) -> int:
    """Return what ``--max-memory`` says: a number of megabytes, or one with its unit.

    Raises
    ------
    UsageError
        If it is no size, or too small to work in.
    """
    flag = f"--max-memory {quoted(text)}"
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{flag}: no size", hint="such as 512MB or 2GB")
    from driftcli.config_fields import shape_at

    size = int(float(found[1]) * _UNITS[found[2].lower()])
    allowed = shape_at(("resources", "max_memory"))
    if allowed is not None and allowed.low is not None and size < allowed.low:
        raise UsageError(
            f"{flag}: must be {allowed.low:g}MB or more",
            hint="the interpreter and a batch of rows alone take 160MB",
        )
    return size


def choose_columns(config: Config, include: str | None, exclude: str | None) -> Config:
    """Return the configuration with ``--columns`` and ``--exclude`` put into it.

    Raises
    ------
    UsageError
    """
    chosen = config.columns
    if include is not None:
        chosen = replace(chosen, include=names(include, "--columns"))
    if exclude is not None:
        chosen = replace(chosen, exclude=(*chosen.exclude, *names(exclude, "--exclude")))
    return replace(config, columns=chosen)


def names(text: str, flag: str) -> tuple[str, ...]:
    """Return a comma-separated list of column names, empty ones refused.

    Raises
    ------
    UsageError
    """
    found = tuple(part.strip() for part in text.split(","))
    if not all(found):
        raise UsageError(f"{flag} {quoted(text)}: an empty column name")
    return found


def parse_thresholds(flags: Sequence[str], role: str) -> dict[str, float]:
    """Return ``NAME=X`` flags as thresholds by drift method of the columns in a role.

    Raises
    ------
    UsageError
        For an unknown name, or a value that is not a number within the method's bounds.
    """
    from driftcli.methods import known

    methods = known(flag.partition("=")[0] for flag in flags)
    uppers = {name: method.upper for name, method in methods.items() if role in method.roles}
    return _parse(flags, uppers, "method")


def parse_drops(flags: Sequence[str]) -> dict[str, float]:
    """Return ``NAME=X`` flags as largest drops by metric; errors as :func:`parse_thresholds`."""
    from driftcli.metrics import METRICS

    return _parse(flags, {name: m.largest_drop for name, m in METRICS.items()}, "metric")


def _parse(flags: Iterable[str], uppers: Mapping[str, float | None], kind: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for flag in flags:
        name, _, text = flag.partition("=")
        if name not in uppers:
            hint = did_you_mean(name, uppers) or f"{kind}s: {', '.join(uppers)}"
            raise UsageError(f"--threshold {quoted(flag)}: no such {kind}", hint=hint)
        values[name] = _bounded(flag, text, uppers[name])
    return values


def _bounded(flag: str, text: str, upper: float | None) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"--threshold {quoted(flag)}: expected NAME=NUMBER") from None
    if not 0 <= value < float("inf") or (upper is not None and value > upper):
        span = f"between 0 and {upper:g}" if upper is not None else "at least 0 and finite"
        raise UsageError(f"--threshold {quoted(flag)}: must be {span}")
    return value
