"""The differences between the records and what holds now, of every order of a log."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from paidan.engine import calendars
from paidan.engine.differences import Difference, of_commands
from paidan.engine.intake.events import Ids, read_share
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.tables import Rejected
from paidan.engine.runs import entered
from paidan.policies.registry import Books, document
from paidan.workflows.cases import case_id


def differences_of_logs(
    logs: Sequence[Path],
    policy: str,
    settings: Mapping[str, Any],
    mapping: Path | None = None,
    units: Path | None = None,
) -> tuple[list[tuple[str, tuple[Difference, ...]]], list[Rejected]]:
    """
    Give each order of the logs with its differences, as of the last thing learned, and the rejected rows.

    Raises `InputError`, `MappingError`, `UnknownPolicyError`, `PolicyError` and `SettingError`.
    """
    found = document(policy)
    beside = entered(found, settings, units, None)
    books = Books(found, settings, beside["roster"], calendars.known())
    log = read_share(
        open_logs(logs, None if mapping is None else read_mapping(mapping)), Ids(), found.choices
    )
    told: list[tuple[str, tuple[Difference, ...]]] = []
    for order_id in sorted(one for one in log.orders if not case_id(one)):
        commands = list(log.of(order_id, as_recorded=True))
        if commands and log.last_learned_at is not None:
            rules, _ = books.governing(commands[0].at.date())
            told.append((order_id, of_commands(order_id, commands, rules, log.last_learned_at)))
    return told, [*log.rejected, *beside["rejected"]]
