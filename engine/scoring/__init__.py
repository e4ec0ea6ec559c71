"""Scores of a run: a month, quarter or year of a replay folder or a database, told and compared."""

from paidan.engine.scoring.notes import Note
from paidan.engine.scoring.run import Run, load_run
from paidan.engine.scoring.score import (
    Scored,
    only_scored,
    score,
    scored,
    scoring_of,
    trace,
    trace_in,
)
from paidan.engine.scoring.told import (
    as_json,
    as_rows,
    consequence_json,
    consequence_label,
    in_order,
    item_labels,
    pool_label,
)

__all__ = [
    "Note",
    "Run",
    "Scored",
    "as_json",
    "as_rows",
    "consequence_json",
    "consequence_label",
    "in_order",
    "item_labels",
    "load_run",
    "only_scored",
    "pool_label",
    "score",
    "scored",
    "scoring_of",
    "trace",
    "trace_in",
]
