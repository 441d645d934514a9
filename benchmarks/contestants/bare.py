"""Every batch of both files read by `ParquetFile.iter_batches`, with its default threads.

No drift check: it is what reading the bytes costs.
"""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

found: dict[str, int] = {}
for side in map(Path, sys.argv[1:3]):
    for path in sorted(side.iterdir()) if side.is_dir() else [side]:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches():
            for name in batch.schema.names:
                found[name] = found.get(name, 0) + batch.num_rows
print(json.dumps(found))
