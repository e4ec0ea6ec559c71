"""
What must hold in every world: of what is committed, of an order after each step, of an answer, at the end.

To hold more, write a function that yields a sentence for each fault and add it to its tuple.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple

from paidan.engine.evolve import fold
from paidan.storage.port import Kept
from paidan.workflows.attributes import IDENTITY
from paidan.workflows.cases import EVENT_OF, case_id
from paidan.workflows.records import Entry
from simulation.beside import follows
from simulation.late import stands
from simulation.model import Answered, Model, Told
from simulation.people import shown
from simulation.world import Batch


class Commit(NamedTuple):
    """What is about to enter the model: `latest` is the latest time the engine can have known."""

    told: Told
    batch: Batch
    latest: datetime
    model: Model


class Seen(NamedTuple):
    """An order as the model tells it, and as the store gives it."""

    told: Told
    log: tuple[Entry, ...]
    kept: Kept | None


def raises_what_is_missed_first(commit: Commit) -> Iterator[str]:
    """Whatever writes to an order writes a time-out for each duty missed by then, once, and no other."""
    raised = Counter((one.rule, one.at) for one in _ahead(commit) if one.event == "time_out")
    now = commit.batch.entries[0].recorded_at if commit.batch.entries else commit.latest
    missed = Counter((clock.rule, clock.due_at) for clock in commit.told.missed(now))
    missed -= commit.told.standing
    if any(map(follows, commit.batch.entries)):  # what came of a passed limit came when it passed
        missed &= raised
    if raised != missed:
        yield f"time-outs raised {_told(raised - missed)}, not raised {_told(missed - raised)}"


def tells_each_rung_once(commit: Commit) -> Iterator[str]:
    """
    Whatever writes to an order tells what its clocks had to warn of or to escalate since the last entry.

    Nothing from before it is told again, unless the clock was started or moved just then.
    """
    told, entries = commit.told, commit.batch.entries
    if not entries or not told.log or case_id(commit.batch.order_id):
        return
    since, now = told.log[-1].recorded_at, entries[0].recorded_at
    said = Counter(
        (one.event, one.rule, one.attributes["due_at"], one.at)
        for one in _ahead(commit)
        if one.event in ("warn", "escalate") and "due_at" in one.attributes
    )
    due: Counter[tuple[str, str, datetime, datetime]] = Counter()
    for clock in told.order.clocks:
        runs = clock.done_at is None and not clock.void and told.rules.clocks[clock.rule].kind == "duty"
        spans = [("warn", -span) for span in told.rules.warnings] if runs else []
        spans += [("escalate", span) for span in told.rules.rungs] if runs else []
        for event, span in spans:
            at = clock.due_at + span
            if since <= at < now and at > clock.started_at:
                due[event, clock.rule, clock.due_at, at] += 1
    again = [one for one in said - due if one[1:3] not in told.fresh or one[3] >= now]
    missing = [one for one in due - said if one[1:3] not in told.fresh]
    if again or missing:
        yield f"told twice or early {again}, not told {missing}"


def never_fires_early(commit: Commit) -> Iterator[str]:
    """No time-out is written before its due time has passed by the clock that the engine saw."""
    for one in commit.batch.entries:
        if one.event == "time_out" and not one.at < min(one.recorded_at, commit.latest):
            yield f"{one.rule} due {one.at} was raised early, at {commit.latest}"


def never_runs_back(commit: Commit) -> Iterator[str]:
    """Nothing is recorded before the last entry of its order, nor later than any clock said."""
    before = commit.told.log[-1].recorded_at if commit.told.log else None
    for one in commit.batch.entries:
        if before is not None and one.recorded_at < before:
            yield f"entry {one.seq} was recorded {one.recorded_at}, before the entry ahead of it"
        if one.recorded_at > commit.latest:
            yield f"entry {one.seq} was recorded {one.recorded_at}, in the future"
        before = one.recorded_at


def is_let_in(commit: Commit) -> Iterator[str]:
    """Of the past speaks only who may, and with a reason; of nothing before the order was received."""
    received_at = commit.told.order.facts.get("received_at")
    for one in commit.batch.entries:
        corrects, late = one.event == "correct", one.actor and one.at != one.recorded_at
        if follows(one):
            continue
        if (corrects or late) and one.role not in commit.model.may:
            yield f"{one.role or 'nobody'} spoke of the past in entry {one.seq}"
        if (corrects or late) and not one.attributes.get("reason" if corrects else "backdated"):
            yield f"entry {one.seq} is of the past, and does not say why"
        if late and (one.at > one.recorded_at or one.at < (received_at or one.at)):
            yield f"entry {one.seq} is of {one.at}, recorded {one.recorded_at}, received {received_at}"


def corrects_what_stands(commit: Commit) -> Iterator[str]:
    """A correction names an entry that somebody wrote, and what stands in it by then."""
    for one in commit.batch.entries:
        if one.event == "correct":
            said = one.attributes
            entry = commit.told.now[said["entry"] - 1]
            somebody = commit.told.log[said["entry"] - 1].actor
            if not somebody or stands(entry, said["field"]) != said.get("before"):
                yield f"entry {one.seq} corrects {dict(said)}, there stands {entry}"


def withdraws_what_stood(commit: Commit) -> Iterator[str]:
    """A withdrawal names the time-out it takes back, and lists the escalations that this had caused."""
    log = [*commit.told.log, *commit.batch.entries]
    for one in commit.batch.entries:
        if one.event == "time_out_withdrawn":
            said = one.attributes
            back = log[said["time_out"] - 1]
            if (back.event, back.rule, back.at) != ("time_out", one.rule, said["due_at"]):
                yield f"entry {one.seq} takes back {back}"
            caused = {
                after.seq
                for after in log[back.seq : one.seq]
                if (after.event, after.rule, after.attributes.get("due_at"))
                == ("escalate", one.rule, back.at)
            }
            others = [two for two in log if (two.event, two.rule, two.at) == ("time_out", one.rule, back.at)]
            listed = set(said["escalations"])
            if listed - caused or (len(others) == 1 and listed != caused):
                yield f"entry {one.seq} lists the escalations {sorted(listed)}, there were {sorted(caused)}"


def says_nothing_of_people(commit: Commit) -> Iterator[str]:
    """Nothing of what a caller says of a person stands in an entry."""
    for one in commit.batch.entries:
        if found := shown(one):
            yield f"entry {one.seq} holds {found}"


def is_gapless(seen: Seen) -> Iterator[str]:
    """`seq` counts from one."""
    if [one.seq for one in seen.log] != list(range(1, len(seen.log) + 1)):
        yield f"seq has a gap or a double: {[one.seq for one in seen.log]}"


def holds_what_was_committed(seen: Seen) -> Iterator[str]:
    """The log is what was committed, and nothing of it ever changed."""
    if list(seen.log) != seen.told.log:
        yield f"the log holds {_brief(seen.log)}, committed was {_brief(seen.told.log)}"


def is_the_fold_of_its_log(seen: Seen) -> Iterator[str]:
    """What is kept of the order is what its log makes of it."""
    if seen.kept is None or seen.kept.order != seen.told.order:
        yield f"kept is {seen.kept and seen.kept.order}, the log makes {seen.told.order}"


def is_where_the_contract_says(seen: Seen) -> Iterator[str]:
    """The state is what the table of the contract makes of the log."""
    if seen.told.order.state != seen.told.state:
        yield f"the state is {seen.told.order.state}, by the contract {seen.told.state}"


def has_one_time_out_per_missed_duty(seen: Seen) -> Iterator[str]:
    """
    A duty that was missed has at most one time-out that stands, and no other clock has any.

    After a correction it has exactly one: what then stands is raised with it.
    """
    missed = Counter((clock.rule, clock.due_at) for clock in seen.told.missed(seen.log[-1].recorded_at))
    over = seen.told.standing - missed
    if seen.told.settled and (lacking := missed - seen.told.standing):
        yield f"after a correction no time-out stands of {_told(lacking)}"
    if over or any(count < 0 for count in seen.told.standing.values()):
        yield f"time-outs stand that should not: {_told(over)}"


def has_each_command_once(seen: Seen) -> Iterator[str]:
    """No command wrote two entries of its own."""
    for actor, times in Counter(_asked(seen.log)).items():
        if times > 1:
            yield f"command {actor} stands {times} times in the log"


def answer_stays(model: Model, sent: Answered, outcome: Any) -> Iterator[str]:
    """An answer is what the log says of the command, and the same for good."""
    told = model.orders.get(sent.asked.order_id)
    for one in (*outcome.raised, *outcome.entries):
        if told is None or told.log[one.seq - 1 : one.seq] != [one]:
            yield f"acknowledged, but not in the log: {one}"
    own = told.by_actor[sent.asked.actor] if told else 0
    if own != bool(outcome.entries):
        yield f"command {sent.asked.actor} wrote {own} entries, its answer says {len(outcome.entries)}"
    if sent.outcome is not None and (not outcome.again or outcome != sent.outcome):
        yield f"answered {outcome} where it was {sent.outcome}"
    if sent.asked.expected is not None and not outcome.again:
        first = next(iter((*outcome.raised, *outcome.entries)), None)
        if first is not None and told is not None:
            between = told.log[sent.asked.expected : first.seq - 1]
            if case_id(first.order_id):  # it hears first what its order's limits ask of it
                between = [one for one in between if not EVENT_OF[one.event].by_engine]
            if between or first.seq <= sent.asked.expected:
                yield f"expected {sent.asked.expected}, but wrote from {first.seq} on"


def answer_says_why(model: Model, sent: Answered, outcome: Any) -> Iterator[str]:
    """What is refused as nobody's to say, or as stale, is so."""
    asked, codes = sent.asked, {one.code for one in outcome.findings}
    if codes & {"not_permitted", "not_permitted_at_all"} and asked.said.get("role") in model.may:
        yield f"{asked.actor} is a {asked.said['role']}, and was refused as if none could say so"
    if "correction_before" in codes and not outcome.again:
        entry = model.orders[asked.order_id].now[asked.said["entry"] - 1]
        if stands(entry, asked.said["field"]) == asked.said.get("before"):
            yield f"{asked.actor} corrects {dict(asked.said)}, and was refused as if that did not stand"


def answer_says_nothing_of_people(model: Model, sent: Answered, outcome: Any) -> Iterator[str]:
    """Nothing of a person stands in an answer; what no vault keeps is counted."""
    if found := shown(outcome.findings, outcome.order.facts, dict(outcome.dropped)):
        yield f"the answer to {sent.asked.actor} holds {found}"
    told = model.orders.get(sent.asked.order_id)
    said = {name for name in sent.asked.private if name in IDENTITY}
    kept = model.vault and outcome.entries and told and not told.erased
    if not outcome.again and set(outcome.dropped) != (set() if kept else said):
        yield f"{sent.asked.actor} said {said}, and was told that {dict(outcome.dropped)} was dropped"


def folds_anew(told: Told) -> Iterator[str]:
    """At the end: the whole log folds to what step after step made of it, by the engine and plainly."""
    anew = fold(told.order.order_id, told.log, told.rules)
    if told.anew() != told.order:
        yield f"the corrected log makes {told.anew()}, step by step it was {told.order}"
    if anew != told.order:
        yield f"the whole log makes {anew}, step by step it was {told.order}"


ON_COMMIT: tuple[Callable[[Commit], Iterator[str]], ...] = (
    raises_what_is_missed_first,
    tells_each_rung_once, never_fires_early, never_runs_back, is_let_in, corrects_what_stands,
    withdraws_what_stood, says_nothing_of_people,
)  # fmt: skip
OF_AN_ORDER: tuple[Callable[[Seen], Iterator[str]], ...] = (
    is_gapless, holds_what_was_committed, is_the_fold_of_its_log, is_where_the_contract_says,
    has_one_time_out_per_missed_duty, has_each_command_once,
)  # fmt: skip
OF_AN_ANSWER: tuple[Callable[[Model, Answered, Any], Iterator[str]], ...] = (
    answer_stays, answer_says_why, answer_says_nothing_of_people,
)  # fmt: skip
AT_THE_END: tuple[Callable[[Told], Iterator[str]], ...] = (folds_anew,)


def _ahead(commit: Commit) -> Iterator[Entry]:
    """Give what was written before a correction: what stands after it is held against the corrected log."""
    return takewhile(lambda one: one.event != "correct", commit.batch.entries)


def _asked(log: Iterable[Entry]) -> Iterator[str]:
    """Give who asked for each entry that somebody asked for."""
    return (one.actor for one in log if one.actor and not EVENT_OF[one.event].by_engine)


def _told(counted: Counter[tuple[str, datetime]]) -> str:
    return ", ".join(f"{rule} {due}" for rule, due in counted.elements()) or "none"


def _brief(log: Any) -> list[tuple[int, str, str]]:
    return [(one.seq, one.event, one.actor) for one in log][-8:]
