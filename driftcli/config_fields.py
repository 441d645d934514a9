"""What the settings dataclasses say of themselves: names, types, bounds, defaults and meanings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import Ge, Gt, Le, Len

from driftcli.config import Config
from driftcli.yaml_words import KeyPath

if TYPE_CHECKING:
    from driftcli.methods.base import Method
    from driftcli.metrics.base import Metric, Task

_BOUNDS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Ge: lambda mark: {"low": mark.ge},
    Gt: lambda mark: {"low": mark.gt, "above": True},
    Le: lambda mark: {"high": mark.le},
    Len: lambda mark: {"length": mark.max_length},
}
_PLAIN = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What an annotation allows.

    Parameters
    ----------
    members : tuple of type
        The alternatives, without ``None``.
    low, high : float, optional
        Bounds of a number.
    above : bool
        Whether the number must be above ``low`` itself.
    length : int, optional
        Exact number of characters.
    """

    members: tuple[Any, ...]
    low: float | None = None
    above: bool = False
    high: float | None = None
    length: int | None = None

    @property
    def words(self) -> str:
        """The type in words, such as ``a number`` or ``one of low, medium, high``."""
        return " or ".join(_words(member) for member in self.members)

    @property
    def bounds(self) -> str:
        """The bounds in words, such as ``between 0 and 1``; empty without bounds."""
        if self.length is not None:
            return "one character" if self.length == 1 else f"{self.length} characters"
        if self.low is None:
            return ""
        if self.high is None:
            return f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        if self.above:
            return f"above {self.low:g} and at most {self.high:g}"
        return f"between {self.low:g} and {self.high:g}"

    @property
    def section(self) -> Any:
        """The dataclass of a section or of a list's items; ``None`` where there is none."""
        for member in self.members:
            inner = get_args(member)[0] if get_origin(member) is tuple else member
            if is_dataclass(inner):
                return inner
        return None

    @property
    def container(self) -> bool:
        """Whether only keys and values or a list may stand here."""
        return all(is_dataclass(m) or get_origin(m) in (tuple, Mapping) for m in self.members)

    @property
    def names(self) -> bool:
        """Whether this is a list of text, for which a single text may stand."""
        return self.members == (tuple[str, ...],)


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the configuration; ``default`` is ``MISSING`` where it must be given."""

    name: str
    shape: Shape
    default: Any
    nullable: bool
    meaning: str


def shape_of(hint: Any) -> Shape:
    """Return what an annotation allows.

    Parameters
    ----------
    hint : annotation
        As :func:`typing.get_type_hints` returns it with extras.
    """
    if get_origin(hint) is Annotated:
        base, *marks = get_args(hint)
        return _bounded(shape_of(base), marks)
    if get_origin(hint) in (Union, UnionType):
        parts = [shape_of(part) for part in get_args(hint) if part is not NoneType]
        return replace(parts[0], members=tuple(m for part in parts for m in part.members))
    return Shape((hint,))


def _bounded(shape: Shape, marks: list[Any]) -> Shape:
    for mark in marks:
        shape = replace(shape, **_BOUNDS[type(mark)](mark))
    return shape


def choices(member: Any) -> tuple[Any, ...]:
    """Return the values that a literal or an enumeration allows, else an empty tuple."""
    if get_origin(member) is Literal:
        return get_args(member)
    if isinstance(member, type) and issubclass(member, Enum):
        return tuple(item.value for item in member)
    return ()


def _words(member: Any) -> str:
    if options := choices(member):
        return ("" if len(options) == 1 else "one of ") + ", ".join(map(str, options))
    if get_origin(member) is tuple:
        return f"a list of {_words(get_args(member)[0])}"
    return _PLAIN.get(member, "keys and values")


@cache
def settings(section: Any) -> tuple[Setting, ...]:
    """Return the keys of a section.

    Parameters
    ----------
    section : dataclass
        One of the classes of :mod:`driftcli.config`.
    """
    hints = get_type_hints(section, include_extras=True)
    meanings = _meanings(section)
    return tuple(
        Setting(
            name=item.name,
            shape=shape_of(hints[item.name]),
            default=item.default_factory() if item.default_factory is not MISSING else item.default,
            nullable=NoneType in get_args(hints[item.name]),
            meaning=meanings.get(item.name, ""),
        )
        for item in fields(section)
    )


def summary(section: Any) -> str:
    """Return the first sentence of a section's docstring."""
    return (section.__doc__ or "").split("\n\n")[0].strip()


def _meanings(section: Any) -> dict[str, str]:
    """Read the parameters of a numpydoc docstring: ``name : type`` and an indented text each."""
    parts = re.split(r"^ {4}(\w+) : .*\n", section.__doc__ or "", flags=re.MULTILINE)
    return {
        name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def shape_at(path: KeyPath) -> Shape | None:
    """Return what may stand at a place of the configuration; ``None`` where nothing may.

    Parameters
    ----------
    path : tuple of str or int
        Such as ``("alerts", "send", 0, "timeout")``.
    """
    shape: Shape | None = Shape((Config,))
    for part in path:
        shape = _child(shape, part) if shape else None
    if shape and _is_threshold(path) and (method := feature_methods().get(str(path[-1]))):
        shape = replace(shape, high=method.upper)
    if shape and path[:-1] == ("performance", "max_drop"):
        metric = known_metrics().get(str(path[-1]))
        shape = replace(shape, high=metric.largest_drop if metric else None)
    return shape


def _is_threshold(path: KeyPath) -> bool:
    return (len(path), *path[:1]) in ((2, "thresholds"), (3, "overrides"))


def _child(shape: Shape, part: str | int) -> Shape | None:
    if isinstance(part, str) and shape.section:
        return {item.name: item.shape for item in settings(shape.section)}.get(part)
    origin, index = (tuple, 0) if isinstance(part, int) else (Mapping, 1)
    inner = [get_args(member)[index] for member in shape.members if get_origin(member) is origin]
    return shape_of(inner[0]) if inner else None


def feature_methods(names: Iterable[str] = ()) -> dict[str, Method]:
    """Return the drift methods whose thresholds can be set, those of other packages where named."""
    from driftcli.methods import known

    return {name: method for name, method in known(names).items() if "features" in method.roles}


def known_metrics() -> Mapping[str, Metric]:
    """Return the performance metrics whose drop can be bounded, by name."""
    from driftcli.metrics import METRICS

    return METRICS


def metrics_by_task() -> Mapping[Task, Mapping[str, Metric]]:
    """Return the performance metrics of each task, by name."""
    from driftcli.metrics import METRICS_BY_TASK

    return METRICS_BY_TASK
