"""Damaged files of every sort: exit code 0, 1 or 2, one line that says why, in bounded time.

A few hundred mutations of each sort here, the same in every run; ``benchmarks/fuzz.py`` goes on for
as long as there is time. What it found is in the corpus, which is run whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cli_helpers import ERROR, Outcome
from fuzz_mutate import MOST_STEPS, TOP, Step
from fuzz_runs import Fuzzer, wrong
from fuzz_targets import JSON, TARGETS, Target
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

NUMBERS = st.integers(0, TOP - 1)
STEPS = st.builds(Step, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
PLANS = st.lists(STEPS, min_size=1, max_size=MOST_STEPS)
EXAMPLES = 200

pytestmark = pytest.mark.xdist_group("fuzz")


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory) -> Iterator[Fuzzer]:
    with Fuzzer(tmp_path_factory.mktemp("fuzz") / "runs") as fuzzer:
        yield fuzzer


@pytest.fixture(params=sorted(TARGETS))
def target(request) -> Target:
    return TARGETS[request.param]


def test_the_corpus_is_survived_by_every_command(target, fuzzer):
    results = [
        fuzzer(target, data, command)
        for data in target.corpus.values()
        for command in target.commands
    ]
    assert [(one.command, one.finding) for one in results if one.finding] == []
    # or it would be the command line that is wrong, and nothing read
    read = {one.command[0] for one in results if one.outcome.code < 2 or one.outcome.out}
    assert read == {command[0] for command in target.commands}


def test_mutations_are_survived(target, fuzzer):
    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EXAMPLES,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(NUMBERS, PLANS)
    def survived(choice, plan):
        result = fuzzer(target, target.mutated(choice, plan))
        assert result.finding == "", (result.command, result.data[:2000])

    survived()


@pytest.mark.parametrize(
    ("outcome", "took", "finding"),
    [
        (Outcome(0, "{}\n", ""), {}, ""),
        (Outcome(2, "", f"{ERROR}a.csv: empty\n"), {}, ""),
        (Outcome(0, "{}\n", "driftcli: note: 2 runs forgotten\n"), {}, ""),
        (Outcome(3, "", ""), {}, "exit code 3"),
        (Outcome(2, "", ""), {}, "exit code 2 without a reason"),
        (Outcome(1, "{}\n", f"{ERROR}a\n"), {}, "exit code 1 with an error: a"),
        (Outcome(0, "{}\n", ""), {"seconds": 11.0}, "takes 11 s"),
        (Outcome(0, "{}\n", ""), {"peak_kb": 2 << 20}, "takes 2048 MB"),
        (Outcome(2, "", "Traceback (most recent call last):\n"), {},
         "stray lines: Traceback (most recent call last):\n"),
        (Outcome(2, "", f"{ERROR}unexpected KeyError: 'low'. this is a bug; --debug\n"), {},
         "unexpected KeyError: 'low'. this is a bug; --debug"),
        (Outcome(0, '{"a": NaN}\n', ""), {}, "stdout is not JSON: NaN is not JSON"),
    ],
)  # fmt: skip
def test_what_counts_as_a_finding(outcome, took, finding):
    told = {"seconds": 0.1, "peak_kb": 80_000, **took}
    assert wrong(outcome, ("features", "f1.csv", *JSON), outcome.code, **told) == finding
