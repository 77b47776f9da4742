"""What differs between databases, and nothing else: the clock, upserts, locks, words of errors.

A new database is a subclass of `Dialect` and a row in `dialect_for`; the conformance suite says
whether it is right.
"""

from __future__ import annotations

import re
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, literal_column
from sqlalchemy.dialects import sqlite

from zenlab.core.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Table
    from sqlalchemy.exc import DBAPIError


class Dialect(ABC):
    """One kind of database."""

    begin: str = "BEGIN"
    """Opens a transaction that writes."""

    returning: bool = True
    """Whether an upsert can say what it made (`RETURNING`): a claim is one statement then."""

    connection_settings: tuple[str, ...] = ()
    """Sent on each new connection."""

    database_settings: tuple[str, ...] = ()
    """Sent once, before the tables of a new database are made."""

    @abstractmethod
    def prepare_place(self, url: URL) -> None:
        """Check, before the first connection, that there can be a database at this URL."""

    @abstractmethod
    def connect_args(self) -> dict[str, Any]:
        """Arguments for the driver's `connect`."""

    @abstractmethod
    def now(self) -> ColumnElement[int]:
        """The database's clock, in ms since 1970."""

    @abstractmethod
    def insert(self, table: Table) -> sqlite.Insert:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""

    @abstractmethod
    def is_transient(self, error: DBAPIError) -> bool:
        """Whether the same transaction, repeated, may succeed."""

    @abstractmethod
    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """What an error means, in a sentence, and what to do next."""


class SqliteDialect(Dialect):
    """SQLite in a file: write-ahead log, one writer at a time."""

    # A deferred transaction that begins by reading cannot always become a writer: it would fail
    # without waiting. This one waits at its first word.
    begin = "BEGIN IMMEDIATE"

    returning = sqlite3.sqlite_version_info >= (3, 35)

    # A crash of the machine may lose the last commits, but never damages the file.
    connection_settings = ("PRAGMA synchronous=NORMAL",)

    # Readers and the writer do not wait for each other. The file remembers it.
    database_settings = ("PRAGMA journal_mode=WAL",)

    _BUSY_MS = 1_000
    """How long the driver waits for a lock by itself. Short, since a kernel's interrupt is not
    heard meanwhile; the store repeats."""

    # Each line: part of SQLite's message, what it means, what to do.
    _EXPLANATIONS = (
        (
            "readonly database|read-only|unable to open database file",
            "The metadata store cannot be opened for writing.",
            "Check that the file and its folder exist and that you may write to both.",
        ),
        (
            "disk is full|disk I/O error",
            "The metadata store cannot be written: the disk is full, or fails.",
            "Free some space (`df -h`), check your quota, and run again: nothing half is kept.",
        ),
        (
            "not a database|malformed|unsupported file format",
            "The file is no SQLite database, or it is damaged.",
            "Move it away (a new one is made, steps run again) or try `sqlite3 FILE .recover`.",
        ),
        (
            "locked|busy",
            "The metadata store is locked by another program.",
            "Close what holds the file open (a database browser, a backup), and run again.",
        ),
        (
            "no such table|no such column",
            "The metadata store lacks tables that its revision has.",
            "Restore it from a backup, or move it away: a new one is made, and steps run again.",
        ),
    )

    def prepare_place(self, url: URL) -> None:
        """Refuse a database in memory; make the folder, which a fresh clone does not have."""
        database = url.database or ""
        if database in {"", ":memory:"} or "mode=memory" in database:
            raise StoreError(
                "A metadata store in memory is none: each thread would have its own.",
                hint="Name a file: sqlite:////absolute/path/metadata.db",
            )
        if database.startswith("file:"):
            return
        try:
            Path(database).parent.mkdir(exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder of the metadata store cannot be made: {error.strerror}.",
                where=str(Path(database).parent),
                hint="Make the folder, or correct the store's URL in zenlab.yaml.",
            ) from error

    def connect_args(self) -> dict[str, Any]:
        """Wait a moment for locks; let `dispose` close the connections of other threads."""
        return {"timeout": self._BUSY_MS / 1000, "check_same_thread": False}

    def now(self) -> ColumnElement[int]:
        """To the ms: julianday is off by up to 0.04 ms, so it is rounded, not cut.

        `unixepoch('subsec')` would say it better, but needs SQLite 3.42 (Debian 12 has 3.40).
        """
        return literal_column(
            "CAST((julianday('now') - 2440587.5) * 86400000 + 0.5 AS INTEGER)", BigInteger
        )

    def insert(self, table: Table) -> sqlite.Insert:
        """SQLite's INSERT."""
        return sqlite.insert(table)

    def is_transient(self, error: DBAPIError) -> bool:
        """A lock that somebody else holds."""
        return bool(re.search("locked|busy", str(error.orig)))

    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """By SQLite's own words; sqlite3's codes are only there since Python 3.11."""
        text = str(error.orig)
        for pattern, meaning, hint in self._EXPLANATIONS:
            if re.search(pattern, text):
                return f"{meaning} (SQLite: {text})", hint
        return (
            f"The metadata store refused a statement. (SQLite: {text})",
            "Run again; if it stays so, please report it with this message.",
        )


def dialect_for(url: URL) -> Dialect:
    """The dialect of a URL.

    Raises:
        StoreError: a kind of database that zenlab does not know.
    """
    if url.get_backend_name() == "sqlite":
        return SqliteDialect()
    raise StoreError(
        f"zenlab does not know metadata stores of the kind {url.get_backend_name()!r}.",
        where=url.render_as_string(hide_password=True),
        hint="Use sqlite:////absolute/path/metadata.db",
    )
