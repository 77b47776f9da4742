"""Keeps claims alive while their steps compute: one thread a process, from the first claim on.

The thread is there for whatever has to be said now and then while a run goes on, see `pulse`.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from zenlab.metadata import MetadataStore


class Beating(Protocol):
    """What the thread calls when its time has come.

    Attributes:
        due: when that is, by the monotonic clock; `beat` sets the next time.
    """

    due: float

    def beat(self) -> None:
        """Do it; must not raise."""


class Heartbeat:
    """Renews one claim, every third of its time to live, as long as the context lasts.

    A beat that finds the claim taken over, or the store out of reach, changes nothing here: the
    fence of the claim decides when the step finishes, and until then the work may still turn out
    to be the first that is complete.

    Args:
        store: the metadata store; each thread has its own connection.
        work_key: what is claimed.
        owner: who claimed it.
        fence: the claim's fence.
        ttl_ms: how long a claim lives without a beat, in ms.
    """

    def __init__(
        self, store: MetadataStore, work_key: str, owner: str, fence: int, ttl_ms: int
    ) -> None:
        self._store = store
        self._claim = (work_key, owner, fence, ttl_ms)
        self._beating = threading.Lock()
        self._over = False
        self.interval = ttl_ms / 3000
        self.due = 0.0

    def __enter__(self) -> Self:
        self.due = time.monotonic() + self.interval
        pulse().add(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        # The lock waits for a beat that is under way: it could revive a claim that is freed next.
        with self._beating:
            self._over = True
        pulse().remove(self)

    def beat(self) -> None:
        """Renew the claim, unless the context is over."""
        self.due = time.monotonic() + self.interval
        with self._beating:
            if self._over:
                return
            try:
                self._store.heartbeat(*self._claim)
            except Exception:  # noqa: BLE001 - a store out of reach may be back at the next beat
                return


class _Pulse:
    """The thread, and what beats in it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._all: set[Beating] = set()
        self._changed = threading.Condition()
        self._wakes_at: float | None = None
        threading.Thread(target=self._loop, name="zenlab-heartbeat", daemon=True).start()

    def add(self, one: Beating) -> None:
        """Let it beat from now on."""
        with self._changed:
            self._all.add(one)
            # Waking the thread for each of many short steps would take longer than their claims.
            if self._wakes_at is None or one.due < self._wakes_at:
                self._changed.notify()

    def remove(self, one: Beating) -> None:
        """Let it beat no more; a beat that is under way goes on."""
        with self._changed:
            self._all.discard(one)

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._wakes_at = min((one.due for one in self._all), default=None)
                now = time.monotonic()
                if self._wakes_at is None or self._wakes_at > now:
                    self._changed.wait(None if self._wakes_at is None else self._wakes_at - now)
                    continue
                due = [one for one in self._all if one.due <= now]
            for one in due:
                one.beat()


_the_pulse: _Pulse | None = None


def pulse() -> _Pulse:
    """The pulse of this process; a fork has none of its threads, and starts its own."""
    global _the_pulse  # noqa: PLW0603 - one thread a process
    if _the_pulse is None or _the_pulse.pid != os.getpid():
        _the_pulse = _Pulse()
    return _the_pulse
