"""The tutorial way, day by day: any column with p < 0.05 or PSI > 0.2.

`scipy.stats.ks_2samp` and PSI on deciles for each numeric column, `scipy.stats.chi2_contingency`
for each other, missing values dropped.
"""

import json
import sys

import numpy as np
import pandas as pd
from scipy import stats

ALPHA, PSI = 0.05, 0.2


def numeric(x: np.ndarray, y: np.ndarray) -> bool:
    """Say whether a numeric column is flagged."""
    if stats.ks_2samp(x, y).pvalue < ALPHA:
        return True
    edges = np.unique(np.quantile(x, np.linspace(0, 1, 11)))
    edges[0], edges[-1] = -np.inf, np.inf
    p, q = (np.histogram(side, edges)[0] / len(side) + 1e-6 for side in (x, y))
    return bool(((q - p) * np.log(q / p)).sum() > PSI)


def other(x: pd.Series, y: pd.Series) -> bool:
    """Say whether a column of categories is flagged."""
    counts = pd.concat([x.value_counts(), y.value_counts()], axis=1).fillna(0)
    return bool(stats.chi2_contingency(counts.T.to_numpy()).pvalue < ALPHA)


def flagged(reference: pd.DataFrame, day: pd.DataFrame) -> bool:
    """Say whether any column of a day is flagged."""
    for name in reference.columns.drop("time", errors="ignore"):
        x, y = reference[name].dropna(), day[name].dropna()
        if pd.api.types.is_numeric_dtype(x):
            if len(y) and numeric(x.to_numpy(), y.to_numpy()):
                return True
        elif other(x, y):
            return True
    return False


def main() -> None:
    """Print what every day of each file says."""
    reference, *currents = (pd.read_parquet(path) for path in sys.argv[1:])
    for current in currents:
        days = current.groupby(current["time"].dt.date)
        print(json.dumps({"any column": [flagged(reference, day) for _, day in days]}))


if __name__ == "__main__":
    main()
