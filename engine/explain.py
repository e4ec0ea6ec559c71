"""
Why an order's deadlines are what they are, so that a reader with nothing else can count again.

The log is folded once more and each clock followed: the entry that started it, each entry that
changed it, and, where it was counted, the days one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from paidan.engine.corrections import Corrections, corrected, corrections_of
from paidan.engine.differences import of_entries
from paidan.engine.differences_told import paragraph
from paidan.engine.evolve import evolve
from paidan.engine.messages import say
from paidan.engine.messages.reasons import correction_text, event_label, moment, state_label
from paidan.policies.clocks import verdict, verdict_recorded
from paidan.policies.deadlines import Working
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import Limit
from paidan.workflows.cases import CASES, case_id
from paidan.workflows.facts import FACT_OF
from paidan.workflows.records import Clock, Entry, Facts, Order


@dataclass(slots=True)
class Story:
    """A clock's life: how it stands, and each entry that made it so with the counting it caused."""

    clock: Clock
    limit: Limit
    facts: Facts = field(default_factory=dict)
    chapters: list[tuple[Entry, Clock | None, Clock, Working | None]] = field(default_factory=list)


def stories(order_id: str, entries: Sequence[Entry], rules: Rulebook) -> list[Story]:
    """Follow every clock of an order through its log."""
    order = Order(order_id)
    told: list[Story] = []
    for entry in corrected(entries):
        after = evolve(order, entry, rules)
        for position, clock in enumerate(after.clocks):
            before = order.clocks[position] if position < len(order.clocks) else None
            if before == clock:
                continue
            if before is None:
                told.append(Story(clock, rules.clocks[clock.rule].limit))
            recounted = before is None or _counted(before) != _counted(clock)
            if recounted and entry.event != "recompute":
                told[position].facts = after.facts
                told[position].limit = _limit(clock.rule, entry, rules)
            limit = told[position].limit
            reckoner = rules.at(entry.recorded_at).reckoner
            facts = told[position].facts
            working = reckoner.working(limit, clock.started_at, facts) if recounted else None
            told[position].clock = clock
            told[position].chapters.append((entry, before, clock, working))
        order = after
    return told


def _limit(rule: str, entry: Entry, rules: Rulebook) -> Limit:
    """Give the limit that the clock of `rule` is counted by once `entry` has changed it."""
    extension = rules.extensions.get(rule) if entry.event == "approve_extension" else None
    return (extension or rules.clocks[rule]).limit


def explain(
    order_id: str,
    entries: Sequence[Entry],
    rules: Rulebook,
    as_of: datetime,
    *,
    rule: str = "",
    lang: str = "zh",
) -> Iterator[str]:
    """Tell, line by line, the deadlines of an order, or those of one `rule`."""
    policy = rules.policy
    yield from _heading(order_id, entries, rules, lang)
    yield say("explain.as_of", lang, as_of=moment(as_of), calendar=rules.calendar.edition)
    if policy.changed:
        changed = ", ".join(f"{name} = {value}" for name, value in policy.changed.items())
        yield say("explain.changed", lang, settings=changed)
    told = [story for story in stories(order_id, entries, rules) if rule in ("", story.clock.rule)]
    if not told:
        yield say("explain.no_clock", lang, rule=rule) if rule else say("explain.no_clocks", lang)
    corrections = corrections_of(entries)
    for story in told:
        yield ""
        yield from _tell(story, corrections, rules, as_of, lang)
    found = [one for one in of_entries(order_id, entries, rules, as_of) if rule in ("", one.rule)]
    if found:
        yield ""
        yield from paragraph(found, lang)


def _heading(order_id: str, entries: Sequence[Entry], rules: Rulebook, lang: str) -> Iterator[str]:
    """Tell whose deadlines these are; of a case also by which rule it was opened, and where it stands."""
    of = {"policy": rules.policy.title, "version": rules.policy.version}
    case = case_id(order_id)
    if case is None:
        yield say("explain.order", lang, order=order_id, **of)
        return
    workflow, first = CASES[case.workflow], entries[0]
    name = workflow.zh if lang == "zh" else workflow.en
    yield say("explain.case", lang, workflow=name, case=order_id, about=case.about, **of)
    why, state, since = "", first.to_state, first.at
    if first.rule:
        row = rules.behind(first.rule, first.event)
        label = row.zh if lang == "zh" else row.en
        why = say("explain.why", lang, rule=row.rule, label=label, clause=row.clause)
    for entry in entries:
        if entry.to_state != state:
            state, since = entry.to_state, entry.at
    yield say(
        "explain.opened", lang, at=moment(first.at), event=event_label(first.event, lang), why=why,
        state=state_label(state, lang, workflow), since=moment(since),
    )  # fmt: skip


def _tell(
    story: Story, corrections: Corrections, rules: Rulebook, as_of: datetime, lang: str
) -> Iterator[str]:
    clock = story.clock
    rule = rules.clocks[clock.rule]
    label = rule.zh if lang == "zh" else rule.en
    yield say(
        "explain.rule",
        lang,
        rule=rule.rule,
        label=label,
        clause=rule.clause,
        kind=say(f"kind.{rule.kind}", lang),
        unit=clock.unit or "–",
    )
    yield "  " + say("explain.limit", lang, limit=limit_text(rule.limit, lang))
    for entry, before, now, working in story.chapters:
        said = say(
            "explain.entry",
            lang,
            seq=entry.seq,
            event=event_label(entry.event, lang),
            at=moment(entry.at),
            what=effect_text(before, now, lang),
        )
        yield "  " + said + "".join(correction_text(*one, lang) for one in corrections.get(entry.seq, ()))
        if working is not None:
            for line in working_lines(working, rules, lang):
                yield "    " + line
    came_to = verdict(clock, rules, as_of)
    done = (
        say("explain.done", lang, at=moment(clock.done_at)) if clock.done_at else say("explain.undone", lang)
    )
    yield "  " + say(
        "explain.verdict", lang, verdict=say(f"verdict.{came_to}", lang), due=moment(clock.due_at), done=done
    )
    recorded = verdict_recorded(clock, rules, as_of)
    if clock.learned_at is not None and recorded != came_to:
        known = say(f"verdict.{recorded}", lang)
        yield "  " + say("late.verdict_recorded", lang, learned=moment(clock.learned_at), verdict=known)


def _counted(clock: Clock) -> tuple[str, datetime, bool]:
    return clock.rule, clock.due_at, clock.provisional


def effect_text(before: Clock | None, now: Clock, lang: str = "zh") -> str:
    """Say what an entry did to a clock, which it started or changed."""
    if before is None:
        return say("explain.starts", lang) + (say("explain.void_at_start", lang) if now.void else "")
    if (before.rule, before.due_at) != (now.rule, now.due_at):
        return say("explain.moves", lang, due=moment(now.due_at))
    if before.provisional != now.provisional:
        return say("explain.stays", lang, due=moment(now.due_at))
    if now.raised_at is None and before.raised_at is not None:
        return say("explain.unraised", lang)
    changed = next(
        name
        for name in ("void", "shut", "raised_at", "done_at")
        if getattr(now, name) != getattr(before, name)
    )
    return say(f"explain.{changed}", lang)


def working_lines(working: Working, rules: Rulebook, lang: str = "zh") -> Iterator[str]:
    """Tell how a due time was counted: from when, each day or hour, to when."""
    limit = working.limit
    settings = rules.policy.settings
    provisional = say("explain.provisional", lang) if working.due.provisional else ""
    if limit.smallest_of:
        for part in working.parts:
            yield from working_lines(part, rules, lang)
        yield say("explain.smallest", lang, due=moment(working.due.at)) + provisional
        return
    if limit.at:
        yield say("explain.at", lang, fact=_facts(limit.at, lang), due=moment(working.due.at))
        return
    yield say("explain.from", lang, at=moment(working.counted_from))
    counted = 0
    back = settings["wd.count_receipt_day"] if limit.first_day is None else limit.first_day
    if (limit.working_days or limit.days) and not back:
        yield say("explain.first_day", lang, day=working.counted_from.date().isoformat())
    for day in working.days:
        kind = say(f"day.{day.kind}", lang, holiday=day.holiday or "")
        weekday = say(f"weekday.{day.on.weekday()}", lang)
        counted += day.working
        code = "explain.counted" if day.working else "explain.uncounted"
        marked = say("explain.unknown_day", lang) if day.provisional else ""
        yield say(code, lang, day=day.on.isoformat(), weekday=weekday, kind=kind, number=counted) + marked
    text = limit_text(limit, lang)
    yield say("explain.due", lang, limit=text, due=moment(working.due.at)) + provisional


def limit_text(limit: Limit, lang: str = "zh") -> str:
    """Say a limit in words."""
    if limit.smallest_of:
        parts = say("comma", lang).join(limit_text(part, lang) for part in limit.smallest_of)
        return say("limit.smallest_of", lang, parts=parts)
    if limit.at:
        return say("limit.at", lang, fact=_facts(limit.at, lang))
    if limit.split:
        before, after = (
            limit_text(part, lang) if part else say("limit.none", lang)
            for part in (limit.split.before, limit.split.after)
        )
        return say("limit.split", lang, at=limit.split.at, before=before, after=after)
    text = say("limit.same_day", lang) if limit.days == 0 else _count_text(limit, lang)
    if limit.time == "start":
        text = say("limit.same_time", lang, limit=text)
    elif limit.time:
        text = say("limit.time", lang, limit=text, time=limit.time)
    since = limit.since or limit.counted_from
    return say("limit.since", lang, fact=_facts((since,), lang), limit=text) if since else text


def _count_text(limit: Limit, lang: str) -> str:
    return next(
        say(f"limit.{kind}", lang, count=getattr(limit, kind))
        for kind in ("minutes", "hours", "days", "working_days")
        if getattr(limit, kind) is not None
    )


def _facts(names: tuple[str, ...], lang: str) -> str:
    facts = [FACT_OF[name] for name in names]
    return say("or_else", lang).join(fact.zh if lang == "zh" else fact.en for fact in facts)
