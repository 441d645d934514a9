"""Do the tests see a wrong line? Mutants of what computes and decides, and which of them survive.

Run ``python benchmarks/mutants.py DIR`` in an environment with the project, its test dependencies
and mutmut (3.8 or later). mutmut makes the mutants of the modules that ``[tool.mutmut]`` names in
pyproject.toml, all of them at once, in a copy of the project in DIR. The tests are collected once;
then every mutant has a process of its own, forked before any test has run, so that nothing is left
of another mutant. It runs the tests that pass through the mutated function, the module's own and
the quick ones first, until one fails or the time of a mutant is used up. For a function that runs
while modules are imported, as those that fill registries, the modules are imported anew, and any
test may see it.

A package is done wholly, or ``--sample summaries=700`` of it: drawn by ``--seed`` from all its
mutants, a larger sample containing the smaller one. ``--only 'driftcli.methods.ks.*'`` runs a part.
DIR remembers the verdicts: as tests only grow, what was killed is not run again while the function
stays as it is.

The survivors of the sample and its table are printed: the share killed with its 95 % interval
(Wilson).
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import gc
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COPIED = ("driftcli", "tests", "docs", "examples", "configs", "benchmarks")
MEMORY = 6 << 30  # of addresses: a mutant that asks for more is refused it
PATIENCE = 5.0  # times what its tests took without a mutant, after the seconds of GRACE
GRACE = 20
OPTIONS = ("-n0", "-x", "-q", "-s", "-pno:cacheprovider", "--rootdir=.", "--basetemp=tmp")
CHECKED = re.compile(r", strict=\w+|, (?=\))")  # zip's own check that lengths agree is left alone
NOTICED = ("killed", "timeout")
OUTCOMES = (*NOTICED, "survived", "no tests")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed function.

    Parameters
    ----------
    name
        As mutmut calls it: module and mangled function with a number.
    function
        The same without the number, which is what is known of a test's way.
    digest
        Of the function before and after, under which a verdict is remembered.
    change
        The lines that differ.
    """

    name: str
    function: str
    digest: str
    change: str

    @property
    def module(self) -> str:
        """The dotted name of the module."""
        return self.name.partition(".x")[0]

    @property
    def package(self) -> str:
        """The part of the project that a sample is drawn from."""
        return self.name.split(".")[1]


def copy_project(folder: Path) -> None:
    """Have a fresh copy of what the tests need in the folder."""
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for file in [*ROOT.glob("*.md"), ROOT / "pyproject.toml"]:
        shutil.copy2(file, folder)


def mutated_modules() -> list[Path]:
    """Return the modules that pyproject.toml names, below the current folder."""
    from mutmut.configuration import config

    return [path for path in sorted(Path("driftcli").rglob("*.py")) if config().should_mutate(path)]


def make_mutants() -> list[Mutant]:
    """Write the mutants into the modules of the copy, which is the current folder."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    mutants: list[Mutant] = []
    for path in mutated_modules():
        mutated = mutate_file_contents(str(path), path.read_text("utf-8"))
        path.write_text(mutated.code, "utf-8")
        mutants += mutants_of(path, mutated)
    return mutants


def mutants_of(path: Path, mutated: object) -> Iterator[Mutant]:
    """Tell each mutant of a file with what it changes."""
    from mutmut.utils.format_utils import get_mutant_name

    lines = mutated.code.splitlines()
    spans = mutated.line_span_by_function_name

    def source(name: str) -> list[str]:
        span = spans[name]
        text = lines[span.start - 1 : span.end]
        return [line.replace(name, name.partition("__mutmut")[0]) for line in text]

    for name in mutated.mutant_names:
        function = name.partition("__mutmut")[0]
        before, after = source(f"{function}__mutmut_orig"), source(name)
        if CHECKED.sub("", "\n".join(before)) == CHECKED.sub("", "\n".join(after)):
            continue
        whole = "\n".join([*before, *after])
        yield Mutant(
            name=get_mutant_name(path, name),
            function=get_mutant_name(path, function),
            digest=hashlib.sha256(whole.encode()).hexdigest()[:16],
            change=changed_lines(before, after),
        )


def changed_lines(before: list[str], after: list[str]) -> str:
    """Show lines that are gone or new, without their surroundings."""
    told = difflib.unified_diff(before, after, n=0, lineterm="")
    kept = [line for line in told if not line.startswith(("---", "+++", "@@"))]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in kept if line[1:].strip())


def digest(*groups: Iterable[Path]) -> str:
    """Digest the contents of files."""
    whole = hashlib.sha256()
    for path in sorted(path for group in groups for path in group):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def drawn(mutants: list[Mutant], samples: dict[str, int], seed: int) -> list[Mutant]:
    """Draw a sample: of each package all mutants, or as many as asked for."""
    packages = defaultdict(list)
    for mutant in mutants:
        packages[mutant.package].append(mutant)
    chosen = []
    for name, members in packages.items():
        members.sort(key=lambda mutant: hashlib.sha256(f"{seed} {mutant.name}".encode()).digest())
        chosen += members[: samples.get(name, len(members))]
    return chosen


class Runner:
    """A pytest plugin that runs the collected tests once as they are and once a mutant.

    Parameters
    ----------
    mutants
        Those to run.
    budget
        Seconds that the tests of one mutant may take.
    memory
        The file of the verdicts so far.
    """

    def __init__(self, mutants: list[Mutant], budget: float, memory: Path) -> None:
        self.mutants = mutants
        self.budget = budget
        self.memory = memory
        self.verdicts: dict[str, str] = json.loads(memory.read_text()) if memory.exists() else {}
        self.durations: dict[str, float] = {}
        self.passing: defaultdict[str, set[str]] = defaultdict(set)
        self.at_import: frozenset[str] = frozenset()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Have Hypothesis try the same examples every time, however long they take."""
        import hypothesis

        hypothesis.settings.register_profile(
            "mutants",
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End the process of a mutant at the first failure."""
        if report.failed:
            sys.stderr.write(f"{report.nodeid}\n{report.longreprtext}\n")
            sys.stderr.flush()
            os._exit(1)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests without a mutant, then with each."""
        import driftcli

        if Path(driftcli.__file__).parents[1] != Path.cwd():
            raise pytest.UsageError(f"the tests import {driftcli.__file__}, not the copy")
        from mutmut.state import state

        self.at_import = frozenset(state()._stats)
        state()._stats.clear()
        self.trace(session.items)
        waiting = [m for m in self.mutants if self.verdicts.get(m.digest) not in NOTICED]
        gc.freeze()  # memory that a child does not touch is not copied
        began = time.monotonic()
        for count, mutant in enumerate(waiting, 1):
            self.verdicts[mutant.digest] = self.trial(session.items, mutant)
            if count % 20 == 0 or count == len(waiting):
                self.memory.write_text(json.dumps(self.verdicts))
                seconds = time.monotonic() - began
                print(f"{count} of {len(waiting)} in {seconds:.0f} s", flush=True)
        return True

    def trace(self, items: list[pytest.Item]) -> None:
        """Learn in a process of its own which functions a test passes through, and its seconds.

        What is known of tests whose file has not changed, nor helpers and mutated modules, stays.

        Raises
        ------
        pytest.UsageError
            If a test fails without a mutant.
        """
        target = Path("trace.json").absolute()
        before = json.loads(target.read_text()) if target.exists() else {}
        shared = digest(mutated_modules(), Path().glob("tests/**/[!t]*.py"))
        files = {item.path: digest([item.path]) + shared for item in items}
        known = {
            test: told
            for test, told in before.items()
            if told["files"] == files.get(Path(test.partition("::")[0]).absolute())
        }
        new = [item for item in items if item.nodeid not in known]
        if status := forked(lambda: self.write_trace(new, files, known, target), "trace.log"):
            raise pytest.UsageError(f"a test fails without a mutant ({status}): see trace.log")
        for test, told in json.loads(target.read_text()).items():
            self.durations[test] = told["seconds"]
            for function in told["functions"]:
                self.passing[function].add(test)

    def write_trace(
        self,
        items: list[pytest.Item],
        files: dict[Path, str],
        found: dict[str, dict[str, object]],
        target: Path,
    ) -> None:
        """Run tests and write down the seconds and the functions of each, beside those known."""
        from mutmut.mutation.trampoline import set_mutant_under_test
        from mutmut.state import state

        set_mutant_under_test("stats")
        for item, following in zip_longest(items, items[1:]):
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            found[item.nodeid] = {
                "files": files[item.path],
                "seconds": time.process_time() - began,
                "functions": sorted(state()._stats),
            }
            state()._stats.clear()
        target.write_text(json.dumps(found))

    def trial(self, items: list[pytest.Item], mutant: Mutant) -> str:
        """Run the tests of one mutant in a process of its own."""
        tests = self.tests_of(items, mutant)
        if not tests:
            return "no tests"
        expected = sum(self.durations[item.nodeid] for item in tests)

        def work() -> None:
            from mutmut.mutation.trampoline import set_mutant_under_test

            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(GRACE + int(PATIENCE * expected))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            set_mutant_under_test(mutant.name)
            if mutant.function in self.at_import:
                forget_project()
                os._exit(pytest.main([*OPTIONS, *(item.nodeid for item in tests)]))
            for item, following in zip_longest(tests, tests[1:]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

        status = forked(work, "mutant.log")
        if status == -signal.SIGALRM:
            return "timeout"
        return "killed" if status else "survived"

    def tests_of(self, items: list[pytest.Item], mutant: Mutant) -> list[pytest.Item]:
        """Choose the tests that see the function: its module's, its package's, then quick ones."""
        stem, package = mutant.module.rpartition(".")[2], f"tests/{mutant.package}"
        names = self.passing[mutant.function]
        if mutant.function in self.at_import:
            names = {item.nodeid for item in items}

        def nearness(item: pytest.Item) -> tuple[bool, bool, float]:
            file = item.nodeid.partition("::")[0]
            return stem not in file, package not in file, self.durations[item.nodeid]

        chosen, spent = [], 0.0
        for item in sorted((item for item in items if item.nodeid in names), key=nearness):
            if not chosen or spent + self.durations[item.nodeid] <= self.budget:
                chosen.append(item)
                spent += self.durations[item.nodeid]
        return chosen


def forget_project() -> None:
    """Have the project's modules imported anew."""
    here = str(Path.cwd())
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(here):
            del sys.modules[name]


def forked(work: object, log: str) -> int:
    """Do work in a child whose output goes to a file; its exit code, or minus the signal."""
    child = os.fork()
    if not child:
        code = 3
        try:
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(target, 1)
            os.dup2(target, 2)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Bound a share at 95 %."""
    z, share = 1.959964, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    return middle - half, middle + half


def table(mutants: list[Mutant], sample: list[Mutant], verdicts: dict[str, str]) -> Iterator[str]:
    """Write the lines of the table in Markdown: a row a module, and each package together."""
    yield "| module | mutants | run | killed | timeout | survived | no tests | killed, of run |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    every = Counter(group for mutant in mutants for group in groups(mutant))
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mutant in sample:
        for group in groups(mutant) if mutant.digest in verdicts else ():
            found[group][verdicts[mutant.digest]] += 1
    for name in sorted(found, key=lambda name: name.replace("*", "")):
        yield row(name, every[name], found[name])


def groups(mutant: Mutant) -> list[str]:
    """Return the rows of the table that a mutant belongs to: its package's and its module's."""
    module = mutant.module.removeprefix("driftcli.")
    return [module] if module == mutant.package else [f"**{mutant.package}**", module]


def row(name: str, mutants: int, counts: Counter[str]) -> str:
    """Write a row; a timeout counts as killed, and an interval stands where a sample was run."""
    run, killed = counts.total(), sum(counts[outcome] for outcome in NOTICED)
    share = f"{killed / run:.1%}"
    if run < mutants and name.startswith("**"):
        share += " ({:.1%} to {:.1%})".format(*wilson(killed, run))
    numbers = [mutants, run, *(counts[outcome] for outcome in OUTCOMES)]
    return f"| {name} | {' | '.join(map(str, numbers))} | {share} |"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where to work; remembers what was killed")
    parser.add_argument("--sample", action="append", default=[], metavar="PACKAGE=N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*", help="a pattern of names")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds of tests a mutant")
    return parser.parse_args()


def main() -> int:
    """Run what the command line asks for; the code is 1 where under 90 % are killed."""
    asked = arguments()
    folder = asked.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    copy_project(folder)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    mutants = make_mutants()
    samples = {name: int(count) for name, count in (s.split("=") for s in asked.sample)}
    sample = drawn(mutants, samples, asked.seed)
    chosen = [mutant for mutant in sample if fnmatch.fnmatch(mutant.name, asked.only)]
    runner = Runner(chosen, asked.budget, folder / "verdicts.json")
    from mutmut.configuration import config
    from mutmut.mutation.trampoline import set_mutant_under_test

    set_mutant_under_test("stats")  # what runs at import is noticed
    selection = config().pytest_add_cli_args_test_selection
    if pytest.main([*OPTIONS, *selection], plugins=[runner]):
        return 2
    verdicts = [runner.verdicts.get(mutant.digest, "") for mutant in sample]
    for mutant, verdict in zip(sample, verdicts, strict=True):
        if verdict not in ("", *NOTICED):
            print(f"{verdict}: {mutant.name}\n{mutant.change}")
    print("\n".join(table(mutants, sample, runner.verdicts)))
    return int(sum(v in NOTICED for v in verdicts) < 0.9 * sum(map(bool, verdicts)))


if __name__ == "__main__":
    sys.exit(main())
