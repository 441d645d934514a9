"""Evidently: `Report([DataDriftPreset()])` with its defaults.

Up to 1,000 rows of the reference tests at 0.05, above the normed Wasserstein distance and the
Jensen-Shannon distance, from 0.1 on.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

preset = DataDriftPreset()
for folder in map(Path, sys.argv[1:]):
    sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("current", "reference")]
    numbers = sides[1].select_dtypes("number").columns.tolist()
    definition = DataDefinition(
        numerical_columns=numbers,
        categorical_columns=[name for name in sides[1] if name not in numbers],
    )
    told = Report([preset]).run(
        *(Dataset.from_pandas(side, data_definition=definition) for side in sides)
    )
    count = told.dict()["metrics"][0]["value"]["count"]
    print(json.dumps(count > 0))
