"""The metadata on a database server: round trips, and the time with and without latency.

A proxy between the process that is measured and the server counts and delays; it runs in this
process, which only waits meanwhile. Connections are warm.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Row, Stat, compare
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.harness import Rounds

ROUNDS = 15
FAR_ROUNDS = 10
FAR_EXECUTED_ROUNDS = 3
STEPS = (7, 70)
EXECUTED = 20
LATENCY_MS = 30
TARGET = 4
PEER = "the driver alone"


def measure() -> list[Row]:
    """Rows of both servers."""
    rows = []
    for title, kind in (("PostgreSQL", PostgresServer), ("MariaDB", MariadbServer)):
        server = kind()
        try:
            server.start()
            with Proxy(server.port) as proxy:
                for number in STEPS:
                    rows += _cached(title, server, proxy, number)
                rows += _executed(title, server, proxy)
        finally:
            server.stop()
    return rows


def _cached(
    title: str, server: PostgresServer | MariadbServer, proxy: Proxy, number: int
) -> list[Row]:
    near, far = (
        _seen(server, proxy, latency, rounds, "cached_on_server", number=number)
        for latency, rounds in ((0, ROUNDS), (LATENCY_MS, FAR_ROUNDS))
    )
    what = f"{title}, {number} cached steps"
    slow = _turns(far)
    trips = {name: Stat(turns.values + slow[name].values) for name, turns in _turns(near).items()}
    return [
        _row(f"{what}: round trips", "trips", trips, TARGET),
        _row(what, "ms", _ms(near)),
        _row(f"{what}, {LATENCY_MS} ms of latency", "ms", _ms(far)),
    ]


def _executed(title: str, server: PostgresServer | MariadbServer, proxy: Proxy) -> list[Row]:
    near, far = (
        _seen(server, proxy, latency, rounds, "steps", number=EXECUTED, columns=3)
        for latency, rounds in ((0, ROUNDS), (LATENCY_MS, FAR_EXECUTED_ROUNDS))
    )
    what, each = f"{title}, an executed step", 1 / EXECUTED
    return [
        _row(f"{what}: round trips", "trips", _turns(near, each)),
        _row(what, "ms", _ms(near, each)),
        _row(
            f"{what}, {LATENCY_MS} ms of latency",
            "ms",
            _ms(far, each),
            facts={"round trips, the heartbeats' too": f"{_turns(far, each)['zenlab'].median:.3g}"},
        ),
    ]


def _seen(
    server: PostgresServer | MariadbServer,
    proxy: Proxy,
    latency: int,
    rounds: int,
    case: str,
    **params: Any,
) -> dict[str, Rounds]:
    @contextmanager
    def around() -> Iterator[dict[str, Any]]:
        facts: dict[str, Any] = {}
        turns, proxy.delay_s = proxy.turns, latency / 2000
        yield facts
        facts["turns"], proxy.delay_s = proxy.turns - turns, 0.0

    database = proxy.url(server.create_database())
    systems = ["zenlab", "driver"]
    return compare(systems, case, rounds, around=around, database=database, **params)


def _turns(seen: Mapping[str, Rounds], share: float = 1) -> dict[str, Stat]:
    return {
        name: Stat(tuple(facts["turns"] * share for facts in rounds.facts))
        for name, rounds in seen.items()
    }


def _ms(seen: Mapping[str, Rounds], share: float = 1) -> dict[str, Stat]:
    return {name: rounds.ms.scaled(share) for name, rounds in seen.items()}


def _row(
    figure: str,
    unit: str,
    stats: Mapping[str, Stat],
    target: float | None = None,
    facts: Mapping[str, str] | None = None,
) -> Row:
    return Row(figure, unit, stats["zenlab"], target, {PEER: stats["driver"]}, facts=facts or {})
