"""Configurations good and bad; the numbers in names are rows of the table of bad inputs."""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.config import (
    Alerts,
    AlertSeverity,
    Channel,
    Columns,
    Config,
    DecisionPolicy,
    Performance,
    Predictions,
)
from driftcli.config_file import MAX_BYTES, config_problems, load_config, parse_config, where
from driftcli.errors import ConfigError
from driftcli.model import Severity
from driftcli.yaml_nodes import MAX_NODES

ROOT = Path(__file__).parents[1]
WEBHOOK = "https://hooks.slack.com/services/T000/B000/XYZ"


def error_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "c.yaml")
    return str(caught.value)


def errors_of(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    return [str(error).removeprefix(f"{tmp_path}/") for error in config_problems(file)]


def test_a_whole_configuration() -> None:
    text = """\
version: 1
reference: s3://models/ctr/train.parquet
current: logs/today/*.parquet
columns: {exclude: [user_id], types: {hour_of_day: categorical}}
thresholds: {ks: 0.1, psi: 2, chi2: 0.1, missing: 0.05}
overrides: {item_ctr: {ks: 0.2, importance: 3}}
decision: {rule: certain, alpha: 0.01, correction: bh, min_rows: 50}
predictions: {column: [a, b], scale: relative, mean_shift: 0.1}
performance: {label: click, score: score, task: binary, max_drop: {auc: 0.05, ctr: null}}
alerts:
  severity: {medium: 3, high: 5}
  retrain: high
  send: [{url_env: SLACK_URL, min_severity: medium}]
"""
    assert parse_config(text, "c.yaml") == Config(
        reference="s3://models/ctr/train.parquet",
        current="logs/today/*.parquet",
        columns=Columns(exclude=("user_id",), types={"hour_of_day": "categorical"}),
        thresholds={"ks": 0.1, "psi": 2.0, "chi2": 0.1, "missing": 0.05},
        overrides={"item_ctr": {"ks": 0.2, "importance": 3.0}},
        decision=DecisionPolicy(rule="certain", alpha=0.01, correction="bh", min_rows=50),
        predictions=Predictions(column=("a", "b"), scale="relative", mean_shift=0.1),
        performance=Performance(
            label="click", score="score", task="binary", max_drop={"auc": 0.05, "ctr": None}
        ),
        alerts=Alerts(
            severity=AlertSeverity(medium=3, high=5),
            retrain=Severity.HIGH,
            send=(Channel(url_env="SLACK_URL", min_severity=Severity.MEDIUM),),
        ),
    )


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "configs").glob("*.yaml")))
def test_every_kept_configuration_loads(name: str) -> None:
    assert config_problems(ROOT / "configs" / name) == []
    assert load_config(ROOT / "configs" / name).version == 1


def test_the_recommender_checks_the_ten_features_of_a_click_model() -> None:
    config = load_config(ROOT / "configs" / "recommender.yaml")
    assert config.columns.include == (
        "user_historical_ctr",
        "user_avg_dwell_time",
        "user_interaction_count",
        "user_days_active",
        "item_ctr",
        "item_avg_dwell_time",
        "item_popularity",
        "item_age_days",
        "hour_of_day",
        "day_of_week",
    )
    assert config.columns.types == {"hour_of_day": "categorical", "day_of_week": "categorical"}
    assert {*config.overrides} < {*config.columns.include}
    assert (config.performance.label, config.performance.score) == ("click", "score")
    assert config.predictions.column == ("score",)


def test_a_single_name_stands_for_a_list() -> None:
    text = "predictions: {column: score}\ncolumns: {exclude: user_id}\nperformance: {score: [a, b]}"
    config = parse_config(text, "c.yaml")
    assert config.predictions.column == ("score",)
    assert config.columns.exclude == ("user_id",)
    assert config.performance.score == ("a", "b")


def test_a_section_without_content_keeps_its_defaults() -> None:
    assert parse_config("thresholds:\ncolumns: {types: , include: }\nalerts:", "c") == Config()


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(codecs.BOM_UTF8 + b"current: a\n")
    assert load_config(file) == Config(current="a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psi: 1e-1", "c.yaml:2:3: thresholds.psi: expected a number, got '1e-1'. write 0.1"),
        ("ks: 0,1", "c.yaml:2:3: thresholds.ks: expected a number, got '0,1'. write 0.1"),
        ("ks: '0.1'", "c.yaml:2:3: thresholds.ks: expected a number, got '0.1'. write 0.1"),
        ("ks: '1e-7'", "c.yaml:2:3: thresholds.ks: expected a number, got '1e-7'. write 0.0000001"),
        ("ks: high", "c.yaml:2:3: thresholds.ks: expected a number, got 'high'"),
        ("ks: 1_0", "c.yaml:2:3: thresholds.ks: expected a number, got '1_0'. write 10.0"),
        ("ks: true", "c.yaml:2:3: thresholds.ks: expected a number, got true"),
        ("ks:", "c.yaml:2:3: thresholds.ks: expected a number, got nothing"),
        ("ks: [0.1]", "c.yaml:2:3: thresholds.ks: expected a number, got a list"),
        (f"ks: {'9' * 5000}", f"c.yaml:2:3: thresholds.ks: expected a number, got '{'9' * 79}…'"),
    ],
)
def test_79_80_numbers_must_be_numbers(text: str, expected: str) -> None:
    assert error_of(f"thresholds:\n  {text}\n") == expected


def test_80_a_decimal_comma_between_braces() -> None:
    assert error_of("thresholds: {ks: 0,1}") == (
        "c.yaml:1:20: thresholds: YAML reads 1 as a number. "
        "write decimals with a point, such as 0.1"
    )


@pytest.mark.parametrize("method", ["ks", "chi2", "missing"])
@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "-0.1", "5", "1.001"])
def test_82_shares_are_between_0_and_1(method: str, value: str) -> None:
    assert error_of(f"thresholds: {{{method}: {value}}}") == (
        f"c.yaml:1:14: thresholds.{method}: must be between 0 and 1, got {value}"
    )
    assert error_of(f"overrides: {{a: {{{method}: {value}}}}}") == (
        f"c.yaml:1:17: overrides.a.{method}: must be between 0 and 1, got {value}"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thresholds: {psi: -0.1}", "1:14: thresholds.psi: must be 0 or more, got -0.1"),
        ("thresholds: {psi: .inf}", "1:14: thresholds.psi: must be a finite number, got .inf"),
        (
            "performance: {cutoff: .nan}",
            "1:15: performance.cutoff: must be between 0 and 1, got .nan",
        ),
        ("performance: {k: 0}", "1:15: performance.k: must be 1 or more, got 0"),
        ("decision: {alpha: 0}", "1:12: decision.alpha: must be above 0 and at most 0.5, got 0"),
        (
            "performance: {max_drop: {auc: -1}}",
            "1:26: performance.max_drop.auc: must be between 0 and 1, got -1",
        ),
        (
            "performance: {max_drop: {auc: 5}}",
            "1:26: performance.max_drop.auc: must be between 0 and 1, got 5",
        ),
        (
            "performance: {max_drop: {log_loss: -1, rmse: 5}}",
            "1:26: performance.max_drop.log_loss: must be 0 or more, got -1",
        ),
        (
            "alerts: {send: [{url_env: A, timeout: 0}]}",
            "1:30: alerts.send[0].timeout: must be above 0, got 0",
        ),
        ("input: {delimiter: ';;'}", "1:9: input.delimiter: must be one character, got ';;'"),
    ],
)
def test_82_other_bounds(text: str, expected: str) -> None:
    assert error_of(text) == f"c.yaml:{expected}"


def test_82_bounds_include_their_ends() -> None:
    config = parse_config("thresholds: {ks: 0, chi2: 1, missing: 1.0, psi: 25}", "c.yaml")
    assert config.thresholds == {"ks": 0.0, "chi2": 1.0, "missing": 1.0, "psi": 25.0}


def test_83_duplicate_keys_name_both_lines() -> None:
    text = "thresholds:\n  ks: 0.1\n  psi: 0.2\n  ks: 0.3\n"
    assert error_of(text) == "c.yaml:4:3: thresholds.ks: duplicate key, first on line 2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("treshold: {}", "1:1: treshold: unknown key. did you mean 'thresholds'?"),
        ("thresholds: {kss: 1}", "1:14: thresholds.kss: unknown method. did you mean 'ks'?"),
        (
            "overrides: {a: {importanc: 1}}",
            "1:17: overrides.a.importanc: unknown method. did you mean 'importance'?",
        ),
        (
            "performance: {max_drop: {auk: 1}}",
            "1:26: performance.max_drop.auk: unknown metric. did you mean 'auc'?",
        ),
        (
            "thresholds: {wasserstein: 1}",
            "1:14: thresholds.wasserstein: unknown method. known methods: ks, psi, chi2, missing",
        ),
        ("ks: 0.1", "1:1: ks: unknown key. it belongs under 'thresholds'"),
        ("label: click", "1:1: label: unknown key. it belongs under 'performance'"),
        (
            "columns: {skip: a}",
            "1:11: columns.skip: unknown key. known keys: include, exclude, types",
        ),
        (
            "alerts: {send: [{url_en: A}]}",
            "1:18: alerts.send[0].url_en: unknown key. did you mean 'url_env' or 'url_file'?",
        ),
    ],
)
def test_84_unknown_keys(text: str, expected: str) -> None:
    assert error_of(text) == f"c.yaml:{expected}"


def test_85_a_key_has_a_place(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("columns:\n  exclude:\n    - a\n    - b\noverrides:\n  x: {ks: 0.1}\n")
    assert where(file, ("columns", "exclude", 1)) == f"{file}:4:7"
    assert where(file, ("overrides", "x", "ks")) == f"{file}:6:7"
    assert where(file, ("overrides", "absent")) == f"{file}:5:1"
    assert where(file, ("thresholds",)) == f"{file}:1:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\ncolumns:\n\tinclude: a", "3:1: tab used for indentation. use spaces"),
        ("current:\tx", "1:9: tab where a space is expected. use spaces"),
        (
            "columns:\n  include: [a]\n exclude: [b]",
            "3:2: indentation does not fit the lines above",
        ),
        ("columns: {include: [a, b}\nversion: 1", "1:20: bracket is not closed"),
        ("columns:\n  include: [a, b\n", "2:12: bracket is not closed"),
        ("thresholds: {ks: 0.1", "1:13: bracket is not closed"),
        ("current: 'a\nversion: 1", "1:10: quote is not closed"),
        (
            "current: a: b",
            "1:11: unexpected ':'. check the indentation, and put text that holds ': ' in quotes",
        ),
        ("version: 1\ncurrent\n", "2:1: expected 'key: value'"),
        (
            "current: {date}/x.parquet",
            "1:16: text after the end of a value. put the whole in quotes",
        ),
        ("current: %Y", "1:10: text cannot begin with this. put it in quotes"),
        (
            "version: 1\n---\nversion: 1",
            "2:1: more than one document. keep one, without a second '---'",
        ),
        ("current: \x07", "1:10: control character U+0007. remove it"),
        ('current: "\\UFFFFFFFF"', "1:13: number out of range. check escapes like \\U"),
        ('current: "\\ud800"', "1:1: half of a surrogate pair"),
    ],
)
def test_86_broken_yaml(text: str, expected: str) -> None:
    assert error_of(text) == f"c.yaml:{expected}"


def test_87_tags_are_refused_and_nothing_is_run(tmp_path: Path) -> None:
    target = tmp_path / "made"
    text = f"current: !!python/object/apply:os.system ['touch {target}']"
    assert error_of(text) == "c.yaml:1:10: tags (!...) are not allowed. write a plain value"
    assert not target.exists()


@pytest.mark.parametrize("text", ["a: &x 1", "a: *x", "a: &x [1]\nb: [*x, *x]"])
def test_88_anchors_and_aliases_are_refused(text: str) -> None:
    assert error_of(text) == ("c.yaml:1:4: anchors and aliases are not allowed. write it out")


def test_88_size_is_capped(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("current: " + "x" * MAX_BYTES)
    assert [str(error) for error in config_problems(file)] == [
        f"{file}: larger than 1,000,000 bytes. is it a data file?"
    ]


@pytest.mark.slow
def test_88_the_number_of_values_is_capped() -> None:
    assert error_of("a: [" + "1," * MAX_NODES + "]").endswith(": too many values. at most 100,000")


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "- " * 5000, "{a: " * 5000, "? " * 5000])
def test_89_deep_nesting_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    assert error_of(text).endswith(": nested too deeply. at most 32 levels")
    assert time.perf_counter() - start < 5  # without the cap it does not end, or the stack does


SECRETS = [
    f"alerts: {{send: [{{url: '{WEBHOOK}'}}]}}",
    f"alerts: {{send: [{{url_env: '{WEBHOOK}'}}]}}",
    f"alerts: {{send: [{{webhook: '{WEBHOOK}'}}]}}",
    f"alerts: {{send: [{{'{WEBHOOK}': 1}}]}}",
    f"alerts: {{send: ['{WEBHOOK}']}}",
    f"alerts: {{send: '{WEBHOOK}'}}",
    f"alerts: {{send: [{{url_env: A, timeout: '{WEBHOOK}'}}]}}",
    f"alerts: {{send: [{{url_env: A, min_severity: '{WEBHOOK}'}}]}}",
    f"alerts: {{retrain: '{WEBHOOK}'}}",
    f"alerts: '{WEBHOOK}'",
    f"url: '{WEBHOOK}'",
    f"'{WEBHOOK}': 1",
    f"'{WEBHOOK}': 1\n'{WEBHOOK}': 1",
    f"thresholds: {{'{WEBHOOK}': 1}}",
    f"decision: {{alpha: '{WEBHOOK}'}}",
    f"- {WEBHOOK}",
    WEBHOOK,
    f"alerts: {WEBHOOK}: x",
    f"url: '{WEBHOOK}\n",
    f"url: {WEBHOOK}\n\tx",
    f"url: !<{WEBHOOK}> x",
    f"%TAG !e! {WEBHOOK}\n---\nurl: !e!x 1",
    f"url: *{WEBHOOK}",
    "alerts: {send: [{url_env: A, timeout: XYZ}]}",
    "alerts: {send: [{url_env: xoxb-XYZ}]}",
    "alerts: {send: [{token: XYZ, url_env: A}]}",
    "decision: {alpha: 'user:XYZ@host.com'}",
    "alerts: {retrain: 'hooks.slack.com/services/T000/B000/XYZ'}",
]


@pytest.mark.parametrize("text", SECRETS)
def test_90_no_error_shows_an_address(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "c.yaml")
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    chain: BaseException | None = caught.value
    while chain is not None:
        told += repr(chain)
        chain = chain.__context__ or chain.__cause__
    assert "XYZ" not in told
    assert "slack" not in told.replace("SLACK_URL", "")


def test_90_an_address_in_the_file_is_told_where_it_belongs(tmp_path: Path) -> None:
    text = f"alerts:\n  send:\n    - url: {WEBHOOK}\n    - url_env: {WEBHOOK}\n"
    assert errors_of(tmp_path, text) == [
        "c.yaml:3:7: alerts.send[0].url: a secret must not stand in this file. "
        "put it into an environment variable and name that, such as url_env: SLACK_URL",
        "c.yaml:4:7: alerts.send[1].url_env: expected the name of an environment variable. "
        "put the address into that variable, and only its name here, such as SLACK_URL",
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ":1:1: no settings in it. `driftcli config init` writes a commented file"),
        (b"# a\n", ":1:1: no settings in it. `driftcli config init` writes a commented file"),
        (b"- a\n", ":1:1: expected keys and values, got a list"),
        (b"words", ":1:1: expected keys and values, got 'words'"),
        ("version: 1".encode("utf-16"), ": UTF-16 or binary, not UTF-8. save it as UTF-8"),
        ("version: 1".encode("utf-16-le"), ": UTF-16 or binary, not UTF-8. save it as UTF-8"),
        ("a: 1\nb: é".encode("latin-1"), ":2: not UTF-8. save it as UTF-8"),
    ],
)
def test_91_files_that_hold_no_settings(tmp_path: Path, data: bytes, expected: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value) == f"{file}{expected}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing, fifo = tmp_path / "missing.yaml", tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "loop").symlink_to("loop")
    for path, expected in (
        (missing, f"{missing}: no such file. `driftcli config init` writes one"),
        (tmp_path, f"{tmp_path}: is a directory"),
        (fifo, f"{fifo}: not a regular file"),
        (tmp_path / ("x" * 300), f"{tmp_path / ('x' * 300)}: cannot be read (File name too long)"),
    ):
        with pytest.raises(ConfigError) as caught:
            load_config(path)
        assert str(caught.value) == expected
    assert "loop" in str(config_problems(tmp_path / "loop")[0])


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("version: 1")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    assert [str(error) for error in config_problems(file)] == [f"{file}: no permission to read"]


def test_words_that_yaml_reads_otherwise(tmp_path: Path) -> None:
    text = """\
columns:
  exclude:
    - yes
    - Off
    - 2024-01-01
    - 12
    - 010
    - 1:30
    - null
    - .5
  types: {on: categorical, 12: categorical}
performance: {positive: yes}
"""
    assert errors_of(tmp_path, text) == [
        "c.yaml:3:7: columns.exclude[0]: YAML reads yes as true. put it in quotes: 'yes'",
        "c.yaml:4:7: columns.exclude[1]: YAML reads Off as false. put it in quotes: 'Off'",
        "c.yaml:5:7: columns.exclude[2]: YAML reads 2024-01-01 as a date. "
        "put it in quotes: '2024-01-01'",
        "c.yaml:6:7: columns.exclude[3]: expected text, got 12. put it in quotes: '12'",
        "c.yaml:7:7: columns.exclude[4]: YAML reads 010 as a number. put it in quotes: '010'",
        "c.yaml:8:7: columns.exclude[5]: YAML reads 1:30 as a number. put it in quotes: '1:30'",
        "c.yaml:9:7: columns.exclude[6]: expected text, got nothing. put it in quotes: 'null'",
        "c.yaml:10:7: columns.exclude[7]: expected text, got 0.5. put it in quotes: '.5'",
        "c.yaml:11:11: columns.types: YAML reads on as true. put it in quotes: 'on'",
        "c.yaml:11:28: columns.types: YAML reads 12 as a number. put it in quotes: '12'",
        "c.yaml:12:15: performance.positive: YAML reads yes as true. "
        "write true or false, or put it in quotes: 'yes'",
    ]


def test_the_same_words_in_quotes() -> None:
    text = "columns: {exclude: ['yes', '2024-01-01', '12', '010']}\nperformance: {positive: true}"
    config = parse_config(text, "c.yaml")
    assert config.columns.exclude == ("yes", "2024-01-01", "12", "010")
    assert config.performance.positive is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 2", "1:1: version: expected 1, got 2"),
        ("version: '1'", "1:1: version: expected 1, got '1'. write 1"),
        (
            "decision: {rule: evidnt}",
            "1:12: decision.rule: expected one of evident, threshold, certain, got 'evidnt'. "
            "did you mean 'evident'?",
        ),
        (
            "columns: {types: {a: number}}",
            "1:19: columns.types.a: expected one of numeric, categorical, boolean, datetime, "
            "got 'number'. did you mean 'numeric'?",
        ),
        (
            "alerts: {retrain: never}",
            "1:10: alerts.retrain: expected one of low, medium, high, got 'never'",
        ),
        (
            "performance: {k: 010}",
            "1:15: performance.k: expected a whole number, got '010'. write 10",
        ),
        ("performance: {k: 2.5}", "1:15: performance.k: expected a whole number, got 2.5"),
        (
            "performance: {score: [a, 2]}",
            "1:26: performance.score[1]: expected text, got 2. put it in quotes: '2'",
        ),
        (
            "performance: {positive: 1.5}",
            "1:15: performance.positive: expected text or a whole number or true or false, got 1.5."
            " put it in quotes: '1.5'",
        ),
        (
            "alerts: {send: [{url_env: A, allow_http: yes}]}",
            "1:30: alerts.send[0].allow_http: expected true or false. write true",
        ),
        (
            "alerts: {send: [{type: webhook}]}",
            "1:17: alerts.send[0]: missing key 'url_env'. name the variable that holds the address",
        ),
        ("overrides: {a: 0.2}", "1:13: overrides.a: expected keys and values, got 0.2"),
        ("thresholds: 0.1", "1:1: thresholds: expected keys and values, got 0.1"),
        (
            "columns: {<<: {include: a}}",
            "1:11: columns: YAML reads << as something special. put it in quotes: '<<'",
        ),
        ("? [a]\n: 1", "1:3: a key must be text, not a list or keys and values"),
        (
            "columns: {include: a, exclude: [b, a]}",
            "1:36: columns.exclude[1]: 'a' is both included and excluded",
        ),
        ("alerts: {severity: {low: 3}}", "1:10: alerts.severity.medium: must not be below low (3)"),
        (
            "input: {encoding: klingon}",
            "1:9: input.encoding: unknown encoding. such as utf-8 or latin-1",
        ),
    ],
)
def test_other_mistakes(text: str, expected: str) -> None:
    assert error_of(text) == f"c.yaml:{expected}"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("alerts: {send: [{url_env: A, url_file: b}]}", "a variable and a file. give one of them"),
        ("alerts: {send: [{url_file: 'https://x/y'}]}", "expected a file. put the address into"),
        ("alerts: {confirm: 3 of 2}", "alerts.confirm: '3 of 2' does not say how many"),
        ("alerts: {cooldown: soon}", "alerts.cooldown: 'soon' is no span of time"),
        ("alerts: {max_age: 5}", "alerts.max_age: expected"),
        ("alerts: {mute: [{until: '31.12.2026'}]}", "alerts.mute[0].until: expected a day"),
        ("alerts: {mute: [{rule: x}], rules: [{when: not_evaluated}]}", "no such rule"),
        ("alerts: {rules: [{when: feature_drift, by: share}]}", "give low, medium or high"),
        ("alerts: {rules: [{when: x}]}", "alerts.rules[0].when: expected one of feature_drift"),
        ("store: {path: a, url_env: B}", "store.url_env: a file and a database. give one"),
        ("store: {url: 'postgresql://u:p@h/d'}", "store.url: a secret must not stand in this file"),
        (
            "store: {url_env: 'postgresql://u:p@h/d'}",
            "expected the name of an environment variable",
        ),
    ],
)
def test_alerts_and_stores_that_cannot_be(text: str, part: str) -> None:
    line = error_of(text)
    assert part in line
    assert "u:p@h" not in line
    assert "https://x/y" not in line


def test_every_problem_is_listed_by_line(tmp_path: Path) -> None:
    text = "foo: 1\nthresholds: {ks: 2, ks: 1, psi: x}\ncolumns: {exclude: [yes]}\n"
    assert errors_of(tmp_path, text) == [
        "c.yaml:1:1: foo: unknown key. known keys: version, monitor, reference, current, columns, "
        "thresholds, overrides, decision, predictions, performance, alerts, outputs, store, time, "
        "input, resources",
        "c.yaml:2:14: thresholds.ks: must be between 0 and 1, got 2",
        "c.yaml:2:21: thresholds.ks: duplicate key, first on line 2",
        "c.yaml:2:28: thresholds.psi: expected a number, got 'x'",
        "c.yaml:3:21: columns.exclude[0]: YAML reads yes as true. put it in quotes: 'yes'",
    ]


def test_control_characters_stay_on_one_line() -> None:
    assert error_of('"a\\nb\\e[31m": 1').startswith("c.yaml:1:1: 'a\\nb\\x1b[31m': unknown key")


WORDS = "thresholds overrides alerts send url_env score performance ks importance columns exclude"
SIGNS = "[ ] { } , : ' \" # &a *a !!str 1 0.1 .nan yes null ~ | > % --- ? <<"
YAML_PIECES = st.lists(
    st.sampled_from([*WORDS.split(), *SIGNS.split(), ": ", "\n", "\n  ", "- ", "\t"]), max_size=25
).map("".join)


@given(text=YAML_PIECES | st.text(max_size=40))
def test_any_text_gives_a_configuration_or_one_line(text: str) -> None:
    try:
        told = repr(parse_config(text, "c.yaml"))
    except ConfigError as error:
        told = str(error)
    assert told.startswith(("c.yaml:", "Config("))
    assert told.isprintable()


def test_the_settings_alone_import_no_validation_library() -> None:
    code = (
        "import sys, driftcli.config; print(sorted({'pydantic', 'yaml', 'numpy'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
