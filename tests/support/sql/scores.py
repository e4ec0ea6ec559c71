"""
Worlds scored in one pass of SQL, all at once, and given back as the engine prints a month.

Nothing here knows what the engine's scoring does: it starts from the events, the roster, the entered
points and the verdicts of the deadlines. Points are whole numbers over a whole denominator, joined to
fractions only when read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from support.random_months import FLAVOURS, World

# Where a total comes from: the sum of the items, or what was entered.
TOTALS = {"JY": "summed", "BS": "summed", "YY": "entered", "SW": "entered", "ZZ": "summed"}
# Sources that count (CONTRACT 7): under the others any does.
SOURCES = {"JY": "district", "SW": "third_party", "ZZ": "mayor_platform"}


class Deadline(NamedTuple):
    """A row of the replay's `deadlines`, with the number of the dispatch it runs in."""

    world: int
    order_id: str
    rule: str
    dispatch: int
    due_at: datetime
    done_at: datetime | None
    verdict: str


# What the SQL reads of an event, besides its place.
_TEXTS = (
    "evidence", "result", "outcome", "satisfaction", "process_satisfaction", "source", "finding", "exclusion",
    "case_type", "handling_class", "return_kind",
)  # fmt: skip
_FLAGS = ("anonymous", "caller_told", "met")
_INSTANTS = ("order_due",)

_TEXT, _NUMBER, _FLAG = pa.string(), pa.int64(), pa.bool_()
_INSTANT, _DAY = pa.timestamp("s"), pa.date32()
_TABLES: Mapping[str, Mapping[str, pa.DataType]] = {
    "worlds": {"world": _NUMBER, "begins": _INSTANT, "ends": _INSTANT, "as_of": _INSTANT, "listed": _FLAG},
    "listings": {"world": _NUMBER, "unit": _TEXT, "pool": _TEXT, "from_on": _DAY, "to_on": _DAY},
    "events": {
        "world": _NUMBER, "order_id": _TEXT, "row": _NUMBER, "event": _TEXT, "moment": _INSTANT,
        "unit": _TEXT, "role": _TEXT, **dict.fromkeys(_TEXTS, _TEXT), **dict.fromkeys(_FLAGS, _FLAG),
        **dict.fromkeys(_INSTANTS, _INSTANT),
    },
    "deadlines": {
        "world": _NUMBER, "order_id": _TEXT, "rule": _TEXT, "dispatch": _NUMBER,
        "due_at": _INSTANT, "done_at": _INSTANT, "verdict": _TEXT,
    },
    "entered": {
        "world": _NUMBER, "unit": _TEXT, "moment": _INSTANT, "code": _TEXT, "points100": _NUMBER,
        "order_id": _TEXT, "good": _FLAG, "confirmed_by": _TEXT,
    },
    "policy": {"name": _TEXT, "counts": _TEXT, "first_pool": _TEXT},
}  # fmt: skip


def scores(policy: str, worlds: Iterable[World], deadlines: Iterable[Deadline]) -> dict[int, dict[str, Any]]:
    """
    Score the worlds of a policy; by seed and unit, in the words of CONTRACT 7.

    `deadlines` are the replays' rows of those worlds, `world` being the seed.
    """
    worlds = list(worlds)
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    rows["policy"].append((policy, SOURCES.get(policy), FLAVOURS[policy].pools[0]))
    rows["deadlines"] = [tuple(one) for one in deadlines]
    for one in worlds:
        _rows_of(one, rows)
    with duckdb.connect() as base:
        for name, columns in _TABLES.items():
            _load(base, name, columns, rows[name])
        for part in ("counting", policy.lower(), TOTALS[policy], "ranked"):
            base.execute(Path(__file__).with_name(f"{part}.sql").read_text("utf-8"))
        return _read(base)


def _rows_of(world: World, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    seed = world.seed
    begins = datetime.fromisoformat(f"{world.month}-01")
    ends = (begins + timedelta(days=31)).replace(day=1)
    rows["worlds"].append((seed, begins, ends, world.as_of, world.listings is not None))
    rows["listings"] += [(seed, *one) for one in world.listings or ()]
    rows["entered"] += [
        (seed, one.unit, one.at, one.code, None if one.points is None else int(one.points * 100),
         one.order_id or None, one.good, one.confirmed_by or None)
        for one in world.entered
    ]  # fmt: skip
    for order_id, life in world.orders.items():
        for row, event in enumerate(life, start=1):
            said = [event.said.get(name) for name in (*_TEXTS, *_FLAGS, *_INSTANTS)]
            rows["events"].append(
                (seed, order_id, row, event.event, event.at, event.unit or None, event.role or None, *said)
            )


def _load(
    base: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, pa.DataType],
    rows: list[tuple[Any, ...]],
) -> None:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(cell, kind) for cell, kind in zip(cells, columns.values(), strict=True)]
    base.register("loading", pa.table(arrays, names=list(columns)))
    base.execute(f'create table "{name}" as select * from loading')
    base.unregister("loading")


def _read(base: duckdb.DuckDBPyConnection) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    units = base.execute("""
        select s.world, s.unit, s.pool, s.status, a.bonus100, a.deduction100, t.total_n, t.total_d,
            r.rank, g.grade
        from scored s join adjusted a using (world, unit) left join totals t using (world, unit)
        left join ranks r using (world, unit) left join grades g using (world, unit)
    """)
    for world, unit, pool, status, bonus, deduction, total_n, total_d, rank, grade in units.fetchall():
        total = _share(total_n, total_d)
        found.setdefault(world, {})[unit] = {
            "pool": pool, "status": status, "items": {}, "rates": {}, "adjustments": {},
            "bonus": str(Fraction(bonus, 100)), "deduction": str(Fraction(deduction, 100)),
            "total": _shown(total), "exact": _exact(total), "rank": rank, "grade": grade,
        }  # fmt: skip
    items = base.execute("select world, unit, item, points_n, points_d, num_n, num_d, den, orders from items")
    for world, unit, item, points_n, points_d, num_n, num_d, den, orders in items.fetchall():
        points = _share(points_n, points_d)
        found[world][unit]["items"][item] = {
            "points": _shown(points), "exact": _exact(points), "numerator": _exact(_share(num_n, num_d)),
            "denominator": _exact(_share(den, 1)), "orders": orders or [],
        }  # fmt: skip
    for world, unit, rate, num_n, num_d, den in base.execute("from rates").fetchall():
        numerator = _share(num_n, num_d)
        found[world][unit]["rates"][rate] = {
            "numerator": _exact(numerator), "denominator": _exact(_share(den, 1)),
            "exact": _exact(numerator / den if numerator is not None and den else None),
        }  # fmt: skip
    counts = base.execute("select world, unit, code, count(*) from entered_now group by all order by code")
    for world, unit, code, count in counts.fetchall():
        found[world][unit]["adjustments"][code] = count
    return found


def _share(numerator: int | None, denominator: int | None) -> Fraction | None:
    return None if numerator is None or not denominator else Fraction(int(numerator), int(denominator))


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _shown(value: Fraction | None) -> str | None:
    """Two places, half up; no figure of a month is below 0."""
    if value is None:
        return None
    hundredths = (value * 200 + 1) // 2
    return f"{hundredths // 100}.{hundredths % 100:02}"
