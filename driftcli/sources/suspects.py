"""Columns of text that are numbers but for a few words, which nobody meant to be text.

Compared as text, such a column looks like an identifier and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftcli.errors import quoted
from driftcli.sources.csv_types import COMMA, WITH_COMMA, Kind, is_missing

SHARE = 0.9
HANDFUL = 10  # fewer numbers do not say what a column was meant to be

NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
ANY_NUMBER = rf"{NUMBER}|{WITH_COMMA}"
# what a comma in a number is; one alone before three digits may be either
COMMAS = (
    (r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]*|[+-]?[0-9]{1,3}(,[0-9]{3}){2,}", "thousands separators"),
    (r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", "a decimal comma or thousands separators"),
    (WITH_COMMA, "a decimal comma"),
)
STARTS = np.zeros(256, dtype=np.bool_)
STARTS[list(b"0123456789.+- \t\n\v\f\r")] = True


@dataclass(slots=True)
class Tally:
    """How many words of a column of text are numbers, and the first that is none.

    Attributes
    ----------
    words, numbers : int
        Words that are not missing, and those of them that are numbers.
    row : int
        Index of the first word that is no number; -1 while there is none.
    word : str
        That word.
    """

    words: int = 0
    numbers: int = 0
    row: int = -1
    word: str = ""

    def add(self, words: pa.Array, null_values: Sequence[str], before: int) -> None:
        """Count a block of words, of which the first is in row `before`."""
        if self.row >= 0 and not _may_hold_numbers(words):
            self.words += len(words) - words.null_count
            return
        # "NA" in quotes is a value of a text, but says nothing against numbers
        there = pc.and_not(pc.is_valid(words), is_missing(words, null_values))
        self.words += there.true_count
        self.numbers += pc.and_(pc.match_substring_regex(words, ANY_NUMBER), there).true_count
        if self.row < 0:
            odd = pc.indices_nonzero(pc.and_not(there, pc.match_substring_regex(words, NUMBER)))
            if len(odd):
                at = odd[0].as_py()
                self.row, self.word = before + at, words[at].as_py()

    def is_suspect(self, kind: Kind) -> bool:
        """Whether nearly all words are numbers, in a column that was read as that kind of text."""
        many = self.numbers >= HANDFUL and self.numbers >= SHARE * self.words
        return self.row >= 0 and (many or kind is COMMA)

    def reason(self, place: str) -> str:
        """Return what is wrong with the first word that is no number, which is at `place`."""
        found = f"{quoted(self.word)} in {place}"
        for pattern, commas in COMMAS:
            if re.fullmatch(pattern, self.word):
                return f"{found}: numbers with {commas} are not understood"
        return f"{found} is not a number, as nearly all others are"


def _may_hold_numbers(words: pa.Array) -> bool:
    """Whether a word starts as numbers do; far cheaper than to look at whole words."""
    _, offsets, data = words.buffers()
    if data is None:
        return False
    count = words.offset + len(words) + 1
    ends = np.frombuffer(offsets, dtype=np.int32, count=count)[words.offset :]
    starts = ends[:-1][ends[1:] > ends[:-1]]
    return bool(STARTS[np.frombuffer(data, dtype=np.uint8)[starts]].any())
