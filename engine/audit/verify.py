"""
Whether a store is what was written into it: every chain, every fold, every seal.

Nothing that lies in the store is trusted, and nothing in it stops the reading: what is wrong becomes a
`Fault`, whoever wrote it and whatever it is.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from paidan.engine.audit.keys import Checker, checker, signer
from paidan.engine.audit.seals import Seal, SealFile, Tally, notices_digest, read_seals, store_digest
from paidan.engine.progress import counted
from paidan.storage.chain import FIRST
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import Examined, Fold, Kept, Store
from paidan.workflows.errors import PaidanError


@dataclass(frozen=True, slots=True)
class Fault:
    """
    Something that does not hold. `what` names a sentence of `engine.messages` (`audit.fault.…`).

    `position` and `seq` are those of an entry, where it is one; `seal` the number of a seal, `detail` what
    can be said besides.
    """

    what: str
    order_id: str = ""
    seq: int = 0
    position: int = 0
    seal: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """
    What was found: how much there is, and what of it does not hold, of each order the first entry.

    `unsealed` are the entries after the last seal, of which nothing is proven but that they follow.
    """

    entries: int
    orders: int
    faults: tuple[Fault, ...]
    seals: int = 0
    last: Seal | None = None
    unsealed: int = 0

    @property
    def holds(self) -> bool:
        """Whether there is nothing wrong."""
        return not self.faults

    @property
    def first(self) -> Fault | None:
        """Give the bad entry that was written first of all, as far as positions can be believed."""
        bad = [fault for fault in self.faults if fault.what in ENTRY_FAULTS]
        return min(bad, key=lambda fault: fault.position, default=None)


ENTRY_FAULTS = ("hash", "gap", "unreadable")


def verify(
    store: Store,
    fold: Callable[[], Fold],
    seals: Path | None = None,
    checker: Checker | None = None,
    *,
    told: Callable[[int], object] = lambda _: None,
) -> Verified:
    """
    Hold a store against its chain, against what its log folds to, and against the seals in a folder.

    `fold` is asked once, for what a log makes of an order; that it cannot be given is a fault too. `told`
    is given the number of entries that are done, order by order.
    Raises `InputError` where there is no such folder.
    """
    found = read_seals(seals) if seals is not None else []
    faults: list[Fault] = []
    entries = orders = 0
    folded = _fold(fold, faults)
    for one in counted(store.examined(), "verifying", store.settled, lambda one: one.length):
        entries += one.length
        orders += bool(one.length)
        faults += _of_order(one, folded)
        told(entries)
    last = None
    if seals is not None and checker is not None:
        sealed, of_seals = _sound(store, found, checker)
        faults += of_seals
        faults += _of_log(store, sealed)
        last = sealed[-1] if sealed else None
    return Verified(
        entries, orders, tuple(faults), len(found), last, entries - last.entries if last else entries
    )


def _fold(fold: Callable[[], Fold], faults: list[Fault]) -> Fold | None:
    try:
        return fold()
    except StoreUnavailableError:  # the world's trouble is no fault of the log
        raise
    except (PaidanError, ValueError, TypeError, LookupError, AttributeError) as error:
        faults.append(Fault("rules", detail=str(error)))
        return None


def _of_order(one: Examined, fold: Fold | None) -> Iterator[Fault]:
    if one.broken is not None:
        position, _, seq, what = one.broken
        yield Fault(what, str(one.order_id), seq, position)
    elif not one.length:
        yield Fault("stray", str(one.order_id))
    elif one.kept is None:
        yield Fault("unfolded", str(one.order_id))
    elif one.kept.head != one.head:
        yield Fault("head", str(one.order_id), one.length)
    elif fold is not None and (differing := _differing(one, one.kept, fold)):
        yield Fault("fold", one.order_id, one.length, detail=differing)


def _differing(one: Examined, kept: Kept, fold: Fold) -> str:
    """Name what of a folded order is not what its log makes of it."""
    try:
        anew = fold(one.order_id, one.entries)
    except Exception as error:  # noqa: BLE001 - an entry may say anything once its hashes were counted anew
        return f"{type(error).__name__}: {error}"
    names = [name for name in kept.order._fields if getattr(kept.order, name) != getattr(anew.order, name)]
    names += [
        name for name in kept._fields[1:] if name != "head" and getattr(kept, name) != getattr(anew, name)
    ]
    return ", ".join(names)


def _sound(store: Store, found: list[SealFile], checker: Checker) -> tuple[list[Seal], list[Fault]]:
    """Give the seals that hold by themselves, and what is wrong with the others or between them."""
    faults: list[Fault] = []
    sealed: list[Seal] = []
    if not found:
        faults.append(Fault("no_seals"))
    for path, seal in found:
        if seal is None:
            faults.append(Fault("seal_unreadable", detail=path.name))
        elif not checker.holds(seal.signed(), seal.signature):
            faults.append(Fault("signature", seal=seal.number, detail=path.name))
        else:
            before = sealed[-1] if sealed else None
            if seal.number != (before.number + 1 if before else 1):
                faults.append(Fault("seal_missing", seal=seal.number, detail=path.name))
            elif seal.previous != (before.digest() if before else FIRST):
                faults.append(Fault("seal_order", seal=seal.number, detail=path.name))
            sealed.append(seal)
    faults += _of_store(store, sealed)
    return sealed, faults


def _of_store(store: Store, sealed: list[Seal]) -> Iterator[Fault]:
    """Hold what the store was made with, and its notices, against the seals; tell the first that differs."""
    made_with = store_digest(store)
    try:
        notices = store.notices()
        digests = [notices_digest(notices[:count]) for count in range(len(notices) + 1)]
    except (ValueError, TypeError, PaidanError):
        digests = []
    checks: tuple[tuple[str, Callable[[Seal], bool]], ...] = (
        ("store_id", lambda one: one.store_id == store.store_id),
        ("store", lambda one: one.store == made_with),
        ("notices", lambda one: one.notices < len(digests) and digests[one.notices] == one.notices_head),
    )
    for what, holds in checks:
        for one in sealed:
            if not holds(one):
                yield Fault(what, seal=one.number)
                break


def _of_log(store: Store, sealed: list[Seal]) -> Iterator[Fault]:
    """Hold the log against the seals; the first that differs is told, since all after it do."""
    tally = Tally()
    links = store.links(max((one.position for one in sealed), default=0))
    for one in sorted(sealed, key=lambda one: (one.entries, one.number)):
        with suppress(ValueError, TypeError, ArithmeticError, AttributeError):  # what is no hash, no position
            for link in islice(links, one.entries - tally.entries):
                tally.take(link)
        if not tally.agrees(one):
            yield Fault("sealed_log", seal=one.number, detail=one.sealed_at)
            return


def verify_by(
    store: Store,
    fold: Callable[[], Fold],
    seals: Path | str | None,
    public: Path | str | None,
    key: bytes | Path | str | None,
) -> Verified:
    """Verify as `verify` does, the seals by the public key in a file, or else by the master key."""
    if seals is None:
        return verify(store, fold)
    return verify(store, fold, Path(seals), signer(key).checker if public is None else checker(public))
