"""One log under all five documents: nothing lost, verdicts as each document has them, one version a day."""

from datetime import date, timedelta

import pytest
from support import sixth
from support.logs import table, write_log

from paidan.engine.demo import write_demo
from paidan.engine.intake.values import instant
from paidan.engine.replay import Request, replay
from paidan.policies import registry
from paidan.policies.registry import document

FIVE = ("BS", "JY", "SW", "YY", "ZZ")


def test_the_five_documents_ship():
    assert set(FIVE) <= set(registry.names())


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    base = tmp_path_factory.mktemp("five")
    files = write_demo(base / "demo")
    return {
        name: (replay(Request(logs=(files.orders,), document=document(name), out=base / name)), base / name)
        for name in FIVE
    }


def test_nothing_of_the_month_is_lost_under_any(month):
    seen = set()
    for summary, out in month.values():
        events = summary["events"]
        assert events["read"] == sum(
            events[name] for name in ("applied", "refused", "rejected", "after_as_of")
        )
        seen.add((events["read"], events["rejected"], summary["orders"]["total"]))
        assert sum(count for rule in summary["verdicts"].values() for count in rule.values()) == len(
            table(out, "deadlines")
        )
        assert len(table(out, "rejected")) == summary["rejected_rows"]
    assert len(seen) == 1, "the documents read the log alike"


def test_each_row_and_deviation_is_its_own_document_s(month):
    for name, (summary, out) in month.items():
        assert set(summary["versions"]) <= {version.id for version in document(name).versions}
        assert {row["rule"][:2] for row in table(out, "deadlines")} == {name}
        assert {row["rule"][:2] for row in table(out, "deviations") if row["rule"]} <= {name}
        assert all(row["clause"] for row in table(out, "deadlines"))


def test_the_verdicts_of_the_month_differ_where_the_documents_do(month):
    contact = {
        name: summary["verdicts"][rule]
        for name, rule in (("JY", "JY-T04"), ("YY", "YY-T01"), ("SW", "SW-T01"), ("BS", "BS-T01"))
        for summary in [month[name][0]]
    }
    assert len({tuple(sorted(one.items())) for one in contact.values()}) == len(contact)
    assert contact["YY"].get("late", 0) < contact["JY"].get("late", 0)
    closing = month["JY"][0]["verdicts"]["JY-T09"]
    assert closing["late"] > 0
    assert closing != month["ZZ"][0]["verdicts"]["ZZ-T03"], "ZZ looks at the reply, JY at the closing"
    assert {name for name, (summary, _) in month.items() if summary["orders"]["outside_period"]} == {"SW"}


DONE = {
    "outcome": "resolved", "closing_ground": "completed", "recording": "rec", "result_text": "已修",
    "policy_basis": "条例", "follow_up": "回访",
}  # fmt: skip
RETURN = {"owner": "水务所", "reason": "非本单位", "basis": "三定", "return_kind": "other_unit"}


def order(
    order_id, *, contact="2026-03-03 10:00", resolve="2026-03-10 10:00", close="2026-03-11 10:00", **said
):
    anonymous = {"anonymous": "true"} if contact is None else {}
    rows = [
        (order_id, "receive", "2026-03-02 09:00", {"order_due": "2026-03-20 18:00", **anonymous}),
        (order_id, "register", "2026-03-02 09:10", {}),
        (order_id, "dispatch", "2026-03-02 09:20", {"unit": "甲", **said}),
        (order_id, "accept", "2026-03-03 10:00", {"unit": "甲"}),
    ]
    if contact:
        rows.append((order_id, "contact", contact, {"evidence": "rec"}))
    if resolve:
        rows.append((order_id, "resolve", resolve, DONE))
        rows.append((order_id, "revisit", resolve, {"result": "effective", "source": "district"}))
        rows.append((order_id, "close", close, {}))
    return rows


LOG = [
    *order("plain"),
    *order("anonymous", contact=None),
    *order("returned", resolve=None),
    ("returned", "request_return", "2026-03-05 10:00", RETURN),
    *order("at once", handling_class="solve_now", resolve="2026-03-05 10:00", close="2026-03-06 10:00"),
    *order("complex", handling_class="complex", resolve="2026-03-16 23:59:59", close="2026-03-20 18:00:01"),
]
BY_HAND = {
    # 25 hours after receipt is late in JY, in time where the next working day is the limit.
    ("plain", "JY-T04"): "late",
    ("plain", "YY-T01"): "met",
    ("plain", "SW-T01"): "met",
    ("plain", "BS-T01"): "met",
    # Six working days: over YY's five, inside the order's own limit everywhere else.
    ("plain", "YY-T03"): "late",
    ("plain", "JY-T09"): "met",
    ("plain", "SW-T04"): "met",
    ("plain", "ZZ-T03"): "met",
    ("anonymous", "JY-T04"): "void",
    ("anonymous", "YY-T01"): "void",
    ("anonymous", "SW-T01"): "void",
    # Asked on the third working day: JY bars it after one, so it does not count; ZZ takes and marks it
    # after one, SW after two; BS and YY set no limit.
    ("returned", "JY-T06"): "unused",
    ("returned", "SW-T03"): "late",
    ("returned", "ZZ-T01"): "late",
    # BS gives three working days to close what can be solved at once; YY takes it for ordinary.
    ("at once", "BS-T04"): "late",
    ("at once", "YY-T03"): "met",
    ("at once", "JY-T09"): "met",
    # Ten working days met to the second in YY; closed a second late elsewhere; ZZ looks at the reply.
    ("complex", "YY-T04"): "met",
    ("complex", "JY-T09"): "late",
    ("complex", "SW-T04"): "late",
    ("complex", "ZZ-T03"): "met",
}
ABSENT = {
    ("plain", "BS-T04"), ("plain", "YY-T04"), ("complex", "YY-T03"), ("returned", "SW-T02"),
}  # fmt: skip
REFUSED = {
    "JY": {("returned", "request_return", "JY-T06")},
    "BS": set(),
    "YY": set(),
    "SW": set(),
    "ZZ": set(),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    base = tmp_path_factory.mktemp("small")
    log = write_log(base / "log.csv", LOG)
    as_of = instant("2026-04-01 00:00:00")
    for name in FIVE:
        replay(Request(logs=(log,), document=document(name), out=base / name, enforce=True, as_of=as_of))
    return base


def test_concrete_orders_come_out_as_each_document_has_them(small):
    found = {
        (row["order_id"], row["rule"]): row["verdict"]
        for name in FIVE
        for row in table(small / name, "deadlines")
    }
    assert {key: found.get(key) for key in BY_HAND} == BY_HAND
    assert not ABSENT & set(found)


def test_what_is_refused_differs_too(small):
    for name in FIVE:
        rows = table(small / name, "deviations")
        refused = {(row["order_id"], row["event"], row["rule"]) for row in rows if row["action"] == "refused"}
        assert refused == REFUSED[name]


PERIODS = {
    "JY": (date(2022, 7, 1), None),
    "BS": (date(2025, 11, 1), date(2026, 10, 31)),
    "YY": (None, None),
    "SW": (date(2014, 11, 1), date(2015, 11, 30)),
    "ZZ": (date(2022, 4, 18), None),
}
VERSIONS = {
    "JY": "JY@2022-07-01", "BS": "BS@2026-03-01", "YY": "YY", "SW": "SW@2014-11-01", "ZZ": "ZZ@2022-04-18",
}  # fmt: skip


def days():
    """Every first and last day of a month from 2010 to 2030."""
    for year in range(2010, 2031):
        for number in range(1, 13):
            first = date(year, number, 1)
            yield first
            yield (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@pytest.mark.parametrize("name", FIVE)
def test_every_day_has_one_version_and_one_answer(name):
    first, last = PERIODS[name]
    edges = [day + timedelta(days=by) for day in (first, last) if day for by in (-1, 0, 1)]
    for day in (*days(), *edges):
        version, outside = document(name).version_on(day)
        assert version.id == VERSIONS[name]
        assert outside == bool((first and day < first) or (last and day > last)), day


def test_bs_governs_what_was_received_from_november_though_issued_in_march(tmp_path):
    rows: list[tuple[str, str, str, dict[str, str]]] = [
        ("early", "receive", "2025-10-31 23:59:59", {}),
        ("in", "receive", "2025-11-01 00:00:00", {}),
    ]
    log = write_log(tmp_path / "log.csv", rows)
    summary = replay(Request(logs=(log,), document=document("BS"), out=tmp_path / "out"))
    assert summary["versions"] == {"BS@2026-03-01": 2}
    assert summary["orders"]["outside_period"] == 1


TWO = """
[[version]]
effective_on = 2025-01-01
period_from = 2024-11-01
period_to = 2025-10-31
rules = "rules.toml"

[[version]]
effective_on = 2026-03-01
period_from = 2025-11-01
rules = "rules.toml"
"""


@pytest.mark.parametrize(
    ("day", "version", "outside"),
    [
        ("2024-10-31", "LX@2025-01-01", True),
        ("2024-11-01", "LX@2025-01-01", False),
        ("2025-10-31", "LX@2025-01-01", False),
        ("2025-11-01", "LX@2026-03-01", False),
        ("2026-02-28", "LX@2026-03-01", False),
        ("2030-12-31", "LX@2026-03-01", False),
    ],
)
def test_of_two_versions_the_one_whose_period_holds_the_day_governs(tmp_path, day, version, outside):
    one = '[[version]]\neffective_on = 2026-01-01\nrules = "rules.toml"\n'
    assert one in sixth.DOCUMENT
    folder = sixth.write(tmp_path / "LX", document=sixth.DOCUMENT.replace(one, TWO))
    found, out = document(str(folder)).version_on(date.fromisoformat(day))
    assert (found.id, out) == (version, outside)


def test_between_two_periods_the_nearer_version_governs(tmp_path):
    one = '[[version]]\neffective_on = 2026-01-01\nrules = "rules.toml"\n'
    gap = TWO.replace("2025-10-31", "2025-01-31").replace("2025-11-01", "2025-03-31")
    folder = sixth.write(tmp_path / "LX", document=sixth.DOCUMENT.replace(one, gap))
    asked = document(str(folder)).version_on
    assert (asked(date(2025, 2, 15))[0].id, asked(date(2025, 3, 15))[0].id) == (
        "LX@2025-01-01", "LX@2026-03-01",
    )  # fmt: skip
    assert asked(date(2025, 2, 15))[1]


def test_every_rule_of_the_catalogue_is_listed_once_and_few_without_a_carrier():
    counts = {"JY": 72, "BS": 86, "YY": 41, "SW": 29, "ZZ": 34}
    uncarried = 0
    for name in FIVE:
        found = document(name)
        rules = found.policy(found.versions[-1]).rules
        assert len({rule.rule for rule in rules}) == counts[name], name
        uncarried += sum(hasattr(rule, "reason") for rule in rules)
    assert uncarried <= 26
