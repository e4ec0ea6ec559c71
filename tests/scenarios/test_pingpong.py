"""Returns between units: edges, orders returned often, circles; in a run, in a store, as a drawing."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lives import beijing
from support.logs import write_log

from paidan.engine import Engine
from paidan.engine.corrections import corrected
from paidan.engine.pingpong import hops_of, mermaid, pingpong
from paidan.engine.replay import Request, replay
from paidan.engine.runs import Run
from paidan.policies.registry import document
from paidan.workflows.records import Entry

START = beijing("2026-03-28 09:00")


def log(order_id, events):
    """A log of (event, unit), four hours apart."""
    return [
        Entry(order_id, n + 1, event, "", "", at, at, unit=unit)
        for n, (event, unit) in enumerate(events)
        for at in [START + n * timedelta(hours=4)]
    ]


def through(order_id, *units, back=True):
    """An order sent to each of the units, returned by all of them, the last one too unless told."""
    events = [pair for unit in units for pair in (("dispatch", unit), ("approve_return", ""))]
    return log(order_id, events if back else events[:-1])


def of(*logs, month=""):
    return pingpong(map(hops_of, logs), month)


def test_a_return_and_the_next_dispatch_are_an_edge_and_one_not_sent_on_is_counted_apart():
    found = of(through("O", "A", "B", back=False), through("P", "A", "B"), through("Q", "B", "A", back=False))
    assert [one[:4] for one in found.edges] == [("A", "B", 2, 1), ("B", "A", 1, 2)]
    assert (found.returns, found.unsent) == (4, 1)
    assert found.edges[0].orders == ("O", "P")


def test_an_order_returned_twice_is_listed_with_the_way_it_went():
    found = of(through("O", "A", "B", "C", back=False), through("P", "A", "B", back=False))
    assert [(one.order_id, one.times, one.path) for one in found.orders] == [("O", 2, ("A", "B", "C"))]


@pytest.mark.parametrize(
    ("units", "circles"),
    [
        ("AB", []),
        ("ABA", ["ABA"]),
        ("BAB", ["ABA"]),
        ("ABAB", ["ABA", "ABA"]),
        ("BCAB", ["ABCA"]),
        ("AA", ["AA"]),
        ("ABCB", ["BCB"]),
    ],
)
def test_a_circle_is_closed_by_the_return_after_which_a_unit_has_the_order_again(units, circles):
    found = of(through("O", *units, back=False))
    assert ["".join(one.path) for one in found.circles for _ in range(one.times)] == circles


def test_a_redo_to_another_unit_is_no_return():
    events = [("dispatch", "A"), ("approve_return", ""), ("dispatch", "B"), ("redo", "A")]
    found = of(log("O", [*events, ("approve_return", ""), ("dispatch", "B")]))
    assert [one[:3] for one in found.edges] == [("A", "B", 2)]
    assert found.circles == ()


def test_a_log_that_lacks_the_dispatch_names_who_returned_by_who_asked():
    found = of(log("O", [("request_return", "C"), ("approve_return", ""), ("dispatch", "D")]))
    assert [one[:3] for one in found.edges] == [("C", "D", 1)]


def test_a_return_counts_in_its_month_an_order_with_all_its_returns_so_far():
    """Every four hours from 28 March, 9:00: the eleventh return is the first of April."""
    one = through("O", *"AB" * 10)
    march, april = of(one, month="2026-03"), of(one, month="2026-04")
    assert (march.returns, april.returns) == (11, 9)
    assert [one.times for one in march.orders + april.orders] == [11, 20]
    assert sum(one.times for one in march.circles + april.circles) == 18
    assert of(one, month="2026-05") == (*pingpong((), "2026-05"),)


def test_a_drawing_takes_any_name_for_a_name():
    found = of(through("O", '甲"]; click', "乙\n|所|", back=False))
    assert mermaid(found.edges) == (
        "flowchart LR\n"
        '    u1["甲#34;#93;#59; click"]\n'
        '    u2["乙 #124;所#124;"]\n'
        "    u1 -->|1| u2\n"
    )  # fmt: skip


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["dispatch", "approve_return", "redo", "request_return", "accept", "close"]),
        st.sampled_from(["A", "B", "C", ""]),
    ),
    max_size=12,
)


@given(st.lists(EVENTS.filter(bool), max_size=4))
def test_every_return_is_in_one_edge_or_unsent_or_of_a_unit_nobody_named(lives):
    logs = [log(f"O{n}", events) for n, events in enumerate(lives)]
    found = of(*logs)
    returns = [entry for one in logs for entry in one if entry.event == "approve_return"]
    hops = [hop for one in logs for hop in hops_of(one)]
    unnamed = sum(hop.sent_at is not None and not (hop.unit and hop.to) for hop in hops)
    assert found.returns == len(returns) == sum(one.returns for one in found.edges) + found.unsent + unnamed
    months = [of(*logs, month=month) for month in ("2026-03", "2026-04")]
    assert sum(one.returns for one in months) == found.returns
    assert sum(c.times for one in months for c in one.circles) == sum(c.times for c in found.circles)
    for circle in found.circles:
        assert circle.path[0] == circle.path[-1] == min(circle.path)
        assert len(set(circle.path)) == len(circle.path) - 1


def test_a_run_and_a_store_give_the_same_and_corrections_count(tmp_path):
    """B was written for C; corrected, the order went from A to C and back."""
    rows = [
        ("O", "receive", "2026-03-02 09:00", {"order_due": "2026-03-10"}),
        ("O", "register", "2026-03-02 09:10", {}),
        ("O", "dispatch", "2026-03-02 10:00", {"unit": "A"}),
        ("O", "request_return", "2026-03-02 11:00", {}),
        ("O", "approve_return", "2026-03-02 12:00", {}),
        ("O", "dispatch", "2026-03-02 13:00", {"unit": "B"}),
        ("O", "request_return", "2026-03-02 14:00", {}),
        ("O", "approve_return", "2026-03-02 15:00", {}),
        ("O", "dispatch", "2026-03-02 16:00", {"unit": "A"}),
        ("P", "receive", "2026-03-02 09:00", {"order_due": "2026-03-10"}),
    ]
    path = write_log(tmp_path / "log.csv", rows)
    url = f"sqlite:///{tmp_path / 'live.db'}"
    with Engine.open(url, "ZZ") as engine:
        engine.import_logs([path])
        told: dict[str, Any] = {
            "entry": 6,
            "field": "unit",
            "before": "B",
            "after": "C",
            "reason": "登记有误",
        }
        assert engine.submit("O", "correct", role="hotline_centre", **told).accepted
        live = engine.pingpong()
        engine.export(tmp_path / "out.csv")
    assert [one[:3] for one in live.edges] == [("A", "C", 1), ("C", "A", 1)]
    for as_recorded in (False, True):
        out = tmp_path / f"run{as_recorded}"
        replay(
            Request(logs=(tmp_path / "out.csv",), document=document("ZZ"), out=out, as_recorded=as_recorded)
        )
        run = Run(out)
        assert run.pingpong() == live
        assert [[one.order_id for one in entries] for entries in run.logs("approve_return", 2)]
        assert [corrected(entries)[5].unit for entries in run.logs("approve_return")] == ["C"]
