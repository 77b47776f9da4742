"""A document as Markdown for a pull request, in which nobody's strings are markup.

What GitHub would make of text by itself is prevented, too: `@name` sends mail to somebody, `#12`
links an issue of another project, a URL becomes a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from zenlab.views.document import Code, Document, Facts, Heading, Sentences, Table
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.views.document import Align, Block, Cell

# Only what means something where it stands, so that it can be read as it is written, too.
_SPECIAL = re.compile(
    r"""[\\`*\[\]<#|~$]      # means something anywhere
    | (?<![^\W_])_ | _(?![^\W_])  # not inside of a word
    | &(?=[#\w])             # an entity
    | (?<=\w):(?=//)         # a URL
    | ^[-+>=]                # a list, a quotation, a line below a title
    """,
    re.VERBOSE,
)
_LEADING = re.compile(r"^(\d+)(?=[.)](\s|$))")
_WWW = re.compile(r"(?i)\bwww\.")
_MENTION = re.compile(r"@|\\#")


def to_markdown(document: Document) -> str:
    r"""Write a document as Markdown.

    Example:
        >>> print(to_markdown(Document("roc_auc", (Sentences(("<b> &lt; @ada",)),))))
        ## roc_auc
        <BLANKLINE>
        - \<b> \&lt; @<!-- -->ada
        <BLANKLINE>
    """
    parts = [f"## {markdown(document.title)}"]
    parts += ["\n".join(_lines(block)) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def markdown(raw: str) -> str:
    r"""Anybody's string as Markdown text of one line, or of a cell of a table.

    Example:
        >>> print(markdown("Pipeline A#3 | *x*"))
        Pipeline A\#<!-- -->3 \| \*x\*
    """
    text = _SPECIAL.sub(r"\\\g<0>", visible(raw))
    text = _MENTION.sub(r"\g<0><!-- -->", text)
    return _WWW.sub(r"www\\.", _LEADING.sub(r"\1\\", text))


def _lines(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [f"### {markdown(block.text)}"]
    if isinstance(block, Sentences):
        return [f"- {markdown(line)}" for line in block.lines]
    if isinstance(block, Code):
        return fenced(block.lines)
    if isinstance(block, Facts):
        return _table(("", ""), ("left", "left"), block.items)
    if isinstance(block, Table):
        titles = tuple(column.title for column in block.columns)
        return _table(titles, tuple(column.align for column in block.columns), block.rows)
    assert_never(block)


def fenced(lines: Sequence[str], language: str = "diff") -> list[str]:
    """Lines of code between fences that are longer than any in it.

    Args:
        lines: the code.
        language: by which it is coloured.
    """
    shown = [visible(line) for line in lines]
    ticks = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [f"{fence}{language}", *shown, fence]


def _table(
    titles: Sequence[str], aligns: Sequence[Align], rows: Sequence[Sequence[Cell]]
) -> list[str]:
    marks = ["---:" if align == "right" else "---" for align in aligns]
    cells = [[_cell(cell) for cell in row] for row in [titles, *rows]]
    return [f"| {' | '.join(row)} |" for row in [cells[0], marks, *cells[1:]]]


def _cell(cell: Cell) -> str:
    return markdown(cell) if isinstance(cell, str) else "<br>".join(map(markdown, cell))
