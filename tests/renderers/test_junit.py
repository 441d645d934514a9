"""JUnit XML by the facts of the schema that Jenkins publishes, and of what GitLab reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hostile import NAMES, hostile_report
from report_builder import (
    alert_report,
    features_report,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.model import Report, Status
from driftcli.renderers import junit

REPORTS = (features_report(), predictions_report(), performance_report())
CASES: dict[str, Sequence[Report]] = {
    "all": REPORTS,
    "twice": (*REPORTS, *REPORTS),
    "unlabelled": (performance_report(Status.NOT_EVALUATED),),
    "hostile": (hostile_report(),),
    "nothing": (report("features"),),
}
# element: its attributes, those it must have, its children, whether it holds text
SCHEMA: dict[str, tuple[set[str], set[str], set[str], bool]] = {
    "testsuites": (
        {"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}, False,
    ),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"name", "tests", "failures", "errors"}, {"properties", "testcase"}, False,
    ),
    "properties": (set(), set(), {"property"}, False),
    "property": ({"name", "value"}, {"name", "value"}, set(), False),
    "testcase": (
        {"name", "time", "classname"}, {"name", "time", "classname"},
        {"failure", "error", "skipped", "system-out"}, False,
    ),
    "failure": ({"type", "message"}, {"message"}, set(), True),
    "error": ({"type", "message"}, {"message"}, set(), True),
    "skipped": ({"type", "message"}, {"message"}, set(), True),
    "system-out": (set(), set(), set(), True),
}  # fmt: skip
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
# what XML 1.0 calls a character
CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def check(element: ET.Element) -> None:
    attributes, needed, children, words = SCHEMA[element.tag]
    assert needed <= {*element.attrib} <= attributes
    assert {child.tag for child in element} <= children
    assert bool((element.text or "").strip()) == words
    assert TIME.fullmatch(element.get("time", ""))
    for child in element:
        check(child)


def read(reports: Sequence[Report], **fields: str) -> ET.Element:
    text = junit.render(reports, alert_report(**fields))
    assert CHARACTERS.fullmatch(text)
    root = ET.fromstring(text.encode())  # noqa: S314 - our own
    check(root)
    return root


@pytest.mark.parametrize("case", CASES)
def test_the_schema_and_the_counts(case: str) -> None:
    root = read(CASES[case])
    assert root.tag == "testsuites"
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases) > 0
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(suite.findall(f"testcase/{tag}"))
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)


def test_gitlab_sees_each_test_once() -> None:
    for case in ("all", "hostile"):
        cases = read(CASES[case]).findall("testsuite/testcase")
        assert len({(one.get("classname"), one.get("name")) for one in cases}) == len(cases)
    assert len(read(CASES["hostile"]).findall("testsuite/testcase")) == 3 * len(NAMES)


def outcome(root: ET.Element, place: str, name: str) -> tuple[str, str] | None:
    """The tag and text of a test case's only child; ``None`` where it passed without a word."""
    (case,) = [
        one
        for one in root.iter("testcase")
        if (one.get("classname"), one.get("name")) == (place, name)
    ]
    assert len(case) <= 1
    return (case[0].tag, case[0].text or "") if len(case) else None


def test_drift_fails_and_nothing_passes_without_a_verdict() -> None:
    columns = {
        **features_report(3).features,
        "lost": unevaluated_column("lost"),
        "id": unevaluated_column("id", harmless=True),
    }
    root = read([report("features", features=columns), performance_report()])
    check_ = columns["feature_00"].checks[0]
    story = (
        f"{check_.reason}\neffect: {check_.result.effect}\nthreshold: 0.1\nadjusted p-value: 0.0"
    )
    assert outcome(root, "features.feature_00", "ks") == ("failure", story)
    assert outcome(root, "features.feature_01", "ks") is None
    changed = columns["feature_02"].checks[0].reason
    assert outcome(root, "features.feature_02", "ks") == ("system-out", f"changed: {changed}")
    reason = "12 rows on the current side, 30 are needed"
    assert outcome(root, "features.lost", "ks") == ("error", f"{reason}\nthreshold: 0.1")
    reason = "looks like an identifier: 9,870 distinct values in 9,900 rows"
    assert outcome(root, "features.id", "ks") == ("skipped", reason)
    failed = outcome(root, "performance.auc", "auc")
    assert failed is not None
    assert failed[0] == "failure"
    assert failed[1].endswith("reference: 0.742\ncurrent: 0.671")
    assert outcome(root, "performance", "ctr") == ("skipped", "nothing to compare with")


def test_a_report_without_checks_is_no_success() -> None:
    assert outcome(read(CASES["nothing"]), "features", "compared") == (
        "skipped",
        "nothing was compared",
    )


def test_a_metric_without_a_limit_is_skipped() -> None:
    result = REPORTS[2].performance
    assert result is not None
    drop = replace(
        result.metrics[0].decision, threshold=None, status=Status.OK, reason="drop 0.071"
    )
    metrics = (replace(result.metrics[0], decision=drop),)
    root = read([replace(REPORTS[2], performance=replace(result, metrics=metrics))])
    assert outcome(root, "performance.auc", "auc") == ("skipped", "drop 0.071")


def test_the_monitor_names_the_classes() -> None:
    root = read(REPORTS[1:2], monitor="ads.clicks")
    assert [suite.get("name") for suite in root] == ["ads.clicks.predictions"]
    assert {case.get("classname") for case in root.iter("testcase")} == {"ads.clicks.score"}


def test_what_was_compared_stands_in_the_properties() -> None:
    found = {p.get("name"): p.get("value") for p in read(REPORTS[:1]).iter("property")}
    assert found == {
        "driftcli_version": "1.0.0",
        "command": "features",
        "reference": "data/train.parquet",
        "reference_rows": "10000",
        "current": "logs/2024-03-17/part-*.parquet",
        "current_rows": "10000",
        "rule": "evident",
        "alpha": "0.05",
        "correction": "holm",
    }
