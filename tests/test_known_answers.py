"""Published numbers, through the whole pipeline.

Sources: scipy's tests and documentation (KS, chi-square, Kolmogorov, Benjamini-Hochberg), R's
ks.test after Schröer & Trenkler 1995, feature_engine's tests (values from Probatus) and strappy's
(PSI), statsmodels' documentation (two proportions).
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import special
from sklearn.datasets import make_classification

import driftcli
from driftcli.config import Config
from driftcli.decide import adjust
from driftcli.model import DecisionPolicy

SMALL = Config(decision=DecisionPolicy(min_rows=2))


def measured(method, reference, current):
    """The result of one method on one column."""
    sides = (pa.table({"x": side}) for side in (reference, current))
    return driftcli.compare(*sides, SMALL).features["x"].check(method).result


def kolmogorov_p(result):
    return result.details.get("pvalue_kolmogorov", result.pvalue)


def labels(counts):
    return [f"c{index}" for index, count in enumerate(counts) for _ in range(count)]


def with_nulls(missing, rows):
    return pa.array([None] * missing + [1.0] * (rows - missing))


HUNDRED = np.linspace(1, 100, 100)
TIED = np.repeat([2.0, 3.0, 4.0, 5.0], [3, 4, 5, 4])


@pytest.mark.parametrize(
    ("reference", "current", "d", "p", "tolerance"),
    [
        pytest.param([0.99, 1.99], [1, 2, 3.0], 2 / 3, 0.6, 1e-14, id="two and three"),
        pytest.param([1.01, 2.01], [1, 2, 3.0], 1 / 3, 1.0, 1e-14, id="two and three, one below"),
        pytest.param(HUNDRED, HUNDRED + 2.1, 0.03, 0.999999999996206, 1e-12, id="100 and 100"),
        pytest.param(
            HUNDRED,
            np.linspace(1, 100, 110) + 20.1,
            232 / 1100,
            0.015739183865607353,
            1e-12,
            id="100 and 110",
        ),
        pytest.param(TIED, TIED + 1, 5 / 16, 0.4262934613454952, 1e-12, id="repeated values"),
        pytest.param(
            [1.0, 2, 2, 3, 3],
            [1, 2, 3, 3, 4, 5, 6.0],
            3 / 7,
            6 / 11,
            1e-12,
            id="ties, unconditional",
        ),
    ],
)
def test_kolmogorov_smirnov(reference, current, d, p, tolerance):
    result = measured("ks", reference, current)
    assert result.statistic == pytest.approx(d, abs=1e-14)
    assert kolmogorov_p(result) == pytest.approx(p, abs=tolerance)


def test_two_million_rows_a_side_do_not_overflow():
    n = 2_097_152
    values = np.arange(n) * 1.0
    result = measured("ks", values, values + 2_000)
    assert result.statistic == pytest.approx(2_000 / n, abs=1e-15)
    expected = special.kolmogorov(2_000 / n * math.sqrt(n / 2))
    assert result.pvalue == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("reference", "current", "chi2", "df", "p"),
    [
        ((10, 10, 20), (20, 20, 20), 2.7777777777777777, 2, 0.24935220877729622),
        (
            (16, 18, 16, 14, 12, 12),
            (16, 16, 16, 16, 16, 8),
            1.6224089635854342,
            5,
            0.8985262394026607,
        ),
    ],
)
def test_chi_square(reference, current, chi2, df, p):
    result = measured("chi2", labels(reference), labels(current))
    assert result.statistic == pytest.approx(chi2, abs=1e-14)
    assert result.details["dof"] == df
    assert result.pvalue == pytest.approx(p, abs=1e-14)


def test_population_stability_of_six_cells():
    result = measured("psi", labels((3, 3, 3, 2, 2, 2)), labels((2, 2, 2, 3, 3, 3)))
    assert result.statistic == pytest.approx(0.1621860432432658, abs=1e-15)


def test_population_stability_of_two_cells():
    result = measured("psi", labels((6, 5)), labels((5, 4)))
    assert result.statistic == pytest.approx(0.00041234, abs=5e-9)


def test_population_stability_on_ten_quantile_bins():
    features, _ = make_classification(
        n_samples=1_000,
        n_features=6,
        n_redundant=2,
        n_clusters_per_class=1,
        weights=[0.5],
        class_sep=2,
        random_state=1,
    )
    expected = [0.043828484, 0.040929871, 0.043304185, 0.037732865, 0.050473885, 0.014717736]
    found = [measured("psi", x[:500], x[500:]).statistic for x in features.T]
    # to the digits published
    assert found == pytest.approx(expected, abs=5e-7)


def test_two_proportions():
    result = measured("missing", with_nulls(5, 83), with_nulls(12, 99))
    assert result.statistic == pytest.approx(-1.4078304151258787, abs=1e-14)
    assert result.pvalue == pytest.approx(0.15918129181156992, abs=1e-14)


BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
    0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


@pytest.mark.parametrize(
    ("correction", "expected", "rejected"),
    [
        ("bh", [0.0015, 0.003, 0.0095, 0.035625, 0.0603], 4),
        ("holm", [0.0015, 0.0056, 0.0247, 0.114, 0.2211], 3),
    ],
)
def test_fifteen_pvalues(correction, expected, rejected):
    found = adjust(BENJAMINI_HOCHBERG_1995, correction)
    assert found[:5] == pytest.approx(expected, abs=1e-15)
    assert sum(p < 0.05 for p in found) == rejected
