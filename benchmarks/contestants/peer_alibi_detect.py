"""`TabularDrift`, with its default correction.

Kolmogorov-Smirnov for each numeric column, chi-square for each other. It takes one array of numbers
without gaps: words are coded and nulls filled with the median beforehand.
"""

import json
import sys

import numpy as np
import pandas as pd
from alibi_detect.cd import TabularDrift

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
words = [name for name in reference if not pd.api.types.is_numeric_dtype(reference[name])]
for name in words:
    levels = np.unique(reference[name])
    for side in (reference, current):
        side[name] = pd.Categorical(side[name], categories=levels).codes
medians = reference.median()
detector = TabularDrift(
    reference.fillna(medians).to_numpy(),
    categories_per_feature={reference.columns.get_loc(name): None for name in words},
)
found = detector.predict(current.fillna(medians).to_numpy(), drift_type="feature")["data"]
columns = zip(reference, found["distance"].tolist(), found["p_val"].tolist(), strict=True)
print(json.dumps({name: {"distance": d, "p_val": p} for name, d, p in columns}))
