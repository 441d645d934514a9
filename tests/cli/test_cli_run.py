"""``driftcli run``: features, predictions, performance, alerts and report in one line."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from cli_helpers import Run, strict
from monitored import FILES, OUT, day_file, log, monitor, reference, rows

DAY, MOVED, FEW = "2026-01-01", "2026-01-02", "2026-01-03"
ALL = sorted([*FILES, "alerts.json", "report.html", "history.sqlite"])


@pytest.fixture(autouse=True)
def data(folder: Path) -> None:
    """A day as ever, one on which price moved and one on which hardly anything happened."""
    reference()
    day_file(DAY, log(1))
    day_file(MOVED, log(2, price=2.0))
    day_file(FEW, log(3, rows=5))


def at(day: str, **settings: Any) -> tuple[str, ...]:
    """Write the monitor; return the words that run it on a day."""
    return "run", monitor(**settings), "--as-of", f"{day}T04:00Z"


def left() -> list[str]:
    """The files in the folder of the outputs, less the lock."""
    return sorted(path.name for path in OUT.iterdir() if path.suffix != ".lock")


def result(name: str) -> Any:
    return strict((OUT / name).read_text())


def test_a_quiet_day(run: Run) -> None:
    outcome = run(*at(DAY))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "features: 0 of 2 features drifted, 2 ok",
        "predictions: 0 of 1 prediction columns drifted, 1 ok",
        "performance: 0 of 5 metrics degraded, 5 ok",
        "",
        "no alert",
        "retrain: no",
    ]
    assert left() == ALL
    assert list(result("drift_report.json")["features"]) == ["price", "city"]
    assert list(result("prediction_drift.json")["predictions"]) == ["score"]
    assert result("performance_metrics.json")["auc"] > 0.9
    assert result("alerts.json")["alerts"] == []
    assert rows("SELECT monitor, at, n_reference, n_current, status FROM runs") == [
        ("monitor", "2026-01-01T04:00:00.000000+00:00", 2000, 300, "ok")
    ]


def test_a_page_of_everything(run: Run) -> None:
    run(*at(MOVED))
    page = (OUT / "report.html").read_text()
    for words in ("price", "city", "score", "AUC", "1 of 2 features drifted"):
        assert words in page


def test_on_a_narrow_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    outcome = run(*at(MOVED))
    assert outcome.out.splitlines()[:3] == [
        "features: 1 of 2 features drifted, 1 ok",
        "predictions: 0 of 1 prediction columns",
        "  drifted, 1 ok",
    ]
    assert max(map(len, outcome.out.splitlines())) <= 40
    assert "LOW feature_drift (new): 1 of 2" in outcome.out


def test_as_one_line_of_json(run: Run) -> None:
    told = run(*at(MOVED), "--format", "json").json
    alerts = result("alerts.json")
    assert {name: told[name] for name in alerts} == alerts
    assert {name: told[name] for name in told if name not in alerts} == {
        "parts": {
            command: {
                "drift_detected": command == "features",
                "incomplete": False,
                "file": f"out/{file}",
            }
            for command, file in zip(("features", "predictions", "performance"), FILES, strict=True)
        },
        "failed": {},
        "told": True,
        "undelivered": [],
        "files": {"alerts": "out/alerts.json", "report": "out/report.html"},
    }


def test_quietly(run: Run) -> None:
    outcome = run(*at(MOVED), "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
    assert left() == ALL
    # quiet or not, who asked for JSON gets it, and an error is told
    assert run(*at(MOVED), "--quiet", "--format", "json").json["told"] is False
    assert run(*at("2026-01-09"), "--quiet").error.startswith("logs/2026-01-09.parquet: ")


FAIL_ON = {  # quiet day, one column of two moved, too few rows
    "drift": (0, 1, 2),
    "changed": (0, 1, 2),
    "alert": (0, 1, 1),
    "retrain": (0, 0, 2),
    "never": (0, 0, 2),
}


@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_exit_codes(run: Run, fail_on: str) -> None:
    codes = [run(*at(day), "--fail-on", fail_on).code for day in (DAY, MOVED, FEW)]
    assert tuple(codes) == FAIL_ON[fail_on]
    assert run(*at(FEW), "--fail-on", "drift", "--allow-not-evaluated").code == 0


def test_retraining_makes_the_code_1_where_asked(run: Run) -> None:
    rules = [{"when": "feature_drift", "medium": 1}]
    assert run(*at(MOVED, alerts={"rules": rules}), "--fail-on", "retrain").code == 1
    assert result("alerts.json")["should_retrain"] is True


LABELS = {"label": "label", "score": "score", "labels": "late/labels.parquet", "join_on": "id"}


def test_labels_that_are_not_there_yet_stop_nothing_else(run: Run) -> None:
    Path("late").mkdir()
    keyed = [log(7, rows=2000), log(1)]
    for name, table in zip(("ref.parquet", f"logs/{DAY}.parquet"), keyed, strict=True):
        pq.write_table(table.append_column("id", [range(len(table))]), name)
    words = at(DAY, performance=LABELS, columns={"exclude": ["id"]})
    outcome = run(*words)
    assert outcome.code == 2
    assert outcome.errors == ["performance: late/labels.parquet: no such file"]
    assert "performance: could not run" in outcome.out
    assert left() == sorted(set(ALL) - {"performance_metrics.json"})
    (alert,) = result("alerts.json")["alerts"]
    assert (alert["rule"], alert["columns"]) == ("not_evaluated", {"performance": "new"})
    assert alert["details"]["failed"] == {"performance": "late/labels.parquet: no such file"}
    assert run(*words, "--allow-not-evaluated").code == 0
    # the labels come, and the day is run again
    pq.write_table(
        pq.read_table(f"logs/{DAY}.parquet", columns=["id", "label"]), "late/labels.parquet"
    )
    assert run(*words).code == 0
    assert left() == ALL
    (alert,) = result("alerts.json")["alerts"]
    assert (alert["state"], alert["columns"]) == ("resolved", {"performance": "resolved"})


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"columns": {"include": ["prise"]}}, "features: ref.parquet: column 'prise': "),
        ({"predictions": {"column": "scores"}}, "predictions: ref.parquet: column 'scores': "),
        ({"performance": {"label": "lable"}}, "performance: "),
    ],
)
def test_a_column_that_is_not_there(run: Run, settings: dict[str, Any], error: str) -> None:
    outcome = run(*at(DAY, **settings))
    (told,) = outcome.errors
    assert told.startswith(error)
    assert "did you mean" in told
    assert outcome.code == 2
    assert len(left()) == len(ALL) - 1


def test_row_85_a_rule_for_a_column_that_nothing_checks(run: Run) -> None:
    """The rest is checked and told; a rule that can find nothing is no quiet day."""
    rules = [
        {"when": "feature_drift", "columns": ["city", "prise"]},
        {"when": "prediction_drift", "name": "scores", "columns": ["price"]},
        {"when": "performance_degradation", "columns": ["auc"]},
        {"when": "missing_rate", "columns": ["score", "price"], "high": 0.5},
        {"when": "not_evaluated", "columns": ["label", "score", "auc"]},
    ]
    outcome = run(*at(DAY, alerts={"rules": rules}))
    reason = (
        "alerts.rules[0].columns: column 'prise': not checked. did you mean 'price'?; "
        "alerts.rules[1].columns: column 'price': not checked"
    )
    assert (outcome.code, outcome.errors) == (2, [f"rules: {reason}"])
    assert left() == ALL
    (alert,) = result("alerts.json")["alerts"]
    assert alert["details"]["failed"] == {"rules": reason}
    # set right, it is over
    rules[0]["columns"], rules[1]["columns"] = ["price"], ["score"]
    assert run(*at(DAY, alerts={"rules": rules})).code == 0
    (alert,) = result("alerts.json")["alerts"]
    assert alert["columns"] == {"rules": "resolved"}


def test_a_mute_of_a_column_that_nothing_checks_is_told(run: Run) -> None:
    mute = [
        {"column": "citti"},
        {"column": "prise", "until": "2020-12-31"},
        {"column": "auc"},
        {"column": "label"},
        {"column": "performance"},
    ]
    outcome = run(*at(DAY, alerts={"mute": mute}))
    warning = "alerts.mute[0].column: column 'citti': not checked. did you mean 'city'?"
    assert (outcome.code, outcome.warnings) == (0, [warning])
    assert result("alerts.json")["warnings"] == [warning]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (
            {"current": f"log/{DAY}.parquet"},
            f"log/{DAY}.parquet: no such file",
        ),
        (
            {"reference": "reff.parquet"},
            "reff.parquet: no such file. did you mean 'ref.parquet'?",
        ),
        ({"current": None}, "no current data. name them with current: in the configuration"),
        ({"reference": None}, "no reference data. name them with reference: in the configuration"),
        (
            {"outputs": {"directory": "ref.parquet"}},
            "ref.parquet: is a file. outputs.directory names a folder",
        ),
        (
            {"outputs": {"directory": "ref.parquet/out"}, "store": {"path": "h.sqlite"}},
            "ref.parquet/out: cannot be made (not a directory)",
        ),
        (
            {"store": {"url_env": "NOT_SET"}},
            "the environment variable NOT_SET is not set",
        ),
    ],
)
def test_what_nothing_can_be_done_about(run: Run, settings: dict[str, Any], error: str) -> None:
    """One line says why, the results of the last run stay, and nothing is remembered."""
    run(*at(DAY))
    before = {path.name: path.read_bytes() for path in OUT.iterdir() if path.suffix != ".sqlite"}
    outcome = run(*at(MOVED, **settings))
    assert outcome.error.startswith(error)
    assert outcome.out == ""
    assert before == {p.name: p.read_bytes() for p in OUT.iterdir() if p.suffix != ".sqlite"}
    assert rows("SELECT count(*) FROM runs") == [(1,)]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--as-of", "yesterday"], "'yesterday' is no point in time. write 2026-01-12 or "),
        (["--as-of", "2026-01-32"], "'2026-01-32' is no point in time. "),
        (["--as-of", ""], "'' is no point in time. "),
        (["--fail-on", "alerts"], "Invalid value for '--fail-on': "),
        (["--max-memory", "1"], "--max-memory '1': must be 192MB or more. "),
    ],
)
def test_words_that_mean_nothing(run: Run, words: list[str], error: str) -> None:
    assert run("run", monitor(), *words).error.startswith(error)
    assert not OUT.exists()


def test_a_monitor_that_is_not_there(run: Run) -> None:
    assert run("run", "monitr.yaml").error.startswith("monitr.yaml: no such file")


def test_csv_tells_the_same_as_parquet(run: Run) -> None:
    found = []
    for suffix in ("parquet", "csv"):
        for name in ("ref", f"logs/{MOVED}"):
            pyarrow.csv.write_csv(pq.read_table(f"{name}.parquet"), f"{name}.csv")
        words = at(
            MOVED, reference=f"ref.{suffix}", current=f"logs/{{date:%Y-%m-%d}}.{suffix}",
            monitor=suffix,
        )  # fmt: skip
        told = run(*words, "--format", "json").json
        found.append(
            {name: told[name] for name in ("retrain_reasons", "summary", "incomplete")}
            | {"alerts": [(a["message"], a["details"]) for a in told["alerts"]]}
        )
    assert found[0] == found[1]
    assert rows("SELECT count(*), count(DISTINCT fingerprint) FROM runs") == [(2, 1)]


def test_a_baseline_in_the_place_of_the_reference(run: Run) -> None:
    words = ("--label", "label", "--score", "score")
    assert run("baseline", "create", "ref.parquet", "-o", "base.json.gz", *words).code == 0
    assert run(*at(DAY, reference="base.json.gz")).code == 0
    assert left() == ALL
    outcome = run(*at(MOVED, reference="base.json.gz"))
    assert outcome.code == 1
    assert outcome.out.splitlines()[0] == "features: 1 of 2 features drifted, 1 ok"


def test_each_column_of_parquet_is_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    batches = pq.ParquetFile.iter_batches

    def counted(self: pq.ParquetFile, *arguments: Any, columns: list[str], **named: Any) -> Any:
        read.update(columns)
        return batches(self, *arguments, columns=columns, **named)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    assert run(*at(DAY)).code == 0
    assert read == {"price": 2, "city": 2, "score": 2, "label": 2}  # of either side


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process reads")
def test_all_parts_read_a_csv_file_as_often_as_one(run: Run) -> None:
    """Once for the types of its columns, and once for the values."""
    for name, seed in (("ref", 1), (f"logs/{DAY}", 2)):
        pyarrow.csv.write_csv(log(seed, rows=50_000), f"{name}.csv")
    words = at(DAY, reference="ref.csv", current=f"logs/{DAY}.csv")
    alone = ("features", "ref.csv", f"logs/{DAY}.csv")
    read = []
    for arguments in (words, words, alone):  # the first imports, which is reading, too
        before = characters_read()
        assert run(*arguments).code == 0
        read.append(characters_read() - before)
    assert read[1] < 1.1 * read[2]


def characters_read() -> int:
    """How much this process has read so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def test_a_day_that_was_left_out_is_remembered_once_and_told_to_nobody(run: Run) -> None:
    day_file("2026-01-04", log(4, price=2.0))
    assert run(*at("2026-01-04")).code == 1
    alerts = result("alerts.json")
    for _ in range(2):
        outcome = run(*at(DAY), "--format", "json")
        assert outcome.code == 0
        assert outcome.warnings == [
            "older than the last run (2026-01-04T04:00): remembered, and nothing is told or written"
        ]
        assert outcome.json["told"] is False
    assert result("alerts.json") == alerts
    assert rows("SELECT substr(at, 1, 10) FROM runs ORDER BY at") == [(DAY,), ("2026-01-04",)]


def test_row_115_data_that_end_too_long_ago_are_stale(run: Run) -> None:
    words = at(DAY, current=f"logs/{DAY}.parquet", alerts={"max_age": "1d"})
    words = (*words[:-1], "2200-01-01")
    outcome = run(*words)
    assert outcome.code == 0
    (warning,) = outcome.warnings
    assert warning.startswith("the data end at ")
    assert warning.endswith(", max_age is 1d")
    (alert,) = result("alerts.json")["alerts"]
    assert (alert["rule"], alert["severity"], alert["state"]) == ("stale_input", "medium", "new")
    assert json.loads(rows("SELECT alerts FROM runs")[0][0])["alerts"] == [alert]
