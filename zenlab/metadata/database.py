"""Connections, transactions, retries, and errors in words: what stands under every query.

Each thread keeps one connection, in the driver's autocommit mode. A statement of its own is
therefore its own transaction, without BEGIN and COMMIT as round trips; where several belong
together, `_transaction` sends both in plain SQL, on every database alike.
"""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from zenlab.core.errors import ParameterError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import CursorResult, Engine, Executable, Row

    from zenlab.metadata.dialects import Dialect
    from zenlab.metadata.statements import Statements

T = TypeVar("T")
K = TypeVar("K")

_CHUNK = 500
"""Bound values of one IN: SQLite takes 32,766, but plans are made for what is usual."""

_inherited: list[object] = []
"""Connections that came over a fork, kept for ever. They are the parent's: closing one here would
end the parent's session on a server, and delete the parent's write-ahead log on SQLite."""


def chunks(keys: Sequence[K]) -> Iterator[list[K]]:
    """Keys in lists that one IN can take."""
    for start in range(0, len(keys), _CHUNK):
        yield list(keys[start : start + _CHUNK])


class Transaction:
    """One thread's connection: executes statements, and counts them.

    Functions that `Database._transaction` calls get it while a transaction is open.
    """

    def __init__(self, engine: Engine, count: Callable[[], None]) -> None:
        self._pid = os.getpid()
        self._count = count
        self._connection: Any = engine.connect()

    def __del__(self) -> None:
        """A thread that ends closes its connection."""
        self.close()

    @property
    def connection(self) -> Any:
        """SQLAlchemy's connection, for what makes and changes tables."""
        return self._connection

    def execute(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Send one statement; with a list of values, once for each of them."""
        self._count()
        result: CursorResult[Any] = self._connection.execute(statement, values)
        return result

    def control(self, sql: str) -> None:
        """Send BEGIN, COMMIT, ROLLBACK or a setting."""
        self._count()
        self._connection.exec_driver_sql(sql).close()

    def close(self) -> None:
        """Close the connection; a transaction that is open is rolled back."""
        connection = self.__dict__.pop("_connection", None)
        if connection is None:
            return
        if self._pid != os.getpid():
            _inherited.append(connection)
        else:
            with suppress(Exception):  # it may be broken, which is why it is closed
                connection.close()


class Database:
    """A database, connected when it is first asked: the base of `MetadataStore`.

    Args:
        url: an SQLAlchemy URL.
        patience_s: how long to repeat what fails because of others: a lock, a deadlock.
    """

    def __init__(self, url: str, *, patience_s: float = 30.0) -> None:
        self._url = url
        self._patience_s = patience_s
        self._forget()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.where}>"

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs to open the same store."""
        return {"_url": self._url, "_patience_s": self._patience_s}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def where(self) -> str:
        """The URL, without its password."""
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            return make_url(self._url).render_as_string(hide_password=True)
        except ArgumentError:
            # It may hold a password, and what cannot be parsed cannot be masked.
            return "metadata_store"

    @property
    def statements(self) -> int:
        """How many SQL statements were sent, BEGIN and COMMIT included.

        Not counted are the settings of a new connection.
        """
        return self._statements

    @property
    def sql(self) -> Statements:
        """The statements for this database."""
        return self._opened()[1]

    @property
    def dialect(self) -> Dialect:
        """What is special about this database."""
        return self._opened()[0]

    def dispose(self) -> None:
        """Close all connections, those of other threads too; no thread may be using one.

        The store connects again when it is asked again.
        """
        if self._pid == os.getpid():
            for session in list(self._sessions):
                session.close()
        self._forget()

    # ------------------------------------------------------------------------- for queries

    def _fetch(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Send one statement, by itself, and give all its rows."""
        return self._attempt(lambda session: session.execute(statement, values).all())

    def _change(self, statement: Executable, values: Mapping[str, Any]) -> int:
        """Send one statement, by itself, and give the number of rows that it changed."""
        return self._attempt(lambda session: session.execute(statement, values).rowcount)

    def _transaction(self, work: Callable[[Transaction], T]) -> T:
        """Do some work in one transaction that writes.

        Args:
            work: what to do. It is called again, in a new transaction, if the database says that
                it may succeed then; so it must do nothing else.

        Returns:
            What `work` returned, committed.
        """
        begin = self.dialect.begin

        def attempt(session: Transaction) -> T:
            session.control(begin)
            try:
                result = work(session)
                session.control("COMMIT")
            except Exception:
                self._roll_back(session)
                raise
            return result

        return self._attempt(attempt)

    # --------------------------------------------------------------------------- inner life

    def _forget(self) -> None:
        """Be as new: nothing is connected."""
        self._pid = os.getpid()
        self._opening = threading.RLock()
        self._counting = threading.Lock()
        self._local = threading.local()
        self._sessions: weakref.WeakSet[Transaction] = weakref.WeakSet()
        self._engine: Engine | None = None
        self._parts: tuple[Dialect, Statements] | None = None
        self._is_current = False
        self._statements: int = getattr(self, "_statements", 0)

    def _count(self) -> None:
        with self._counting:
            self._statements += 1

    def _opened(self) -> tuple[Dialect, Statements]:
        """Import SQLAlchemy and build the statements; connects to nothing."""
        if self._parts is None:
            from zenlab.metadata.opening import make_engine, parse_url
            from zenlab.metadata.statements import Statements

            with self._opening:
                url, dialect = parse_url(self._url)
                self._engine = make_engine(url, dialect)
                self._parts = (dialect, Statements(dialect))
        return self._parts

    def _session(self) -> Transaction:
        """This thread's connection; the first one of all checks the revision of the tables."""
        if self._pid != os.getpid():
            self._forget()
        session: Transaction | None = getattr(self._local, "session", None)
        if session is None:
            self._opened()
            assert self._engine is not None
            session = self._local.session = Transaction(self._engine, self._count)
            self._sessions.add(session)
        if not self._is_current:
            from zenlab.metadata.opening import ensure_tables

            with self._opening:
                if not self._is_current:
                    ensure_tables(session, *self._opened(), self.where)
                    self._is_current = True
        return session

    def _drop_session(self) -> None:
        """Close this thread's connection: the next question makes a new one."""
        session: Transaction | None = self._local.__dict__.pop("session", None)
        if session is not None:
            session.close()

    def _roll_back(self, session: Transaction) -> None:
        try:
            session.control("ROLLBACK")
        except Exception:  # noqa: BLE001 - some errors have ended the transaction already
            self._drop_session()

    def _attempt(self, work: Callable[[Transaction], T]) -> T:
        """Do some work, again and again as long as the database says that it may succeed."""
        from sqlalchemy.exc import DBAPIError

        give_up = time.monotonic() + self._patience_s
        pause = 0.002
        while True:
            try:
                return work(self._session())
            except DBAPIError as error:
                if error.connection_invalidated:
                    self._drop_session()
                if time.monotonic() > give_up or not self.dialect.is_transient(error):
                    meaning, hint = self.dialect.explain(error)
                    raise StoreError(meaning, where=self.where, hint=hint) from error
            except UnicodeEncodeError as error:
                raise ParameterError(
                    f"The text {error.object[:60]!r} cannot be stored: it has half a surrogate"
                    " pair in it.",
                    where=self.where,
                ) from None
            except BaseException as error:
                # An interrupt may have come anywhere, between BEGIN and the next line too. A
                # transaction that stays open would lock out the whole team.
                if not isinstance(error, Exception):
                    self._drop_session()
                raise
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 2, 0.25)
