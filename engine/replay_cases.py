"""The cases about an order, replayed: what the order's log asks of them, and what was asked of them alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from paidan.engine.cases import Heard, Standing, asked_by, opened
from paidan.engine.decide import decide
from paidan.engine.replay_order import Replayed, replay_order
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import FOLLOWING
from paidan.workflows.records import Command, Order


def replay_cases(
    told: Sequence[Heard],
    own: Mapping[str, Sequence[Command]],
    books: Books,
    as_of: datetime,
    *,
    enforce: bool,
    as_recorded: bool,
) -> Iterator[tuple[Replayed, Rulebook]]:
    """
    Replay the cases about an order, in order of id, each under the rules in force when it was opened.

    `told` are the order's entries that cases follow, `own` the commands of each case that a log holds,
    both in their order; in the same moment the order comes first.
    """
    commands = commands_of_cases(told, own, books, {}, enforce=enforce, as_recorded=as_recorded)
    for case in sorted(commands):
        of_case = commands[case]
        rules = books.governing(of_case[0].at.date())[0]
        yield replay_order(case, of_case, rules, as_of, enforce=enforce, as_recorded=as_recorded), rules


def commands_of_cases(
    told: Sequence[Heard],
    own: Mapping[str, Sequence[Command]],
    books: Books,
    standing: Mapping[str, Standing],
    *,
    enforce: bool,
    as_recorded: bool,
) -> Mapping[str, list[Command]]:
    """
    Give the commands of every case in their order, what its order asks of it among them.

    What that is depends on how the cases stand then; `standing` are those there before.
    """
    steps: list[tuple[datetime, int, Heard | Command]] = [
        (one.entry.recorded_at if as_recorded else one.entry.at, 0, one) for one in told
    ]
    steps += [
        (command.learned_at if as_recorded else command.at, 1, command)
        for commands in own.values()
        for command in commands
    ]
    steps.sort(key=itemgetter(0, 1))
    cases: dict[str, tuple[Order, Rulebook]] = {one: case[:2] for one, case in standing.items()}
    found: dict[str, list[Command]] = {}
    for _, _, step in steps:
        if isinstance(step, Command):
            asked = [step]
        else:
            asked = list(asked_by(step, [order for order, _ in cases.values()]))
        for command in asked:
            case, of_case = cases.get(command.order_id) or opened(command, books)[:2]
            observe = not enforce and command.event not in FOLLOWING
            after = decide(case, command, of_case if as_recorded else of_case.alone, observe=observe).order
            cases[command.order_id] = after, of_case
            found.setdefault(command.order_id, []).append(command)
    return found
