"""What every member of a registry keeps; a newcomer is tested by being registered."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet
import pytest

from driftcli.alerts.channels import CHANNELS, deliver
from driftcli.alerts.document import json_value
from driftcli.alerts.measures import MEASURES
from driftcli.config import AlertRule, Channel
from driftcli.methods import METHODS
from driftcli.methods.base import Method
from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, Options, Task, drop
from driftcli.model import ColumnKind, MethodResult, Report, Severity
from driftcli.renderers import FILES, renderer_for
from driftcli.sources import FORMATS, open_source
from driftcli.summaries import Summary
from driftcli.summaries.categorical import CategoricalSummary
from driftcli.summaries.grid import Grid
from driftcli.summaries.multiset import Multiset
from driftcli.summaries.numeric import NumericSummary, summarise
from driftcli.summaries.scored import (
    BinarySummary,
    MulticlassSummary,
    RankingSummary,
    RegressionSummary,
)

sys.path.insert(0, str(Path(__file__).parent / "renderers"))

import report_builder

# -- drift methods -----------------------------------------------------------------------------

COUNTED = (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN)
SERVED = [
    pytest.param(method, kind, id=f"{name}-{kind}")
    for name, method in METHODS.items()
    for kind in sorted(method.kinds)
]
# the rest measure in units of the reference, or in bins that it makes
SYMMETRIC = {"ks", "chi2", "missing", "prediction_std"}
LABELS = {ColumnKind.BOOLEAN: ("false", "true")}
DAY = 86_400_000_000


def column(
    kind: ColumnKind, rows: int, moved: float = 0.0, missing: int = 0, like: Summary | None = None
) -> Summary:
    """A column whose distribution is moved by some standard deviations; no randomness."""
    at = (np.arange(rows) + 0.5) / rows
    values = np.log(at / (1 - at)) + moved * 1.8
    if kind in COUNTED:
        labels = LABELS.get(kind, ("a", "b", "c", "d"))
        codes = np.searchsorted(np.linspace(-2, 2, len(labels) - 1), values)
        counts = np.bincount(codes, minlength=len(labels)).tolist()
        return CategoricalSummary(rows, missing, dict(zip(labels, counts, strict=True)))
    if kind is ColumnKind.DATETIME:
        values = (values * DAY).astype(np.int64)
    return numeric(values * (1 + moved), missing, like)


def numeric(values: Any, missing: int = 0, like: Summary | None = None) -> NumericSummary:
    rows = Multiset(np.sort(values))
    grid = like.grid if isinstance(like, NumericSummary) else Grid.of(rows)
    return summarise(rows, grid, missing=missing, keep=True)


def values_of(whole: NumericSummary) -> Any:
    assert whole.rows is not None
    return whole.rows.values


def pair(kind: ColumnKind, moved: float) -> tuple[Summary, Summary]:
    before = column(kind, 400, missing=40)
    return before, column(kind, 300, moved, missing=30 + round(60 * moved), like=before)


def check_result(method: Method, result: MethodResult) -> None:
    """A result is whole: a skip without numbers, or numbers that mean something."""
    json.dumps(asdict(result), allow_nan=False)
    assert result.method == method.name
    if result.skip is not None:
        assert result.skip.reason
        assert result.effect is None
        return
    assert result.effect is not None
    assert 0 <= result.effect <= (method.upper or math.inf)
    assert result.pvalue is None or 0 <= result.pvalue <= 1
    assert result.error_bound >= 0
    assert result.interval is not None
    assert 0 <= result.interval[0] <= result.effect <= result.interval[1]


@pytest.mark.parametrize("name", METHODS)
def test_method_can_stand_in_a_config_and_a_sentence(name: str) -> None:
    method = METHODS[name]
    assert name.isidentifier()
    assert method.kinds <= set(ColumnKind)
    assert not method.effect.endswith(".")
    assert not method.description.endswith(".")


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_measures_a_change(method: Method, kind: ColumnKind) -> None:
    before, after = pair(kind, 0.5)
    result = method.compare(before, after)
    check_result(method, result)
    assert result.skip is None
    assert (result.n_reference, result.n_current) in ((400, 300), (440, 360))
    assert result == method.compare(before, after)


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_grows_with_the_change(method: Method, kind: ColumnKind) -> None:
    results = [method.compare(*pair(kind, moved)) for moved in (0.2, 0.6, 1.4)]
    effects: list[Any] = [result.effect for result in results]
    assert effects == sorted(effects)
    assert effects[0] < effects[-1]
    pvalues: list[Any] = [result.pvalue for result in results]
    assert pvalues == sorted(pvalues, reverse=True)


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_finds_nothing_in_equal_samples(method: Method, kind: ColumnKind) -> None:
    before = column(kind, 400, missing=40)
    result = method.compare(before, column(kind, 400, missing=40, like=before))
    check_result(method, result)
    assert result.effect == 0
    assert result.pvalue == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_with_the_sides_swapped(method: Method, kind: ColumnKind) -> None:
    before, after = pair(kind, 0.5)
    if isinstance(before, NumericSummary) and isinstance(after, NumericSummary):
        back = numeric(values_of(after), after.missing)
        swapped = method.compare(back, numeric(values_of(before), before.missing, back))
    else:
        swapped = method.compare(after, before)
    check_result(method, swapped)
    if method.name in SYMMETRIC:
        straight = method.compare(before, after)
        assert swapped.effect == pytest.approx(straight.effect, rel=1e-12)
        assert swapped.pvalue == pytest.approx(straight.pvalue, rel=1e-12)


@pytest.mark.parametrize(("method", "kind"), SERVED)
@pytest.mark.parametrize("missing", [0, 50])
def test_method_without_values_on_a_side(method: Method, kind: ColumnKind, missing: int) -> None:
    full = column(kind, 400)
    empty = empty_like(full, missing)
    for sides in ((full, empty), (empty_like(full, missing), full_on(full, empty))):
        result = method.compare(*sides)
        check_result(method, result)
        # only the share of missing values is known of a side without values
        assert (result.skip is None) == (bool(missing) and method.name == "missing")
        assert result.skip is None or not result.skip.harmless


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_without_values_on_either_side(method: Method, kind: ColumnKind) -> None:
    empty = empty_like(column(kind, 400), 0)
    result = method.compare(empty, empty)
    check_result(method, result)
    assert result.skip is not None
    assert result.skip.harmless


def empty_like(full: Summary, missing: int) -> Summary:
    if isinstance(full, CategoricalSummary):
        return CategoricalSummary(0, missing)
    return numeric(values_of(full)[:0], missing)


def full_on(full: Summary, reference: Summary) -> Summary:
    """The same values, counted on the edges of another reference."""
    if isinstance(full, CategoricalSummary):
        return full
    return numeric(values_of(full), like=reference)


@pytest.mark.parametrize(("method", "kind"), SERVED)
@pytest.mark.parametrize("value", [0.1, 1.1, 0.3])
@pytest.mark.parametrize("rows", [(200, 333), (1_000, 777), (10_000, 4_321)])
def test_method_finds_nothing_where_nothing_varies(
    method: Method, kind: ColumnKind, value: float, rows: tuple[int, int]
) -> None:
    if kind in COUNTED:
        sides: list[Summary] = [CategoricalSummary(n, 0, {"a": n}) for n in rows]
    else:
        first = numeric(np.full(rows[0], value))
        sides = [first, numeric(np.full(rows[1], value), like=first)]
    result = method.compare(*sides)
    check_result(method, result)
    assert (result.effect, result.pvalue) == (0, 1)


@pytest.mark.parametrize(("method", "kind"), SERVED)
def test_method_does_not_see_how_the_rows_were_split(method: Method, kind: ColumnKind) -> None:
    before, after = pair(kind, 0.5)
    whole = method.compare(before, after)
    merged = method.compare(merged_from_parts(before), merged_from_parts(after))
    assert merged == whole


def merged_from_parts(whole: Summary) -> Any:
    parts: Sequence[Any]
    if isinstance(whole, CategoricalSummary):
        alone = [CategoricalSummary(n, 0, {name: n}) for name, n in whole.counts.items()]
        parts = [*alone, CategoricalSummary(0, whole.missing)]
    else:
        rows = np.random.default_rng(3).permutation(values_of(whole))
        parts = [numeric(rows[i::5], like=whole) for i in range(5)]
        parts = [*parts, numeric(rows[:0], whole.missing, whole)]
    merged = parts[0]
    for other in parts[1:]:
        merged = merged.merge(other)
    return merged


# -- performance metrics -----------------------------------------------------------------------

EVERY_METRIC = [
    pytest.param(task, metric, id=f"{task}-{name}")
    for task, metrics in METRICS_BY_TASK.items()
    for name, metric in metrics.items()
]
ROWS = 600


def scored(task: Task, quality: str) -> Any:
    """Predictions that are ``perfect``, ``good`` or ``bad``; the labels are the same."""
    rng = np.random.default_rng(11)
    if task == "binary":
        share = rng.beta(2, 3, ROWS)
        label = rng.random(ROWS) < share
        score = {"perfect": label.astype(float), "good": share, "bad": 1 - share}[quality]
        return BinarySummary.from_arrays(label, score)
    if task == "multiclass":
        classes = rng.integers(0, 3, ROWS)
        exact = np.eye(3)[classes]
        rough = 0.2 * exact + 0.8 * rng.dirichlet([1, 1, 1], ROWS)
        shares = {"perfect": exact, "good": rough, "bad": np.roll(rough, 1, axis=1)}[quality]
        return MulticlassSummary.from_arrays(["x", "y", "z"], classes, probabilities=shares)
    if task == "regression":
        truth = rng.normal(5, 2, ROWS)
        noise = rng.normal(0, 1, ROWS)
        error = {"perfect": 0 * noise, "good": noise, "bad": 3 * noise + 2}[quality]
        return RegressionSummary.from_arrays(truth, truth + error)
    group = np.arange(ROWS) // 6
    relevance = (rng.random(ROWS) < 0.3).astype(float)
    relevance[::6] = 1
    noisy = relevance + rng.normal(0, 0.5, ROWS)
    score = {"perfect": relevance, "good": noisy, "bad": -noisy}[quality]
    return RankingSummary.from_arrays(group, relevance, score)


def best(metric: Metric) -> float:
    return {"higher": 1.0, "lower": 0.0, "neither": metric.ideal}[metric.better]


@pytest.mark.parametrize(("task", "metric"), EVERY_METRIC)
def test_metric_of_perfect_predictions(task: Task, metric: Metric) -> None:
    perfect, good = (metric.estimate(scored(task, q), Options(k=1)) for q in ("perfect", "good"))
    assert perfect.skip is None
    # the positive rate does not look at the predictions
    assert perfect.value in (best(metric), good.value)
    assert (perfect.value == good.value) == (metric.name == "ctr")


@pytest.mark.parametrize(("task", "metric"), EVERY_METRIC)
def test_metric_gets_worse(task: Task, metric: Metric) -> None:
    # hits among the best 3 of 6; of all 6 there is always one
    options = Options(k=3)
    good, bad = (metric.estimate(scored(task, quality), options) for quality in ("good", "bad"))
    worse, better = drop(metric, good, bad), drop(metric, bad, good)
    for result in (worse, better):
        json.dumps(asdict(result), allow_nan=False)
        assert result.method == metric.name
        assert result.pvalue is not None
        assert 0 <= result.pvalue <= 1
    assert worse.effect is not None
    assert better.effect is not None
    if metric.name == "ctr":
        assert worse.effect == better.effect == 0
    else:
        assert better.effect < 0 < worse.effect
        assert worse.interval is not None
        assert worse.interval[0] < worse.effect < worse.interval[1]


@pytest.mark.parametrize(("task", "metric"), EVERY_METRIC)
@pytest.mark.parametrize("quality", ["perfect", "good", "bad"])
def test_metric_is_json(task: Task, metric: Metric, quality: str) -> None:
    estimate = metric.estimate(scored(task, quality), Options())
    json.dumps(asdict(estimate), allow_nan=False)
    low, high = metric.bounds
    assert estimate.value is not None
    assert low <= estimate.value <= high


@pytest.mark.parametrize(("task", "metric"), EVERY_METRIC)
def test_metric_against_a_stored_number(task: Task, metric: Metric) -> None:
    current = metric.estimate(scored(task, "good"), Options())
    result = drop(metric, Estimate(current.value), current)
    json.dumps(asdict(result), allow_nan=False)
    assert (result.effect, result.pvalue) == (0, 1)
    assert result.details["baseline"] == "fixed"


# -- renderers, alert rules, channels ----------------------------------------------------------


def reports() -> dict[str, list[Report]]:
    """Reports by what is in them."""
    features = report_builder.features_report()
    predictions = report_builder.predictions_report()
    performance = report_builder.performance_report()
    return {
        "features": [features],
        "predictions": [predictions],
        "performance": [performance],
        "all": [features, predictions, performance],
        "no columns": [report_builder.report("features")],
    }


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("content", reports())
def test_renderer(suffix: str, content: str) -> None:
    render = renderer_for(suffix.upper())
    assert render is not None
    shown = reports()[content]
    text = render(shown, report_builder.alert_report())
    assert text == render(reports()[content], report_builder.alert_report())
    assert text.strip()
    if isinstance(text, bytes):  # pictures have tests of their own
        return
    for report in shown:
        assert all(name in text for name in (*report.features, *report.predictions))
        assert report.driftcli_version in text


@pytest.mark.parametrize("suffix", FILES)
def test_renderer_of_a_file_is_named_by_its_suffix(suffix: str) -> None:
    assert suffix == suffix.lower()
    assert suffix.startswith(".")
    assert renderer_for(suffix[1:]) is None


@pytest.mark.parametrize("name", MEASURES)
def test_measure_of_a_rule(name: str) -> None:
    rule = AlertRule(when=name, low=0.0)  # type: ignore[arg-type]  # each name of the registry
    every = [report for found in reports().values() for report in found]
    unknown = report_builder.unevaluated_column()
    every.append(report_builder.report("features", features={unknown.name: unknown}))
    found = [one for report in every if (one := MEASURES[name](report, rule, ()))]
    assert found, "no report of report_builder makes this rule speak"
    for one in found:
        assert one.message
        assert all(one.actions)
        assert one.columns
        json.dumps(json_value(one.details), allow_nan=False)
    quiet = report_builder.report("features")
    assert MEASURES[name](quiet, rule, ()) is None


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize(
    "address", ["not an address with SECRET", "ftp://SECRET.example/SECRET", "https://"]
)
def test_channel_fails_without_telling_its_address(name: str, address: str) -> None:
    spec = Channel(url_env="DRIFTCLI_TEST_ADDRESS", type=name, retries=0, timeout=0.1)
    (result,) = deliver(report_builder.alert_report(), [spec], {spec.url_env: address})
    assert result.outcome == "failed"
    assert spec.name in result.message
    assert "SECRET" not in repr(result)
    assert "unexpected" not in result.message


@pytest.mark.parametrize("name", CHANNELS)
def test_channel_speaks_only_when_it_should(name: str) -> None:
    spec = Channel(url_env="DRIFTCLI_TEST_ADDRESS", type=name, min_severity=Severity.HIGH)
    (unset,) = deliver(report_builder.alert_report(), [spec], {})
    assert unset.outcome == "failed"
    assert "DRIFTCLI_TEST_ADDRESS is not set" in unset.message
    low = replace(report_builder.alert_report(), alerts=())
    (quiet,) = deliver(low, [spec], {})
    assert quiet.outcome == "skipped"


# -- sources -----------------------------------------------------------------------------------

TABLE = {"number": [1, None, 3], "share": [0.5, 1.25, None], "word": ["a", None, "ü"]}


def write_json_lines(table: pa.Table, path: Path) -> None:
    lines = (json.dumps(row) for row in table.to_pylist())
    path.write_text("\n".join(lines), encoding="utf-8")


WRITERS: Mapping[str, Callable[[pa.Table, Path], None]] = {
    "parquet": lambda table, path: pa.parquet.write_table(table, path),
    "csv": lambda table, path: pa.csv.write_csv(table, path),
    "jsonl": write_json_lines,
    "arrow": lambda table, path: pa.feather.write_feather(table, path),
    "orc": lambda table, path: pa.orc.write_table(table, path),
}


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(name, suffix) for name, form in FORMATS.items() for suffix in form.suffixes],
)
def test_format_reads_what_was_written(tmp_path: Path, name: str, suffix: str) -> None:
    assert name in WRITERS, "a new format: write a tiny file of it here"
    path = tmp_path / f"data{suffix}"
    WRITERS[name](pa.table(TABLE), path)
    if suffix == ".tsv":
        path.write_text(path.read_text(encoding="utf-8").replace(",", "\t"), encoding="utf-8")
    source = open_source(path)
    assert source.name == str(path)
    for _ in range(2):  # a source can be read again
        batches = list(source.batches(["word", "number", "share"]))
        assert pa.Table.from_batches(batches).to_pydict() == {
            name: TABLE[name] for name in ("word", "number", "share")
        }
    assert source.rows == 3


@pytest.mark.parametrize("name", FORMATS)
def test_format_describes_itself(name: str) -> None:
    form = FORMATS[name]
    others = [other for key, other in FORMATS.items() if key != name]
    assert form.suffixes
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in form.suffixes)
    assert not any(set(form.suffixes) & set(other.suffixes) for other in others)
    assert form.title not in {other.title for other in others}
    assert callable(form.reader())
