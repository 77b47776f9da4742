"""A run in a cell: live while it goes on, then the panel, which is all that is stored."""

from __future__ import annotations

import threading
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.display import HTML, display

from zenlab.core.events import Finding, RunEnded, StepSkipped
from zenlab.notebook.going import GOING, LIVE_MIME_TYPE
from zenlab.views import LiveRun

if TYPE_CHECKING:
    from zenlab.core.events import Event, Watcher
    from zenlab.views import Panel

TICK_SECONDS = 1.0

UNHEARD_TICKS = 3
"""After so many of them a panel in the browser would have asked how the run goes on."""


def watcher_for(ipython: Any) -> Watcher:
    """A watcher for a cell of a notebook, or for a prompt in a terminal."""
    return CellWatcher() if hasattr(ipython, "kernel") else PromptWatcher()


class PromptWatcher:
    """Prints a line a step, since a terminal cannot replace what it shows; then the panel."""

    tells_outcome = True

    def __init__(self) -> None:
        self._live = LiveRun(write=print)

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""
        self._live(event)

    def close(self, panel: Panel | None) -> None:
        """Show the panel."""
        if panel is not None:
            display(panel)  # type: ignore[no-untyped-call]


class CellWatcher:
    """Shows a run in the cell that started it.

    One display, updated in place: what is shown last is what the notebook stores. A thread moves
    the clock of a step that says nothing by itself. Where the extension of JupyterLab is, it asks
    by the comm how the run goes on; the display tells it of which run, and is what others show.
    """

    # All that stays in a cell is stored: `%zen status` and `%zen why` say it on demand.
    tells_outcome = False

    def __init__(self) -> None:
        self._handle: Any = None
        self._live = LiveRun(refresh=self._refresh)
        self._name = GOING.add(self._live)
        self._findings: list[str] = []
        self._hint = ""
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""
        self._live(event)
        if isinstance(event, Finding) and event.slot is None:
            self._findings.append(event.message)
        if isinstance(event, StepSkipped) and not event.needs:
            self._findings.append(f"{event.slot}: {event.reason}")
        if isinstance(event, RunEnded):
            self._stop()
        elif self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="zenlab-clock", daemon=True)
            self._ticker.start()

    def close(self, panel: Panel | None) -> None:
        """Replace the live view by the panel, and say what is to be known of this very run.

        The panel is the same for a run and its repetition, so it cannot say that the data has
        changed since.
        """
        self._stop()
        if self._handle is not None:
            self._handle.update(panel if panel is not None else _nothing())
        elif panel is not None:
            display(panel)  # type: ignore[no-untyped-call]
        for message in self._findings:
            print(f"! {message}")  # noqa: T201 - the cell shows what is printed

    def _stop(self) -> None:
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()

    def _refresh(self, html: str) -> None:
        html += self._hint
        shown = {
            "text/plain": repr(HTML(html)),  # type: ignore[no-untyped-call]
            "text/html": html,
            LIVE_MIME_TYPE: {"run": self._name},
        }
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown, raw=True)

    def _tick(self) -> None:
        ticks = 0
        while not self._over.wait(TICK_SECONDS):
            ticks += 1
            if ticks == UNHEARD_TICKS and not GOING.followed:
                self._hint = _hint()
            self._refresh(self._live.html())


def _hint() -> str:
    """Where the server lacks the extension: what to do, as long as the run goes on.

    No other place is seen and not stored: the panel, which replaces this, is the same everywhere.
    """
    from zenlab.repo.doctor_jupyter import hint_without_extension

    text = hint_without_extension()
    return f"<p>{escape(text)}</p>" if text else ""


def _nothing() -> Any:
    return HTML("")  # type: ignore[no-untyped-call]
