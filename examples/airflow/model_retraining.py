"""Airflow: the retraining that ``drift_monitoring`` starts; put your training in its place.

The variable ``retraining_command`` holds the command; it gets the reasons, one a line, in
``REASONS``.
"""

from __future__ import annotations

import datetime as dt

from airflow.providers.standard.operators.bash import BashOperator

try:
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG

with DAG(
    "model_retraining",
    description="Trains the model anew",
    schedule=None,
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    max_active_runs=1,
    tags=["training"],
) as dag:
    BashOperator(
        task_id="train",
        bash_command='echo "retraining because of: $REASONS" && exec $COMMAND',
        env={
            "REASONS": "{{ (dag_run.conf or {}).get('reasons', 'somebody asked for it') }}",
            "COMMAND": "{{ var.value.get('retraining_command', 'true') }}",
        },
        append_env=True,
    )
