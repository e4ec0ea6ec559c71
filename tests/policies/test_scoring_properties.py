"""What holds of any month: of JY under any reading, then of random months of all five documents."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed
from support.random_months import FLAVOURS, world
from support.scores import JY, adjust, callback, good, order, roster, scoring

from paidan.engine.replay_order import replay_order
from paidan.engine.scoring import as_json, scored
from paidan.policies.registry import document
from paidan.policies.roster import Roster, Unit
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import Policy
from paidan.policies.scoring.adjustments import Adjustment
from paidan.policies.scoring.periods import days_of, month_after
from paidan.policies.scoring.records import Callback, OrderRecord, month_of, record_of
from paidan.policies.scoring.scores import Scoring
from paidan.workflows.records import BEIJING, Command

UNITS = roster(department="A B C", neighbourhood="M N")
BONUS = {"praise", "three_duty"}

answers = st.builds(
    callback,
    st.sampled_from(["resolved", "explained", "recorded", "unresolved", ""]),
    st.sampled_from(["satisfied", "basically_satisfied", "neutral", "dissatisfied", ""]),
    on=st.sampled_from(["2026-03-12", "2026-04-02"]),
    source=st.sampled_from(["", "district", "centre"]),
    result=st.sampled_from(["", "effective", "connected", "not_connected"]),
)
some_orders = st.lists(
    st.builds(
        order,
        st.uuids().map(str),
        st.sampled_from(["A", "B", "C", "M", "N", "X", None]),
        accepted=st.sampled_from([None, "2026-02-20", "2026-03-03"]),
        closed=st.sampled_from([None, "2026-03-12", "2026-04-01"]),
        verdict=st.sampled_from([None, "met", "late", "void"]),
        contact=st.sampled_from([None, "evidence", "bare"]),
        callbacks=st.lists(answers, max_size=3),
    ),
    max_size=25,
)
some_adjustments = st.lists(
    st.builds(
        lambda code, unit, confirmed, on: adjust(code, unit, on, confirmed_by=confirmed),
        st.sampled_from(["three_duty", "talk_main", "media", "absent"]),
        st.sampled_from(["A", "B", "M"]),
        st.sampled_from(["", "centre_head"]),
        st.sampled_from(["2026-02-10", "2026-03-10"]),
    ),
    max_size=6,
)
readings = st.fixed_dictionaries(
    {
        name.replace(".", "__"): st.sampled_from(JY.settings[name].readings)
        for name in (
            "attr.callback",
            "rank.on",
            "rank.method",
            "jy.volume_rank_scope",
            "jy.volume_pool",
            "jy.volume_no_accept",
            "jy.denominator",
            "jy.evaluation_source",
            "jy.no_orders_ranked",
            "jy.unassessed_adjustments",
        )
    }
)


@given(some_orders, some_adjustments, readings, st.randoms(use_true_random=False))
def test_the_order_of_the_orders_changes_nothing(records, entered, settings, chance):
    shuffled = list(records)
    chance.shuffle(shuffled)
    once = scoring(records, entered, UNITS, **settings)
    again = scoring(shuffled, entered, UNITS, **settings)
    for month in ("2026-02", "2026-03", "2026-04"):
        assert once.month(month) == again.month(month)


@given(some_orders, some_adjustments, readings)
def test_totals_lie_within_0_and_110_and_items_within_their_points(records, entered, settings):
    for unit in scoring(records, entered, UNITS, **settings).month("2026-03").units:
        assert unit.total is None or 0 <= unit.total <= 110
        for item in unit.items:
            assert item.points is None or 0 <= item.points <= item.most
        for rate in unit.rates.values():
            assert rate.exact is None or 0 <= rate.exact <= 1


@given(some_orders, some_adjustments)
def test_ranks_count_the_units_of_the_pool_with_a_higher_total(records, entered):
    units = scoring(records, entered, UNITS).month("2026-03").units
    for unit in units:
        assert (unit.rank is not None) == (unit.total is not None and unit.pool is not None)
        if unit.rank is not None:
            better = [one for one in units if one.pool == unit.pool and one.rank and one.total > unit.total]
            assert unit.rank == 1 + len(better)


@given(some_orders, st.integers(0, 24))
def test_a_further_satisfied_callback_never_lowers_an_assessed_unit(records, which):
    before = scoring(records, (), UNITS).month("2026-03")
    called = [
        n
        for n, one in enumerate(records)
        if one.closed and one.unit and any(contact.evidence for contact in one.contacts)
    ]
    if not called:
        return
    chosen = called[which % len(called)]
    unit = before.unit(records[chosen].unit)
    if unit is None or unit.status != "assessed" or unit.total is None:
        return
    better = list(records)
    better[chosen] = changed(
        records[chosen], callbacks=(*records[chosen].callbacks, callback(on="2026-03-20"))
    )
    assert scoring(better, (), UNITS).month("2026-03").unit(unit.unit).total >= unit.total


@given(some_orders, some_adjustments)
def test_an_adjustment_moves_nobody_elses_total(records, entered):
    before = scoring(records, entered, UNITS).month("2026-03")
    after = scoring(records, [*entered, replace(adjust("absent", "A"), row=99)], UNITS).month("2026-03")
    for one in before.units:
        other = after.unit(one.unit)
        assert other is not None
        assert one.unit == "A" or (one.total, one.items) == (other.total, other.items)


def test_a_thousand_units_are_ranked_without_a_hitch():
    records = [good(f"{unit}-{n}", f"U{unit}") for unit in range(1000) for n in range(unit % 3 + 1)]
    assert len(scoring(records).month("2026-03").units) == 1000


# ---- random months of all five documents ---------------------------------------------------------

POLICIES = tuple(FLAVOURS)
CLASSES = {
    "JY": (("department",), ("neighbourhood",)),
    "BS": (("undertaking",),),
    "YY": (("department", "neighbourhood"),),
    "SW": (("one_stop",),),
    "ZZ": (("town",), ("department",)),
}
MOST = {"JY": 110, "BS": 103, "ZZ": 100}
"""The highest total; YY and SW give none, and take whatever is entered."""
YEARS = {"JY": ("2026",), "BS": ("2026", "2026Q2", "2026Q3"), "YY": ("2026", "2026Q1", "2026Q2"),
         "SW": ("2015",), "ZZ": ("2026",)}  # fmt: skip
"""Longer periods in which the random months lie."""
TALKS = ("centre_head", "branch", "joint", "main")
BY_RANK = ("bottom", "streak", "times")

any_seeds = st.lists(st.integers(0, 9999), min_size=1, max_size=4)
few = settings(max_examples=15)


@dataclass(frozen=True, kw_only=True)
class Played:
    """Some months in a row of the same units, one of `support.random_months` after the other."""

    policy: Policy
    records: list[OrderRecord]
    entered: list[Adjustment]
    roster: Roster
    last_month: str

    def scoring(self, records=None):
        found = self.records if records is None else records
        return Scoring(self.policy, found, self.entered, self.roster, last_month=self.last_month)


def played(name, seeds):
    """Play the worlds of these seeds in months that follow one another; the first one's units are all."""
    found = document(name)
    policy = found.policy(found.versions[0])
    month = FLAVOURS[name].month
    worlds, begins = [world(name, seed) for seed in seeds], days_of(month)[0]
    listings = worlds[0].listings
    units = [Unit(one.unit, one.pool, from_on=one.from_on, to_on=one.to_on) for one in listings or ()]
    units_of = Roster(None if listings is None else units, next(iter(policy.pools)))
    rules = Rulebook(policy, units_of)
    lives, entered = [], []
    as_of = beijing(worlds[0].as_of, days_of(month)[0] - begins)
    for number, one in enumerate(worlds):
        later = days_of(month)[0] - begins
        as_of = beijing(one.as_of, later)
        lives += [
            [
                Command(f"{number}-{order_id}", event.event, beijing(event.at, later), role=event.role,
                        unit=event.unit, row=row,
                        attributes={key: beijing(value, later) for key, value in event.said.items()})
                for row, event in enumerate(events, start=1)
            ]
            for order_id, events in one.orders.items()
        ]  # fmt: skip
        entered += [
            Adjustment(unit=row.unit, at=beijing(row.at, later), code=row.code, points=row.points,
                       order_id=f"{number}-{row.order_id}", good=row.good, confirmed_by=row.confirmed_by)
            for row in one.entered
        ]  # fmt: skip
        month = month_after(month)
    records = []
    for commands in lives:
        done = replay_order(commands[0].order_id, commands, rules, as_of) if commands else None
        if done is not None and done.entries:
            records.append(record_of(done.order, done.entries, rules, as_of))
    return Played(
        policy=policy, records=records, roster=units_of, last_month=month_of(as_of),
        entered=[replace(one, row=row) for row, one in enumerate(entered, start=1)],
    )  # fmt: skip


def beijing(value, later):
    return (value + later).replace(tzinfo=BEIJING) if isinstance(value, datetime) else value


def periods_of(name, found):
    """The scores of every month of a run, and of the longer periods it has a month of."""
    months = [found.score(month) for month in found.history(found.last_month)] if found.first_month else []
    longer = [found.score(one) for one in YEARS[name]]
    return [*months, *(one for one in longer if months and found.existing(one.period.months))]


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds, chance=st.randoms(use_true_random=False))
def test_in_whatever_order_the_orders_come_the_same_is_printed(name, seeds, chance):
    run = played(name, seeds)
    once = run.scoring()
    chance.shuffle(run.records)
    again = run.scoring()
    for score in periods_of(name, once):
        period = score.period.name
        assert as_json(scored(once, period)) == as_json(scored(again, period))


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds)
def test_totals_items_and_rates_stay_inside_their_bounds(name, seeds):
    for score in periods_of(name, played(name, seeds).scoring()):
        for unit in score.units:
            assert unit.total is None or 0 <= unit.total <= MOST.get(name, unit.total)
            assert min(unit.bonus, unit.deduction) >= 0
            for item in unit.items:
                assert item.points is None or 0 <= item.points <= item.most
                assert item.denominator is None or 0 <= item.numerator <= item.denominator
            for rate in unit.rates.values():
                assert rate.denominator is None or 0 <= rate.numerator <= rate.denominator
            for kind in ("outcome.", "satisfaction."):
                answers = [rate for one, rate in unit.rates.items() if one.startswith(kind)]
                assert sum(rate.numerator for rate in answers) <= answers[0].denominator


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds)
def test_a_rank_counts_the_higher_totals_of_the_class(name, seeds):
    for score in periods_of(name, played(name, seeds).scoring()):
        for group in CLASSES[name]:
            ranked = [one for one in score.units if one.pool in group and one.total is not None]
            for unit in ranked:
                assert unit.rank == 1 + sum(other.total > unit.total for other in ranked)
        classed = {pool for group in CLASSES[name] for pool in group}
        for unit in score.units:
            assert unit.rank is None or (unit.pool in classed and unit.total is not None)


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds)
def test_what_follows_from_ranks_follows_for_ranked_units_that_are_not_the_best(name, seeds):
    found = played(name, seeds).scoring()
    for score in periods_of(name, found):
        drawn = scored(found, score.period.name).consequences
        for one in drawn:
            unit = score.unit(one.unit)
            assert unit is not None
            assert not one.rule.pools or unit.pool in one.rule.pools
            if one.because in BY_RANK:
                assert unit.rank is not None
                (group,) = [group for group in CLASSES[name] if unit.pool in group]
                rivals = [other.total for other in score.units if other.pool in group and other.rank]
                assert unit.total < max(rivals)
                assert one.trail[-1].period == score.period.name
                assert all(step.rank == found.at(step.period).unit(one.unit).rank for step in one.trail)
        if name == "JY":
            talks = Counter(one.unit for one in drawn if one.rule.kind in TALKS)
            assert not talks or max(talks.values()) == 1


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds)
def test_a_longer_period_has_the_mean_of_its_ranked_months(name, seeds):
    found = played(name, seeds).scoring()
    for score in periods_of(name, found):
        if score.period.span == "month":
            continue
        months = [found.score(month) for month in score.months]
        for unit in score.units:
            if unit.rules["status"] == "ZZ-P03":
                assert (unit.status, unit.total, unit.rank, unit.grade) == ("not_assessed", None, None, None)
                continue
            monthly = [one.unit(unit.unit) for one in months]
            totals = [one.total for one in monthly if one and one.rank is not None]
            assert unit.total == (sum(totals, Fraction(0)) / len(totals) if totals else None)


# ---- one more satisfied callback -----------------------------------------------------------------

RISING = ("resolution", "callback", "outcome.resolved", "satisfaction.satisfied", "on_time", "volume")


def called_back(record, source):
    """The order with a callback in the last second of the month it closed in: effective and all praise."""
    at = datetime.combine(days_of(month_of(record.closed.at))[1], datetime.max.time(), BEIJING)
    more = Callback(at.replace(microsecond=0), 99, "effective", "resolved", "satisfied", "satisfied", source)
    return changed(record, callbacks=tuple(sorted((*record.callbacks, more), key=lambda one: one.at)))


def praised(run, name, which, *, unnamed=False):
    """
    A closed order praised: its unit, and the month it closed in before and after; None where there is none.

    In JY the contact rate runs over the same evaluations, so an order without an evidenced contact that was
    not evaluated before would bring the rate down: there it is one with evidence or with an evaluation.
    With `unnamed` no entry by hand names the order: one that does may earn its unit more.
    """
    source = FLAVOURS[name].source
    named = {one.order_id for one in run.entered} if unnamed else set()
    orders = [
        at
        for at, one in enumerate(run.records)
        if one.closed and one.unit and one.order_id not in named
        and (name != "JY" or any(contact.evidence for contact in one.contacts)
             or any(call.effective and call.source in ("", source) for call in one.callbacks))
    ]  # fmt: skip
    if not orders:
        return None
    at = orders[which % len(orders)]
    better = [*run.records]
    better[at] = called_back(run.records[at], source)
    month = month_of(run.records[at].closed.at)
    return run.records[at].unit, run.scoring().score(month), run.scoring(better).score(month)


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds, which=st.integers(0, 99))
def test_one_more_satisfied_callback_never_lowers_its_unit(name, seeds, which):
    found = praised(played(name, seeds), name, which)
    if found is None:
        return
    unit, before, after = found[0], found[1].unit(found[0]), found[2].unit(found[0])
    assert before.total is None or after.total >= before.total, unit
    assert before.rank is None or after.rank <= before.rank, unit
    known = RISING if name == "ZZ" else (*RISING, "contact")  # ZZ knows no rate of first contact
    for rate in known:
        earlier = before.rates[rate].exact
        assert earlier is None or after.rates[rate].exact >= earlier, (unit, rate)
    for item in before.items:
        points = after.item(item.name).points
        assert item.points is None or points >= item.points, (unit, item.name)


@pytest.mark.parametrize("name", POLICIES)
@few
@given(seeds=any_seeds, which=st.integers(0, 99))
def test_nobody_else_gains_by_it_and_only_under_zz_may_others_fall_behind_the_mean(name, seeds, which):
    found = praised(played(name, seeds), name, which, unnamed=True)
    if found is None:
        return
    praised_unit, before, after = found
    for unit in before.units:
        other = after.unit(unit.unit)
        if unit.unit == praised_unit:
            continue
        assert (other.status, other.rates) == (unit.status, unit.rates)
        if name != "ZZ":
            assert (other.total, other.items) == (unit.total, unit.items)
            continue
        assert unit.total is None or other.total <= unit.total
        for item in unit.items:
            if item.name.endswith("_satisfaction"):
                later = other.item(item.name)
                assert (later.numerator, later.denominator) == (item.numerator, item.denominator)
                assert item.reference is None or later.reference >= item.reference
                assert item.points is None or later.points <= item.points
            else:
                assert other.item(item.name) == item
