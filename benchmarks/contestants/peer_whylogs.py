"""A profile of either side by `why.log`, then `calculate_drift_scores` with its defaults.

Kolmogorov-Smirnov on sketches for each numeric column, chi-square on frequent items for each other.
"""

import json
import sys

import pandas as pd
import whylogs as why
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

reference, current = (why.log(pd.read_parquet(path)).view() for path in sys.argv[1:3])
print(json.dumps(calculate_drift_scores(current, reference, with_thresholds=True)))
