"""What a panel says, before it is text or HTML: a title and blocks of facts, tables and sentences.

A panel is described once, in these; `text` and `html` write them. Strings are raw here: each
writer escapes in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of the blocks after it."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """Findings, notes, what was left out: one line each."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code or of a diff, whose blanks count; without tabs."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, in order."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: words stand left, numbers right; `nowrap` is for a few short words."""

    title: str
    align: Align = "left"
    nowrap: bool = False


Cell = str | tuple[str, ...]
"""What stands in a table: a text, or several that stand below each other in one cell."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, as many as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row that would shift its cells."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns: {row}")


Block = Heading | Sentences | Code | Facts | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A panel as it is read.

    Example:
        >>> Document("Pipeline A", (Facts((("rows", "336,776"),)),)).title
        'Pipeline A'
    """

    title: str
    blocks: tuple[Block, ...] = field(default=())
