"""Relations that hold whatever the numbers are: none needs a published answer."""

from __future__ import annotations

import string
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftcli
from driftcli.config import Config
from driftcli.model import DecisionPolicy, Status

SMALL = Config(decision=DecisionPolicy(min_rows=2))
FEW = settings(max_examples=30, deadline=None)

numbers = st.one_of(st.none(), st.integers(-60, 60).map(float), st.floats(-1e6, 1e6))
words = st.one_of(st.none(), st.sampled_from(string.ascii_lowercase))
rows = st.tuples(numbers, words, st.integers(-30, 30), st.booleans())


def table(drawn):
    columns = zip(*drawn, strict=True)
    types = (pa.float64(), pa.string(), pa.int64(), pa.bool_())
    named = zip(["x", "word", "n", "flag"], columns, types, strict=True)
    return pa.table({name: pa.array(values, type_) for name, values, type_ in named})


tables = st.lists(rows, min_size=2, max_size=60).map(table)


def features(reference, current):
    return driftcli.compare(reference, current, SMALL).features


def results(found, *methods):
    """Of every column and method the raw statistic, the effect and the p-value."""
    return {
        (name, check.result.method): (
            check.result.statistic,
            check.result.effect,
            check.result.pvalue,
        )
        for name, column in found.items()
        for check in column.checks
        if not methods or check.result.method in methods
    }


def replaced(data, name, values):
    return data.set_column(data.schema.get_field_index(name), name, values)


def mapped(data, name, function):
    """A column with every value but the missing ones replaced."""
    values = [None if v is None else function(v) for v in data[name].to_pylist()]
    return replaced(data, name, pa.array(values, data.schema.field(name).type))


@given(tables, tables, st.randoms(use_true_random=False))
@FEW
def test_row_order_changes_nothing(reference, current, random):
    def shuffled(data):
        order = list(range(data.num_rows))
        random.shuffle(order)
        return data.take(order)

    assert features(reference, current) == features(shuffled(reference), shuffled(current))


@given(tables, tables, st.lists(st.integers(0, 60), max_size=5))
@FEW
def test_batches_change_nothing(reference, current, cuts):
    def cut(data):
        ends = sorted({min(end, data.num_rows) for end in cuts} | {0, data.num_rows})
        return pa.concat_tables([data.slice(a, b - a) for a, b in pairwise(ends)])

    assert features(reference, current) == features(cut(reference), cut(current))


@given(tables, tables)
@settings(max_examples=10, deadline=None)
def test_files_change_nothing(tmp_path_factory, reference, current):
    folder = tmp_path_factory.mktemp("parts")
    half = current.num_rows // 2
    pq.write_table(current.slice(half), folder / "a.parquet")
    pq.write_table(current.slice(0, half), folder / "b.parquet", row_group_size=3)
    assert features(reference, str(folder)) == features(reference, current)


@given(tables, tables)
@FEW
def test_doubling_leaves_every_number_check_the_same(reference, current):
    doubled = [
        mapped(mapped(side, "x", lambda v: 2 * v), "n", lambda v: 2 * v)
        for side in (reference, current)
    ]
    one, other = features(reference, current), features(*doubled)
    # in floats doubling is exact; of whole numbers the deciles may round to other whole numbers,
    # with the same rows on either side
    assert results(one) == results(other)


@given(tables, tables, st.data())
@FEW
def test_an_increasing_map_leaves_d_the_same(reference, current, data):
    values = {v for side in (reference, current) for v in side["x"].to_pylist() if v is not None}
    steps = data.draw(
        st.lists(st.floats(0.5, 1e3), min_size=len(values), max_size=len(values)), "steps"
    )
    image = dict(zip(sorted(values), np.cumsum(steps).tolist(), strict=True))
    one = features(reference, current)
    other = features(*(mapped(side, "x", image.get) for side in (reference, current)))
    assert results(one, "ks", "missing") == results(other, "ks", "missing")


@given(tables, tables, st.permutations(string.ascii_lowercase))
@FEW
def test_renaming_categories_changes_no_statistic(reference, current, names):
    image = dict(zip(string.ascii_lowercase, names, strict=True))
    one = features(reference, current)
    other = features(*(mapped(side, "word", image.get) for side in (reference, current)))
    assert results(one) == results(other)
    assert one["word"].check("chi2").result.details == other["word"].check("chi2").result.details


def distinct(column):
    return len({value for value in column.to_pylist() if value is not None})


@given(tables, tables)
@FEW
def test_swapping_the_sides_leaves_d_tvd_and_their_pvalues_the_same(reference, current):
    one, other = features(reference, current), features(current, reference)
    for name, method in (("x", "ks"), ("n", "ks"), ("word", "chi2"), ("flag", "chi2")):
        ours, theirs = (found[name].check(method).result for found in (one, other))
        # where nothing could be computed, the reason names the side
        assert (ours.skip is None) == (theirs.skip is None)
        if ours.skip is None:
            assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-15)
            # Pearson's test on few values is decided by the reference
            if method == "chi2" or min(distinct(s[name]) for s in (reference, current)) > 20:
                assert ours.pvalue == theirs.pvalue
            assert ours.details.get("tvd") == theirs.details.get("tvd")
    missing = [results(found, "missing") for found in (one, other)]
    for key, (statistic, effect, pvalue) in missing[0].items():
        assert missing[1][key] == (-statistic, effect, pvalue)


@given(tables, tables, st.integers(2, 5))
@FEW
def test_repeating_both_sides_leaves_d_and_tvd_the_same(reference, current, times):
    one = features(reference, current)
    other = features(*(pa.concat_tables([side] * times) for side in (reference, current)))
    for name, method in (("x", "ks"), ("n", "ks"), ("word", "chi2"), ("flag", "chi2")):
        ours, theirs = (found[name].check(method).result for found in (one, other))
        if ours.skip is None:
            assert theirs.n_reference == times * ours.n_reference
            assert ours.details.get("tvd") == theirs.details.get("tvd")
            if method == "ks":
                assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-15)


@given(tables)
@FEW
def test_a_table_against_itself_never_drifts(data):
    found = features(data, data)
    for column in found.values():
        for check in column.checks:
            if check.status is Status.NOT_EVALUATED:
                # without values, or too few of them for a chi-square test
                assert check.result.skip is not None
                continue
            assert check.status is Status.OK
            assert (check.result.effect, check.result.statistic) == (0.0, 0.0)
            assert check.result.pvalue in (1.0, None)
    assert not driftcli.compare(data, data, SMALL).drift_detected


@given(tables, tables, tables)
@FEW
def test_another_column_leaves_the_raw_statistics_the_same(reference, current, others):
    def widened(data):
        extra = pa.array([others["x"][i % others.num_rows].as_py() for i in range(data.num_rows)])
        return data.append_column("extra", extra.cast(pa.float64()))

    one, other = features(reference, current), features(widened(reference), widened(current))
    assert set(other) - set(one) == {"extra"}
    for name, column in one.items():
        pairs = zip(column.checks, other[name].checks, strict=True)
        for before, after in pairs:
            assert before.result == after.result
            if before.pvalue_adjusted is not None:
                assert after.pvalue_adjusted >= before.pvalue_adjusted


# each column has values of its type, so that a CSV file shows it
first = st.just((0.5, "a", 3, True))
typed = st.tuples(first, st.lists(rows, min_size=1, max_size=40)).map(
    lambda drawn: table([drawn[0], *drawn[1]])
)


@given(typed, typed)
@settings(max_examples=15, deadline=None)
def test_csv_and_parquet_of_the_same_values_give_the_same_report(
    tmp_path_factory, reference, current
):
    folder = tmp_path_factory.mktemp("formats")
    paths = {}
    for side, data in (("reference", reference), ("current", current)):
        for kind, write in (("csv", pyarrow.csv.write_csv), ("parquet", pq.write_table)):
            paths[side, kind] = str(folder / f"{side}.{kind}")
            write(data, paths[side, kind])
    found = [
        features(paths["reference", one], paths["current", other])
        for one, other in (("parquet", "parquet"), ("csv", "csv"), ("csv", "parquet"))
    ]
    assert found[0] == found[1] == found[2]
    assert found[0] == features(reference, current)
