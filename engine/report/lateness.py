"""Who was late by which clause in a period: the limits that ran out in it, counted from `deadlines.csv`."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from paidan.engine.inert import plain
from paidan.engine.progress import counted
from paidan.policies.citation import Cited
from paidan.policies.schema import ClockRule
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring

DEADLINES = "deadlines.csv"
_MONTH = len("2026-03")
_BEFORE_DISPATCH = frozenset({"register", "dispatch"})
"""Events that come before any unit has the order: what they end is nobody's but the centre's."""
_COLUMNS = ("order_id", "rule", "unit", "verdict", "clause")


class Judged(NamedTuple):
    """How often a limit was met, met late, or passed unmet."""

    met: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def missed(self) -> int:
        """Late or overdue."""
        return self.late + self.overdue

    @property
    def of(self) -> int:
        """All that were judged."""
        return self.met + self.late + self.overdue

    def __or__(self, other: "Judged") -> "Judged":
        """Sum two counts."""
        return Judged(self.met + other.met, self.late + other.late, self.overdue + other.overdue)


class Column(NamedTuple):
    """A limit: its rule id and clause, and the row that words it, None where another version had it."""

    rule: str
    clause: str
    words: Cited | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """A unit's limits by rule, and all of them; `unit` empty: those that ran before a unit had the order."""

    unit: str
    cells: Mapping[str, Judged]
    all: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Lateness by unit and rule, most often late first; `whole` sums every unit."""

    columns: tuple[Column, ...]
    rows: tuple[LateRow, ...]
    whole: LateRow


def lateness(folder: Path, scoring: Scoring, score: PeriodScore) -> Lateness:
    """
    Count the limits that ran out in a period, by who had to keep them.

    A limit is that of the unit whose dispatch it runs in. One that starts with the receipt belongs to
    the unit of the last dispatch, unless it ends before any dispatch (CONTRACT sections 3 and 7). Of
    windows only requests are judged.
    """
    clocks: Mapping[str, ClockRule] = {one.rule: one for one in scoring.card.policy.of(ClockRule)}
    months = frozenset(score.months)
    verdicts = {name: place for place, name in enumerate(Judged._fields)}
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    clauses: dict[str, str] = {}
    for order_id, rule, unit, verdict, clause in _due_in(folder, months):
        if verdict not in verdicts:
            continue
        clauses.setdefault(rule, clause)
        whose = unit or _holder(scoring, order_id, clocks.get(rule))
        counts[whose][rule][verdicts[verdict]] += 1
    named = [rule for rule in dict.fromkeys((*clocks, *clauses)) if rule in clauses]
    rows = [_row(unit, {rule: Judged(*of) for rule, of in cells.items()}) for unit, cells in counts.items()]
    whole: dict[str, Judged] = {}
    for row in rows:
        for rule, cell in row.cells.items():
            whole[rule] = whole.get(rule, Judged()) | cell
    rows.sort(key=lambda row: (-row.all.missed, row.unit))
    columns = tuple(_column(rule, clauses[rule], clocks) for rule in named)
    return Lateness(columns=columns, rows=tuple(rows), whole=_row("", whole))


def _row(unit: str, cells: Mapping[str, Judged]) -> LateRow:
    whole = Judged()
    for cell in cells.values():
        whole |= cell
    return LateRow(unit=unit, cells=cells, all=whole)


def _column(rule: str, clause: str, clocks: Mapping[str, ClockRule]) -> Column:
    words = clocks.get(rule)
    return Column(rule, clause, words, words.kind if words else "duty")


def _holder(scoring: Scoring, order_id: str, clock: ClockRule | None) -> str:
    """Name who had to keep a limit that runs since the receipt."""
    record = scoring.records.get(order_id)
    if record is None or (clock is not None and any(one.event in _BEFORE_DISPATCH for one in clock.ends)):
        return ""
    return record.unit or ""


def _due_in(folder: Path, months: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Give the columns needed of every deadline that runs out in some months, as the file names them."""
    with (folder / DEADLINES).open(encoding="utf-8", newline="") as file:
        reader = plain(csv.reader(file), folder / DEADLINES)
        header = next(reader)
        due_at = header.index("due_at")
        wanted = itemgetter(*(header.index(name) for name in _COLUMNS))
        for row in counted(reader, "deadlines", folder / DEADLINES):
            if row[due_at][:_MONTH] in months:
                yield wanted(row)
