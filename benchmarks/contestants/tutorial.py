"""A plain script with `pandas.read_parquet`.

`scipy.stats.ks_2samp` and PSI on deciles for each numeric column, `scipy.stats.chi2_contingency`
for each other, missing values dropped.
"""

import json
import sys

import numpy as np
import pandas as pd
from scipy import stats

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
found = {}
for name in reference:
    x, y = reference[name].dropna(), current[name].dropna()
    if pd.api.types.is_numeric_dtype(x):
        ks = stats.ks_2samp(x, y)
        edges = np.unique(np.quantile(x, np.linspace(0, 1, 11)))
        edges[0], edges[-1] = -np.inf, np.inf
        p, q = (np.histogram(side, edges)[0] / len(side) + 1e-6 for side in (x, y))
        psi = float(((q - p) * np.log(q / p)).sum())
        found[name] = {"ks": ks.statistic, "ks_pvalue": ks.pvalue, "psi": psi}
    else:
        counts = pd.concat([x.value_counts(), y.value_counts()], axis=1).fillna(0)
        chi2 = stats.chi2_contingency(counts.T.to_numpy())
        found[name] = {"chi2": chi2.statistic, "chi2_pvalue": chi2.pvalue}
print(json.dumps(found))
