"""Folds that are fed with the Arrow arrays of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from driftcli.engines.windowing import WindowColumn
from driftcli.schema import ColumnPlan
from driftcli.summaries import Summary
from driftcli.summaries.arrays import (
    Values,
    absent,
    flatten,
    is_text,
    label_counts,
    numeric_values,
)
from driftcli.summaries.categorical import CategoricalFold
from driftcli.summaries.numeric import NumericSummary, presence
from driftcli.summaries.wire import State


class Adds(Protocol):
    """Takes the arrays of a column one after the other."""

    def add(self, array: pa.Array) -> None:
        """Fold one batch's values."""

    def state(self) -> State:
        """Return what was seen so far, for :meth:`absorb` elsewhere."""

    def absorb(self, state: State) -> None:
        """Add what another of the same column has seen."""


class Fold(Adds, Protocol):
    """Makes one summary of them."""

    def finish(self) -> Summary:
        """Return the summary of all of them."""


class _Numbers(Protocol):
    def add(self, values: Values, missing: int) -> None: ...
    def state(self) -> State: ...
    def absorb(self, state: State) -> None: ...
    def finish(self) -> NumericSummary: ...


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Feeds a numeric fold with Arrow arrays."""

    plan: ColumnPlan
    fold: _Numbers

    def add(self, array: pa.Array) -> None:
        """Fold one batch's values."""
        self.fold.add(*numeric_values(array, self.plan.dtype))

    def state(self) -> State:
        """Return what was seen so far."""
        return self.fold.state()

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has seen."""
        self.fold.absorb(state)

    def finish(self) -> NumericSummary:
        """Return the summary of all of them."""
        return self.fold.finish()


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Feeds a categorical fold with Arrow arrays."""

    plan: ColumnPlan
    fold: CategoricalFold

    def add(self, array: pa.Array) -> None:
        """Fold one batch's labels."""
        if self.fold.full and is_text(array):
            self.fold.add_array(flatten(array))
        else:
            self.fold.add(*label_counts(array, self.plan.dtype))

    def state(self) -> State:
        """Return what was seen so far."""
        return self.fold.state()

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has seen."""
        self.fold.absorb(state)

    def finish(self) -> Summary:
        """Return the summary of all of them."""
        return self.fold.finish()


@dataclass(slots=True)
class PresenceColumn:
    """Counts which rows have a value, whatever it is."""

    count: int = 0
    missing: int = 0

    def add(self, array: pa.Array) -> None:
        """Fold one batch's rows."""
        missing = int(absent(flatten(array)).sum())
        self.missing += missing
        self.count += len(array) - missing

    def state(self) -> State:
        """Return what was seen so far."""
        return {"count": self.count, "missing": self.missing}

    def absorb(self, state: State) -> None:
        """Add what another fold of the column has seen."""
        self.count += state["count"]
        self.missing += state["missing"]

    def finish(self) -> Summary:
        """Return the summary of all rows."""
        return presence(self.count, self.missing)


@dataclass(frozen=True, slots=True)
class Both:
    """Folds a column as a whole and by window."""

    whole: Fold
    parts: WindowColumn

    def add(self, array: pa.Array) -> None:
        """Fold one batch's values."""
        self.whole.add(array)
        self.parts.add(array)

    def state(self) -> State:
        """Return what was seen so far."""
        return {"whole": self.whole.state(), "parts": self.parts.state()}

    def absorb(self, state: State) -> None:
        """Add what another of the column has seen."""
        self.whole.absorb(state["whole"])
        self.parts.absorb(state["parts"])
