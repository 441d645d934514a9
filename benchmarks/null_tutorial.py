"""The tutorial way: any column with p < 0.05 or PSI > 0.2.

`scipy.stats.ks_2samp` and PSI on deciles for each numeric column, `scipy.stats.chi2_contingency`
for each other, missing values dropped.
"""

import json
import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from flights_tutorial import flagged

for folder in map(Path, sys.argv[1:]):
    sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current")]
    print(json.dumps(flagged(*sides)))
