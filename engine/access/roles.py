"""
The roles an account may have, and what each may do; what is not said here nobody may.

An account acts in one role. Those of the log (`workflows.attributes.ROLES`) fall into a few kinds; four more
never act on an order: who scores, who audits, who runs the system, who grants access. The last three are
apart, as GB/T 22239 level 3 asks of 系统管理员, 安全管理员 and 审计管理员.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from paidan.workflows.attributes import ROLES, UNIT_ROLES
from paidan.workflows.cases import CASES, OF_CASES
from paidan.workflows.work_order import WORK_ORDER


class Right(StrEnum):
    """Something that can be done with the engine from outside, as far as access tells it apart."""

    READ_ORDERS = "orders.read"
    """orders, cases, their histories and deadlines; of one's own unit alone where the kind says so"""
    SUBMIT = "orders.submit"
    UNMASK = "identities.unmask"
    ERASE = "identities.erase"
    READ_INBOX = "inbox.read"
    READ_SCORES = "scores.read"
    READ_RULES = "rules.read"
    """documents, calendar and directory without contacts; due times of facts that anyone may think up"""
    READ_LOG = "log.read"
    """the feed of all entries"""
    IMPORT = "log.import"
    EXPORT = "log.export"
    LOAD_CALENDAR = "calendar.load"
    FILE_DIRECTORY = "directory.file"
    AUDIT = "audit.read"
    """the chain, corrections, and who looked at what"""
    GRANT = "access.grant"
    RUN = "system.read"
    """the state of the machine: doctor, metrics"""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What the roles of one kind have in common.

    `events` are those of orders and cases they may submit; a rule that names the role for another adds it.
    `own_unit`: nothing of an order that is not, and never was, with their unit.
    """

    zh: str
    en: str
    rights: frozenset[Right]
    events: frozenset[str] = frozenset()
    own_unit: bool = False


def _rights(*rights: Right) -> frozenset[Right]:
    return frozenset((Right.READ_RULES, *rights))


_ORDINARY = (Right.READ_ORDERS, Right.SUBMIT, Right.READ_INBOX)
_OF_UNIT = frozenset((
    "accept", "contact", "request_return", "request_extension", "resolve", "submit_plan", "deep_talk",
    "request_exclusion", "file_dispute", "supervision_reply", "sign", "flag_risk", "note",
))  # fmt: skip
_BY_ANYONE = frozenset(one.name for one in WORK_ORDER.events if not (one.by_engine or one.apart))
_OF_CENTRE = _BY_ANYONE - {"accept", "request_return", "request_extension", "submit_plan", "deep_talk"}
_IN_CASES = frozenset(
    event.name
    for one in CASES.values()
    for event in one.events
    if event.name in OF_CASES and not event.by_engine
)
_OF_LEADER = frozenset((
    "approve_return", "refuse_return", "approve_extension", "refuse_extension", "approve_exclusion",
    "refuse_exclusion", "sign", "supervise", "urge", "rule_overdue", "close", "note",
))  # fmt: skip

CENTRE = Kind(
    "城运中心",
    "Centre",
    _rights(*_ORDINARY, Right.UNMASK, Right.READ_SCORES, Right.IMPORT, Right.EXPORT),
    _OF_CENTRE,
)
HEAD = Kind(
    "城运中心负责人", "Head of the centre",
    CENTRE.rights | {Right.READ_LOG, Right.FILE_DIRECTORY}, _OF_CENTRE | _IN_CASES,
)  # fmt: skip
OFFICE = Kind(
    "热线办", "Hotline office",
    HEAD.rights | {Right.ERASE, Right.LOAD_CALENDAR}, _OF_CENTRE | _IN_CASES,
)  # fmt: skip
UNIT = Kind("承办单位", "Handling unit", _rights(*_ORDINARY, Right.UNMASK), _OF_UNIT, own_unit=True)
LEADER = Kind("分管与主要领导", "Leaders", _rights(*_ORDINARY, Right.READ_SCORES), _OF_LEADER | _IN_CASES)
CALLER = Kind("回访与监督", "Callbacks and supervision", _rights(*_ORDINARY), frozenset(("revisit", "note")))
SCORER = Kind(
    "考核", "Scoring", _rights(Right.READ_ORDERS, Right.READ_INBOX, Right.READ_SCORES, Right.EXPORT)
)
AUDITOR = Kind(
    "审计", "Audit",
    _rights(Right.READ_ORDERS, Right.READ_SCORES, Right.READ_LOG, Right.EXPORT, Right.AUDIT),
)  # fmt: skip
SYSTEM = Kind("系统管理", "System administration", _rights(Right.RUN, Right.LOAD_CALENDAR))
SECURITY = Kind("安全管理", "Security administration", _rights(Right.GRANT, Right.AUDIT))

APART: Mapping[str, str] = {
    "scorer": "考核员",
    "auditor": "审计员",
    "system_administrator": "系统管理员",
    "security_administrator": "安全管理员",
}
"""Roles of accounts that never act on an order, with their labels."""

_KINDS: Mapping[Kind, tuple[str, ...]] = {
    CENTRE: ("dispatcher", "hotline_centre"),
    HEAD: ("centre_head",),
    OFFICE: ("hotline_office", "district_office", "city_office", "licensing_section", "mayor_platform"),
    UNIT: tuple(sorted(UNIT_ROLES)),
    LEADER: (
        "party_branch_leader", "hotline_branch_leader", "business_branch_leader", "main_leader",
        "administrative_head", "discipline_secretary", "organisation_head", "organisation_vice_head",
        "government_office_head", "district_leader", "party_government_office", "leading_group",
    ),
    CALLER: ("supervisor", "third_party_caller"),
    SCORER: ("scorer", "working_group"),
    AUDITOR: ("auditor",),
    SYSTEM: ("system_administrator",),
    SECURITY: ("security_administrator",),
}  # fmt: skip
KIND_OF: Mapping[str, Kind] = {role: kind for kind, roles in _KINDS.items() for role in roles}
"""The kind of every role an account may have."""


def account_role(name: str) -> str:
    """Read a role of accounts by identifier or Chinese label, or give nothing where there is none."""
    labels = {zh: role for role, zh in (*ROLES.items(), *APART.items())}
    role = labels.get(name, name)
    return role if role in KIND_OF else ""


def role_named(role: str, lang: str = "zh") -> str:
    """Give the label of a role of accounts."""
    return {**ROLES, **APART}.get(role, role) if lang == "zh" else role
