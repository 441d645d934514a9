"""`KSTest` and `PSI` for each numeric column, `ChiSquareTest` for each other.

Missing values are dropped beforehand.
"""

import json
import sys

import pandas as pd
from frouros.detectors.data_drift import PSI, ChiSquareTest, KSTest

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
found: dict[str, dict[str, float]] = {}
for name in reference:
    x, y = (side[name].dropna().to_numpy() for side in (reference, current))
    numeric = pd.api.types.is_numeric_dtype(reference[name])
    found[name] = {}
    for detector in (KSTest(), PSI()) if numeric else (ChiSquareTest(),):
        detector.fit(X=x)
        found[name] |= detector.compare(X=y)[0]._asdict()
print(json.dumps(found, default=float))
