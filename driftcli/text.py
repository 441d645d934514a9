"""How numbers read, in every table and sentence alike."""

from __future__ import annotations

SMALLEST_PVALUE = 1e-300


def show_number(value: float) -> str:
    """Return a number in at most four significant digits."""
    return f"{value:.4g}"


def show_short(value: float | None) -> str:
    """Return a number for a narrow cell: three digits, thousands whole; nothing for ``None``."""
    if value is None:
        return ""
    rounded = abs(float(f"{value:.3g}"))
    return f"{value:,.0f}" if 1000 <= rounded < 1e6 else f"{value + 0.0:.3g}"


def show_pvalue(pvalue: float) -> str:
    """Return a p-value in two digits; one that underflows is told as a bound."""
    return "< 1e-300" if pvalue < SMALLEST_PVALUE else f"{pvalue:.2g}"
