"""`Report([DataDriftPreset()])` with its defaults.

Above 1,000 rows that is the normed Wasserstein distance of each numeric column and the
Jensen-Shannon distance of each other.
"""

import sys

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
numeric = [name for name in reference if pd.api.types.is_numeric_dtype(reference[name])]
definition = DataDefinition(
    numerical_columns=numeric,
    categorical_columns=[name for name in reference if name not in numeric],
)
sides = [Dataset.from_pandas(side, data_definition=definition) for side in (current, reference)]
print(Report([DataDriftPreset()]).run(*sides).json())
