"""The lists that the documents ask people to work by: what stands on them; a row that is gone is missed."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import listed
from support.lives import mutants, with_rows

from paidan.engine.repeats import matters
from paidan.policies.errors import PolicyError
from paidan.policies.registry import document, names
from paidan.policies.schema import LEDGERS


class Case(NamedTuple):
    """Some orders, seen from a time, and the lines of a list; what is indented goes on."""

    says: str
    policy: str
    name: str
    text: str
    as_of: str
    lines: str
    settings: dict[str, str] = {}  # noqa: RUF012 - of a named tuple

    @property
    def expected(self) -> list[str]:
        return self.lines.strip("\n").replace("\n  ", " ").split("\n")


PARTS = "verify=核 design=方 communicate=沟 track=跟"
BEGUN = """
{o} receive 2 09:00
{o} register 2 09:10
{o} dispatch 2 10:00 @甲 {said}
{o} accept 2 10:30 @甲
"""


def begun(order_id, said=""):
    return BEGUN.format(o=order_id, said=said)


REPLY = "recording=r result_text=好 policy_basis=条例 follow_up=巡查 outcome=resolved"
REDONE = (
    begun("A", "handling_class=ordinary")
    + """
A resolve 4 10:00 @甲 closing_ground=completed
A revisit 5 10:00 satisfaction=dissatisfied
A redo 5 11:00 @甲 ground=不满
A resolve 10 10:00 @甲 closing_ground=completed signed_by=王 signed_at=2026-03-10/23:59:59
A redo 11 09:00 @甲
A resolve 12 09:00 @甲 closing_ground=completed signed_by=王 signed_at=2026-03-17/00:00:00
A redo 20 09:00 @乙
"""
)


def repeats(*at):
    first, *others = (f"R{n} receive {one} 09:00" for n, one in enumerate(at))
    return "\n".join((first, *(f"{one} repeat_of=R{n}" for n, one in enumerate(others))))


CASES = (
    Case(
        "a risk order: plan to the second, talks, what stands against closing",
        "BS",
        "risk",
        begun("A")
        + begun("B")
        + begun("C")
        + begun("D")
        + f"""
A flag_risk 2 15:00 trigger=group_interest mark=F-1
A submit_plan 3 15:00 {PARTS} evaluate=效
A deep_talk 4 09:00
A deep_talk 4 10:00
A resolve 5 09:00 {REPLY}
B flag_risk 2 15:00 trigger=group_interest mark=F-2
B submit_plan 3 15:00:01 {PARTS}
B resolve 5 09:00 outcome=resolved
C flag_risk 2 16:00
C resolve 5 09:00 {REPLY}
""",
        "2026-03-06 12:00",
        """
C 甲 03-02 16:00 due 03-03 16:00:00 overdue by 2 days, 20:00:00 parts=0/5 talks=0/2
  [BS-G01 not_said] [BS-G02 not_said] [BS-G04 too_few] (BS-G02)
A 甲 03-02 15:00 due 03-03 15:00:00 met trigger=group_interest risk_mark=F-1 parts=5/5 talks=2/2
  (BS-G02)
B 甲 03-02 15:00 due 03-03 15:00:00 late by 0:00:01 trigger=group_interest risk_mark=F-2 parts=4/5
  talks=0/2 [BS-G04 too_few] [BS-G05 not_yet] (BS-G02)
""",
    ),
    Case(
        "one case, one mark: where orders meet, where an order is marked anew",
        "BS",
        "risk",
        begun("A")
        + begun("B")
        + begun("C", "handling_class=not_solvable_now")
        + f"""
A flag_risk 2 15:00 trigger=group_interest mark=F-1
A submit_plan 2 16:00 {PARTS} evaluate=效
A resolve 3 09:00 {REPLY}
A close 3 10:00
B flag_risk 2 16:00 trigger=group_interest mark=F-2
B resolve 3 09:00 {REPLY}
B flag_risk 3 09:00 trigger=legacy_or_complex mark=F-1
C flag_risk 2 17:00 trigger=group_interest mark=F-3
C resolve 3 09:00 {REPLY}
""",
        "2026-03-03 12:00",
        """
B 甲 03-02 16:00 due 03-03 16:00:00 open trigger=legacy_or_complex risk_mark=F-2+F-1 parts=0/5
  talks=0/2 [BS-G02 mark_shared A] [BS-G02 mark_changed F-2+F-1] [BS-G04 too_few] (BS-G02)
C 甲 03-02 17:00 due 03-03 17:00:00 open trigger=group_interest risk_mark=F-3 parts=0/5 talks=0/2
  [BS-G04 too_few] [BS-G08 not_yet] (BS-G02)
A 甲 03-02 15:00 over due 03-03 15:00:00 met trigger=group_interest risk_mark=F-1 parts=5/5
  talks=0/2 [BS-G02 mark_shared B] (BS-G02)
""",
    ),
    Case(
        "an anonymous order takes no talks; flagged after its receipt, as that reading has it",
        "BS",
        "risk",
        "A receive 2 09:00 anonymous=true\nA flag_risk 2 15:00 trigger=group_interest mark=F-1",
        "2026-03-03 09:00:01",
        """
A 03-02 15:00 due 03-03 09:00:00 overdue by 0:00:01 trigger=group_interest risk_mark=F-1 parts=0/5
  [BS-G05 not_yet] [BS-G06 not_yet] (BS-G02)
""",
        {"bs.risk_start": "received_at"},
    ),
    Case(
        "stages: none stated, one in time, one passed, one followed, and what is not solvable now",
        "BS",
        "staged",
        begun("A", "handling_class=staged")
        + begun("B", "handling_class=staged")
        + begun("C", "handling_class=staged")
        + begun("D", "handling_class=not_solvable_now")
        + begun("E", "handling_class=solve_now")
        + begun("F", "handling_class=not_solvable_now")
        + f"""
B resolve 3 09:00 @甲 stage_goal=探管 stage_due=2026-03-06/12:00:00 {REPLY}
C resolve 3 09:00 @甲 stage_goal=探管 stage_due=2026-03-04/12:00:00 {REPLY}
C send_back 3 10:00
C resolve 4 13:00 @甲 stage_goal=换管 stage_due=2026-03-06/11:59:59 {REPLY}
D resolve 3 09:00 @甲 {REPLY}
F resolve 3 09:00 @甲 {REPLY} filed=true
F close 3 10:00
""",
        "2026-03-06 12:00",
        """
C 甲 03-02 10:00 due 03-06 11:59:59 overdue by 0:00:01 handling_class=staged goals=探管+换管
  [BS-G07 stage_passed] (BS-G07)
B 甲 03-02 10:00 due 03-06 12:00:00 open handling_class=staged goals=探管 (BS-G07)
A 甲 03-02 10:00 handling_class=staged [BS-G07 not_said] [BS-G05 not_yet] [BS-G06 not_yet] (BS-G07)
D 甲 03-02 10:00 handling_class=not_solvable_now [BS-G08 not_yet] (BS-G08)
F 甲 03-02 10:00 over handling_class=not_solvable_now filed=True (BS-G08)
""",
    ),
    Case(
        "redone within three working days, the signature inside them; a third time not yet",
        "YY",
        "redo",
        REDONE,
        "2026-03-21 12:00",
        """
A 乙 03-20 09:00 due 03-25 23:59:59 open event=redo [YY-R08 not_said] (YY-C03)
A 甲 03-05 11:00 over due 03-10 23:59:59 met event=redo ground=不满 signed_by=王
  signed_at=03-10/23:59 (YY-C03)
A 甲 03-11 09:00 over due 03-16 23:59:59 late by 0:00:01 event=redo signed_by=王
  signed_at=03-17/00:00 (YY-C03)
""",
    ),
    Case(
        "the signature need not lie inside",
        "YY",
        "redo",
        REDONE,
        "2026-03-21 12:00",
        """
A 乙 03-20 09:00 due 03-25 23:59:59 open event=redo [YY-R08 not_said] (YY-C03)
A 甲 03-05 11:00 over due 03-10 23:59:59 met event=redo ground=不满 signed_by=王
  signed_at=03-10/23:59 (YY-C03)
A 甲 03-11 09:00 over due 03-16 23:59:59 met event=redo signed_by=王 signed_at=03-17/00:00 (YY-C03)
""",
        {"yy.redo_sign_within": "false"},
    ),
    Case(
        "redo orders with their ground and the limit that the centre set",
        "ZZ",
        "redo",
        begun("A")
        + begun("B")
        + begun("C")
        + """
A resolve 4 10:00 @甲
A send_back 4 11:00 ground=反馈不实 redo_due=2026-03-06/18:00:00
A resolve 6 18:00:01 @甲
B resolve 4 10:00 @甲
B revisit 5 10:00 satisfaction=dissatisfied
B redo 5 11:00 @甲
C resolve 4 10:00 @甲
C close 4 11:00
""",
        "2026-03-06 19:00",
        """
B 甲 03-05 11:00 event=redo [ZZ-G03 not_said] [ZZ-G03 redo_unlimited] (ZZ-G03)
A 甲 03-04 11:00 over due 03-06 18:00:00 late by 0:00:01 event=send_back ground=反馈不实 (ZZ-G03)
""",
    ),
    Case(
        "the third repeat of one matter, the first apart, however they are linked",
        "YY",
        "repeats",
        repeats("2", "3", "4", "5") + "\nS0 receive 2 09:00\nS1 receive 3 09:00 repeat_of=S0"
        "\nT1 receive 3 09:00 repeat_of=gone\nT2 receive 4 09:00 repeat_of=gone"
        "\nU receive 5 09:00 repeat_of=U",
        "2026-03-06 12:00",
        """
S1 03-03 09:00 first=S0 times=1 orders=S1 (YY-G03)
T2 03-04 09:00 first=gone times=2 orders=T1+T2 (YY-G03)
R3 03-05 09:00 first=R0 times=3 orders=R1+R2+R3 reached_at=03-05/09:00 > supervise
  ground=repeat_complaint role=hotline_office (YY-G03)
""",
    ),
    Case(
        "the third complaint of one matter, the first among them",
        "YY",
        "repeats",
        repeats("2", "3", "4") + "\nT1 receive 3 09:00 repeat_of=gone\nT2 receive 4 09:00 repeat_of=gone",
        "2026-03-06 12:00",
        """
R2 03-04 09:00 first=R0 times=3 orders=R1+R2 reached_at=03-04/09:00 > supervise
  ground=repeat_complaint role=hotline_office (YY-G03)
T2 03-04 09:00 first=gone times=3 orders=T1+T2 reached_at=03-04/09:00 > supervise
  ground=repeat_complaint role=hotline_office (YY-G03)
""",
        {"yy.repeat_counts_first": "true"},
    ),
    Case(
        "supervised since: nothing more is proposed; supervised before: it is",
        "YY",
        "repeats",
        repeats("2", "3", "4", "5")
        + "\nR1 supervise 5 10:00 ground=repeat_complaint\n"
        + repeats("2", "3", "4", "5").replace("R", "S")
        + "\nS1 supervise 5 08:59 ground=shirking",
        "2026-03-06 12:00",
        """
R3 03-05 09:00 first=R0 times=3 orders=R1+R2+R3 reached_at=03-05/09:00 answered_at=03-05/10:00
  (YY-G03)
S3 03-05 09:00 first=S0 times=3 orders=S1+S2+S3 reached_at=03-05/09:00 > supervise
  ground=repeat_complaint role=hotline_office (YY-G03)
""",
    ),
    Case(
        "two repeats within thirty days, unsolved: to be flagged as a risk",
        "BS",
        "repeats",
        repeats("2026-01-02", "2026-02-01", "2026-02-28", "2026-03-02")
        + "\n"
        + repeats("2026-01-02", "2026-01-31", "2026-03-02").replace("R", "S")
        + "\n"
        + repeats("2026-01-02", "2026-01-31", "2026-03-01")
        .replace("R", "T")
        .replace("T1 receive 2026-01-31 09:00", "T1 receive 2026-01-30 09:00:01")
        + "\n"
        + repeats("2026-02-01", "2026-02-02", "2026-02-03").replace("R", "V")
        + """
V2 register 2026-02-03 10:00
V2 dispatch 2026-02-03 10:10 @甲
V2 accept 2026-02-03 10:20 @甲
V2 resolve 2026-02-04 10:00 @甲 outcome=explained
V2 revisit 2026-02-05 10:00 outcome=resolved
V2 close 2026-02-05 11:00
""",
        "2026-03-06 12:00",
        """
V1 02-03 09:00 first=V0 times=2 orders=V1+V2 reached_at=02-03/09:00 solved=True (BS-G01)
T2 03-01 09:00 first=T0 times=2 orders=T1+T2 reached_at=03-01/09:00 > flag_risk
  trigger=repeated_unsolved (BS-G01)
R3 03-02 09:00 first=R0 times=3 orders=R1+R2+R3 reached_at=02-28/09:00 > flag_risk
  trigger=repeated_unsolved (BS-G01)
S2 03-02 09:00 first=S0 times=1 orders=S1+S2 (BS-G01)
""",
    ),
    Case(
        "a joint order: who leads and assists, who named them, who was never heard of",
        "JY",
        "joint",
        begun("A", "category=joint assisting=乙、丙，丁 order_due=2026-03-06/12:00:00")
        + begun("B", "category=joint")
        + begun("C", "category=joint")
        + begun("D", "category=dispatched")
        + begun("E", "category=joint assisting=丙")
        + """
A note 3 09:00 @乙
E request_return 3 09:00 @甲
E approve_return 3 10:00
E dispatch 3 11:00 @乙
B file_dispute 3 09:00 @甲
C file_dispute 3 09:00 @甲
C assign 3 10:00 @乙 =dispatcher assisting=甲
C note 3 11:00 @甲
""",
        "2026-03-06 12:00",
        """
A 甲 03-02 10:00 due 03-06 12:00:00 open lead=甲 assisting=乙+丙+丁 named_at=03-02/10:00
  silent=丙+丁 [JY-R07 silent 丙+丁] (JY-R07)
B 甲 03-02 10:00 lead=甲 disputed=True [JY-R07 unnamed] (JY-R07)
C 甲 03-02 10:00 lead=乙 assisting=甲 named_by=dispatcher named_at=03-03/10:00 disputed=True
  [JY-R07 not_role] [JY-R07 lead_elsewhere] (JY-R07)
E 乙 03-02 10:00 lead=乙 (JY-R07)
""",
    ),
    Case(
        "a joint meeting names lead and assisting units",
        "YY",
        "joint",
        begun("A")
        + begun("B")
        + """
A assign 3 09:00 @甲 =main_leader assisting=乙
A assign 4 09:00 @乙 =hotline_office assisting=丙
A contact 4 10:00 @丙
""",
        "2026-03-06 12:00",
        """
A 甲 03-03 09:00 lead=乙 assisting=丙 named_by=hotline_office named_at=03-04/09:00 [YY-R07 not_role]
  [YY-R07 lead_elsewhere] (YY-R07)
""",
    ),
    Case(
        "chronic orders with their own limit, since when, the last thing done",
        "JY",
        "chronic",
        begun("A", "category=chronic order_due=2026-03-05/18:00:00 =main_leader")
        + begun("B", "category=chronic =dispatcher")
        + begun("C", "category=dispatched")
        + """
A contact 3 09:00 @甲
B note 4 09:00
C request_return 3 09:00 @甲
C approve_return 3 10:00
C dispatch 3 11:00 @乙 category=chronic order_due=2026-06-30/18:00:00 =main_leader
D receive 2 09:00
D register 2 09:10 category=chronic
D dispatch 2 10:00 @甲 order_due=2026-03-04/18:00:00
D accept 2 11:00 @甲
D resolve 3 11:00 @甲
D revisit 3 12:00
D close 4 18:00
""",
        "2026-03-06 12:00",
        """
A 甲 03-02 10:00 due 03-05 18:00:00 overdue by 18:00:00 named_by=main_leader last_event=contact
  last_at=03-03/09:00 (JY-R08)
C 乙 03-03 11:00 due 06-30 18:00:00 open named_by=main_leader last_event=dispatch
  last_at=03-03/11:00 (JY-R08)
B 甲 03-02 10:00 named_by=dispatcher last_event=note last_at=03-04/09:00 [JY-R08 not_role]
  [JY-R08 no_limit] (JY-R08)
D 甲 03-02 09:10 over due 03-04 18:00:00 met last_event=close last_at=03-04/18:00 (JY-R08)
""",
    ),
)


def of(case, found=None):
    return listed(case.name, case.text, found or document(case.policy), case.as_of, case.settings)


def check(name, found):
    """Raise where a list of the document is no longer what it was."""
    for case in CASES:
        assert case.policy != name or of(case, found) == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.policy} {case.name}: {case.says}")
def test_the_list_comes_out_as_the_document_says(case: Case):
    assert of(case) == case.expected


NAMES = sorted({case.policy for case in CASES})
MUTANTS = [
    pytest.param(name, rows, id=f"{name}: {shown}")
    for name in NAMES
    for shown, rows in mutants(document(name), ("ledger",))
]


@pytest.mark.parametrize(("name", "rows"), MUTANTS)
def test_a_deleted_or_shifted_row_is_noticed(name, rows):
    changed = with_rows(document(name), rows)
    with pytest.raises(Exception):  # noqa: B017, PT011 - noticed in whatever way
        check(name, changed)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_noticed_where_nothing_changed(name):
    same = with_rows(document(name), document(name).versions[0].rows)
    check(name, same)


def test_every_list_of_every_document_is_shown():
    rows = {
        (name, row["name"]) for name in names() for row in document(name).versions[0].rows.get("ledger", ())
    }
    assert rows == {(case.policy, case.name) for case in CASES}
    assert {name for _, name in rows} == set(LEDGERS)


WRONG = (
    ({"name": "risk"}, "ledger_incomplete"),
    ({"name": "repeats", "proposes": "supervise"}, "ledger_incomplete"),
    ({"name": "repeats", "at_least": 3}, "ledger_incomplete"),
    ({"name": "repeats", "at_least": 3, "proposes": "supervise", "on": ["receive"]}, "ledger_unfit"),
    ({"name": "repeats", "at_least": 3, "proposes": "supervise", "due": "order_due"}, "ledger_unfit"),
    ({"name": "repeats", "at_least": 3, "proposes": "supervise", "said": {"mark": "F"}}, "ledger_unfit"),
    ({"name": "risk", "on": ["flag_risk"], "at_least": 3}, "ledger_unfit"),
    ({"name": "risk", "on": ["flag_risk"], "unsolved": True}, "ledger_unfit"),
    ({"name": "risks", "on": ["flag_risk"]}, "name_unknown"),
    ({"name": "risk", "on": ["time_out"]}, "name_unknown"),
    ({"name": "staged", "when": {"handling_class": "steged"}}, "name_unknown"),
    ({"name": "redo", "on": ["redo"], "due": "accepted_at"}, "name_unknown"),
)


@pytest.mark.parametrize(("says", "code"), WRONG)
def test_a_row_that_means_nothing_is_not_read(says, code):
    one = document("JY")
    rows = {**one.versions[0].rows}
    rows["ledger"] = [*rows["ledger"], {"rule": "JY-R99", "clause": "九", "zh": "甲", "en": "a", **says}]
    other = with_rows(one, rows)
    with pytest.raises(PolicyError) as told:
        other.policy(other.versions[0])
    assert {mistake.code for mistake in told.value.mistakes} == {code}


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEFG")))
def test_every_linked_order_is_of_one_matter_with_whatever_it_is_linked_to(links):
    found = matters(links)
    of = {one: first for first, orders in found.items() for one in (first, *orders)}
    assert len(of) == sum(1 + len(orders) for orders in found.values()), "none is of two"
    for one, before in links.items():
        assert one == before or of[one] == of[before]
    assert set(of) == {one for pair in links.items() if pair[0] != pair[1] for one in pair}
