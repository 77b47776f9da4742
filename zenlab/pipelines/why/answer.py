"""Why a step runs, or does not: what `why` returns, and how it is put into words.

It is about one moment and one run, so it is printed and is no panel: the output of a notebook that
is run again stays the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.views.strings import SENTENCE_LENGTH, person, shorten, visible, width
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.engine.why import Difference

State = Literal[
    "hit",
    "executed",
    "failed",
    "interrupted",
    "not reached",
    "left out",
    "would hit",
    "would run",
    "would be left out",
]
"""What came of a step in a run that took place; what would come of it in the next one."""

_COMMIT = 12
_FEW = 2


@dataclass(frozen=True)
class Made:
    """An execution: where, by whom, when, at what cost.

    Attributes:
        pipeline: name and revision, such as `Pipeline A#3`; only the name of a run that is gone.
        user: who executed it.
        by_me: whether that is who asks.
        host: on which machine.
        git_commit: the commit that was checked out, or None.
        at_ms: when it was recorded.
        seconds: how long it took.
    """

    pipeline: str
    user: str
    by_me: bool
    host: str
    git_commit: str | None
    at_ms: int
    seconds: float

    @property
    def who(self) -> str:
        """`you`, or the name."""
        return "you" if self.by_me else person(self.user)

    def __str__(self) -> str:
        age = duration(max(0.0, time.time() - self.at_ms / 1000))
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.at_ms / 1000))
        commit = f", commit {self.git_commit[:_COMMIT]}" if self.git_commit else ""
        return f"{self.pipeline} by {self.who} on {self.host}, {at} ({age} ago){commit}"


@dataclass(frozen=True)
class Cause:
    """A step before the explained one, and what differs there.

    Attributes:
        slot: its place in the pipeline.
        title: the name of its class or function.
        differences: from the execution whose outputs the nearest earlier execution had read.
        note: a sentence that the comparison cannot tell: it is forced, it is not repeatable.
    """

    slot: str
    title: str
    differences: tuple[Difference, ...]
    note: str = ""

    def lines(self) -> Iterator[str]:
        """The cause in lines of text."""
        yield f"{self.slot} ({self.title}):"
        if self.note:
            yield f"  {self.note}"
        for difference in self.differences:
            for line in difference.lines():
                yield f"  {line}"


@dataclass(frozen=True)
class StepWhy:
    """Why a step was executed, or came from the cache; or what would happen now.

    Attributes:
        slot: its place in the pipeline.
        title: the name of its class or function.
        state: what came of it.
        pipeline: the pipeline that was or would be run, with its revision where it has one.
        note: a sentence that the comparison cannot tell: it was forced, its artifact was lost.
        made: of a hit: the execution whose outputs are used.
        seconds: how long it took; of a step that would run the time of its nearest earlier one.
        nearest: the nearest earlier execution, or None: there is none.
        differences: all in which the step differs from that.
        causes: of other inputs: what changed in the steps before.
        error: why it failed.
    """

    slot: str
    title: str
    state: State
    pipeline: str
    note: str = ""
    made: Made | None = None
    seconds: float | None = None
    nearest: Made | None = None
    differences: tuple[Difference, ...] = ()
    causes: tuple[Cause, ...] = ()
    error: str = ""

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    @property
    def runs(self) -> bool:
        """Whether it was or would be executed."""
        return self.state in ("executed", "failed", "interrupted", "would run")

    @property
    def short(self) -> str:
        """The reason in a few words, for a row of a table."""
        if self.state in ("not reached", "left out", "would be left out"):
            return self.note
        if self.made is not None:
            verb = "saved" if self.state == "hit" else "saves"
            spent = (
                f"{verb} {duration(self.made.seconds)}, by {self.made.who} ({self.made.pipeline})"
            )
            return f"{spent}; {self.note}" if self.note else spent
        if self.note and not self.differences:
            return self.note
        told = [d.short for d in self.differences if d.kind != "input" or d.slot is None]
        before = dict.fromkeys(d.slot for d in self.differences if d.kind == "input" and d.slot)
        if before:
            verb = "had" if self._is_past else "gets"
            causes = ", ".join(cause.slot for cause in self.causes if cause.slot not in before)
            because = f" because of {causes}" if causes else ""
            told.append(f"{verb} other input from {', '.join(before)}{because}")
        if not told and self.nearest is not None:
            return "the same work had been done, and was forced or lost"
        if not told:
            return _NEVER[self._is_past]
        more = f"; {len(told) - _FEW} more" if len(told) > _FEW else ""
        note = f"{self.note}; " if self.note else ""
        return f"{note}{'; '.join(told[:_FEW])}{more}"

    @property
    def _is_past(self) -> bool:
        return self.state not in ("would hit", "would run", "would be left out")

    def lines(self) -> Iterator[str]:
        """The whole explanation in lines of text."""
        return (visible(line.expandtabs(4)) for line in self._told())

    def _told(self) -> Iterator[str]:
        where = f"in {self.pipeline}" if self._is_past else f"in the next run of {self.pipeline}"
        verb = {
            "hit": "came from the cache",
            "executed": "was executed",
            "failed": "failed",
            "interrupted": "was interrupted",
            "not reached": "was not reached",
            "left out": "was left out",
            "would hit": "would come from the cache",
            "would run": "would be executed",
            "would be left out": "would be left out",
        }[self.state]
        took = ""
        if self.seconds is not None and self.made is None:
            took = f", {'' if self._is_past else 'about '}{duration(self.seconds)}"
        yield f"{self.slot} ({self.title}) {verb} {where}{took}"
        if self.error:
            yield f"  {shorten(self.error, SENTENCE_LENGTH)}"
        if self.made is not None:
            saved = "saved" if self._is_past else "would save"
            yield f"  from {self.made}"
            yield f"  {saved} {duration(self.made.seconds)}"
        if self.note:
            yield f"  {self.note}"
        if self.runs:
            yield from (f"  {line}" for line in self._compared())

    def _compared(self) -> Iterator[str]:
        if self.nearest is None:
            if not self.note:
                yield _NEVER[self._is_past]
            return
        if not self.differences:
            yield f"the same work had been done in {self.nearest}"
            if not self.note:
                yield "so it was forced, or the artifacts of that execution were lost"
            return
        yield f"nearest earlier execution: {self.nearest}, {duration(self.nearest.seconds)}"
        yield "what differs:"
        for difference in self.differences:
            yield from (f"  {line}" for line in difference.lines())
        if self.causes:
            yield "which comes from:"
        for cause in self.causes:
            yield from (f"  {line}" for line in cause.lines())


@dataclass(frozen=True)
class RunWhy:
    """Why each step of a run was executed or came from the cache; or what would happen now.

    Attributes:
        pipeline: the pipeline, with its revision where it has one.
        head: one line that says which run it was.
        steps: a `StepWhy` each, in the order in which they run.
        outcome: what the run has saved and changed, in one line; "" for a run to come.
    """

    pipeline: str
    head: str
    steps: tuple[StepWhy, ...]
    outcome: str = ""

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def __getitem__(self, slot: str) -> StepWhy:
        """The explanation of one step."""
        for step in self.steps:
            if step.slot == slot:
                return step
        raise DoesNotExistException(
            f"{self.pipeline} has no step '{slot}'.",
            hint=suggest(slot, [s.slot for s in self.steps]),
        )

    @property
    def total(self) -> str:
        """What would run and what comes from the cache, with the seconds of each."""
        running = [s for s in self.steps if s.runs]
        hits = [s for s in self.steps if s.made is not None]
        known = [s.seconds for s in running if s.seconds is not None]
        unknown = [s.slot for s in running if s.seconds is None]
        out = [s.slot for s in self.steps if not s.runs and s.made is None]
        count = len(running) + len(hits)
        text = f"{len(running)} of {count} step{'' if count == 1 else 's'} would run"
        if known:
            text += f", about {duration(sum(known))}"
        if unknown and known:
            have = "has" if len(unknown) == 1 else "have"
            text += f" without {', '.join(unknown)}, which {have} never run"
        if hits:
            saved = duration(sum(s.made.seconds for s in hits if s.made is not None))
            comes, saves = ("comes", "saves") if len(hits) == 1 else ("come", "save")
            text += f"; {len(hits)} {comes} from the cache and {saves} {saved}"
        if out:
            text += f"; {', '.join(out)} would be left out"
        return text

    def lines(self) -> Iterator[str]:
        """A line a step, and what it comes to."""
        yield self.head
        rows = [(s.slot, s.title, s.state, s.short) for s in self.steps]
        widths = [max(width(row[i]) for row in rows) for i in range(3)] if rows else []
        for row in rows:
            cells = [cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=False)]
            yield visible("  ".join([*cells, row[3]]).rstrip())
        if self.outcome:
            yield self.outcome


_NEVER = {True: "nothing like it had run before", False: "nothing like it has run before"}
