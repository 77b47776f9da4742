"""Claims, as a run uses them: take one, wait for whoever has it, keep it alive."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.core.errors import BusyError, ParameterError
from zenlab.engine.heartbeat import Heartbeat
from zenlab.engine.machine import is_dead
from zenlab.metadata import ClaimBusy, ClaimDone, ClaimWon

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.metadata import Holder, MetadataStore

_FIRST_WAIT = 0.02
_LONGEST_WAIT = 2.0

_PROGRESS_SECONDS = 3.0
"""Who waits asks so often how far the other one is."""


class Claims:
    """The claims of one run.

    Args:
        store: the metadata store, whose clock and fences decide.
        holder: who claims.
        ttl_ms: how long a claim lives without a heartbeat, in ms.
        on_busy: `wait` for whoever computes the step, or `fail`.
        tell: is told whom the run waits for.
        pause: waits some seconds; may raise what shall end the waiting.
    """

    def __init__(
        self,
        store: MetadataStore,
        holder: Holder,
        *,
        ttl_ms: int,
        on_busy: str,
        tell: Callable[[events.Event], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if on_busy not in ("wait", "fail"):
            raise ParameterError(f"on_busy is '{on_busy}'.", hint="Use 'wait' or 'fail'.")
        self._store = store
        self._holder = holder
        self._ttl_ms = ttl_ms
        self._on_busy = on_busy
        self._tell = tell
        self._pause = pause

    @property
    def owner(self) -> str:
        """The random name under which this run claims."""
        return self._holder.owner

    def take(
        self,
        slot: str,
        work_key: str,
        cache_key: str,
        *,
        renew_before: int | None = None,
        freed: Callable[[str, int], None] | None = None,
    ) -> ClaimWon | ClaimDone:
        """Claim a piece of work, or find it done; waits while somebody else does it.

        Args:
            slot: the step, for messages.
            work_key: what is claimed.
            cache_key: the lineage under which a done one is to be found from now on.
            renew_before: for a forced step, the id of this run: work that was done by an
                earlier run is opened again. What somebody finished since then is fresh enough.
            freed: called with owner and fence of a claim that was taken from a dead process.

        Raises:
            BusyError: somebody else has it, and `on_busy` is `fail`.
            Stopped: nobody needs it any more; `pause` raises it.
        """
        wait = _FIRST_WAIT
        waiting = _Waiting(self._store, slot, work_key)
        while True:
            result = self._store.claim(work_key, self._holder, self._ttl_ms, cache_key=cache_key)
            if isinstance(result, ClaimWon):
                return result
            if isinstance(result, ClaimDone):
                # Ids are ordered by time, so they tell which execution came first.
                if renew_before is None or result.execution.execution_id > renew_before:
                    return result
                self._store.reopen(work_key, result.execution.fence)
                continue
            if is_dead(result.holder):
                released = self._store.release(work_key, result.holder.owner, result.fence)
                if released and freed is not None:
                    freed(result.holder.owner, result.fence)
                continue
            if self._on_busy == "fail":
                raise BusyError(
                    f"Step '{slot}' is being computed by {_described(result)}.",
                    where=slot,
                    hint="Run again later, or with on_busy='wait'.",
                )
            event = waiting.news(result)
            if event is not None:
                self._tell(event)
            # With chance in it, or all who wait would ask at the same moments.
            self._pause(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 1.5, _LONGEST_WAIT)

    def kept(self, work_key: str, fence: int) -> Heartbeat:
        """A context in which the claim does not expire."""
        return Heartbeat(self._store, work_key, self.owner, fence, self._ttl_ms)


class _Waiting:
    """What is told while somebody else computes a step: who, and how far it is."""

    def __init__(self, store: MetadataStore, slot: str, work_key: str) -> None:
        self._store = store
        self._slot = slot
        self._work_key = work_key
        self._told: events.StepWaiting | None = None
        self._asked = time.monotonic()
        self._progress = ""

    def news(self, busy: ClaimBusy) -> events.StepWaiting | None:
        """What is to be said now; None if it has been said."""
        now = time.monotonic()
        if now - self._asked > _PROGRESS_SECONDS:  # not for those who wait a moment
            self._asked = now
            self._progress = self._how_far(busy.holder.owner)
        event = events.StepWaiting(self._slot, _described(busy), self._progress)
        if event == self._told:
            return None
        self._told = event
        return event

    def _how_far(self, owner: str) -> str:
        for step in self._store.steps_of(owner):
            if f"/{self._work_key}/" in step.folder:
                return counted(step.done, step.total, step.message)
        return ""


def counted(done: float | None, total: float | None, message: str) -> str:
    """How far a step says that it is.

    Example:
        >>> counted(3, 10, "epochs"), counted(4, None, ""), counted(None, None, "fitting")
        ('3/10 epochs', '4', 'fitting')
    """
    number = "" if done is None else f"{done:g}" if not total else f"{done:g}/{total:g}"
    return f"{number} {message}".strip()


def _described(busy: ClaimBusy) -> str:
    holder = busy.holder
    since = time.strftime("%H:%M:%S", time.localtime(holder.since_ms / 1000))
    user = holder.user.partition(" <")[0]
    return f"{user} on {holder.host} (process {holder.pid}) since {since}"
