"""Formats for other programs, from the command line to the file; exit codes as Nagios has them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from cli_helpers import Run, normal, refused, save, scored, text
from prometheus_client.parser import text_string_to_metric_families

from driftcli.commands.options import Format
from driftcli.renderers import PRINTED

pytestmark = pytest.mark.usefixtures("data")

MOVED = ("ref.parquet", "moved.parquet")
FORMATS = {"markdown": "x.md", "csv": "x.csv", "junit": "x.xml", "prometheus": "x.prom"}
CHECKS = ["features", "predictions"]


@pytest.fixture(autouse=True)
def no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where these tests themselves are a step on GitHub, its summary is not theirs."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def changed() -> tuple[str, str]:
    """So many rows that a change within the threshold is no chance."""
    save("many.parquet", score=normal(1, 100_000))
    return "many.parquet", save("changed.parquet", score=normal(2, 100_000, mean=0.06))


@pytest.mark.parametrize("command", CHECKS)
@pytest.mark.parametrize("format_", FORMATS)
def test_stdout_file_and_report_are_the_same(run: Run, command: str, format_: str) -> None:
    name = FORMATS[format_]
    outcome = run(command, *MOVED, "--format", format_, "-o", name, "-o", "x.json")
    assert outcome.code == 1
    assert Path(name).read_bytes().decode() == outcome.out
    again = f"again{Path(name).suffix}"
    assert run("report", "x.json", "-o", again).code == 0
    assert Path(again).read_bytes() == Path(name).read_bytes()


@pytest.mark.parametrize("format_", [*FORMATS, "github"])
def test_quiet_prints_the_format_that_was_asked_for(run: Run, format_: str) -> None:
    outcome = run("features", *MOVED, "--format", format_, "-q")
    assert (outcome.code, outcome.err) == (1, "")
    assert "a" in outcome.out


def test_performance_in_every_format(run: Run) -> None:
    save("r.parquet", **scored(1))
    save("c.parquet", **scored(2, skill=-1.0))
    files = [word for name in FORMATS.values() for word in ("-o", name)]
    assert run("performance", "r.parquet", "c.parquet", "-q", *files).code == 1
    found = [*csv.DictReader(io.StringIO(Path("x.csv").read_text(), newline=""))]
    assert [row["status"] for row in found if row["method"] == "auc"] == ["drift"]
    root = ET.parse("x.xml").getroot()  # noqa: S314 - our own
    failed = [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]
    assert "auc" in failed
    families = {f.name: f for f in text_string_to_metric_families(Path("x.prom").read_text())}
    sides = [
        sample.labels["side"]
        for sample in families["driftcli_metric_value"].samples
        if sample.labels["metric"] == "auc"
    ]
    assert sides == ["reference", "current"]
    assert "| `auc` |" in Path("x.md").read_text()


def test_report_of_all_results_in_one_file(run: Run) -> None:
    save("r.parquet", **scored(1))
    run("features", *MOVED, "-q", "-o", "f.json")
    run("predictions", *MOVED, "-q", "-o", "p.json")
    run("performance", "r.parquet", "r.parquet", "-q", "-o", "m.json")
    run("alert", "f.json", "p.json", "-q", "-o", "a.json")
    files = [word for name in FORMATS.values() for word in ("-o", name)]
    assert run("report", "f.json", "p.json", "m.json", "a.json", *files).code == 0
    suites = [suite.get("name") for suite in ET.parse("x.xml").getroot()]  # noqa: S314 - our own
    assert suites == ["features", "predictions", "performance"]
    found = [*csv.DictReader(io.StringIO(Path("x.csv").read_text(), newline=""))]
    assert list(dict.fromkeys(row["section"] for row in found)) == suites
    names = {family.name for family in text_string_to_metric_families(Path("x.prom").read_text())}
    assert {"driftcli_alerts", "driftcli_metric_value", "driftcli_check_effect"} <= names
    page = Path("x.md").read_text()
    assert page.count("\n### ") == 3
    assert page.startswith("### Alerts\n")


def test_a_result_with_another_time_than_a_time(run: Run) -> None:
    run("features", *MOVED, "-q", "-o", "x.json")
    stamp = run("report", "x.json", "-o", "x.json")
    assert stamp.code == 0
    content = Path("x.json").read_text().split('"timestamp": "')
    text("x.json", f'{content[0]}"timestamp": "noon{content[1][25:]}')
    outcome = run("report", "x.json", "-o", "x.prom")
    assert outcome.error == "'noon' is not a time in ISO 8601"
    assert not Path("x.prom").exists()


HOSTILE = ["<script>", "a\u202eb", "=1+1", "two\nlines", 'a"b', "::error::x", "@all", "x" * 1000]


def test_rows_107_and_108_hostile_names(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    save("r.parquet", **{name: normal(i) for i, name in enumerate(HOSTILE)})
    save("c.parquet", **{name: normal(i, mean=2) for i, name in enumerate(HOSTILE)})
    files = [word for name in FORMATS.values() for word in ("-o", name)]
    outcome = run("features", "r.parquet", "c.parquet", "--format", "github", *files)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.count("\n") == 1
    found = csv.DictReader(io.StringIO(Path("x.csv").read_bytes().decode(), newline=""))
    columns = {row["column"] for row in found}
    assert columns == {"'=1+1" if n == "=1+1" else "'@all" if n == "@all" else n for n in HOSTILE}
    cases = {case.get("classname") for case in ET.parse("x.xml").getroot().iter("testcase")}  # noqa: S314
    assert len(cases) == len(HOSTILE)
    names = {
        sample.labels.get("column")
        for family in text_string_to_metric_families(Path("x.prom").read_text())
        for sample in family.samples
    }
    assert len(names - {None}) == len(HOSTILE)
    for page in ("x.md", "summary.md"):
        outside = re.sub(r"`[^`\n]+`", "", Path(page).read_text())
        assert {*re.findall(r"<[^>]*>?", outside)} <= {"<code>", "</code>"}


class TestGithub:
    def test_one_annotation_and_the_summary(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", text("summary.md", "# earlier\n"))
        outcome = run("features", *MOVED, "--format", "github", "-o", "x.md")
        assert (outcome.code, outcome.err) == (1, "")
        assert outcome.out.count("\n") == 1
        start = "::error title=driftcli features::2 of 3 features drifted, 1 ok%0A"
        assert outcome.out.startswith(start)
        summary = Path("summary.md").read_text()
        assert summary == f"# earlier\n\n{Path('x.md').read_text()}"

    def test_no_summary_without_a_place(self, run: Run) -> None:
        outcome = run("features", "ref.parquet", "same.parquet", "--format", "github")
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out == "::notice title=driftcli features::0 of 3 features drifted, 3 ok\n"

    def test_other_formats_leave_the_summary_alone(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
        run("features", *MOVED, "--format", "markdown")
        assert not Path("summary.md").exists()

    def test_a_summary_never_grows_beyond_the_limit(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limit = 2**20
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", text("summary.md", "x" * (limit - 500)))
        outcome = run("features", *MOVED, "--format", "github")
        assert outcome.err == ""
        assert limit - 500 < Path("summary.md").stat().st_size <= limit
        assert "### ✗ features: 2 of 3" in Path("summary.md").read_text()
        text("summary.md", "x" * limit)
        outcome = run("features", *MOVED, "--format", "github")
        assert outcome.warnings == ["summary.md: the summary of the step is full"]
        assert Path("summary.md").read_text() == "x" * limit
        assert outcome.code == 1

    def test_a_summary_that_cannot_be_written(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "nowhere/summary.md")
        outcome = run("features", *MOVED, "--format", "github")
        assert outcome.out.startswith("::error ")
        expected = "nowhere/summary.md: cannot be written (no such file or directory)"
        assert (outcome.code, outcome.errors) == (2, [expected])


class TestNagios:
    @pytest.mark.parametrize("command", CHECKS)
    @pytest.mark.parametrize(
        ("pair", "code", "word"),
        [
            (("ref.parquet", "same.parquet"), 0, "OK"),
            (("many.parquet", "changed.parquet"), 1, "WARNING"),
            (("ref.parquet", "moved.parquet"), 2, "CRITICAL"),
            (("ref.parquet", "few.parquet"), 3, "UNKNOWN"),
            (("ref.parquet", "nothing.parquet"), 3, "UNKNOWN"),
        ],
    )
    @pytest.mark.usefixtures("changed")
    def test_codes_and_words(
        self, run: Run, command: str, pair: tuple[str, str], code: int, word: str
    ) -> None:
        outcome = run(command, *pair, "--exit-style", "nagios", "-q")
        assert outcome.code == code
        assert outcome.out.startswith(f"DRIFTCLI {word} - ")
        assert outcome.out.count("\n") == 1

    @pytest.mark.parametrize(
        ("fail_on", "codes"),
        [("drift", (0, 1, 2, 3)), ("changed", (0, 2, 2, 3)), ("never", (0, 0, 0, 3))],
    )
    def test_fail_on(
        self, run: Run, changed: tuple[str, str], fail_on: str, codes: tuple[int, ...]
    ) -> None:
        pairs = (
            ("ref.parquet", "same.parquet"),
            changed,
            ("ref.parquet", "moved.parquet"),
            ("ref.parquet", "few.parquet"),
        )
        flags = ("--exit-style=nagios", "-q", "--fail-on", fail_on)
        assert tuple(run("features", *pair, *flags).code for pair in pairs) == codes

    def test_what_cannot_be_checked_outweighs_a_change(self, run: Run) -> None:
        save("r.parquet", a=normal(1, 100_000), b=np.arange(100_000) * 1.5)
        save("c.parquet", a=normal(2, 100_000, mean=0.06), b=["x"] * 100_000)
        flags = ("--exit-style", "nagios", "-q")
        assert run("features", "r.parquet", "c.parquet", *flags).code == 3
        assert run("features", "r.parquet", "c.parquet", *flags, "--allow-not-evaluated").code == 1

    def test_the_line_comes_before_the_table(self, run: Run) -> None:
        plain = run("features", *MOVED)
        outcome = run("features", *MOVED, "--exit-style", "nagios")
        first, _, rest = outcome.out.partition("\n")
        assert first == (
            "DRIFTCLI CRITICAL - 2 of 3 features drifted, 1 ok | drifted=2;;0;0;3"
            " not_evaluated=0;;;0;3 uncertain=0;;;0;3 changed=0;0;;0;3 ok=1;;;0;3 skipped=0;;;0;3"
        )
        assert rest == plain.out
        assert (plain.code, outcome.code) == (1, 2)

    @pytest.mark.parametrize("format_", ["json", "csv", "junit", "prometheus", "markdown"])
    def test_other_formats_stay_what_they_are(self, run: Run, format_: str) -> None:
        plain = run("features", *MOVED, "--format", format_)
        outcome = run("features", *MOVED, "--format", format_, "--exit-style", "nagios")
        assert outcome.code == 2
        assert outcome.out[:20] == plain.out[:20]
        failed = run("features", "ref.parquet", "no", "--format", format_, "--exit-style=nagios")
        assert (failed.code, failed.out) == (3, "")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("features", "ref.parquet", "no|drifted=0"), "no¦drifted=0: no such file"),
            (("features", "ref.parquet", "no", "--threshold", "ks"), "--threshold 'ks': expected"),
            (("features", "ref.parquet", "no", "--nope"), "No such option: --nope"),
            (("features", "ref.parquet"), "no current data"),
        ],
    )
    def test_errors_are_unknown(self, run: Run, arguments: tuple[str, ...], words: str) -> None:
        outcome = run(*arguments, "--exit-style", "nagios")
        assert outcome.code == 3
        assert len(outcome.errors) == 1
        line = outcome.errors[0].replace("|", "¦")
        assert outcome.out == f"DRIFTCLI UNKNOWN - {line}\n"

    def test_an_unexpected_failure_is_unknown(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("one\ntwo")

        monkeypatch.setattr("driftcli.pipeline.columns.check_features", fail)
        outcome = run("features", "ref.parquet", "same.parquet", "--exit-style", "nagios")
        assert outcome.code == 3
        assert outcome.out.startswith("DRIFTCLI UNKNOWN - unexpected ZeroDivisionError: one two")

    def test_drift_outweighs_and_what_was_not_checked_is_a_warning(self, run: Run) -> None:
        save("r.parquet", a=normal(1), b=normal(2))
        save("c.parquet", a=normal(3, mean=2), b=["x"] * 500)
        outcome = run("features", "r.parquet", "c.parquet", "--exit-style", "nagios", "-q")
        assert (outcome.code, outcome.errors) == (2, [])


@pytest.mark.parametrize("format_", [*FORMATS, "github"])
def test_alerts_and_baselines_are_tables_or_json(run: Run, format_: str) -> None:
    run("features", *MOVED, "-q", "-o", "x.json")
    run("baseline", "create", "ref.parquet", "-o", "b.parquet")
    for arguments in (("alert", "x.json"), ("baseline", "show", "b.parquet")):
        outcome = run(*arguments, "--format", format_)
        assert outcome.error.startswith("Invalid value for '--format'")


def test_a_failed_run_leaves_old_files(run: Run) -> None:
    old = text("x.prom", "old\n")
    assert "no such file" in refused(run, "features", "ref.parquet", "no", "-o", old)
    assert Path("x.prom").read_text() == "old\n"


def test_every_format_has_a_renderer() -> None:
    assert {*Format} - {Format.TABLE, Format.JSON} == {*PRINTED}
