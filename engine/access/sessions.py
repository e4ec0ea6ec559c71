"""
Who is signed in: begun with a token, ended by hand, by doing nothing for a while, and after half a day.

What the browser holds is 256 random bits of their own and not the token, so that it is worth nothing once
the session is over. Sessions are kept in the store: every process knows of them, and of their end.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from paidan.engine.access.tokens import Account, Accounts
from paidan.engine.clock import Clock
from paidan.storage.port import KeptSession, Store, Transaction

IDLE = timedelta(minutes=30)
"""How long somebody may do nothing, where nobody says."""
LONGEST = timedelta(hours=12)
"""How long a session lasts, whatever is done in it; one for a wall as long as its token."""
_NOTED = timedelta(seconds=10)
"""That somebody did something is not written down again before that."""
_TOLD = timedelta(days=7)
"""So long it is known why a session is over, and so long one may do nothing at most."""
_BYTES = 32


class SignedIn(NamedTuple):
    """Who is signed in, or `why` nobody is: `unknown`, `idle`, `over`, or why their token is nobody's."""

    account: Account | None
    why: str = ""
    wall: bool = False


class Sessions:
    """Those who are signed in at a store."""

    def __init__(self, store: Store, clock: Clock, accounts: Accounts) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts

    def begin(self, account: Account, *, wall: bool = False) -> str:
        """Sign somebody in, and give what their browser is to hold; for a `wall`, to look on only."""
        text, now = secrets.token_urlsafe(_BYTES), self._clock.now()
        session = KeptSession(_digest(text), account.token, now, now, wall)

        def begun(transaction: Transaction) -> None:
            transaction.end_sessions(now - _TOLD)
            transaction.keep_session(session)

        self._store.write(begun)
        return text

    def whose(self, text: str, *, idle: timedelta, active: bool) -> SignedIn:
        """
        Say who is signed in by what a browser holds, unless they did nothing for as long as `idle`.

        That they do something is noted where they are `active`. A screen on a wall is active as long as it
        asks for anything.
        """
        session = self._store.session(_digest(text))
        if session is None:
            return SignedIn(None, "unknown")
        now = self._clock.now()
        if now - session.seen_at >= idle:
            return SignedIn(None, "idle")
        if not session.wall and now - session.began_at >= LONGEST:
            return SignedIn(None, "over")
        found = self._accounts.numbered(session.token)
        if found.account is not None and (active or session.wall) and now - session.seen_at >= _NOTED:
            self._store.write(lambda transaction: transaction.see_session(session.digest, now))
        return SignedIn(found.account, found.why, session.wall)

    def end(self, text: str) -> None:
        """Sign out whoever's browser holds that, if anybody's does."""
        self._store.write(lambda transaction: transaction.end_session(_digest(text)))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
