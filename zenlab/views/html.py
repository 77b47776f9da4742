"""A document as HTML that every viewer leaves alone: bare tables, no script, style, id or link.

GitHub and untrusted JupyterLab strip more or less of everything else. The one attribute is
`align`, which both allow. Cells stand right, by one attribute a table; JupyterLab's style sheet
does that to all cells of an output, and its rule for `td` wins over an attribute of `td`. Words
stand left in a `div` of their own, which no rule for cells reaches.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, assert_never

from zenlab.views.document import Code, Document, Facts, Heading, Sentences, Table
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from zenlab.views.document import Align, Block, Cell

TAGS = frozenset(
    {"div", "h4", "p", "pre", "b", "br", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
)
"""Every tag that can occur."""

ATTRIBUTES = frozenset({("div", "align"), ("tbody", "align"), ("thead", "align")})
"""Every attribute that can occur, by tag. Their values never come from data."""

_DATE_HYPHEN = re.compile(r"(?<=[0-9])-(?=[0-9])")  # browsers break dates there


def to_html(document: Document) -> str:
    """Write a document as HTML, a table row a line, so that a diff shows rows.

    Example:
        >>> print(to_html(Document("<b>", (Sentences(("a & b",)),))))
        <div>
        <h4>&lt;b&gt;</h4>
        <ul>
        <li>a &amp; b</li>
        </ul>
        </div>
    """
    lines = ["<div>", f"<h4>{escaped(document.title)}</h4>"]
    for block in document.blocks:
        lines += _lines(block)
    lines.append("</div>")
    return "\n".join(lines)


def escaped(raw: str) -> str:
    r"""Anybody's string as HTML text, or as the value of a quoted attribute.

    Example:
        >>> escaped("<script>\n")
        '&lt;script&gt;\\n'
    """
    return escape(visible(raw), quote=True)


def _lines(block: Block) -> list[str]:
    if isinstance(block, Heading):
        # Not a heading: JupyterLab's table of contents lists those of outputs, too.
        return [f"<p><b>{escaped(block.text)}</b></p>"]
    if isinstance(block, Sentences):
        return ["<ul>", *(f"<li>{escaped(line)}</li>" for line in block.lines), "</ul>"]
    if isinstance(block, Code):
        first, *others = [escaped(line) for line in block.lines] or [""]
        return [f"<pre>{first}", *others, "</pre>"]
    if isinstance(block, Facts):
        rows = (f"{_cell('th', name, 'left')}{_cell('td', v, 'left')}" for name, v in block.items)
        return ["<table>", "<tbody>", *(f"<tr>{row}</tr>" for row in rows), "</tbody>", "</table>"]
    if isinstance(block, Table):
        return _table(block)
    assert_never(block)


def _table(table: Table) -> list[str]:
    header = "".join(_cell("th", column.title, column.align) for column in table.columns)
    lines = [
        "<table>",
        f'<thead align="right"><tr>{header}</tr></thead>',
        '<tbody align="right">',
    ]
    for row in table.rows:
        cells = "".join(
            _cell("td", cell, column.align, nowrap=column.nowrap)
            for cell, column in zip(row, table.columns, strict=True)
        )
        lines.append(f"<tr>{cells}</tr>")
    return [*lines, "</tbody>", "</table>"]


def _cell(tag: str, raw: Cell, align: Align, *, nowrap: bool = False) -> str:
    content = escaped(raw) if isinstance(raw, str) else "<br/>".join(map(escaped, raw))
    if nowrap:
        # The attribute of that name loses against JupyterLab's style sheet.
        content = _DATE_HYPHEN.sub("-&#8288;", content.replace(" ", "&nbsp;"))
    if align == "right":
        return f"<{tag}>{content}</{tag}>"
    return f'<{tag}><div align="left">{content}</div></{tag}>'
