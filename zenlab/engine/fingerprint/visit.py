"""What the describers of values and classes see of the walk, and what a refusal is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.memo import Reads

MAX_VALUE_BYTES = 1_000_000
"""The most that one variable may hold to be counted by content."""


class Refused(Exception):
    """A value has no canonical form. The walk adds which variable of which function holds it."""

    def __init__(self, reason: str, hint: str = "", *, too_big: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.too_big = too_big


class Visit(Protocol):
    """The walk, at the object that is being described."""

    reads: Reads
    """Where everything that can change has to be reported, so that results can be reused."""
    root: Path | None

    def ref(self, obj: object, label: str) -> Part:
        """What stands for a part of the object; it is described later.

        Args:
            obj: the part.
            label: how to get there, as a suffix: `.alpha`, `[0]`.
        """

    def spend(self, size: int) -> None:
        """Count bytes of a value; refuse it above `MAX_VALUE_BYTES`."""

    def package(self, module: str) -> None:
        """The code reaches this module of a package."""

    def note(self, text: str) -> None:
        """Tell the user something, in one sentence."""


def type_name(kind: type) -> str:
    """The dotted name of a type, for messages and for values of known types."""
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"
