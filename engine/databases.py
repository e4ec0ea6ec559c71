"""One question to a database, asked and answered whole: opened for it, and let go of."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from paidan.engine.app import FIRST_POLICY, Engine, books_of
from paidan.engine.clock import SystemClock
from paidan.engine.governing import Governing
from paidan.policies.registry import document
from paidan.policies.rulebook import Rulebook
from paidan.storage import migrate_store, open_store
from paidan.storage.port import Fold
from paidan.workflows.records import Entry

if TYPE_CHECKING:
    from sqlalchemy import Engine as HostEngine

    from paidan.engine.audit.verify import Verified
    from paidan.engine.scoring import Run
    from paidan.engine.seen_cases import SeenCase
    from paidan.engine.talks import ToEnter


def run_of_database(
    url: str, units: Path | None = None, adjustments: Path | None = None, *, as_of: datetime | None = None
) -> "Run":
    """
    Give the live orders of a database as a run to score, as of now or as they were known at a time.

    The roster and what was entered by hand are not kept with the orders: give their files.
    """
    from paidan.engine.scoring.run import Run, input_of  # noqa: PLC0415 - who asks otherwise loads it not

    with Engine.open(url, None, units=units, log_only=True) as engine:
        books = engine.books
        return Run(
            document=books.document, settings=books.chosen, as_of=as_of or engine.now(),
            records=engine.records(as_of), roster=books.roster, adjustments=adjustments,
            calendar=books.latest.calendar.edition,
            inputs=tuple(input_of(one) for one in (units, adjustments) if one is not None),
        )  # fmt: skip


def verify_database(
    url: str, seals: Path | None = None, public: Path | None = None, units: Path | None = None
) -> "Verified":
    """
    Verify a database as `Engine.verify` does, whatever has been done to it.

    The roster is not kept with the orders: where they were run with one, give its file.
    """
    from paidan.engine.audit.verify import verify_by  # noqa: PLC0415 - as above

    store = open_store(url, FIRST_POLICY, create=False)
    try:

        def fold() -> Fold:
            books = books_of(store, document(store.policy), units)
            return Governing(store, books, SystemClock()).fold()

        return verify_by(store, fold, seals, public, None)
    finally:
        store.close()


def public_key() -> str:
    """Give the public key of the master key that the environment names, in PEM."""
    from paidan.engine.audit.keys import signer  # noqa: PLC0415 - it brings what signs

    return signer(None).checker.text()


def hashes_of_database(url: str, order_id: str) -> list[str]:
    """Give the hash of each entry of a live order."""
    with Engine.open(url, None, log_only=True) as engine:
        return [one.hash for one in engine.linked(order_id)]


def log_of_database(url: str, order_id: str) -> tuple[list[Entry], Rulebook, datetime]:
    """Give the log of a live order, what governs it, and the present time."""
    with Engine.open(url, None, log_only=True) as engine:
        return list(engine.history(order_id)), engine.rules(order_id), engine.now()


def cases_of_database(url: str, about: str = "") -> "list[SeenCase]":
    """Give the cases about an order or a unit, or all there are."""
    from paidan.engine.seen_cases import seen  # noqa: PLC0415 - as above

    with Engine.open(url, None, log_only=True) as engine:
        cases = [case.order_id for case in engine.cases(about)]
        return list(seen((engine.history(one), engine.rules(one)) for one in cases))


def to_enter_of_database(url: str, adjustments: Path | None = None) -> "list[ToEnter]":
    """
    Give what the talks held call for, as rows of the adjustments file, in order of case.

    What the file `adjustments` holds already, of the same unit, day and code, is left out. Raises
    `InputError` where it is none.
    """
    from paidan.engine.talks import entered_in, to_enter  # noqa: PLC0415 - as above

    with Engine.open(url, None, log_only=True) as engine:
        cases = [case.order_id for case in engine.cases("", "talk")]
        rows = [row for one in cases for row in to_enter(engine.history(one), engine.rules(one))]
        there = entered_in(adjustments, engine.books) if adjustments else ()
        return [row for row in rows if (row.unit, row.at, row.code) not in there]


def migrate_database(url: "str | HostEngine") -> tuple[int, int]:
    """Bring an older database to this version; gives the version it was of and the one it is of now."""
    found, now = migrate_store(url)
    return found, now
