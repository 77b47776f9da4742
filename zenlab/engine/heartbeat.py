"""Keeps a claim alive while its step computes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from zenlab.metadata import MetadataStore

DEFAULT_TTL_MS = 60_000


class Heartbeat:
    """Renews one claim from a thread of its own, every third of its time to live.

    A context manager around the computation. A beat that finds the claim taken over, or the
    store out of reach, changes nothing here: the fence of the claim decides when the step
    finishes, and until then the work may still turn out to be the first that is complete.

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
        self._interval = ttl_ms / 3000
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="zenlab-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopped.set()
        # A beat that is under way is waited for, or it could revive a claim that is released.
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                self._store.heartbeat(*self._claim)
            except Exception:  # noqa: BLE001, S112 - a store out of reach now may be back at the next beat
                continue
