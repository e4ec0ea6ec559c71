"""Who held an order, and whose late return made another late: as people read it, and as programs do."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from shlex import join
from typing import Any

from paidan.engine.blame import Blame
from paidan.engine.custody import NOBODY, OFFICE, SUPERIOR, Beside, Custody, Held, Part, Stretch
from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment, role_label
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.figures import shown

_TENTHS = 1000
_SECOND = timedelta(seconds=1)


def holder_text(one: Stretch | Part | Held, rules: Rulebook, lang: str = "zh") -> str:
    """Name who holds: the unit, or the role that runs the policy, or what else it is."""
    if one.unit:
        return one.unit
    office = rules.policy.office if one.hands == OFFICE else ""
    return role_label(office, lang) or say(f"custody.hands.{one.hands}", lang)


def stage_text(one: Stretch | Held, lang: str = "zh") -> str:
    """Say at what stage an order was, or is."""
    return say(f"custody.stage.{one.stage}", lang)


def span_text(time: timedelta, lang: str = "zh") -> str:
    """
    Write a length of time to the second.

    >>> span_text(timedelta(days=2, hours=3)), span_text(timedelta(minutes=5), "en")
    ('2天03:00:00', '00:05:00')
    """
    minutes, seconds = divmod(time.seconds, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return say("custody.span", lang, days=time.days, clock=clock) if time.days else clock


def hours_text(time: timedelta) -> str:
    """
    Write a length of working time, whose days are no days.

    >>> hours_text(timedelta(hours=30))
    '30:00:00'
    """
    minutes, seconds = divmod(time // _SECOND, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def days_text(working: timedelta, rules: Rulebook) -> str:
    """Say how many office days a working time makes."""
    return shown(Fraction(working // _SECOND, rules.reckoner.office_day // _SECOND))


def percents(shares: Sequence[Fraction | None]) -> list[str]:
    """
    Write shares of one whole as percentages to a tenth that sum to 100.0: the largest rests are rounded up.

    >>> percents([Fraction(1, 3)] * 3)
    ['33.4%', '33.3%', '33.3%']
    """
    exact = [share * _TENTHS for share in shares if share is not None]
    if len(exact) != len(shares):
        return ["–"] * len(shares)
    down = [int(share) for share in exact]
    missing = _TENTHS * bool(exact) - sum(down)
    up = sorted(range(len(exact)), key=lambda place: (down[place] - exact[place], place))[:missing]
    return [f"{shown(Fraction(tenths + (place in up), 10), 1)}%" for place, tenths in enumerate(down)]


def now_text(held: Held, rules: Rulebook, lang: str = "zh") -> str:
    """Say who has the order now, since when and for how long."""
    if held.hands in (NOBODY, SUPERIOR):
        return say("custody.gone", lang, stage=stage_text(held, lang), since=moment(held.since))
    return say(
        "custody.now", lang, holder=holder_text(held, rules, lang), stage=stage_text(held, lang),
        since=moment(held.since), natural=span_text(held.natural, lang),
    )  # fmt: skip


def blame_lines(one: Blame, db: str, lang: str = "zh") -> Iterator[str]:
    """
    Tell an overdue: who held the order, what earlier units took, and what is proposed or ruled.

    With the command that rules so in a `db`, where one is named.
    """
    limit = one.limit
    yield say(
        "custody.blame", lang, rule=limit.rule, clause=one.limit_clause, due=moment(limit.due_at),
        unit=one.unit, verdict=say(f"verdict.{limit.verdict}", lang),
    )  # fmt: skip
    for cause in one.causes:
        yield "  " + say(
            f"custody.{cause.ground}", lang, unit=cause.unit, sent=moment(cause.sent_at), rule=cause.rule,
            clause=cause.clause, window=moment(cause.window_due_at), given_up=moment(cause.given_up_at),
            over=say("custody.over", lang, natural=span_text(cause.natural, lang),
                     working=hours_text(cause.working)),
        )  # fmt: skip
    kept = say("custody.kept" if one.would_be_kept else "custody.not_kept", lang)
    yield "  " + say("custody.without", lang, at=moment(one.without_at), kept=kept)
    if one.ruling is not None:
        ruling = one.ruling
        yield "  " + say("custody.ruled", lang, unit=ruling.unit, seq=ruling.seq, at=moment(ruling.at))
    elif one.proposed:
        role = role_label(one.role, lang)
        yield "  " + say(
            "custody.proposal", lang, unit=one.proposed, rule=one.rule, clause=one.clause, role=role,
            command=say("custody.command", lang) if db else "",
        )  # fmt: skip
        if db:
            yield "    " + join(("paidan", "submit", *one.command, "--db", db))
        yield "  " + say("custody.truth", lang)


def custody_plain(held: Custody, blames: Iterable[Blame]) -> dict[str, Any]:
    """Give all of a custody as JSON holds it: times in whole seconds, shares as fractions."""
    policy = held.rules.policy
    return {
        "order_id": held.order_id,
        "policy": policy.version,
        "office": policy.office,
        "as_of": held.as_of.isoformat(),
        "calendar": held.rules.calendar.edition,
        "office_day_seconds": _seconds(held.rules.reckoner.office_day),
        "stretches": [stretch_plain(one) for one in held.stretches],
        "parts": [
            {
                "hands": one.hands, "unit": one.unit,
                "natural_seconds": _seconds(one.natural), "natural_share": _fraction(one.natural_share),
                "working_seconds": _seconds(one.working), "working_share": _fraction(one.working_share),
            }
            for one in held.parts
        ],
        "clocks": [_clock_plain(one) for one in held.clocks],
        "overdue": [blame_plain(one) for one in blames],
    }  # fmt: skip


def stretch_plain(one: Stretch) -> dict[str, Any]:
    """Give a stretch as JSON holds it."""
    return {
        "hands": one.hands, "unit": one.unit, "stage": one.stage, "began_at": one.began_at.isoformat(),
        "ended_at": one.ended_at.isoformat(), "natural_seconds": _seconds(one.natural),
        "working_seconds": _seconds(one.working), "provisional": one.provisional, "seq": one.seq,
        "event": one.event,
    }  # fmt: skip


def _clock_plain(one: Beside) -> dict[str, Any]:
    return {
        "rule": one.clock.rule, "unit": one.clock.unit, "dispatch": one.clock.dispatch,
        "started_at": one.clock.started_at.isoformat(), "due_at": one.clock.due_at.isoformat(),
        "verdict": one.came_to, "accepted_at": _iso(one.accepted_at),
        "from_sign_in": {"due_at": _iso(one.due_at), "verdict": one.verdict},
    }  # fmt: skip


def blame_plain(one: Blame) -> dict[str, Any]:
    """Give an overdue with its causes, proposal and ruling as JSON holds it."""
    limit, ruling = one.limit, one.ruling
    return {
        "order_id": one.order_id, "rule": one.rule, "clause": one.clause,
        "limit": {
            "rule": limit.rule, "clause": one.limit_clause, "unit": one.unit, "dispatch": limit.dispatch,
            "due_at": limit.due_at.isoformat(), "done_at": _iso(limit.done_at), "verdict": limit.verdict,
        },
        "causes": [
            {
                "unit": cause.unit, "dispatch": cause.dispatch, "ground": cause.ground, "rule": cause.rule,
                "clause": cause.clause, "sent_at": cause.sent_at.isoformat(),
                "window_due_at": cause.window_due_at.isoformat(),
                "given_up_at": cause.given_up_at.isoformat(), "natural_seconds": _seconds(cause.natural),
                "working_seconds": _seconds(cause.working),
            }
            for cause in one.causes
        ],
        "without_at": one.without_at.isoformat(),
        "proposed": one.proposed or None,
        "submit": list(one.command) if one.proposed else None,
        "ruling": ruling and {"unit": ruling.unit, "at": ruling.at.isoformat(), "seq": ruling.seq},
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _seconds(time: timedelta) -> int:
    return time // _SECOND


def _fraction(share: Fraction | None) -> str | None:
    return None if share is None else str(share)
