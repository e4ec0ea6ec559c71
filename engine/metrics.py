"""
The engine's measures for Prometheus, counted from what the journal tells (extra `metrics`).

A host gives the registry they are kept in; nothing is registered anywhere without being asked. What
would read every order at each scrape, such as open orders by state, is not here: ask the database.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import nan
from typing import TYPE_CHECKING, Any, NamedTuple

from paidan.engine import telemetry
from paidan.engine.errors import UsageError
from paidan.engine.messages import say
from paidan.storage.errors import StoreError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_HERE = "127.0.0.1"


class Measure(NamedTuple):
    """A measure: its name after `paidan_`, its kind in Prometheus' words, its labels."""

    name: str
    kind: str
    labels: tuple[str, ...] = ()

    @property
    def exposed(self) -> str:
        """The name under which it is scraped; a histogram's series carry an ending of their own."""
        return f"paidan_{self.name}" + ("_total" if self.kind == "counter" else "")


MEASURES = (
    Measure("commands", "counter", ("event", "outcome")),
    Measure("command_seconds", "histogram"),
    Measure("time_outs", "counter", ("rule",)),
    Measure("warnings", "counter", ("rule",)),
    Measure("escalations", "counter", ("rule",)),
    Measure("sweep_seconds", "histogram"),
    Measure("sweeps_failed", "counter"),
    Measure("lag_seconds", "gauge"),
    Measure("store_errors", "counter", ("doing", "code")),
    Measure("sign_ins_failed", "counter", ("why",)),
    Measure("accesses_refused", "counter", ("role",)),
)
"""Every measure; what it stands for is in `engine.messages.telemetry`."""

_OUTCOMES = {
    telemetry.COMMAND_ACCEPTED: "accepted",
    telemetry.COMMAND_REFUSED: "refused",
    telemetry.COMMAND_REPEATED: "repeated",
}

_RAISED = {
    telemetry.TIME_OUT_RAISED: "time_outs",
    telemetry.WARNED: "warnings",
    telemetry.ESCALATED: "escalations",
}


class Metrics:
    """
    The measures of one engine in a registry, until they are taken out again.

    Raises `UsageError` where the library is not installed, or the registry holds those of another.
    """

    def __init__(self, registry: "CollectorRegistry") -> None:
        client = _client()
        kinds = {"counter": client.Counter, "gauge": client.Gauge, "histogram": client.Histogram}
        self._registry = registry
        self._of: dict[str, Any] = {}
        try:
            for one in MEASURES:
                said = say(f"measure.{one.name}", "en")
                more = {"buckets": _SECONDS} if one.kind == "histogram" else {}
                self._of[one.name] = kinds[one.kind](
                    f"paidan_{one.name}", said, one.labels, registry=registry, **more
                )
        except ValueError:
            self.take_out()
            raise UsageError("metrics_taken") from None

    def watch(self, lag_seconds: Callable[[], float]) -> None:
        """Ask for the lag at each scrape."""

        def asked() -> float:
            try:
                return lag_seconds()
            except StoreError:
                return nan

        self._of["lag_seconds"].set_function(asked)

    def heard(self, name: str, fields: Mapping[str, Any]) -> None:
        """Count an event of the journal."""
        of = self._of
        if name in _OUTCOMES:
            of["commands"].labels(fields["command"], _OUTCOMES[name]).inc()
            of["command_seconds"].observe(fields["seconds"])
        elif name in _RAISED:
            of[_RAISED[name]].labels(fields["rule"]).inc()
        elif name == telemetry.SWEPT:
            of["sweep_seconds"].observe(fields["seconds"])
        elif name == telemetry.SWEEP_FAILED:
            of["sweeps_failed"].inc()
        elif name == telemetry.STORE_FAILED:
            of["store_errors"].labels(fields["doing"], fields["code"]).inc()
        elif name == telemetry.SIGN_IN_FAILED:
            of["sign_ins_failed"].labels(fields["why"]).inc()
        elif name == telemetry.ACCESS_REFUSED:
            of["accesses_refused"].labels(fields["role"]).inc()

    def take_out(self) -> None:
        """Take the measures out of the registry; a second call does nothing."""
        while self._of:
            self._registry.unregister(self._of.popitem()[1])


@contextmanager
def serving(address: str) -> Iterator["CollectorRegistry"]:
    """
    Serve a new registry over HTTP at `PORT` or `HOST:PORT`; without a host, to this machine alone.

    Raises `UsageError` where the library is not installed, or nobody can listen there.
    """
    client = _client()
    host, _, port = address.rpartition(":")
    registry: CollectorRegistry = client.CollectorRegistry()
    try:
        server, thread = client.start_http_server(int(port), host.strip("[]") or _HERE, registry)
    except (OSError, OverflowError, ValueError) as error:
        raise UsageError("metrics_address", address=address, why=str(error)) from None
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _client() -> Any:
    try:
        import prometheus_client  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise UsageError("metrics_missing", extra="metrics") from None
    return prometheus_client
