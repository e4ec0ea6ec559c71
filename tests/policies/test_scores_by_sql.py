"""Random months of each policy, scored by the engine and once more in SQL: equal to the last fraction."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

import pytest
from support.random_months import world
from support.sql.scores import TOTALS, Deadline, scores

from paidan.engine.replay_order import replay_order
from paidan.engine.scoring import as_json, scored
from paidan.policies.clocks import verdict
from paidan.policies.registry import document
from paidan.policies.roster import Roster, Unit
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.adjustments import Adjustment
from paidan.policies.scoring.records import record_of
from paidan.policies.scoring.scores import Scoring
from paidan.workflows.records import BEIJING, Command

MONTHS = 1000
# Not compared: which rule a figure cites, an item's size, a target, the mean an item is set against.
UNSPOKEN = frozenset({"unit", "rules", "rule", "max", "targets", "reference"})
# Rates that a document does not know: the engine gives them for comparison only.
UNKNOWN = {"ZZ": ("rates.contact", "rates.on_time")}


def beijing(value):
    return value.replace(tzinfo=BEIJING) if isinstance(value, datetime) else value


def civil(value):
    return value and value.replace(tzinfo=None)


def by_engine(world, policy):
    """The month's units as the engine prints them, and the deadlines its replay came to."""
    listed = [Unit(one.unit, one.pool, from_on=one.from_on, to_on=one.to_on) for one in world.listings or ()]
    roster = Roster(None if world.listings is None else listed, next(iter(policy.pools)))
    rules = Rulebook(policy, roster)
    as_of = beijing(world.as_of)
    records, deadlines = [], []
    for order_id, life in world.orders.items():
        commands = [
            Command(order_id, one.event, beijing(one.at), role=one.role, unit=one.unit, row=row,
                    attributes={name: beijing(value) for name, value in one.said.items()})
            for row, one in enumerate(life, start=1)
        ]  # fmt: skip
        done = replay_order(order_id, commands, rules, as_of)
        if done.entries:
            records.append(record_of(done.order, done.entries, rules, as_of))
        deadlines += [
            Deadline(world.seed, order_id, clock.rule, clock.dispatch, civil(clock.due_at),
                     civil(clock.done_at), str(verdict(clock, rules, as_of)))
            for clock in done.order.clocks
        ]  # fmt: skip
    adjustments = [
        Adjustment(unit=one.unit, at=beijing(one.at), code=one.code, points=one.points, order_id=one.order_id,
                   good=one.good, confirmed_by=one.confirmed_by, row=row)
        for row, one in enumerate(world.entered, start=1)
    ]  # fmt: skip
    printed = as_json(scored(Scoring(policy, records, adjustments, roster), world.month))
    return {unit["unit"]: unit for unit in printed["units"]}, deadlines


@pytest.fixture(scope="module", params=sorted(TOTALS))
def months(request):
    """The policy, its months by the engine and by SQL, each by seed and unit."""
    found = document(request.param)
    policy = found.policy(found.versions[0])
    worlds = [world(request.param, seed) for seed in range(MONTHS)]
    engine, deadlines = {}, []
    for one in worlds:
        engine[one.seed], rows = by_engine(one, policy)
        deadlines += rows
    return request.param, engine, scores(request.param, worlds, deadlines)


def figures(said, name="") -> Iterator[tuple[str, object]]:
    if not isinstance(said, dict):
        # A decimal and a fraction of one worth are one figure: `0.5`, `1/2`.
        yield name, Fraction(said) if name in {"bonus", "deduction"} and said is not None else said
        return
    for key, value in said.items():
        if key not in UNSPOKEN:
            yield from figures(value, f"{name}.{key}" if name else key)


def differences(policy, engine, sql) -> Iterator[str]:
    for seed, units in engine.items():
        others = sql.get(seed, {})
        for unit in sorted({*units, *others}):
            one, other = dict(figures(units.get(unit, {}))), dict(figures(others.get(unit, {})))
            for name in sorted({*one, *other}):
                engines, sqls = one.get(name, "no such figure"), other.get(name, "no such figure")
                if engines != sqls and not name.startswith(UNKNOWN.get(policy, ())):
                    yield f"seed {seed}, {unit}, {name}: engine {engines}, SQL {sqls}"


def test_every_figure_of_a_thousand_random_months_is_the_same_in_sql(months):
    policy, engine, sql = months
    assert len(engine) == MONTHS
    found = list(differences(policy, engine, sql))
    assert not found, "\n".join([f"{policy}: {len(found)} figures differ", *found[:40]])


def edges(units) -> Iterator[str]:
    """Name what is particular about a month: what a thousand of them should hold at least once."""
    ranked = [(one["pool"], one["exact"]) for one in units.values() if one["rank"] is not None]
    if len(set(ranked)) < len(ranked):
        yield "tied"
    if not units:
        yield "nobody"
    for one in units.values():
        yield one["status"]
        yield from (f"bonus {one['bonus']}", f"deduction {one['deduction']}")
        if one["pool"] is None:
            yield "stranger"
        if one["grade"]:
            yield one["grade"]
        for name, item in one["items"].items():
            if item["points"] is not None:
                yield from (f"{name} {item['exact']}", f"{name} {item['exact']} {one['pool']}")
                if item["denominator"] == "0":
                    yield f"{name} of none"


REACHED = {
    "JY": {
        "tied", "stranger", "assessed", "not_assessed", "no_orders", "bonus 10", "deduction 10", "bonus 3/2",
        "timeliness 10", "timeliness 9", "contact 0", "contact 25", "resolution 0", "satisfaction 0",
        "satisfaction 35", *(f"volume {points} department" for points in ("0", "5/2", "3", "4", "5")),
        *(f"volume {points} neighbourhood" for points in ("0", "3", "7/2", "4", "9/2", "5")),
    },
    "BS": {
        "tied", "stranger", "assessed", "not_assessed", "bonus 3", "volume 0", "volume 5", "volume of none",
        "contact of none", "contact 0", "on_time 0", "resolution of none", "satisfaction of none",
        "resolution 0", "satisfaction 0", "satisfaction 30",
    },
    "YY": {"tied", "stranger", "rates_only", "no_orders"},
    "SW": {"tied", "stranger", "rates_only", "no_orders", "bonus 3", "deduction 5", "base 0", "base 20"},
    "ZZ": {
        "tied", "stranger", "assessed", "not_assessed", "excellent", "good", "pass", "deduction 1/2",
        "deduction 2", "org_rules 0", "org_staffing 5", "returns 49/5", "noncompliant 19/2", "overdue 39/2",
        "supervision 19/2", "result_satisfaction 20", "result_satisfaction 0", "process_satisfaction of none",
    },
}  # fmt: skip


def test_the_months_reach_the_edges_they_are_made_for(months):
    policy, _, sql = months
    found = {edge for units in sql.values() for edge in edges(units)}
    assert found >= REACHED[policy], sorted(REACHED[policy] - found)


def test_a_seed_is_a_world():
    assert world("ZZ", 7) == world("ZZ", 7)
    assert world("ZZ", 7) != world("ZZ", 8)
