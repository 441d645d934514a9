"""Airflow: a gate before scoring; on drift the scoring is skipped, not failed.

``skip_on_exit_code=1`` makes drift (exit code 1) skip the task and all after it. What could not be
checked (2) fails it.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator

try:
    from airflow.sdk import DAG, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.models.param import Param

with DAG(
    "drift_gate",
    description="Score only what looks like the training data",
    schedule=None,
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    tags=["monitoring"],
    params={
        "reference": Param("data/reference.parquet", type="string"),
        "current": Param("data/{date:%Y-%m-%d}.parquet", type="string"),
    },
) as dag:
    gate = BashOperator(
        task_id="gate",
        bash_command='"$DRIFTCLI" features "$REFERENCE" "$CURRENT" --date "$DAY"',
        env={
            "DRIFTCLI": "{{ var.value.get('driftcli_command', 'driftcli') }}",
            "REFERENCE": "{{ params.reference }}",
            "CURRENT": "{{ params.current }}",
            "DAY": "{{ (dag_run.logical_date or dag_run.run_after) | ds }}",
        },
        append_env=True,
        cwd=os.environ.get("AIRFLOW_HOME") or str(Path("~/airflow").expanduser()),
        skip_on_exit_code=1,
        do_xcom_push=False,
    )
    score = BashOperator(task_id="score", bash_command="echo scored")
    gate >> score
