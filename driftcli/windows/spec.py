"""How long a window is: ``1d``, ``6h``, ``30min``, ``1w``, ``1mo`` or ``50000rows``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from driftcli.errors import UsageError, quoted

DAY: Final = 86_400
ROWS: Final = "rows"
MONTHS: Final = "mo"
# the noun, and the seconds that one lasts at most on the wall's clock
UNITS: Final[dict[str, tuple[str, int]]] = {
    "min": ("minute", 60),
    "h": ("hour", 3_600),
    "d": ("day", DAY),
    "w": ("week", 7 * DAY),
    MONTHS: ("month", 31 * DAY),
    ROWS: ("row", 0),
}
LONGEST = 120 * UNITS[MONTHS][1]
MOST_ROWS = 10**12
MOST_WINDOWS = 20_000  # of a side

LIKES = ("weekday", "hour", "month")
# windows of this many seconds or more start on one weekday, hour or month and hold others too
_TOO_LONG = {"weekday": 7 * DAY, "hour": DAY, "month": 31 * DAY + 1}

_TEXT = re.compile(rf"([0-9]{{0,18}})\s*({'|'.join(UNITS)}|row)")
_EXAMPLES = "1d, 6h, 30min, 1w, 1mo or 50000rows"


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """The length of a window.

    Parameters
    ----------
    count : int
        How many units, at least 1.
    unit : str
        One of :data:`UNITS`.
    """

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> WindowSpec:
        """Return the length that a user wrote; spaces and upper case do no harm.

        Parameters
        ----------
        text : str
            Such as ``6h``; without a number it is one.

        Raises
        ------
        UsageError
            If it is no length, or above ten years or :data:`MOST_ROWS` rows.
        """
        flag = f"--window {quoted(text)}"
        found = _TEXT.fullmatch(text.strip().lower())
        count = int(found[1] or 1) if found else 0
        if found is None or count == 0:
            raise UsageError(f"{flag}: not a length of time", hint=f"write {_EXAMPLES}")
        spec = cls(count, ROWS if found[2] == "row" else found[2])
        if spec.seconds > LONGEST:
            raise UsageError(f"{flag}: longer than ten years", hint=f"write {_EXAMPLES}")
        if spec.by_rows and count > MOST_ROWS:
            raise UsageError(f"{flag}: more than {MOST_ROWS:,} rows", hint=f"write {_EXAMPLES}")
        return spec

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def by_rows(self) -> bool:
        """Whether windows are counted by rows, so that no time is needed."""
        return self.unit == ROWS

    @property
    def seconds(self) -> int:
        """How long a window lasts at most, by the clock on the wall; 0 for rows."""
        return self.count * UNITS[self.unit][1]

    @property
    def noun(self) -> str:
        """What one window is called: ``day``, ``window of 6 hours``."""
        word = UNITS[self.unit][0]
        return word if self.count == 1 else f"window of {self.count:,} {word}s"

    @property
    def plural(self) -> str:
        """What several windows are called: ``days``, ``windows of 6 hours``."""
        word = UNITS[self.unit][0]
        return f"{word}s" if self.count == 1 else f"windows of {self.count:,} {word}s"

    def check_like(self, like: str) -> None:
        """See that windows of this length have a weekday, an hour or a month of their own.

        Parameters
        ----------
        like : str
            One of :data:`LIKES`.

        Raises
        ------
        UsageError
            If it says nothing about such windows.
        """
        if not self._has(like):
            fitting = [f"--like {other}" for other in LIKES if self._has(other)]
            hint = f"{self.plural} have {_listed(fitting)}" if fitting else "leave it away"
            raise UsageError(f"--like {like}: {self.plural} have no {like} of their own", hint=hint)

    def _has(self, like: str) -> bool:
        return not self.by_rows and self.seconds < _TOO_LONG[like]


def _listed(words: tuple[str, ...] | list[str]) -> str:
    """Return ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
