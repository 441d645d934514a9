"""Numbers kept as text: they look like identifiers, and nobody would look at their drift.

A label is a number where it is one without its dress: a currency, a percent sign, a unit,
separators of thousands. Digits alone may just as well be a code, and prove nothing by themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from driftcli.errors import quoted
from driftcli.model import Skip
from driftcli.schema import ColumnPlan, suspected
from driftcli.summaries.categorical import CategoricalSummary

SHARE = 0.5  # of the labels, so many are numbers
TELLING = 0.1  # and so many are more than digits
DIGITS = 0.9  # or so many are digits, beside a word such as #N/A
HEAVY = 0.05  # that stands in so many rows
DRESSES = 5  # numbers come in a few units, house numbers in many streets
PHONE = 7  # digits behind a plus
PADDED = 0.01  # of the labels, so many begin with a zero that no number has: they are codes

# the dots of an address of the Internet separate no thousands
AMOUNT = (
    r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]{1,3}(?:\.[0-9]{3}){1,2}(?:,[0-9]*)?"
    r"|[0-9]{1,3}(?:['’ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]*)?|[0-9]+[.,]?[0-9]*|[.,][0-9]+"
)
CURRENCY = (
    r"(?:[A-Z]{1,3})?[$¢£¤¥฿₠-⃀]"
    r"|USD|EUR|GBP|JPY|CHF|CAD|AUD|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|kr|zł|Kč"
)
UNIT = (
    r"[kKMGTP]i?[Bb]|[kMG]?bps|[nuµm]?s|secs?|mins?|hrs?|[hdkKMBlLtg]|bn|[mµk]g|lbs?|oz|[kcmn]?m"
    r"|mi|ft|in|ml|px|pts?|[kM]?Wh?|[kMG]?Hz|°[CF]?|bp|x"
)
NUMBER = re.compile(
    rf"""\s*(?P<sign>[-+−(]?)\s*(?P<before>[<>~≈≤≥]?\s*(?:{CURRENCY})?)\s*[-−]?
    (?P<amount>{AMOUNT})(?P<power>[eE][-+]?[0-9]{{1,3}})?
    (?P<after>\s*(?:[%‰]|{CURRENCY}|{UNIT})|(?P<word>[ ]\w{{1,10}}))?\)?\s*""",
    re.VERBOSE,
)
PLAIN = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
DIGITS_ONLY = re.compile(r" *\+?[0-9 ]+")
ZERO = re.compile(r"\s*0[0-9]")


class Numeral(NamedTuple):
    """A label that is a number.

    Attributes
    ----------
    label : str
    dress : str
        What stands around the number.
    word : bool
        Whether that is a word that is no known unit.
    """

    label: str
    dress: str
    word: bool

    @property
    def telling(self) -> bool:
        """Whether it can be no code of digits."""
        return DIGITS_ONLY.fullmatch(self.label) is None


def kept_as_text(
    column: ColumnPlan, summary: object, place_of: Callable[[str, str], str]
) -> Skip | None:
    """Return why a column of text is one of numbers; ``None`` where it is not.

    Parameters
    ----------
    column : ColumnPlan
    summary : Summary
        Of the reference.
    place_of : callable
        Tells in which line a label of a column stands, or else in which file.
    """
    if not isinstance(summary, CategoricalSummary) or "string" not in column.stands_for:
        return None
    labels = summary.examples()
    numerals = _numerals(labels)
    word = _heaviest_odd(summary, labels, numerals)
    if not _are_numbers(summary, labels, numerals, word):
        return None
    dressed = [n.label for n in numerals if not PLAIN.fullmatch(n.label)]
    if word and len(dressed) < SHARE * len(numerals):
        told = "is not a number, as most others are; input.null_values names what is missing in CSV"
    else:
        word = dressed[0] if dressed else next(n.label for n in numerals if n.telling)
        told = "is a number kept as text, as most others are; store plain numbers"
    return suspected(f"{quoted(word)} in {place_of(column.name, word)} {told}")


def _numerals(labels: Collection[str]) -> list[Numeral]:
    """Return the labels that are numbers, in one of the dresses that are usual among them."""
    found = [numeral for label in labels if (numeral := _numeral(label)) is not None]
    dresses = Counter(numeral.dress for numeral in found)
    usual = {dress for dress, _ in dresses.most_common(DRESSES)}
    unit = {dress for dress, labels in dresses.items() if labels >= SHARE * len(found)}
    return [n for n in found if n.dress in (unit if n.word else usual)]


def _numeral(label: str) -> Numeral | None:
    match = NUMBER.fullmatch(label)
    if match is None:
        return None
    bare = label.strip().lstrip("+")
    is_code = " " in bare or (bare[0] == "0" and len(bare) > 1)
    is_phone = "+" in label and len(bare) >= PHONE
    if DIGITS_ONLY.fullmatch(label) and (is_code or is_phone):
        return None
    dress = f"{match['before']} {match['after'] or ''}".strip()
    return Numeral(label, dress, match["word"] is not None)


def _are_numbers(
    summary: CategoricalSummary, labels: Collection[str], numerals: Sequence[Numeral], odd: str
) -> bool:
    """Whether so many labels are numbers that the column must be one of numbers."""
    if len(numerals) < SHARE * len(labels) or not labels:
        return False
    if sum(ZERO.match(label) is not None for label in labels) > PADDED * len(labels):
        return False
    if sum(numeral.telling for numeral in numerals) >= TELLING * len(labels):
        return True
    codes = len({len(numeral.label) for numeral in numerals}) == 1
    is_heavy = summary.counts.get(odd, 0) >= HEAVY * summary.count
    return is_heavy and not codes and len(numerals) >= DIGITS * len(labels)


def _heaviest_odd(
    summary: CategoricalSummary, labels: Collection[str], numerals: Sequence[Numeral]
) -> str:
    """Return the label of most rows that is no number; the empty text where there is none."""
    rows = summary.counts
    heavy = [label for label in rows if rows[label] >= HEAVY * summary.count]
    odd = {*labels} - {numeral.label for numeral in numerals}
    odd |= {label for label in heavy if _numeral(label) is None}
    return max(odd, key=lambda label: (rows.get(label, 0), label), default="")
