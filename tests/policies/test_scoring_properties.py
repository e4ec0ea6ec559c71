"""What holds of any month."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.scores import JY, adjust, callback, good, order, roster, scoring

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
    better[chosen] = records[chosen]._replace(
        callbacks=(*records[chosen].callbacks, callback(on="2026-03-20"))
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
