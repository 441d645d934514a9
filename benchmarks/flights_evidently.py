"""Evidently, day by day: `Report([DataDriftPreset()])` with its defaults.

The normed Wasserstein distance of each numeric column and the Jensen-Shannon distance of each
other, from 0.1 on: what it takes where the reference has more than 1,000 rows. Of the whole data
set it says that it drifts where half of the columns do.
"""

import json
import sys

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

reference, *currents = (pd.read_parquet(path) for path in sys.argv[1:])
features = list(reference.columns.drop("time"))
numbers = [name for name in features if pd.api.types.is_numeric_dtype(reference[name])]
definition = DataDefinition(
    numerical_columns=numbers,
    categorical_columns=[name for name in features if name not in numbers],
)


def dataset(rows: pd.DataFrame) -> Dataset:
    """Return rows as Evidently takes them."""
    return Dataset.from_pandas(rows[features], data_definition=definition)


preset, past = DataDriftPreset(), dataset(reference)
for current in currents:
    found = {"any column": [], "the data set": []}
    for _, day in current.groupby(current["time"].dt.date):
        count = Report([preset]).run(dataset(day), past).dict()["metrics"][0]
        found["any column"].append(count["value"]["count"] > 0)
        found["the data set"].append(count["value"]["share"] >= preset.drift_share)
    print(json.dumps(found))
