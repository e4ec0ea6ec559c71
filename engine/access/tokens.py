"""
Accounts by token: issued once, kept as a digest, ended by time or by hand.

A token is `pd_NUMBER_SECRET` with 256 random bits, so one SHA-256 of it is enough at rest: nobody guesses
what it was of. Its number, eight digits drawn by chance, names it without giving it away. Who lost a token
gets another; the old one is ended.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from time import monotonic
from typing import NamedTuple

from paidan.engine.access.roles import KIND_OF, Kind, Right, account_role
from paidan.engine.clock import Clock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.storage.port import KeptToken, Sight, SightPlace, Store, Transaction
from paidan.workflows.attributes import ROLES, UNIT_ROLES
from paidan.workflows.records import BEIJING

__all__ = ("Account", "Accounts", "Issued", "KeptToken", "Sight", "SightPlace")

DAYS = 90
"""How long a token is good for where nobody says."""
DAYS_MOST = 366
_TOKEN = re.compile(r"pd_[0-9]{8}_[A-Za-z0-9_-]{43}")
_NAME_MOST = 80
_REMEMBERED_SECONDS = 1.0
"""For so long another process that ended a token may not be heard; in one process it ends at once."""
_REMEMBERED_MOST = 10_000
_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=BEIJING) for year in (1970, 9000))
"""Times between which everything was looked at."""


class Account(NamedTuple):
    """Who is calling: the name that goes into the log, the role acted in, the unit where the role has one."""

    name: str
    role: str
    unit: str
    token: str
    """the number of the token"""

    @property
    def kind(self) -> Kind:
        """What the role may do."""
        return KIND_OF[self.role]

    @property
    def log_role(self) -> str:
        """The role to name in a log, empty for one that never acts on an order."""
        return self.role if self.role in ROLES else ""

    def may(self, right: Right) -> bool:
        """Whether the account has a right."""
        return right in self.kind.rights


class Issued(NamedTuple):
    """A new token: what to hand over, once, and what is kept of it."""

    text: str
    kept: KeptToken


class Tried(NamedTuple):
    """What came of a token: whose it is, or `why` it is nobody's: `unknown`, `ended` or `expired`."""

    account: Account | None
    why: str = ""
    number: str = ""
    """that of the token, where there is one"""


class Accounts:
    """The tokens of a store, and who looked at which order."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._remembered: dict[str, tuple[KeptToken, float]] = {}

    def issue(self, name: str, role: str, unit: str = "", *, by: str, days: int = DAYS) -> Issued:
        """Issue a token; raises `UsageError` for a name, role, unit or term that makes no sense."""
        known = account_role(role.strip())
        if not known:
            raise UsageError("access.role_unknown", role=role, allowed=", ".join(sorted(KIND_OF)))
        if not 0 < len(name.strip()) <= _NAME_MOST or not by.strip():
            raise UsageError("access.name", most=_NAME_MOST)
        if (known in UNIT_ROLES) != bool(unit.strip()):
            raise UsageError(
                "access.unit_missing" if known in UNIT_ROLES else "access.unit_given", role=known
            )
        if not 0 < days <= DAYS_MOST:
            raise UsageError("access.days", days=days, most=DAYS_MOST)
        now = self._clock.now()
        number = f"{secrets.randbelow(10**8):08}"
        text = f"pd_{number}_{urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b'=').decode()}"
        token = KeptToken(
            number, _digest(text), name.strip(), known, unit.strip(), now, by.strip(),
            now + timedelta(days=days),
        )  # fmt: skip
        self._store.write(lambda transaction: transaction.keep_token(token))
        return Issued(text, token)

    def end(self, number: str, *, by: str) -> KeptToken:
        """End a token now; one that has ended stays as it is. Raises `NotFoundError`, `UsageError`."""
        if not by.strip():
            raise UsageError("access.name", most=_NAME_MOST)

        def ended(transaction: Transaction) -> KeptToken:
            token = transaction.token(number)
            if token is None:
                raise NotFoundError("access.no_token", number=number)
            if token.ended_at is None:
                token = token._replace(ended_at=self._clock.now(), ended_by=by.strip())
                transaction.end_token(token)
            return token

        done = self._store.write(ended)
        self._remembered.pop(done.digest, None)
        return done

    def all(self) -> tuple[KeptToken, ...]:
        """Give every token that was ever issued, in order of number."""
        return self._store.tokens()

    def whose(self, text: str) -> Account | None:
        """Say whose token that is, or None for one that is unknown, ended or past its time."""
        return self.tried(text).account

    def tried(self, text: str) -> Tried:
        """Say whose token that is, or why it is nobody's."""
        if not _TOKEN.fullmatch(text):
            return Tried(None, "unknown")
        number = text.split("_", 2)[1]
        token = self._store.token(number)
        if token is None or not secrets.compare_digest(token.digest, _digest(text)):
            return Tried(None, "unknown", number if token else "")
        found = self._standing(token)
        if found.account is None:
            self._remembered.pop(token.digest, None)
        else:
            while len(self._remembered) >= _REMEMBERED_MOST:
                self._remembered.pop(next(iter(self._remembered)), None)
            self._remembered[token.digest] = token, monotonic() + _REMEMBERED_SECONDS
        return found

    def numbered(self, number: str) -> Tried:
        """Say whose token has a number, or why it is nobody's."""
        token = self._store.token(number)
        return Tried(None, "unknown") if token is None else self._standing(token)

    def remembered(self, text: str) -> Account | None:
        """Say at once whose token that is, if it was asked for within the last second; else ask `tried`."""
        token, until = self._met(text)
        return None if token is None or monotonic() > until else self._standing(token).account

    def met(self, text: str) -> bool:
        """Whether a token was good when this process last saw it."""
        return self._met(text)[0] is not None

    def _met(self, text: str) -> tuple[KeptToken | None, float]:
        nothing = (None, 0.0)
        return self._remembered.get(_digest(text), nothing) if _TOKEN.fullmatch(text) else nothing

    def _standing(self, token: KeptToken) -> Tried:
        if token.ended_at is not None:
            return Tried(None, "ended", token.number)
        if self._clock.now() >= token.expires_at:
            return Tried(None, "expired", token.number)
        return Tried(Account(token.name, token.role, token.unit, token.number), "", token.number)

    def saw(self, account: Account, order_ids: Iterable[str], what: str) -> None:
        """Write down who looked at orders, and at what of them, before it is shown."""
        now = self._clock.now()
        sights = [
            Sight(one, now, account.name, account.role, account.unit, account.token, what)
            for one in order_ids
        ]
        self._store.write(lambda transaction: transaction.keep_sights(sights))

    def sights(
        self,
        order_id: str = "",
        name: str = "",
        most: int = 100,
        *,
        day: date | None = None,
        before: SightPlace | None = None,
    ) -> tuple[Sight, ...]:
        """
        Give who looked at an order, or at what somebody looked, the latest first, at most so many.

        Those of a day alone where one is named, and those that stand before a place (`Sight.place`).
        """
        since, last = _FIRST, (_LAST, 0)
        if day is not None:
            since = datetime.combine(day, time.min, BEIJING)
            last = (since + timedelta(days=1), 0)
        return self._store.sights(order_id, name, since, min(before or last, last), most)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
