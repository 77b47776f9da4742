"""What the metadata store keeps of a run that goes on: how far it is, and who asks it to stop."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Literal

from zenlab.metadata.text import dump_json, load_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.metadata.answers import Holder
    from zenlab.metadata.records import RunRecord

SlotState = Literal["pending", "running", "waiting", "cached", "executed", "failed", "skipped"]
"""Where a step of a run that goes on is; `waiting` is for somebody else who computes it."""


@dataclass(frozen=True, slots=True)
class SlotProgress:
    """How far one step of a run is.

    Attributes:
        slot: the step's place in the pipeline.
        title: what is shown for it.
        state: see `SlotState`.
        seconds: how long it has run or waited when this was said; of a step that is done, how
            long its execution took.
        done: what the step says of itself, or None.
        total: of how many, or None.
        message: what the step says about it; of a waiting one, whom it waits for.
        by: of a cached one, who executed it.
        at_ms: of a cached one, when that was.
        folder: of a running one, where in the artifact store it writes.
    """

    slot: str
    title: str
    state: SlotState = "pending"
    seconds: float = 0.0
    done: float | None = None
    total: float | None = None
    message: str = ""
    by: str = ""
    at_ms: int = 0
    folder: str = ""

    @property
    def is_done(self) -> bool:
        """Whether its result is there."""
        return self.state in ("cached", "executed")


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Who asked a run to stop, from which host, and when: ms since 1970 by the store's clock."""

    user: str
    host: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run that goes on hears of itself in the store."""

    status: str
    cancel: CancelRequest | None


@dataclass(frozen=True, slots=True)
class GoingRun:
    """A run, and what is known of how it goes on.

    Attributes:
        run: its row.
        elapsed_ms: since it began, by the store's clock.
        silent_ms: since its last sign of life, or None if there was none yet.
        expired: whether there would have been a sign by now, if its process lived.
        holder: the process and the name under which it claims; None before its first sign.
        steps: how far each is, in order; empty before the first sign.
        cancel: who asked it to stop, or None.
    """

    run: RunRecord
    elapsed_ms: int
    silent_ms: int | None
    expired: bool
    holder: Holder | None
    steps: tuple[SlotProgress, ...]
    cancel: CancelRequest | None


_DEFAULTS = astuple(SlotProgress("", ""))


def dump_steps(steps: Iterable[SlotProgress]) -> str:
    """Steps as a column keeps them: lists, without what is as by default at their end."""
    return dump_json([_short(astuple(step)) for step in steps], "steps")


def load_steps(text: str | None) -> tuple[SlotProgress, ...]:
    """The steps of `dump_steps`.

    Example:
        >>> load_steps(dump_steps([SlotProgress("trainer", "Fit", "running", 1.5)]))[0].seconds
        1.5
    """
    return tuple(SlotProgress(*step) for step in load_json(text or "[]"))


def finite(value: Any) -> float | None:
    """A number that a user's step gave, or None if it is none; it shall never stop a run."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _short(values: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(values)
    while end > 2 and values[end - 1] == _DEFAULTS[end - 1]:
        end -= 1
    return values[:end]
