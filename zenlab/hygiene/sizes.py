"""Rules `notebook-size`, `panel-size`, `stream-size`: what a notebook may weigh."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zenlab.hygiene.findings import Found, kilobytes, quoted
from zenlab.hygiene.frontend import WIDGET_VIEW
from zenlab.views.panel import BUDGET, stored_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Notebook

NOTEBOOK_BUDGET = 250_000
"""The most bytes of a notebook's file."""

STREAM_BUDGET = 20_000
"""The most bytes of what a cell prints, as nbformat writes them: about 300 lines."""


def notebook_size(notebook: Notebook) -> Iterator[Found]:
    """The file as a whole."""
    if notebook.size > NOTEBOOK_BUDGET:
        biggest = sorted(
            ((_compact(o.raw), cell, o) for cell in notebook.cells for o in cell.outputs),
            key=lambda item: -item[0],
        )[:3]
        named = ", ".join(
            f"{o.part} of cell {cell.number} ({kilobytes(size)})" for size, cell, o in biggest
        )
        most = f" Most of it: {named}." if named else ""
        yield Found(
            f"The file has {kilobytes(notebook.size)}; a notebook may have "
            f"{kilobytes(NOTEBOOK_BUDGET)}.{most}",
            "Show less in the biggest outputs, or divide the notebook in two.",
        )


def panel_size(notebook: Notebook) -> Iterator[Found]:
    """One output, all its MIME types together, as nbformat writes them."""
    for cell in notebook.cells:
        for output in cell.outputs:
            # The view of a widget is an id, which a panel that is at its budget may have as well.
            data = {k: v for k, v in output.data.items() if k != WIDGET_VIEW}
            size = _stored(data)
            if size > BUDGET:
                parts = sorted(((_compact(v), k) for k, v in output.data.items()), reverse=True)
                named = ", ".join(f"{quoted(k)} {kilobytes(n)}" for n, k in parts[:3])
                yield Found(
                    f"The output has {kilobytes(size)}; one may have {kilobytes(BUDGET)} "
                    f"({named}).",
                    "Show fewer rows or points, or a smaller picture; a figure of plotly as a "
                    'static picture: figure.show("png").',
                    cell,
                    output.part,
                )


def stream_size(notebook: Notebook) -> Iterator[Found]:
    """What a cell prints, all its streams together."""
    for cell in notebook.cells:
        streams = [output for output in cell.outputs if output.printed]
        size = sum(_stored({"text": output.raw["text"]}) for output in streams)
        if size > STREAM_BUDGET:
            lines = sum(output.printed.count("\n") for output in streams)
            yield Found(
                f"The cell prints {kilobytes(size)} ({lines:,} lines); it may print "
                f"{kilobytes(STREAM_BUDGET)}.",
                "Print less, or begin the cell with %%capture.",
                cell,
            )


def _stored(data: dict[str, Any]) -> int:
    """The size as nbformat writes it; of what is far too big, the size without its spaces.

    Indenting JSON is slow in Python, and that much too much is too much.
    """
    compact = _compact(data)
    if compact > 10 * BUDGET:
        return compact
    try:
        return stored_size(data)
    except UnicodeEncodeError:  # half of a character, which JSON can hold and UTF-8 cannot
        return compact


def _compact(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
