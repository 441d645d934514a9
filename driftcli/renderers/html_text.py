"""How names, numbers and p-values are written on the HTML page.

Whatever came from data is made harmless here: characters that a reader cannot see, or that turn the
text around, are shown as escapes, and long texts are cut. Jinja2's autoescape does the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from driftcli.errors import MAX_NAME
from driftcli.model import ColumnKind, Status

MAX_TITLE = 300
MAX_TEXT = 500
MAX_MOMENT = 26
ABSENT = "–"
_EPOCH = datetime(1970, 1, 1)  # what is told has no zone

SYMBOLS = {
    Status.OK: "✓",
    Status.CHANGED: "◆",
    Status.UNCERTAIN: "?",
    Status.NOT_EVALUATED: "○",
    Status.DRIFT: "▲",
}

_LABELS = {
    "auc": "AUC",
    "chi2": "chi²",
    "ctr": "CTR",
    "ece": "ECE",
    "f1": "F1",
    "ks": "KS",
    "mae": "MAE",
    "missing": "Δ missing",
    "mrr": "MRR",
    "ndcg": "NDCG",
    "prediction_mean": "mean shift",
    "prediction_std": "spread",
    "psi": "PSI",
    "r2": "R²",
    "rmse": "RMSE",
}

# Controls, soft hyphen, zero width, bidi, line separators, tags, surrogates, non-characters. The
# two joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are unreadable without them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def harmless(value: object, limit: int = MAX_TEXT) -> str:
    """Return text cut to ``limit`` characters with every unseen one written as an escape."""
    text = str(value)
    if len(text) > limit:
        text = f"{text[: limit - 1]}…"
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def name(value: object, limit: int = MAX_NAME) -> Markup:
    """Return a name isolated from its surroundings' direction; a cut one has more in its title."""
    text = str(value)
    if len(text) <= limit:
        return Markup("<bdi>{}</bdi>").format(harmless(text, limit))
    return Markup('<bdi title="{}">{}</bdi>').format(
        harmless(text, MAX_TITLE), harmless(text, limit)
    )


def label(method: str) -> str:
    """Return how a method or metric is called in running text."""
    return _LABELS.get(method) or harmless(method.replace("_", " "), MAX_NAME)


def number(value: float | str | None, digits: int = 4, *, whole: bool = True) -> str:
    """Return a number of any size with ``digits`` significant ones, grouped by thousands.

    ``whole`` numbers go without decimals; not so in a column that has to line up.
    """
    if value is None:
        return ABSENT
    if isinstance(value, str):
        return harmless(value, MAX_NAME)
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e9:
        return _signed(f"{value:.{digits - 1}e}")
    if whole and float(value).is_integer() and abs(value) < 1e6:
        return _signed(f"{value:,.0f}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return _signed(f"{value:,.{decimals}f}")


def apart(values: Sequence[float], digits: int = 4) -> list[str]:
    """Return numbers written alike, with as many digits as it takes to tell them apart."""
    whole = all(math.isfinite(value) and float(value).is_integer() for value in values)
    written = [number(value, digits, whole=whole) for value in values]
    if len(set(written)) < len(set(values)) and digits < 17:
        return apart(values, digits + 1)
    return written


def edge_words(
    values: Sequence[float], kind: ColumnKind | None = None, digits: int = 4
) -> list[str]:
    """Return ends of bins, told apart; those of times, in microseconds, as dates."""
    if kind is not ColumnKind.DATETIME:
        return apart(values, digits)
    moments = [_moment(value) for value in values]
    days = [moment[:10] for moment in moments]
    return days if len(set(days)) == len(set(values)) else moments


def _moment(microseconds: float) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(" ", "minutes")
    except OverflowError:
        return number(microseconds)


def moment(told: str) -> str:
    """Return an ISO time to the minute; the time of day only where it is not midnight."""
    day, _, time = harmless(told, MAX_MOMENT).partition("T")
    return day if time[:8] in ("", "00:00:00") else f"{day} {time[:5]}"


def tick(value: float) -> str:
    """Return a round number on an axis without needless zeros."""
    return _signed(f"{value + 0.0:,.12g}")


def effect(value: float | None) -> str:
    """Return an effect or a metric with three decimals, so that a column of them lines up."""
    if value is None:
        return ABSENT
    if value != 0 and not 5e-4 <= abs(value) < 1e4:
        return number(value, 2)
    return _signed(f"{value + 0.0:.3f}")


def threshold(value: float | None) -> str:
    """Return a threshold as the user wrote it."""
    return ABSENT if value is None else _signed(f"{value:g}")


def pvalue(value: float | None) -> str:
    """Return a p-value; what underflows is told as a bound, never as zero."""
    if value is None:
        return ABSENT
    if value < 1e-300:
        return "< 1e-300"
    return f"{value:.1e}" if value < 1e-3 else f"{value:.3f}"


def interval(bounds: tuple[float, float] | None) -> str:
    """Return the two ends of an interval."""
    return ABSENT if bounds is None else f"{effect(bounds[0])} to {effect(bounds[1])}"


def percent(share: float | None) -> str:
    """Return a share of rows in percent; a small one never reads as none, nor a large as all."""
    if share is None:
        return ABSENT
    if 0 < share < 5e-4:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%"


def count(rows: int | None) -> str:
    """Return a count of rows, grouped by thousands."""
    return ABSENT if rows is None else f"{rows:,}"


def status_text(status: Status) -> str:
    """Return a status in words, with the symbol that stands for it wherever colour is missing."""
    return f"{SYMBOLS[status]} {status.value.replace('_', ' ')}"


def plural(amount: int, noun: str) -> str:
    """Return an amount with its noun."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def _signed(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text
