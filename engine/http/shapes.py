"""What is said over HTTP: every answer and body, as OpenAPI describes them. Instants are Beijing time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from paidan.engine.access.tokens import Account, KeptToken, Sight
from paidan.engine.availability import Available
from paidan.engine.inbox import Memo
from paidan.engine.lives import Deadline
from paidan.engine.messages.reasons import event_label, reason, role_label, said_text, state_label
from paidan.engine.outcomes import Outcome, Unmasked
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import workflow_of
from paidan.workflows.records import Entry, Order

Plain = str | int | bool | None | list[Any] | dict[str, Any]
OrderId = Annotated[str, Field(min_length=1, max_length=200, examples=["RX20260302001"])]
Text = Annotated[str, Field(max_length=80)]


class Said(BaseModel):
    """What somebody sends: nothing but what is named here."""

    model_config = ConfigDict(extra="forbid")


class ReasonOut(BaseModel):
    """Why: rule and clause, both empty for what the life of an order forbids, and the sentence."""

    rule: str
    clause: str
    text: str
    refuses: bool


class DeadlineOut(BaseModel):
    """A clock of an order with its verdict as of now (CONTRACT section 3)."""

    order_id: str
    rule: str
    unit: str
    kind: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    verdict: str
    provisional: bool
    policy: str
    clause: str
    verdict_recorded: str | None = None


class OrderOut(BaseModel):
    """An order or a case as it stands; `seq` is its version, also in `ETag`."""

    order_id: str
    workflow: str
    state: str
    state_label: str
    seq: int
    unit: str
    facts: dict[str, Plain]


class OrderPage(BaseModel):
    """Orders in order of id; `next` is the address of those that follow, null at the end."""

    orders: list[OrderOut]
    next: str | None


class EntryOut(BaseModel):
    """An entry of a log; `said` is the same as `attributes`, in words."""

    order_id: str
    seq: int
    event: str
    event_label: str
    from_state: str
    to_state: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    unit: str
    rule: str
    note: str
    attributes: dict[str, Plain]
    said: str = ""
    position: int | None = None
    hash: str | None = None


class EntryPage(BaseModel):
    """Entries in the order in which they were learned; ask again with `after`, also where none came."""

    entries: list[EntryOut]
    after: int


class AvailableOut(BaseModel):
    """Whether an event may be done now, what it must say, until when, whose it is, what stands against it."""

    event: str
    label: str
    allowed: bool
    yours: bool
    needs: list[str]
    until: datetime | None
    rule: str
    roles: list[str]
    reasons: list[ReasonOut]


class CommandIn(Said):
    """A command; who gives it and in which role the token says."""

    event: Annotated[str, Field(min_length=1, max_length=80, examples=["register"])]
    attributes: dict[Annotated[str, Field(max_length=40)], str | bool | int | None] = Field(
        default_factory=dict
    )
    unit: Text = ""
    at: Annotated[str, Field(max_length=40)] = ""
    dry_run: bool = False


class OutcomeOut(BaseModel):
    """What came of a command: the entries it wrote, what was overdue before, what followed in cases."""

    order: OrderOut
    accepted: bool
    again: bool
    dry_run: bool
    entries: list[EntryOut]
    raised: list[EntryOut]
    followed: list[EntryOut]
    findings: list[ReasonOut]
    identity_dropped: dict[str, int]


class ReasonIn(Said):
    """Why somebody asks for the identities of an order, or has them destroyed."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class IdentityOut(BaseModel):
    """What the entry `seq` of an order, or of a case about it, said of a person."""

    order_id: str
    seq: int
    name: str
    value: str


class UnmaskedOut(BaseModel):
    """The identities of an order and its cases, and the entry that says who asked for them."""

    entry: EntryOut
    identities: list[IdentityOut]


class ErasedOut(BaseModel):
    """That the identities are gone; not `scrubbed`: traces may lie in a file until it is asked again."""

    entry: EntryOut
    scrubbed: bool


class MemoOut(BaseModel):
    """Something that was told to a role."""

    number: int
    what: str
    order_id: str
    rule: str
    clause: str
    role: str
    unit: str
    told_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str


class TokenIn(Said):
    """Whom a token is for, in which role, and how many days it is good for."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Annotated[str, Field(min_length=1, max_length=40, examples=["dispatcher"])]
    unit: Text = ""
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenOut(BaseModel):
    """A token without what it is; `token` is given once, when it is issued."""

    number: str
    name: str
    role: str
    unit: str
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str
    token: str | None = None


class SightOut(BaseModel):
    """That somebody looked at an order."""

    order_id: str
    at: datetime
    name: str
    role: str
    unit: str
    what: str


class MeOut(BaseModel):
    """Whose token this is, and what it may do."""

    name: str
    role: str
    unit: str
    rights: list[str]
    events: list[str]


def plain(value: Any) -> Plain:
    """Give a value as JSON has it; instants as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def order_out(order: Order, lang: str) -> OrderOut:
    """Give an order."""
    of = workflow_of(order.order_id)
    return OrderOut(
        order_id=order.order_id, workflow=of.name, state=order.state,
        state_label=state_label(order.state, lang, of), seq=order.seq, unit=order.facts.get("unit") or "",
        facts={name: plain(value) for name, value in order.facts.items()},
    )  # fmt: skip


def entry_out(
    entry: Entry, lang: str, rules: Rulebook | None = None, position: int | None = None, of: str | None = None
) -> EntryOut:
    """Give an entry, in words where its rules are known, with its place and hash where it is chained."""
    return EntryOut(
        **{name: value for name, value in entry._asdict().items() if name != "attributes"},
        event_label=event_label(entry.event, lang),
        attributes={name: plain(value) for name, value in entry.attributes.items()},
        said=said_text(entry.attributes, rules, lang) if rules else "",
        position=position,
        hash=of,
    )


def deadline_out(one: Deadline) -> DeadlineOut:
    """Give a clock."""
    return DeadlineOut(**{name: getattr(one, name) for name in DeadlineOut.model_fields})


def available_out(one: Available, rules: Rulebook, *, yours: bool, lang: str) -> AvailableOut:
    """Say of an event whether it may be done."""
    roles = dict.fromkeys(role for whose in one.whose for role in whose.roles)
    return AvailableOut(
        event=one.event, label=event_label(one.event, lang), allowed=one.allowed, yours=yours,
        needs=list(one.needs), until=one.until, rule=one.limits[0].rule if one.limits else "",
        roles=[role_label(role, lang) for role in roles],
        reasons=[
            ReasonOut(
                rule=found.rule, clause=found.clause, text=reason(found, rules, lang), refuses=found.refuses
            )
            for found in (*one.findings, *one.advice)
        ],
    )  # fmt: skip


def outcome_out(outcome: Outcome, lang: str, *, dry_run: bool) -> OutcomeOut:
    """Say what came of a command."""

    def written(entries: Iterable[Entry]) -> list[EntryOut]:
        return [entry_out(one, lang, outcome.rules) for one in entries]

    return OutcomeOut(
        order=order_out(outcome.order, lang), accepted=outcome.accepted, again=outcome.again,
        dry_run=dry_run, entries=written(outcome.entries), raised=written(outcome.raised),
        followed=written(outcome.followed),
        findings=[ReasonOut(**one._asdict()) for one in outcome.reasons(lang)],
        identity_dropped=dict(outcome.dropped),
    )  # fmt: skip


def identities_out(found: Unmasked) -> list[IdentityOut]:
    """Give the identities of an order, then those of its cases."""
    of = found.outcome.order.order_id
    return [
        IdentityOut(order_id=order_id, seq=one.seq, name=one.name, value=one.value)
        for order_id, identities in ((of, found.identities), *found.beside.items())
        for one in identities
    ]


def memo_out(one: Memo, what: str) -> MemoOut:
    """Give what was told, in words."""
    return MemoOut(
        **{name: getattr(one, name) for name in MemoOut.model_fields if name not in ("what", "clause")},
        what=what, clause=str(one.said.get("clause", "")),
    )  # fmt: skip


def token_out(one: KeptToken, text: str | None = None) -> TokenOut:
    """Give a token, and what it is where it was just issued."""
    return TokenOut(
        **{name: getattr(one, name) for name in TokenOut.model_fields if name != "token"}, token=text
    )


def sight_out(one: Sight) -> SightOut:
    """Give who looked."""
    return SightOut(**{name: getattr(one, name) for name in SightOut.model_fields})


def me_out(account: Account) -> MeOut:
    """Say who is calling."""
    kind = account.kind
    return MeOut(
        name=account.name, role=account.role, unit=account.unit,
        rights=sorted(kind.rights), events=sorted(kind.events),
    )  # fmt: skip
