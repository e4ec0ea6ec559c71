"""
What the engine tells its operator, through structlog; every event it can tell is listed here.

The host's structlog is never configured. Where the host has configured it, its processors get the
events; otherwise they go to the standard logger `paidan`, which says nothing below a warning
until the host asks. No attribute of a command is ever told: it may hold what a citizen said.
"""

import logging
from typing import Any

import structlog

STORE_OPENED = "store_opened"
COMMAND_ACCEPTED = "command_accepted"
COMMAND_REFUSED = "command_refused"
COMMAND_REPEATED = "command_repeated"
WARNED = "warned"
TIME_OUT_RAISED = "time_out_raised"
ESCALATED = "escalated"
SWEEP_FAILED = "sweep_failed"
SCHEDULER_STARTED = "scheduler_started"
SCHEDULER_STOPPED = "scheduler_stopped"
REBUILT = "rebuilt"
CALENDAR_LOADED = "calendar_loaded"
LOG_IMPORTED = "log_imported"

EVENTS = {
    STORE_OPENED: ("info", "policy, settings"),
    COMMAND_ACCEPTED: ("debug", "order, event, seq, state"),
    COMMAND_REFUSED: ("info", "order, event, rules"),
    COMMAND_REPEATED: ("info", "order, event, key"),
    WARNED: ("info", "order, rule, unit, due_at, late_seconds"),
    TIME_OUT_RAISED: ("info", "order, rule, unit, due_at, late_seconds"),
    ESCALATED: ("info", "order, rule, unit, due_at, late_seconds"),
    SWEEP_FAILED: ("error", "why, with the traceback"),
    SCHEDULER_STARTED: ("info", "every_seconds"),
    SCHEDULER_STOPPED: ("info", ""),
    REBUILT: ("info", "differed"),
    CALENDAR_LOADED: ("info", "notice, horizon_on, recomputed"),
    LOG_IMPORTED: ("info", "files, read, applied, refused, rejected, already_there"),
}
"""Each event with its level and what it carries."""

_LOGGER = logging.getLogger("paidan")


def journal() -> Any:
    """Give the bound logger to tell events with."""
    if structlog.is_configured():
        return structlog.get_logger("paidan").bind(logger="paidan")
    return structlog.wrap_logger(
        _LOGGER,
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
    ).bind()
