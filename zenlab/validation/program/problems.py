"""What this program refuses or gives up, as the kernel shows it."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that cannot be done, with what is to be done about it.

    Args:
        message: what happened, in one sentence.
        where: the place: a file, a column.
        hint: what to do next.
    """

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint


class UnreadableError(Exception):
    """A column whose values cannot be counted: the end of a note on it."""


class CancelledError(Exception):
    """Nobody waits for the result any more."""
