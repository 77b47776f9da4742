"""MariaDB: the system's, or Debian's packages, unpacked below `build/` without installing them."""

from __future__ import annotations

import fcntl
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.process import ServerProcess, free_port, new_folder

USER = "zenlab"

PACKAGES = ("mariadb-server-core", "libaio1", "liburing2")
"""What Debian 12 needs beyond what a machine with Python has."""

CACHE = Path(__file__).parents[2] / "build" / "servers"

_SETTINGS = (
    "--no-defaults",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--performance-schema=OFF",
    "--plugin-dir=/nonexistent",  # plugins are not needed, and Debian's has some on by default
    "--innodb-buffer-pool-size=32M",
    "--innodb-doublewrite=OFF",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-log-file-size=8M",
    "--innodb-use-native-aio=OFF",
    "--max-connections=120",
    "--character-set-server=latin1",  # the default of older ones: ours must not depend on it
)
"""Nothing has to outlive a crash of the machine. What was committed outlives one of the server."""


class Installation(NamedTuple):
    """Where MariaDB lies.

    Attributes:
        program: `mariadbd`.
        share: the folder of its SQL and its messages.
        libraries: folders for the loader.
    """

    program: Path
    share: Path
    libraries: str = ""


class MariadbServer:
    """A server with databases that are made for a test each. Start it, and stop it."""

    name = "MariaDB"

    def __init__(self) -> None:
        self.port = free_port()
        self.password = "pw-" + secrets.token_hex(8)
        self._names = itertools.count(1)
        self._folder: Path | None = None

    @property
    def data(self) -> Path:
        """The folder of its data."""
        assert self._folder is not None, "it was not started"
        return self._folder / "data"

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def start(self) -> None:
        """Start it, after a first time on the same data."""
        if self._folder is None:
            self._folder = new_folder("mariadb")
            self.data.mkdir()
            self._initialize()
        self._process.start()

    def stop(self) -> None:
        """Stop it at once, and delete its data."""
        if self._folder is not None:
            self._process.kill()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self.__dict__.pop("_process", None)

    def crash(self) -> None:
        """End it at once; its data stay, `start` recovers."""
        self._process.kill()

    def restart(self) -> None:
        """As an administrator does it: clients lose their connections."""
        self._process.stop()
        self.start()

    def create_database(self, options: str = "") -> str:
        """Make an empty database, and give its URL."""
        name = f"test_{os.getpid()}_{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} {options}", database=None)
        return self.url(name)

    def url(self, database: str) -> str:
        """The URL of a database, with its password."""
        return f"mysql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, *, database: str | None) -> list[tuple[Any, ...]]:
        """Run a statement, past the store."""
        with self._connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def dump(self, database: str) -> str:
        """What makes the tables of a database, by SHOW CREATE TABLE; indexes by name."""
        made = []
        for (name,) in self.execute("SHOW TABLES", database=database):
            text = self.execute(f"SHOW CREATE TABLE `{name}`", database=database)[0][1]
            lines = [line.removesuffix(",") for line in text.splitlines()]
            keys = sorted(line for line in lines if "KEY `" in line)
            made += [line for line in lines if line not in keys] + keys
        return "\n".join(made)

    # ---------------------------------------------------------------------------- inner life

    def _connect(self, database: str | None) -> Any:
        import pymysql

        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=self.password,
            database=database,
            autocommit=True,
            connect_timeout=2,
        )

    @property
    def _command(self) -> list[str]:
        found = installation()
        return [
            *(str(found.program), *_SETTINGS, f"--datadir={self.data}"),
            *(f"--lc-messages-dir={found.share}", f"--tmpdir={self._folder}"),
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]

    @property
    def _environment(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": installation().libraries, "PATH": os.environ["PATH"]}

    def _initialize(self) -> None:
        """The tables of the server itself, and our user."""
        share = installation().share
        parts = [
            "CREATE DATABASE mysql;",
            "USE mysql;",
            "SET @auth_root_socket = NULL;",
            (share / "mysql_system_tables.sql").read_text(),
            (share / "mysql_system_tables_data.sql").read_text(),
            "FLUSH PRIVILEGES;",
            f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{self.password}';",
            f"GRANT ALL ON *.* TO {USER}@'127.0.0.1' WITH GRANT OPTION;",
        ]
        done = subprocess.run(
            [*self._command, "--bootstrap"],
            input="\n".join(parts),
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    @cached_property
    def _process(self) -> ServerProcess:
        assert self._folder is not None
        listen = ("--bind-address=127.0.0.1", f"--port={self.port}")
        return ServerProcess(
            [*self._command, *listen, f"--socket={self._folder / 'socket'}"],
            log=self._folder / "log",
            ready=self._is_ready,
            stop_signal=signal.SIGTERM,
            env=self._environment,
        )

    def _is_ready(self) -> bool:
        import pymysql

        try:
            self._connect(None).close()
        except pymysql.err.OperationalError:
            return False
        return True


def installation() -> Installation:
    """The system's MariaDB, or the unpacked one, which is fetched the first time."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("mariadbd", path=path)
    if program is not None:
        root = Path(program).resolve().parents[1]
        return Installation(Path(program), _share(root))
    root = _unpacked()
    libraries = sorted({str(p.parent) for p in root.rglob("lib*.so.*")})
    return Installation(
        root / "usr/sbin/mariadbd", _share(root / "usr"), os.pathsep.join(libraries)
    )


def _share(root: Path) -> Path:
    for name in ("mysql", "mariadb"):
        if (root / "share" / name / "mysql_system_tables.sql").exists():
            return root / "share" / name
    raise RuntimeError(f"No mysql_system_tables.sql below {root / 'share'}: which MariaDB is this?")


def _unpacked() -> Path:
    """Debian's packages, unpacked once for all test runs of this clone."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = CACHE / "mariadb"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return target
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            folder = Path(name)
            folder.chmod(0o777)  # apt fetches as a user of its own
            if shutil.which("apt-get") is None:
                raise RuntimeError("There is no mariadbd here: install MariaDB's server.")
            _run("apt-get", "download", "-qq", *PACKAGES, cwd=folder)
            made = folder / "made"
            for package in sorted(folder.glob("*.deb")):
                _run("dpkg", "-x", str(package), str(made), cwd=folder)
            made.rename(target)
    return target


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"There is no mariadbd here, and {' '.join(command)} fails: {done.stderr.strip()}\n"
            "Install it: apt-get install mariadb-server"
        )
