"""
Commands a second over HTTP: `serve` in a process of its own, clients in another, every command durable.

Each client walks orders through a life of eight commands on a connection that it keeps, as the role that the
command belongs to, and waits for each answer. Beside it the same with two servers on one PostgreSQL.
"""

import argparse
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))
import run_engine  # noqa: E402, F401 - binds the checkout as paidan

from paidan.engine import Engine  # noqa: E402

CENTRE, UNIT = "dispatcher", "handling_unit"
LIFE = (
    (CENTRE, {"event": "receive", "attributes": {"case_type": "help"}}),
    (CENTRE, {"event": "register", "attributes": {"category": "dispatched"}}),
    (CENTRE, {"event": "dispatch", "unit": "甲科"}),
    (UNIT, {"event": "accept"}),
    (UNIT, {"event": "contact", "attributes": {"evidence": "录音"}}),
    (UNIT, {"event": "resolve", "attributes": {"outcome": "resolved"}}),
    (CENTRE, {"event": "revisit", "attributes": {"result": "effective", "satisfaction": "satisfied"}}),
    (CENTRE, {"event": "close", "attributes": {"finding": "founded"}}),
)


def main() -> None:
    """Run the servers, load them, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", help="a new store; a file in a temporary folder otherwise")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--servers", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paidan-serve-") as folder:
        url = asked.url or f"sqlite:///{folder}/orders.db"
        with Engine.open(url, "JY") as engine:
            tokens = {
                role: engine.accounts.issue("压测", role, "甲科" if role == UNIT else "", by="压测").text
                for role in (CENTRE, UNIT)
            }
        with serving(url, asked.servers) as ports:
            took = load(ports, tokens, asked.clients, asked.seconds)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (used.ru_utime + used.ru_stime) * 1000
    print(
        f"{asked.servers} server(s), {asked.clients} clients, {asked.seconds:.0f} s, {os.cpu_count()} cores"
    )
    cuts = statistics.quantiles(took, n=100)
    print(
        f"{len(took) / asked.seconds:.0f} commands/s; milliseconds p50 {cuts[49] * 1000:.1f}, "
        f"p95 {cuts[94] * 1000:.1f}, p99 {cuts[98] * 1000:.1f}, longest {max(took) * 1000:.0f}; "
        f"the servers' processor, start and all, {busy / len(took):.2f} ms a command"
    )


@contextmanager
def serving(url: str, count: int) -> Iterator[list[int]]:
    """Run so many servers on one store, and give their ports."""
    running = [
        subprocess.Popen(
            [sys.executable, "run_engine.py", "serve", "--db", url, "--port", "0", "--rate", "0"],
            cwd=CHECKOUT, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        yield [_port(one) for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(30)


def _port(server: subprocess.Popen[str]) -> int:
    assert server.stderr is not None  # noqa: S101 - asked for above
    for line in server.stderr:
        if found := re.search(r"http://[^ ]*?:(\d+)", line):
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return int(found[1])
    raise SystemExit("the server did not start")


def load(ports: list[int], tokens: dict[str, str], clients: int, seconds: float) -> list[float]:
    """Have each client walk orders through their lives until the time is over; give what commands took."""
    took: list[list[float]] = [[] for _ in range(clients)]
    threads = [
        threading.Thread(
            target=_client, args=(number, ports[number % len(ports)], tokens, seconds, took[number])
        )
        for number in range(clients)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [one for each in took for one in each]


def _client(number: int, port: int, tokens: dict[str, str], seconds: float, took: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        until, order = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            order += 1
            for seq, (role, body) in enumerate(LIFE):
                request = _request(f"L{number}-{order}", seq, tokens[role], json.dumps(body).encode())
                began = time.perf_counter()
                connection.sendall(request)
                _answered(answers)
                took.append(time.perf_counter() - began)


def _request(order: str, seq: int, token: str, body: bytes) -> bytes:
    head = (
        f"POST /v1/orders/{order}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f'If-Match: "{seq}"\r\nIdempotency-Key: {order}-{seq}\r\n'
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answered(answers: "socket.SocketIO | object") -> None:
    status = answers.readline()  # type: ignore[attr-defined]
    length = 0
    while line := answers.readline().strip():  # type: ignore[attr-defined]
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    text = answers.read(length)  # type: ignore[attr-defined]
    if b" 200 " not in status:
        raise SystemExit(f"{status!r} {text[:300]!r}")


if __name__ == "__main__":
    main()
