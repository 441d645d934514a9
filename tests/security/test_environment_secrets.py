"""Secrets of the environment are in no output of any command, not even where it fails."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from monitored import Warm, log, monitor, reference

WORD = "s3cr3t-of-the-environment"
SECRETS = {
    name: f"{WORD}-{at}"
    for at, name in enumerate(
        ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD", "HOOK", "GITHUB_TOKEN",
         "MLFLOW_TRACKING_PASSWORD", "SOME_API_KEY")
    )
}  # fmt: skip
RUN = ("run", "monitor.yaml", "--as-of", "2099-01-11T04:00Z")
CHECK = ("features", "ref.parquet", "now.parquet", "-o", "x.json", "-o", "x.html")
FAILURES = {
    "none": (CHECK, None, 1),
    "no data": (("features", "ref.parquet", "no.parquet"), None, 2),
    "a bug in a check": (CHECK, ("driftcli.pipeline.columns:check_features", 1, "raise"), 2),
    "a bug in a write": (CHECK, ("driftcli.commands.output:write_whole", 1, "raise"), 2),
    "a run": (RUN, None, 1),
    "a bug in a run": (RUN, ("driftcli.pipeline.monitor:_told", 1, "raise"), 2),
    "a configuration": (("config", "validate", "monitor.yaml"), None, 0),
    "a baseline": (("baseline", "create", "ref.parquet", "-o", "base.parquet"), None, 0),
}


@pytest.mark.parametrize("name", FAILURES)
def test_row_090_the_environment_is_told_nowhere(warm: Warm, name: str) -> None:
    reference()
    pq.write_table(log(1, price=2.0), "now.parquet")
    monitor({"send": [{"url_env": "HOOK", "retries": 0}]}, current="now.parquet")
    arguments, spoil, code = FAILURES[name]
    outcome = warm(*arguments, "--debug", spoil=spoil, **SECRETS)
    assert outcome.code == code, outcome.err
    assert ("Traceback" in outcome.err) == (code == 2)
    places = {"stdout": outcome.out.encode(), "stderr": outcome.err.encode()}
    places |= {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert [place for place, content in places.items() if WORD.encode() in content] == []
