"""One engine of ours for whatever a database is named by: an address, or an engine of the host's."""

from pathlib import Path

from sqlalchemy import Engine

from paidan.storage.errors import StoreMissingError


def engine_for(url: str | Engine) -> Engine:
    """
    Give an engine of ours on a database that is there, to be disposed of by whoever asked.

    Raises `StoreAddressError` for what names none, `StoreMissingError` where there is no file.
    """
    if not isinstance(url, str):
        from paidan.storage.host import engine_on  # noqa: PLC0415 - most are opened by an address

        return engine_on(url)
    if url.startswith("postgresql"):
        from paidan.storage import postgres  # noqa: PLC0415 - the driver is an extra

        return postgres.engine_of(postgres.address_of(url))
    from paidan.storage import sqlite  # noqa: PLC0415 - one of the two is used

    address = sqlite.address_of(url)
    if not Path(address.database or "").exists():
        raise StoreMissingError("db_missing", url=url)
    return sqlite.engine_of(address)
