"""README is true: its outputs are what the tool prints, its commands and snippets run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from driftcli.config_file import parse_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_outputs_shown_are_current():
    script = ROOT / "examples" / "refresh_readme.py"
    result = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("which", ["main", "test"])
def test_the_commands_stand_on_one_line_and_make_their_own_environment(which):
    block = re.search(rf"<!-- {which} command -->\n```sh\n(.*?)```", README, re.S)
    assert block is not None
    assert block[1].count("\n") == 1
    assert block[1].startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_the_yaml_shown_is_a_configuration():
    block = re.search(r"```yaml\n(.*?)```", README, re.S)
    assert block is not None
    config = parse_config(block[1], "README.md")
    assert config.thresholds == yaml.safe_load(block[1])["thresholds"]


def test_the_files_linked_exist():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
