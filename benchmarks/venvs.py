"""A virtual environment for each contestant that needs one: made once, then found again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MADE = "requirements.txt"
VERSIONS = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


class NotInstallableError(Exception):
    """A library that cannot be installed, with pip's reason."""


def python_of(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of an environment, which is made where it is not as required.

    Parameters
    ----------
    folder : Path
    requirements : sequence of str
        For pip; none means the interpreter that runs this.

    Raises
    ------
    NotInstallableError
    """
    if not requirements:
        return Path(sys.executable)
    made, wanted = folder / MADE, "\n".join(requirements) + "\n"
    python = folder / "bin" / "python"
    if made.exists() and made.read_text(encoding="utf-8") == wanted:
        return python
    print(f"making the environment {folder.name}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*install, *requirements], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        reason = errors[-1] if errors else f"pip ended with {done.returncode}"
        raise NotInstallableError(reason.removeprefix("ERROR: "))
    made.write_text(wanted, encoding="utf-8")
    return python


def versions(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages in an environment.

    Parameters
    ----------
    python : Path
    packages : sequence of str
    """
    done = subprocess.run(
        [str(python), "-P", "-c", VERSIONS, *packages], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
