"""NannyML: `UnivariateDriftCalculator` with its defaults.

The Jensen-Shannon distance of each column in ten chunks of current, above its mean over ten chunks
of the reference by more than three of their standard deviations.
"""

import json
import sys
from pathlib import Path

import nannyml as nml
import pandas as pd

for folder in map(Path, sys.argv[1:]):
    reference, current = (
        pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current")
    )
    calculator = nml.UnivariateDriftCalculator(column_names=reference.columns.tolist())
    found = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    alerts = found.loc[:, found.columns.get_level_values(-1) == "alert"]
    print(json.dumps(bool(alerts.astype(bool).to_numpy().any())))
