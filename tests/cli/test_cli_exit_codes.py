"""Exit codes and flags that mean the same everywhere."""

from __future__ import annotations

import pytest
from cli_helpers import EXAMPLES, Run, normal, refused, save

pytestmark = pytest.mark.usefixtures("data")


@pytest.mark.parametrize("command", ["features", "predictions"])
@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [("drift", (0, 0, 1, 2)), ("changed", (0, 1, 1, 2)), ("never", (0, 0, 0, 2))],
)
def test_fail_on(run: Run, command: str, fail_on: str, codes: tuple[int, ...]) -> None:
    save("many.parquet", score=normal(1, 100_000))
    save("changed.parquet", score=normal(2, 100_000, mean=0.06))
    pairs = (
        ("ref.parquet", "same.parquet"),
        ("many.parquet", "changed.parquet"),
        ("ref.parquet", "moved.parquet"),
        ("ref.parquet", "few.parquet"),
    )
    found = tuple(run(command, *pair, "-q", "--fail-on", fail_on).code for pair in pairs)
    assert found == codes


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_allow_not_evaluated(run: Run, command: str) -> None:
    assert run(command, "ref.parquet", "few.parquet", "-q").code == 2
    outcome = run(command, "ref.parquet", "few.parquet", "-q", "--allow-not-evaluated")
    assert (outcome.code, outcome.err) == (0, "")


def test_drift_outweighs_what_could_not_be_checked(run: Run) -> None:
    save("r.parquet", a=normal(1), b=normal(2))
    save("c.parquet", a=normal(3, mean=2), b=["x"] * 500)
    outcome = run("features", "r.parquet", "c.parquet")
    assert outcome.code == 1
    reason = "double in the reference but text in current"
    assert outcome.warnings == [f"c.parquet: column 'b': {reason}"]


def flights(name: str) -> str:
    return str(EXAMPLES / f"{name}.parquet")


FEATURES = ("--exclude", "flight_id,scheduled,score,prediction,label")


def test_the_example_flights(run: Run) -> None:
    reference, current, quiet = map(flights, ("reference", "current", "quiet"))
    assert run("features", reference, current, *FEATURES, "-q").code == 1
    assert run("features", reference, quiet, *FEATURES, "-q").code == 0
    assert run("predictions", reference, current, "-q").code == 1
    assert run("predictions", reference, quiet, "-q").code == 0
    assert run("performance", reference, quiet, "-q").code == 0
    late = ("--labels", flights("labels"), "--on", "flight_id")
    assert run("performance", current, *late, "-q").code == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("featurs", "a", "b"), "No such command 'featurs'. Did you mean 'features'? try"),
        (("features", "a"), "no reference data. give REF CUR, or name them in the config"),
        (("features",), "no current data. give REF CUR, or name them in the config"),
        (("features", "a", "b", "c"), "3 data sets where two are compared: REF CUR"),
        (("features", "a", "b", "--thresold", "ks=1"), "No such option: --thresold"),
        (("--nope",), "No such option: --nope. try 'driftcli --help'"),
        (("config",), "Missing command. try 'driftcli config --help'"),
        (("features", "a", "b", "--fail-on", "x"), "Invalid value for '--fail-on'"),
        (("features", "a", "b", "--format", "xml"), "Invalid value for '--format'"),
        (("performance", "a", "--k", "0"), "Invalid value for '--k'"),
        (("performance", "a", "--cutoff", "2"), "Invalid value for '--cutoff'"),
        (("performance", "a", "--task", "x"), "Invalid value for '--task'"),
    ],
)
def test_usage(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    assert run(*arguments).error.startswith(expected)


def test_no_command_shows_the_help(run: Run) -> None:
    outcome = run()
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: driftcli ")


COMMANDS = [
    (),
    ("features",),
    ("predictions",),
    ("performance",),
    ("alert",),
    ("report",),
    ("config",),
    ("config", "init"),
    ("config", "validate"),
    ("config", "schema"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help(run: Run, command: tuple[str, ...]) -> None:
    outcome = run(*command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(" ".join(("Usage: driftcli", *command)))


@pytest.mark.parametrize("command", ["features", "predictions"])
@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("psii=0.1", "'psii=0.1': no such method. did you mean 'psi'?"),
        ("ks=5", "'ks=5': must be between 0 and 1"),
        ("ks=nan", "'ks=nan': must be between 0 and 1"),
        ("ks=0,1", "'ks=0,1': expected NAME=NUMBER"),
        ("ks", "'ks': expected NAME=NUMBER"),
    ],
)
def test_bad_thresholds(run: Run, command: str, flag: str, expected: str) -> None:
    line = refused(run, command, "ref.parquet", "same.parquet", "--threshold", flag)
    assert line == f"--threshold {expected}"


def test_a_threshold_of_what_the_command_never_checks(run: Run) -> None:
    words = ("ref.parquet", "same.parquet", "--threshold", "prediction_mean=0.2")
    expected = "--threshold 'prediction_mean=0.2': no such method. methods: ks, psi, chi2, missing"
    assert refused(run, "features", *words) == expected
    assert run("predictions", *words, "-q").code == 0


def test_thresholds_turn_the_verdict(run: Run) -> None:
    pair = ("features", "ref.parquet", "moved.parquet", "--columns", "a", "-q")
    assert run(*pair, "--threshold", "ks=0.15").code == 1
    assert run(*pair, "--threshold", "ks=1").code == 1
    assert run(*pair, "--threshold", "ks=1", "--threshold", "psi=100").code == 0


def test_which_column_holds_the_predictions(run: Run) -> None:
    save("r.parquet", a=normal(1))
    expected = "which column holds the predictions? name it with --column"
    assert refused(run, "predictions", "r.parquet", "r.parquet") == expected
    assert run("predictions", "r.parquet", "r.parquet", "--column", "a", "-q").code == 0
    expected = "ref.parquet: column 'scroe': no such column. did you mean 'score'?"
    arguments = ("predictions", "ref.parquet", "same.parquet", "--column", "scroe")
    assert refused(run, *arguments) == expected


def test_an_unexpected_failure_is_2_and_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr("driftcli.pipeline.columns.check_features", fail)
    outcome = run("features", "ref.parquet", "same.parquet")
    assert outcome.code == 2
    hint = "this is a bug; --debug shows where"
    assert outcome.errors == [f"unexpected ZeroDivisionError: one two. {hint}"]


def test_row_116_out_of_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("driftcli.pipeline.columns.check_features", fail)
    expected = "out of memory. check fewer columns at a time with --columns"
    assert refused(run, "features", "ref.parquet", "same.parquet") == expected
