"""Summaries of labels and scores: exact, and the same for any order and any split of the rows."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from driftcli.errors import DataError
from driftcli.summaries.scored import (
    BinarySummary,
    Confusion,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)

ROWS = 400


def binary_columns(rng: np.random.Generator) -> dict[str, Any]:
    score = np.round(rng.beta(2, 5, ROWS), 2)
    score[:40] = rng.random(40)
    return {"label": rng.random(ROWS) < score, "score": score, "prediction": score > 0.3}


def multiclass_columns(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "label": rng.integers(0, 3, ROWS),
        "prediction": rng.integers(0, 3, ROWS),
        "probabilities": rng.dirichlet([1, 1, 1], ROWS),
    }


def regression_columns(rng: np.random.Generator) -> dict[str, Any]:
    return {"label": np.round(rng.normal(size=ROWS), 1), "prediction": rng.normal(size=ROWS)}


def ranking_columns(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "group": rng.choice(["q1", "q2", "a-long-one", "ä"], ROWS),
        "relevance": rng.integers(0, 4, ROWS).astype(float),
        "score": np.round(rng.random(ROWS), 1),
    }


def multiclass(**columns: Any) -> MulticlassSummary:
    return MulticlassSummary.from_arrays(["cat", "ant", "bee"], **columns)


KINDS: dict[str, tuple[Any, Any]] = {
    "binary": (BinarySummary.from_arrays, binary_columns),
    "multiclass": (multiclass, multiclass_columns),
    "regression": (RegressionSummary.from_arrays, regression_columns),
    "ranking": (RankingSummary.from_arrays, ranking_columns),
}


def bits(value: Any) -> Any:
    """Everything in a summary, down to the last bit."""
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, tuple):
        return tuple(bits(item) for item in value)
    if is_dataclass(value):
        return tuple(bits(getattr(value, field.name)) for field in fields(value))
    return value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_order_and_split_change_no_bit(kind: str, seed: int) -> None:
    build, make = KINDS[kind]
    rng = np.random.default_rng(seed)
    columns = make(rng)
    whole = bits(build(**columns))
    order = rng.permutation(ROWS)
    shuffled = {name: column[order] for name, column in columns.items()}
    assert bits(build(**shuffled)) == whole
    cuts = np.sort(rng.integers(0, ROWS, 5))  # empty parts may occur
    parts = [
        build(**{name: column[rows] for name, column in shuffled.items()})
        for rows in np.split(np.arange(ROWS), cuts)
    ]
    assert bits(parts[0].merge(*parts[1:])) == whole
    folded = parts[-1]
    for part in reversed(parts[:-1]):
        folded = folded.merge(part)
    assert bits(folded) == whole


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_is_neutral(kind: str) -> None:
    build, make = KINDS[kind]
    columns = make(np.random.default_rng(0))
    empty = build(**{name: column[:0] for name, column in columns.items()})
    whole = build(**columns)
    assert empty.rows == 0
    assert empty.merge(empty).rows == 0
    assert bits(empty.merge(whole)) == bits(whole.merge(empty)) == bits(whole)


def test_binary_cells_and_counts() -> None:
    summary = BinarySummary.from_arrays(
        np.array([True, False, True, False, True]),
        np.array([0.5, 0.5, -0.0, 0.0, np.inf]),
        np.array([True, True, False, False, False]),
    )
    assert summary.cells is not None
    assert summary.cells.scores.tolist() == [0.0, 0.5, np.inf]
    assert not np.signbit(summary.cells.scores[0])
    assert summary.cells.positives.tolist() == [1, 1, 1]
    assert summary.cells.negatives.tolist() == [1, 1, 0]
    assert summary.decisions == Confusion(tp=1, fp=1, fn=2, tn=1)
    assert summary.cells.confusion(0.5) == Confusion(tp=2, fp=1, fn=1, tn=1)
    assert (summary.positives, summary.negatives, summary.rows) == (3, 2, 5)
    with pytest.raises(ValueError, match="read-only"):
        summary.cells.scores[0] = 1.0


def test_confusion_prefers_the_prediction_column() -> None:
    label = np.array([True, False])
    both = BinarySummary.from_arrays(label, np.array([0.9, 0.8]), np.array([False, False]))
    assert both.confusion(0.5) == Confusion(0, 0, 1, 1)
    assert BinarySummary.from_arrays(label, np.array([0.9, 0.8])).confusion(0.5) == Confusion(
        1, 1, 0, 0
    )
    assert BinarySummary.from_arrays(label).confusion(0.5) is None


def test_score_moments() -> None:
    score = np.array([0.1, 0.4, 0.4, 0.9])
    summary = BinarySummary.from_arrays(score > 0.3, score)
    mean, std = summary.score_moments()
    assert mean == pytest.approx(score.mean(), rel=1e-15)
    assert std == pytest.approx(score.std(ddof=1), rel=1e-15)
    one = BinarySummary.from_arrays(np.array([True]), np.array([0.5]))
    assert one.score_moments() == (0.5, None)
    odd = BinarySummary.from_arrays(np.array([True]), np.array([np.inf]))
    assert odd.score_moments() == (None, None)
    assert BinarySummary.from_arrays(np.array([True])).score_moments() == (None, None)


def test_multiclass_sorts_classes_and_takes_the_likeliest() -> None:
    summary = MulticlassSummary.from_arrays(
        ["b", "a"],
        np.array([0, 1, 1]),
        probabilities=np.array([[0.9, 0.1], [0.5, 0.5], [0.8, 0.3]]),
    )
    assert summary.classes == ("a", "b")
    # the tied row goes to the first class by alphabet
    assert summary.confusion.tolist() == [[1, 1], [0, 1]]
    assert summary.unnormalised == 1
    assert summary.cells is not None
    assert summary.cells[0].scores.tolist() == [0.1, 0.3, 0.5]
    assert summary.cells[0].positives.tolist() == [0, 1, 1]


def test_multiclass_merges_other_classes() -> None:
    first = MulticlassSummary.from_arrays(["a", "c"], np.array([0, 1]), np.array([1, 1]))
    second = MulticlassSummary.from_arrays(["b", "c"], np.array([0, 1]), np.array([0, 0]))
    merged = first.merge(second)
    assert merged.classes == ("a", "b", "c")
    assert merged.confusion.tolist() == [[0, 0, 1], [0, 1, 0], [0, 1, 1]]


def test_ranking_sorts_rows() -> None:
    summary = RankingSummary.from_arrays(
        np.array([2, 1, 2, 2]), np.array([0.0, 1.0, 3.0, 1.0]), np.array([0.5, 0.1, 0.5, 0.9])
    )
    assert summary.groups.tolist() == [1, 2]
    assert summary.group.tolist() == [0, 1, 1, 1]
    assert summary.score.tolist() == [0.1, 0.9, 0.5, 0.5]
    assert summary.relevance.tolist() == [1.0, 1.0, 3.0, 0.0]


BOTH = np.array([True, False])
ONES = np.ones(2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BinarySummary.from_arrays(BOTH, np.array([0.1, np.nan])), "scores hold NaN"),
        (lambda: BinarySummary.from_arrays(BOTH, np.ones(3)), "different length"),
        (
            lambda: BinarySummary.from_arrays(BOTH, ONES).merge(BinarySummary.from_arrays(BOTH)),
            "do not merge",
        ),
        (lambda: MulticlassSummary.from_arrays(["a"], np.zeros(2)), "neither predictions nor"),
        (
            lambda: MulticlassSummary.from_arrays(["a", "a"], np.zeros(2), np.zeros(2)),
            "not distinct",
        ),
        (
            lambda: MulticlassSummary.from_arrays(["a"], np.zeros(2), None, np.ones((2, 2))),
            "one column a class",
        ),
        (
            lambda: MulticlassSummary.from_arrays(["a"], np.zeros(1), None, np.ones((1, 1))).merge(
                MulticlassSummary.from_arrays(["b"], np.zeros(1), None, np.ones((1, 1)))
            ),
            "different classes",
        ),
        (
            lambda: MulticlassSummary.from_arrays(["a"], np.zeros(1), None, np.ones((1, 1))).merge(
                MulticlassSummary.from_arrays(["a"], np.zeros(1), np.zeros(1))
            ),
            "with and without",
        ),
        (lambda: RegressionSummary.from_arrays(ONES, ONES[:1]), "different length"),
        (lambda: RankingSummary.from_arrays(ONES, ONES[:1], ONES[:1]), "different length"),
        (lambda: RankingSummary.from_arrays(ONES, ONES[:1], ONES), "different length"),
        (lambda: RankingSummary.from_arrays(ONES, ONES, ONES[:1]), "different length"),
        (
            lambda: RankingSummary.from_arrays(ONES, ONES * np.nan, ONES),
            "relevances hold NaN",
        ),
        (lambda: RankingSummary.from_arrays(ONES, ONES, ONES * np.nan), "scores hold NaN"),
        (
            lambda: MulticlassSummary.from_arrays(["a"], np.zeros(1), np.zeros(2)),
            "different length",
        ),
        (
            lambda: MulticlassSummary.from_arrays(["a"], np.zeros(1), None, np.ones((2, 1))),
            "different length",
        ),
        (
            lambda: MulticlassSummary.from_arrays(
                ["a"], np.zeros(1), None, np.full((1, 1), np.nan)
            ),
            "probabilities hold NaN",
        ),
        (lambda: RegressionSummary.from_arrays(ONES, ONES * np.nan), "predictions hold NaN"),
        (
            lambda: RankingSummary.from_arrays(np.array([1, 2]), ONES, ONES).merge(
                RankingSummary.from_arrays(np.array(["1", "2"]), ONES, ONES)
            ),
            "different kinds",
        ),
    ],
)
def test_misuse_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_ranking_refuses_labels_that_are_no_relevance(wrong: float) -> None:
    with pytest.raises(DataError) as caught:
        RankingSummary.from_arrays(np.array([1, 1]), np.array([1.0, wrong]), ONES)
    assert str(caught.value) == (
        "1 labels are negative or infinite. ranking needs relevances from 0 upwards"
    )


def test_multiclass_refuses_numbers_in_disguise() -> None:
    with pytest.raises(DataError, match="1001 classes"):
        MulticlassSummary.from_arrays([str(i) for i in range(1001)], np.zeros(1), np.zeros(1))
