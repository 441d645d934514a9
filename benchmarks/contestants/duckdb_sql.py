"""SQL over both files.

For each numeric column D through a window over the union of both sides' values, and counts by
decile of the reference, which give PSI; for each other column counts by category, which give
chi-square. No p-values.
"""

import json
import sys

import duckdb

KS = """
with pooled as (
    select {column} as x, 1 as r, 0 as c from reference where {column} is not null
    union all
    select {column}, 0, 1 from current where {column} is not null
), atoms as (
    select x, sum(r) as r, sum(c) as c from pooled group by x
), steps as (
    select
        sum(r) over (order by x) / sum(r) over () - sum(c) over (order by x) / sum(c) over () as d
    from atoms
)
select max(abs(d)) from steps
"""
PSI = """
with edges as (
    select list_distinct(quantile_cont({column}, [.1, .2, .3, .4, .5, .6, .7, .8, .9])) as edges
    from reference
), pooled as (
    select {column} as x, 1 as r, 0 as c from reference where {column} is not null
    union all
    select {column}, 0, 1 from current where {column} is not null
), bins as (
    select sum(r) as r, sum(c) as c from pooled, edges
    group by len(list_filter(edges, lambda edge: edge < x))
), shares as (
    select r / sum(r) over () + 1e-6 as p, c / sum(c) over () + 1e-6 as q from bins
)
select sum((q - p) * ln(q / p)) from shares
"""
CHI2 = """
with pooled as (
    select {column} as x, 1 as r, 0 as c from reference where {column} is not null
    union all
    select {column}, 0, 1 from current where {column} is not null
), cells as (
    select sum(r) as r, sum(c) as c from pooled group by x
), expected as (
    select r, c, (r + c) * sum(r) over () / (sum(r) over () + sum(c) over ()) as er,
        (r + c) * sum(c) over () / (sum(r) over () + sum(c) over ()) as ec
    from cells
)
select sum((r - er) ** 2 / er + (c - ec) ** 2 / ec) from expected
"""


def value(query: str, column: str) -> float:
    """Return the number that a query gives for a column."""
    [[found]] = database.sql(query.format(column=f'"{column}"')).fetchall()
    return float(found)


database = duckdb.connect()
database.read_parquet(sys.argv[1]).create_view("reference")
database.read_parquet(sys.argv[2]).create_view("current")
found = {}
for column, kind, *_ in database.sql("describe reference").fetchall():
    if kind == "VARCHAR":
        found[column] = {"chi2": value(CHI2, column)}
    else:
        found[column] = {"ks": value(KS, column), "psi": value(PSI, column)}
print(json.dumps(found))
