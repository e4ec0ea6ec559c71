"""How often somebody may do something, and what came of trying to get in where they may not."""

from collections import OrderedDict
from ipaddress import ip_interface
from math import ceil
from threading import Lock
from time import monotonic

from fastapi import Request

from paidan.engine.access.tokens import Account
from paidan.engine.http.problems import ProblemError, language
from paidan.engine.masking import masked
from paidan.engine.messages import say
from paidan.engine.telemetry import ACCESS_REFUSED, SIGN_IN_FAILED, SIGNED_IN, Journal

_REMEMBERED = 10_000
"""Callers whose pace is remembered; who called longest ago is forgotten first."""
_TRIES, _TRIES_AT_ONCE = 1.0, 20
"""Failed sign-ins of one address: so many a second over time, and at once."""
_SIGN_INS, _SIGN_INS_AT_ONCE = 1 / 60, 10
"""Sign-ins to the console with one token: each is kept for days."""
_LINES, _LINES_AT_ONCE = 1.0, 100
"""Lines about all of them in the log: some 15 MB a day where somebody tries without end."""
_NETWORK = 64
"""Bits of an address of version 6 that somebody has to himself."""


class Pace:
    """At most so many a second of one caller, and so many at once; nothing is counted at 0."""

    def __init__(self, rate: float, most: float) -> None:
        self.rate = rate
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._turn = Lock()

    def wait(self, caller: str, *, counted: bool = True) -> float:
        """Count one of a caller, or give the seconds after which there is room for it."""
        if not self.rate:
            return 0.0
        now, most = monotonic(), self._most
        with self._turn:
            left, since = self._left.pop(caller, (most, now))
            left = min(most, left + (now - since) * self.rate)
            enough = left >= 1
            self._left[caller] = (left - (enough and counted), now)
            if len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
        return 0.0 if enough else (1 - left) / self.rate


class Tries:
    """Tells who got in and who did not; an address that failed too often is held off for a while."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._failed = Pace(_TRIES, _TRIES_AT_ONCE)
        self._entered = Pace(_SIGN_INS, _SIGN_INS_AT_ONCE)
        self._lines = Pace(_LINES, _LINES_AT_ONCE)
        self._untold = 0

    def check(self, request: Request) -> None:
        """Raise `ProblemError` for an address that failed too often."""
        if seconds := self._failed.wait(_network(request), counted=False):
            self._tell(SIGN_IN_FAILED, why="held_off", address=address(request), token="")
            raise too_many(seconds, "http.held_off", language(request))

    def failed(self, request: Request, why: str, token: str = "") -> None:
        """Count and tell that somebody did not get in; `token` is the number of theirs, if it has one."""
        self._failed.wait(_network(request))
        self._tell(SIGN_IN_FAILED, why=why, address=address(request), token=token)

    def signed_in(self, request: Request, account: Account, *, wall: bool) -> None:
        """Tell that somebody signs in to the console; raises `ProblemError` for one who does so too often."""
        if seconds := self._entered.wait(account.token):
            raise too_many(seconds, "http.sign_ins", language(request))
        told = {"token": account.token, "role": account.role, "wall": wall}
        self._journal.tell(SIGNED_IN, address=address(request), **told)

    def refused(self, request: Request, account: Account, right: str) -> None:
        """Tell that an account asked for what it has no right to."""
        told = {"token": account.token, "role": account.role, "right": right}
        path = masked(request.url.path)[:200]
        self._tell(ACCESS_REFUSED, address=address(request), path=path, **told)

    def _tell(self, event: str, **told: str) -> None:
        if self._lines.wait(""):
            self._untold += 1
            self._journal.count(event, **told, untold=0)
        else:
            untold, self._untold = self._untold, 0
            self._journal.tell(event, **told, untold=untold)


def too_many(seconds: float, code: str, lang: str, **details: str) -> ProblemError:
    """Give the problem of somebody who is to wait for so many seconds."""
    wait = str(max(1, ceil(seconds)))
    return ProblemError("too_many", say(code, lang, seconds=wait, **details), {"Retry-After": wait})


def address(request: Request) -> str:
    """Give the address of whoever asks: that of their machine, or what a proxy on ours says it is."""
    return request.client.host if request.client else ""


def _network(request: Request) -> str:
    host = address(request)
    if ":" not in host:
        return host
    try:
        return str(ip_interface(f"{host}/{_NETWORK}").network)
    except ValueError:
        return host
