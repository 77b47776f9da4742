"""SQLite in a file: one writer at a time, and nobody on another machine."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, literal_column
from sqlalchemy.dialects import sqlite

from zenlab.core.errors import StoreError
from zenlab.metadata import filesystems
from zenlab.metadata.dialects import UNKNOWN, Dialect, Explanation, Verdict, explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL, Column, ColumnElement, Insert, Table
    from sqlalchemy.exc import DBAPIError

_BUSY_MS = 1_000
"""How long the driver waits for a lock by itself. Short, since a kernel's interrupt is not heard
meanwhile; the store repeats."""

_EXPLANATIONS: tuple[Explanation, ...] = (
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


class SqliteDialect(Dialect):
    """SQLite in a file.

    On a local disk with a write-ahead log: readers and the writer do not wait for each other. Its
    index is shared memory, which no network file system has; there, SQLite's older journal does
    with locks alone, and those are right only as long as one machine uses the file. That is so for
    a repository's own store in somebody's home, and not for one that a team shares.

    Args:
        embedded: whether it is a repository's own file, which nobody shares.
    """

    # A deferred transaction that begins by reading cannot always become a writer: it would fail
    # without waiting. This one waits at its first word.
    begin = "BEGIN IMMEDIATE"

    returning = sqlite3.sqlite_version_info >= (3, 35)

    # A crash of the machine may lose the last commits, but never damages the file.
    connection_settings: Sequence[str] = ("PRAGMA synchronous=NORMAL",)

    # The file remembers it.
    database_settings: Sequence[str] = ("PRAGMA journal_mode=WAL",)

    def __init__(self, *, embedded: bool = False) -> None:
        self._embedded = embedded

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
        folder = Path(database).parent
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder of the metadata store cannot be made: {error.strerror}.",
                where=str(folder),
                hint="Make the folder, or correct the store's URL in zenlab.yaml.",
            ) from error
        kind = filesystems.network_kind(folder)
        if kind is None:
            return
        if not self._embedded:
            raise StoreError(
                f"A shared metadata store in SQLite cannot lie on a network file system ({kind}): "
                "its locks do not hold between machines, and the file would be damaged.",
                where=database,
                hint="Use a database server: zenlab config metadata set postgresql --host ... "
                "(docs/team.md), or each clone's own: zenlab config metadata set embedded",
            )
        # Also where the file was brought from a local disk and is in the other mode.
        self.connection_settings = ("PRAGMA synchronous=FULL", "PRAGMA journal_mode=DELETE")
        self.database_settings = ()
        self.notice = (
            f"It lies on a network file system ({kind}), and uses SQLite's rollback journal there, "
            "which is slower. Run zenlab in this clone on one machine at a time."
        )

    def engine_options(self, url: URL) -> dict[str, Any]:  # noqa: ARG002 - of others
        """Wait a moment for locks; let `dispose` close the connections of other threads."""
        return {"connect_args": {"timeout": _BUSY_MS / 1000, "check_same_thread": False}}

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

    def insert_new(self, table: Table, *key: Column[Any]) -> Insert:
        """By ON CONFLICT DO NOTHING."""
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=key or None)

    def verdict(self, error: DBAPIError) -> Verdict:
        """By SQLite's own words; sqlite3's codes are not there in all versions of the library."""
        text = str(error.orig)
        if re.search("locked|busy", text):
            return Verdict.AGAIN
        return Verdict.THERE if "UNIQUE constraint failed" in text else Verdict.FINAL

    def explain(self, error: DBAPIError) -> tuple[str, str]:
        """By SQLite's own words."""
        return explained(str(error.orig), _EXPLANATIONS, "SQLite", UNKNOWN)
