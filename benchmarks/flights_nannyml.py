"""NannyML, in chunks of a day: `UnivariateDriftCalculator` with its defaults.

The Jensen-Shannon distance of each column, above its mean over the days of the reference by more
than three of their standard deviations.
"""

import json
import sys

import nannyml as nml
import pandas as pd

reference, *currents = (pd.read_parquet(path) for path in sys.argv[1:])
features = list(reference.columns.drop("time"))
calculator = nml.UnivariateDriftCalculator(
    column_names=features, timestamp_column_name="time", chunk_period="D"
).fit(reference)
for current in currents:
    found = calculator.calculate(current).filter(period="analysis").to_df()
    alerts = found.loc[:, found.columns.get_level_values(-1) == "alert"].astype(bool)
    days = found[("chunk", "chunk", "key")]
    present = days.isin(current["time"].dt.strftime("%Y-%m-%d")).to_numpy()
    print(json.dumps({"any column": alerts.any(axis=1).to_numpy()[present].tolist()}))
