"""What a run can be told, as frozen values with their defaults.

These are plain dataclasses, so that a run without a YAML file pays for no validation library;
:mod:`driftcli.config_file` turns YAML into them and checks every field against its annotation.
The docstrings are the only place where a field is explained: the reference page, the commented
YAML and the JSON Schema take their words from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Len

from driftcli.model import DecisionPolicy, Severity

Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Kind = Literal["numeric", "categorical", "boolean", "datetime"]
Task = Literal["binary", "multiclass", "regression", "ranking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns are checked and how they are read.

    Parameters
    ----------
    include : tuple of str
        Check these columns only; empty means all columns of the reference.
    exclude : tuple of str
        Leave these columns out, such as ``[user_id, request_id]``.
    types : mapping of str to str
        How a column is compared where its type in the data misleads, such as
        ``{hour_of_day: categorical}``.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    types: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Which predictions are compared, and how far they may move.

    Parameters
    ----------
    column : tuple of str
        The column or columns that hold the model's output, such as ``score``.
    scale : str
        The unit of the shift of the mean: ``sd`` (standard deviations of the reference),
        ``relative`` (to the mean of the reference) or ``absolute``.
    mean_shift : float, optional
        Largest shift of the mean that does not matter; null takes the method's default.
    std_shift : float, optional
        Largest change of the standard deviation that does not matter, as the absolute logarithm of
        the ratio; null takes the method's default.
    """

    column: tuple[str, ...] = ()
    scale: Literal["sd", "relative", "absolute"] = "sd"
    mean_shift: NonNegative | None = None
    std_shift: NonNegative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Where labels and scores stand, and how far a metric may drop.

    Parameters
    ----------
    label : str, optional
        The column with the true label or value, such as ``click``.
    score : str or tuple of str, optional
        The column with the predicted score; for several classes the list of their columns.
    prediction : str, optional
        The column with the predicted class or value.
    group : str, optional
        For ranking: the column that tells which rows were ranked together, such as ``user_id``.
    task : str, optional
        What the model predicts; null works it out from the columns given.
    positive : str or int or bool, optional
        The label that counts as positive where labels are not 0 and 1, such as ``'yes'``.
    cutoff : float, optional
        Scores at or above this count as a positive prediction, and no prediction column is read;
        null reads one where there is one, and else cuts at 0.5.
    k : int
        For ranking: how many of the highest scores of a group are looked at.
    labels : str, optional
        A file with the labels where they arrive later than the predictions.
    join_on : str, optional
        The key column that joins that file to the predictions.
    min_label_share : float
        Metrics are computed only where at least this share of the rows has its label.
    max_drop : mapping of str to float
        By how much a metric may get worse before it matters; null only informs.
    """

    label: str | None = None
    score: str | tuple[str, ...] | None = None
    prediction: str | None = None
    group: str | None = None
    task: Task | None = None
    positive: str | int | bool | None = None
    cutoff: Share | None = None
    k: Annotated[int, Ge(1)] = 10
    labels: str | None = None
    join_on: str | None = None
    min_label_share: Share = 0.5
    max_drop: Mapping[str, NonNegative | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeverity:
    """How many drifted columns, or which drop of a metric, make an alert of each severity.

    Parameters
    ----------
    low : int
        From this many drifted columns on, the alert is low.
    medium : int
        From this many drifted columns on, the alert is medium.
    high : int
        From this many drifted columns on, the alert is high.
    medium_drop : float
        Beyond this drop of a metric, the alert is medium.
    high_drop : float
        Beyond this drop of a metric, the alert is high.
    """

    low: Annotated[int, Ge(1)] = 1
    medium: Annotated[int, Ge(1)] = 2
    high: Annotated[int, Ge(1)] = 5
    medium_drop: NonNegative = 0.05
    high_drop: NonNegative = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go; the address itself stands only in the environment or in a file of its own.

    Parameters
    ----------
    url_env : str, optional
        The name of the environment variable that holds the address, such as ``SLACK_URL``.
    url_file : str, optional
        A file that holds the address, such as a mounted secret, in place of a variable.
    type : str, optional
        The kind of channel; null takes ``webhook`` for an address that begins with http or https,
        and ``apprise`` for any other, such as ``mailto://`` or ``pagerduty://``.
    format : str, optional
        What a webhook receives: ``json`` (the alerts as ``alerts.json`` has them), ``cloudevents``
        (the same in a CloudEvents 1.0 envelope) or ``slack`` (text for people); null takes
        ``slack`` for addresses of Slack, and ``json``.
    secret_env : str, optional
        The name of the environment variable that holds the key with which a webhook signs.
    min_severity : Severity
        Alerts below this severity are not sent here.
    required : bool
        Whether an alert that does not get here makes the exit code 2.
    timeout : float
        Seconds to wait for an answer.
    retries : int
        How often a failed delivery is tried again.
    allow_http : bool
        Whether a webhook's address without TLS is allowed.
    allow_private : bool
        Whether a webhook's address inside the own network is allowed.
    """

    url_env: str | None = None
    url_file: str | None = None
    type: Literal["webhook", "apprise"] | None = None
    format: Literal["json", "cloudevents", "slack"] | None = None
    secret_env: str | None = None
    min_severity: Severity = Severity.LOW
    required: bool = False
    timeout: Positive = 5.0
    retries: Annotated[int, Ge(0), Le(10)] = 3
    allow_http: bool = False
    allow_private: bool = False

    @property
    def name(self) -> str:
        """The channel as messages name it: its type and its variable or file, never its address."""
        return f"{self.type or 'channel'} ({self.place})"

    @property
    def place(self) -> str:
        """The variable or file that holds the address."""
        place = self.url_env or self.url_file or "no address"
        # an address where its place was asked for
        return "not shown" if "://" in place else place


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """What makes an alert.

    Parameters
    ----------
    when : str
        What is looked at.
    name : str, optional
        By which the rule is known; that of ``when`` unless said.
    by : str
        For ``feature_drift``: ``count`` of drifted columns, their ``share`` of all, or the share of
        the importance of all that they have (``weighted_share``).
    columns : tuple of str
        Look at these columns (or metrics) only; empty looks at all.
    low : float, optional
        From this on the alert is low: a number or share of columns or checks, or how many times its
        threshold a prediction's effect is. For ``performance_degradation`` a drop and for
        ``missing_rate`` a rate beyond this.
    medium : float, optional
        From this on it is medium.
    high : float, optional
        From this on it is high.
    message : str, optional
        What to say, with ``{count}``, ``{total}``, ``{share}``, ``{columns}``, ``{value}``,
        ``{severity}`` and ``{source}`` filled in.
    action : str, optional
        What to do, likewise.
    """

    when: Literal[
        "feature_drift",
        "prediction_drift",
        "performance_degradation",
        "missing_rate",
        "not_evaluated",
        "stale_input",
    ]
    name: str | None = None
    by: Literal["count", "share", "weighted_share"] = "count"
    columns: tuple[str, ...] = ()
    low: NonNegative | None = None
    medium: NonNegative | None = None
    high: NonNegative | None = None
    message: str | None = None
    action: str | None = None

    @property
    def key(self) -> str:
        """The name by which the rule is known."""
        return self.name or self.when

    @property
    def beyond(self) -> bool:
        """Whether a drop or a rate must be beyond a level; a number may be just as large."""
        return self.when in ("performance_degradation", "missing_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """What nobody wants to hear of, until a day.

    Parameters
    ----------
    rule : str, optional
        The name of a rule; all unless said.
    column : str, optional
        A column or metric; all unless said.
    until : str, optional
        A day such as ``2026-12-31``, the last that is muted; for ever unless said.
    reason : str, optional
        For those who read the file.
    """

    rule: str | None = None
    column: str | None = None
    until: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """When somebody must know, and who.

    Parameters
    ----------
    severity : AlertSeverity
        How many drifted columns, or which drop of a metric, make an alert of each severity.
    rules : tuple of AlertRule
        What makes an alert, in place of the rules that there are without this: drifted features by
        number, drifted predictions, degraded metrics, checks that could not be evaluated.
    confirm : str
        ``2 of 3`` makes an alert of what was found in 2 of the last 3 runs, and ends it where it no
        longer is.
    cooldown : str
        What goes on is told again after so long (``12h``, ``7d``), and not before.
    max_age : str, optional
        Data that end longer ago than this are stale, which is an alert.
    mute : tuple of Mute
        What nobody wants to hear of.
    retrain : Severity
        Retraining is advised from this severity on.
    send : tuple of Channel
        Where alerts go; empty sends nothing.
    """

    severity: AlertSeverity = field(default_factory=AlertSeverity)
    rules: tuple[AlertRule, ...] = ()
    confirm: str = "1 of 1"
    cooldown: str = "7d"
    max_age: str | None = None
    mute: tuple[Mute, ...] = ()
    retrain: Severity = Severity.MEDIUM
    send: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What ``driftcli run`` leaves behind.

    Parameters
    ----------
    directory : str
        The folder of its files: the results, the alerts, the report, and the store unless it is
        elsewhere.
    link : str, optional
        Where people can open the report, such as ``https://reports.example.com/ctr/report.html``;
        alerts carry it.
    """

    directory: str = "data/monitoring"
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Where runs are remembered.

    Parameters
    ----------
    path : str, optional
        A file for SQLite; ``history.sqlite`` in the folder of the outputs unless said.
    url_env : str, optional
        The name of the environment variable that holds the address of a PostgreSQL database, such
        as ``postgresql://monitor@db/drift``, in place of a file.
    wait : str
        How long a run waits for another one of the same monitor to end.
    """

    path: str | None = None
    url_env: str | None = None
    wait: str = "5min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """How data files are read.

    Parameters
    ----------
    delimiter : str
        What separates the fields of a CSV file.
    encoding : str
        Text encoding of CSV files.
    null_values : tuple of str
        Words that mean "missing" in CSV files.
    max_rows : int, optional
        Stop with an error beyond this many rows; null reads all.
    format : str, optional
        Format of the data files; null tells it from the file's name and first bytes.
    date : str
        The day that ``{date:%Y-%m-%d}`` in a path means: ``2026-11-22``, ``today`` (of UTC),
        ``yesterday``, or ``-3d`` for three days ago.
    where : str, optional
        Only rows that satisfy this are read, such as ``dt >= '2026-01-01' and country = 'NL'``.
    reference_where : str, optional
        The same for the reference only.
    current_where : str, optional
        The same for the current data only.
    query : str, optional
        What to ask a database that is named without a table:
        ``SELECT * FROM scores WHERE day = '{date:%Y-%m-%d}'``.
    reference_query : str, optional
        The same for the reference only.
    current_query : str, optional
        The same for the current data only.
    """

    delimiter: Annotated[str, Len(1, 1)] = ","
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = (
        "", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "-", "?",
    )  # fmt: skip
    max_rows: Annotated[int, Ge(1)] | None = None
    format: Literal["parquet", "csv", "jsonl", "arrow", "orc"] | None = None
    date: str = "today"
    where: str | None = None
    reference_where: str | None = None
    current_where: str | None = None
    query: str | None = None
    reference_query: str | None = None
    current_query: str | None = None

    @property
    def of_reference(self) -> tuple[str, ...]:
        """The filters of the reference's rows."""
        return tuple(text for text in (self.where, self.reference_where) if text is not None)

    @property
    def query_of_reference(self) -> str | None:
        """What to ask the reference's database."""
        return self.query if self.reference_query is None else self.reference_query

    @property
    def query_of_current(self) -> str | None:
        """What to ask the database of the current data."""
        return self.query if self.current_query is None else self.current_query

    @property
    def of_current(self) -> tuple[str, ...]:
        """The filters of the current rows."""
        return tuple(text for text in (self.where, self.current_where) if text is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """How rows are put into windows of time, so that today is compared with usual days.

    Parameters
    ----------
    column : str, optional
        The column that tells when a row happened, such as ``event_time``.
    window : str, optional
        Length of a window: ``1d``, ``6h``, ``30min``, ``1w``, ``1mo``, or ``50000rows`` for rows in
        the order in which they stand; null with a column means ``1d``.
    zone : str, optional
        The time zone by whose calendar days, weeks and months begin, such as ``Europe/Paris``; null
        takes the column's own.
    like : str, optional
        Compare with windows of the same kind only: ``weekday`` (Mondays with Mondays), ``hour`` of
        the day, ``month`` of the year, or a column that has one value for most rows of a window,
        such as ``is_holiday``.
    """

    column: str | None = None
    window: str | None = None
    zone: str | None = None
    like: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a run may take of the machine; the answer does not depend on ``jobs``.

    Parameters
    ----------
    max_memory : int
        Megabytes of the whole process, about. Columns whose values fit are compared exactly, larger
        ones by counts that bound the distance; nothing is left out.
    jobs : int, optional
        Threads; null takes the number of cores.
    engine : str
        Who counts: ``local`` threads, ``spark``, or the database itself (``sql``), so that its rows
        stay there; for that the reference must be a baseline.
    """

    max_memory: Annotated[int, Ge(192)] = 512
    jobs: Annotated[int, Ge(1)] | None = None
    engine: Literal["local", "spark", "sql"] = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One monitor; every field has a default that is right for most.

    Parameters
    ----------
    version : int
        Version of the format of this file.
    monitor : str, optional
        The name by which ``driftcli run`` remembers; that of this file unless said.
    reference : str, optional
        The data the model was trained on.
    current : str, optional
        The data to check.
    columns : Columns
        Which columns are checked and how they are read.
    thresholds : mapping of str to float
        For each drift method, the effect beyond which a difference matters.
    overrides : mapping of str to mapping
        Thresholds and importance of single columns, such as
        ``{item_ctr: {ks: 0.2, importance: 3}}``; importance is 1 unless said.
    decision : DecisionPolicy
        When a difference is called drift.
    predictions : Predictions
        Which predictions are compared, and how far they may move.
    performance : Performance
        Where labels and scores stand, and how far a metric may drop.
    alerts : Alerts
        When somebody must know, and who.
    outputs : Outputs
        What a whole run leaves behind.
    store : StoreOptions
        Where runs are remembered.
    time : Time
        How rows are put into windows of time, so that today is compared with usual days.
    input : Input
        How data files are read.
    resources : Resources
        What a run may take of the machine.
    """

    # pydantic's settings, as a plain dict so that pydantic need not be imported here
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }

    version: Literal[1] = 1
    monitor: str | None = None
    reference: str | None = None
    current: str | None = None
    columns: Columns = field(default_factory=Columns)
    thresholds: Mapping[str, NonNegative] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, NonNegative]] = field(default_factory=dict)
    decision: DecisionPolicy = field(default_factory=DecisionPolicy)
    predictions: Predictions = field(default_factory=Predictions)
    performance: Performance = field(default_factory=Performance)
    alerts: Alerts = field(default_factory=Alerts)
    outputs: Outputs = field(default_factory=Outputs)
    store: StoreOptions = field(default_factory=StoreOptions)
    time: Time = field(default_factory=Time)
    input: Input = field(default_factory=Input)
    resources: Resources = field(default_factory=Resources)
