"""A run while it goes on: states, progress and time. Seen on screen only, never stored.

What is stored afterwards is `run.RunPanel`, which says nothing of all this. Nothing here knows
IPython or a terminal: a front end gives two functions, one that prints a line for good and one
that replaces what a cell shows.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.views.document import Column, Document, Heading, Sentences, Table
from zenlab.views.html import to_html
from zenlab.views.numbers import percent
from zenlab.views.sparkline import track
from zenlab.views.strings import SENTENCE_LENGTH, person, shorten, width
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.views.document import Block

REFRESH_SECONDS = 0.1
"""Progress is shown at most so often: each time sends the whole cell to the browser."""


class State(Enum):
    """Where a step is. The symbol repeats the word for the eye; neither needs a colour."""

    PENDING = ("○", "pending")
    """Its turn has not come."""
    RUNNING = ("▶", "running")
    """It is being executed here."""
    WAITING = ("◷", "waiting")
    """Somebody else computes it."""
    CACHED = ("↺", "cached")
    """Its result was there."""
    EXECUTED = ("✓", "executed")
    """It was executed here, and is recorded."""
    FAILED = ("✗", "failed")
    """It raised."""
    INTERRUPTED = ("■", "interrupted")
    """The user stopped it."""
    LEFT_OUT = ("⊘", "left out")
    """It has no result, and the run goes on without it."""

    @property
    def symbol(self) -> str:
        """One character."""
        return self.value[0]

    @property
    def word(self) -> str:
        """The state in English."""
        return self.value[1]


OUTCOME_LENGTH = 500
"""The most characters of the line that says what a run has saved and changed."""

_DONE = frozenset({State.CACHED, State.EXECUTED})
_FAILED = frozenset({State.FAILED, State.INTERRUPTED})
_ENDED = _DONE | _FAILED | {State.LEFT_OUT}


@dataclass(slots=True)
class LiveStep:
    """What is known of a step by now."""

    slot: str
    title: str
    state: State = State.PENDING
    note: str = ""
    reason: str = ""
    """Why it does not come from the cache."""
    waits_for: str = ""
    """Who else computes it."""
    started: float | None = None
    seconds: float | None = None
    done: float | None = None
    """The share that is done, if the step knows it."""
    inputs: tuple[str, ...] = ()
    """The slots that it reads, where they are known."""


class LiveRun:
    """A listener of the engine that shows what it hears.

    Args:
        write: called with a line of text for each step that ended, and at the end of the run; for
            terminals and logs.
        refresh: called with HTML that replaces what it was given before; for a cell.
        clock: seconds, as `time.monotonic`.
        now_ms: the time of day, to say how old a cached result is.

    Attributes:
        changing: held while an event is taken in, by those who read from another thread as well.

    Example:
        >>> live = LiveRun(write=print)
        >>> live(events.RunPlanned("A", ("split", "trainer"), ("RandomSplit", "SklearnTrainer")))
        >>> live(events.StepExecuted("split", 0.41))
        split    RandomSplit     executed     0.41 s
        >>> live(events.RunEnded("succeeded", executed=1, cached=1, seconds=2.0))
        1 executed, 1 cached in 2.00 s
    """

    def __init__(
        self,
        write: Callable[[str], None] | None = None,
        refresh: Callable[[str], None] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.changing = threading.Lock()
        self.pipeline = ""
        self.run_id = 0
        self.steps: dict[str, LiveStep] = {}
        self.findings: list[str] = []
        self.status = "running"
        self.saved_seconds = 0.0
        self._write = write
        self._refresh = refresh
        self._clock = clock
        self._now_ms = now_ms
        self._began = clock()
        self._ended: float | None = None
        self._shown = -REFRESH_SECONDS

    def __call__(self, event: events.Event) -> None:
        """Take in an event, and show what it changed."""
        with self.changing:
            line = self._take(event)
        if line is not None and self._write:
            self._write(line)
        if self._refresh:
            now = self._clock()
            if isinstance(event, events.StepProgress) and now - self._shown < REFRESH_SECONDS:
                return
            self._shown = now
            self._refresh(self.html())

    def html(self) -> str:
        """The run as it stands, for a cell: no script, no style, as all HTML of zenlab."""
        return to_html(self.document())

    def status_line(self) -> str:
        """The run as it stands in one line, for a terminal that can rewrite its last line.

        Example:
            >>> LiveRun().status_line()
            '0 of 0 steps'
        """
        ended = sum(step.state in _ENDED - _FAILED for step in self.steps.values())
        parts = [f"{ended} of {len(self.steps)} steps"]
        for step in self.steps.values():
            if step.state in (State.RUNNING, State.WAITING):
                seconds = duration(self.seconds_of(step) or 0)
                doing = f"{step.state.symbol} {shorten(step.slot)} {seconds} {_progress(step)}"
                parts.append(f"{doing.rstrip()} {step.note}".rstrip())
        return ", ".join(parts)

    @property
    def elapsed(self) -> float:
        """The seconds that it has taken by now."""
        return (self._ended or self._clock()) - self._began

    def document(self) -> Document:
        """The run as it stands."""
        ended = sum(step.state in _ENDED - _FAILED for step in self.steps.values())
        share = ended / len(self.steps) if self.steps else 0.0
        counted = f"{ended} of {len(self.steps)} steps, {duration(self.elapsed)} {track(share, 20)}"
        columns = (
            Column("state", nowrap=True),
            Column("step"),
            Column("what"),
            Column("time", "right", nowrap=True),
            Column("progress", nowrap=True),
            Column("note"),
        )
        rows = tuple(
            (
                f"{step.state.symbol} {step.state.word}",
                step.slot,
                step.title,
                duration(seconds) if (seconds := self.seconds_of(step)) else "",
                _progress(step),
                step.note,
            )
            for step in self.steps.values()
        )
        blocks: list[Block] = [Heading(counted), Table(columns, rows)]
        if self.findings:
            blocks += [Heading("To know"), Sentences(tuple(self.findings))]
        return Document(f"Run of {self.pipeline}: {self.status}", tuple(blocks))

    def _take(self, event: events.Event) -> str | None:
        """Change the state; return the line that is worth keeping, if there is one.

        Events of a newer engine, which this does not know, change nothing.
        """
        match event:
            case events.RunPlanned():
                self._plan(event)
            case events.StepStarted():
                step = self._step(event.slot, State.RUNNING, note=event.reason)
                step.started, step.reason = self._clock() - event.since_seconds, event.reason
            case events.StepProgress():
                step = self._step(event.slot, State.RUNNING)
                step.done = event.done / event.total if event.total else None
                count = "" if event.total else f"{event.done:g}"
                step.note = shorten(event.message, SENTENCE_LENGTH) or count
            case events.StepWaiting():
                return self._wait(event)
            case events.StepCached() | events.StepExecuted() | events.StepFailed():
                return self._line(self._end_step(event))
            case events.StepSkipped():
                return self._skip(event)
            case events.Finding():
                where = f"{shorten(event.slot)}: " if event.slot else ""
                self.findings.append(where + shorten(event.message, SENTENCE_LENGTH))
                return f"! {self.findings[-1]}"
            case events.RunEnded():
                return self._end(event)
            case events.RunOutcome():
                return shorten(event.text, OUTCOME_LENGTH)
        return None

    def _plan(self, event: events.RunPlanned) -> None:
        self.pipeline = shorten(event.pipeline)
        self._began = self._clock() - event.since_seconds
        self.run_id = event.run_id
        inputs = event.inputs or ((),) * len(event.slots)
        self.steps = {
            slot: LiveStep(slot, shorten(title), inputs=read)
            for slot, title, read in zip(event.slots, event.titles, inputs, strict=True)
        }

    def _wait(self, event: events.StepWaiting) -> str | None:
        note = f"for {shorten(event.holder, SENTENCE_LENGTH)}"
        before = self.steps.get(event.slot)
        known = before is not None and before.state is State.WAITING and before.waits_for == note
        progress = f": {shorten(event.progress, SENTENCE_LENGTH)}" if event.progress else ""
        step = self._step(event.slot, State.WAITING, note=note + progress)
        if known:
            return None  # the engine says so again, with what has changed
        step.started, step.waits_for = self._clock(), note
        return self._line(step)

    def _end_step(
        self, event: events.StepCached | events.StepExecuted | events.StepFailed
    ) -> LiveStep:
        if isinstance(event, events.StepCached):
            self.saved_seconds += event.saved_seconds
            age = duration(max(self._now_ms() - event.at_ms, 0) / 1000)
            note = (
                f"saved {duration(event.saved_seconds)}, by {shorten(person(event.user))} {age} ago"
            )
            return self._step(event.slot, State.CACHED, note=note, seconds=0.0)
        if isinstance(event, events.StepExecuted):
            reason = self.steps[event.slot].reason if event.slot in self.steps else ""
            return self._step(event.slot, State.EXECUTED, note=reason, seconds=event.seconds)
        before = self.steps.get(event.slot)
        seconds = self.seconds_of(before) if before else None
        state = State.INTERRUPTED if event.interrupted else State.FAILED
        return self._step(event.slot, state, note=event.error, seconds=seconds)

    def _skip(self, event: events.StepSkipped) -> str:
        before = self.steps.get(event.slot)
        if before is None or before.state not in _FAILED:
            return self._line(self._step(event.slot, State.LEFT_OUT, note=event.reason))
        # It has said that it failed, and keeps that word; here is what to do.
        before.note = shorten(event.reason, SENTENCE_LENGTH)
        return f"! {shorten(event.slot)}: {before.note}"

    def _end(self, event: events.RunEnded) -> str:
        self.status = event.status
        self._ended = self._clock()
        saved = f" (saved {duration(self.saved_seconds)})" if self.saved_seconds else ""
        counted = f"{event.executed} executed, {event.cached} cached"
        return f"{counted} in {event.seconds:.2f} s{saved}"

    def _step(
        self, slot: str, state: State, *, note: str = "", seconds: float | None = None
    ) -> LiveStep:
        step = self.steps.setdefault(slot, LiveStep(slot, ""))
        step.state = state
        step.note = shorten(note, SENTENCE_LENGTH)
        if state in _ENDED:
            step.seconds, step.done = seconds, None
        return step

    def seconds_of(self, step: LiveStep) -> float | None:
        """How long a step has taken by now; None if it has not begun.

        Args:
            step: one of `steps`.
        """
        if step.state in (State.RUNNING, State.WAITING) and step.started is not None:
            return self._clock() - step.started
        return step.seconds

    def _line(self, step: LiveStep) -> str:
        """Name, state and seconds at fixed places: it is read by scripts, too."""
        slots = max(width(shorten(s.slot)) for s in self.steps.values())
        titles = max(width(s.title) for s in self.steps.values())
        seconds = "" if step.seconds is None else f"{step.seconds:.2f} s"
        name = f"{_fill(shorten(step.slot), slots)}  {_fill(step.title, titles)}"
        return f"{name}  {step.state.word:<11}{seconds:>8}  {step.note}".rstrip()


def _progress(step: LiveStep) -> str:
    return "" if step.done is None else f"{track(step.done, 10)} {percent(step.done)}"


def _fill(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
