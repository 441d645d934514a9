"""Reports as JSON, and back.

The document is the :class:`~driftcli.model.Report` itself, with a few flat names beside it that
scripts like to read (``features.NAME.ks_statistic``, ``summary.drifted_features``, ``auc``).
Reading a document back takes only the report's own fields.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from driftcli.errors import MAX_NAME, DataError, shown_path
from driftcli.model import SCHEMA_VERSION, AlertReport, ColumnKind, ColumnResult, Report

KINDS = {ColumnKind.NUMERIC: "continuous", ColumnKind.BOOLEAN: "categorical"}
LONGEST_INTEGER = 300  # digits, so that a float can hold it
_NUMBER = {"type": ["number", "null"]}
_COUNT = {"type": ["integer", "null"]}
COLUMN_NAMES: dict[str, dict[str, Any]] = {
    "type": {"enum": ["continuous", "categorical", "datetime", "other", None]},
    "status": {"enum": ["ok", "changed", "uncertain", "not_evaluated", "drift"]},
    "drifted": {"type": "boolean"},
    "drift_reason": {"type": ["string", "null"]},
    "ks_statistic": _NUMBER,
    "ks_pvalue": _NUMBER,
    "psi": _NUMBER,
    "chi2_statistic": _NUMBER,
    "chi2_pvalue": _NUMBER,
    "reference_mean": _NUMBER,
    "current_mean": _NUMBER,
    "reference_std": _NUMBER,
    "current_std": _NUMBER,
    "reference_categories": _COUNT,
    "current_categories": _COUNT,
}
TOP_NAMES: dict[str, dict[str, Any]] = {
    "n_reference": _COUNT,
    "n_current": _COUNT,
    "incomplete": {"type": "boolean"},
    "summary": {
        "type": "object",
        "properties": {
            "total_features": {"type": "integer"},
            "drifted_features": {"type": "integer"},
            "drift_detected": {"type": "boolean"},
            "by_status": {"type": "object"},
        },
        "required": ["total_features", "drifted_features", "drift_detected", "by_status"],
    },
}


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return one report, or a list of several, as JSON text for a file.

    Parameters
    ----------
    reports : sequence of Report
    alerts : AlertReport, optional
        Stands in a file of its own (``alerts.json``), not in this one.
    """
    return dumps(_whole(reports), indent=2) + "\n"


def render_line(reports: Sequence[Report]) -> str:
    """Return the same on one line, for stdout."""
    return dumps(_whole(reports))


def dumps(value: object, *, indent: int | None = None) -> str:
    """Return JSON text; a NaN is a bug and raises ``ValueError``."""
    from pydantic_core import PydanticSerializationError, to_json

    try:
        text = to_json(value, indent=indent)
    except PydanticSerializationError:
        # a file name need not be UTF-8; JSON is
        slow = json.dumps(value, indent=indent, ensure_ascii=False, default=_shallow)
        text = slow.encode("utf-8", "backslashreplace")
    if b"NaN" in text or b"Infinity" in text:  # in a name, or as a number
        json.loads(text, parse_constant=_refuse)
    return text.decode()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON compliant")


def _whole(reports: Sequence[Report]) -> object:
    documents = [_fields(report) for report in reports]
    return documents[0] if len(documents) == 1 else documents


def document(report: Report) -> dict[str, Any]:
    """Return a report as JSON values, with the flat names beside its own fields."""
    from pydantic_core import to_jsonable_python

    found: dict[str, Any] = to_jsonable_python(_fields(report))
    return found


def _fields(report: Report) -> dict[str, Any]:
    """Return the fields of a report with the flat names, the values within as they are."""
    own = _shallow(report)
    counts = [info.rows if info else None for info in (report.reference, report.current)]
    top: dict[str, Any] = {
        "schema_version": own.pop("schema_version"),
        "command": own.pop("command"),
        "timestamp": own.pop("timestamp"),
        "n_reference": counts[0],
        "n_current": counts[1],
        "incomplete": report.incomplete,
        "summary": _summary(report),
    }
    for section in ("features", "predictions"):
        columns: Mapping[str, ColumnResult] = own[section]
        own[section] = {name: {**_flat(col), **_shallow(col)} for name, col in columns.items()}
    return {**top, **_flat_predictions(report), **_flat_metrics(report), **own}


def _shallow(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _summary(report: Report) -> dict[str, Any]:
    columns = [*report.features.values(), *report.predictions.values()]
    by_status: dict[str, int] = {}
    for column in columns:
        by_status[column.status] = by_status.get(column.status, 0) + 1
    return {
        "total_features": len(report.features),
        "drifted_features": sum(column.drifted for column in report.features.values()),
        "drift_detected": report.drift_detected,
        "by_status": by_status,
    }


def _flat(column: ColumnResult) -> dict[str, Any]:
    """Return the flat names of one column."""
    results = {check.result.method: check.result for check in column.checks}
    ks, psi, chi2 = (results.get(name) for name in ("ks", "psi", "chi2"))
    kind = None if column.kind is None else KINDS.get(column.kind, str(column.kind))
    reference, current = column.reference, column.current
    return {
        "type": kind,
        "status": column.status,
        "drifted": column.drifted,
        "drift_reason": column.drift_reason,
        "ks_statistic": ks and ks.statistic,
        "ks_pvalue": ks and ks.pvalue,
        "psi": psi and psi.statistic,
        "chi2_statistic": chi2 and chi2.statistic,
        "chi2_pvalue": chi2 and chi2.pvalue,
        "reference_mean": reference and reference.mean,
        "current_mean": current and current.mean,
        "reference_std": reference and reference.std,
        "current_std": current and current.std,
        "reference_categories": reference and reference.categories,
        "current_categories": current and current.categories,
    }


def _flat_predictions(report: Report) -> dict[str, Any]:
    """Return the first prediction column's flat names, where predictions were checked."""
    column = next(iter(report.predictions.values()), None)
    if column is None:
        return {}
    flat = _flat(column)
    moved = column.check("prediction_mean")
    shift = moved.result.details.get("mean_shift_pct") if moved else None
    return {name: flat[name] for name in flat if name != "type"} | {"mean_shift_pct": shift}


def _flat_metrics(report: Report) -> dict[str, Any]:
    """Return every metric's current value under its name, where performance was checked."""
    performance = report.performance
    if performance is None:
        return {}
    return {
        "n_predictions": performance.coverage.rows,
        "mean_score": performance.mean_score,
        "std_score": performance.std_score,
        **{value.metric: value.current for value in performance.metrics},
    }


def parse(text: str, path: object) -> list[Report | AlertReport]:
    """Read back what :func:`render` or the alert command wrote.

    Parameters
    ----------
    text : str
    path : object
        Named in errors.

    Raises
    ------
    DataError
        If the text is not JSON, or not a result of driftcli.
    """
    value = loads(text, path)
    return [_parse_one(item, path) for item in (value if isinstance(value, list) else [value])]


def loads(text: str, path: object) -> Any:
    """Return the value of a JSON text; NaN, infinities and broken JSON are errors that name it.

    Raises
    ------
    DataError
    """

    def refuse(word: str) -> Any:
        told = word if len(word) <= 20 else f"a number of {len(word)} digits"
        raise DataError(f"{told} is not JSON", path=path)

    def whole(digits: str) -> int:
        return int(digits) if len(digits) <= LONGEST_INTEGER else refuse(digits)

    def real(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else refuse(digits)

    try:
        return json.loads(text, parse_constant=refuse, parse_int=whole, parse_float=real)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise DataError(f"not JSON: {error.msg}", path=place) from None
    except RecursionError:
        raise DataError("nested too deeply", path=path) from None


def _parse_one(value: Any, path: object) -> Report | AlertReport:
    from pydantic import TypeAdapter, ValidationError

    if not isinstance(value, dict) or "schema_version" not in value:
        raise DataError("not a result of driftcli", path=path, hint="write one with -o FILE.json")
    version = str(value["schema_version"])
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        reason = f"written in schema {shown_path(version)}, this driftcli reads {SCHEMA_VERSION}"
        raise DataError(reason, path=path)
    adapter: TypeAdapter[Any] = TypeAdapter(AlertReport if "alerts" in value else Report)
    try:
        parsed: Report | AlertReport = adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = shown_path(".".join(str(part) for part in first["loc"]))[:MAX_NAME]
        raise DataError(f"not a result of driftcli: {key}: {first['msg']}", path=path) from None
    if isinstance(parsed, Report):
        for column in (*parsed.features.values(), *parsed.predictions.values()):
            _check_picture(column, path)
    return parsed


def _check_picture(column: ColumnResult, path: object) -> None:
    """Refuse bars that do not match their places; every renderer draws them side by side."""
    shape = column.distribution
    if shape is None:
        return
    bars = len(shape.reference)
    places = len(shape.edges) - 1 if shape.edges else len(shape.labels)
    if not bars == len(shape.current) == places:
        reason = "not a result of driftcli: distribution: sides and places of different lengths"
        raise DataError(reason, path=path, column=column.name)


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report document."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Report).json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    column = schema["$defs"]["ColumnResult"]
    for target, names in ((column, COLUMN_NAMES), (schema, TOP_NAMES)):
        target["properties"] = names | target["properties"]
        target["required"] = sorted({*target.get("required", ()), *names})
    return schema
