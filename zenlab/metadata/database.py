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
from typing import TYPE_CHECKING, Any, TypeVar, cast

from zenlab.core.errors import ParameterError, StoreError
from zenlab.core.secrets import hidden
from zenlab.metadata.session import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Engine, Executable, Row

    from zenlab.metadata.dialects import Dialect
    from zenlab.metadata.statements import Statements

T = TypeVar("T")
K = TypeVar("K")

_CHUNK = 500
"""Bound values of one IN: SQLite takes 32,766, but plans are made for what is usual."""

_NOTHING = object()
"""Work that is done, and returns nothing."""


def chunks(keys: Sequence[K]) -> Iterator[list[K]]:
    """Keys in lists that one IN can take."""
    for start in range(0, len(keys), _CHUNK):
        yield list(keys[start : start + _CHUNK])


class Database:
    """A database, connected when it is first asked: the base of `MetadataStore`.

    Args:
        url: see `opening.parse_url`.
        patience_s: how long to repeat what fails because of others: a lock, a deadlock, a server
            that is started again.
        embedded: whether it is a repository's own file, which nobody shares: it may lie on a
            network file system, and its tables are migrated at the first use.
    """

    def __init__(self, url: str, *, patience_s: float = 30.0, embedded: bool = False) -> None:
        self._url = url
        self._patience_s = patience_s
        self._embedded = embedded
        self._forget()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.where}>"

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs to open the same store."""
        return {
            "_url": self._url,
            "_patience_s": self._patience_s,
            "_embedded": self._embedded,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def where(self) -> str:
        """The URL, without its password."""
        from zenlab.metadata.opening import shown_url

        return shown_url(self._url)

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

    @property
    def notice(self) -> str | None:
        """What a user should know of the place in which the database lies; connects to nothing."""
        return self.dialect.notice

    def dispose(self) -> None:
        """Close all connections, those of other threads too; no thread may be using one.

        The store connects again when it is asked again.
        """
        if self._pid == os.getpid():
            for session in list(self._sessions):
                session.close()
        self._forget()

    def revision(self) -> str | None:
        """The revision of the tables as they are, or None where there are none yet.

        Unlike every other question, this one makes and refuses nothing.

        Raises:
            StoreError: the database cannot be reached.
        """
        from zenlab.metadata.opening import read_revision

        return self._attempt(lambda session: read_revision(session, self.sql), checked=False)

    def upgrade(self) -> tuple[str | None, str]:
        """Bring the tables to the revision of this program; make them if there are none.

        Several programs may ask at once: one does it, the others wait.

        Returns:
            The revision before (None: there were no tables) and after.

        Raises:
            StoreError: the revision is newer than this program, the tables are another program's,
                or the database refuses.
        """
        from zenlab.metadata.opening import ensure_tables

        def bring(session: Transaction) -> tuple[str | None, str]:
            return ensure_tables(session, *self._opened(), self.where, migrate=True)

        return self._attempt(bring, checked=False)

    # ------------------------------------------------------------------------- for queries

    def _fetch(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Send one statement, by itself, and give all its rows."""
        values = self._searched(values)
        return self._attempt(lambda session: session.execute(statement, values).all())

    def _change(
        self, statement: Executable, values: Mapping[str, Any], *, once: bool = False
    ) -> int:
        """Send one statement, by itself, and give the number of rows that it changed.

        Args:
            statement: what to send. It is sent again if the connection was lost, perhaps after it
                had taken effect; so it must be one that may come twice.
            values: to be bound.
            once: it inserts a row with an id of our own. If it is sent again and finds that row,
                it had taken effect.
        """
        return self._attempt(
            lambda session: session.execute(statement, values).rowcount, done=1 if once else None
        )

    def _transaction(
        self, work: Callable[[Transaction], T], *, once: bool = False, patience: float = 1.0
    ) -> T:
        """Do some work in one transaction that writes.

        Args:
            work: what to do. It is called again, in a new transaction, if the database says that
                it may succeed then, or if the connection was lost, perhaps after a COMMIT that
                took effect; so it must do nothing else, and be able to come twice.
            once: as in `_change`; the work returns nothing.
            patience: so many times longer than usual a server that is gone is waited for.

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
                session.roll_back()
                raise
            return result

        return self._attempt(attempt, done=_NOTHING if once else None, patience=patience)

    @property
    def _was_in_doubt(self) -> bool:
        """Whether this thread's last question was asked again, since its answer got lost."""
        return bool(getattr(self._local, "in_doubt", False))

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

    def _searched(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values of a question, such that each database understands it alike."""
        searched = self.dialect.searched

        def one(value: Any) -> Any:
            if isinstance(value, str):
                return searched(value)
            return [one(item) for item in value] if isinstance(value, list) else value

        return {name: one(value) for name, value in values.items()}

    def _opened(self) -> tuple[Dialect, Statements]:
        """Import SQLAlchemy and build the statements; connects to nothing."""
        if self._parts is None:
            from zenlab.metadata.opening import make_engine, parse_url
            from zenlab.metadata.statements import Statements

            with self._opening:
                url, dialect = parse_url(self._url, embedded=self._embedded)
                self._engine = make_engine(url, dialect)
                self._parts = (dialect, Statements(dialect))
        return self._parts

    def _session(self, *, checked: bool = True) -> Transaction:
        """This thread's connection; the first one of all checks the revision of the tables."""
        if self._pid != os.getpid():
            self._forget()
        limit = self.dialect.idle_limit_s
        session: Transaction | None = getattr(self._local, "session", None)
        if session is not None and (
            not session.is_open or (limit is not None and session.idle_s > limit)
        ):
            self._drop_session()
            session = None
        if session is None:
            assert self._engine is not None
            try:
                session = self._local.session = Transaction(self._engine, self._count)
            except RuntimeError as error:
                # PyMySQL, where MySQL 8 wants a password in a form that needs another package.
                raise StoreError(
                    f"The driver cannot connect to the metadata store: {error}",
                    where=self.where,
                    hint="Install what it names (pip install cryptography), or connect by TLS:"
                    " --option ssl_ca=PATH",
                ) from hidden(error)
            self._sessions.add(session)
        if checked and not self._is_current:
            from zenlab.metadata.opening import ensure_tables

            with self._opening:
                if not self._is_current:
                    ensure_tables(session, *self._opened(), self.where, migrate=self._embedded)
                    self._is_current = True
        return session

    def _drop_session(self) -> None:
        """Close this thread's connection: the next question makes a new one."""
        session: Transaction | None = self._local.__dict__.pop("session", None)
        if session is not None:
            session.close()

    def _attempt(
        self,
        work: Callable[[Transaction], T],
        *,
        done: Any = None,
        checked: bool = True,
        patience: float = 1.0,
    ) -> T:
        """Do some work, again and again as long as the database says that it may succeed.

        Args:
            work: what to do with this thread's connection.
            done: what to return if the work finds that it had taken effect, though the connection
                was lost before that was known; None: it cannot find that.
            checked: whether the tables are made, or refused, before.
            patience: so many times longer than usual a server that is gone is waited for.
        """
        from sqlalchemy.exc import DBAPIError

        from zenlab.metadata.dialects import Verdict

        start = time.monotonic()
        pause = 0.002
        in_doubt = False
        while True:
            known = self._is_current  # a server that was never reached is not waited for
            connected = False
            try:
                session = self._session(checked=checked)
                connected = True
                result = work(session)
            except DBAPIError as error:
                verdict = self.dialect.verdict(error)
                if verdict is Verdict.THERE and in_doubt and done is not None:
                    return cast("T", None if done is _NOTHING else done)
                if verdict is Verdict.LOST:
                    self._drop_session()
                    in_doubt = in_doubt or connected
                hopeless = verdict in {Verdict.FINAL, Verdict.THERE} or (
                    verdict is Verdict.LOST and not (known or connected)
                )
                wait_s = self._patience_s * (patience if verdict is Verdict.LOST else 1.0)
                if hopeless or time.monotonic() - start > wait_s:
                    meaning, hint = self.dialect.explain(error)
                    raise StoreError(meaning, where=self.where, hint=hint) from hidden(error)
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
            else:
                self._local.in_doubt = in_doubt
                return result
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 2, 0.25)
