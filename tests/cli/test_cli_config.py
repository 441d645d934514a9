"""Section G of the list of bad inputs, and the config command."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from cli_helpers import OLD, Run, normal, refused, save, text

pytestmark = pytest.mark.usefixtures("data")

V = "version: 1\n"
TAG = "!!python/object/apply:os.system ['touch pwned']"
NUMBER = "expected a number, got"
SHARE = "must be between 0 and 1, got"
FAULTS = {
    "079": ("thresholds: {psi: 1e-1}", f"2:14: thresholds.psi: {NUMBER} '1e-1'. write 0.1"),
    "080-comma": ("thresholds:\n  ks: 0,1", f"3:3: thresholds.ks: {NUMBER} '0,1'. write 0.1"),
    "080-text": ('thresholds: {ks: "0.1"}', f"2:14: thresholds.ks: {NUMBER} '0.1'. write 0.1"),
    "082-nan": ("thresholds: {ks: .nan}", f"2:14: thresholds.ks: {SHARE} .nan"),
    "082-inf": ("thresholds: {ks: .inf}", f"2:14: thresholds.ks: {SHARE} .inf"),
    "082-negative": ("thresholds: {ks: -0.1}", f"2:14: thresholds.ks: {SHARE} -0.1"),
    "082-large": ("thresholds: {ks: 5}", f"2:14: thresholds.ks: {SHARE} 5"),
    "083": (
        "thresholds: {ks: 0.1}\ndecision: {}\nthresholds: {ks: 0.2}",
        "4:1: thresholds: duplicate key, first on line 2",
    ),
    "084-section": (
        "treshold: {ks: 0.1}",
        "2:1: treshold: unknown key. did you mean 'thresholds'?",
    ),
    "084-method": (
        "thresholds: {kss: 0.1}",
        "2:14: thresholds.kss: unknown method. did you mean 'ks'?",
    ),
    "084-metric": (
        "performance: {max_drop: {acu: 0.1}}",
        "2:26: performance.max_drop.acu: unknown metric. did you mean 'auc'?",
    ),
    "086-tab": ("columns:\n\texclude: []", "3:1: tab used for indentation. use spaces"),
    "086-indent": (
        "columns:\n   exclude: []\n  include: []",
        "4:3: indentation does not fit the lines above",
    ),
    "086-bracket": ("columns: {exclude: [a", "2:20: bracket is not closed"),
    "087": (f"x: {TAG}", "2:4: tags (!...) are not allowed. write a plain value"),
    "088": (
        "a: &a [1, 1]\nb: [*a, *a]",
        "2:4: anchors and aliases are not allowed. write it out",
    ),
    "089": (
        "x: " + "[" * 5000 + "]" * 5000,
        "2:35: nested too deeply. at most 32 levels",
    ),
    "090-env": (
        "alerts: {send: [{url_env: https://hooks.example/s3cr3t}]}",
        "2:18: alerts.send[0].url_env: expected the name of an environment variable. put the "
        "address into that variable, and only its name here, such as SLACK_URL",
    ),
    "090-url": (
        "alerts: {send: [{url: https://hooks.example/s3cr3t}]}",
        "2:18: alerts.send[0].url: a secret must not stand in this file. put it into an "
        "environment variable and name that, such as url_env: SLACK_URL",
    ),
}
WHOLE_FAULTS = {
    "091-empty": ("", "1:1: no settings in it. `driftcli config init` writes a commented file"),
    "091-list": ("- 1\n- 2", "1:1: expected keys and values, got a list"),
    "091-text": ("hello", "1:1: expected keys and values, got 'hello'"),
    "version": ("version: 2", "1:1: version: expected 1, got 2"),
}


@pytest.mark.parametrize("row", FAULTS)
def test_rows_079_to_090(run: Run, row: str) -> None:
    content, expected = FAULTS[row]
    text("c.yaml", V + content)
    line = refused(run, "features", "ref.parquet", "same.parquet", "-c", "c.yaml")
    assert line == f"c.yaml:{expected}"
    assert run("config", "validate", "c.yaml").error == line
    assert not Path("pwned").exists()


@pytest.mark.parametrize("row", WHOLE_FAULTS)
def test_row_091(run: Run, row: str) -> None:
    content, expected = WHOLE_FAULTS[row]
    text("c.yaml", content)
    for command in ("features", "predictions"):
        line = refused(run, command, "ref.parquet", "same.parquet", "-c", "c.yaml")
        assert line == f"c.yaml:{expected}"


def test_row_091_utf_16(run: Run) -> None:
    text("c.yaml", V.encode("utf-16"))
    expected = "c.yaml: UTF-16 or binary, not UTF-8. save it as UTF-8"
    assert run("config", "validate", "c.yaml").error == expected


def test_row_088_size(run: Run) -> None:
    text("c.yaml", "#" * 1_100_000)
    expected = "c.yaml: larger than 1,000,000 bytes. is it a data file?"
    assert run("config", "validate", "c.yaml").error == expected


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("columns: {include: [scroe]}", "--columns or columns.include"),
        ("columns: {types: {scroe: categorical}}", "columns.types"),
        ("overrides: {scroe: {ks: 0.2}}", "overrides"),
    ],
)
def test_row_085_columns_that_are_not_there(run: Run, content: str, place: str) -> None:
    text("c.yaml", V + content)
    expected = "ref.parquet: column 'scroe': no such column. did you mean 'score'?"
    assert refused(run, "features", "ref.parquet", "same.parquet", "-c", "c.yaml") == expected
    text("c.yaml", V + content.replace("scroe", "zzzzz"))
    line = refused(run, "features", "ref.parquet", "same.parquet", "-c", "c.yaml")
    assert line == f"ref.parquet: column 'zzzzz': no such column. it is named by {place}"


def test_a_threshold_of_one_column_for_a_check_of_another_kind(run: Run) -> None:
    """Of all columns a threshold may be for some; of one column it would be for nothing."""
    save("words.parquet", carrier=["x", "y"] * 250, score=normal(3, 500))
    text("c.yaml", V + "overrides: {carrier: {ks: 0.2}}\npredictions: {column: carrier}")
    expected = (
        "words.parquet: column 'carrier': overrides sets ks, which does not serve categorical "
        "columns. they are checked by psi, chi2, missing"
    )
    arguments = ("words.parquet", "words.parquet", "-c", "c.yaml")
    for command in (("features", "--columns", "carrier"), ("predictions",)):
        assert refused(run, command[0], *arguments, *command[1:]) == expected
    text("c.yaml", V + "overrides: {carrier: {chi2: 0.2, missing: 0.1, importance: 2}}")
    assert run("features", *arguments, "-q").code == 0


def test_row_090_debug_shows_no_address(run: Run) -> None:
    text("c.yaml", V + FAULTS["090-env"][0])
    outcome = run("features", "ref.parquet", "same.parquet", "-c", "c.yaml", "--debug")
    assert outcome.code == 2
    assert "Traceback" in outcome.err
    assert "s3cr3t" not in outcome.err + outcome.out


def test_missing_config(run: Run) -> None:
    expected = "c.yaml: no such file. `driftcli config init` writes one"
    assert refused(run, "features", "ref.parquet", "same.parquet", "-c", "c.yaml") == expected
    assert run("config", "validate", "c.yaml").error == expected


def test_validate_tells_every_problem_of_every_file(run: Run) -> None:
    text("good.yaml", V)
    text("bad.yaml", V + "thresholds: {ks: 5, sk: 0.1}\ntreshold: 1")
    outcome = run("config", "validate", "good.yaml", "bad.yaml")
    assert outcome.code == 2
    assert outcome.out == "good.yaml: ok\n"
    assert [line.split(": ")[0] for line in outcome.errors] == [
        "bad.yaml:2:14",
        "bad.yaml:2:21",
        "bad.yaml:3:1",
    ]


def test_init_writes_what_validate_accepts(run: Run) -> None:
    assert run("config", "init", "c.yaml").code == 0
    assert run("config", "validate", "c.yaml").out == "c.yaml: ok\n"
    assert run("config", "init").out == Path("c.yaml").read_text()


def test_init_replaces_nothing_unasked(run: Run) -> None:
    text("c.yaml", OLD)
    assert run("config", "init", "c.yaml").error == "c.yaml: is there already. --force replaces it"
    assert Path("c.yaml").read_text() == OLD
    assert run("config", "init", "c.yaml", "--force").code == 0
    assert Path("c.yaml").read_text() != OLD


def test_the_defaults_change_nothing(run: Run) -> None:
    run("config", "init", "c.yaml")
    pair = ("features", "ref.parquet", "moved.parquet", "--format", "json")
    with_file, without = run(*pair, "-c", "c.yaml").json, run(*pair).json
    for document in (with_file, without):
        del document["timestamp"]
    assert with_file == without


def test_the_schema_accepts_the_defaults_and_refuses_a_typo(run: Run) -> None:
    schema = json.loads(run("config", "schema").out)
    settings = yaml.safe_load(run("config", "init").out)
    validator = jsonschema.Draft202012Validator(schema)
    settings = {name: value for name, value in settings.items() if value is not None}
    assert list(validator.iter_errors({"version": 1, "thresholds": {"ks": 0.1}})) == []
    assert list(validator.iter_errors({"version": 1, "treshold": {}})) != []


def test_data_named_by_the_config(run: Run) -> None:
    text("c.yaml", V + "reference: ref.parquet\ncurrent: moved.parquet\n")
    assert run("features", "-c", "c.yaml", "-q").code == 1
    assert run("features", "same.parquet", "-c", "c.yaml", "-q").code == 0
    assert run("predictions", "moved.parquet", "same.parquet", "-c", "c.yaml", "-q").code == 1
