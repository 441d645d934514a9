"""The frozen values that flow through driftcli; every renderer, rule and channel reads only these.

Nothing here computes, reads or writes. Statistics appear under the field's standard names
(``statistic``, ``pvalue``, ``reference``, ``current``). No value is ever NaN: what could not be
computed is ``None`` and a :class:`Skip` says why.
"""

from driftcli.model.alerts import Alert, AlertReport, AlertState
from driftcli.model.columns import ColumnResult, ColumnStats, Distribution
from driftcli.model.performance import (
    CalibrationCurve,
    ClassRates,
    ConfusionMatrix,
    Curves,
    Histogram,
    LabelCoverage,
    MetricValue,
    PerformanceResult,
    RocCurve,
)
from driftcli.model.report import SCHEMA_VERSION, DatasetInfo, Report, WindowsInfo
from driftcli.model.verdicts import (
    ColumnKind,
    Correction,
    Decision,
    DecisionPolicy,
    MethodResult,
    Rule,
    Series,
    Severity,
    Since,
    Skip,
    Standing,
    Status,
    Threshold,
)

__all__ = [
    "SCHEMA_VERSION",
    "Alert",
    "AlertReport",
    "AlertState",
    "CalibrationCurve",
    "ClassRates",
    "ColumnKind",
    "ColumnResult",
    "ColumnStats",
    "ConfusionMatrix",
    "Correction",
    "Curves",
    "DatasetInfo",
    "Decision",
    "DecisionPolicy",
    "Distribution",
    "Histogram",
    "LabelCoverage",
    "MethodResult",
    "MetricValue",
    "PerformanceResult",
    "Report",
    "RocCurve",
    "Rule",
    "Series",
    "Severity",
    "Since",
    "Skip",
    "Standing",
    "Status",
    "Threshold",
    "WindowsInfo",
]
