"""The commented YAML, the reference page and the JSON Schema all follow from the settings."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from driftcli import config
from driftcli.config import Config
from driftcli.config_docs import config_markdown, default_config_text
from driftcli.config_fields import feature_methods, known_metrics, settings
from driftcli.config_file import config_problems, parse_config
from driftcli.config_schema import config_schema

ROOT = Path(__file__).parents[1]
SECTIONS = [
    config.Config,
    config.Columns,
    config.DecisionPolicy,
    config.Predictions,
    config.Performance,
    config.Alerts,
    config.Time,
    config.AlertSeverity,
    config.AlertRule,
    config.Channel,
    config.Mute,
    config.Outputs,
    config.StoreOptions,
    config.Input,
    config.Resources,
]


def uncommented(text: str) -> str:
    """Return the text with what is offered as a comment (two spaces deep) taken in."""
    return re.sub(r"^( +)# ((?:- |  )?\w+: \S+  # )", r"\1\2", text, flags=re.MULTILINE)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_explained_once(section: Any) -> None:
    meanings = {item.name: item.meaning for item in settings(section)}
    assert list(meanings) == [item.name for item in fields(section)]
    assert all(meaning.endswith(".") for meaning in meanings.values()), meanings
    documented = re.findall(r"^ {4}(\w+) : ", section.__doc__, flags=re.MULTILINE)
    assert documented == list(meanings)


def test_the_default_file_is_what_config_init_writes() -> None:
    kept = (ROOT / "configs" / "default.yaml").read_bytes()
    assert kept == default_config_text().encode()


def test_the_default_file_holds_the_defaults() -> None:
    assert parse_config(default_config_text(), "default.yaml") == Config()


def test_the_default_file_holds_every_key() -> None:
    values = yaml.safe_load(default_config_text())
    for item in settings(Config):
        assert item.name in values
        if item.name in ("columns", "decision", "predictions", "performance", "alerts", "input"):
            assert list(values[item.name]) == [inner.name for inner in settings(item.shape.section)]


def test_what_the_default_file_offers_holds_the_defaults_too() -> None:
    offered = parse_config(uncommented(default_config_text()), "default.yaml")
    assert offered.thresholds == {
        name: method.threshold for name, method in feature_methods().items()
    }
    assert offered.performance.max_drop == {
        name: metric.max_drop for name, metric in known_metrics().items()
    }
    assert offered.alerts.send == (config.Channel(url_env="SLACK_URL"),)
    assert offered.alerts.rules == (config.AlertRule(when="feature_drift"),)
    assert offered.alerts.mute == (config.Mute(column="region", until="2026-12-31"),)


def test_the_reference_page_is_up_to_date() -> None:
    kept = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    assert kept == config_markdown(), "run: python -m driftcli.config_docs > docs/config.md"


def test_the_tables_of_the_reference_page_are_whole() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", config_markdown(), flags=re.MULTILINE)
    assert len(tables) == len(SECTIONS) + 2
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "configs").glob("*.yaml")))
def test_the_schema_accepts_every_kept_configuration(name: str) -> None:
    values = yaml.safe_load((ROOT / "configs" / name).read_text())
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(values, schema)


@pytest.mark.parametrize(
    "text",
    [
        "treshold: {}",
        "thresholds: {ks: 2}",
        "thresholds: {kss: 1}",
        "thresholds: {psi: 1e-1}",
        "overrides: {a: {ks: 2}}",
        "overrides: {a: {importance: -1}}",
        "performance: {max_drop: {auk: 1}}",
        "performance: {k: 0}",
        "decision: {alpha: 0}",
        "alerts: {send: [{url_env: 'https://x'}]}",
        "alerts: {send: [{}]}",
        "columns: {types: {a: number}}",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(text: str, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(text)
    assert config_problems(file) != []
    assert not jsonschema.Draft202012Validator(config_schema()).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text", ["columns: {include: a}", "thresholds:", "performance: {max_drop: {auc: null}}"]
)
def test_the_schema_accepts_what_the_loader_accepts(text: str) -> None:
    assert isinstance(parse_config(text, "c.yaml"), config.Config)
    jsonschema.validate(yaml.safe_load(text), config_schema())


def test_the_schema_carries_the_meanings() -> None:
    schema = config_schema()
    alpha = schema["$defs"]["DecisionPolicy"]["properties"]["alpha"]
    assert alpha == {
        "description": "A difference counts as more than chance where the adjusted p-value is "
        "below this.",
        "default": 0.05,
        "exclusiveMinimum": 0,
        "maximum": 0.5,
        "type": "number",
    }
