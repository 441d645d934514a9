"""Binary metrics against scikit-learn, brute force and published numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from driftcli.metrics import METRICS_BY_TASK, Estimate, Options
from driftcli.metrics.ranks import auc, hanley_mcneil_variance, placement_variances
from driftcli.summaries.scored import BinarySummary, ScoreCells

BINARY = METRICS_BY_TASK["binary"]


def estimate(name: str, label: Any, score: Any = None, **more: Any) -> Estimate:
    options = more.pop("options", Options())
    return BINARY[name].estimate(BinarySummary.from_arrays(np.array(label), score, **more), options)


def continuous(rng: np.random.Generator) -> tuple[Any, Any]:
    score = rng.beta(2, 4, 3000)
    return rng.random(3000) < score, score


def tied(rng: np.random.Generator) -> tuple[Any, Any]:
    score = np.round(rng.beta(2, 4, 3000), 1).clip(0.1, 0.9)
    return rng.random(3000) < score, score


def tiny(rng: np.random.Generator) -> tuple[Any, Any]:
    return np.array([True, False, False, True, False]), rng.random(5)


def unbalanced(rng: np.random.Generator) -> tuple[Any, Any]:
    score = rng.beta(0.02, 2, 20000).clip(1e-9)
    return rng.random(20000) < score, score


DATA = {make.__name__: make for make in (continuous, tied, tiny, unbalanced)}
ORACLES = {
    "auc": sk.roc_auc_score,
    "log_loss": lambda y, s: sk.log_loss(y, s, labels=[False, True]),
    "brier": sk.brier_score_loss,
    "average_precision": sk.average_precision_score,
    "ctr": lambda y, s: np.mean(y),
    "accuracy": lambda y, s: sk.accuracy_score(y, s >= 0.5),
    "precision": lambda y, s: sk.precision_score(y, s >= 0.5),
    "recall": lambda y, s: sk.recall_score(y, s >= 0.5),
    "f1": lambda y, s: sk.f1_score(y, s >= 0.5),
    "calibration": lambda y, s: s.sum() / y.sum(),
}


def test_every_metric_has_an_oracle() -> None:
    assert set(ORACLES) == set(BINARY)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_scikit_learn(name: str, data: str) -> None:
    label, score = DATA[data](np.random.default_rng(4))
    result = estimate(name, label, score)
    assert result.value == pytest.approx(float(ORACLES[name](label, score)), rel=1e-12, abs=0)
    assert result.value is not None
    assert result.interval is not None
    assert result.interval[0] < result.value < result.interval[1]
    assert result.standard_error is not None
    assert result.standard_error > 0


def test_published_examples() -> None:
    auc_value = estimate("auc", [False, False, True, True], np.array([0.1, 0.4, 0.35, 0.8])).value
    assert auc_value == 0.75
    brier = estimate("brier", [False, True, True, False], np.array([0.1, 0.9, 0.8, 0.3])).value
    assert brier == pytest.approx(0.0375, rel=1e-15)


def brute_force_delong(label: Any, score: Any) -> tuple[float, float, float]:
    """AUC, s²₁₀ and s²₀₁ from the matrix of all pairs (DeLong, DeLong & Clarke-Pearson 1988)."""
    x, y = score[label], score[~label]
    psi = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    s10, s01 = psi.mean(axis=1).var(ddof=1), psi.mean(axis=0).var(ddof=1)
    return float(psi.mean()), float(s10), float(s01)


@pytest.mark.parametrize("data", ["continuous", "tied", "tiny"])
def test_delong_equals_brute_force(data: str) -> None:
    label, score = DATA[data](np.random.default_rng(8))
    cells = ScoreCells.from_arrays(label, score)
    value, *variances = brute_force_delong(label, score)
    assert auc(cells) == pytest.approx(value, rel=1e-13)
    assert placement_variances(cells, auc(cells)) == pytest.approx(variances, rel=1e-11)


@pytest.mark.parametrize("name", ["auc", "average_precision", "calibration", "f1"])
def test_standard_error_is_near_the_bootstrap(name: str) -> None:
    rng = np.random.default_rng(11)
    score = rng.beta(2, 4, 800)
    label = rng.random(800) < score
    draws = []
    for _ in range(400):
        rows = rng.integers(0, 800, 800)
        draws.append(estimate(name, label[rows], score[rows]).value)
    # the standard deviation of 400 draws is good for 3.5 %, three times that is allowed
    error = estimate(name, label, score).standard_error
    assert error == pytest.approx(np.std(np.array(draws, dtype=float), ddof=1), rel=0.11)


def test_auc_depends_on_order_alone() -> None:
    label, score = tied(np.random.default_rng(1))
    base = estimate("auc", label, score)
    for other in (2 * score, np.exp(score), np.log(score)):
        assert estimate("auc", label, other) == base
    turned = estimate("auc", label, -score)
    assert turned.value == pytest.approx(1 - (base.value or 0), rel=1e-15)
    assert turned.standard_error == pytest.approx(base.standard_error, rel=1e-12)


def test_perfect_auc_has_a_lower_bound() -> None:
    label = np.arange(40) >= 30
    result = estimate("auc", label, np.arange(40.0))
    assert result.value == 1.0
    # ten pairs without a common row all went right: Wilson's bound is n / (n + z²)
    z2 = 1.959963984540054**2
    assert result.interval == pytest.approx((10 / (10 + z2), 1.0), rel=1e-12)
    assert result.standard_error == pytest.approx((z2 / (10 + z2)) / math.sqrt(z2), rel=1e-12)
    worst = estimate("auc", ~label, np.arange(40.0))
    assert worst.value == 0.0
    assert worst.interval == pytest.approx((0.0, z2 / (10 + z2)), rel=1e-12)


def test_auc_without_delong_variance() -> None:
    single = estimate("auc", [True, False, False], np.array([0.5, 0.1, 0.9]))
    assert single.value == 0.5
    assert single.details["variance"] == "hanley-mcneil"
    constant = estimate("auc", [True, True, False, False], np.full(4, 0.3))
    assert constant.value == 0.5
    assert constant.interval is not None
    assert constant.interval[0] < 0.5 < constant.interval[1]


def test_hanley_mcneil_without_discrimination_is_mann_whitneys() -> None:
    # at an area of 1/2 it is the null variance of U / ab, (a + b + 1) / 12ab
    assert hanley_mcneil_variance(0.5, 51, 58) == pytest.approx(110 / (12 * 51 * 58), rel=1e-14)


@pytest.mark.parametrize("name", ["auc", "average_precision"])
@pytest.mark.parametrize(("label", "lacking"), [(True, "negatives"), (False, "positives")])
def test_one_class_only(name: str, label: bool, lacking: str) -> None:
    result = estimate(name, [label] * 3, np.array([0.1, 0.2, 0.3]))
    assert result.value is None
    assert result.skip is not None
    assert (result.skip.reason, result.skip.harmless) == (f"not defined: no {lacking}", False)


def test_one_class_leaves_losses_defined() -> None:
    score = np.array([0.1, 0.2, 0.3])
    expected = sk.log_loss([0, 0, 0], score, labels=[0, 1])
    assert estimate("log_loss", [False] * 3, score).value == pytest.approx(expected, rel=1e-15)
    assert estimate("ctr", [False] * 3, score).value == 0.0
    skip = estimate("calibration", [False] * 3, score).skip
    assert skip is not None
    assert skip.reason == "not defined: no positives"


@pytest.mark.parametrize("name", ["log_loss", "brier", "calibration"])
def test_scores_that_are_no_probabilities(name: str) -> None:
    skip = estimate(name, [True, False, True], np.array([87.2, 0.3, -0.1])).skip
    assert skip is not None
    assert skip.reason == "not defined: 2 scores outside of 0..1"
    assert estimate("auc", [True, False, True], np.array([87.2, 0.3, -0.1])).value == 0.5


def test_log_loss_clips_and_says_so() -> None:
    result = estimate("log_loss", [True, False, True], np.array([0.0, 1.0, 0.5]))
    assert result.details == {"clipped": 2}
    assert result.value == pytest.approx((2 * -math.log(1e-15) + math.log(2)) / 3, rel=1e-15)
    sure = estimate("log_loss", [True, False], np.array([1.0, 0.0]))
    assert (sure.value, sure.details) == (0.0, {"clipped": 0})


def test_perfect_brier_has_an_upper_bound() -> None:
    result = estimate("brier", [True, False], np.array([1.0, 0.0]))
    assert result.value == 0.0
    z2 = 1.959963984540054**2
    assert result.interval == pytest.approx((0.0, z2 / (2 + z2)), rel=1e-12)


@pytest.mark.parametrize("cutoff", [0.1, 0.3, 0.5, 0.7, 0.9, 1e300])
def test_a_score_of_32_bits_at_the_cutoff_is_a_yes(cutoff: float) -> None:
    score = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    label, options = np.array([True, False, True, True, False]), Options(cutoff=cutoff)
    wide, narrow = (
        estimate("accuracy", label, values, options=options)
        for values in (score, score.astype(np.float32))
    )
    assert narrow.value == wide.value
    below = np.nextafter(score, 0.0)
    below[3] = 0.69999998807  # nearly the 0.7 of 32 bits
    under = estimate("accuracy", label, below, options=options)
    assert under.value == np.mean(label == (below >= cutoff))


def test_decisions_come_from_the_prediction_column_or_the_cutoff() -> None:
    label, score = np.array([True, True, False]), np.array([0.4, 0.6, 0.2])
    at = estimate("accuracy", label, score, options=Options(cutoff=0.4))
    assert (at.value, at.details) == (1.0, {"cutoff": 0.4})
    given = estimate("accuracy", label, score, prediction=np.array([False, False, True]))
    assert (given.value, given.details) == (0.0, {})


@pytest.mark.parametrize(
    ("name", "label", "prediction", "reason"),
    [
        ("precision", [True], [False], "no predicted positives"),
        ("recall", [False], [True], "no positives"),
        ("f1", [False], [False], "neither positives nor predicted positives"),
    ],
)
def test_decisions_that_are_not_defined(
    name: str, label: list[bool], prediction: list[bool], reason: str
) -> None:
    skip = estimate(name, label, prediction=np.array(prediction)).skip
    assert skip is not None
    assert (skip.reason, skip.harmless) == (f"not defined: {reason}", False)


def test_without_a_score_only_decisions_and_the_rate() -> None:
    rng = np.random.default_rng(2)
    summary = BinarySummary.from_arrays(rng.random(50) < 0.5, None, rng.random(50) < 0.5)
    results = {name: metric.estimate(summary, Options()) for name, metric in BINARY.items()}
    known = {name for name, result in results.items() if result.value is not None}
    assert known == {"ctr", "accuracy", "precision", "recall", "f1"}
    for name in set(BINARY) - known:
        skip = results[name].skip
        assert skip is not None
        assert (skip.reason, skip.harmless) == ("not defined: no score column", True)


def test_labels_alone_give_the_rate() -> None:
    summary = BinarySummary.from_arrays(np.array([True, False]))
    known = [n for n, m in BINARY.items() if m.estimate(summary, Options()).value is not None]
    assert known == ["ctr"]


def test_f1_error_is_the_multinomial_delta_method() -> None:
    label = np.repeat([True, False, True, False], [30, 12, 8, 50])
    prediction = np.repeat([True, True, False, False], [30, 12, 8, 50])
    result = estimate("f1", label, prediction=prediction)
    tp, wrong = 30.0, 20.0
    below = 2 * tp + wrong
    by_tp, by_wrong = 2 * wrong / below**2, -2 * tp / below**2
    assert result.standard_error == pytest.approx(
        math.sqrt(tp * by_tp**2 + wrong * by_wrong**2), rel=1e-13
    )


def test_calibration_details() -> None:
    score = np.array([0.2, 0.2, 0.7, 0.9, 0.9])
    label = np.array([True, False, True, True, False])
    result = estimate("calibration", label, score)
    assert result.value == pytest.approx(2.9 / 3, rel=1e-15)
    # Spiegelhalter 1986, row by row
    above = ((label - score) * (1 - 2 * score)).sum()
    below = ((1 - 2 * score) ** 2 * score * (1 - score)).sum()
    assert result.details["spiegelhalter_z"] == pytest.approx(above / math.sqrt(below), rel=1e-14)
    # bins .2, .7, .9: |1 - .4| + |1 - .7| + |1 - 1.8| over 5 rows
    assert result.details["ece"] == pytest.approx(1.7 / 5, rel=1e-15)
    assert result.details["expected"] == pytest.approx(2.9, rel=1e-15)


def test_calibration_at_the_ends() -> None:
    skip = estimate("calibration", [True, False], np.zeros(2)).skip
    assert skip is not None
    assert skip.reason == "not defined: every score is 0"
    hard = estimate("calibration", [True, False], np.array([1.0, 0.0]))
    assert hard.value == 1.0
    assert "spiegelhalter_z" not in hard.details


@pytest.mark.parametrize(
    ("name", "label", "score"),
    [
        ("auc", [True] * 3, [0.1, 0.2, 0.3]),
        ("auc", [False] * 3, [0.1, 0.2, 0.3]),
        ("auc", [True, False, True], None),
        ("log_loss", [True, False, True], [0.1, 0.2, 1.3]),
        ("calibration", [False] * 3, [0.1, 0.2, 0.3]),
        ("calibration", [True, False, True], [0.0, 0.0, 0.0]),
        ("accuracy", [True, False, True], None),
    ],
)
def test_a_metric_without_a_value_tells_its_rows(name: str, label: Any, score: Any) -> None:
    result = estimate(name, label, None if score is None else np.array(score))
    assert (result.value, result.n) == (None, 3)


def test_without_score_and_prediction_there_are_no_decisions() -> None:
    for name in ("accuracy", "precision", "recall", "f1"):
        skip = estimate(name, [True, False]).skip
        assert skip is not None
        assert skip.reason == "not defined: neither score nor prediction column"
        assert skip.harmless


def test_clipping_begins_below_its_bound() -> None:
    result = estimate("log_loss", [True, True], np.array([1e-15, 0.5]))
    assert result.details == {"clipped": 0}


def test_two_rows_of_a_class_have_delongs_variance() -> None:
    label, score = np.array([True, False, True, False]), np.array([0.1, 0.2, 0.3, 0.4])
    result = estimate("auc", label, score)
    _, s10, s01 = brute_force_delong(label, score)
    assert result.details == {
        "positives": 2,
        "positives_variance": pytest.approx(s10, rel=1e-12),
        "negatives": 2,
        "negatives_variance": pytest.approx(s01, rel=1e-12),
    }
    assert result.standard_error == pytest.approx(math.sqrt((s10 + s01) / 2), rel=1e-12)


def test_hanley_mcneil_is_the_variance_for_exponential_scores() -> None:
    # positives with mean 4, negatives with mean 1: shares of triples by integration
    rate, a, b = 0.25, 51, 58
    area = 1 / (1 + rate)
    two_above_one = 1 / (1 + 2 * rate)
    one_above_two = 1 - 2 * rate / (rate + 1) + rate / (rate + 2)
    square = area**2
    expected = area * (1 - area) + (a - 1) * (two_above_one - square)
    expected = (expected + (b - 1) * (one_above_two - square)) / (a * b)
    assert hanley_mcneil_variance(area, a, b) == pytest.approx(expected, rel=1e-12)
    # a perfect area varies by nothing, and never by less
    assert hanley_mcneil_variance(1.0, 1, 1) == 0.0


def test_estimates_keep_the_level_asked_for() -> None:
    label, score = continuous(np.random.default_rng(4))
    for name in BINARY:
        wide, narrow = (
            estimate(name, label, score, options=Options(level=level)).interval
            for level in (0.99, 0.9)
        )
        assert wide is not None
        assert narrow is not None
        assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_spiegelhalters_z_has_its_pvalue() -> None:
    score = np.array([0.2, 0.2, 0.7, 0.9, 0.9])
    details = estimate("calibration", [True, False, True, True, False], score).details
    assert set(details) == {
        "expected", "positives", "ece", "spiegelhalter_z", "spiegelhalter_pvalue",
    }  # fmt: skip
    expected = 2 * stats.norm.sf(abs(details["spiegelhalter_z"]))
    assert details["spiegelhalter_pvalue"] == pytest.approx(expected, rel=1e-12)
    assert details["positives"] == 3


def test_the_error_of_a_calibration_ratio_is_the_delta_methods() -> None:
    label, score = continuous(np.random.default_rng(4))
    ratio, share = score.sum() / label.sum(), label.mean()
    error = math.sqrt((((score - ratio * label) / share) ** 2).sum()) / len(label)
    result = estimate("calibration", label, score)
    assert result.standard_error == pytest.approx(error, rel=1e-12)
    reach = stats.norm.isf(0.025) * error / ratio
    ends = (ratio * math.exp(-reach), ratio * math.exp(reach))
    assert result.interval == pytest.approx(ends, rel=1e-12)


def test_average_precision_tells_its_rows_by_class() -> None:
    result = estimate("average_precision", [True, False, True], np.array([0.1, 0.2, 0.3]))
    assert result.details == {"positives": 2, "negatives": 1, "rarest_class": 1}
    assert result.n == 3
