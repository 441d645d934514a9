"""The drift methods: two summaries in, one :class:`~driftcli.model.MethodResult` out.

A new method is one file here and one line in the registry. Other packages register theirs under
the entry point group ``driftcli.methods``; such a method runs where a threshold names it.
"""

from __future__ import annotations

from collections.abc import Iterable

from driftcli.methods import chi2, ks, missing, prediction_mean, prediction_std, psi
from driftcli.methods.base import Method

METHODS: dict[str, Method] = {
    "ks": ks.METHOD,
    "psi": psi.METHOD,
    "chi2": chi2.METHOD,
    "missing": missing.METHOD,
    "prediction_mean": prediction_mean.METHOD,
    "prediction_std": prediction_std.METHOD,
}


def known(names: Iterable[str]) -> dict[str, Method]:
    """Return the registry, with the methods of other packages where a name asks for more.

    Parameters
    ----------
    names : iterable of str
        The methods that thresholds were set for.
    """
    if all(name in METHODS for name in names):
        return METHODS
    from importlib.metadata import entry_points

    others = {point.name: point.load() for point in entry_points(group="driftcli.methods")}
    return {**METHODS, **others}
