"""The driver alone, each statement committed by itself: what nobody can beat on that connection.

It knows no claims, no history and no values: one question for what is there, one row for each
result, one for the run. The keys are random, so that each round's are new.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks.harness import Case


def cached_on_server(number: int, database: str) -> Case:
    """One SELECT that finds all keys, one INSERT of the run."""
    connection = _connect(database)
    keys = [secrets.token_hex(32) for _ in range(number)]
    for key in keys:
        _insert(connection, "driver_result", key)

    def run() -> int:
        found = _find(connection, keys)
        _insert(connection, "driver_run", secrets.token_hex(32))
        return found

    def after(found: int) -> dict[str, Any]:
        assert found == number
        return {}

    return Case(run, after=after)


def steps(number: int, columns: int, database: str) -> Case:  # noqa: ARG001 - nothing is stored
    """One SELECT that finds nothing, an INSERT for each step and one of the run."""
    connection = _connect(database)

    def run() -> int:
        keys = [secrets.token_hex(32) for _ in range(number)]
        found = _find(connection, keys)
        for key in keys:
            _insert(connection, "driver_result", key)
        _insert(connection, "driver_run", secrets.token_hex(32))
        return found

    def after(found: int) -> dict[str, Any]:
        assert found == 0
        return {}

    return Case(run, after=after)


def _connect(database: str) -> Any:
    if database.startswith("postgresql:"):
        import psycopg

        # As zenlab has it: one that is prepared would take another round trip the first times.
        connection: Any = psycopg.connect(database, autocommit=True, prepare_threshold=None)
    else:
        import pymysql

        url = urlsplit(database)
        connection = pymysql.connect(
            host=url.hostname,
            port=url.port or 0,
            user=url.username,
            password=unquote(url.password or ""),
            database=url.path.lstrip("/"),
            autocommit=True,
        )
    for table in ("driver_result", "driver_run"):
        _ask(connection, f"CREATE TABLE {table} (id VARCHAR(64) PRIMARY KEY, made VARCHAR(64))")
    return connection


def _find(connection: Any, keys: list[str]) -> int:
    marks = ", ".join(["%s"] * len(keys))
    query = f"SELECT id, made FROM driver_result WHERE id IN ({marks})"  # noqa: S608 - marks
    return len(_ask(connection, query, keys))


def _insert(connection: Any, table: str, key: str) -> None:
    _ask(connection, f"INSERT INTO {table} VALUES (%s, %s)", [key, key])  # noqa: S608 - ours


def _ask(connection: Any, sql: str, values: list[str] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []
