"""Fixtures: a database server a test run, started by the first test that asks; a database a test.

One server for each process of pytest-xdist. Each starts in about a second, while sharing one would
need a lock, a count of its users, and somebody who cleans up after a process that was killed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """PostgreSQL, for tests that leave it running."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """MariaDB, for tests that leave it running."""
    server = MariadbServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The URL of an empty database on PostgreSQL."""
    return postgres.create_database()


@pytest.fixture
def mariadb_url(mariadb: MariadbServer) -> str:
    """The URL of an empty database on MariaDB."""
    return mariadb.create_database()
