"""`%zen ...`: the commands of the command line, with the notebook as their surface."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click
from IPython.core.error import UsageError
from IPython.display import display

from zenlab.cli.commands import zen
from zenlab.notebook.live import watcher_for

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from zenlab.core.events import Watcher
    from zenlab.views import Panel


class Notebook:
    """The surface of `%zen`: the cell, and the user's variables.

    Args:
        ipython: the shell whose variables count.
    """

    def __init__(self, ipython: InteractiveShell) -> None:
        self._ipython = ipython

    def say(self, text: str) -> None:
        """Print a text."""
        print(text)  # noqa: T201 - the cell shows what is printed

    def show(self, panel: Panel) -> None:
        """Show a panel in the cell."""
        display(panel)  # type: ignore[no-untyped-call]

    def watch(self) -> Watcher:
        """Show a run in the cell: live while it goes on, then its panel."""
        return watcher_for(self._ipython)

    @property
    def interactive(self) -> bool:
        """A cell gives no editor."""
        return False

    @property
    def private(self) -> bool:
        """A cell is saved with its notebook."""
        return False

    def variable(self, name: str) -> Any:
        """The user's variable of that name, or None."""
        return self._ipython.user_ns.get(name)


class InterruptedRun(KeyboardInterrupt):
    """The user pressed stop: cells that follow do not run, and there is no trace to read."""

    def _render_traceback_(self) -> list[str]:
        return ["Interrupted. What had finished is kept: run again to go on from there."]


def run_line(line: str, ipython: InteractiveShell) -> None:
    """Run the words after `%zen`.

    Raises:
        UsageError: the words are not a command; IPython shows its text alone.
        ZenlabError: the command failed.
    """
    args = _words(line, "%zen")
    try:
        zen.main(
            args=args or ["--help"], prog_name="%zen", obj=Notebook(ipython), standalone_mode=False
        )
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    except (click.Abort, KeyboardInterrupt):
        raise InterruptedRun from None


def run_cell(line: str, cell: str, ipython: InteractiveShell) -> None:
    """Do what `%%zen` was asked for with a cell: `%%zen step FILE` is all that takes one.

    Args:
        line: the words after `%%zen`.
        cell: the body.
        ipython: the shell.

    Raises:
        UsageError: something else was asked for.
        ZenlabError: the cell could not be written into a module; nothing was.
    """
    from zenlab.notebook.step_magic import write_step
    from zenlab.repo import Repository

    words = _words(line, "%%zen")
    force = "--force" in words
    words = [word for word in words if word != "--force"]
    if len(words) != 2 or words[0] != "step":
        raise UsageError(
            f"%%zen {line}: a cell is for %%zen step FILE, such as %%zen step trainers/my.py; "
            "commands have one percent sign: %zen run pipeline"
        )
    print(write_step(words[1], cell, ipython, Repository(), force=force))  # noqa: T201


def _words(line: str, magic: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:  # a quotation mark that is left open
        raise UsageError(f"{magic} {line}: {error}") from None
