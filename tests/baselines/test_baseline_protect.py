"""With a least number of rows nothing that is told apart has fewer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.baselines.file import load
from driftcli.baselines.protect import joined, protected
from driftcli.config import Config, Performance
from driftcli.errors import DriftcliError
from driftcli.methods.distance import distance
from driftcli.pipeline.baseline import create_baseline
from driftcli.pipeline.columns import check_features
from driftcli.summaries.categorical import CategoricalFold, CategoricalSummary
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.numeric import NumericSummary, summarise


def numbers(values: Any) -> NumericSummary:
    rows = Multiset(np.sort(np.asarray(values)))
    return summarise(rows, Grid.of(rows), keep=True)


def cells(summary: NumericSummary) -> list[int]:
    """Rows of every open bucket and at every edge."""
    ends = np.column_stack((summary.below, summary.upto)).ravel()
    return np.diff(ends, prepend=0, append=summary.count).tolist()


def distance_of(reference: np.ndarray, current: np.ndarray) -> float:
    """D, by looking at every value."""
    points = np.concatenate((reference, current))
    sides = [
        np.searchsorted(np.sort(side), points, "right") / len(side) for side in (reference, current)
    ]
    return float(np.abs(sides[0] - sides[1]).max())


VALUES = st.lists(st.integers(-5, 60), min_size=8, max_size=200)


@settings(max_examples=150, deadline=None)
@given(VALUES, VALUES, st.integers(1, 30), st.booleans())
def test_no_cell_has_fewer_rows_and_the_bound_of_d_holds(
    before: list[int], after: list[int], least: int, whole: bool
) -> None:
    kind = np.int64 if whole else np.float64
    reference, current = np.array(before, dtype=kind), np.array(after, dtype=kind) + kind(3)
    try:
        kept = protected(numbers(reference).compact(), least)
    except ValueError:
        assert least > 1
        return
    assert isinstance(kept, NumericSummary)
    assert all(rows == 0 or rows >= least for rows in cells(kept))
    assert kept.bin_counts().sum() == len(reference)
    assert all(rows == 0 or rows >= least for rows in kept.bin_counts().tolist())
    assert (kept.minimum, kept.maximum) == (kept.grid.edges[0], kept.grid.edges[-1])
    now = joined(summarise(Multiset(np.sort(current)), kept.grid), kept)
    assert isinstance(now, NumericSummary)
    found = distance(kept, now)
    assert found.lower <= distance_of(reference, current) + 1e-12
    assert found.upper >= distance_of(reference, current) - 1e-12


def test_the_largest_value_of_few_rows_is_not_told() -> None:
    values = np.random.default_rng(1).normal(size=5000)
    kept = protected(numbers(values), 20)
    assert isinstance(kept, NumericSummary)
    assert kept.maximum is not None
    assert np.count_nonzero(values > kept.maximum) >= 20
    assert np.count_nonzero(values <= kept.grid.edges[0]) >= 20
    assert len(kept.grid.cuts.points) == 9
    assert kept.bin_counts().tolist() == numbers(values).bin_counts().tolist()


def test_frequent_values_stay_apart() -> None:
    values = np.concatenate((np.zeros(500), np.random.default_rng(1).normal(size=500)))
    kept = protected(numbers(values), 10)
    assert isinstance(kept, NumericSummary)
    at = int(np.searchsorted(kept.grid.edges, 0.0))
    assert kept.grid.edges[at] == 0.0
    assert kept.upto[at] - kept.below[at] == 500


def words(**counts: int) -> CategoricalSummary:
    fold = CategoricalFold()
    fold.add(counts, 3)
    return fold.finish()


def test_rare_categories_lose_their_names() -> None:
    kept = protected(words(a=100, b=50, c=9, d=2, e=1), 10)
    assert kept == CategoricalSummary(162, 3, {"a": 100, "b": 50}, unnamed=3)
    assert isinstance(kept, CategoricalSummary)
    assert (kept.other, kept.distinct) == (12, 5)


def test_the_rest_has_rows_enough_as_well() -> None:
    kept = protected(words(a=100, b=50, c=9), 10)
    assert kept == CategoricalSummary(159, 3, {"a": 100}, unnamed=2)
    assert protected(words(a=100, b=50), 10) == words(a=100, b=50)


def test_groups_of_labels_are_joined_until_they_have_rows_enough() -> None:
    fold = CategoricalFold()
    fold.add({f"label {n}": 1 for n in range(100_001)}, 0)
    fold.add({"often": 5000}, 0)
    whole = fold.finish()
    kept = protected(whole, 20)
    assert isinstance(kept, CategoricalSummary)
    assert kept.groups is not None
    assert kept.groups.min() >= 20
    assert len(kept.groups) in (1024, 2048)
    assert kept.groups.sum() == kept.count
    assert kept.distinct == pytest.approx(whole.distinct, rel=1e-4)
    assert kept.smallest is not None
    assert len(kept.smallest) == 1
    assert whole.smallest is not None
    assert kept.smallest[0] not in whole.smallest


ROWS = 3000


def table(seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    rare = [f"person {n}" for n in range(200)]
    return pa.table(
        {
            "x": rng.normal(size=ROWS),
            "n": rng.poisson(4, ROWS),
            "word": rng.choice(["a"] * 500 + ["b"] * 300 + rare, ROWS),
            "click": rng.random(ROWS) < 0.3,
            "score": rng.random(ROWS),
        }
    )


def test_the_file_names_nothing_rare_and_the_verdicts_stay(tmp_path: Path) -> None:
    path = tmp_path / "ref.baseline"
    config = Config(performance=Performance(label="click", score="score"))
    create_baseline(table(1), config, min_count=20).baseline.write(path)
    assert b"person" not in path.read_bytes()
    baseline = load(path)
    assert baseline.min_count == 20
    assert baseline.scored is not None
    assert not baseline.scored.exact
    scores = baseline.scored.summary.cells
    assert (scores.positives + scores.negatives).min() >= 20  # type: ignore[union-attr]
    raw = check_features(table(1), table(2), config)
    stored = check_features(path, table(2), config)
    for name in ("x", "n", "word"):
        exact, thinned = raw.features[name], stored.features[name]
        assert [c.status for c in exact.checks] == [c.status for c in thinned.checks]
        assert thinned.reference is not None
        assert thinned.reference.mean == exact.reference.mean  # type: ignore[union-attr]
    assert stored.features["word"].new_categories == ()
    assert stored.features["word"].distribution.labels[-1] == "(others)"  # type: ignore[union-attr]
    assert stored.features["x"].check("psi").result == raw.features["x"].check("psi").result  # type: ignore[union-attr]


def test_a_column_of_which_nothing_would_be_left() -> None:
    with pytest.raises(DriftcliError) as caught:
        create_baseline(pa.table({"x": np.arange(30.0)}), Config(), min_count=20)
    assert str(caught.value).endswith(
        "column 'x': no value parts 20 rows from 20 others."
        " leave it out with --exclude, or ask for a smaller --min-count"
    )


def test_a_change_in_what_has_no_name_is_seen(tmp_path: Path) -> None:
    before = pa.table({"word": ["a"] * 500 + [f"rare {n % 90}" for n in range(100)]})
    after = pa.table({"word": ["a"] * 200 + [f"new {n % 7}" for n in range(400)]})
    path = tmp_path / "ref.baseline"
    create_baseline(before, Config(), min_count=10).baseline.write(path)
    found = check_features(path, after, Config()).features["word"]
    assert found.drifted
    assert found.check("chi2").result.details["tvd"] == pytest.approx(0.5)  # type: ignore[union-attr]
    assert found.distribution is not None
    assert found.distribution.labels == ("a", "(others)")
    assert found.distribution.current == (200, 400)
