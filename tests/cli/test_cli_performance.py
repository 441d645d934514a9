"""Section F of the list of bad inputs, and the performance command: labels, scores, baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from cli_helpers import Run, refused, save, scored, strict, text


@pytest.fixture(autouse=True)
def logs() -> None:
    save("ref.parquet", **scored(1))
    save("cur.parquet", **scored(2))
    save("bad.parquet", **scored(3, skill=-1))


def labelled(name: str, labels: Any, **others: Any) -> str:
    return save(name, **{**scored(4, len(labels)), "label": labels, **others})


def late(share: float, rows: int = 600) -> pa.Array:
    """Labels of which only the first rows have theirs."""
    known = round(rows * share)
    found = scored(4, rows)["label"][:known].tolist()
    return pa.array([*found, *[None] * (rows - known)], pa.int64())


def test_two_logs(run: Run) -> None:
    assert run("performance", "ref.parquet", "cur.parquet", "-q").code == 0
    outcome = run("performance", "ref.parquet", "bad.parquet", "--format", "json")
    assert outcome.code == 1
    document = outcome.json
    metrics = {m["metric"]: m for m in document["performance"]["metrics"]}
    assert metrics["auc"]["decision"]["status"] == "drift"
    assert document["auc"] == metrics["auc"]["current"] < 0.3
    assert document["n_predictions"] == 2000


def test_one_log_is_only_measured(run: Run) -> None:
    outcome = run("performance", "bad.parquet")
    assert (outcome.code, outcome.err) == (0, "")


def test_baseline_of_an_earlier_run(run: Run) -> None:
    assert run("performance", "ref.parquet", "-q", "-o", "m.json").code == 0
    assert run("performance", "cur.parquet", "--baseline", "m.json", "-q").code == 0
    assert run("performance", "bad.parquet", "--baseline", "m.json", "-q").code == 1


def test_baseline_equals_the_log_it_was_made_from(run: Run) -> None:
    run("performance", "ref.parquet", "-q", "-o", "m.json")
    stored = run("performance", "cur.parquet", "--baseline", "m.json", "--format", "json").json
    both = run("performance", "ref.parquet", "cur.parquet", "--format", "json").json
    for one, other in zip(
        stored["performance"]["metrics"], both["performance"]["metrics"], strict=True
    ):
        drops = [m["decision"] and m["decision"]["result"]["effect"] for m in (one, other)]
        assert drops[0] == drops[1]


def test_baseline_of_plain_numbers(run: Run) -> None:
    text("plain.json", '{"auc": 0.71}')
    outcome = run("performance", "cur.parquet", "--baseline", "plain.json", "--format", "json")
    assert (outcome.code, outcome.errors) == (0, [])
    (auc,) = (m for m in outcome.json["performance"]["metrics"] if m["metric"] == "auc")
    drop = auc["decision"]["result"]
    assert (auc["reference"], drop["effect"]) == (0.71, pytest.approx(0.71 - auc["current"]))
    assert run("performance", "bad.parquet", "--baseline", "plain.json", "-q").code == 1


NONE = (
    "holds none of the binary metrics. these are auc, log_loss, brier, ctr, accuracy, "
    "precision, recall, f1, average_precision, calibration"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"auc": "0.7"}', "b.json: auc: expected a number, got '0.7'"),
        ('{"auc": true}', "b.json: auc: expected a number, got 'True'"),
        ('{"auc": NaN}', "b.json: NaN is not JSON"),
        ('{"auc": 1e999}', "b.json: 1e999 is not JSON"),
        ('{"auc": 71}', "b.json: auc: must be between 0 and 1, got 71"),
        ('{"auc": ' + "7" * 400 + "}", "b.json: a number of 400 digits is not JSON"),
        (
            '{"performance": {"metrics": null}}',
            "b.json: not a result of driftcli: performance.task: Field required",
        ),
        ('{"gini": 0.7}', f"b.json: {NONE}"),
        ('{"acu": 0.7, "brier": 0.2}', "b.json: unknown metric 'acu'. did you mean 'auc'?"),
        ("[]", 'b.json: not a file of metrics such as {"auc": 0.71}'),
        ('{"auc": 0.7', "b.json:1:12: not JSON: Expecting ',' delimiter"),
        ("", "b.json:1:1: not JSON: Expecting value"),
        ("[" * 100_000, "b.json: nested too deeply"),
    ],
)
def test_bad_baselines(run: Run, content: str, expected: str) -> None:
    text("b.json", content)
    assert refused(run, "performance", "cur.parquet", "--baseline", "b.json") == expected


def test_metrics_of_another_task_are_told(run: Run) -> None:
    text("plain.json", '{"auc": 0.71, "rmse": 0.4}')
    words = ("performance", "cur.parquet", "--baseline", "plain.json")
    outcome = run(*words, "--threshold", "auc=0.2", "--threshold", "rmse=0.1")
    assert (outcome.code, outcome.warnings) == (
        0,
        [
            "plain.json: compared with nothing, as no binary metrics: 'rmse'",
            "a largest drop is given that is of no binary metric: rmse",
        ],
    )


def test_a_baseline_of_another_task(run: Run) -> None:
    run("performance", "ref.parquet", "--task", "regression", "-q", "-o", "m.json")
    reason = "holds metrics of task regression, and this run is binary. say which with --task"
    line = refused(run, "performance", "cur.parquet", "--baseline", "m.json")
    assert line == f"m.json: {reason}"


def test_missing_baseline(run: Run) -> None:
    line = refused(run, "performance", "cur.parquet", "--baseline", "m.json")
    assert line.startswith("m.json: no such file")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a", "b", "c"), "3 data sets where two are compared: REF CUR"),
        (
            ("a", "b", "--baseline", "m.json"),
            "a reference and a baseline. give REF CUR, or CUR --baseline FILE",
        ),
        ((), "no current data. give REF CUR, or name them in the config"),
    ],
)
def test_sides_that_make_no_sense(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    assert refused(run, "performance", *arguments) == expected


def test_row_069_one_class(run: Run) -> None:
    labelled("one.parquet", np.zeros(600, int))
    outcome = run("performance", "one.parquet", "--format", "json")
    assert outcome.error == "one.parquet: column 'label': not defined: no positives"
    assert outcome.json["auc"] is None
    assert outcome.json["log_loss"] > 0
    labelled("other.parquet", np.ones(600, int))
    expected = "other.parquet: column 'label': not defined: no negatives"
    assert run("performance", "other.parquet").error == expected


def test_row_069_one_class_on_one_side(run: Run) -> None:
    labelled("one.parquet", np.zeros(600, int))
    outcome = run("performance", "ref.parquet", "one.parquet")
    assert outcome.code == 1, "the rate of positives fell to nothing"
    assert outcome.warnings == ["one.parquet: column 'label': not defined: no positives"]
    assert run("performance", "one.parquet", "ref.parquet").code == 2


HINT = "say which one is positive with --positive VALUE"


@pytest.mark.parametrize(
    ("words", "shown"),
    [(("no", "yes"), "'no', 'yes'"), ((-1, 1), "'-1', '1'"), ((1, 2), "'1', '2'")],
)
def test_row_070_labels_that_are_not_0_and_1(run: Run, words: tuple[Any, Any], shown: str) -> None:
    labelled("w.parquet", [words[i % 3 == 0] for i in range(600)])
    expected = f"w.parquet: column 'label': labels must be 0 and 1, found {shown}. {HINT}"
    assert refused(run, "performance", "w.parquet") == expected
    assert run("performance", "w.parquet", "--positive", words[1], "-q").code == 0
    expected = f"w.parquet: column 'label': the positive label 'Yes' is not among {shown}"
    assert refused(run, "performance", "w.parquet", "--positive", "Yes") == expected


def test_row_070_the_positive_label_from_the_config(run: Run) -> None:
    labelled("w.parquet", [("no", "yes")[i % 3 == 0] for i in range(600)])
    text("c.yaml", "version: 1\nperformance: {positive: 'yes'}\n")
    assert run("performance", "w.parquet", "-c", "c.yaml", "-q").code == 0


@pytest.mark.parametrize("type_", [float, bool])
def test_row_070_other_zeros_and_ones(run: Run, type_: type) -> None:
    labelled("w.parquet", scored(4, 600)["label"].astype(type_))
    save("plain.parquet", **scored(4, 600))
    one, other = (
        run("performance", name, "--format", "json").json["auc"]
        for name in ("w.parquet", "plain.parquet")
    )
    assert one == other


def test_row_070_three_labels(run: Run) -> None:
    labelled("w.parquet", [i % 3 for i in range(600)])
    expected = "w.parquet: column 'label': labels must be 0 and 1, found '0', '1', '2'"
    assert refused(run, "performance", "w.parquet", "--task", "binary") == expected
    hint = "say which with --task"
    expected = f"w.parquet: column 'label': labels 0, 1, 2: classes or numbers? {hint}"
    assert refused(run, "performance", "w.parquet") == expected
    assert run("performance", "w.parquet", "--task", "regression", "-q").code == 0


def test_row_070_text_labels_without_a_prediction(run: Run) -> None:
    labelled("w.parquet", [f"class {i % 5}" for i in range(600)])
    expected = (
        "w.parquet: multiclass needs predictions, or one probability column a class."
        " name them with --prediction, or with --score once a class"
    )
    assert refused(run, "performance", "w.parquet") == expected
    assert refused(run, "performance", "w.parquet", "--task", "multiclass") == expected


def test_row_070_a_lone_label_that_is_not_the_positive_one(run: Run) -> None:
    labelled("no.parquet", ["no"] * 600)
    labelled("both.parquet", [("no", "yes")[i % 3 == 0] for i in range(600)])
    reason = "every label is 'no', none is the positive 'yes'"
    hint = "give a reference log that has both, or labels of 0 and 1"
    line = refused(run, "performance", "no.parquet", "--positive", "yes")
    assert line == f"no.parquet: column 'label': {reason}. {hint}"
    sides = ("both.parquet", "no.parquet", "--positive", "yes", "--format", "json")
    assert run("performance", *sides).json["ctr"] == 0


@pytest.mark.parametrize("predicted", [1, "yes"])
def test_row_070_predictions_of_one_value(run: Run, predicted: Any) -> None:
    words = [("no", "yes")[i % 3 == 0] for i in range(600)]
    labelled("w.parquet", words, prediction=[predicted] * 600)
    found = run("performance", "w.parquet", "--positive", "yes", "--format", "json").json
    assert (found["recall"], found["accuracy"]) == (1, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        (
            np.linspace(2, 87.2, 600),
            "600 values above 1 (max 87.2). percent? divide by 100",
        ),
        ([0.5] * 599 + [1.0000001], "1 value above 1 (max 1.0000001)"),
        (np.linspace(-3, 0.5, 600), "514 values below 0 (min -3). logits?"),
        (np.linspace(-3, 3, 600), "200 values above 1 (max 3). logits?"),
    ],
)
def test_row_071_scores_outside_0_and_1(run: Run, scores: Any, found: str) -> None:
    save("s.parquet", **{**scored(4, 600), "score": scores})
    reason = f"probabilities must lie between 0 and 1, found {found}"
    assert refused(run, "performance", "s.parquet") == f"s.parquet: column 'score': {reason}"


def test_row_071_scores_that_are_text(run: Run) -> None:
    save("s.parquet", **{**scored(4, 600), "score": ["high", "low"] * 300})
    expected = "s.parquet: column 'score': string where numbers are needed"
    assert refused(run, "performance", "s.parquet") == expected


def test_row_072_certain_and_wrong(run: Run) -> None:
    log = scored(4, 600)
    log["score"][:2] = 0, 1
    log["label"][:2] = 1, 0
    save("s.parquet", **log)
    outcome = run("performance", "s.parquet", "--format", "json")
    assert outcome.code == 0
    (loss,) = (m for m in outcome.json["performance"]["metrics"] if m["metric"] == "log_loss")
    assert 0.5 < loss["current"] < 1
    assert 2 in loss["details"].values(), "the number of clipped rows is told"


def test_row_073_late_labels(run: Run) -> None:
    labelled("late.parquet", late(0.6))
    outcome = run("performance", "late.parquet", "--format", "json")
    assert outcome.code == 0
    coverage = outcome.json["performance"]["coverage"]
    assert coverage == {"rows": 600, "labelled": 360, "unmatched": 0}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.49])
def test_row_073_too_few_labels(run: Run, share: float) -> None:
    labelled("late.parquet", late(share))
    outcome = run("performance", "ref.parquet", "late.parquet", "--format", "json")
    reason = f"not enough labels: {share:.1%} of the rows, minimum 50 %".replace("%", " %", 1)
    assert outcome.error == f"late.parquet: column 'label': {reason}"
    assert outcome.json["auc"] is None
    outcome = run("performance", "ref.parquet", "late.parquet", "--allow-not-evaluated")
    assert outcome.code == 0
    assert outcome.warnings == [f"late.parquet: column 'label': {reason}"]


def joined(run: Run, keys: Any, labels: Any, key: str = "id", *flags: str) -> tuple[str, ...]:
    log = scored(4, 600)
    del log["label"]
    save("log.parquet", **log)
    save("labels.parquet", id=keys, label=labels)
    return ("performance", "log.parquet", "--labels", "labels.parquet", "--on", key, *flags)


def test_row_074_labels_joined_by_key(run: Run) -> None:
    labels = scored(4, 600)["label"]
    order = np.random.default_rng(0).permutation(600)
    arguments = joined(run, order, labels[order])
    save("whole.parquet", **scored(4, 600))
    expected = run("performance", "whole.parquet", "--format", "json").json
    assert run(*arguments, "--format", "json").json["auc"] == expected["auc"]


def test_row_074_unmatched_labels_are_counted(run: Run) -> None:
    arguments = joined(run, np.arange(100, 700), scored(5, 600)["label"])
    outcome = run(*arguments, "--format", "json")
    coverage = outcome.json["performance"]["coverage"]
    assert coverage == {"rows": 600, "labelled": 500, "unmatched": 100}
    assert outcome.warnings == ["labels.parquet: 100 labels belong to no row"]


def test_row_074_one_unmatched_label(run: Run) -> None:
    arguments = joined(run, np.arange(1, 601), scored(5, 600)["label"])
    assert run(*arguments).warnings == ["labels.parquet: 1 label belongs to no row"]


def test_row_074_text_keys_and_labels_of_every_layout(run: Run) -> None:
    log = scored(4, 600)
    words = pa.array([("no", "yes")[label] for label in log["label"]], pa.large_string())
    keys = pa.array([f"k{i}" for i in range(600)])
    save("log.parquet", id=keys.dictionary_encode(), score=log["score"])
    save("labels.parquet", id=keys.cast(pa.large_string()), label=words.dictionary_encode())
    save("whole.parquet", **log)
    flags = ("--labels", "labels.parquet", "--on", "id", "--positive", "yes", "--format", "json")
    expected = run("performance", "whole.parquet", "--format", "json").json["auc"]
    assert run("performance", "log.parquet", *flags).json["auc"] == expected


def test_row_074_duplicates_in_the_key(run: Run) -> None:
    hint = "join on a key that is unique"
    arguments = joined(run, [*range(599), 5], [0, 1] * 300)
    reason = f"a key appears more than once (first '5'). {hint}"
    assert refused(run, *arguments) == f"labels.parquet: column 'id': {reason}"
    save("log.parquet", id=np.arange(600) // 2, score=scored(4, 600)["score"])
    save("labels.parquet", id=np.arange(600), label=[0, 1] * 300)
    reason = f"300 keys appear more than once (first '0'). {hint}"
    assert refused(run, *arguments) == f"log.parquet: column 'id': {reason}"


def test_row_074_keys_of_another_type(run: Run) -> None:
    arguments = joined(run, [str(i) for i in range(600)], [0, 1] * 300)
    reason = "is int64 in log.parquet but string here, so no row matches"
    assert refused(run, *arguments) == f"labels.parquet: column 'id': {reason}"


def test_row_074_nothing_matches(run: Run) -> None:
    arguments = joined(run, np.arange(1000, 1600), [0, 1] * 300)
    outcome = run(*arguments)
    reason = "not enough labels: 0.0 % of the rows, minimum 50 %"
    assert (outcome.code, outcome.errors) == (2, [f"log.parquet: column 'label': {reason}"])
    assert outcome.warnings == ["labels.parquet: 600 labels belong to no row"]


def test_row_074_no_such_key(run: Run) -> None:
    arguments = joined(run, np.arange(600), [0, 1] * 300, "idd")
    expected = "log.parquet: column 'idd': no such column. did you mean 'id'?"
    assert refused(run, *arguments) == expected


def test_row_074_labels_without_a_key(run: Run) -> None:
    arguments = joined(run, np.arange(600), [0, 1] * 300)
    at = arguments.index("--on")
    expected = "--labels needs a key to join by. name it with --on"
    assert refused(run, *arguments[:at], *arguments[at + 2 :]) == expected


def test_row_074_a_key_without_labels(run: Run) -> None:
    expected = "--on joins labels, and there are none. name them with --labels"
    assert refused(run, "performance", "cur.parquet", "--on", "id") == expected


def test_several_scores_where_one_is_needed(run: Run) -> None:
    flags = ("--task", "binary", "--score", "score", "--score", "id")
    reason = "2 score columns, and the task binary takes one. name it with --score"
    assert refused(run, "performance", "cur.parquet", *flags) == f"cur.parquet: {reason}"


def test_too_few_scores(run: Run) -> None:
    score = [s if i < 10 else None for i, s in enumerate(scored(4, 600)["score"])]
    save("s.parquet", **{**scored(4, 600), "score": score})
    outcome = run("performance", "s.parquet")
    reason = "not enough scored rows: 10 rows, minimum 30"
    assert (outcome.code, outcome.errors) == (2, [f"s.parquet: column 'score': {reason}"])
    assert outcome.warnings == ["s.parquet: 590 labelled rows have no score and are left out"]


def test_row_076_a_reference_mean_of_zero_or_less(run: Run) -> None:
    rng = np.random.default_rng(0)
    save("r.parquet", score=rng.normal(-1, 1, 500))
    save("c.parquet", score=rng.normal(0, 1, 500))
    flat = run("predictions", "r.parquet", "c.parquet", "--format", "json").json
    assert flat["drifted"] is True
    assert flat["mean_shift_pct"] is None
    text("c.yaml", "version: 1\npredictions: {scale: relative}\n")
    outcome = run("predictions", "r.parquet", "c.parquet", "-c", "c.yaml")
    assert outcome.code == 1
    expected = "c.parquet: column 'score': the reference mean is not positive"
    assert outcome.warnings == [expected]


def test_row_077_a_constant_reference(run: Run) -> None:
    save("r.parquet", score=np.full(500, 0.5))
    save("c.parquet", score=np.linspace(0.49, 0.51, 500))
    outcome = run("predictions", "r.parquet", "c.parquet")
    assert outcome.code == 1
    assert outcome.warnings == ["c.parquet: column 'score': constant before"]


def test_row_078_no_clicks(run: Run) -> None:
    labelled("none.parquet", np.zeros(600, int))
    outcome = run("performance", "none.parquet", "--format", "json")
    (ctr,) = (m for m in outcome.json["performance"]["metrics"] if m["metric"] == "ctr")
    assert ctr["current"] == 0
    squared = 1.959963984540054**2
    assert ctr["current_interval"] == [0, pytest.approx(squared / (600 + squared), rel=1e-12)]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--label", "lable"), "column 'lable': no such column. did you mean 'label'?"),
        (("--score", "scor"), "column 'scor': no such column. did you mean 'score'?"),
        (("--prediction", "x"), "column 'x': no such column. name it with --prediction"),
        (("--group", "x"), "column 'x': no such column. name it with --group"),
    ],
)
def test_columns_that_are_not_there(run: Run, flags: tuple[str, str], expected: str) -> None:
    assert refused(run, "performance", "cur.parquet", *flags) == f"cur.parquet: {expected}"


def test_nothing_says_what_was_predicted(run: Run) -> None:
    save("l.parquet", label=[0, 1] * 300)
    expected = "l.parquet: no scores and no predictions. name them with --score"
    assert refused(run, "performance", "l.parquet") == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("acu=0.01", "'acu=0.01': no such metric. did you mean 'auc'?"),
        ("auc=x", "'auc=x': expected NAME=NUMBER"),
        ("auc", "'auc': expected NAME=NUMBER"),
        ("auc=nan", "'auc=nan': must be between 0 and 1"),
        ("auc=-1", "'auc=-1': must be between 0 and 1"),
        # no drop can be larger, so it could never alarm
        ("auc=5", "'auc=5': must be between 0 and 1"),
        ("log_loss=-1", "'log_loss=-1': must be at least 0 and finite"),
        ("log_loss=inf", "'log_loss=inf': must be at least 0 and finite"),
    ],
)
def test_thresholds(run: Run, flag: str, expected: str) -> None:
    arguments = ("performance", "ref.parquet", "cur.parquet", "--threshold", flag)
    assert refused(run, *arguments) == f"--threshold {expected}"


def test_a_wider_threshold_turns_the_verdict(run: Run) -> None:
    flags = [f"--threshold={m}=1" for m in ("auc", "log_loss", "brier", "ctr", "accuracy")]
    assert run("performance", "ref.parquet", "bad.parquet", "-q", *flags).code == 0
    assert run("performance", "ref.parquet", "bad.parquet", "-q", *flags[1:]).code == 1


def test_a_failed_run_leaves_the_baseline_whole(run: Run) -> None:
    run("performance", "ref.parquet", "-q", "-o", "m.json")
    before = Path("m.json").read_bytes()
    save("s.parquet", **{**scored(4, 600), "score": np.arange(600.0)})
    assert run("performance", "s.parquet", "-o", "m.json").code == 2
    assert Path("m.json").read_bytes() == before
    assert strict(before.decode())["command"] == "performance"


def test_a_score_that_current_lost_is_missed(run: Run) -> None:
    """Roles are settled on the reference: what current lacks is no smaller task."""
    save("ref.parquet", **scored(1))
    lost = scored(2)
    lost["scroe"] = lost.pop("score")
    save("cur.parquet", **lost)
    expected = "cur.parquet: column 'score': no such column. did you mean 'scroe'?"
    assert refused(run, "performance", "ref.parquet", "cur.parquet") == expected


def test_a_metric_of_the_baseline_that_current_cannot_give_is_missed(run: Run) -> None:
    lost = scored(2)
    lost["prediction"] = [int(score > 0.5) for score in lost.pop("score")]
    save("cur.parquet", **lost)
    text("b.json", '{"auc": 0.7, "accuracy": 0.5}')
    outcome = run("performance", "cur.parquet", "--baseline", "b.json")
    assert (outcome.code, outcome.errors) == (
        2, ["cur.parquet: column 'score': not defined: no score column"],
    )  # fmt: skip


def test_a_cutoff_is_for_the_score(run: Run) -> None:
    data = scored(1)
    data["prediction"] = [1] * len(data["label"])
    save("cur.parquet", **data)
    with_predictions = run("performance", "cur.parquet", "--format", "json")
    with_cutoff = run("performance", "cur.parquet", "--format", "json", "--cutoff", "0.5")
    assert strict(with_predictions.out)["recall"] == 1.0
    assert strict(with_cutoff.out)["recall"] < 1.0
