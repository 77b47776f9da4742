"""Rule `rows`: outputs that show single rows of the data.

Stored output may show a value only if ten rows have it (`docs/design.md`, section 7), which nobody
can tell from a rendered table. What can be told is that somebody listed the data instead of
looking at the head of it, or at an aggregate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zenlab.hygiene.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Notebook, Output

MOST_ROWS = 20
"""The most rows of a rendered table."""

_RESOURCE = "application/vnd.dataresource+json"

_TABLE = re.compile(r"<table\b([^<>]{0,1000})", re.IGNORECASE)
# pandas, polars and dask; great_tables; a pandas Styler.
_FRAMES = ("dataframe", "gt_table", 'id="T_', "id='T_")
_END = re.compile(r"</table", re.IGNORECASE)
_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_HEAD = re.compile(r"</thead", re.IGNORECASE)
# `print(frame)`: lines that count from 0.
_COUNTED = re.compile(r"^ *(\d{1,9})  ?\s*\S", re.MULTILINE)


def rows(notebook: Notebook) -> Iterator[Found]:
    """Tables of more than `MOST_ROWS` rows, and frames that are printed."""
    for cell in notebook.cells:
        for output in cell.outputs:
            number = 0 if output.ours else _rows_of(output)
            if number > MOST_ROWS:
                yield Found(
                    f"The output shows {number:,} rows of a table; it may show {MOST_ROWS}.",
                    "Show frame.head(), an aggregate or %zen look; the rows of real people do not "
                    "belong into Git.",
                    cell,
                    output.part,
                )


def _rows_of(output: Output) -> int:
    resource: Any = output.data.get(_RESOURCE)
    listed = resource.get("data") if isinstance(resource, dict) else None
    most = len(listed) if isinstance(listed, list) else 0
    most = max(most, _rows_of_html(output.text("text/html")))
    return most or _rows_of_text(output.printed or output.text("text/plain"))


def _rows_of_html(html: str) -> int:
    """The rows of the longest frame, its header left out."""
    most = 0
    for match in _TABLE.finditer(html):
        if not any(mark in match.group(1) for mark in _FRAMES):
            continue
        end = _END.search(html, match.end())
        stop = end.start() if end else len(html)
        head = _HEAD.search(html, match.end(), stop)
        start = head.end() if head else match.end()
        most = max(most, sum(1 for _ in _ROW.finditer(html, start, stop)))
        if not end:
            break
    return most


def _rows_of_text(text: str) -> int:
    """The longest sequence of lines that begin with 0, 1, 2, ..."""
    most = expected = 0
    for line in text.splitlines():
        match = _COUNTED.match(line)
        if match and int(match.group(1)) == expected:
            expected += 1
        elif match and int(match.group(1)) == 0:
            expected = 1
        else:
            expected = 0
        most = max(most, expected)
    return most
