"""What differs between databases, and nothing else: the clock, upserts, locks, words of errors.

Each kind of database is a subclass of `Dialect` in a module of its own and a line in
`dialect_for`; the conformance suite says whether it is right.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StoreError
from zenlab.core.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import URL, Column, ColumnElement, CursorResult, Insert, Table
    from sqlalchemy.exc import DBAPIError

    from zenlab.metadata.session import Transaction

Explanation = tuple[str, str, str]
"""A pattern of an error's code and words, what it means, and what to do next."""


class Verdict(Enum):
    """What an error says about trying once more."""

    AGAIN = "again"
    """The same transaction, repeated, may succeed: a lock, a deadlock, a server that starts."""

    LOST = "lost"
    """The connection is gone, or was not made. Nobody knows whether a COMMIT came through."""

    THERE = "there"
    """A row with this key is there already."""

    FINAL = "final"
    """It will fail again."""


class Dialect(ABC):
    """One kind of database."""

    begin: str = "BEGIN"
    """Opens a transaction that writes."""

    returning: bool = True
    """Whether an upsert can say what it made (`RETURNING`): a claim is one statement then."""

    updating_tells: bool = False
    """Whether an UPDATE can say what it made (`told`): a claim is two statements then."""

    whole_ddl: bool = True
    """Whether tables are made in a transaction, all or none."""

    idle_limit_s: float | None = None
    """A connection that was not used for so long is not used again; None: it always is."""

    notice: str | None = None
    """What a user should know of the place in which the database lies; see `prepare_place`."""

    connection_settings: Sequence[str] = ()
    """Sent on each new connection."""

    database_settings: Sequence[str] = ()
    """Sent once, before the tables of a new database are made."""

    @abstractmethod
    def prepare_place(self, url: URL) -> None:
        """Check, before the first connection, that there can be a database at this URL."""

    @abstractmethod
    def engine_options(self, url: URL) -> dict[str, Any]:
        """Arguments of `create_engine`."""

    @abstractmethod
    def now(self) -> ColumnElement[int]:
        """The database's clock, in ms since 1970."""

    @abstractmethod
    def insert(self, table: Table) -> Any:
        """An INSERT that knows the upserts of this database."""

    @abstractmethod
    def insert_new(self, table: Table, *key: Column[Any]) -> Insert:
        """An INSERT that leaves a row that is there as it is.

        Args:
            table: where.
            key: the columns of the unique key by which a row is the same; none: any key.
        """

    @abstractmethod
    def verdict(self, error: DBAPIError) -> Verdict:
        """Whether to try once more."""

    @abstractmethod
    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """What an error means, in a sentence, and what to do next."""

    def to_be_told(self, value: ColumnElement[int]) -> ColumnElement[int]:
        """A number that an UPDATE sets, and that `told` gives back where it can."""
        return value

    def told(self, result: CursorResult[Any]) -> int | None:
        """What `to_be_told` was in the row that an UPDATE changed; None if it changed none.

        Raises:
            NotImplementedError: `updating_tells` is false.
        """
        raise NotImplementedError

    def searched(self, text: str) -> str:
        """A text to be looked for, in a form in which this database compares it code by code.

        What no identifier can look like (see `text.identifier`) may become anything else that
        none can look like.
        """
        return text

    def check_encoding(self, session: Transaction, where: str) -> None:  # noqa: B027 - may be empty
        """Refuse, before its tables are made, a database that cannot keep every text."""

    @contextmanager
    def alone(self, session: Transaction) -> Iterator[None]:
        """Alone among all that make or change tables; in a transaction where that takes effect.

        Args:
            session: without a transaction.
        """
        session.control(self.begin)
        try:
            self.lock_tables(session)
            yield
            session.control("COMMIT")
        except BaseException:
            session.roll_back()
            raise

    def lock_tables(self, session: Transaction) -> None:  # noqa: B027 - may be empty
        """Wait, in the transaction of `alone`, for others who make or change tables."""


def explained(
    text: str, table: Sequence[Explanation], name: str, otherwise: tuple[str, str]
) -> tuple[str, str]:
    """The meaning of an error's text by a table of patterns, the first that is found.

    Args:
        text: the code, if there is one, and what the database said.
        table: patterns and meanings.
        name: the database's, before its own words.
        otherwise: meaning and hint where no pattern is found.
    """
    meaning, hint = next(
        ((meaning, hint) for pattern, meaning, hint in table if re.search(pattern, text)),
        otherwise,
    )
    words = " ".join(mask(text).split())
    return f"{meaning} ({name}: {words[:300]})", hint


UNKNOWN = (
    "The metadata store refused a statement.",
    "Run again; if it stays so, please report it with this message.",
)
"""What is said of an error that no table has."""


def dialect_for(url: URL, *, embedded: bool = False) -> Dialect:
    """The dialect of a URL. The kind of database is imported where it is used.

    Args:
        url: with the name of the kind of database, whatever its driver.
        embedded: whether it is a repository's own file, which nobody shares.

    Raises:
        StoreError: a kind of database, or a driver, that zenlab does not know.
    """
    kind, _, driver = url.drivername.partition("+")
    if kind == "sqlite" and driver in {"", "pysqlite"}:
        from zenlab.metadata.on_sqlite import SqliteDialect

        return SqliteDialect(embedded=embedded)
    if kind in {"postgresql", "postgres"} and driver in {"", "psycopg"}:
        from zenlab.metadata.on_postgresql import PostgresqlDialect

        return PostgresqlDialect()
    if kind in {"mysql", "mariadb"} and driver in {"", "pymysql"}:
        from zenlab.metadata.on_mysql import MysqlDialect

        return MysqlDialect()
    known = kind in {"sqlite", "postgresql", "postgres", "mysql", "mariadb"}
    what = f"the driver {driver!r}" if known else f"metadata stores of the kind {kind!r}"
    raise StoreError(
        f"zenlab does not know {what}.",
        where=mask(url.render_as_string(hide_password=True)),
        hint="Use postgresql://user@host/database, mysql://user@host/database, or "
        "sqlite:////absolute/path/metadata.db",
    )
