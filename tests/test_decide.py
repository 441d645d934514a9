from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from driftcli.decide import Check, adjust, decide
from driftcli.model import DecisionPolicy, MethodResult, Skip, Standing, Status, Threshold

OK, CHANGED, UNCERTAIN = Status.OK, Status.CHANGED, Status.UNCERTAIN
NOT_EVALUATED, DRIFT = Status.NOT_EVALUATED, Status.DRIFT


def result(effect=0.2, pvalue=0.001, *, method="ks", rows=100, bound=0.0, interval=None, skip=None):
    counts = rows if isinstance(rows, tuple) else (rows, rows)
    return MethodResult(method, effect, effect, pvalue, *counts, bound, interval, skip=skip)


def check(*args, threshold=0.1, **settings):
    limit = None if threshold is None else Threshold(threshold)
    return Check("c", result(*args, **settings), limit, "effect")


def status(one, **policy):
    (decision,) = decide([one], DecisionPolicy(**policy))
    return decision.status


@pytest.mark.parametrize(
    ("effect", "pvalue", "evident", "threshold"),
    [
        (0.2, 0.001, DRIFT, DRIFT),
        (0.2, 0.5, UNCERTAIN, DRIFT),
        (0.2, 0.05, UNCERTAIN, DRIFT),
        (0.2, None, UNCERTAIN, DRIFT),
        (0.1, 0.001, CHANGED, CHANGED),
        (0.05, 0.001, CHANGED, CHANGED),
        (0.05, 0.5, OK, OK),
        (0.05, None, OK, OK),
        (0.0, 1.0, OK, OK),
        (math.inf, 0.0, DRIFT, DRIFT),
    ],
)
def test_status_by_effect_and_pvalue(effect, pvalue, evident, threshold):
    assert status(check(effect, pvalue)) is evident
    assert status(check(effect, pvalue), rule="threshold") is threshold


@pytest.mark.parametrize(
    ("before", "after", "limit"),
    [(0.8, 0.7, 0.1), (0.7, 0.8, 0.1), (0.5, 0.6, 0.1), (0.2, 0.1, 0.1), (0.5, 0.55, 0.05),
     (0.9, 0.85, 0.05), (0.85, 0.8, 0.05), (0.99, 0.98, 0.01), (0.999, 0.996, 0.003)],
)  # fmt: skip
def test_a_threshold_that_is_met_exactly_is_not_exceeded(before, after, limit):
    met = check(abs(before - after), 0.001, threshold=limit, interval=(abs(before - after), 1.0))
    for rule in ("evident", "threshold", "certain"):
        assert status(met, rule=rule) is CHANGED, rule
        assert status(replace(met, threshold=Threshold(limit - 1e-9)), rule=rule) is DRIFT
    bounded = check(abs(before - after) / 2, 0.5, bound=abs(before - after) / 2, threshold=limit)
    assert status(bounded) is OK


@pytest.mark.parametrize(
    ("effect", "pvalue", "interval", "expected"),
    [
        (0.2, 0.001, (0.15, 0.25), DRIFT),
        (0.2, 0.001, (0.1, 0.3), UNCERTAIN),
        (0.2, 0.001, (0.05, 0.35), UNCERTAIN),
        (0.2, 0.001, None, UNCERTAIN),
        # the interval has the word, whatever the p-value
        (0.2, None, (0.15, 0.25), DRIFT),
        (0.05, 0.001, (0.02, 0.08), CHANGED),
        (0.05, 0.5, (0.0, 0.3), OK),
    ],
)
def test_certain_asks_for_the_lower_bound(effect, pvalue, interval, expected):
    assert status(check(effect, pvalue, interval=interval), rule="certain") is expected


@pytest.mark.parametrize(
    ("effect", "pvalue", "expected"),
    [(0.0, 0.049, DRIFT), (0.9, 0.05, OK), (0.9, 0.2, OK), (0.9, None, OK)],
)
def test_the_threshold_rule_flags_chi_square_by_its_pvalue(effect, pvalue, expected):
    assert status(check(effect, pvalue, method="chi2"), rule="threshold") is expected
    if pvalue is not None and effect:
        assert status(check(effect, pvalue, method="chi2")) is UNCERTAIN


def test_alpha_moves_the_line():
    assert status(check(0.2, 0.03), alpha=0.05) is DRIFT
    assert status(check(0.2, 0.03), alpha=0.01) is UNCERTAIN


@pytest.mark.parametrize(
    ("effect", "pvalue", "bound", "expected"),
    [
        (0.08, 0.5, 0.01, OK),
        (0.08, 0.5, 0.03, UNCERTAIN),
        (0.08, 0.001, 0.03, UNCERTAIN),
        (0.08, 0.001, 0.02, CHANGED),
        (0.11, 0.001, 0.5, DRIFT),
    ],
)
def test_an_effect_whose_bound_straddles_the_threshold_is_uncertain(
    effect, pvalue, bound, expected
):
    # 0.08 + 0.02 is 0.1 in floats too
    assert status(check(effect, pvalue, bound=bound)) is expected
    if bound < 0.5:
        found = status(check(effect, pvalue, bound=bound, interval=(0.0, 0.2)), rule="certain")
        assert found is expected


@pytest.mark.parametrize("rule", ["evident", "threshold", "certain"])
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((29, 100), "29 rows with a value in the reference, minimum 30"),
        ((100, 29), "29 rows with a value in current, minimum 30"),
        ((12, 12), "12 rows with a value in current, minimum 30"),
    ],
)
def test_too_few_rows_are_not_evaluated(rule, rows, reason):
    one = check(0.9, 0.0, rows=rows, interval=(0.8, 1.0))
    (decision,) = decide([one], DecisionPolicy(rule))
    assert decision.status is NOT_EVALUATED
    assert decision.reason == reason
    assert decision.blocking
    assert (decision.result.effect, decision.pvalue_adjusted) == (None, None)


def test_enough_rows_are_evaluated():
    assert status(check(rows=30)) is DRIFT
    assert status(check(rows=12), min_rows=12) is DRIFT


@pytest.mark.parametrize(("harmless", "blocking"), [(True, False), (False, True)])
@pytest.mark.parametrize("rule", ["evident", "threshold", "certain"])
def test_a_skip_keeps_its_reason(rule, harmless, blocking):
    skipped = check(None, None, skip=Skip("a reason", harmless))
    (decision,) = decide([skipped], DecisionPolicy(rule))
    assert (decision.status, decision.reason) == (NOT_EVALUATED, "a reason")
    assert decision.blocking is blocking


def test_a_skip_of_few_rows_keeps_its_own_reason():
    (decision,) = decide([check(None, None, rows=3, skip=Skip("own"))], DecisionPolicy())
    assert decision.reason == "own"


def test_no_effect_is_not_evaluated():
    (decision,) = decide([check(None, 0.001)], DecisionPolicy())
    assert (decision.status, decision.blocking) == (NOT_EVALUATED, True)
    assert decision.reason == "no effect could be computed"


@pytest.mark.parametrize("rule", ["evident", "threshold", "certain"])
def test_nan_never_meets_a_threshold(rule):
    nan = math.nan
    assert status(check(nan, 0.0, interval=(nan, nan)), rule=rule) is not DRIFT
    assert status(check(0.2, nan, interval=(nan, nan)), rule="evident") is not DRIFT


@pytest.mark.parametrize("rule", ["evident", "threshold", "certain"])
def test_without_a_threshold_a_check_informs_only(rule):
    one, other = check(0.9, 0.0, threshold=None, interval=(0.8, 1.0)), check(0.2, 0.04)
    found = decide([one, other], DecisionPolicy(rule))
    assert (found[0].status, found[0].pvalue_adjusted) == (OK, None)
    # and it is no part of the correction
    assert found[1].pvalue_adjusted == 0.04


def test_skipped_checks_are_no_part_of_the_correction():
    checks = [check(0.2, 0.03), check(0.2, 0.0, rows=3), check(None, None, skip=Skip("why"))]
    found = decide(checks, DecisionPolicy())
    assert [d.pvalue_adjusted for d in found] == [0.03, None, None]
    assert [d.status for d in found] == [DRIFT, NOT_EVALUATED, NOT_EVALUATED]


def test_many_checks_are_corrected_together():
    checks = [check(0.2, 0.02), check(0.2, 0.001), check(0.01, 0.9)]
    holm = decide(checks, DecisionPolicy())
    assert [d.pvalue_adjusted for d in holm] == pytest.approx([0.04, 0.003, 0.9], abs=1e-15)
    assert [d.status for d in holm] == [DRIFT, DRIFT, OK]
    many = decide(checks + [check(0.01, 0.5)] * 10, DecisionPolicy())
    assert [d.status for d in many[:2]] == [UNCERTAIN, DRIFT]
    none = decide(checks + [check(0.01, 0.5)] * 10, DecisionPolicy(correction="none"))
    assert [d.pvalue_adjusted for d in none[:2]] == [0.02, 0.001]
    assert none[0].status is DRIFT


def test_order_and_columns_are_kept():
    checks = [Check(name, result(), Threshold(0.1), "e") for name in "bac"]
    found = decide(checks, DecisionPolicy())
    assert [d.column for d in found] == ["b", "a", "c"]
    assert {d.pvalue_from for d in found} == {"rows"}
    assert [d.threshold for d in found] == [Threshold(0.1)] * 3


def test_nothing_to_judge():
    assert decide([], DecisionPolicy()) == []


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (check(0.2, 0.001), "effect 0.2 > 0.1"),
        (check(0.2, 0.5), "effect 0.2 against 0.1 may be chance (p 0.5)"),
        (check(0.2, None), "effect 0.2 against 0.1 may be chance"),
        (check(0.05, 0.001), "effect 0.05 is real (p 0.001) but within 0.1"),
        (check(0.05, 0.5), "effect 0.05 within 0.1"),
        (check(0.05, 0.5, threshold=None), "effect 0.05"),
        (
            check(0.0625, 0.5, bound=0.0625),
            "effect 0.0625 at least and 0.125 at most, which 0.1 lies between",
        ),
        (
            check(0.1, 0.5, bound=0.025),
            "effect 0.1 at least and 0.125 at most, which 0.1 lies between",
        ),
    ],
)
def test_reasons_name_effect_and_threshold(one, reason):
    (decision,) = decide([one], DecisionPolicy())
    assert decision.reason == reason


def test_one_row_is_told_in_the_singular():
    (decision,) = decide([check(rows=(1, 100))], DecisionPolicy())
    assert decision.reason == "1 row with a value in the reference, minimum 30"


def test_few_rows_of_a_check_without_a_threshold_are_no_fault():
    (decision,) = decide([check(rows=3, threshold=None)], DecisionPolicy())
    assert (decision.status, decision.blocking) == (NOT_EVALUATED, False)


def test_what_is_not_evaluated_shows_no_interval():
    one = check(0.9, 0.0, rows=3, interval=(0.8, 1.0))
    (decision,) = decide([one], DecisionPolicy())
    assert (decision.result.pvalue, decision.result.interval) == (None, None)


def test_a_stored_number_needs_no_rows_but_current_does():
    fixed = replace(result(rows=(0, 100)), details={"baseline": "fixed"})
    assert status(replace(check(), result=fixed)) is DRIFT
    (decision,) = decide([replace(check(), result=replace(fixed, n_current=29))], DecisionPolicy())
    assert decision.reason == "29 rows with a value in current, minimum 30"
    sample = replace(result(rows=(0, 100)), details={"baseline": "rows"})
    assert status(replace(check(), result=sample)) is NOT_EVALUATED


def test_an_effect_that_is_no_number_is_told():
    (decision,) = decide([check(math.nan, 0.0)], DecisionPolicy())
    assert decision.reason == "the effect is not a number"
    assert (decision.result.effect, decision.result.pvalue) == (None, None)
    assert (decision.pvalue_adjusted, decision.blocking) == (None, True)


def usual(one, pvalue, joint=None, *, larger_than=97, of=100, needed=20):
    """The same check where p-values come from the windows of the reference."""
    standing = Standing(pvalue, larger_than, of, "days of the reference", "a day", needed)
    return replace(one, standing=standing, joint_pvalue=joint)


@pytest.mark.parametrize(
    ("one", "expected", "reason"),
    [
        (
            usual(check(0.2, 0.9), 0.01, 0.03),
            DRIFT,
            "effect 0.2 > 0.1, larger than 97 of 100 days of the reference",
        ),
        (
            usual(check(0.2, 0.0), 0.01, 0.3),
            UNCERTAIN,
            "effect 0.2 is usual for a day: larger than 97 of 100 days of the reference",
        ),
        (
            usual(check(0.05, 0.9), 0.01, 0.03),
            CHANGED,
            "effect 0.05 within 0.1, though larger than 97 of 100 days of the reference",
        ),
        (usual(check(0.05, 0.0), 0.01, 0.3), OK, "effect 0.05 within 0.1"),
        (
            usual(check(0.0625, 0.0, bound=0.0625), 0.5, 0.5),
            UNCERTAIN,
            "effect 0.0625 at least and 0.125 at most, which 0.1 lies between",
        ),
    ],
)
def test_among_windows_their_pvalue_decides_and_not_that_of_rows(one, expected, reason):
    (decision,) = decide([one], DecisionPolicy())
    assert (decision.status, decision.reason) == (expected, reason)
    assert (decision.pvalue_from, decision.pvalue_adjusted) == ("windows", one.joint_pvalue)
    assert decision.standing == one.standing


def test_a_window_without_a_joint_pvalue_is_no_drift():
    (decision,) = decide([usual(check(), 0.01)], DecisionPolicy())
    assert (decision.pvalue_adjusted, decision.status) == (1.0, UNCERTAIN)


def test_no_pvalue_among_windows_is_no_part_of_the_correction():
    checks = [usual(check(), None, 0.01), usual(check(), 0.04, 0.04)]
    for correction in ("holm", "bh", "none"):
        found = decide(checks, DecisionPolicy(correction=correction))
        assert [d.pvalue_adjusted for d in found] == [None, 0.04]


def test_rows_and_windows_are_corrected_apart():
    checks = [usual(check(), 0.04, 0.2), check(0.2, 0.03), usual(check(), 0.01, 0.1)]
    expected = {"holm": [0.2, 0.03, 0.1], "bh": [0.04, 0.03, 0.02], "none": [0.04, 0.03, 0.01]}
    for correction, pvalues in expected.items():
        found = decide(checks, DecisionPolicy(correction=correction))
        assert [d.pvalue_adjusted for d in found] == pytest.approx(pvalues, rel=1e-14)


def test_too_few_windows_are_not_evaluated():
    one = usual(check(0.2, 0.0, interval=(0.1, 0.3)), 0.05, 0.05, of=19)
    (decision,) = decide([one], DecisionPolicy())
    assert decision.status is NOT_EVALUATED
    assert decision.reason == "19 days of the reference to compare with, alpha 0.05 takes 20"
    found = decision.result
    assert (found.effect, found.pvalue, found.interval) == (None, None, None)
    assert decision.pvalue_adjusted is None
    assert decision.blocking


def test_few_windows_are_enough_where_no_pvalue_is_asked_for():
    one = usual(check(), 0.05, 0.01, of=19)
    assert status(one, rule="threshold") is DRIFT
    assert status(replace(one, threshold=None)) is OK
    assert status(usual(check(), 0.05, 0.01, of=20)) is DRIFT


def test_certain_asks_windows_too():
    """The interval takes rows as independent, and so knows nothing of usual days."""
    one = check(0.2, 0.001, interval=(0.15, 0.25))
    assert status(usual(one, 0.01, 0.03), rule="certain") is DRIFT
    assert status(usual(one, 0.01, 0.3), rule="certain") is UNCERTAIN


pvalues = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 1.0])), max_size=20)


@given(pvalues)
def test_bh_equals_scipy(values):
    if values:
        expected = stats.false_discovery_control(values, method="bh")
        assert adjust(values, "bh") == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-300)


@given(pvalues)
def test_holm_by_its_definition(values):
    """The largest of p_(j) (n - j + 1) over all j that are not above, cut at 1."""
    n, ordered = len(values), sorted(values)
    expected = [
        min(1.0, max(p * (n - j) for j, p in enumerate(ordered[: ordered.index(value) + 1])))
        for value in values
    ]
    found = adjust(values, "holm")
    # of tied values the first in order sets the bar; those after it ask for no less
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(pvalues)
def test_adjusting_never_makes_a_pvalue_smaller(values):
    for correction in ("holm", "bh", "none"):
        found = adjust(values, correction)
        # p n / n may come back one rounding below p
        assert all(p <= q * (1 + 1e-15) <= 1 + 1e-15 for p, q in zip(values, found, strict=True))
    assert adjust(values, "none") == values
    harder = zip(adjust(values, "holm"), adjust(values, "bh"), strict=True)
    assert all(holm >= bh or holm == pytest.approx(bh, rel=1e-12) for holm, bh in harder)
