"""Airflow: check features, predictions and performance each day, and retrain where it is advised.

For Airflow 3; loads on 2.11 as well. driftcli runs in an environment of its own: the variable
``driftcli_command`` holds its path. Paths of data are parameters of the run, the day is its logical
date; nothing is named in this file. ``driftcli run`` does all of it in one task, with a memory of
earlier runs; here each step is a task, for those who want to see and retry them one by one.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

try:
    from airflow.sdk import DAG, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.models.param import Param

# each task begins in a folder of its own; relative paths are those below Airflow's home
HOME = os.environ.get("AIRFLOW_HOME") or str(Path("~/airflow").expanduser())
# Values reach the shell as variables, never as text of a command, so that none can run as one.
ENVIRONMENT = {
    "DRIFTCLI": "{{ var.value.get('driftcli_command', 'driftcli') }}",
    "REFERENCE": "{{ params.reference }}",
    "CURRENT": "{{ params.current }}",
    "CONFIG": "{{ params.config or '' }}",
    "DAY": "{{ (dag_run.logical_date or dag_run.run_after) | ds }}",
    "OUT": "{{ params.directory }}/{{ (dag_run.logical_date or dag_run.run_after) | ds }}",
}
CHECK = '"$DRIFTCLI" {command} ${{CONFIG:+--config "$CONFIG"}} --format json {rest}'
# drift is a result (exit code 1) and goes on; what could not be checked (2) fails the task
AS_RESULT = " || [ $? -eq 1 ]"
RETRY = {"retries": 2, "retry_delay": dt.timedelta(minutes=5)}


def step(name: str, command: str, *, retry: bool = False, **more: object) -> BashOperator:
    """Return a task that runs a command; the last line that it prints becomes its XCom."""
    return BashOperator(
        task_id=name,
        bash_command=command,
        env=ENVIRONMENT,
        append_env=True,
        cwd=HOME,
        **(RETRY if retry else {}),
        **more,
    )


def check(name: str, what: str, file: str, **more: object) -> BashOperator:
    """Return a task that compares current with the reference; its XCom is the result."""
    rest = f'"$OUT/reference.baseline" "$CURRENT" --date "$DAY" --output "$OUT/{file}"{AS_RESULT}'
    command = CHECK.format(command=what, rest=rest)
    return step(name, command, retry=True, output_processor=json.loads, **more)


def advised(alerts: dict | None) -> bool:
    """Whether the alerts ask for retraining; says why in the task's log."""
    for reason in (alerts or {}).get("retrain_reasons", []):
        print(f"retrain: {reason}")
    return bool(alerts and alerts["should_retrain"])


with DAG(
    "drift_monitoring",
    description="Data, prediction and performance drift, and the decision to retrain",
    schedule="0 4 * * *",
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    tags=["monitoring"],
    params={
        "reference": Param("data/reference.parquet", type="string"),
        "current": Param("data/{date:%Y-%m-%d}.parquet", type="string"),
        "config": Param(None, type=["null", "string"], description="YAML with thresholds"),
        "directory": Param("data/monitoring", type="string"),
        "label": Param("label", type="string"),
        "score": Param("score", type="string"),
        "retraining_dag": Param("model_retraining", type="string"),
    },
) as dag:
    roles = {"LABEL": "{{ params.label }}", "SCORE": "{{ params.score }}"}
    ENVIRONMENT |= roles

    # reads the whole reference once and checks it; the other tasks read this small file
    reference = step(
        "load_reference",
        'mkdir -p "$OUT" && "$DRIFTCLI" baseline create "$REFERENCE" ${CONFIG:+--config "$CONFIG"}'
        ' --label "$LABEL" --score "$SCORE" --output "$OUT/reference.baseline"'
        ' && "$DRIFTCLI" baseline show "$OUT/reference.baseline"',
        retry=True,
        do_xcom_push=False,
    )
    features = check("feature_drift", "features", "features.json")
    predictions = check("prediction_drift", 'predictions --column "$SCORE"', "predictions.json")
    performance = check("performance", "performance", "performance.json")

    results = '"$OUT/features.json" "$OUT/predictions.json" "$OUT/performance.json"'
    alerts = step(
        "alerts",
        CHECK.format(command="alert", rest=f'{results} --output "$OUT/alerts.json"{AS_RESULT}'),
        output_processor=json.loads,
    )
    report = step(
        "report",
        f'"$DRIFTCLI" report {results} "$OUT/alerts.json" --output "$OUT/report.html"'
        ' && realpath "$OUT/report.html"',
    )
    decision = ShortCircuitOperator(
        task_id="retrain_advised",
        python_callable=advised,
        op_args=[alerts.output],
    )
    retrain = TriggerDagRunOperator(
        task_id="retrain",
        trigger_dag_id="{{ params.retraining_dag }}",
        conf={"reasons": "{{ ti.xcom_pull('alerts')['retrain_reasons'] | tojson }}"},
    )

    reference >> [features, predictions, performance] >> alerts >> [report, decision]
    decision >> retrain
