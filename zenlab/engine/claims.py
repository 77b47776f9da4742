"""Claims, as a run uses them: take one, wait for whoever has it, keep it alive."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.core.errors import BusyError, ParameterError
from zenlab.engine.failure import Stopped
from zenlab.engine.heartbeat import Heartbeat
from zenlab.engine.machine import is_dead
from zenlab.metadata import ClaimBusy, ClaimDone, ClaimWon

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.metadata import Holder, MetadataStore

_FIRST_WAIT = 0.02
_LONGEST_WAIT = 2.0


class Claims:
    """The claims of one run.

    Args:
        store: the metadata store, whose clock and fences decide.
        holder: who claims.
        ttl_ms: how long a claim lives without a heartbeat, in ms.
        on_busy: `wait` for whoever computes the step, or `fail`.
        tell: is told whom the run waits for.
        stopped: ends the waiting, once it is set.
    """

    def __init__(
        self,
        store: MetadataStore,
        holder: Holder,
        *,
        ttl_ms: int,
        on_busy: str,
        tell: Callable[[events.Event], None],
        stopped: threading.Event | None = None,
    ) -> None:
        if on_busy not in ("wait", "fail"):
            raise ParameterError(f"on_busy is '{on_busy}'.", hint="Use 'wait' or 'fail'.")
        self._store = store
        self._holder = holder
        self._ttl_ms = ttl_ms
        self._on_busy = on_busy
        self._tell = tell
        self._stopped = stopped or threading.Event()

    @property
    def owner(self) -> str:
        """The random name under which this run claims."""
        return self._holder.owner

    def take(
        self, slot: str, work_key: str, cache_key: str, *, renew_before: int | None = None
    ) -> ClaimWon | ClaimDone:
        """Claim a piece of work, or find it done; waits while somebody else does it.

        Args:
            slot: the step, for messages.
            work_key: what is claimed.
            cache_key: the lineage under which a done one is to be found from now on.
            renew_before: for a forced step, the id of this run: work that was done by an
                earlier run is opened again. What somebody finished since then is fresh enough.

        Raises:
            BusyError: somebody else has it, and `on_busy` is `fail`.
            Stopped: nobody needs it any more.
        """
        wait = _FIRST_WAIT
        told = ""
        while not self._stopped.is_set():
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
                self._store.release(work_key, result.holder.owner, result.fence)
                continue
            holder = _described(result)
            if self._on_busy == "fail":
                raise BusyError(
                    f"Step '{slot}' is being computed by {holder}.",
                    where=slot,
                    hint="Run again later, or with on_busy='wait'.",
                )
            if holder != told:
                self._tell(events.StepWaiting(slot, holder))
                told = holder
            # With chance in it, or all who wait would ask at the same moments.
            self._stopped.wait(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 1.5, _LONGEST_WAIT)
        raise Stopped

    def kept(self, work_key: str, fence: int) -> Heartbeat:
        """A context in which the claim does not expire."""
        return Heartbeat(self._store, work_key, self.owner, fence, self._ttl_ms)


def _described(busy: ClaimBusy) -> str:
    holder = busy.holder
    since = time.strftime("%H:%M:%S", time.localtime(holder.since_ms / 1000))
    return f"{holder.user} on {holder.host} (process {holder.pid}) since {since}"
