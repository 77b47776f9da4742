"""A run that goes on: it tells the store how far it is, and hears whether it shall stop.

Both happen in the heartbeat's thread, from the first second of a run on. The run itself only
notes what happens; one that is over sooner sends no statement for all this.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from zenlab.core import events
from zenlab.core.secrets import mask
from zenlab.engine.heartbeat import pulse
from zenlab.engine.stopping import Stopping
from zenlab.metadata import SlotProgress
from zenlab.metadata.progress import finite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zenlab.engine.plan import PlannedStep
    from zenlab.metadata import Holder, MetadataStore
    from zenlab.metadata.progress import SlotState

FIRST_SECONDS = 1.0
"""A run that is over by then has told nobody anything."""

LOOK_SECONDS = 5.0
"""So often a run looks whether it shall stop, and tells what has changed."""

_MESSAGE_LENGTH = 200


@dataclass(slots=True)
class _Slot:
    """What is known of a step by now; `started` is of the monotonic clock."""

    slot: str
    title: str
    state: SlotState = "pending"
    started: float = 0.0
    seconds: float = 0.0
    done: float | None = None
    total: float | None = None
    message: str = ""
    by: str = ""
    at_ms: int = 0
    folder: str = ""

    def told(self, now: float) -> SlotProgress:
        goes_on = self.state in ("running", "waiting")
        return SlotProgress(
            self.slot,
            self.title,
            self.state,
            round(now - self.started if goes_on else self.seconds, 3),
            finite(self.done),
            finite(self.total),
            mask(str(self.message))[:_MESSAGE_LENGTH],
            self.by,
            self.at_ms,
            self.folder if goes_on else "",
        )


class Going:
    """One run, from its beginning to its end; entered by the thread that runs it.

    Args:
        store: the metadata store; each thread has its own connection.
        run_id: of `start_run`.
        holder: under whose name the run claims.
        plan: its steps.
        ttl_ms: how long a sign of life holds, in ms.
        at_first: called in the thread when the run has told of itself for the first time; must
            not raise.

    Attributes:
        stopping: whether it shall stop.
    """

    def __init__(
        self,
        store: MetadataStore,
        run_id: int,
        holder: Holder,
        plan: Sequence[PlannedStep],
        ttl_ms: int,
        *,
        at_first: Callable[[], None] | None = None,
    ) -> None:
        self.stopping = Stopping()
        self.due = 0.0
        self._store = store
        self._run_id = run_id
        self._holder = holder
        self._ttl_ms = ttl_ms
        self._at_first = at_first
        self._slots = {s.node.slot: _Slot(s.node.slot, s.node.title) for s in plan}
        self._beating = threading.Lock()
        self._over = False
        self._changes = 0
        self._told: int | None = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        self.stopping.__enter__()
        self.due = time.monotonic() + min(FIRST_SECONDS, self._ttl_ms / 3000)
        pulse().add(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopping.__exit__()
        # The lock waits for a beat that is under way: it could write the row that goes next.
        with self._beating:
            self._over = True
        pulse().remove(self)
        if self._told is not None:
            # The run is recorded already. What stays behind is removed by whoever looks next.
            with contextlib.suppress(Exception):
                self._store.forget_progress(self._run_id)

    def tell(self, event: events.Event) -> None:
        """Note what happens, from whichever thread.

        Args:
            event: of this run; one that is not about its steps changes nothing.
        """
        slot = self._slots.get(getattr(event, "slot", None) or "")
        if slot is None:
            return
        match event:
            case events.StepStarted():
                self._turn(slot, "running")
            case events.StepWaiting():
                self._turn(slot, "waiting", message=event.holder)
            case events.StepProgress():
                slot.done, slot.total, slot.message = event.done, event.total, event.message
            case events.StepCached():
                slot.by, slot.at_ms = event.user, event.at_ms
                self._turn(slot, "cached", seconds=event.saved_seconds)
            case events.StepExecuted():
                self._turn(slot, "executed", seconds=event.seconds)
            case events.StepFailed():
                self._turn(slot, "failed", message=event.error)
            case events.StepSkipped():
                self._turn(slot, "skipped", message=event.reason)
            case _:
                return
        self._changes += 1

    def writes(self, slot: str, folder: str) -> None:
        """Note where a step writes, so that what it leaves when it is killed can be found."""
        self._slots[slot].folder = folder

    def beat(self) -> None:
        """Tell what has changed, or that the run lives; look whether it shall stop."""
        self.due = time.monotonic() + min(LOOK_SECONDS, self._ttl_ms / 3000)
        with self._beating:
            if self._over:
                return
            try:
                first = self._told is None
                self._tell_store()
                self._hear()
            except Exception:  # noqa: BLE001 - a store out of reach may be back at the next beat
                return
        if first and self._at_first is not None:
            self._at_first()  # without the lock: the end of the run does not wait for it

    def _tell_store(self) -> None:
        now, changes = time.monotonic(), self._changes
        if self._told == changes and now - self._told_at < self._ttl_ms / 3000:
            return
        steps = [slot.told(now) for slot in self._slots.values()]
        self._store.beat(self._run_id, self._holder, self._ttl_ms, steps)
        self._told, self._told_at = changes, now

    def _hear(self) -> None:
        heard = self._store.hear(self._run_id)
        if heard is None:
            return
        if heard.status == "lost":  # this process was stopped for a while, and goes on
            self._store.revive(self._run_id)
        elif heard.status != "running":
            return
        if heard.cancel is not None:
            self.stopping.ask(heard.cancel)

    @staticmethod
    def _turn(slot: _Slot, state: SlotState, *, seconds: float = 0.0, message: str = "") -> None:
        if slot.state != state:
            slot.started = time.monotonic()
            slot.done = slot.total = None
        # Last, as the other thread may look in between: a state has the numbers of its own.
        slot.seconds, slot.message, slot.state = seconds, message, state


def attempt_folder(kind: str, work_key: str, fence: int, owner: str) -> str:
    """Where an attempt at a step writes in the artifact store: nobody else does.

    Example:
        >>> attempt_folder("split", "ab" * 32, 1, "0011")[:12]
        'split/ab/aba'
    """
    return f"{kind}/{work_key[:2]}/{work_key}/{fence}-{owner}"


def parse_attempt_folder(folder: str) -> tuple[str, int, str] | None:
    """The work key, fence and owner of an attempt's folder; None for any other text.

    Example:
        >>> parse_attempt_folder("split/ab/abcd/12-0011")
        ('abcd', 12, '0011')
    """
    parts: list[Any] = folder.split("/")
    if len(parts) != 4 or parts[1] != parts[2][:2]:
        return None
    fence, dash, owner = parts[3].partition("-")
    return (parts[2], int(fence), owner) if dash and owner and fence.isdecimal() else None
