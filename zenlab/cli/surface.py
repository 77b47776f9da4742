"""Where a command's words go: a terminal, or the cell of a notebook.

Commands know a `Surface` alone, so that `zenlab run` and `%zen run` are one command.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from zenlab.core.events import Event, Watcher
    from zenlab.views import Panel


class Surface(Protocol):
    """Where a command's words go, and whose variables it sees."""

    @property
    def interactive(self) -> bool:
        """Whether somebody sits at a terminal who can be asked, or be given an editor."""

    @property
    def private(self) -> bool:
        """Whether the words of a command are not saved with a document."""

    def say(self, text: str) -> None:
        """Print a text."""

    def show(self, panel: Panel) -> None:
        """Show a panel."""

    def watch(self) -> Watcher:
        """Begin to show a run."""

    def variable(self, name: str) -> Any:
        """The user's variable of that name, or None."""


class Terminal:
    """The surface of the `zenlab` command."""

    @property
    def interactive(self) -> bool:
        """Whether both ends are a terminal."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def private(self) -> bool:
        """A terminal saves nothing but the shell's history."""
        return True

    def say(self, text: str) -> None:
        """Print a text."""
        print(text)  # noqa: T201 - a terminal is there to be printed to

    def show(self, panel: Panel) -> None:
        """Print a panel's text."""
        self.say(str(panel))

    def watch(self) -> Watcher:
        """Print a line a step."""
        return _TerminalWatcher(self)

    def variable(self, name: str) -> Any:  # noqa: ARG002 - a terminal has no variables
        """None: a terminal has no variables."""
        return None


class _TerminalWatcher:
    """A line for each step as it ends; on a real terminal, a last line that says what goes on."""

    tells_outcome = True

    def __init__(self, terminal: Terminal) -> None:
        from zenlab.views import LiveRun

        self._terminal = terminal
        self._live = LiveRun(write=self._line)
        self._rewrites = sys.stdout.isatty()

    def __call__(self, event: Event) -> None:
        self._live(event)
        if self._rewrites:
            sys.stdout.write(f"\r\x1b[K{self._live.status_line()}")
            sys.stdout.flush()

    def close(self, panel: Panel | None) -> None:  # noqa: ARG002 - the lines have said it all
        if self._rewrites:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()

    def _line(self, text: str) -> None:
        if self._rewrites:
            sys.stdout.write("\r\x1b[K")
        self._terminal.say(text)
