"""
A month's scores as an auditor's pack holds them: what was scored, and each order behind each figure.

As of the newest entry of the whole log, as the month's page tells them: what was learned after the month
counts too.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from paidan.engine.errors import UsageError
from paidan.engine.export.run_folder import written
from paidan.engine.scoring.lineage_text import line_why
from paidan.engine.scoring.lineage_told import adjustment_json
from paidan.engine.scoring.run import Run
from paidan.engine.scoring.score import Scorings, traced
from paidan.engine.scoring.told import as_json
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.lineage import OrderLine
from paidan.policies.scoring.results import UnitScore
from paidan.policies.scoring.scores import Scoring
from paidan.storage.encoding import to_text

SCORES, LINES = "scores.json", "score_lines.csv"
COLUMNS = (
    "unit", "item", "rule", "clause", "order_id", "within", "weight", "why", "cites", "entries",
)  # fmt: skip


def graded(run: Run, month: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Give the files of a month's scores with their content; none where the month cannot be scored."""
    scorings = Scorings(run)
    try:
        scoring = scorings.of(month)
    except UsageError:  # a document without items, a month before the log's first
        return
    told = scorings.scored(month)
    yield SCORES, iter([_scores(as_json(told), told.score.units, scoring, run)])
    yield LINES, _lines(told.score.units, scoring, month)


def _scores(said: dict[str, Any], units: tuple[UnitScore, ...], scoring: Scoring, run: Run) -> bytes:
    """Write the scores as the command line does, with the kind of each item and what was entered by hand."""
    for unit, out in zip(units, said["units"], strict=True):
        for one in unit.items:
            item = scoring.card.item(one.name, unit.pool)
            out["items"][one.name]["kind"] = item.kind if item else ""
        out["entered"] = [_entered(one) for one in unit.adjustments]
    text = json.dumps({"as_of": to_text(run.as_of), **said}, ensure_ascii=False, sort_keys=True, indent=1)
    return text.encode() + b"\n"


def _entered(line: AdjustmentLine) -> dict[str, Any]:
    return adjustment_json(line, "zh")


def _lines(units: tuple[UnitScore, ...], scoring: Scoring, month: str) -> Iterator[bytes]:
    yield _row(*COLUMNS)
    for unit in units:
        for item in unit.items:
            trace = traced(scoring, month, unit.unit, item.name)
            for one in trace.orders:
                yield _row(
                    unit.unit, item.name, trace.rule, trace.clause, one.order_id,
                    "true" if one.within else "false", one.weight, line_why(one), one.cites, _entries(one),
                )  # fmt: skip


def _entries(line: OrderLine) -> str:
    return "; ".join(f"{one.seq} {one.event} {written(one.at)}" for one in line.causes)


def _row(*cells: Any) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue().encode()
