"""deepchecks: `FeatureDrift` with the condition of its suites, on its defaults.

Kolmogorov-Smirnov's D of each numeric column, Cramér's V of each other, both below 0.2.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift

check = FeatureDrift().add_condition_drift_score_less_than()
for folder in map(Path, sys.argv[1:]):
    sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current")]
    words = [name for name in sides[0] if not pd.api.types.is_numeric_dtype(sides[0][name])]
    result = check.run(*(Dataset(side, cat_features=words) for side in sides), with_display=False)
    print(json.dumps(not result.passed_conditions()))
