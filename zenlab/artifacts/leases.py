"""Who uses what of the local cache: one file a process, locked as long as the process lives.

The kernel frees a lock when its process ends, however it ends, so nobody has to tell a living
process from a dead one by its number. The file lists what the process uses, a key a line.

Whoever adds a key holds the cache's lock for reading, and whoever removes something holds it for
writing, so that nothing is removed between the look whether it is there and the note that it is
used.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class Leases:
    """The leases of one cache folder, with that of this process among them.

    Args:
        folder: of the cache.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "leases"
        self._lock_file = folder / "lock"
        self._own: int | None = None
        self._name = ""
        self._held: set[str] = set()
        self._mutex = threading.Lock()

    @property
    def name(self) -> str:
        """The name of this process's lease, which is taken if need be."""
        if self._own is None:
            with self.reading():
                self._take()
        return self._name

    def holds(self, key: str) -> bool:
        """Whether this process has said that it uses something."""
        return key in self._held

    def add(self, key: str) -> None:
        """Say that this process uses something, until it ends. Only within `reading`."""
        self._take()
        with self._mutex:
            if key not in self._held and self._own is not None:
                os.write(self._own, f"{key}\n".encode())
                self._held.add(key)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Nothing is removed by anybody in this block."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def removing(self) -> Iterator[None]:
        """Nobody begins to use anything in this block. Keep it short."""
        with self._locked(fcntl.LOCK_EX):
            yield

    def living(self) -> dict[str, set[str]] | None:
        """What each living process uses, by the name of its lease. Only within `removing`.

        Leases of processes that are gone are removed.

        Returns:
            None where the file system has no locks, and nobody can tell.
        """
        found: dict[str, set[str]] = {}
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            try:
                descriptor = os.open(file, os.O_RDWR)
            except FileNotFoundError:
                continue
            try:
                alive = file.name == self._name or not _lock(descriptor, fcntl.LOCK_EX)
                if alive:
                    found[file.name] = set(file.read_text().split())
                else:
                    file.unlink(missing_ok=True)
            except OSError as error:
                if error.errno in _NO_LOCKS:
                    return None
                raise
            finally:
                os.close(descriptor)
        return found

    def _take(self) -> None:
        with self._mutex:
            if self._own is not None:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            name = f"{os.getpid()}-{secrets.token_hex(6)}"
            # Never closed: the lock lasts as long as the process, and its forked children.
            descriptor = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with suppress(OSError):  # no locks: `living` says so to whoever asks
                _lock(descriptor, fcntl.LOCK_EX)
            self._name, self._own = name, descriptor

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, kind)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
            yield
        finally:
            with suppress(OSError):
                # Closing is not enough: a child that was forked meanwhile has the file open, too.
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    """Lock a file if nobody has it; whether that was so."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_leases: dict[str, Leases] = {}
_leases_lock = threading.Lock()


def leases_of(folder: Path) -> Leases:
    """The leases of a cache folder: one object a process, so that it has one lease."""
    with _leases_lock:
        return _leases.setdefault(os.path.abspath(folder), Leases(folder))  # noqa: PTH100
