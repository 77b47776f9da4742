"""The runs that cells of this kernel show live, for the panels that follow them by the comm."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from zenlab.notebook import protocol
from zenlab.views.live import State

if TYPE_CHECKING:
    from zenlab.views import LiveRun
    from zenlab.views.live import LiveStep

LIVE_MIME_TYPE = "application/vnd.zenlab.live.v1+json"
"""What a display of a run that goes on holds beside its HTML: the name by which to ask."""

MOST = 16
"""Runs that are kept; of more, the oldest are forgotten."""


class GoingOn:
    """Runs by a name of their own, which another kernel does not know.

    Example:
        >>> from zenlab.views import LiveRun
        >>> going = GoingOn()
        >>> live = LiveRun()
        >>> going.find(going.add(live)) is live
        True
        >>> going.find("another")
    """

    def __init__(self) -> None:
        self.followed = False
        """Whether a panel in a browser has ever asked: then the extension is there."""
        self._runs: OrderedDict[str, LiveRun] = OrderedDict()
        self._adding = threading.Lock()

    def add(self, run: LiveRun) -> str:
        """Keep a run that a cell begins to show; its name."""
        name = secrets.token_hex(8)
        with self._adding:
            self._runs[name] = run
            while len(self._runs) > MOST:
                self._runs.popitem(last=False)
        return name

    def find(self, name: str) -> LiveRun | None:
        """The run of that name, which a panel asks for, or None."""
        self.followed = True
        return self._runs.get(name)


GOING = GoingOn()
"""Those of this process."""


def told(run: LiveRun) -> protocol.LiveTold:
    """How a run goes on, as it is between two of its events.

    Args:
        run: that goes on, or has just ended.
    """
    with run.changing:
        return protocol.LiveTold(
            pipeline=run.pipeline,
            status=run.status,
            seconds=round(run.elapsed, 2),
            steps=[_step(run, step) for step in run.steps.values()],
            findings=list(run.findings),
        )


def _step(run: LiveRun, step: LiveStep) -> protocol.StepGoing:
    seconds = run.seconds_of(step)
    if step.state is State.CACHED:
        seconds = None  # it has taken no time, and its note says what it had taken
    return protocol.StepGoing(
        slot=step.slot,
        title=step.title,
        state=step.state.word,  # type: ignore[arg-type] # these are the words of `State`
        note=step.note,
        seconds=None if seconds is None else round(seconds, 2),
        done=step.done,
        inputs=list(step.inputs),
    )
