"""What a rule finds, before it has a rule's name; and how numbers and names are written in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.hygiene.patterns import masked
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from zenlab.hygiene.document import Cell


@dataclass(frozen=True)
class Found:
    """One thing that a rule has found.

    Args:
        message: what it is, in a sentence. It quotes the notebook through `quoted` alone.
        hint: what to do next.
        cell: where, or None: the notebook as a whole.
        part: where in the cell, such as "line 3" or "output 1"; empty for the cell as a whole.
    """

    message: str
    hint: str
    cell: Cell | None = None
    part: str = ""


def kilobytes(size: int) -> str:
    """A number of bytes for people, rounded up: what is above a budget looks like it.

    Example:
        >>> kilobytes(40_000), kilobytes(40_001), kilobytes(4_800_000), kilobytes(7)
        ('40 KB', '40.1 KB', '4.8 MB', '7 bytes')
    """
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    unit, name = (1000, "KB") if size < 1_000_000 else (1_000_000, "MB")
    return f"{math.ceil(size * 10 / unit) / 10:g} {name}"


def quoted(text: object, limit: int = 60) -> str:
    """A short text of the notebook in a message: on one line, secrets masked.

    Example:
        >>> quoted("postgresql://jane:correct-horse@db/zen")
        "'postgresql://…:…@db/zen'"
    """
    # Masked before it is cut: the first half of a token must not get through.
    return f"'{shorten(masked(str(text)[:10_000]), limit)}'"


def line_of(text: str, position: int) -> str:
    r"""The place of a character of a cell's source.

    Example:
        >>> line_of("a\nb", 2)
        'line 2'
    """
    return f"line {text.count(chr(10), 0, position) + 1}"
