"""PostgreSQL, by psycopg 3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, literal_column
from sqlalchemy.dialects import postgresql

from zenlab.core.errors import StoreError
from zenlab.metadata.dialects import UNKNOWN, Dialect, Explanation, Verdict, explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL, Column, ColumnElement, Insert, Table
    from sqlalchemy.exc import DBAPIError

    from zenlab.metadata.session import Transaction

_LOCK = 0x7A656E6C6162
"""The advisory lock of whoever makes or changes tables: "zenlab"."""

_DRIVER: dict[str, Any] = {
    "application_name": "zenlab",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A server that is gone without a word is noticed after a minute at most.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    # Prepared statements belong to a connection, and a pooler (PgBouncer, managed pools) gives
    # another one to each transaction.
    "prepare_threshold": None,
}
"""Arguments of psycopg's `connect`, unless the URL has them."""

# Timeouts of the server. No statement of ours takes a second, and a server that is stuck shall not
# hang a kernel; a process that was stopped in a transaction shall not lock out the team; and a
# kernel that was left open overnight holds no connection, of which a server has a hundred.
_SETTINGS = """
SELECT set_config(s.name, w.value, false)
FROM pg_catalog.pg_settings s JOIN (VALUES
    ('statement_timeout', '60s'),
    ('lock_timeout', '10s'),
    ('idle_in_transaction_session_timeout', '60s'),
    ('idle_session_timeout', '300s')
) w (name, value) ON s.name = w.name
"""
"""In one statement, without those that an older server (before 14) does not know."""

_AGAIN = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53300",  # too_many_connections
    "55P03",  # lock_not_available
    "57P03",  # cannot_connect_now
}
_LOST = re.compile("08...|57P0[125]|25P03")  # gone; ended by the server, or because it was idle

_UNREACHED = re.compile(
    "(?i)refused|timed? ?out|unreachable|closed the conn|reset by peer|broken pipe|SYSCALL"
)
"""What a connection says that is not made, or ends as it is made, as when the server restarts."""

_EXPLANATIONS: tuple[Explanation, ...] = (
    (
        "28P01|28000|authentication failed|no password supplied|no pg_hba.conf entry",
        "The metadata store refuses the user or the password.",
        "Check both: zenlab config metadata get",
    ),
    (
        "3D000|database .* does not exist",
        "The database of the metadata store does not exist.",
        "Have it made: createdb --encoding=UTF8 NAME, or correct metadata_store in zenlab.yaml.",
    ),
    (
        "translate host name|Name or service not known|nodename nor servname",
        "The host of the metadata store is not known.",
        "Check the host's name in zenlab.yaml, and your network or VPN.",
    ),
    (
        "53300|too many (clients|connections)|connection slots",
        "The metadata store has no connection left.",
        ("Close programs that you do not need, or raise the server's limit (max_connections)."),
    ),
    (
        "25006|read-only transaction",
        (
            "The metadata store may only be read: the URL leads to a replica, or to a server that "
            "is failing over."
        ),
        "Use the address of the primary server.",
    ),
    (
        "42501|permission denied",
        "The metadata store does not let this user do that.",
        (
            "Grant it: GRANT ALL ON DATABASE name TO user; GRANT ALL ON SCHEMA public TO user; "
            "or make the user the owner of the database."
        ),
    ),
    (
        "42P01|42703",
        "The metadata store lacks tables that its revision has.",
        "Restore it from a backup, or use an empty database: steps run again.",
    ),
    (
        "53100|53200|No space left",
        "The metadata store cannot be written: its server has no space left.",
        "Give the server more space, and run again: nothing half is kept.",
    ),
    (
        "40001|40P01|55P03",
        "The metadata store is locked by others.",
        "Look who holds the lock (SELECT * FROM pg_stat_activity), and run again.",
    ),
    (
        "57014|statement timeout",
        "The metadata store took more than a minute for one statement.",
        "Look at the load of the server, and run again.",
    ),
    (
        (
            r"(?i)^(08\w{3}|57P\d\d|25P03)\b|refused|timed? ?out|timeout expired|unreachable"
            r"|closed the connection|connection (is|has been) (lost|closed)|connection reset"
            r"|SYSCALL|broken pipe|(consuming input|sending query) failed|database system is"
        ),
        "The metadata store cannot be reached, or the connection to it was lost.",
        "Check that the server runs and that your network or VPN reaches it: zenlab doctor",
    ),
    (
        "certificate|SSL|sslmode",
        "The metadata store and this machine do not agree on encryption.",
        "See sslmode and sslrootcert in the URL: --option sslmode=verify-full",
    ),
)


class PostgresqlDialect(Dialect):
    """A PostgreSQL server."""

    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    idle_limit_s = 240.0  # before the server ends it, see `_SETTINGS`

    connection_settings: Sequence[str] = (_SETTINGS,)

    def prepare_place(self, url: URL) -> None:
        """A server's business."""

    def engine_options(self, url: URL) -> dict[str, Any]:
        """Arguments of psycopg; those in the URL count."""
        given = {name: value for name, value in _DRIVER.items() if name not in url.query}
        return {"connect_args": given, "use_native_hstore": False}

    def now(self) -> ColumnElement[int]:
        """Of the moment, not of the transaction's start."""
        return literal_column(
            "CAST(floor(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)", BigInteger
        )

    def insert(self, table: Table) -> postgresql.Insert:
        """PostgreSQL's INSERT."""
        return postgresql.insert(table)

    def insert_new(self, table: Table, *key: Column[Any]) -> Insert:
        """By ON CONFLICT DO NOTHING."""
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=key or None)

    def searched(self, text: str) -> str:
        """NUL is refused, even to be looked for."""
        return text.replace("\x00", "\x01")

    def verdict(self, error: DBAPIError) -> Verdict:
        """By SQLSTATE; what fails to connect has none, and words that may be translated."""
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in _AGAIN:
            return Verdict.AGAIN
        if state == "23505":
            return Verdict.THERE
        if error.connection_invalidated or _LOST.fullmatch(state):
            return Verdict.LOST
        text = str(error.orig)
        if not state and re.search("database system is|connection slots|too many", text):
            return Verdict.AGAIN
        if not state and _UNREACHED.search(text):
            return Verdict.LOST
        return Verdict.FINAL

    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """By SQLSTATE and words."""
        state = getattr(error.orig, "sqlstate", None)
        text = f"{state} {error.orig}" if state else str(error.orig)
        return explained(text, _EXPLANATIONS, "PostgreSQL", UNKNOWN)

    def check_encoding(self, session: Transaction, where: str) -> None:
        """Refuse SQL_ASCII, LATIN1 and the like."""
        found = session.connection.exec_driver_sql("SHOW server_encoding").scalar()
        if found != "UTF8":
            raise StoreError(
                f"The database has the encoding {found}, which cannot hold every text.",
                where=where,
                hint="Make one that can: createdb --encoding=UTF8 --template=template0 NAME",
            )

    def lock_tables(self, session: Transaction) -> None:
        """Until the end of the transaction. What changes many rows may take its time."""
        session.control(f"SELECT pg_advisory_xact_lock({_LOCK})")
        session.control("SET LOCAL statement_timeout = 0")
