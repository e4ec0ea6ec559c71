"""
Who may say live that something happened at another time than now, or that the log is mistaken, and how.

A replay trusts its log: what stands there was let in when it was written.
"""

from datetime import datetime

from paidan.engine.corrections import CORRECT, correction
from paidan.engine.intake.commands import Asked
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ROLES
from paidan.workflows.records import Finding, Order

SETTING = "late.permission"
_PERMITTED: dict[str, tuple[str, ...]] = {
    "offices": (
        "centre_head", "hotline_office", "district_office", "city_office", "hotline_centre",
        "licensing_section", "leading_group",
    ),
    "any_role": tuple(ROLES),
    "nobody": (),
}  # fmt: skip


def permitted(rules: Rulebook) -> tuple[str, ...]:
    """Name the roles that may back-date and correct under these rules."""
    return _PERMITTED[rules.policy.settings[SETTING]]


def not_let_in(
    asked: Asked, now: datetime, order: Order, rules: Rulebook, books: Books
) -> tuple[Finding, ...]:
    """
    Say why a command about the past is refused, with each point; nothing where it is let in, or is of now.

    `order` is as the command would find it, under `rules` of `books`.
    """
    at = now if asked.at is None else asked.at
    late = at != now
    if asked.event == CORRECT and late:
        return (Finding("correction_not_now", details={"at": at, "now": now}),)
    if at > now:
        return (Finding("at_future", details={"at": at, "now": now}),)
    if "backdated" in asked.attributes and not late:
        return (Finding("backdated_now", details={"now": now}),)
    if not late and asked.event != CORRECT:
        return ()
    findings: list[Finding] = []
    if late and not asked.attributes.get("backdated"):
        findings.append(Finding("backdated_unsaid", details={"at": at, "now": now}))
    roles = permitted(rules)
    if asked.role not in roles:
        code = "not_permitted" if roles else "not_permitted_at_all"
        findings.append(Finding(code, details={"event": asked.event, "roles": roles, "role": asked.role}))
    received_at = order.facts.get("received_at")
    if received_at is not None and at < received_at:
        findings.append(Finding("at_before_receipt", details={"at": at, "received": received_at}))
    return tuple(findings) or _under_others(asked, rules, books)


def _under_others(asked: Asked, rules: Rulebook, books: Books) -> tuple[Finding, ...]:
    """Refuse a time of receipt that another version of the rules governs: all was decided under this one."""
    one = correction(asked.attributes)
    if (asked.event, one.entry, one.field) != (CORRECT, 1, "at") or one.after is None:
        return ()
    version = books.governing(one.after.date())[0].policy.version
    if version == rules.policy.version:
        return ()
    return (Finding("correction_version", details={"version": rules.policy.version, "other": version}),)
