"""A server of live orders on a socket of its own, and clients with tokens for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx
import uvicorn

from paidan.engine import Engine
from paidan.engine.http.application import application
from paidan.workflows.attributes import UNIT_ROLES


class Served:
    """An engine that is served: `client` gives somebody who calls, with a token for a role."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        self.url = url
        self._clients: list[httpx.Client] = []

    def client(self, role: str = "", unit: str = "", name: str = "王二", **headers: str) -> httpx.Client:
        if role:
            unit = unit or ("甲科" if role in UNIT_ROLES else "")
            issued = self.engine.accounts.issue(name, role, unit, by="测试")
            headers["Authorization"] = f"Bearer {issued.text}"
        made = httpx.Client(
            base_url=self.url, headers={"Accept-Language": "zh-CN", **headers}, trust_env=False
        )
        self._clients.append(made)
        return made

    def signed_in(self, token: str, **how: Any) -> dict[str, str]:
        """Give the cookie of whoever signed in with a token."""
        account = self.engine.accounts.whose(token)
        assert account is not None
        return {"paidan": self.engine.sessions.begin(account, **how)}

    def close(self) -> None:
        for one in self._clients:
            one.close()


@contextmanager
def served(engine: Engine, **said: Any) -> Iterator[Served]:
    """Serve an engine until the block ends; the caller closes it."""
    config = uvicorn.Config(application(engine, **said), port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + 20
    while not server.started and thread.is_alive() and monotonic() < until:
        sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = Served(engine, f"http://127.0.0.1:{port}")
    try:
        yield made
    finally:
        made.close()
        server.should_exit = True
        thread.join(20)
