"""MySQL and MariaDB, by PyMySQL."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, func, literal_column
from sqlalchemy.dialects import mysql

from zenlab.core.errors import StoreError
from zenlab.metadata.dialects import UNKNOWN, Dialect, Explanation, Verdict, explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import URL, Column, ColumnElement, CursorResult, Insert, Table
    from sqlalchemy.exc import DBAPIError

    from zenlab.metadata.session import Transaction

_DRIVER: dict[str, Any] = {
    "connect_timeout": 10,
    # No statement of ours takes a second; a server that is gone without a word, or stuck, shall
    # not hang a kernel.
    "read_timeout": 60,
    "write_timeout": 60,
    "program_name": "zenlab",
}
"""Arguments of PyMySQL's `connect`, unless the URL has them."""

_ALONE_S = 50
"""How long to wait for others who make or change tables; less than `read_timeout`."""

_AGAIN = {
    1040,  # too many connections
    1203,  # too many connections of this user
    1205,  # lock wait timeout
    1213,  # deadlock
    1226,  # a resource limit of this user
}
_LOST = {
    1053,  # server shutdown
    1152,  # aborted connection
    1158,  # errors of the network, until 1161
    1159,
    1160,
    1161,
    1927,  # connection was killed
    2002,  # cannot connect by the socket
    2003,  # cannot connect
    2006,  # gone away
    2013,  # lost during a query
    2055,  # lost
    4031,  # was idle for too long
}

_EXPLANATIONS: tuple[Explanation, ...] = (
    (
        r"^(1044|1045|1698|1251|3159)\b",
        "The metadata store refuses the user or the password.",
        "Check both: zenlab config metadata get",
    ),
    (
        r"^1049\b",
        "The database of the metadata store does not exist.",
        (
            "Have it made: CREATE DATABASE name CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; "
            "or correct metadata_store in zenlab.yaml."
        ),
    ),
    (
        r"^2005\b|Name or service not known|nodename nor servname|name resolution",
        "The host of the metadata store is not known.",
        "Check the host's name in zenlab.yaml, and your network or VPN.",
    ),
    (
        r"^(1040|1203|1226)\b",
        "The metadata store has no connection left.",
        ("Close programs that you do not need, or raise the server's limit (max_connections)."),
    ),
    (
        r"^(1290|1792|1836)\b",
        (
            "The metadata store may only be read: the URL leads to a replica, or to a server that "
            "is failing over."
        ),
        "Use the address of the primary server.",
    ),
    (
        r"^(1142|1143|1227|1370)\b",
        "The metadata store does not let this user do that.",
        "Grant it: GRANT ALL PRIVILEGES ON name.* TO user",
    ),
    (
        r"^(1146|1054)\b",
        "The metadata store lacks tables that its revision has.",
        "Restore it from a backup, or use an empty database: steps run again.",
    ),
    (
        r"^(1021|1114|1037|1041)\b",
        "The metadata store cannot be written: its server has no space left.",
        "Give the server more space, and run again: nothing half is kept.",
    ),
    (
        r"^(1205|1213)\b",
        "The metadata store is locked by others.",
        "Look who holds the lock (SHOW ENGINE INNODB STATUS), and run again.",
    ),
    (
        r"^1153\b",
        "The metadata store refuses a row of this size.",
        "Raise max_allowed_packet on the server.",
    ),
    (
        (
            r"(?i)^(1053|1152|1158|1159|116[01]|1927|2002|2003|2006|2013|2014|2045|2055|4031)\b"
            r"|timed out|refused|unreachable"
        ),
        "The metadata store cannot be reached, or the connection to it was lost.",
        "Check that the server runs and that your network or VPN reaches it: zenlab doctor",
    ),
    (
        r"(?i)^(2026|3159)\b|SSL|certificate",
        "The metadata store and this machine do not agree on encryption.",
        "See ssl_ca and ssl_verify_cert in the URL: --option ssl_ca=PATH",
    ),
)


class MysqlDialect(Dialect):
    """A MySQL or MariaDB server."""

    returning = False
    updating_tells = True
    whole_ddl = False  # each statement that makes a table commits by itself
    idle_limit_s = 240.0  # before the server ends it, see `wait_timeout`

    connection_settings: Sequence[str] = (
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        # UTC: an hour that comes twice would make the clock go back. The mode: too long texts are
        # refused, and quotes mean what they mean to the driver. The timeout: a process that was
        # stopped in a transaction does not lock out the team, and a kernel that was left open
        # overnight holds no connection.
        (
            "SET SESSION time_zone = '+00:00', "
            "sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
            "innodb_lock_wait_timeout = 10, wait_timeout = 300"
        ),
    )

    def prepare_place(self, url: URL) -> None:
        """A server's business."""

    def engine_options(self, url: URL) -> dict[str, Any]:
        """Arguments of PyMySQL; those in the URL count, but for the encoding."""
        given = {name: value for name, value in _DRIVER.items() if name not in url.query}
        return {"connect_args": {**given, "charset": "utf8mb4"}}

    def now(self) -> ColumnElement[int]:
        """Of the moment, not of the statement's start; `UNIX_TIMESTAMP` ends in 2038."""
        return literal_column(
            "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', SYSDATE(3)) DIV 1000)", BigInteger
        )

    def insert(self, table: Table) -> mysql.Insert:
        """MySQL's INSERT."""
        return mysql.insert(table)

    def insert_new(self, table: Table, *key: Column[Any]) -> Insert:
        """By ON DUPLICATE KEY UPDATE of nothing; INSERT IGNORE would ignore much more.

        It cannot be told one key from another: a row that is the same by any key stays.
        """
        column = key[0] if key else next(iter(table.primary_key))
        return mysql.insert(table).on_duplicate_key_update({column.name: column})

    def to_be_told(self, value: ColumnElement[int]) -> ColumnElement[int]:
        """As the connection's last id, which the answer to an UPDATE brings along."""
        return func.last_insert_id(value, type_=BigInteger)

    def told(self, result: CursorResult[Any]) -> int | None:
        """The connection's last id."""
        return int(result.lastrowid) if result.rowcount == 1 else None

    def searched(self, text: str) -> str:
        """Blanks at the end do not count in its comparisons, and no identifier has any."""
        return text + "\x01" if text.endswith(" ") else text

    def verdict(self, error: DBAPIError) -> Verdict:
        """By MySQL's numbers."""
        code = _code(error)
        if code in _AGAIN:
            return Verdict.AGAIN
        if code == 1062:
            return Verdict.THERE
        if error.connection_invalidated or code in _LOST:
            known = re.search("Name or service|nodename|name resolution", str(error.orig))
            return Verdict.FINAL if known else Verdict.LOST
        return Verdict.FINAL

    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """By MySQL's numbers, which come first in the text that is looked at."""
        args = getattr(error.orig, "args", ())
        text = " ".join(str(part) for part in args) or str(error.orig)
        return explained(text, _EXPLANATIONS, "MySQL", UNKNOWN)

    @contextmanager
    def alone(self, session: Transaction) -> Iterator[None]:
        """By a lock of the server for this database: there is no transaction for tables."""
        name = "CONCAT('zenlab ', SHA1(DATABASE()))"
        got = session.connection.exec_driver_sql(f"SELECT GET_LOCK({name}, {_ALONE_S})").scalar()
        if got != 1:
            raise StoreError(
                "Somebody else has been making or changing the tables of the metadata store for "
                f"{_ALONE_S} s.",
                hint="Wait until it is done; SHOW PROCESSLIST says who it is.",
            )
        release = f"SELECT RELEASE_LOCK({name})"
        try:
            yield
        except BaseException:
            with suppress(Exception):  # without a connection there is no lock any more
                session.control(release)
            raise
        session.control(release)


def _code(error: DBAPIError) -> int:
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else 0
