"""Orders as scoring sees them, made in one line, and a month scored from them."""

from dataclasses import replace
from datetime import datetime

from paidan.policies.registry import document
from paidan.policies.roster import Roster, Unit
from paidan.policies.scoring.adjustments import Adjustment
from paidan.policies.scoring.records import Callback, Contact, Judged, Mark, OrderRecord
from paidan.policies.scoring.scores import Scoring
from paidan.workflows.records import BEIJING

JY = document("JY")
MARCH = "2026-03"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def callback(
    outcome="resolved", satisfaction="satisfied", *, on="2026-03-12", source="district", result="effective"
):
    return Callback(at(on), 7, result, outcome, satisfaction, source=source)


def judged(verdict="met", rule="JY-T09", **more):
    """A limit of the last dispatch, and what it came to."""
    due_at, started_at = more.pop("due_at", at("2026-03-20")), more.pop("started_at", at("2026-03-02"))
    return Judged(rule, more.pop("dispatch", 0), more.pop("unit", "A"), started_at, due_at, verdict, **more)


def order(
    order_id,
    unit="A",
    *,
    accepted="2026-03-03",
    closed="2026-03-12",
    verdict="met",
    contact="evidence",
    callbacks=(),
    **more,
):
    """An order; `callbacks` may be "outcome/satisfaction" texts, `contact` evidence, bare or None."""
    began = at(accepted or closed or "2026-03-01")
    return OrderRecord(
        order_id=order_id,
        version="JY@2022-07-01",
        began_at=more.pop("began_at", began),
        unit=unit,
        accepted=Mark(at(accepted), 4) if accepted else None,
        closed=Mark(at(closed), 8) if closed else None,
        judged=(judged(verdict),) if verdict else (),
        contacts=(Contact(at("2026-03-03"), 5, contact == "evidence"),) if contact else (),
        callbacks=tuple(callback(*one.split("/")) if isinstance(one, str) else one for one in callbacks),
        **more,
    )


def good(order_id, unit="A", **more):
    return order(order_id, unit, callbacks=("resolved/satisfied",), **more)


def adjust(code, unit="A", on="2026-03-15", **more):
    return Adjustment(unit=unit, at=at(on), code=code, **more)


def roster(**pools):
    """Units by pool, each a text of names parted by blanks."""
    return Roster([Unit(unit, pool) for pool, names in pools.items() for unit in names.split()], "department")


def scoring(records, adjustments=(), units=None, rules=None, **settings):
    chosen = {name.replace("__", "."): value for name, value in settings.items()}
    numbered = [replace(one, row=row) for row, one in enumerate(adjustments, start=1)]
    return Scoring(rules or JY.policy(JY.versions[0], chosen), records, numbered, units)


def month(records, adjustments=(), units=None, period=MARCH, **settings):
    scored = scoring(records, adjustments, units, **settings).month(period)
    return {one.unit: one for one in scored.units}


def points(unit):
    return {item.name: item.points for item in unit.items}
