"""The drift methods: two summaries in, one :class:`~driftcli.model.MethodResult` out.

A new method is one file here and one line in the registry; other packages register theirs under
the entry point group ``driftcli.methods``.
"""

from __future__ import annotations

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
