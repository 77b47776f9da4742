"""What a transfer tells those who wait for it: how much has come across, of how much.

A listener is set for a block of code, not for a store: a repository has one store, and each step of
each run has somebody else who watches. It is called in the thread that waits for the transfer.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TELL_SECONDS = 0.2
"""How often a listener is told."""

QUIET_BYTES = 8_000_000
"""A transfer of less is over before anybody has read about it."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a transfer has come.

    Attributes:
        verb: `uploading` or `downloading`.
        uri: of the artifact.
        done: bytes that are across; fewer than before when something had to be sent again.
        total: bytes of the artifact's files.

    Example:
        >>> str(Transfer("uploading", "trainer/ab/model", 340_000_000, 1_200_000_000))
        'uploading 340 of 1,200 MB'
    """

    verb: str
    uri: str
    done: int
    total: int

    def __str__(self) -> str:
        return f"{self.verb} {self.done / 1e6:,.0f} of {self.total / 1e6:,.0f} MB"


_listener: ContextVar[Callable[[Transfer], None] | None] = ContextVar("listener", default=None)


@contextmanager
def telling(listener: Callable[[Transfer], None]) -> Iterator[None]:
    """Tell a listener of the transfers that this thread waits for in the block.

    Args:
        listener: called a few times a second while something large is on its way, and at its end.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class StoppedError(Exception):
    """Raised in the threads of a transfer that is given up."""


class Meter:
    """Counts the bytes of one artifact's transfer, from all its threads.

    Args:
        verb: `uploading` or `downloading`.
        uri: of the artifact.
        total: bytes of its files.
    """

    def __init__(self, verb: str, uri: str, total: int) -> None:
        self._verb = verb
        self._uri = uri
        self._total = total
        self._done = 0
        self._lock = threading.Lock()
        self._stopped = False

    def part(self) -> Part:
        """A counter for one file, or for a piece of one."""
        return Part(self)

    def count(self, change: int) -> None:
        """Count bytes; from any thread.

        Raises:
            StoppedError: the transfer was given up.
        """
        if self._stopped:
            raise StoppedError
        with self._lock:
            self._done += change

    def stop(self) -> None:
        """Let the threads of the transfer end at their next piece."""
        self._stopped = True

    @property
    def quiet(self) -> bool:
        """Whether nobody is told, since it is over at once."""
        return self._total < QUIET_BYTES

    def tell(self) -> None:
        """Tell the listener of the calling thread, if there is one and the transfer is large."""
        listener = _listener.get()
        if listener is not None and not self.quiet:
            listener(Transfer(self._verb, self._uri, self._done, self._total))


class Part:
    """The bytes of one file, or of a piece of one. What is sent again does not count twice."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._done = 0

    def set(self, done: int) -> None:
        """So many bytes of it are across.

        Raises:
            StoppedError: the transfer was given up.
        """
        change, self._done = done - self._done, done
        self._meter.count(change)

    def add(self, more: int) -> None:
        """So many bytes more; see `set`. Of one part, called from one thread."""
        self.set(self._done + more)
