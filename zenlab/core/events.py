"""What a run tells those who watch it: the live cell, the terminal, a test.

The engine calls one function with one of these; who shows them is not its business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run."""


@dataclass(frozen=True, slots=True)
class RunPlanned(Event):
    """The plan is made: slots in order, and the name that is shown for each step.

    `since_seconds` is how long ago, where somebody begins to watch later. `run_id` is the run's,
    by which it can be asked to stop; `inputs` are the slots that each step reads, where known.
    """

    pipeline: str
    slots: tuple[str, ...]
    titles: tuple[str, ...]
    since_seconds: float = 0.0
    run_id: int = 0
    inputs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class StepCached(Event):
    """A step came from the cache: whose execution, when (ms), and what it had cost (seconds)."""

    slot: str
    user: str
    at_ms: int
    saved_seconds: float


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """A step is being executed; `reason` says why it did not come from the cache.

    `since_seconds` is as in `RunPlanned`.
    """

    slot: str
    reason: str
    since_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StepWaiting(Event):
    """Somebody else computes this step: who, where, since when; how far, if that is known."""

    slot: str
    holder: str
    progress: str = ""


@dataclass(frozen=True, slots=True)
class StepProgress(Event):
    """`done` of `total` (None: not known), and what the step says about it."""

    slot: str
    done: float
    total: float | None
    message: str


@dataclass(frozen=True, slots=True)
class StepExecuted(Event):
    """A step is done and recorded."""

    slot: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """A step raised, or was interrupted."""

    slot: str
    error: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class StepSkipped(Event):
    """A leaf has no result, and the run goes on without it.

    `needs` is the leaf before it that has none either, and whose reason is the one to be read.
    """

    slot: str
    reason: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Finding(Event):
    """Something to know that is not an error: changed source data, code that is not committed."""

    slot: str | None
    message: str


@dataclass(frozen=True, slots=True)
class RunOutcome(Event):
    """What a run that is over has saved and changed, in one line; true of this very run only."""

    text: str


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """The run is over: `succeeded`, `failed` or `interrupted`."""

    status: str
    executed: int
    cached: int
    seconds: float


def ignore(event: Event) -> None:
    """The listener of a run that nobody watches."""


class Watcher(Protocol):
    """Shows a run while it goes on, and its panel when it is over.

    Attributes:
        tells_outcome: whether it has a place for a `RunOutcome` that is seen and not stored.
    """

    tells_outcome: bool

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""

    def close(self, panel: Any | None) -> None:
        """The run is over; None if it never began."""


_new_watcher: Callable[[], Watcher] | None = None


def register_watcher(factory: Callable[[], Watcher] | None) -> None:
    """Say who watches `pipeline.run()` in this process: the notebook, or nobody."""
    global _new_watcher  # noqa: PLW0603 - one process has one front end
    _new_watcher = factory


def new_watcher() -> Watcher | None:
    """A watcher for a run that was given none."""
    return _new_watcher() if _new_watcher is not None else None
