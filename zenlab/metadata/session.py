"""A connection of one thread to a database: statements, transactions in SQL, and their number."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import CursorResult, Engine, Executable

_inherited: list[object] = []
"""Connections that came over a fork, kept for ever. They are the parent's: closing one here would
end the parent's session on a server, and delete the parent's write-ahead log on SQLite."""


class Transaction:
    """One thread's connection: executes statements, and counts them.

    Functions that `Database._transaction` calls get it while a transaction is open.
    """

    def __init__(self, engine: Engine, count: Callable[[], None]) -> None:
        self._pid = os.getpid()
        self._count = count
        self._used = time.monotonic()
        self._connection: Any = engine.connect()

    def __del__(self) -> None:
        """A thread that ends closes its connection."""
        self.close()

    @property
    def connection(self) -> Any:
        """SQLAlchemy's connection, for what makes and changes tables."""
        return self._connection

    @property
    def idle_s(self) -> float:
        """How long ago the last statement was sent, in seconds."""
        return time.monotonic() - self._used

    @property
    def is_open(self) -> bool:
        """Whether it can still be used."""
        return "_connection" in self.__dict__

    def execute(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Send one statement; with a list of values, once for each of them."""
        self._sent()
        result: CursorResult[Any] = self._connection.execute(statement, values)
        return result

    def control(self, sql: str) -> None:
        """Send BEGIN, COMMIT, ROLLBACK or a setting."""
        self._sent()
        self._connection.exec_driver_sql(sql).close()

    def roll_back(self) -> None:
        """End a transaction that failed; without a connection, there is none any more."""
        if not self.is_open:
            return
        try:
            self.control("ROLLBACK")
        except Exception:  # noqa: BLE001 - some errors have ended the transaction already
            self.close()

    def close(self) -> None:
        """Close the connection; a transaction that is open is rolled back."""
        connection = self.__dict__.pop("_connection", None)
        if connection is None:
            return
        if self._pid != os.getpid():
            _inherited.append(connection)
        else:
            # It may be broken, which is why it is closed: nothing more is asked of the server.
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                connection.close()

    def _sent(self) -> None:
        self._count()
        self._used = time.monotonic()
