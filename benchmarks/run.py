"""Measure driftcli beside other ways of checking for drift, and write ``docs/benchmarks.md``.

Run ``python benchmarks/run.py`` in an environment where driftcli is installed. It makes the data
and the virtual environments of the other libraries, measures each work with its contestants taking
turns, keeps the figures in a JSON file, and writes the page from it. A work that is measured again
replaces its former figures; the others stay, so that it can be done in pieces.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from measure import Limits
from page import render
from results import Results, load, machine, memory_bytes
from runner import Runner
from venvs import NotInstallableError, python_of, versions
from works import CONTESTANTS, WORKS

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD = ROOT / "build" / "benchmarks"


def interpreters(names: Iterable[str], venvs: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the contestants' interpreters, and why some have none.

    Parameters
    ----------
    names : iterable of str
    venvs : Path
        The folder of their environments.
    """
    pythons, missing = {}, {}
    for name in names:
        try:
            pythons[name] = python_of(venvs / name, CONTESTANTS[name].requirements)
        except NotInstallableError as error:
            missing[name] = f"not installed: {error}"
    return pythons, missing


def chosen(text: str, known: Iterable[str]) -> list[str]:
    """Return the names of a list with commas.

    Parameters
    ----------
    text : str
    known : iterable of str

    Raises
    ------
    ArgumentTypeError
        If there is another.
    """
    names = text.split(",")
    if others := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no {', '.join(others)}; there are {', '.join(known)}")
    return names


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says.

    Parameters
    ----------
    arguments : sequence of str or None
        ``None`` for the process's own.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    usual = [name for name in WORKS if name != "trial"]
    add(
        "--works",
        type=lambda text: chosen(text, WORKS),
        default=usual,
        help=f"some of {','.join(WORKS)}; default: all but trial",
    )
    add(
        "--contestants",
        type=lambda text: chosen(text, CONTESTANTS),
        default=list(CONTESTANTS),
        help=f"some of {','.join(CONTESTANTS)}; default: all",
    )
    add("--repeat", type=int, help="runs of each; default: 5, and 7 of 10k")
    add("--limit", type=float, default=420.0, help="seconds of a run; default: 420")
    add(
        "--max-memory",
        type=float,
        default=round(0.75 * memory_bytes() / 1e6),
        help="MB of a run; default: three quarters of the machine's",
    )
    add("--data", type=Path, default=BUILD / "data", help="folder for the data")
    add("--venvs", type=Path, default=BUILD / "venvs", help="folder for virtual environments")
    add("--results", type=Path, default=HERE / "results.json", help="the figures")
    add("--page", type=Path, default=ROOT / "docs" / "benchmarks.md", help="what to write")
    add("--render", action="store_true", help="measure nothing, write the page")
    return parser.parse_args(arguments)  # fmt: skip


def measured(options: argparse.Namespace) -> None:
    """Measure what the options say and keep the figures, each work's when it is done.

    Parameters
    ----------
    options : Namespace
    """
    results = load(options.results) if options.results.exists() else Results(machine())
    if results.machine != machine():
        raise SystemExit(f"{options.results}: figures of another machine; name another --results")
    works = {
        name: [entry for entry in WORKS[name].entries if entry[0] in options.contestants]
        for name in options.works
    }
    names = dict.fromkeys(name for entries in works.values() for name, _ in entries)
    pythons, missing = interpreters(names, options.venvs.resolve())
    for name, python in pythons.items():
        results.versions[name] = versions(python, CONTESTANTS[name].packages)
    limits = Limits(options.limit, options.max_memory)
    runner = Runner(options.data.resolve(), pythons, missing, limits)
    for name, entries in works.items():
        work = WORKS[name]
        results.sessions[name] = runner.session(work, entries, options.repeat or work.repeat)
        results.save(options.results)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, keep, write the page.

    Parameters
    ----------
    arguments : sequence of str or None
    """
    options = parsed(arguments)
    if not options.render:
        measured(options)
    options.page.write_text(render(load(options.results)), encoding="utf-8")


if __name__ == "__main__":
    main()
