"""Examples for CI services, cron, systemd, Kubernetes and containers, as far as each runs here."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
DATA = EXAMPLES / "data"
REFERENCE, QUIET, DRIFTED = (
    str(DATA / f"{name}.parquet") for name in ("reference", "quiet", "current")
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``driftcli`` is that of this interpreter."""
    command = tmp_path / "runner" / "driftcli" / "bin" / "driftcli"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m driftcli "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "RUNNER_TEMP": str(tmp_path / "runner")}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def run(*command: str | Path, env: dict[str, str], **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], env=env, capture_output=True, text=True, check=False, **more
    )


# -- GitHub ----------------------------------------------------------------------------------------


def action() -> dict[str, Any]:
    text = (EXAMPLES / "ci" / "github-action" / "action.yml").read_text("utf-8")
    value: dict[str, Any] = yaml.safe_load(text)
    return value


def check_step(environment: dict[str, str], **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step as the runner does: inputs as variables, the text as a bash script."""
    found = action()
    step = next(step for step in found["runs"]["steps"] if step.get("id") == "check")
    values = {name: str(item.get("default", "")) for name, item in found["inputs"].items()}
    values |= {name.replace("_", "-"): text for name, text in inputs.items()}
    for name, expression in step["env"].items():
        (wanted,) = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression).groups()  # type: ignore[union-attr]  # each is such an expression
        environment[name] = values[wanted]
    environment |= {"GITHUB_OUTPUT": "outputs.txt", "GITHUB_STEP_SUMMARY": "summary.md"}
    Path("step.sh").write_text(step["run"], encoding="utf-8")
    return run("bash", "--noprofile", "--norc", "-eo", "pipefail", "step.sh", env=environment)


@pytest.mark.parametrize(("current", "code"), [(QUIET, 0), (DRIFTED, 1), ("nothing.csv", 2)])
def test_the_action_checks_and_tells(environment: dict[str, str], current: str, code: int) -> None:
    done = check_step(environment, reference=REFERENCE, current=current)
    assert done.returncode == code
    assert Path("outputs.txt").read_text() == f"exit-code={code}\nreport=drift-report.html\n"
    if code == 2:
        return
    assert ("::error" in done.stdout) == (code == 1)
    assert "| " in Path("summary.md").read_text("utf-8")
    assert Path("drift-report.html").stat().st_size > 10_000


def test_an_input_of_the_action_is_never_a_command(environment: dict[str, str]) -> None:
    hostile = '"; touch owned; $(touch owned) `touch owned`'
    done = check_step(environment, reference=hostile, current=hostile, fail_on="never")
    assert done.returncode == 2
    assert not Path("owned").exists()


def test_no_script_of_the_action_holds_an_expression() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("github-actions", "ci/github-action/action.yml"),
        ("github-workflows", "ci/github-action/drift.yml"),
        ("gitlab-ci", "ci/gitlab/drift.gitlab-ci.yml"),
    ],
)
def test_the_schema_of_the_service_holds(kind: str, file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}"]
    done = run(*command, EXAMPLES / file, env={**os.environ})
    assert done.returncode == 0, done.stdout + done.stderr


# -- GitLab, Jenkins, pre-commit, make -------------------------------------------------------------


@pytest.mark.parametrize(("current", "code"), [(QUIET, 0), (DRIFTED, 1), ("nothing.csv", 2)])
def test_the_gitlab_job_runs(environment: dict[str, str], current: str, code: int) -> None:
    text = (EXAMPLES / "ci" / "gitlab" / "drift.gitlab-ci.yml").read_text("utf-8")
    job = yaml.safe_load(text)["drift"]
    environment |= {"REFERENCE": REFERENCE, "CURRENT": current}
    done = run("sh", "-ec", "\n".join(job["script"]), env=environment)
    assert done.returncode == code
    assert job["allow_failure"]["exit_codes"] == [1]
    if code < 2:
        assert Path(job["artifacts"]["reports"]["junit"]).exists()
        assert all(Path(path).exists() for path in job["artifacts"]["paths"])


@pytest.mark.parametrize(("current", "code"), [(QUIET, 0), (DRIFTED, 1)])
def test_the_jenkins_stage_runs(environment: dict[str, str], current: str, code: int) -> None:
    text = (EXAMPLES / "ci" / "jenkins" / "Jenkinsfile").read_text("utf-8")
    (script,) = re.findall(r"script: '''(.*?)'''", text, flags=re.DOTALL)
    environment |= {"REFERENCE": REFERENCE, "CURRENT": current}
    assert run("sh", "-c", script, env=environment).returncode == code
    (results,) = re.findall(r"testResults: '([^']+)'", text)
    suites = ElementTree.parse(results).getroot()  # noqa: S314  written by the line above
    failures = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    assert bool(failures) == bool(code)


def test_the_hook_checks_configurations(environment: dict[str, str]) -> None:
    hooks = ROOT / ".pre-commit-hooks.yaml"
    pre_commit = [sys.executable, "-m", "pre_commit"]
    assert run(*pre_commit, "validate-manifest", hooks, env=environment).returncode == 0
    shutil.copy(EXAMPLES / "ci" / "pre-commit" / ".pre-commit-config.yaml", ".")
    assert run(*pre_commit, "validate-config", env=environment).returncode == 0
    run("git", "init", "-q", env=environment)
    Path("monitors").mkdir()
    shutil.copy(ROOT / "configs" / "monitor.yaml", "monitors/ctr.yaml")
    Path("other.yaml").write_text("not: ours\n")
    run("git", "add", ".", env=environment)
    environment["PRE_COMMIT_HOME"] = str(Path.cwd() / "home")
    done = run(*pre_commit, "run", "--all-files", env=environment)
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr
    Path("monitors/ctr.yaml").write_text("treshold: {ks: 0.2}\n")
    run("git", "add", ".", env=environment)
    done = run(*pre_commit, "run", "--all-files", env=environment)
    assert done.returncode == 1
    assert "monitors/ctr.yaml:1:1: treshold: unknown key. did you mean 'thresholds'?" in done.stdout


def test_the_published_hook_takes_the_files_of_monitors() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"] == "driftcli config validate"
    taken = [
        name
        for name in (
            "monitors/ctr.yaml",
            "monitor/a/b.yml",
            "drift.yaml",
            "a/drift-x.yml",
            "x.yaml",
        )
        if re.search(hook["files"], name)
    ]
    assert taken == ["monitors/ctr.yaml", "monitor/a/b.yml", "drift.yaml", "a/drift-x.yml"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_checks_what_changed(environment: dict[str, str]) -> None:
    shutil.copy(EXAMPLES / "ci" / "make" / "Makefile", ".")
    shutil.copy(DRIFTED, "current.parquet")
    Path("drift.yaml").write_text("{}\n")
    make = ["make", "--no-print-directory", f"REFERENCE={REFERENCE}", "CURRENT=current.parquet"]
    done = run(*make, "drift", env=environment)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "drift: see drift.html")
    again = run(*make, "drift", env=environment)
    assert "driftcli" not in again.stdout
    time.sleep(0.01)
    shutil.copy(QUIET, "current.parquet")
    later = time.time() + 10
    os.utime("current.parquet", (later, later))
    quiet = run(*make, "drift", env=environment)
    assert quiet.stdout.splitlines()[-1] == "no drift"
    Path("current.parquet").write_bytes(b"")
    os.utime("current.parquet", (later + 10, later + 10))
    broken = run(*make, "drift", env=environment)
    assert broken.returncode == 2
    assert "file is empty" in broken.stderr


# -- cron, systemd, logrotate ----------------------------------------------------------------------


def monitor(current: str) -> str:
    Path("ctr.yaml").write_text(
        f"reference: {REFERENCE}\ncurrent: {current}\noutputs: {{directory: out}}\n"
        "columns: {exclude: [flight_id]}\n"
    )
    return "ctr.yaml"


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
@pytest.mark.parametrize(
    ("current", "code", "mail"),
    [
        (QUIET, 0, ""),
        (DRIFTED, 1, "drift: ctr.yaml\n"),
        ("nothing.csv", 2, "could not check (exit 2): ctr.yaml\n"),
    ],
)
def test_cron_mails_only_what_is_worth_it(
    environment: dict[str, str], current: str, code: int, mail: str
) -> None:
    done = run(EXAMPLES / "cron" / "drift.sh", monitor(current), "x.log", env=environment)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(mail)
    assert bool(done.stdout) == bool(mail)
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z exit \d\n", Path("x.log").read_text("utf-8"))


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_a_second_cron_job_leaves_at_once(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        ["flock", "x.log.lock", "sh", "-c", "echo held; sleep 60"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        done = run(EXAMPLES / "cron" / "drift.sh", monitor(QUIET), "x.log", env=environment)
        os.killpg(holder.pid, 15)
    assert (done.returncode, done.stdout, Path("x.log").exists()) == (0, "", False)


def test_the_crontab_calls_what_there_is() -> None:
    lines = (EXAMPLES / "cron" / "crontab").read_text("utf-8").splitlines()
    jobs = [line.split(None, 5) for line in lines if re.match(r"[\d*]", line)]
    assert [job[:5] for job in jobs] == [["0", "4", "*", "*", "*"], ["30", "4", "1", "*", "*"]]
    assert Path(jobs[0][5].split()[0]).name == "drift.sh"
    assert jobs[1][5].startswith("driftcli history prune -c ")


def test_the_logs_that_are_rotated_are_those_that_are_written() -> None:
    rotated = (EXAMPLES / "cron" / "logrotate.conf").read_text("utf-8")
    pattern, rules = re.fullmatch(r"(\S+) \{\n(.*)\}\n", rotated, flags=re.DOTALL).groups()  # type: ignore[union-attr]  # or it is no such file
    lines = (EXAMPLES / "cron" / "crontab").read_text("utf-8").splitlines()
    (log,) = [line.split()[-1] for line in lines if "drift.sh" in line]
    assert Path(log).match(pattern)
    assert {"weekly", "missingok"} <= set(rules.split())
    if shutil.which("logrotate"):
        done = run("logrotate", "--debug", EXAMPLES / "cron" / "logrotate.conf", env={**os.environ})
        assert "error:" not in done.stderr


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have upper case
    parser.read(EXAMPLES / "systemd" / name, encoding="utf-8")
    return parser


def test_the_units_fit_together() -> None:
    service, timer = unit("driftcli@.service"), unit("driftcli@.timer")
    assert service["Service"]["ExecStart"].split()[1:] == ["run", "/etc/driftcli/%i.yaml"]
    assert service["Service"]["SuccessExitStatus"] == "1"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_units(environment: dict[str, str]) -> None:
    text = (EXAMPLES / "systemd" / "driftcli@.service").read_text("utf-8")
    Path("driftcli@ctr.service").write_text(text.replace("/opt/driftcli/bin/driftcli", "/bin/true"))
    shutil.copy(EXAMPLES / "systemd" / "driftcli@.timer", "driftcli@ctr.timer")
    done = run(
        "systemd-analyze", "verify", "./driftcli@ctr.service", "./driftcli@ctr.timer",
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# -- containers ------------------------------------------------------------------------------------


def objects() -> list[dict[str, Any]]:
    text = (EXAMPLES / "kubernetes" / "cronjob.yaml").read_text("utf-8")
    return list(yaml.safe_load_all(text))


def test_the_cron_job_of_kubernetes_holds_its_schema() -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    for found in objects():
        kubernetes_validate.validate(found, "1.31", strict=True)


def test_the_configuration_of_the_cluster_is_one(environment: dict[str, str]) -> None:
    config, job = objects()
    (name, text), *_ = config["data"].items()
    Path(name).write_text(text)
    assert run("driftcli", "config", "validate", name, env=environment).returncode == 0
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"][:2] == ["run", f"/config/{name}"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_the_image_is_built_with_care() -> None:
    """The rules of Hadolint that concern it, and that what is copied is there."""
    dockerfile_parse = pytest.importorskip("dockerfile_parse")
    parser = dockerfile_parse.DockerfileParser(str(EXAMPLES / "docker" / "Dockerfile"))
    steps = [(step["instruction"], step["value"]) for step in parser.structure]
    images = [value.split()[0] for name, value in steps if name == "FROM"]
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)
    assert not [value for name, value in steps if name == "ADD"]
    assert [value for name, value in steps if name == "USER"][-1] == "10001"
    for name, value in steps:
        if name == "RUN" and "pip install" in value:
            assert "--no-cache-dir" in value
        if name == "COPY" and not value.startswith("--from"):
            *sources, _ = value.split()
            assert all((ROOT / source).exists() for source in sources)
    (entry,) = [value for name, value in steps if name == "ENTRYPOINT"]
    assert entry == '["driftcli"]'
