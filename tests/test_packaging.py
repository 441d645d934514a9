"""What is built is installed into a fresh environment and runs there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

import driftcli

ROOT = Path(__file__).parents[1]
DATA = ROOT / "examples" / "data"
WORKFLOW = ROOT / ".github" / "workflows" / "publish.yml"
SHELLS = ("bash", "zsh", "fish")
VERSION = driftcli.__version__

pytestmark = pytest.mark.xdist_group("packaging")


def run(*command: object, code: int = 0, **more: Any) -> str:
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False, timeout=120, **more
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it alone."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def fresh(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel, which finds the libraries of this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(programs / "python", *install, *built.glob("*.whl"))
    (site,) = folder.glob("lib/python*/site-packages")
    # a path in such a file is searched after the environment's own, and its .pth files are not read
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    found = run(programs / "python", "-c", "import driftcli; print(driftcli.__file__)", cwd=folder)
    assert Path(found.strip()) == site / "driftcli" / "__init__.py"
    return programs


def names(folder: Path) -> set[str]:
    """The files of the package in a folder, as they are in the repository."""
    ignored = {"__pycache__"}
    return {
        str(path.relative_to(folder))
        for path in (folder / "driftcli").rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (path,) = built.glob("*.whl")
    assert path.name == f"driftcli-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        inside = set(wheel.namelist())
        metadata = wheel.read(f"driftcli-{VERSION}.dist-info/METADATA").decode()
    about = {one for one in inside if PurePosixPath(one).parts[0].endswith(".dist-info")}
    assert inside - about == names(ROOT)
    assert {"driftcli/py.typed", "driftcli/renderers/templates/report.html"} <= inside
    assert f"driftcli-{VERSION}.dist-info/licenses/LICENSE" in about
    for line in (
        "Requires-Python: >=3.11",
        "License-Expression: Apache-2.0",
        *(f"Classifier: Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)),
        "Classifier: Typing :: Typed",
        "Provides-Extra: mlflow",
    ):
        assert line in metadata.splitlines()


def test_the_sdist_holds_what_a_build_and_the_tests_need(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    assert path.name == f"driftcli-{VERSION}.tar.gz"
    with tarfile.open(path) as sdist:
        inside = {str(PurePosixPath(*PurePosixPath(one).parts[1:])) for one in sdist.getnames()}
    assert names(ROOT) <= inside
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/test_packaging.py"} <= inside
    assert "examples/data/reference.parquet" in inside
    assert [one for one in inside if one.startswith((".git/", "build/", "dist/"))] == []


def test_the_installed_program(fresh: Path, tmp_path: Path) -> None:
    assert run(fresh / "driftcli", "--version", cwd=tmp_path) == f"driftcli {VERSION}\n"


def test_the_installed_module_checks_data_and_makes_a_page(fresh: Path, tmp_path: Path) -> None:
    said = run(
        fresh / "python", "-m", "driftcli", "features",
        DATA / "reference.parquet", DATA / "current.parquet",
        "--format", "json", "-o", "report.html",
        cwd=tmp_path, code=1,
    )  # fmt: skip
    assert json.loads(said)["driftcli_version"] == VERSION
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_types_are_seen_from_outside(fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text("import driftcli\nreveal_type(driftcli.__version__)\n")
    mypy = [sys.executable, "-m", "mypy", "--python-executable", str(fresh / "python")]
    said = run(*mypy, "--cache-dir", os.devnull, "--follow-imports=silent", "user.py", cwd=tmp_path)
    assert 'Revealed type is "str"' in said.replace("builtins.", "")


# -- shell completion ------------------------------------------------------------------------------


def asked(shell: str, words: str) -> dict[str, str]:
    """What a shell's script has in the environment when it asks for ``words`` to be completed."""
    return {
        **os.environ,
        "_DRIFTCLI_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


@pytest.mark.parametrize(
    ("shell", "words", "answer"),
    [
        ("bash", "driftcli fe", "features\n"),
        ("bash", "driftcli features --log", "--log-to\n"),
        ("bash", "driftcli features --log-to ", "mlflow\n"),
        ("bash", "driftcli baseline me", "merge\n"),
        (
            "zsh",
            "driftcli fe",
            """_arguments '*: :(("features":"Check schema, missing values and..."))'\n""",
        ),
        ("fish", "driftcli fe", "features\tCheck schema, missing values and...\n"),
    ],
)
def test_words_are_completed(fresh: Path, shell: str, words: str, answer: str) -> None:
    assert run(fresh / "driftcli", env=asked(shell, words)) == answer


def test_fish_is_told_by_the_code_whether_there_are_words(fresh: Path) -> None:
    for words, code in (("driftcli fe", 0), ("driftcli xyz", 1)):
        environment = asked("fish", words) | {"_TYPER_COMPLETE_FISH_ACTION": "is-args"}
        assert run(fresh / "driftcli", env=environment, code=code) == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script(fresh: Path, shell: str) -> None:
    environment = {**os.environ, "_DRIFTCLI_COMPLETE": f"source_{shell}"}
    script = run(fresh / "driftcli", env=environment)
    assert f"_DRIFTCLI_COMPLETE=complete_{shell}" in script
    if program := shutil.which(shell):
        run(program, "-n", input=script)


def test_bash_completes_by_what_is_shown(fresh: Path) -> None:
    script = """
        shown=$(driftcli --show-completion) || exit
        eval "$shown"
        COMP_WORDS=(driftcli pre); COMP_CWORD=1
        _driftcli_completion driftcli
        echo "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{fresh}{os.pathsep}{os.environ['PATH']}"}
    assert run("bash", "--norc", "-c", script, env=environment) == "predictions\n"


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("driftcli fea", "features\tCheck schema, missing values and..."),
        ("driftcli features ref", "reference.parquet"),
        ("driftcli features --format js", "json"),
    ],
)
def test_fish_completes(fresh: Path, tmp_path: Path, words: str, completed: str) -> None:
    (tmp_path / "reference.parquet").touch()
    script = f"driftcli --show-completion fish | source; complete -C '{words}'"
    assert run("fish", "--no-config", "-c", script, env=at_home(fresh), cwd=tmp_path) == (
        f"{completed}\n"
    )


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_completes_what_is_typed(fresh: Path, tmp_path: Path) -> None:
    """In a terminal of its own: a command, a file, an option."""
    (tmp_path / "reference.parquet").touch()
    script = r"""
        zmodload zsh/zpty
        wait_for() { zpty -r -m typed got "*$1*" || exit 1 }
        zpty typed zsh -f -i
        zpty -w typed 'autoload -Uz compinit; compinit -u -D'
        zpty -w typed 'eval "$(driftcli --show-completion zsh)"'
        zpty -w typed 'print re''ady'; wait_for ready
        for start whole in 'driftcli pred' predictions refer reference.parquet --form --format; do
            zpty -w -n typed "$start"$'\t'; wait_for "${whole: -4}"
        done
        zpty -w -n typed $'\x01print -r -- "\x05"\n'; wait_for $'\ndriftcli * --format'
        print -r -- "$got"
    """
    said = run("timeout", "60", "zsh", "-f", "-c", script, env=at_home(fresh), cwd=tmp_path)
    assert "\ndriftcli predictions reference.parquet --format" in said.replace("\r", "")


def at_home(fresh: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{fresh}{os.pathsep}{os.environ['PATH']}", "TERM": "dumb"}


# -- publishing ------------------------------------------------------------------------------------


def test_the_workflows_are_some() -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    run(sys.executable, "-m", "check_jsonschema", *schema, *WORKFLOW.parent.glob("*.yml"))


def test_only_the_job_that_publishes_may_ask_for_a_token() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
    }
    assert jobs["publish"]["needs"] == "build"
    used = [step.get("uses", step.get("run")) for step in jobs["publish"]["steps"]]
    assert used == ["actions/download-artifact@v4", "pypa/gh-action-pypi-publish@release/v1"]
    assert "secrets." not in WORKFLOW.read_text("utf-8")


def test_the_workflow_builds_as_this_test_does(built: Path) -> None:
    steps = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["build"]["steps"]
    (tag,) = (step for step in steps if "TAG" in step.get("env", {}))
    for name, code in ((f"v{VERSION}", 0), (VERSION, 0), ("v9.9.9", 1)):
        run(
            "bash", "-e", "-c", tag["run"].replace("dist/", f"{built}/"),
            env={**os.environ, "TAG": name}, code=code,
        )  # fmt: skip
