"""Published numbers; the row numbers are those of the list of known answers in the statistics notes.

Sources: scipy's tests and documentation, R's ks.test, feature_engine's tests (values from
Probatus), strappy's tests, statsmodels' documentation, Benjamini & Hochberg 1995.
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import special
from sklearn.datasets import make_classification

import driftcli
from driftcli.config import Config, DecisionSettings
from driftcli.decide import adjust

SMALL = Config(decision=DecisionSettings(min_rows=2))


def measured(method, reference, current):
    """The result of one method through the whole pipeline, from two columns."""
    sides = (pa.table({"x": side}) for side in (reference, current))
    return driftcli.compare(*sides, SMALL).features["x"].check(method).result


def kolmogorov_p(result):
    return result.details.get("pvalue_kolmogorov", result.pvalue)


def labels(counts):
    return [f"c{index}" for index, count in enumerate(counts) for _ in range(count)]


HUNDRED = np.linspace(1, 100, 100)
REPEATED = np.repeat([2.0, 3, 4, 5, 6], [0, 0, 0, 0, 0])
TIES = np.array([2.0] * 2 + [3] * 3 + [4] * 5 + [5] * 6)
TIES = np.repeat([2.0, 3.0, 5.0, 6.0], [3, 4, 5, 4])


@pytest.mark.parametrize(
    ("reference", "current", "d", "p", "tolerance"),
    [
        pytest.param([0.99, 1.99], [1, 2, 3.0], 2 / 3, 0.6, 1e-14, id="row 1"),
        pytest.param([1.01, 2.01], [1, 2, 3.0], 1 / 3, 1.0, 1e-14, id="row 2"),
        pytest.param(HUNDRED, HUNDRED + 2.1, 0.03, 0.999999999996206, 1e-12, id="row 4"),
        pytest.param(
            HUNDRED,
            np.linspace(1, 100, 110) + 20.1,
            232 / 1100,
            0.015739183865607353,
            1e-12,
            id="row 5",
        ),
        pytest.param(
            [1.0, 2, 2, 3, 3], [1, 2, 3, 3, 4, 5, 6.0], 3 / 7, 0.5454545454545454, 1e-12, id="row 9"
        ),
    ],
)
def test_kolmogorov_smirnov(reference, current, d, p, tolerance):
    result = measured("ks", reference, current)
    assert result.statistic == pytest.approx(d, abs=1e-14)
    assert kolmogorov_p(result) == pytest.approx(p, abs=tolerance)


def test_row_7_ties():
    values = np.repeat([2.0, 3.0, 4.0, 5.0], 0)
    values = np.array([2.0] * 3 + [3.0] * 4 + [5.0] * 5 + [6.0] * 4)
    assert len(values) == 16
