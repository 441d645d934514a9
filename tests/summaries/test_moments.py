from __future__ import annotations

import math

import numpy as np
import pytest

from driftcli.summaries.moments import Moments


def moments_of(values):
    deviations = np.array(values) - np.mean(values)
    return Moments(len(values), np.mean(values), *((deviations**k).sum() for k in (2, 3, 4)))


def test_variance_std_and_kurtosis():
    found = moments_of([1.0, 2.0, 4.0, 9.0])
    assert found.variance == pytest.approx(np.var([1, 2, 4, 9], ddof=1), rel=1e-14)
    assert found.std == pytest.approx(np.std([1, 2, 4, 9], ddof=1), rel=1e-14)
    d = np.array([1, 2, 4, 9]) - 4
    assert found.kurtosis == pytest.approx(np.mean(d**4) / np.mean(d**2) ** 2, rel=1e-14)


def test_without_spread():
    assert (Moments().variance, Moments().std, Moments().kurtosis) == (None, None, None)
    one = moments_of([3.0])
    assert (one.mean, one.variance, one.std, one.kurtosis) == (3.0, None, None, None)
    same = moments_of([3.0] * 7)
    assert (same.std, same.kurtosis) == (0.0, None)


def test_what_left_the_range_of_floats_is_not_told():
    beyond = Moments(3, 0.0, math.inf, math.inf, math.inf)
    assert (beyond.variance, beyond.std, beyond.kurtosis) == (None, None, None)
    assert Moments(3, 0.0, 1e200, 0.0, math.inf).kurtosis is None
    # squares that underflowed would say less than any distribution can
    assert Moments(3, 0.0, 1e-200, 0.0, 0.0).kurtosis is None


def test_the_kurtosis_is_taken_without_leaving_the_range_of_floats():
    assert Moments(4, 0.0, 2e-150, 0.0, 3e-300).kurtosis == pytest.approx(3.0, rel=1e-15)
    assert Moments(4, 0.0, 2e153, 0.0, 3e306).kurtosis == pytest.approx(3.0, rel=1e-15)
