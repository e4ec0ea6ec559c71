"""
The peer of `scoring.py`: rates of JY's month counted in DuckDB from the files of a run folder.

Prints, by unit, the orders contacted, the weighted satisfaction and the late closings. Plain lives only:
one dispatch, one callback, none redone.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

import duckdb

QUERY = """
with log as (
    select order_id, seq, event, unit, left("at", 7) as month
    from read_csv('{folder}/transitions.csv', all_varchar = true)
),
said as (
    select order_id, unnest(map_entries(said)) as one
    from read_json('{folder}/attributes.jsonl', columns = {{order_id: 'varchar', said: 'map(varchar, json)'}})
),
told as (select order_id, one.key as seq, one.value as words from said),
closed as (select order_id from log where event = 'close' and month = '{month}'),
units as (select distinct unit from log where event = 'dispatch'),
owner as (select order_id, unit from log where event = 'dispatch'),
answers as (
    select order_id, words->>'satisfaction' as satisfaction
    from log join told using (order_id, seq) where event = 'revisit' and words->>'source' = 'district'
),
evidence as (
    select distinct order_id from log join told using (order_id, seq)
    where event = 'contact' and words->>'evidence' is not null
),
late as (
    select order_id from read_csv('{folder}/deadlines.csv', all_varchar = true)
    where rule = 'JY-T09' and verdict = 'late'
)
select unit,
    count(*) filter (order_id in (select order_id from evidence)),
    sum(case satisfaction when 'satisfied' then 10 when 'basically_satisfied' then 8
        when 'neutral' then 6 else 0 end),
    count(*) filter (order_id in (select order_id from late))
from closed join owner using (order_id) join answers using (order_id) group by unit
"""


def main() -> None:
    """Print the counts of every unit as JSON."""
    folder, month = Path(sys.argv[1]), sys.argv[2]
    rows = duckdb.sql(QUERY.format(folder=folder, month=month)).fetchall()
    print(json.dumps(
        {unit: [str(contacted), str(Fraction(int(tenths), 10)), str(late)]
         for unit, contacted, tenths, late in rows},
        ensure_ascii=False,
    ))  # fmt: skip


if __name__ == "__main__":
    main()
