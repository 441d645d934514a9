"""Columns of text that are numbers but for a few words, which nobody meant to be text.

Compared as text such a column looks like an identifier, is left alone, and nobody hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftcli.sources.csv_types import COMMA, DECIMAL_COMMA, Kind, is_missing

SHARE = 0.9
HANDFUL = 10
"""Fewer numbers than these say nothing about what the column was meant to be."""

NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
STARTS = np.zeros(256, dtype=np.bool_)
STARTS[list(b"0123456789.+- \t\n\v\f\r")] = True


@dataclass(slots=True)
class Tally:
    """How many words of a column of text are numbers, and the first that is none.

    Parameters
    ----------
    words, numbers : int
        Words that are not missing, and those of them that are numbers.
    row : int
        Index of the first word that is no number; -1 if there is none yet.
    word : str
        That word.
    """

    words: int = 0
    numbers: int = 0
    row: int = -1
    word: str = ""

    def add(self, words: pa.Array, null_values: Sequence[str], before: int) -> None:
        """Count a block of words, the first of which is in row `before`."""
        if not _may_hold_numbers(words) and self.row >= 0:
            self.words += len(words) - words.null_count
            return
        # in quotes a word for "missing" is a value of a text, but no more so of a number
        there = pc.invert(is_missing(words, null_values))
        plain = pc.match_substring_regex(words, NUMBER)
        numbers = pc.or_(plain, pc.match_substring_regex(words, DECIMAL_COMMA))
        self.words += there.true_count
        self.numbers += pc.and_(numbers, there).true_count
        if self.row < 0 and (odd := pc.index(pc.and_not(there, plain), True).as_py()) >= 0:
            self.row, self.word = before + odd, words[odd].as_py()

    def is_suspect(self, kind: Kind) -> bool:
        """Whether nearly all words are numbers."""
        many = self.numbers >= HANDFUL and self.numbers >= SHARE * self.words
        return self.row >= 0 and (many or kind is COMMA)

    def reason(self, place: str) -> str:
        """Say what is wrong with the first word that is no number.

        Parameters
        ----------
        place : str
            Where it is, in words.
        """
        import re

        from driftcli.errors import quoted

        if re.match(DECIMAL_COMMA, self.word):
            reason = "numbers with a decimal comma are not understood"
            return f"{quoted(self.word)} in {place}: {reason}"
        return f"{quoted(self.word)} in {place} is not a number, as nearly all others are"


def _may_hold_numbers(words: pa.Array) -> bool:
    """Whether a word starts as a number does; far cheaper than to look at whole words."""
    _, offsets, data = words.buffers()
    if data is None or not len(data):
        return False
    size = len(words) + 1
    ends = np.frombuffer(offsets, dtype=np.int32, count=words.offset + size)[words.offset :]
    starts = ends[:-1][ends[1:] > ends[:-1]]
    return bool(STARTS[np.frombuffer(data, dtype=np.uint8)[starts]].any())
