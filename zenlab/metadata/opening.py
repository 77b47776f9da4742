"""Opening a store: from its URL to an engine whose tables are those of this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, NullPool, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from zenlab.core.errors import StoreError
from zenlab.core.secrets import mask
from zenlab.metadata import tables
from zenlab.metadata.cloudsql import CloudSql, instance_of
from zenlab.metadata.dialects import Dialect, dialect_for

if TYPE_CHECKING:
    from sqlalchemy import URL

    from zenlab.metadata.session import Transaction
    from zenlab.metadata.statements import Statements

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
"""What SQLAlchemy calls the drivers that this package is tested with."""

_EXTRAS = {"postgresql": "postgres", "mysql": "mysql"}


def parse_url(text: str, *, embedded: bool = False) -> tuple[URL, Dialect]:
    """The parts of a store's URL, and the dialect that it asks for.

    Args:
        text: `sqlite:////absolute/path/metadata.db`, `postgresql://user@host:port/database`,
            `mysql://...`, or `cloudsql+postgresql://user@project:region:instance/database`; a
            parameter of the query goes to the driver.
        embedded: whether it is a repository's own file, which nobody shares.

    Raises:
        StoreError: it is no URL, or names a database that zenlab does not know.
    """
    try:
        url = instance_of(text) or make_url(text)
        dialect = dialect_for(url, embedded=embedded)
        kind = url.drivername.partition("+")[0]
        return url.set(drivername=_DRIVERS[kind]), dialect
    except (ArgumentError, NoSuchModuleError, ValueError):
        # The text may hold a password, and what cannot be parsed cannot be masked.
        raise StoreError(
            "The URL of the metadata store cannot be understood.",
            where="metadata_store",
            hint="Write it as postgresql://user@host/database, or sqlite:////absolute/path/"
            "metadata.db; signs such as @ and / in a name or a password as %40 and %2F",
        ) from None


def shown_url(text: str) -> str:
    """A store's URL, without its password."""
    try:
        instance = instance_of(text)
        shown = text if instance else make_url(text).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "metadata_store"
    return mask(shown)


def make_engine(url: URL, dialect: Dialect) -> Engine:
    """An engine that keeps nothing by itself: each thread holds its one connection.

    Returns:
        The engine; it has not connected yet.

    Raises:
        StoreError: the driver is not installed, or there can be no database in this place.
    """
    dialect.prepare_place(url)
    url, cloud = CloudSql.at(url)
    try:
        engine = create_engine(
            url,
            **dialect.engine_options(url),
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            poolclass=NullPool,
        )
    except ImportError as error:
        kind = url.get_backend_name()
        extra = "cloudsql" if cloud is not None else _EXTRAS.get(kind, kind)
        raise StoreError(
            f"The driver for {kind} is not installed here: {error}.",
            where=url.render_as_string(hide_password=True),
            hint=f"pip install 'zenlab[{extra}]'",
        ) from None
    if cloud is not None:
        connect = cloud.connect
        event.listen(engine, "do_connect", lambda _dialect, _record, _args, kwargs: connect(kwargs))
    event.listen(engine, "connect", lambda raw, _record: _set_up(raw, dialect))
    return engine


def _set_up(raw: Any, dialect: Dialect) -> None:
    cursor = raw.cursor()
    for setting in dialect.connection_settings:
        cursor.execute(setting)
    cursor.close()


def read_revision(session: Transaction, sql: Statements) -> str | None:
    """The revision of the tables, or None where there are none, or none that are complete."""
    try:
        return session.execute(sql.revision).scalar()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        # New, or made by another process since: only if it is neither does this raise again.
        if inspect(session.connection).has_table(tables.schema_revision.name):
            return session.execute(sql.revision).scalar()
        return None


def ensure_tables(
    session: Transaction, dialect: Dialect, sql: Statements, where: str, *, migrate: bool
) -> tuple[str | None, str]:
    """Make sure that the tables are at `tables.HEAD`: one statement if they are.

    An empty database gets them.

    Args:
        session: without a transaction.
        dialect: of the database.
        sql: the statements for it.
        where: its URL, without the password.
        migrate: whether to bring older tables to `HEAD`. In a store that is shared, that is for
            somebody to decide: it locks out whoever has an older zenlab.

    Returns:
        The revision before (None: there were no tables) and after.

    Raises:
        StoreError: the revision is newer than this program, or older and not to be migrated, or
            the tables are another program's.
    """
    found = revision = read_revision(session, sql)
    if revision is None:
        _create(session, dialect, sql, where)
        revision = session.execute(sql.revision).scalar()
    if revision == tables.HEAD:
        return found, tables.HEAD
    if revision not in tables.REVISIONS:
        raise StoreError(
            f"The metadata store has revision {revision}, which this zenlab does not know: a newer"
            " zenlab has used it.",
            where=where,
            hint="Upgrade zenlab here as your colleagues did: pip install --upgrade zenlab",
        )
    if not migrate:
        raise StoreError(
            f"The metadata store has revision {revision}, and this zenlab needs {tables.HEAD}: an"
            " older zenlab has made it.",
            where=where,
            hint="Bring it up to date: zenlab metadata upgrade. From then on, your colleagues need"
            " this version of zenlab, too.",
        )
    _migrate(session, dialect)
    return found, tables.HEAD


def _create(session: Transaction, dialect: Dialect, sql: Statements, where: str) -> None:
    """Make the tables; all or none, or where that cannot be, until they are complete.

    From `tables.metadata`, not by Alembic: its import takes 0.3 s more in every fresh clone. A test
    proves that both lead to the same.
    """
    for setting in dialect.database_settings:
        session.control(setting)
    with dialect.alone(session):
        there = set(inspect(session.connection).get_table_names())
        stamp = tables.schema_revision
        begun = stamp.name in there
        if begun and (dialect.whole_ddl or session.execute(sql.revision).scalar() is not None):
            return  # somebody was faster
        if not begun:
            _refuse_tables_of_others(there, where)
            dialect.check_encoding(session, where)
            # First and without a revision: the mark of tables that are being made. Who finds it
            # so later, alone, makes those that are missing.
            stamp.create(session.connection)
        tables.metadata.create_all(
            session.connection,
            [table for table in tables.metadata.sorted_tables if table is not stamp],
            checkfirst=begun,
        )
        session.execute(sql.stamp_revision, {"version_num": tables.HEAD})


def _refuse_tables_of_others(there: set[str], where: str) -> None:
    if taken := sorted(there & set(tables.metadata.tables)):
        raise StoreError(
            f"The database has tables of another program: {', '.join(taken)}.",
            where=where,
            hint="Give zenlab a database of its own.",
        )


def _migrate(session: Transaction, dialect: Dialect) -> None:
    """Bring older tables up to `HEAD`; Alembic looks again where they are."""
    from zenlab.metadata.migrations import upgrade

    with dialect.alone(session):
        upgrade(session.connection)
