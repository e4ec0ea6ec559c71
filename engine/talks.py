"""
Talks, meetings and reports (约谈) that follow from a score, and what is entered by hand once they were held.

A talk is a case about its unit. Its id says by which rule and for which period it follows, so that it is
proposed once. Holding it deducts nothing: points count when they are entered (CONTRACT section 7).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from paidan.engine.corrections import corrected
from paidan.engine.evolve import fold
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import TalkRule
from paidan.policies.scoring.adjustments import Adjustment, month_counted
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.figures import plain
from paidan.storage.errors import ConflictError
from paidan.workflows.cases import CaseId, about
from paidan.workflows.records import BEIJING, Entry
from paidan.workflows.talk import TALK

if TYPE_CHECKING:
    from pathlib import Path

    from paidan.engine.app import Engine
    from paidan.engine.scoring import Scored
    from paidan.policies.registry import Books
    from paidan.policies.scoring.consequences import Consequence

_AHEAD = ("proposed", "arranged")


class Talk(NamedTuple):
    """
    A talk that follows from a period for a unit: its case, who holds it, who attends, and why.

    `held_by` and `attends` are roles as the document's `talk` row gives them. `settled` is false while the
    period still runs and ranks may change.
    """

    case: str
    unit: str
    level: str
    rule: str
    clause: str
    period: str
    held_by: tuple[str, ...]
    attends: tuple[str, ...]
    because: str
    settled: bool


class Proposed(NamedTuple):
    """A talk and how it stands: `opened` now, `unsettled` and not opened, or the state its case is in."""

    talk: Talk
    status: str


class ToEnter(NamedTuple):
    """
    A row of the adjustments file that a talk calls for; `month` is the one it will count in.

    `points` is empty for a finding. `at` is the day on which it was held, or found not rectified.
    """

    case: str
    unit: str
    at: str
    code: str
    points: str
    order_id: str
    confirmed_by: str
    month: str


def following(told: "Scored", lang: str = "zh") -> list[Talk]:
    """Give the talks that follow from a scored period, in order of rule and unit."""
    running = any(note.code == "running" and note.lacks for note in told.notes)
    found: dict[str, Talk] = {}
    for one in told.consequences:
        if one.talk is not None:
            talk = _talk(one, one.talk, told, lang, running=running)
            before = found.get(talk.case)  # two findings of one rule and day are one talk
            because = talk.because if before is None else f"{before.because}; {talk.because}"
            found[talk.case] = talk._replace(because=because)
    return list(found.values())


def _talk(one: "Consequence", row: TalkRule, told: "Scored", lang: str, *, running: bool) -> Talk:
    from paidan.engine.scoring.consequence_text import because  # noqa: PLC0415 - a log is told without it

    day = f"{one.entered[0].at.astimezone(BEIJING):%Y-%m-%d}" if one.entered else one.period
    return Talk(
        str(CaseId(one.unit, TALK.name, f"{day}.{one.rule.rule}")), one.unit, one.rule.kind, one.rule.rule,
        one.rule.clause, one.period, row.held_by, row.attends, because(one, told.policy, lang),
        not (running and one.trail),
    )  # fmt: skip


def propose(engine: "Engine", talks: Sequence[Talk], *, actor: str = "") -> list[Proposed]:
    """
    Open a case for each settled talk that has none yet, and say how each talk stands.

    What somebody else opens in the meantime is theirs. Raises as `Engine.submit`.
    """
    known = {case.order_id: case.state for case in engine.cases("", TALK.name)}
    return [Proposed(talk, _status(engine, talk, known.get(talk.case), actor)) for talk in talks]


def _status(engine: "Engine", talk: Talk, state: str | None, actor: str) -> str:
    if state is not None:
        return state
    if not talk.settled:
        return "unsettled"
    try:
        engine.submit(
            talk.case, "propose_talk", actor=actor, unit=talk.unit, expected=0, level=talk.level,
            by_rule=talk.rule, period=talk.period, reason=talk.because,
        )  # fmt: skip
    except ConflictError:
        return engine.order(talk.case).state
    return "opened"


def lapsed(engine: "Engine", talks: Iterable[Talk], period: str) -> list[str]:
    """Name the cases proposed for a period and not held yet that no longer follow from it."""
    follow = {talk.case for talk in talks}
    ahead = [case.order_id for case in engine.cases("", TALK.name) if case.state in _AHEAD]
    return [
        one
        for one in ahead
        if one not in follow
        and (said := engine.history(one)[0].attributes).get("by_rule")
        and said.get("period") == period
    ]


def entered_in(file: "Path", books: "Books") -> frozenset[tuple[str, str, str]]:
    """Give unit, day and code of every row of an adjustments file that any version of the rules reads."""
    from paidan.engine.intake.adjustments import read_adjustments  # noqa: PLC0415 - as above

    policies = [books.document.policy(version, books.chosen) for version in books.document.versions]
    return frozenset(
        (one.unit, f"{one.at.astimezone(BEIJING):%Y-%m-%d}", one.code)
        for policy in policies
        for one in read_adjustments(file, policy)[0]
    )


def to_enter(log: Sequence[Entry], rules: Rulebook) -> Iterator[ToEnter]:
    """Give what a talk calls for by its log: its points once held, a finding where it is not rectified."""
    case = fold(log[0].order_id, log, rules)
    talk = rules.talks.get(case.facts.get("level") or "")
    card = Card(rules.policy)
    rule = card.adjustments.get(talk.adjustment) if talk else None
    if (
        talk is None
        or rule is None
        or (rule.except_category and rule.except_category == case.facts.get("category"))
    ):
        return
    of_unit = case.facts.get("unit") or ""
    of_order = "" if about(case.order_id) == of_unit else about(case.order_id)

    def row(entry: Entry, code: str, points: str) -> ToEnter:
        at = entry.at.astimezone(BEIJING)
        entered = Adjustment(unit=of_unit, at=at, code=code)
        return ToEnter(
            case.order_id, of_unit, f"{at:%Y-%m-%d}", code, points, of_order, entry.role,
            month_counted(card, entered),
        )  # fmt: skip

    for entry in corrected(log):
        if entry.event == "hold_talk" and entry.to_state == "held":
            yield row(entry, talk.adjustment, plain(rule.least) if rule.least is not None else "")
        elif entry.event == "deny_rectified" and entry.to_state == "unrectified" and talk.unrectified:
            yield row(entry, talk.unrectified, "")
