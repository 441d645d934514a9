"""What every method in the registry must keep; a newcomer is tested without a word here."""

from __future__ import annotations

import json

import numpy as np
import pytest
from method_samples import capped, categories, numeric_pair

from driftcli.methods import METHODS
from driftcli.model import ColumnKind, MethodResult

COUNTED = {ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN}
NAMES = sorted(METHODS)


def numbers():
    rng = np.random.default_rng(24)
    plain = rng.normal(size=80)
    odd = np.concatenate((plain, [np.inf, -np.inf, np.nan, 5e-324, -0.0]))
    sides = [plain, odd, np.full(40, 3.0), np.array([1.0]), np.array([np.nan]), plain + 9]
    return [numeric_pair(a, b) for a in sides for b in sides]


def labels():
    rng = np.random.default_rng(25)
    sides = [
        categories(rng.integers(1, 90, 12)),
        categories({"a": 3, "b": 1}, missing=4),
        categories({"z": 50}),
        categories([], missing=2),
        capped({"a": 40, "z": 11}),
    ]
    return [(a, b) for a in sides for b in sides]


def pairs_for(name):
    kinds = METHODS[name].kinds
    return (numbers() if ColumnKind.NUMERIC in kinds else []) + (
        labels() if kinds & COUNTED else []
    )


@pytest.mark.parametrize("name", NAMES)
def test_names_and_thresholds(name):
    method = METHODS[name]
    assert method.name == name
    assert method.kinds
    assert method.roles <= {"features", "predictions"}
    assert method.roles
    assert 0 < method.threshold < (method.upper or np.inf)
    assert method.description
    assert method.effect


@pytest.mark.parametrize("name", NAMES)
def test_results_are_complete_and_never_nan(name):
    method = METHODS[name]
    pairs = pairs_for(name)
    assert pairs
    for pair in pairs:
        result = method.compare(*pair)
        assert isinstance(result, MethodResult)
        assert result.method == name
        assert (result.effect is None) == (result.skip is not None)
        values = [result.statistic, result.effect, result.pvalue, result.error_bound]
        json.dumps([*values, result.interval, dict(result.details)], allow_nan=False)
        if result.skip is None:
            assert result.effect >= 0
            assert result.effect <= (method.upper or np.inf)
            assert result.pvalue is None or 0 <= result.pvalue <= 1
            low, high = result.interval
            assert 0 <= low <= result.effect <= high


@pytest.mark.parametrize("name", NAMES)
def test_a_side_against_itself_has_no_effect(name):
    for reference, _ in pairs_for(name):
        result = METHODS[name].compare(reference, reference)
        if result.skip is None:
            # without a p-value where so few rows leave nothing to test
            assert result.effect == 0.0
            assert result.pvalue in (1.0, None)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_inputs_give_the_same_result(name):
    for one, other in zip(pairs_for(name), pairs_for(name), strict=True):
        assert METHODS[name].compare(*one) == METHODS[name].compare(*other)


@pytest.mark.parametrize("name", NAMES)
def test_the_effect_alone_is_that_of_the_comparison(name):
    """Windows are measured by it; that of KS looks at the edges alone, and so is a lower bound."""
    method = METHODS[name]
    for pair in pairs_for(name):
        alone, whole = method.effect_of(*pair), method.compare(*pair).effect
        if whole is None:
            # beyond chance there may be an effect that has too few rows for a p-value
            assert alone is None or name in ("chi2", "psi")
        elif name == "ks":
            assert 0 <= alone <= whole
        else:
            assert alone == pytest.approx(whole, rel=1e-14, abs=0)


@pytest.mark.parametrize("name", NAMES)
def test_without_rows_there_is_no_effect(name):
    """One empty side is as bad as two; no division by zero, no verdict."""
    method = METHODS[name]
    if ColumnKind.NUMERIC in method.kinds:
        full, none = numeric_pair([1.0, 2.0, 4.0], [])
        pairs = [(full, none), (numeric_pair([], [1.0])), (none, none)]
    else:
        full, none = categories({"a": 3, "b": 1}), categories([])
        pairs = [(full, none), (none, full), (none, none)]
    for pair in pairs:
        assert method.effect_of(*pair) is None
        assert method.compare(*pair).effect is None
