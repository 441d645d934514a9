"""Plain values → a checked :class:`~driftcli.config.Config`, or everything that is wrong with them.

No message holds an address, not even a misplaced one: a webhook's address is a secret. pydantic's
own errors carry the values that they reject, so they are never chained to what is raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from driftcli.config import Channel, Config, StoreOptions
from driftcli.config_fields import (
    Shape,
    choices,
    feature_methods,
    known_metrics,
    settings,
    shape_at,
)
from driftcli.config_rules import alert_faults
from driftcli.errors import did_you_mean
from driftcli.yaml_words import KeyPath, is_address, shown

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ENVIRONMENT_NAME = r"[A-Za-z_][A-Za-z0-9_]*"

_SECRET_KEY = re.compile(r".*(hook|address|token|secret|password).*|.*(url|uri|key)", re.IGNORECASE)
_BOUNDS = re.compile(r"finite_number|(greater|less)_than.*|.*_(short|long)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a path, before its line is looked up."""

    path: KeyPath
    message: str
    hint: str = ""


def checked(values: dict[str, Any]) -> tuple[Config | None, list[Fault]]:
    """Check plain values.

    Parameters
    ----------
    values : dict
        As a YAML file has them.

    Returns
    -------
    Config or None
        ``None`` where a value has the wrong type or is out of bounds.
    list of Fault
        Everything that is wrong; empty where nothing is.
    """
    completed = _completed(values, Config)
    config, faults = _validated(completed)
    faults += _misnamed(completed)
    faults += _address_faults(completed)
    if config is not None:
        faults += _contradictions(config)
    return config, faults


def _completed(values: dict[str, Any], section: Any) -> dict[str, Any]:
    """Leave out sections without content, and make lists of single names, as people write them."""
    known = {item.name: item.shape for item in settings(section)}
    completed = {}
    for name, value in values.items():
        shape = known.get(name)
        if shape is None:
            completed[name] = value
        elif value is not None or not shape.container:
            completed[name] = _item(value, shape)
    return completed


def _item(value: Any, shape: Shape) -> Any:
    if shape.section and isinstance(value, dict):
        return _completed(value, shape.section)
    return [value] if shape.names and isinstance(value, str) else value


@cache
def adapter() -> TypeAdapter[Config]:
    """Return pydantic's validator of the whole configuration."""
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _validated(values: dict[str, Any]) -> tuple[Config | None, list[Fault]]:
    from pydantic import ValidationError

    try:
        # as JSON, a list may become a tuple and a word an enumeration; nothing else may change
        return adapter().validate_json(json.dumps(values)), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
    return None, _faults([(item["type"], item["loc"]) for item in details], values)


def _faults(details: list[tuple[str, KeyPath]], values: Any) -> list[Fault]:
    unknown = [_followed(loc, values)[0] for kind, loc in details if kind.startswith("unexpected_")]
    missing = [loc for kind, loc in details if kind == "missing"]
    wrong = [
        (kind, *_followed(loc, values))
        for kind, loc in details
        if kind != "missing" and not kind.startswith("unexpected_")
    ]
    parents = {path[:-1] for path in unknown}
    deep = [path for _, path, _ in wrong]
    return [
        *(_unknown_key(path, values) for path in unknown),
        # beside an unknown key the missing one is most likely that one, misspelt
        *(Fault(p[:-1], f"missing key {p[-1]!r}") for p in missing if p[:-1] not in parents),
        # of a union's complaints, those about an item of a list tell more
        *(
            _wrong_value(kind, path, value)
            for kind, path, value in wrong
            if not any(other != path and other[: len(path)] == path for other in deep)
        ),
    ]


def _followed(loc: KeyPath, values: Any) -> tuple[KeyPath, Any]:
    """Return path and value of what was rejected, without the marks of a union's branches."""
    path: KeyPath = ()
    for part in loc:
        inside = isinstance(values, dict) and part in values
        if inside or (isinstance(values, list) and isinstance(part, int)):
            path, values = (*path, part), values[part]
    return path, values


def _wrong_value(kind: str, path: KeyPath, value: Any) -> Fault:
    shape = shape_at(path) or Shape(())
    got = "" if _private(path) and isinstance(value, str) else f", got {shown(value)}"
    if kind == "finite_number" and shape.high is None:
        return Fault(path, f"must be a finite number{got}")
    if _BOUNDS.fullmatch(kind):
        return Fault(path, f"must be {shape.bounds}{got}")
    return Fault(path, f"expected {shape.words}{got}", _remedy(shape, value))


def _private(path: KeyPath) -> bool:
    """Whether a secret may have strayed here, so that no text is repeated."""
    return path[:2] == ("alerts", "send") or path[:1] == ("store",)


def _remedy(shape: Shape, value: Any) -> str:
    if not isinstance(value, str):
        return ""
    if bool in shape.members and value.lower() in ("yes", "on", "no", "off"):
        return f"write {'true' if value.lower() in ('yes', 'on') else 'false'}"
    if {int, float}.intersection(shape.members):
        return _number_remedy(value, whole=float not in shape.members)
    options = [str(option) for member in shape.members for option in choices(member)]
    return f"write {value}" if value in options else did_you_mean(value, options)


def _number_remedy(text: str, *, whole: bool) -> str:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return ""
    if not isfinite(number) or (whole and not number.is_integer()):
        return ""
    return f"write {int(number) if whole else format(Decimal(repr(number)), 'f')}"


def _unknown_key(path: KeyPath, values: Any) -> Fault:
    name, parent = str(path[-1]), shape_at(path[:-1])
    section = parent.section if parent else Config
    value = _followed(path, values)[1]
    secret = isinstance(value, str) and is_address(value)
    if section in (Channel, StoreOptions) and (secret or _SECRET_KEY.fullmatch(name)):
        return Fault(
            path,
            "a secret must not stand in this file",
            "put it into an environment variable and name that, such as url_env: SLACK_URL",
        )
    known = [item.name for item in settings(section)]
    hint = did_you_mean(name, known) or _elsewhere(name) or f"known keys: {', '.join(known)}"
    return Fault(path, "unknown key", hint)


def _elsewhere(name: str) -> str:
    """Say which section a key belongs to, where it lost its indentation or its section."""
    if name in feature_methods():
        return "it belongs under 'thresholds'"
    for item in settings(Config):
        if item.shape.section and name in {inner.name for inner in settings(item.shape.section)}:
            return f"it belongs under {item.name!r}"
    return ""


def _misnamed(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Check the names of methods and metrics, and thresholds against what a method can reach."""
    thresholds = values.get("thresholds")
    methods = feature_methods(thresholds if isinstance(thresholds, dict) else ())
    yield from _known(("thresholds",), values, methods, "method")
    yield from _known(("performance", "max_drop"), values, known_metrics(), "metric")
    overrides = values.get("overrides")
    for column in overrides if isinstance(overrides, dict) else ():
        yield from _known(("overrides", column), values, [*methods, "importance"], "method")


def _known(path: KeyPath, values: Any, known: Collection[str], what: str) -> Iterator[Fault]:
    found, mapping = _followed(path, values)
    if found != path or not isinstance(mapping, dict):
        return
    for name, value in mapping.items():
        inner = (*path, name)
        if name not in known:
            hint = did_you_mean(name, known) or f"known {what}s: {', '.join(known)}"
            yield Fault(inner, f"unknown {what}", hint)
        elif _exceeds(inner, value):
            yield _wrong_value("less_than_equal", inner, value)


def _exceeds(path: KeyPath, value: Any) -> bool:
    shape = shape_at(path)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return bool(number and shape and shape.high is not None and value > shape.high)


def _address_faults(values: Any) -> Iterator[Fault]:
    """Check where addresses and keys are said to be."""
    path, channels = _followed(("alerts", "send"), values)
    for index, channel in enumerate(channels if isinstance(channels, list) and path else ()):
        if isinstance(channel, dict):
            yield from _misplaced((*path, index), channel)
            yield from _whereabouts((*path, index), channel)
    path, store = _followed(("store",), values)
    if isinstance(store, dict) and path:
        yield from _misplaced(path, store)


def _misplaced(path: KeyPath, values: Mapping[str, Any]) -> Iterator[Fault]:
    for key, what in (("url_env", "address"), ("secret_env", "key")):
        name = values.get(key)
        if isinstance(name, str) and not re.fullmatch(ENVIRONMENT_NAME, name):
            yield Fault(
                (*path, key),
                "expected the name of an environment variable",
                f"put the {what} into that variable, and only its name here, such as SLACK_URL",
            )
    file = values.get("url_file")
    if isinstance(file, str) and is_address(file):
        yield Fault((*path, "url_file"), "expected a file", "put the address into that file")


def _whereabouts(path: KeyPath, channel: Mapping[str, Any]) -> Iterator[Fault]:
    given = [key for key in ("url_env", "url_file") if channel.get(key) is not None]
    if len(given) == 2:
        yield Fault((*path, "url_file"), "a variable and a file", "give one of them")
    known = {item.name for item in settings(Channel)}
    # beside an unknown key the missing one is most likely that one, misspelt
    if not given and known.issuperset(channel):
        yield Fault(path, "missing key 'url_env'", "name the variable that holds the address")


def _contradictions(config: Config) -> Iterator[Fault]:
    """Check what single values cannot tell."""
    excluded = config.columns.exclude
    for name in config.columns.include:
        if name in excluded:
            path = ("columns", "exclude", excluded.index(name))
            yield Fault(path, f"{shown(name)} is both included and excluded")
    severity = config.alerts.severity
    for lower, higher in (("low", "medium"), ("medium", "high"), ("medium_drop", "high_drop")):
        least = getattr(severity, lower)
        if getattr(severity, higher) < least:
            yield Fault(("alerts", "severity", higher), f"must not be below {lower} ({least})")
    for place, reason, hint in alert_faults(config):
        yield Fault(place, reason, hint)
    try:
        "a".encode(config.input.encoding)  # a codec of bytes, such as hex, is looked up as well
    except (LookupError, ValueError):
        yield Fault(("input", "encoding"), "unknown encoding", "such as utf-8 or latin-1")
