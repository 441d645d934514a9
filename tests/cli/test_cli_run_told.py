"""Who is told of what ``driftcli run`` finds: the known, the muted, a command, and no secrets."""

from __future__ import annotations

import base64
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alert_receiver import Receiver
from cli_helpers import Outcome, Run
from monitored import Warm, day_file, log, monitor, notices, reference, rows, warmed, webhook

# far ahead, as an acknowledgement is made at the present and holds from then on
MONTH = "2099-01-"
PRICE, CITY = "feature_drift price", "feature_drift city"


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    yield from warmed(tmp_path_factory.mktemp("warm"))


@pytest.fixture
def heard(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Any]]:
    """What the receiver in HOOK heard, as (day of the month, states)."""
    monkeypatch.setenv("HOOK", receiver.url())
    return lambda: [(int(day[-2:]), states) for day, states in notices(receiver.requests)]


def days(first: int, pattern: str) -> None:
    """Write a log a day: ``.`` as ever, ``p`` price, ``c`` city and ``b`` both moved."""
    reference()
    for day, sign in enumerate(pattern, first):
        table = log(
            500 + day, price=2.0 if sign in "pb" else 0.0, city=0.4 if sign in "cb" else 0.0
        )
        day_file(f"{MONTH}{day}", table)


def as_of(day: int) -> tuple[str, ...]:
    return "run", "monitor.yaml", "--as-of", f"{MONTH}{day}T04:00Z"


def alerts() -> Any:
    return json.loads(Path("out/alerts.json").read_text())


def states() -> dict[str, str]:
    (alert,) = alerts()["alerts"]
    return dict(alert["columns"])


def test_what_is_acknowledged_is_told_again_after_its_day(
    run: Run, heard: Callable[[], list[Any]]
) -> None:
    days(11, "bbbbb")
    monitor({"cooldown": "1d", "send": [webhook()]})
    assert run(*as_of(11)).code == 1
    assert alerts()["should_retrain"] is True
    known = run("alert", "ack", "monitor.yaml", "feature_drift", "--until", f"{MONTH}13")
    assert known.err == "driftcli: note: monitor: feature_drift * is known until 2099-01-13\n"
    for day in (12, 13):
        assert run(*as_of(day), "--fail-on", "alert").code == 0
        assert states() == {"price": "acknowledged", "city": "acknowledged"}
        assert alerts()["should_retrain"] is False
    assert run(*as_of(14)).code == 1
    assert run("alert", "ack", "monitor.yaml", "feature_drift", "city").code == 0
    assert run("alert", "unack", "monitor.yaml", "feature_drift", "city").code == 0
    assert run(*as_of(15)).code == 1
    assert heard() == [
        (11, {PRICE: "new", CITY: "new"}),
        (14, {PRICE: "still", CITY: "still"}),
        (15, {PRICE: "still", CITY: "still"}),
    ]


def test_what_the_file_mutes_is_told_after_its_day(
    run: Run, heard: Callable[[], list[Any]]
) -> None:
    days(11, "ppp.")
    mute = {"rule": "feature_drift", "column": "price", "until": f"{MONTH}12", "reason": "known"}
    monitor({"mute": [mute], "send": [webhook()]})
    for day in (11, 12):
        assert run(*as_of(day)).code == 1
        assert states() == {"price": "muted"}
    assert run(*as_of(13)).code == 1
    assert alerts()["alerts"][0]["since"][:10] == f"{MONTH}11"
    assert run(*as_of(14)).code == 0
    assert heard() == [(13, {PRICE: "still"}), (14, {PRICE: "resolved"})]


def test_what_is_muted_makes_nothing_else_heard(run: Run, heard: Callable[[], list[Any]]) -> None:
    """With city two columns drifted, which is louder; but nobody wants to hear of city."""
    days(11, "pbb..")
    monitor({"mute": [{"column": "city"}], "send": [webhook()]})
    for day in (11, 12, 13, 14, 15):
        run(*as_of(day))
    assert heard() == [(11, {PRICE: "new"}), (14, {PRICE: "resolved"})]


def test_what_needs_the_muted_to_be_an_alert_is_none(
    run: Run, heard: Callable[[], list[Any]]
) -> None:
    days(11, "bb.")
    rules = [{"when": "feature_drift", "low": 2}]
    monitor({"rules": rules, "mute": [{"column": "city"}], "send": [webhook()]})
    for day in (11, 12, 13):
        run(*as_of(day))
    assert heard() == []


def test_what_is_not_there_today_is_not_counted_as_told(
    run: Run, heard: Callable[[], list[Any]]
) -> None:
    """Open by the days before; the reminder waits for a day on which there is something to say."""
    days(11, "p..p...")
    monitor({"confirm": "1 of 3", "cooldown": "2d", "send": [webhook()]})
    for day in range(11, 18):
        run(*as_of(day))
    assert heard() == [(11, {PRICE: "new"}), (14, {PRICE: "still"}), (17, {PRICE: "resolved"})]


RULES = [{"when": "missing_rate", "low": 0.2}, {"when": "not_evaluated"}]


def test_what_could_not_be_looked_at_is_not_over(run: Run, heard: Callable[[], list[Any]]) -> None:
    """Without scores there is no telling how many are missing."""
    days(11, "....")
    for day in (11, 12, 13):
        table = log(500 + day)
        at = table.schema.get_field_index("score")
        half = [None if row % 2 else value for row, value in enumerate(table["score"].to_pylist())]
        gone = table.remove_column(at) if day == 12 else table.set_column(at, "score", [half])
        day_file(f"{MONTH}{day}", gone)
    monitor({"rules": RULES, "send": [webhook()]})
    for day in (11, 12, 13, 14):
        run(*as_of(day))
    unchecked = ("not_evaluated score", "not_evaluated performance")
    assert heard() == [
        (11, {"missing_rate score": "new"}),
        (12, dict.fromkeys(unchecked, "new")),
        (13, dict.fromkeys(unchecked, "resolved")),
        (14, {"missing_rate score": "resolved"}),
    ]


RECORD = """
import os, sys
from pathlib import Path
with Path("told.txt").open("a") as told:
    print(*sys.argv[1:], os.environ["DRIFTCLI_SHOULD_RETRAIN"], file=told)
print("starting")
sys.exit(3 if Path("broken").exists() else 0)
"""


def told_command() -> list[str]:
    path = Path("told.txt")
    return path.read_text().splitlines() if path.exists() else []


def test_a_command_is_told_until_it_succeeds(warm: Warm) -> None:
    days(11, ".pbbb.")
    monitor()
    Path("a script.py").write_text(RECORD)
    words = ["--on-alert", f"'{sys.executable}' 'a script.py' --now '; touch no-shell'"]
    assert warm(*as_of(11), *words).code == 0
    assert told_command() == []
    # an alert that asks for no retraining, and a command that fails
    Path("broken").touch()
    failed = warm(*as_of(12), *words)
    reason = f"on-alert: {sys.executable} ended with 3"
    line = f"driftcli: error: alert not delivered (tried again by the next run): {reason}"
    assert (failed.code, failed.err.splitlines()) == (2, ["starting", line])
    first = "--now ; touch no-shell out/alerts.json 0"
    assert told_command() == [first]
    # the next run tells again, and then of what is louder and asks for retraining
    Path("broken").unlink()
    outcome = warm(*as_of(13), *words)
    assert (outcome.code, outcome.err) == (1, "starting\nstarting\n")
    assert "starting" not in outcome.out
    assert told_command() == [first, first, "--now ; touch no-shell out/alerts.json 1"]
    for day in (13, 14, 15):  # the same input again, and what goes on
        assert warm(*as_of(day), *words).code == 1
    assert len(told_command()) == 3
    assert warm(*as_of(16), *words).code == 0
    assert len(told_command()) == 4  # it is over
    assert not Path("no-shell").exists()
    assert rows("SELECT attempts, outcome FROM deliveries ORDER BY created") == [
        (2, "sent"),
        (1, "sent"),
        (1, "sent"),
    ]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("", "--on-alert: no command"),
        ("'", "--on-alert: No closing quotation"),
    ],
)
def test_a_command_that_is_none(run: Run, command: str, reason: str) -> None:
    days(11, "p")
    monitor()
    assert run(*as_of(11), "--on-alert", command).error == reason
    assert not Path("out").exists()


def test_a_command_that_is_not_there(warm: Warm) -> None:
    days(11, "p")
    monitor()
    outcome = warm(*as_of(11), "--on-alert", "no-such-command --now")
    assert outcome.code == 2
    assert outcome.errors == [
        "alert not delivered (tried again by the next run): on-alert: no-such-command: "
        "no such file or directory"
    ]


@pytest.mark.parametrize(("required", "code"), [(False, 1), (True, 2)])
def test_only_what_is_required_changes_the_code(
    run: Run, receiver: Receiver, heard: Callable[[], list[Any]], required: bool, code: int
) -> None:
    days(11, "pp")
    monitor({"send": [webhook(required=required)]})
    receiver.answers += [(500, {})]
    outcome = run(*as_of(11))
    told = outcome.errors if required else outcome.warnings
    assert told == [
        "alert not delivered (tried again by the next run): webhook (HOOK): HTTP 500 "
        "Internal Server Error"
    ]
    assert outcome.code == code
    assert states() == {"price": "new"}
    assert Path("out/report.html").exists()
    assert run(*as_of(12)).code == 1
    assert heard() == [(11, {PRICE: "new"})]
    assert len(receiver.requests) == 2
    assert rows("SELECT attempts, outcome, reason FROM deliveries") == [(2, "sent", "")]


def test_a_notice_that_nobody_took_in_three_days_is_given_up(
    run: Run, receiver: Receiver, heard: Callable[[], list[Any]]
) -> None:
    days(11, "ppppp")
    monitor({"send": [webhook()]})
    receiver.answers += [(503, {})] * 5
    ends = []
    for day in (11, 12, 13, 14, 15):
        outcome = run(*as_of(day))
        ends += [line.partition(")")[0].partition("(")[2] for line in outcome.warnings]
    assert ends == ["tried again by the next run"] * 4 + ["given up"]
    assert rows("SELECT attempts, outcome FROM deliveries") == [(5, "given up")]
    assert run(*as_of(15)).warnings == [
        "the data of the run of 2099-01-15T04:00 again: nothing new is told"
    ]
    assert len(receiver.requests) == 5


PATH, QUERY, USER, PASSWORD, KEY = (
    f"{word}-s3cr3t-{word}" for word in ("path", "query", "user", "pass", "hmac")
)
SECRETS = (
    *(PATH, QUERY, USER, PASSWORD, KEY),
    base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
)


def leaks(outcome: Outcome) -> list[str]:
    """Return which secrets stand where, on the screen or in any file."""
    places = {"stdout": outcome.out.encode(), "stderr": outcome.err.encode()}
    places |= {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    return [
        f"{secret} in {place}"
        for secret in SECRETS
        for place, content in places.items()
        if secret.encode() in content
    ]


FAULTS: dict[str, dict[str, Any]] = {
    "delivered": {},
    "refused": {"answers": [(403, {})]},
    "redirected": {"answers": [(302, {"Location": f"http://127.0.0.1/{PATH}"})]},
    "failing": {"answers": [(500, {})]},
    "hanging up": {"answers": [(-5, {})]},
    "not http": {"answers": [(-4, {})]},
    "stalling": {"answers": [(-1, {})], "channel": {"timeout": 0.1}},
    "nobody": {"port": 9},
    "no port": {"port": "12x"},
    "http": {"channel": {"allow_http": False}},
    "private": {"channel": {"allow_private": False}},
    "no data": {"day": 20},
    "broken": {"spoil": ("driftcli.alerts.channels:_sender", 1, "raise")},
    "a bug": {"spoil": ("driftcli.pipeline.monitor:_told", 1, "raise")},
    "no store": {"store": {"url_env": "STORE"}},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_secrets_are_nowhere(warm: Warm, receiver: Receiver, fault: str) -> None:
    how = FAULTS[fault]
    days(11, "p")
    channel = {"secret_env": "HOOK_KEY", "required": True, **how.get("channel", {})}
    monitor({"send": [webhook(**channel)]}, store=how.get("store"))
    receiver.says = f"no {PATH} for {USER} {PASSWORD}".encode()
    place = f"{USER}:{PASSWORD}@127.0.0.1:{how.get('port', receiver.port)}"
    secret = {
        "HOOK": f"http://{place}/{PATH}?token={QUERY}",
        "HOOK_KEY": KEY,
        "STORE": f"postgresql://{USER}:{PASSWORD}@127.0.0.1:9/{PATH}",
    }
    codes = []
    for words in (["--debug"], ["--debug", "--format", "json"]):
        receiver.answers += how.get("answers", [])
        run = as_of(how.get("day", 11))
        outcome = warm(*run, *words, spoil=how.get("spoil"), **secret, DRIFTCLI_DEBUG="1")
        codes.append(outcome.code)
        assert leaks(outcome) == []
    assert codes == ([1, 1] if fault == "delivered" else [2, 2])
    got = [request for request in receiver.requests if PATH in request.path]
    assert bool(got) == ("answers" in how or fault == "delivered")
    assert all("X-Driftcli-Signature" in request.headers for request in got)


def test_labels_that_come_later_the_same_day_confirm_no_drift(
    run: Run, heard: Callable[[], list[Any]]
) -> None:
    """The features are those that the run before looked at: seen once, not twice."""
    days(11, ".pp")
    day_file(f"{MONTH}12", log(512, price=2.0, labels=False))
    monitor({"confirm": "2 of 2", "send": [webhook()]})
    run(*as_of(11))
    assert run(*as_of(12)).code != 0
    assert json.loads(Path("out/drift_report.json").read_text())["summary"]["drift_detected"]
    day_file(f"{MONTH}12", log(512, price=2.0))
    assert run(*as_of(12)).code == 1
    told = json.loads(Path("out/performance_metrics.json").read_text())["performance"]
    assert told["coverage"]["labelled"] == 300
    assert not any(PRICE in states for _, states in heard())
    assert run(*as_of(13)).code == 1
    assert [day for day, states in heard() if states.get(PRICE) == "new"] == [13]


@pytest.mark.parametrize("kept", ["f" * 64, "", "[1]", '{"current'])
def test_a_store_that_keeps_something_else_of_the_last_run(run: Run, kept: str) -> None:
    """Of an earlier version, or damaged: the data are then not those of the last run."""
    days(11, "..")
    monitor({})
    assert run(*as_of(11)).code == 0
    with sqlite3.connect("out/history.sqlite") as store:
        store.execute("UPDATE runs SET fingerprint = ?, sources = ?", (kept, kept))
    outcome = run(*as_of(12))
    assert (outcome.code, outcome.warnings) == (0, [])
