from __future__ import annotations

import itertools
import math
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from driftcli.contingency import (
    PearsonTest,
    likelihood_ratio_sf,
    pearson_two_sample,
    two_proportion_z,
)
from driftcli.lattice import touch_probability
from driftcli.tails import (
    chi2_sf,
    kolmogorov_isf,
    kolmogorov_sf,
    ks_two_sample_sf,
    normal_isf,
    normal_two_sided,
    student_t_two_sided,
)

SMALLEST = 1e-300


def scipy_exact(reference, current):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = stats.ks_2samp(reference, current, method="exact")
    # scipy gives up, with a warning, where rounding takes its probability above 1
    return float(result.statistic), 1.0 if caught else float(result.pvalue)


def brute_force(reach, n, m):
    """Hodges' count in exact integers: 1 - inside / all."""
    step_right, step_up = math.lcm(n, m) // n, math.lcm(n, m) // m
    row = [0] * (m + 1)
    for i in range(n + 1):
        for j in range(m + 1):
            arrivals = 1 if i == j == 0 else row[j] + (row[j - 1] if j else 0)
            row[j] = arrivals if abs(i * step_right - j * step_up) < reach else 0
    return 1 - Fraction(row[m], math.comb(n + m, n))


# Kolmogorov-Smirnov


@pytest.mark.parametrize(
    ("reference", "current", "d", "p", "tolerance"),
    [
        ([0.99, 1.99], [1, 2, 3], 2 / 3, 0.6, 1e-14),
        ([1.01, 2.01], [1, 2, 3], 1 / 3, 1.0, 1e-14),
        (np.arange(1, 101), np.arange(1, 101) + 2.1, 0.03, 0.999999999996206, 1e-12),
        (
            np.linspace(1, 100, 100),
            np.linspace(1, 100, 110) + 20.1,
            232 / 1100,
            0.015739183865607353,
            1e-12,
        ),
        (
            np.repeat([2, 3, 4, 5], [3, 4, 5, 4]),
            np.repeat([3, 4, 5, 6], [3, 4, 5, 4]),
            5 / 16,
            0.4262934613454952,
            1e-12,
        ),
        ([1, 2, 2, 3, 3], [1, 2, 3, 3, 4, 5, 6], 3 / 7, 0.5454545454545454, 1e-14),
    ],
)
def test_published_ks(reference, current, d, p, tolerance):
    assert ks_two_sample_sf(d, len(reference), len(current)) == pytest.approx(
        p, rel=0, abs=tolerance
    )
    assert scipy_exact(reference, current) == pytest.approx((d, p), rel=0, abs=1e-12)


@given(
    reference=st.lists(st.integers(0, 40), min_size=2, max_size=200),
    current=st.lists(st.integers(0, 40), min_size=2, max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_ks_equals_scipy_on_ties(reference, current):
    d, p = scipy_exact(reference, current)
    assert ks_two_sample_sf(d, len(reference), len(current)) == pytest.approx(
        p, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.2, 0.5, 2.0])
@pytest.mark.parametrize(
    ("n", "m"),
    [(200, 200), (199, 200), (100, 200), (7, 150), (1200, 1500), (1500, 1499), (2000, 1999)],
)
def test_ks_equals_scipy_on_continuous_values(n, m, shift):
    rng = np.random.default_rng([n, m])
    d, p = scipy_exact(rng.normal(size=n), rng.normal(shift, 1, m))
    assert ks_two_sample_sf(d, n, m) == pytest.approx(p, rel=1e-9, abs=0)


@given(n=st.integers(1, 24), m=st.integers(1, 24), share=st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_lattice_equals_the_integer_count(n, m, share):
    reach = round(share * math.lcm(n, m))
    expected = float(brute_force(reach, n, m))
    assert touch_probability(reach, n, m) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(("n", "m"), [(5, 7), (100, 200), (400, 399), (600, 20)])
def test_full_separation_is_two_of_all_paths(n, m):
    expected = float(Fraction(2, math.comb(n + m, n)))
    assert ks_two_sample_sf(1.0, n, m) == pytest.approx(expected, rel=1e-11, abs=0)


@pytest.mark.parametrize(("n", "m"), [(10_000, 9_800), (10_000, 700), (9_999, 10_000)])
def test_ks_at_the_largest_exact_sizes_nears_the_limit(n, m):
    scale = math.sqrt(n * m / (n + m))
    for x in (0.5, 1.0, 1.5):
        exact = ks_two_sample_sf(x / scale, n, m)
        assert exact == pytest.approx(kolmogorov_sf(x), rel=0.06)
        assert exact < kolmogorov_sf(x)


def test_far_tails_of_large_sizes_keep_relative_precision():
    # the reflection series knows 2000 against 2000 in closed form; its neighbour must lie close
    for reach in (600, 900, 1100):
        square = ks_two_sample_sf(reach / 2000, 2000, 2000)
        assert square == pytest.approx(
            2 * float(Fraction(math.comb(4000, 2000 - reach), math.comb(4000, 2000))), rel=1e-11
        )
        below = ks_two_sample_sf(reach / 2000, 2000, 2001)
        above = ks_two_sample_sf((reach + 1) / 2000, 2000, 1999)
        assert above < square < 2 * below < 4 * square


@given(n=st.integers(1, 400), m=st.integers(1, 400), d=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_ks_sides_are_alike(n, m, d):
    assert ks_two_sample_sf(d, n, m) == ks_two_sample_sf(d, m, n)


@pytest.mark.parametrize(("n", "m"), [(30, 30), (30, 31), (12, 60), (120, 180)])
def test_ks_falls_as_d_grows(n, m):
    values = [ks_two_sample_sf(reach / math.lcm(n, m), n, m) for reach in range(math.lcm(n, m) + 1)]
    assert values[0] == 1.0
    # equal neighbours differ by the rounding of one recursion at most
    assert all(after <= before * (1 + 1e-14) for before, after in pairwise(values))
    assert values[-1] == pytest.approx(float(Fraction(2, math.comb(n + m, n))), rel=1e-11)


def test_ks_of_two_million_rows_does_not_overflow():
    rows = np.int64(2_097_152)
    assert ks_two_sample_sf(0.001, rows, rows) == kolmogorov_sf(0.001 * 1024)
    assert ks_two_sample_sf(0.0, rows, rows) == 1.0
    assert ks_two_sample_sf(0.5, rows, 30) == kolmogorov_sf(
        0.5 * math.sqrt(rows * 30 / (rows + 30))
    )


@pytest.mark.parametrize("arguments", [(0.1, 0, 5), (0.1, 5, 0), (1.1, 5, 5), (math.nan, 5, 5)])
def test_ks_refuses_nonsense(arguments):
    with pytest.raises(ValueError):
        ks_two_sample_sf(*arguments)


@pytest.mark.parametrize(
    ("x", "p"), [(0, 1), (-1, 1), (0.5, 0.9639452436648751), (1.0, 0.26999967167735456)]
)
def test_published_kolmogorov(x, p):
    assert kolmogorov_sf(x) == pytest.approx(p, rel=0, abs=1e-14)


def test_kolmogorov_equals_scipy():
    x = np.concatenate([np.linspace(0, 4, 801), [1.1799999, 1.18, 8, 18, 1e-320]])
    got = np.array([kolmogorov_sf(value) for value in x])
    np.testing.assert_allclose(got, special.kolmogorov(x), rtol=2e-13, atol=0)
    np.testing.assert_allclose(got, special.kolmogorov(x), rtol=0, atol=1e-14)
    assert kolmogorov_sf(math.inf) == 0.0
    with pytest.raises(ValueError):
        kolmogorov_sf(math.nan)


def test_kolmogorov_isf_equals_scipy():
    p = np.concatenate([np.logspace(-300, -1, 60), np.linspace(0.05, 0.999, 60)])
    got = [kolmogorov_isf(value) for value in p]
    np.testing.assert_allclose(got, special.kolmogi(p), rtol=0, atol=1e-12)
    assert (kolmogorov_isf(0.0), kolmogorov_isf(1.0)) == (math.inf, 0.0)
    for nonsense in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError):
            kolmogorov_isf(nonsense)


# normal, chi-square, Student


def test_normal_equals_scipy():
    z = np.linspace(-9, 37, 93)
    two_sided = 2 * stats.norm.sf(abs(z))
    np.testing.assert_allclose([normal_two_sided(v) for v in z], two_sided, rtol=1e-12)
    p = np.concatenate([np.logspace(-300, -1, 60), [0.3, 0.5, 0.7, 0.999]])
    np.testing.assert_allclose(
        [normal_isf(v) for v in p], stats.norm.isf(p), rtol=2e-15, atol=1e-15
    )


@pytest.mark.parametrize("p", [0.0, 1.0, -1.0, math.nan])
def test_normal_isf_refuses_nonsense(p):
    with pytest.raises(ValueError):
        normal_isf(p)


def test_normal_refuses_nan():
    with pytest.raises(ValueError):
        normal_two_sided(math.nan)


@pytest.mark.parametrize("df", [1, 2, 3, 9, 31, 32, 33, 100, 999, 10_000, 99_999])
def test_chi2_equals_scipy(df):
    spread = math.sqrt(2 * df)
    x = [v for v in df + spread * np.linspace(-6, 36, 85) if v > 0] + [df, df + 2, df / 3]
    expected = stats.chi2.sf(x, df)
    pairs = [(chi2_sf(v, df), e) for v, e in zip(x, expected, strict=True) if e > SMALLEST]
    assert len(pairs) > 40
    np.testing.assert_allclose(*zip(*pairs, strict=True), rtol=1e-10)


@pytest.mark.parametrize(
    ("x", "df"), [(1300, 2), (1390, 10), (3000, 1000), (15439.25, 10_774), (101_000, 100_000)]
)
def test_chi2_equals_the_poisson_sum(x, df):
    # for an even df: exp(-x/2) Σ (x/2)^k / k!, in 60 digits
    with localcontext() as context:
        context.prec = 60
        term, total = Decimal(1), Decimal(0)
        half = Decimal(x) / 2
        for k in range(df // 2):
            total += term
            term = term * half / (k + 1)
        expected = float(total * (-half).exp())
    assert 0 < expected < 1
    assert chi2_sf(x, df) == pytest.approx(expected, rel=2e-12, abs=0)


def test_chi2_ends():
    assert [chi2_sf(0, 3), chi2_sf(-1.0, 3), chi2_sf(9.0, 0)] == [1.0, 1.0, 1.0]
    assert [chi2_sf(math.inf, 3), chi2_sf(1e6, 3), chi2_sf(1e300, 3)] == [0.0, 0.0, 0.0]
    for x, df in ((math.nan, 3), (1.0, -1)):
        with pytest.raises(ValueError):
            chi2_sf(x, df)


@pytest.mark.parametrize("df", [0.01, 0.3, 1, 1.7, 2, 5, 30.9, 31.1, 32, 500.5, 1e4, 1e6, 1e9])
def test_student_equals_scipy(df):
    t = np.concatenate([[1e-3], np.linspace(0.1, 37, 120), [1e3, 1e8, 1e60]])
    expected = 2 * stats.t.sf(t, df)
    pairs = [
        (student_t_two_sided(v, df), e) for v, e in zip(t, expected, strict=True) if e > SMALLEST
    ]
    assert len(pairs) > 100
    np.testing.assert_allclose(*zip(*pairs, strict=True), rtol=1e-10)


def test_student_closed_forms_and_ends():
    for t in (1e-9, 0.2, 1.0, 1.7, 12.0, 1e9, 1e200):
        cauchy = 2 / math.pi * math.atan2(1, t)
        assert student_t_two_sided(t, 1) == pytest.approx(cauchy, rel=1e-13, abs=0)
        assert student_t_two_sided(-t, 1) == student_t_two_sided(t, 1)
    assert student_t_two_sided(0.0, 4) == 1.0
    assert student_t_two_sided(-math.inf, 4) == 0.0
    for t, df in ((math.nan, 4), (1.0, 0.0), (1.0, math.nan), (1.0, math.inf)):
        with pytest.raises(ValueError):
            student_t_two_sided(t, df)


# Pearson


@pytest.mark.parametrize(
    ("reference", "current", "statistic", "p"),
    [
        ((10, 10, 20), (20, 20, 20), 2.7777777777777777, 0.24935220877729622),
        (
            (16, 18, 16, 14, 12, 12),
            (16, 16, 16, 16, 16, 8),
            1.6224089635854342,
            0.8985262394026607,
        ),
    ],
)
def test_published_pearson(reference, current, statistic, p):
    result = pearson_two_sample(reference, current)
    assert (result.dof, result.pooled) == (len(reference) - 1, 0)
    assert (result.statistic, result.pvalue) == pytest.approx((statistic, p), rel=1e-14)


@given(st.lists(st.tuples(st.integers(10, 500), st.integers(10, 500)), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_pearson_equals_scipy(cells):
    reference, current = np.array(cells).T
    result = pearson_two_sample(reference, current, minimum_expected=0.0)
    expected = stats.chi2_contingency([reference, current], correction=False)
    assert (result.dof, result.pooled) == (expected.dof, 0)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-11, abs=1e-12)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-9, abs=SMALLEST)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 40)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200, deadline=None)
def test_pearson_knows_no_order_of_cells_or_sides(cells, random):
    reference, current = np.array(cells).T
    expected = pearson_two_sample(reference, current)
    random.shuffle(cells)
    reference, current = np.array(cells).T
    assert pearson_two_sample(reference, current) == expected
    assert pearson_two_sample(current, reference) == expected


def pearson_of(cells, pooled):
    """scipy's answer for cells that the test pooled by hand."""
    expected = stats.chi2_contingency(np.array(cells).T, correction=False)
    return pytest.approx((expected.statistic, expected.dof, expected.pvalue, pooled), rel=1e-12)


def as_tuple(result):
    return result.statistic, result.dof, result.pvalue, result.pooled


def test_small_cells_become_one_rest():
    result = pearson_two_sample([50, 40, 4, 3, 2, 1, 0], [30, 60, 1, 2, 3, 4, 0])
    assert as_tuple(result) == pearson_of([(50, 30), (40, 60), (10, 10)], 4)


def test_a_small_rest_joins_the_smallest_cell():
    result = pearson_two_sample([50, 40, 20, 1], [30, 60, 30, 2])
    assert as_tuple(result) == pearson_of([(50, 30), (40, 60), (21, 32)], 2)


@pytest.mark.parametrize(
    ("cells", "pooled"),
    [
        ([(50, 50), (20, 30), (30, 20), (0, 3)], [(50, 50), (20, 30), (30, 23)]),
        ([(50, 50), (0, 30), (1, 29), (2, 0)], [(50, 50), (2, 30), (1, 29)]),
    ],
)
def test_of_equally_small_cells_the_rest_joins_the_one_that_leaves_less(cells, pooled):
    result = pearson_two_sample(*zip(*cells, strict=True))
    assert as_tuple(result) == pearson_of(pooled, 2)


def test_an_expected_count_of_exactly_the_minimum_stands():
    assert pearson_two_sample([5, 15], [5, 15]).pooled == 0
    assert pearson_two_sample([5, 15], [5, 16]).pooled == 2


def test_a_lone_large_cell_is_compared_from_fifty_rows_a_side():
    assert pearson_two_sample([49, 1], [50, 0]).exact
    assert pearson_two_sample([48, 1], [500, 0]).pvalue is None


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        ([7, 0], [3, 0], PearsonTest(0.0, 0, 1.0, 0)),
        ([1], [1], PearsonTest(0.0, 0, 1.0, 0)),
        ([3, 2, 1], [1, 2, 3], PearsonTest(0.0, 0, None, 3)),
        ([4] * 30, [4] * 30, PearsonTest(0.0, 0, None, 30)),
        ([3, 2], [0, 0], PearsonTest(0.0, 0, None, 0)),
        ([0, 0], [0, 0], PearsonTest(0.0, 0, None, 0)),
        ([], [], PearsonTest(0.0, 0, None, 0)),
    ],
)
def test_pearson_of_too_little(reference, current, expected):
    assert pearson_two_sample(reference, current) == expected


@given(st.integers(30, 5_000), st.integers(30, 5_000), st.floats(0.0, 0.01), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_one_large_cell_has_an_exact_p(n, m, rate, levels):
    rng = np.random.default_rng((n, m, levels))
    shares = [1 - levels * rate, *[rate] * levels]
    reference, current = rng.multinomial(n, shares), rng.multinomial(m, shares)
    result = pearson_two_sample(reference, current)
    assert pearson_two_sample(current, reference) == result
    if not result.exact:
        return
    rest = n - int(reference[0]), m - int(current[0])
    null = stats.hypergeom(n + m, sum(rest), n)
    tail = min(null.sf(rest[0] - 1), null.cdf(rest[0]))
    assert result.pvalue == pytest.approx(min(1.0, 2 * tail), rel=1e-9)
    occupied = int(np.count_nonzero(reference + current))
    assert (result.dof, result.pooled) == (1, occupied - 1 if occupied > 2 else 0)
    table = np.array([[n - rest[0], rest[0]], [m - rest[1], rest[1]]])
    expected = stats.chi2_contingency(table, correction=False).statistic
    assert result.statistic == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rows", [(500, 500), (1_000, 1_000), (10_000, 500), (500, 10_000)])
@pytest.mark.parametrize("rate", [0.0005, 0.001, 0.002, 0.005])
def test_the_exact_p_of_a_rare_level_keeps_its_promise(rows, rate):
    """All tables that one rate gives, by their probability: no simulation."""
    sides = [range(int(stats.binom.isf(1e-6, n, rate)) + 2) for n in rows]
    chances = [stats.binom.pmf(side, n, rate) for side, n in zip(sides, rows, strict=True)]
    told = {0.05: 0.0, 0.01: 0.0}
    for x, y in itertools.product(*sides):
        test = pearson_two_sample([rows[0] - x, x], [rows[1] - y, y])
        for alpha in told:
            rejected = test.exact and test.pvalue <= alpha
            told[alpha] += chances[0][x] * chances[1][y] * rejected
    assert all(chance <= alpha for alpha, chance in told.items()), told


def test_huge_counts_do_not_overflow():
    reference = np.array([1_000_000_000, 2_000_000_000, 3_000_000_000])
    same = pearson_two_sample(reference, 2 * reference)
    assert same == PearsonTest(0.0, 2, 1.0, 0)
    shifted = pearson_two_sample(reference, reference + np.array([10_000, 0, -10_000]))
    assert shifted.statistic == pytest.approx(0.05 + 1 / 60, rel=1e-5)


@pytest.mark.parametrize(
    ("reference", "current"), [([1, 2], [1]), ([[1]], [[1]]), ([0.5], [1]), ([1], [-1])]
)
def test_pearson_refuses_nonsense(reference, current):
    with pytest.raises(ValueError):
        pearson_two_sample(reference, current)


@pytest.mark.parametrize("scale", [1, 1_000, 100_000_000])
def test_likelihood_ratio_is_scipys(scale):
    rng = np.random.default_rng(scale)
    shares = np.full(6, 1 / 6)
    for _ in range(50):
        tables = rng.multinomial(40 * scale, shares), rng.multinomial(90 * scale, shares)
        tables[0][0] = 0
        log = {"lambda_": "log-likelihood", "correction": False}
        expected = stats.chi2_contingency(tables, **log)[1]
        assert likelihood_ratio_sf(*tables) == pytest.approx(expected, rel=1e-9)
        assert likelihood_ratio_sf(*tables) == likelihood_ratio_sf(*reversed(tables))


def test_equal_shares_have_no_likelihood_ratio():
    assert likelihood_ratio_sf([10, 20, 0, 70], [30, 60, 0, 210]) == 1.0


# two rates


def test_published_two_proportions():
    expected = (-1.4078304151258787, 0.15918129181156992)
    assert two_proportion_z(5, 83, 12, 99) == pytest.approx(expected, rel=1e-14)


def test_two_proportions_is_the_root_of_pearson():
    z, p = two_proportion_z(300, 1000, 250, 700)
    pearson = pearson_two_sample([300, 700], [250, 450])
    assert (z * z, p) == pytest.approx((pearson.statistic, pearson.pvalue), rel=1e-12)
    assert two_proportion_z(250, 700, 300, 1000) == (-z, p)


def test_few_cases_on_the_smaller_side_have_the_exact_tail():
    rng = np.random.default_rng(39)
    exact = 0
    for _ in range(400):
        few, many = (int(rows) for rows in rng.integers((1, 500), (300, 90_000)))
        before, after = int(rng.binomial(many, 0.01)), int(rng.binomial(few, 0.1))
        z, p = two_proportion_z(after, few, before, many)
        tail = stats.hypergeom.sf(after - 1, few + many, before + after, few)
        normal = 2 * stats.norm.sf(abs(z))
        if z > 0:
            exact += tail > normal
            assert p == pytest.approx(max(tail, normal), rel=1e-9)
        assert two_proportion_z(many - before, many, few - after, few)[1] == pytest.approx(p)
    assert exact > 100


def test_two_large_sides_have_the_normal_tail():
    z, p = two_proportion_z(101_000, 10_000_000, 100_000, 10_000_000)
    assert p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)


def test_two_proportions_without_variance_or_with_huge_counts():
    assert two_proportion_z(0, 10, 0, 99) == (0.0, 1.0)
    assert two_proportion_z(10, 10, 99, 99) == (0.0, 1.0)
    rows = np.int64(4_000_000_000)
    z, _ = two_proportion_z(rows // 2, rows, rows // 2 + 44_721, rows)
    assert z == pytest.approx(-1.0, rel=1e-3)


@pytest.mark.parametrize("arguments", [(1, 0, 1, 2), (3, 2, 1, 2), (-1, 2, 1, 2), (0, 2, 0, 0)])
def test_two_proportions_refuses_nonsense(arguments):
    with pytest.raises(ValueError):
        two_proportion_z(*arguments)
