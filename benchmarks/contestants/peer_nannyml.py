"""`UnivariateDriftCalculator`, the current side as one chunk.

Kolmogorov-Smirnov for each numeric column, chi-square for each other. From 10,000 rows it estimates
D on 10,000 bins, which is its default.
"""

import sys

import nannyml as nml
import pandas as pd

reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
calculator = nml.UnivariateDriftCalculator(
    column_names=list(reference),
    continuous_methods=["kolmogorov_smirnov"],
    categorical_methods=["chi2"],
    chunk_number=1,
)
found = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
print(found.drop(columns="chunk", level=0).T.to_json(orient="split"))
