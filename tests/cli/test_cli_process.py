"""The tool as a process: streams, pipes, signals, locales, imports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import OLD, Outcome, normal, strict, text

pytestmark = pytest.mark.usefixtures("data")

Child = Callable[..., Outcome]
MOVED = ("features", "ref.parquet", "moved.parquet")
SAME = ("features", "ref.parquet", "same.parquet")


def csv(seed: int, mean: float = 0.0) -> bytes:
    return ("v\n" + "\n".join(f"{v:.6f}" for v in normal(seed, mean=mean)) + "\n").encode()


@pytest.mark.parametrize(("mean", "code"), [(0, 0), (2, 1)])
def test_stdin(driftcli: Child, mean: float, code: int) -> None:
    text("r.csv", csv(1))
    outcome = driftcli("features", "r.csv", "-", "--format", "json", stdin=csv(2, mean))
    assert (outcome.code, outcome.err) == (code, "")
    assert outcome.json["current"] == {"source": "-", "rows": 500, "columns": 1}


def test_stdin_as_the_reference(driftcli: Child) -> None:
    text("c.csv", csv(2, 2))
    assert driftcli("features", "-", "c.csv", "-q", stdin=csv(1)).code == 1


@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        (b"", "-: no data rows"),
        (b"v\n", "-: no data rows"),
        (csv(2) + b"oops\n", "-: line 502: column 'v': 'oops' is not a number"),
    ],
)
def test_stdin_that_cannot_be_checked(driftcli: Child, stdin: bytes, expected: str) -> None:
    text("r.csv", csv(1))
    assert driftcli("features", "r.csv", "-", stdin=stdin).error == expected


def test_stdin_has_one_side(driftcli: Child) -> None:
    line = driftcli("features", "-", "-", stdin=csv(1)).error
    assert line.startswith("-: ")


def shell(command: str, **environment: str) -> Outcome:
    """Run a line of shell with ``driftcli`` in it; the last status of the pipe counts."""
    tool = f'driftcli() {{ "{sys.executable}" -m driftcli "$@"; }}; '
    done = subprocess.run(
        ["bash", "-c", tool + command],
        capture_output=True,
        timeout=30,
        env={**os.environ, **environment},
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("flag", ["", "--format json"])
def test_a_reader_that_leaves_finds_no_drift(flag: str) -> None:
    outcome = shell(f"driftcli {' '.join(SAME)} {flag} | true; exit ${{PIPESTATUS[0]}}")
    assert (outcome.code, outcome.err) == (0, "")


def test_head(driftcli: Child) -> None:
    outcome = shell(f"driftcli {' '.join(MOVED)} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.startswith("feature ")
    assert outcome.out.count("\n") == 1


@pytest.mark.parametrize("command", ["--help", "--version", "config init"])
def test_a_reader_of_the_help_that_leaves_finds_no_drift(command: str) -> None:
    outcome = shell(f"driftcli {command} | true; exit ${{PIPESTATUS[0]}}")
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_make_no_drift(closed: str) -> None:
    outcome = shell(f"driftcli {' '.join(SAME)} {closed}")
    assert (outcome.code, outcome.err) == (0, "")


def test_closed_stderr_makes_no_drift_of_an_error() -> None:
    assert shell("driftcli features ref.parquet nope.parquet 2>&-").code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_row_101_stdout_is_full() -> None:
    outcome = shell(f"driftcli {' '.join(SAME)} > /dev/full")
    assert "no space left on device" in outcome.error.lower()


def waiting(*arguments: object) -> subprocess.Popen[str]:
    """A child that reads stdin, which never ends."""
    child = subprocess.Popen(
        [sys.executable, "-m", "driftcli", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    # more than a pipe holds: once it is written the child is reading
    child.stdin.write("v\n" + "1.5\n" * 100_000)
    child.stdin.flush()
    return child


@pytest.mark.parametrize("pause", [0.0, 0.3], ids=["reading", "waiting"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_row_104_signals(folder: Path, number: int, code: int, pause: float) -> None:
    """A signal ends a run that waits for stdin, also one that came amid reading."""
    text("x.json", OLD)
    before = sorted(folder.iterdir())
    child = waiting("features", "ref.parquet", "-", "-o", "x.json")
    time.sleep(pause)
    child.send_signal(number)
    try:
        child.wait(5)
    finally:
        child.kill()
        out, err = child.communicate()
    assert (child.returncode, out) == (code, "")
    assert Path("x.json").read_text() == OLD
    assert sorted(folder.iterdir()) == before
    assert err.startswith("driftcli: error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_row_104_a_signal_while_writing_leaves_no_part(folder: Path, number: int) -> None:
    """The signal comes in fsync, when the temporary file is there."""
    text("x.json", OLD)
    before = {path.name for path in folder.iterdir()}
    text(
        "driver.py",
        "import os, sys\n"
        f"os.fsync = lambda handle: os.kill(os.getpid(), {int(number)})\n"
        f"sys.argv = {['driftcli', *MOVED, '-o', 'x.json']}\n"
        "from driftcli.cli import main\n"
        "main()\n",
    )
    done = subprocess.run([sys.executable, "driver.py"], capture_output=True, timeout=20)
    assert done.returncode == 128 + number
    assert b"Traceback" not in done.stderr
    assert Path("x.json").read_text() == OLD
    assert {path.name for path in folder.iterdir()} == before | {"driver.py"}


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("columns", ["40", "200"])
def test_row_106_ascii_locale(driftcli: Child, columns: str) -> None:
    outcome = driftcli(*MOVED, environment={**ASCII, "COLUMNS": columns})
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.isascii()
    assert "\x1b" not in outcome.out
    assert "?" not in outcome.out, "every sign has a plain twin"


def test_row_106_ascii_locale_and_names_that_are_not(driftcli: Child) -> None:
    text("r.csv", "größe\n" + "\n".join(map(str, range(100))))
    outcome = driftcli("features", "r.csv", "r.csv", environment=ASCII)
    assert (outcome.code, outcome.errors) == (0, [])
    assert "gr" in outcome.out
    line = driftcli("features", "r.csv", "größe.csv", environment=ASCII).error
    assert ".csv: no such file" in line


def test_row_106_no_escapes_when_piped(driftcli: Child) -> None:
    run = driftcli(*MOVED, environment={"TERM": "xterm-256color"})
    assert run.code == 1
    assert "\x1b" not in run.out + run.err


HEAVY = ("pandas", "scipy", "sklearn")
UNNEEDED = (*HEAVY, "pyarrow.compute", "pyarrow.dataset", "sqlglot", "rich.progress")


@pytest.mark.parametrize("command", ["features", "predictions"])
def test_nothing_heavy_is_imported(command: str) -> None:
    text(
        "driver.py",
        "import os, sys\n"
        "os._exit = sys.exit\n"
        f"sys.argv = {['driftcli', command, 'ref.parquet', 'moved.parquet', '-q']}\n"
        "from driftcli.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        f"    found = [name for name in {UNNEEDED} if name in sys.modules]\n"
        "    print(end.code, found, file=sys.__stdout__)\n",
    )
    done = subprocess.run([sys.executable, "driver.py"], capture_output=True, timeout=20)
    assert (done.stdout, done.stderr) == (b"1 []\n", b"")


def test_help_imports_next_to_nothing(driftcli: Child) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "driftcli", "--help"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    names = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "driftcli.cli" in names
    assert not names & {*HEAVY, "numpy", "pyarrow", "pydantic", "jinja2", "yaml"}


def test_module_and_script_are_one(driftcli: Child) -> None:
    outcome = driftcli("--version")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("driftcli ")


def test_files_written_by_a_child_are_whole(driftcli: Child) -> None:
    outcome = driftcli(*MOVED, "-o", "x.json", "-o", "x.html", "--format", "json")
    assert strict(Path("x.json").read_text()) == outcome.json
    assert Path("x.html").read_text().rstrip().endswith("</html>")


def test_the_same_data_give_the_same_report(driftcli: Child) -> None:
    """In two processes, byte for byte but for the time."""
    texts = [driftcli(*MOVED, "--format", "json").out for _ in range(2)]
    first, second = (re.sub(r'"timestamp":"[^"]+"', "", text) for text in texts)
    assert first == second


def test_ctrl_c_while_the_program_is_being_imported() -> None:
    code = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == "driftcli.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from driftcli.__main__ import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")
