"""`FeatureDrift` with its defaults.

Kolmogorov-Smirnov for each numeric column, Cramér's V for each other, on a sample of 100,000 rows a
side.
"""

import json
import sys

import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
words = [name for name in reference if not pd.api.types.is_numeric_dtype(reference[name])]
sides = [Dataset(side, cat_features=words) for side in (reference, current)]
found = FeatureDrift().run(*sides, with_display=False).value
print(json.dumps(found, default=float))
