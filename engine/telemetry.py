"""
What the engine tells its operator, through structlog; every event it can tell is listed here.

The host's structlog is never configured. Where the host has configured it, its processors get the
events; otherwise they go to the standard logger `paidan`, which says nothing below a warning
until the host asks. No attribute of a command is ever told: it may hold what a citizen said.
"""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog

from paidan.engine.masking import masked_details

STORE_OPENED = "store_opened"
STORE_FAILED = "store_failed"
COMMAND_ACCEPTED = "command_accepted"
COMMAND_REFUSED = "command_refused"
COMMAND_REPEATED = "command_repeated"
WARNED = "warned"
TIME_OUT_RAISED = "time_out_raised"
ESCALATED = "escalated"
SWEPT = "swept"
SWEEP_FAILED = "sweep_failed"
SCHEDULER_STARTED = "scheduler_started"
SCHEDULER_STOPPED = "scheduler_stopped"
REBUILT = "rebuilt"
SEALED = "sealed"
SEAL_FAILED = "seal_failed"
SUBSCRIBER_FAILED = "subscriber_failed"
CALENDAR_LOADED = "calendar_loaded"
DIRECTORY_FILED = "directory_filed"
TOLD = "told"
TELL_FAILED = "tell_failed"
ACKNOWLEDGED = "acknowledged"
LOG_IMPORTED = "log_imported"
VAULT_MADE = "vault_made"
IDENTITIES_UNMASKED = "identities_unmasked"
IDENTITIES_ERASED = "identities_erased"
KEY_ROTATED = "key_rotated"
REQUEST_FAILED = "request_failed"
SIGNED_IN = "signed_in"
SIGN_IN_FAILED = "sign_in_failed"
ACCESS_REFUSED = "access_refused"

EVENTS: dict[str, tuple[str, str]] = {
    STORE_OPENED: ("info", "policy, settings"),
    STORE_FAILED: ("error", "doing, code"),
    COMMAND_ACCEPTED: ("debug", "order, command, seq, state, seconds"),
    COMMAND_REFUSED: ("info", "order, command, rules, seconds"),
    COMMAND_REPEATED: ("info", "order, command, key, seconds"),
    WARNED: ("info", "order, rule, unit, due_at, late_seconds"),
    TIME_OUT_RAISED: ("info", "order, rule, unit, due_at, late_seconds"),
    ESCALATED: ("info", "order, rule, unit, due_at, late_seconds"),
    SWEPT: ("debug", "raised, seconds, late_seconds"),
    SWEEP_FAILED: ("error", "why, exc_info"),
    SCHEDULER_STARTED: ("info", "every_seconds"),
    SCHEDULER_STOPPED: ("info", ""),
    REBUILT: ("info", "differed"),
    SEALED: ("info", "number, position, entries"),
    SEAL_FAILED: ("error", "why, exc_info"),
    SUBSCRIBER_FAILED: ("error", "subscriber, order, seq, again_in_seconds, why, exc_info"),
    CALENDAR_LOADED: ("info", "notice, horizon_on, recomputed"),
    DIRECTORY_FILED: ("info", "from_on, posts"),
    TOLD: ("info", "memo, told, order, rule, role, unit, due_at, climbed_from"),
    TELL_FAILED: ("error", "again_in_seconds, why, exc_info"),
    ACKNOWLEDGED: ("info", "memos, role"),
    LOG_IMPORTED: ("info", "files, read, applied, refused, rejected, already_there"),
    VAULT_MADE: ("info", ""),
    IDENTITIES_UNMASKED: ("info", "order, seq, values"),
    IDENTITIES_ERASED: ("info", "order, seq, scrubbed"),
    KEY_ROTATED: ("info", "scrubbed"),
    REQUEST_FAILED: ("error", "path, why, where"),
    SIGNED_IN: ("info", "token, role, wall, address"),
    SIGN_IN_FAILED: ("warning", "why, address, token, untold"),
    ACCESS_REFUSED: ("warning", "token, role, right, path, address, untold"),
}
"""Each event with its level and the fields it carries; what it says is in `engine.messages.telemetry`."""

Heard = Callable[[str, Mapping[str, Any]], None]
"""What is told every event besides the log: its name and its fields, whatever level is kept."""

_LOGGER = logging.getLogger("paidan")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _masked(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Mask what a traceback may echo."""
    return masked_details(event)


class Journal:
    """
    Tells events, each at the level and with the fields of the table.

    `heard` gets them too. Where the log goes is found out when the journal is made.
    """

    def __init__(self, heard: Heard | None = None) -> None:
        self._is_hosts = structlog.is_configured()
        self._log = _hosts_logger() if self._is_hosts else _own_logger()
        self._heard = heard

    @property
    def listened(self) -> bool:
        """Whether anybody hears more than errors; otherwise nothing needs to be made ready to be told."""
        return self._is_hosts or self._heard is not None or _LOGGER.isEnabledFor(logging.INFO)

    def tell(self, name: str, **fields: Any) -> None:
        """Tell an event of `EVENTS`."""
        level = EVENTS[name][0]
        if self._is_hosts or _LOGGER.isEnabledFor(_LEVELS[level]):
            getattr(self._log, level)(name, **fields)
        self.count(name, **fields)

    def count(self, name: str, **fields: Any) -> None:
        """Let `heard` alone have an event: one of which the log has had enough."""
        if self._heard is not None:
            self._heard(name, fields)


def fields_of(name: str) -> tuple[str, ...]:
    """Name the fields of an event."""
    return tuple(filter(None, EVENTS[name][1].split(", ")))


def _hosts_logger() -> Any:
    """Give a logger whose processors the host has chosen; they see every event."""
    return structlog.get_logger("paidan").bind(logger="paidan")


def _own_logger() -> Any:
    """Give a logger for the events of the levels that the standard logger keeps."""
    return structlog.wrap_logger(
        _LOGGER,
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.processors.format_exc_info,
            _masked,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
    ).bind()
