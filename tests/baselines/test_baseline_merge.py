"""Parts on the same edges add up to the whole, whatever the split and the order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftcli.baselines import Baseline
from driftcli.baselines.document import to_document
from driftcli.baselines.file import load
from driftcli.baselines.table import blocks, to_table
from driftcli.config import Columns, Config, Input, Performance
from driftcli.errors import DriftcliError
from driftcli.pipeline.baseline import create_baseline, merge_baselines
from driftcli.pipeline.columns import check_features

ROWS = 4000
SCORED = Config(performance=Performance(label="click", score="score"))


def table(seed: int, rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(seed)
    some = rng.random(rows) < 0.05
    return pa.table(
        {
            "x": pa.array(rng.lognormal(3, 2, rows), mask=some),
            "far": rng.standard_cauchy(rows),
            "n": rng.integers(0, 10**5, rows) + 2**60,
            "few": rng.integers(0, 5, rows),
            "word": rng.choice(["a", "b", "c", "d"], rows, p=[0.6, 0.3, 0.0985, 0.0015]),
            "user": [f"{seed} {n}" for n in range(rows)],
            "score": np.round(rng.random(rows), 3),
            "click": rng.random(rows) < 0.3,
        }
    )


WHOLE = table(2)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.baseline"
    create_baseline(table(1), SCORED).baseline.write(path)
    return path


def content(baseline: Baseline) -> tuple[dict[str, Any], pa.Table]:
    """All but when it was made and of which files."""
    document = to_document(baseline)
    return {**document, "created": "", "sources": []}, to_table(list(blocks(baseline)))


def parts(split: list[pa.Table], folder: Path, config: Config = SCORED, **how: Any) -> list[Path]:
    paths = [folder / f"part{at}.baseline" for at in range(len(split))]
    for path, rows in zip(paths, split, strict=True):
        create_baseline(rows, config, **how).baseline.write(path)
    return paths


def random_split(seed: int) -> list[pa.Table]:
    rng = np.random.default_rng(seed)
    shuffled = WHOLE.take(rng.permutation(ROWS))
    ends = np.sort(rng.integers(100, ROWS - 100, 3)).tolist()
    pieces = [shuffled[a:b] for a, b in zip([0, *ends], [*ends, ROWS], strict=True)]
    return [piece for piece in pieces if piece.num_rows]


@pytest.mark.parametrize("seed", range(4))
def test_any_split_in_any_order_gives_the_whole(seed: int, model: Path, tmp_path: Path) -> None:
    whole = create_baseline(WHOLE, SCORED, edges_of=model).baseline
    paths = parts(random_split(seed), tmp_path, edges_of=model)
    merged = merge_baselines(paths if seed % 2 else paths[::-1])
    assert merged.warnings == ()
    document, rows = content(merged.baseline)
    expected, expected_rows = content(whole)
    assert document == expected
    assert rows.equals(expected_rows)
    assert document["performance"]["metrics"][0]["current"] is not None
    merged.baseline.write(tmp_path / "all.baseline")
    again = content(load(tmp_path / "all.baseline"))
    assert again[0] == expected


def test_more_categories_than_the_cap_merge_as_well(tmp_path: Path) -> None:
    def labels(start: int, end: int) -> pa.Table:
        names = [f"label {n}" for n in range(start, end)] * 3
        return pa.table({"word": pa.array(names + ["often"] * 9000)})

    model = tmp_path / "model.baseline"
    create_baseline(labels(0, 60_000), Config()).baseline.write(model)
    split = [labels(0, 60_000), labels(30_000, 140_000)]
    paths = parts(split, tmp_path, Config(), edges_of=model)
    merged = merge_baselines(paths).baseline
    whole = create_baseline(pa.concat_tables(split), Config(), edges_of=model).baseline
    (document, rows), (expected, expected_rows) = content(merged), content(whole)
    assert document == expected
    assert rows.equals(expected_rows)
    assert expected["columns"][0]["groups"] == 16_384


def test_a_merged_baseline_judges_as_the_rows_do(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.baseline"
    paths = parts(random_split(1), tmp_path, edges_of=model)
    merge_baselines(paths).baseline.write(path)
    raw = check_features(WHOLE, table(3), SCORED)
    stored = check_features(path, table(3), SCORED)
    for name, column in raw.features.items():
        assert column.status == stored.features[name].status
        assert stored.features[name].reference is not None
        if name != "user":
            for method in ("chi2", "missing"):
                assert column.check(method) is None or (
                    column.check(method).result == stored.features[name].check(method).result  # type: ignore[union-attr]
                )
        ks = column.check("ks")
        if ks is not None and ks.result.statistic is not None:
            found = stored.features[name].check("ks").result  # type: ignore[union-attr]
            assert found.statistic <= ks.result.statistic + 1e-12  # type: ignore[operator]
            assert ks.result.statistic <= found.statistic + found.error_bound + 1e-12


def refused(paths: list[Path]) -> str:
    with pytest.raises(DriftcliError) as caught:
        merge_baselines(paths)
    return str(caught.value)


REMEDY = "make all parts with --edges-of one baseline"


def test_parts_on_edges_of_their_own_do_not_merge(tmp_path: Path) -> None:
    one, other = parts([table(1), table(2)], tmp_path)
    assert refused([one, other]) == (
        f"{other}: column 'x': counted on other edges than {one}. {REMEDY}"
    )


def test_parts_of_other_columns_do_not_merge(tmp_path: Path) -> None:
    config = Config(columns=Columns(exclude=("far",)))
    (one,) = parts([table(1)], tmp_path)
    (tmp_path / "b").mkdir()
    (other,) = parts([table(1)], tmp_path / "b", config)
    assert refused([one, other]) == (
        f"{other}: column 'far': other columns or types than {one}. {REMEDY}"
    )


def test_parts_read_otherwise_do_not_merge(model: Path, tmp_path: Path) -> None:
    (one,) = parts([table(1)], tmp_path, edges_of=model)
    (tmp_path / "b").mkdir()
    config = Config(input=Input(null_values=("x",)))
    (other,) = parts([table(1)], tmp_path / "b", config, edges_of=model)
    assert refused([one, other]).startswith(f"{other}: read with other settings than {one}. ")


def test_a_part_that_is_given_twice(model: Path, tmp_path: Path) -> None:
    paths = parts(random_split(1), tmp_path, edges_of=model)
    twice = "so its rows would count twice"
    assert refused([*paths, paths[1]]) == f"{paths[1]}: given twice, {twice}"
    soft, hard = tmp_path / "soft", tmp_path / "hard"
    soft.symlink_to(paths[0])
    hard.hardlink_to(paths[0])
    for link in (soft, hard):
        assert refused([*paths, link]) == f"{link}: the same file as {paths[0]}, {twice}"


def test_a_copy_of_a_part_is_told(model: Path, tmp_path: Path) -> None:
    """No error: small parts may count the same though they are of different data."""
    rows = WHOLE.schema.empty_table().from_pylist([{"word": "a"}], schema=WHOLE.schema)
    one, other, copy = tmp_path / "one", tmp_path / "other", tmp_path / "copy"
    create_baseline(rows, Config(), edges_of=model).baseline.write(one)
    made = create_baseline(rows, Config(), edges_of=model).baseline
    replace(made, created="2026-01-01T00:00:00+00:00", sources=("else",)).write(other)
    copy.write_bytes(one.read_bytes())
    whole = merge_baselines([one, other, copy])
    same = f"counts the same as {one}; if it is a copy, rows count twice"
    assert whole.warnings == (f"{other}: {same}", f"{copy}: {same}")
    assert whole.baseline.summary.row_count == 3


def test_parts_that_leave_rare_things_out_do_not_merge(model: Path, tmp_path: Path) -> None:
    paths = parts(random_split(1), tmp_path, edges_of=model, min_count=5)
    assert refused(paths) == (
        f"{paths[0]}: a part made with --min-count does not merge."
        " make the parts without it, and give it to merge"
    )


def test_what_is_rare_is_left_out_of_the_sum(tmp_path: Path) -> None:
    model = tmp_path / "model.baseline"
    create_baseline(table(1), SCORED, min_count=50).baseline.write(model)
    paths = parts(random_split(1), tmp_path, edges_of=model)
    merged = merge_baselines(paths, min_count=20).baseline
    assert merged.min_count == 20
    word = WHOLE["word"].to_pylist()
    kept = merged.summary.columns["word"]
    assert 0 < word.count("d") < 20
    # c joins d, whose rows alone would be too few
    assert kept.counts == {name: word.count(name) for name in "ab"}  # type: ignore[union-attr]
    assert kept.other == word.count("c") + word.count("d")  # type: ignore[union-attr]
    assert len(merged.summary.columns["x"].grid.edges) > 30  # type: ignore[union-attr]


def test_performance_of_numbers_is_left_out_and_told(tmp_path: Path) -> None:
    settings = Performance(label="x", prediction="far", task="regression")
    config = Config(performance=settings)
    model = tmp_path / "model.baseline"
    create_baseline(table(1), config).baseline.write(model)
    made = merge_baselines(parts(random_split(1), tmp_path, config, edges_of=model))
    assert made.baseline.performance is None
    assert made.warnings == (
        "performance is left out: it adds up only for classes with at most 4,096 scores",
    )


def test_a_part_without_a_column_of_the_model(model: Path) -> None:
    with pytest.raises(DriftcliError) as caught:
        create_baseline(table(2).drop_columns(["far"]), Config(), edges_of=model)
    assert str(caught.value).endswith(f"column 'far': no such column, and {model} has it")


def test_a_part_of_another_type(model: Path) -> None:
    other = table(2).set_column(1, "far", pa.array([str(n) for n in range(ROWS)]))
    with pytest.raises(DriftcliError) as caught:
        create_baseline(other, Config(), edges_of=model)
    assert "column 'far': double in the reference but text in current" in str(caught.value)
    wide = table(2).set_column(4 - 1, "few", pa.array(np.arange(ROWS) / 2))
    with pytest.raises(DriftcliError) as caught:
        create_baseline(wide, Config(), edges_of=model)
    assert str(caught.value).endswith(f"column 'few': double, and int64 in {model}")
