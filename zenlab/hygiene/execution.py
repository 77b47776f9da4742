"""Rules `error-output`, `execution-order`: whether the notebook runs from the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.hygiene.findings import Found, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Notebook

EXPECTED = "raises-exception"
"""Jupyter's own tag for a cell that is meant to fail."""


def error_output(notebook: Notebook) -> Iterator[Found]:
    """Cells that failed."""
    for cell in notebook.cells:
        for output in cell.outputs:
            if output.kind == "error" and EXPECTED not in cell.tags:
                yield Found(
                    f"The cell failed with {quoted(output.raw.get('ename'))}.",
                    "Repair it and run the notebook from the top; if it is meant to fail, give the "
                    f"cell the tag {EXPECTED}.",
                    cell,
                    output.part,
                )


def execution_order(notebook: Notebook) -> Iterator[Found]:
    """Cells that were executed before the ones above them."""
    highest = 0
    for cell in notebook.cells:
        if cell.count is None:
            continue
        if cell.count <= highest:
            yield Found(
                f"The cell has the number [{cell.count}], and a cell above it [{highest}]: they "
                "were not executed from the top down.",
                "Restart the kernel, run all cells and save.",
                cell,
            )
        highest = max(highest, cell.count)
