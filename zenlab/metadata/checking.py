"""Whether a metadata store does what it has to: what `zenlab doctor` asks it."""

from __future__ import annotations

import secrets
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from zenlab.metadata import tables

if TYPE_CHECKING:
    from zenlab.metadata.database import Database
    from zenlab.metadata.session import Transaction

ROUNDS = 5
"""How many round trips are measured; the median counts."""


@dataclass(frozen=True)
class MetadataHealth:
    """What a metadata store answered.

    Attributes:
        server: the database and its version, such as `postgresql 18.0`.
        revision: of its tables; None where there are none yet.
        round_trip_s: the median time of a statement that does nothing, in seconds.
        clock_s: by how much the database's clock is ahead of this machine's, in seconds.
    """

    server: str
    revision: str | None
    round_trip_s: float
    clock_s: float


class _UndoError(Exception):
    """Ends the transaction of the test, so that nothing of it stays."""


def check_metadata(store: Database) -> MetadataHealth:
    """Read, write and delete in a metadata store, and measure it. Nothing stays in it.

    Args:
        store: any metadata store. An empty one stays empty, and is only reached.

    Raises:
        StoreError: it cannot be reached, is of another revision, or refuses to be written.
    """
    server = store._attempt(_server, checked=False)  # noqa: SLF001 - of this package
    round_trip, clock = _measure(store)
    revision = store.revision()
    if revision is not None:

        def write(session: Transaction) -> None:
            _write_and_delete(session)
            raise _UndoError

        with suppress(_UndoError):
            store._transaction(write)  # noqa: SLF001
    return MetadataHealth(server, revision, round_trip, clock)


def _server(session: Transaction) -> str:
    about = session.connection.dialect
    version = ".".join(str(part) for part in (about.server_version_info or ()))
    return f"{about.name} {version}".strip()


def _write_and_delete(session: Transaction) -> None:
    """A row comes and goes, in a transaction that is rolled back."""
    mark = f"doctor {secrets.token_hex(16)}"
    table = tables.code
    values = {"fingerprint": mark, "name": "doctor", "source": "", "created_ms": 0}
    session.execute(insert(table), values)
    found = session.execute(select(table.c.name).where(table.c.fingerprint == mark)).scalar()
    assert found == "doctor", found
    session.execute(delete(table).where(table.c.fingerprint == mark))


def _measure(store: Database) -> tuple[float, float]:
    """The round trip and the difference of the clocks, both in seconds."""
    question = select(store.dialect.now())

    def ask(session: Transaction) -> int:
        return int(session.execute(question).scalar_one())

    times, clocks = [], []
    for _ in range(ROUNDS):
        start, before = time.perf_counter(), time.time()
        there = store._attempt(ask, checked=False)  # noqa: SLF001
        took = time.perf_counter() - start
        times.append(took)
        clocks.append(there / 1000 - (before + took / 2))
    return statistics.median(times), statistics.median(clocks)
