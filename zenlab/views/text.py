"""A document as plain text: aligned columns, the same on every machine.

Rich is not used for this: its width depends on the terminal, and how it measures a character on
its version, while this text is stored in notebooks and compared byte by byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from zenlab.views.document import Code, Document, Facts, Heading, Sentences, Table
from zenlab.views.strings import visible, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Align, Block, Cell

WRAP = 48
"""A cell that is wider goes on in the next line."""

_GAP = "  "


def to_text(document: Document) -> str:
    """Write a document as lines of text, without a line break at the end.

    Example:
        >>> from zenlab.views.document import Column
        >>> columns = (Column("carrier"), Column("rows", "right"))
        >>> table = Table(columns, (("UA", "11,823"), ("HA", "71")))
        >>> print(to_text(Document("By carrier", (table,))))
        By carrier
        <BLANKLINE>
        carrier    rows
        ───────  ──────
        UA       11,823
        HA           71
    """
    parts = [visible(document.title)]
    for block in document.blocks:
        # A heading stands right above its block.
        parts += ["\n".join(_lines(block)), "\n" if isinstance(block, Heading) else "\n\n"]
    if document.blocks:
        parts = [parts[0], "\n\n", *parts[1:-1]]
    return "".join(parts)


def _lines(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [visible(block.text) + ":"]
    if isinstance(block, Sentences):
        return [f"- {visible(line)}" for line in block.lines]
    if isinstance(block, Code):
        return [visible(line).rstrip() for line in block.lines]
    if isinstance(block, Facts):
        return _grid(block.items, ("left", "left"))
    if isinstance(block, Table):
        aligns = tuple(column.align for column in block.columns)
        titles = tuple(column.title for column in block.columns)
        return _grid(block.rows, aligns, header=titles)
    assert_never(block)


def _grid(
    rows: Sequence[Sequence[Cell]], aligns: Sequence[Align], header: Sequence[str] | None = None
) -> list[str]:
    """Columns as wide as their widest cell, two spaces apart, nothing at the end of a line."""
    grid = [[_wrapped(cell) for cell in row] for row in ([header] if header else [])]
    grid += [[_wrapped(cell) for cell in row] for row in rows]
    widths = [
        max((width(line) for row in grid for line in row[i]), default=0) for i in range(len(aligns))
    ]
    lines: list[str] = []
    for n, row in enumerate(grid):
        for k in range(max(len(cell) for cell in row)):
            cells = (cell[k] if k < len(cell) else "" for cell in row)
            padded = map(_pad, cells, widths, aligns)
            lines.append(_GAP.join(padded).rstrip())
        if header and n == 0:
            lines.append(_GAP.join("─" * w for w in widths).rstrip())
    return lines


def _pad(cell: str, columns: int, align: Align) -> str:
    space = " " * (columns - width(cell))
    return space + cell if align == "right" else cell + space


def _wrapped(cell: Cell) -> list[str]:
    texts = (cell,) if isinstance(cell, str) else cell
    return [line for text in texts for line in _wrap(visible(text))]


def _wrap(cell: str) -> list[str]:
    """Lines of at most `WRAP` columns, broken at spaces; a longer word stays whole."""
    if width(cell) <= WRAP:
        return [cell]
    lines = [""]
    for word in cell.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width(longer) > WRAP:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
