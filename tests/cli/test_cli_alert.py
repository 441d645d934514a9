"""The alert command on results of earlier runs: exit codes, alerts.json, delivery."""

from __future__ import annotations

from pathlib import Path

import pytest
from alert_receiver import Receiver
from cli_helpers import OLD, Run, save, scored, strict, text

KIND = {"alert": "json", "report": "html"}
SECRET = "s3cr3t"  # noqa: S105 (no password: the tests look for it)  # noqa: S105  stands for one


@pytest.fixture(autouse=True)
def results(data: None, run: Run) -> None:
    """Results with drift, without, and of too few rows."""
    for name in ("same", "moved", "few"):
        run("features", "ref.parquet", f"{name}.parquet", "-q", "-o", f"{name}.json")
    run("predictions", "ref.parquet", "moved.parquet", "-q", "-o", "predictions.json")


def test_nothing_to_tell(run: Run) -> None:
    outcome = run("alert", "same.json")
    assert (outcome.code, outcome.out, outcome.err) == (0, "no alert\nretrain: no\n", "")


def test_an_alert(run: Run) -> None:
    outcome = run("alert", "moved.json", "--format", "json")
    assert (outcome.code, outcome.err) == (1, "")
    (alert,) = outcome.json["alerts"]
    assert (alert["type"], alert["severity"]) == ("feature_drift", "medium")
    assert alert["details"]["drifted_features"] == ["a", "score"]
    assert outcome.json["should_retrain"] is True


def test_an_incomplete_result(run: Run) -> None:
    """What could not be checked is told, but is no drift."""
    outcome = run("alert", "few.json", "--format", "json")
    assert outcome.json["incomplete"] is True
    assert [alert["type"] for alert in outcome.json["alerts"]] == ["not_evaluated"]
    assert outcome.code == 2
    assert len(outcome.errors) == 1
    assert outcome.errors[0].startswith("few.json: ")
    assert run("alert", "few.json", "--fail-on", "never").code == 2
    assert run("alert", "few.json", "--allow-not-evaluated").code == 0


def test_an_incomplete_result_hides_no_drift(run: Run) -> None:
    assert run("alert", "few.json", "moved.json").code == 1
    assert run("alert", "few.json", "same.json").code == 2


@pytest.mark.parametrize(
    ("fail_on", "codes"), [("alert", (0, 1)), ("retrain", (0, 1)), ("never", (0, 0))]
)
def test_fail_on(run: Run, fail_on: str, codes: tuple[int, int]) -> None:
    found = tuple(run("alert", f"{n}.json", "--fail-on", fail_on).code for n in ("same", "moved"))
    assert found == codes


def test_retraining_by_the_config(run: Run) -> None:
    text("c.yaml", "version: 1\nalerts: {retrain: high}\n")
    assert run("alert", "moved.json", "-c", "c.yaml", "--fail-on", "retrain").code == 0
    assert run("alert", "moved.json", "-c", "c.yaml").code == 1


def test_a_rule_for_a_column_that_no_result_has_is_told(run: Run) -> None:
    """A warning only: the results may be those of another monitor, or of one part."""
    Path("rules.yaml").write_text(
        "alerts:\n"
        "  rules:\n"
        "    - {when: feature_drift, columns: [a, skore]}\n"
        "    - {when: prediction_drift, columns: [skore]}\n"
    )
    outcome = run("alert", "moved.json", "-c", "rules.yaml", "--format", "json")
    warning = "alerts.rules[0].columns: column 'skore': not checked. did you mean 'score'?"
    assert (outcome.code, outcome.warnings) == (1, [warning])
    assert outcome.json["warnings"] == [warning]
    both = run("alert", "moved.json", "predictions.json", "-c", "rules.yaml")
    assert both.warnings == [warning, warning.replace("rules[0]", "rules[1]")]
    assert run("alert", "moved.json", "-c", "rules.yaml", "-q").err == ""


def test_alerts_json(run: Run) -> None:
    text("alerts.json", OLD)
    arguments = ("moved.json", "same.json", "predictions.json", "-o", "alerts.json")
    printed = run("alert", *arguments, "--format", "json").json
    written = strict(Path("alerts.json").read_text())
    assert written == printed
    assert [a["type"] for a in written["alerts"]] == ["prediction_drift", "feature_drift"]
    names = {"timestamp", "type", "severity", "message", "details", "action"}
    assert all(names <= set(alert) for alert in written["alerts"])


def test_performance(run: Run) -> None:
    save("good.parquet", **scored(1))
    save("bad.parquet", **scored(2, skill=-1))
    run("performance", "good.parquet", "bad.parquet", "-q", "-o", "p.json")
    outcome = run("alert", "p.json", "--format", "json")
    assert outcome.code == 1
    (alert,) = outcome.json["alerts"]
    assert (alert["type"], alert["severity"]) == ("performance_degradation", "high")


BAD = {
    "": "1:1: not JSON: Expecting value",
    '{"a": ': "1:7: not JSON: Expecting value",
    "{}": " not a result of driftcli. write one with -o FILE.json",
    '"x"': " not a result of driftcli. write one with -o FILE.json",
    '{"schema_version": "1.0"}': " not a result of driftcli: command: Field required",
    '{"schema_version": NaN}': " NaN is not JSON",
    "[" * 100_000: " nested too deeply",
}


@pytest.mark.parametrize("content", BAD)
@pytest.mark.parametrize("command", ["alert", "report"])
def test_bad_results(run: Run, command: str, content: str) -> None:
    text("bad.json", content)
    text(f"out.{KIND[command]}", OLD)
    line = run(command, "moved.json", "bad.json", "-o", f"out.{KIND[command]}").error
    assert line == f"bad.json:{BAD[content]}"
    assert Path(f"out.{KIND[command]}").read_text() == OLD


@pytest.mark.parametrize("command", ["alert", "report"])
def test_results_that_are_no_text(run: Run, command: str) -> None:
    assert (
        run(command, "ref.parquet", "-o", f"out.{KIND[command]}").error
        == "ref.parquet: not a text file"
    )


@pytest.mark.parametrize("command", ["alert", "report"])
def test_half_a_result(run: Run, command: str) -> None:
    whole = Path("moved.json").read_text()
    text("half.json", whole[: len(whole) // 2])
    line = run(command, "half.json", "-o", f"out.{KIND[command]}").error
    assert line.startswith("half.json:")
    assert ": not JSON: " in line


@pytest.mark.parametrize("command", ["alert", "report"])
def test_results_altered_by_hand(run: Run, command: str) -> None:
    text("odd.json", Path("moved.json").read_text().replace('"drift"', '"drfit"'))
    line = run(command, "odd.json", "-o", f"out.{KIND[command]}").error
    assert line.startswith("odd.json: not a result of driftcli: features.a.checks.0.status: ")


@pytest.mark.parametrize("command", ["alert", "report"])
def test_results_of_a_later_version(run: Run, command: str) -> None:
    later = Path("moved.json").read_text().replace('_version": "1.0"', '_version": "9.0"')
    text("later.json", later)
    line = run(command, "later.json", "-o", f"out.{KIND[command]}").error
    assert line.startswith("later.json: ")
    assert "9.0" in line


def test_alerts_are_no_results(run: Run) -> None:
    run("alert", "moved.json", "-q", "-o", "alerts.json")
    assert run("alert", "alerts.json").error.startswith("there is no result to evaluate")


def test_output_that_is_no_file(run: Run) -> None:
    line = run("alert", "moved.json", "-o", "no/alerts.json").error
    assert line == "no: no such directory. create it first"


ALLOWED = ("--allow-http", "--allow-private")


def test_sent(run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", receiver.url())
    outcome = run("alert", "moved.json", "--send", "HOOK", *ALLOWED, "--format", "json")
    assert (outcome.code, outcome.err) == (1, "")
    (request,) = receiver.requests
    assert request.path == "/hook/s3cr3t?token=s3cr3t"
    assert request.document["alerts"] == outcome.json["alerts"]
    assert SECRET not in outcome.out


def test_nothing_is_sent_without_an_alert(
    run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", receiver.url())
    assert run("alert", "same.json", "--send", "HOOK", *ALLOWED).code == 0
    assert receiver.requests == []


@pytest.mark.parametrize("flag", ["--debug", "--fail-on=alert"])
def test_a_refusal_changes_no_verdict(
    run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setenv("HOOK", receiver.url())
    receiver.answers = [(403, {})]
    arguments = ("alert", "moved.json", "--send", "HOOK", *ALLOWED, "-o", "alerts.json", flag)
    outcome = run(*arguments)
    assert outcome.code == 1
    assert outcome.warnings == ["webhook (HOOK): HTTP 403 Forbidden"]
    assert strict(Path("alerts.json").read_text())["alerts"]
    written = Path("alerts.json").read_text()
    assert SECRET not in outcome.out + outcome.err + written


def unreachable(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> str:
    """A config that sends to a port where nobody listens."""
    monkeypatch.setenv("HOOK", f"http://127.0.0.1:1/{SECRET}")
    send = "{url_env: HOOK, retries: 0, allow_http: true, allow_private: true}"
    return text("c.yaml", f"version: 1\nalerts: {{send: [{send}]}}\n")


def test_row_111_unreachable(run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run("alert", "moved.json", "-c", unreachable(monkeypatch, receiver))
    assert outcome.code == 1
    assert outcome.warnings == ["webhook (HOOK): connection refused"]
    assert SECRET not in outcome.out + outcome.err


def test_unreachable_is_told_even_when_quiet(
    run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cron runs with --quiet: that nobody was told must not be lost with the table."""
    outcome = run("alert", "moved.json", "-q", "-c", unreachable(monkeypatch, receiver))
    assert (outcome.code, outcome.out) == (1, "")
    assert "webhook (HOOK): connection refused" in outcome.err


@pytest.mark.parametrize(
    ("url", "flags", "reason"),
    [
        ("s3cr3t", (), "channel (HOOK): the address is not a URL of the form https://host/path"),
        ("https:/s3cr3t", (), "channel (HOOK): the address is not a URL of the form"),
        ("http://hooks.example/s3cr3t", (), "webhook (HOOK): the address is not https"),
        (
            "https://127.0.0.1/s3cr3t",
            (),
            "webhook (HOOK): the host has a private or reserved address",
        ),
        ("file:///etc/s3cr3t", ALLOWED, "apprise (HOOK): the address is of no service"),
        ("ftp://hooks.example/s3cr3t", ALLOWED, "apprise (HOOK): the address is of no service"),
    ],
)
def test_addresses_that_are_not_served(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, flags: tuple[str, ...], reason: str
) -> None:
    monkeypatch.setenv("HOOK", url)
    outcome = run("alert", "moved.json", "--send", "HOOK", *flags)
    assert outcome.code == 1
    (warning,) = outcome.warnings
    assert warning.startswith(reason)
    assert SECRET not in outcome.err


@pytest.mark.parametrize("value", [None, "", " "])
def test_a_variable_that_holds_no_address(
    run: Run, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """Told before there is an alert: a secret that is not there is empty in many a CI."""
    monkeypatch.delenv("HOOK", raising=False)
    if value is not None:
        monkeypatch.setenv("HOOK", value)
    outcome = run("alert", "same.json", "--send", "HOOK")
    assert outcome.error == "the environment variable HOOK is not set"


def test_an_address_in_place_of_its_variable_is_never_printed(run: Run) -> None:
    outcome = run("alert", "moved.json", "--send", f"https://hooks.example/{SECRET}")
    assert SECRET not in outcome.out + outcome.err
    assert outcome.code == 2
    assert "environment variable" in outcome.error


@pytest.mark.parametrize(("required", "code"), [("false", 1), ("true", 2)])
def test_a_required_channel_must_be_reached(
    run: Run, monkeypatch: pytest.MonkeyPatch, receiver: Receiver, required: str, code: int
) -> None:
    config = unreachable(monkeypatch, receiver)
    text = (
        Path(config)
        .read_text("utf-8")
        .replace("url_env: HOOK", f"url_env: HOOK, required: {required}")
    )
    Path(config).write_text(text, "utf-8")
    outcome = run("alert", "moved.json", "-c", config)
    assert outcome.code == code
    kind = "error" if code == 2 else "warning"
    assert f"driftcli: {kind}: webhook (HOOK): connection refused" in outcome.err
