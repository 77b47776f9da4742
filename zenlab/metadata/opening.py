"""Opening a store: from its URL to an engine whose tables are those of this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, NullPool, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from zenlab.core.errors import StoreError
from zenlab.metadata import tables
from zenlab.metadata.dialects import Dialect, dialect_for

if TYPE_CHECKING:
    from sqlalchemy import URL

    from zenlab.metadata.database import Transaction
    from zenlab.metadata.statements import Statements


def parse_url(text: str) -> tuple[URL, Dialect]:
    """The parts of a store's URL, and the dialect that it asks for.

    Raises:
        StoreError: it is no URL, or names a database that zenlab does not know.
    """
    try:
        url = make_url(text)
        return url, dialect_for(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        # The text may hold a password, and what cannot be parsed cannot be masked.
        raise StoreError(
            "The URL of the metadata store cannot be understood.",
            where="metadata_store",
            hint="Write it as sqlite:////absolute/path/metadata.db",
        ) from None


def make_engine(url: URL, dialect: Dialect) -> Engine:
    """An engine that keeps nothing by itself: each thread holds its one connection.

    Returns:
        The engine; it has not connected yet.
    """
    dialect.prepare_place(url)
    engine = create_engine(
        url,
        connect_args=dialect.connect_args(),
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        poolclass=NullPool,
    )

    def set_up(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        for setting in dialect.connection_settings:
            cursor.execute(setting)
        cursor.close()

    event.listen(engine, "connect", set_up)
    return engine


def ensure_tables(session: Transaction, dialect: Dialect, sql: Statements, where: str) -> None:
    """Make sure that the tables are at `tables.HEAD`: one statement if they are.

    An empty database gets them; an older revision is migrated.

    Raises:
        StoreError: the revision is newer than this program, or the tables are another program's.
    """
    try:
        revision = session.execute(sql.revision).scalar()
    except DBAPIError:
        # New, or made by another process since: only if it is neither does this raise again.
        if not inspect(session.connection).has_table(tables.schema_revision.name):
            _create(session, dialect, sql, where)
        revision = session.execute(sql.revision).scalar()
    if revision == tables.HEAD:
        return
    if revision in tables.REVISIONS:
        _migrate(session, dialect)
        return
    raise StoreError(
        f"The metadata store has revision {revision}, which this zenlab does not know: a newer"
        " zenlab has used it.",
        where=where,
        hint="Upgrade zenlab here as your colleagues did: pip install --upgrade zenlab",
    )


def _create(session: Transaction, dialect: Dialect, sql: Statements, where: str) -> None:
    """Make the tables, all or none.

    From `tables.metadata`, not by Alembic: its import takes 0.3 s more in every fresh clone. A test
    proves that both lead to the same.
    """
    for setting in dialect.database_settings:
        session.control(setting)
    session.control(dialect.begin)
    try:
        there = set(inspect(session.connection).get_table_names())
        if tables.schema_revision.name not in there:  # else somebody was faster
            _refuse_tables_of_others(there, where)
            tables.metadata.create_all(session.connection, checkfirst=False)
            session.execute(sql.stamp_revision, {"version_num": tables.HEAD})
        session.control("COMMIT")
    except Exception:
        session.control("ROLLBACK")
        raise


def _refuse_tables_of_others(there: set[str], where: str) -> None:
    if taken := sorted(there & set(tables.metadata.tables)):
        raise StoreError(
            f"The database has tables of another program: {', '.join(taken)}.",
            where=where,
            hint="Give zenlab a database of its own.",
        )


def _migrate(session: Transaction, dialect: Dialect) -> None:
    """Bring older tables up to `HEAD`, all or nothing."""
    from zenlab.metadata.migrations import upgrade

    session.control(dialect.begin)
    try:
        upgrade(session.connection)
        session.control("COMMIT")
    except Exception:
        session.control("ROLLBACK")
        raise
