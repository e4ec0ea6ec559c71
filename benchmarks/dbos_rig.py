"""
Lifecycles in DBOS, for `benchmarks/live.py`: `python dbos_rig.py URL CALLERS LIFECYCLES_EACH`.

Runs under a Python of its own, with `dbos` and, for SQLite, `pysqlite3-binary` (DBOS needs 3.42). One
workflow an order, a durable step a command: what a caller waits for is that all its steps are on
disk. A SQLite file is set to WAL, which DBOS leaves alone. Prints one JSON object.
"""

import json
import sys
from threading import Thread
from time import perf_counter

url, callers, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if url.startswith("sqlite"):
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    connection = pysqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()

from dbos import DBOS, SetWorkflowID  # noqa: E402 - the database's driver is chosen just now

EVENTS = ("receive", "register", "dispatch", "accept", "contact", "resolve", "revisit", "close")
SAID = {"unit": "甲科", "order_due": "2026-03-20", "role": "dispatcher", "evidence": "录音"}


@DBOS.step()
def command(event: str, said: dict[str, str]) -> dict[str, str]:
    """Do nothing: what is measured is keeping that it was done."""
    return {"event": event, **said}


@DBOS.workflow()
def lifecycle() -> int:
    """Take an order through its life."""
    return len([command(event, SAID) for event in EVENTS])


waits: list[float] = []


def call(caller: str, lifecycles: int) -> None:
    """Run one caller's lifecycles, one after the other."""
    for number in range(lifecycles):
        began = perf_counter()
        with SetWorkflowID(f"{caller}-{number}"):
            lifecycle()
        waits.append(perf_counter() - began)


DBOS(config={"name": "lifecycles", "system_database_url": url, "log_level": "ERROR"})
DBOS.launch()


def together(name: str, lifecycles: int) -> float:
    """Let all callers run at once; give the seconds it took."""
    threads = [Thread(target=call, args=(f"{name}{caller}", lifecycles)) for caller in range(callers)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return perf_counter() - began


together("warm", 1)
waits.clear()
took = together("W", each)
sys.stdout.write(json.dumps({"lifecycles": len(waits), "seconds": took, "longest": max(waits)}) + "\n")
sys.stdout.flush()
DBOS.destroy()
