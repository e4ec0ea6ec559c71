"""Every error as a sentence and an exit code."""

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from paidan.engine.errors import BrokenError, InputError, MappingError, NotFoundError, UsageError
from paidan.engine.intake.tables import RejectedRowsError
from paidan.engine.masking import masked, masked_details
from paidan.engine.messages import say, texts
from paidan.policies.errors import (
    CalendarHorizonError,
    CalendarRangeError,
    Mistake,
    PolicyError,
    SettingError,
    UnknownPolicyError,
    UnknownRuleError,
)
from paidan.storage.errors import ConflictError, StoreUnavailableError, UnstorableError
from paidan.workflows.errors import PaidanError

NOT_FOUND = 5


def exit_code(error: BaseException) -> int:
    """Give the exit code of CONTRACT section 5; 1 is a fault of ours."""
    if isinstance(error, InputError):
        return error.exit_code
    if isinstance(error, PolicyError):
        return 4
    if isinstance(error, NotFoundError):
        return NOT_FOUND
    if isinstance(error, UsageError | SettingError | UnknownPolicyError | UnknownRuleError):
        return 2
    return int(getattr(error, "exit_code", 3)) if isinstance(error, PaidanError) else 1


def problem_code(error: Exception) -> str:
    """Give the code of the problem (RFC 9457) that an error is; `fault` is one of ours."""
    if isinstance(error, ConflictError):
        return _CONFLICTS.get(error.code, "conflict")
    if isinstance(error, InputError) and error.exit_code == NOT_FOUND:
        return "not_found"
    return next((code for kinds, code in _OF_KINDS.items() if isinstance(error, kinds)), "fault")


_CONFLICTS = {"live.key_taken": "key_taken", "live.order_elsewhere": "elsewhere"}
_OF_KINDS: Mapping[tuple[type[Exception], ...], str] = {
    (StoreUnavailableError,): "unavailable",
    (NotFoundError, UnknownPolicyError, UnknownRuleError): "not_found",
    (UsageError, SettingError, UnstorableError): "invalid",
    (InputError, PolicyError, MappingError): "unprocessable",
    (BrokenError,): "conflict",
}


def sentences(error: BaseException, lang: str) -> Iterator[str]:
    """Say what went wrong, where, and what to do."""
    code = getattr(error, "code", None)
    if isinstance(error, PolicyError | MappingError):
        yield from (_mistake(mistake, lang) for mistake in error.mistakes)
    elif isinstance(error, RejectedRowsError):
        for row in error.rows:
            why = say(row.code, lang, **masked_details(row.details))
            yield say("directory_row", lang, file=row.source, row=row.row, why=why)
    elif isinstance(error, SettingError):
        yield _mistake(error.mistake, lang)
    elif isinstance(error, PaidanError) and type(error) in _OF_RULES:
        yield _OF_RULES[type(error)](error, lang)
    elif isinstance(error, PaidanError) and code in texts():
        yield say(str(code), lang, **masked_details(getattr(error, "details", {})))
    elif isinstance(error, PaidanError):
        yield masked(str(error))
    elif isinstance(error, OSError):
        file = masked(str(error.filename or ""))
        yield say("cli.os_error", lang, file=file, why=error.strerror or masked(str(error)))
    else:
        yield say("cli.fault", lang, kind=type(error).__name__, text=masked(str(error)))
        if os.environ.get("PAIDAN_TRACEBACK"):
            yield masked("".join(traceback.format_exception(error)))


def _unknown_rule(error: Any, lang: str) -> str:
    nearest = say("mistake.nearest", lang, nearest=error.nearest) if error.nearest else ""
    return say("rule_unknown", lang, rule=error.rule, nearest=nearest)


_OF_RULES: Mapping[type[PaidanError], Callable[[Any, str], str]] = {
    UnknownPolicyError: lambda e, lang: say("policy_unknown", lang, name=e.name, known=", ".join(e.known)),
    UnknownRuleError: _unknown_rule,
    CalendarHorizonError: lambda e, lang: say("calendar_horizon", lang, on=e.on, edition=e.edition),
    CalendarRangeError: lambda e, lang: say(
        "calendar_range", lang, on=e.on, first=e.first_on, last=e.last_on
    ),
}


def _mistake(mistake: Mistake, lang: str) -> str:
    place = " ".join(part for part in (mistake.file, mistake.where, mistake.key) if part)
    text = f"{place}: " if place else ""
    text += say(f"mistake.{mistake.code}", lang, value=masked(str(mistake.value)))
    if mistake.allowed:
        text += say("mistake.allowed", lang, allowed=", ".join(mistake.allowed))
    return text + (say("mistake.nearest", lang, nearest=mistake.nearest) if mistake.nearest else "")
