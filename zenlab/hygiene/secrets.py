"""Rule `secret`: tokens, keys and passwords, wherever they stand in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.hygiene.document import strings_of
from zenlab.hygiene.findings import Found, line_of
from zenlab.hygiene.patterns import secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Cell, Notebook

_HINT = (
    "Read it from an environment variable instead, and run the cell again. If it has been "
    "committed or shared already, revoke it: Git keeps it."
)


def secrets(notebook: Notebook) -> Iterator[Found]:
    """Secrets in sources, outputs and metadata. What is printed of them is their kind alone."""
    for cell in notebook.cells:
        yield from _in_cell(cell)
    for secret in secrets_in("\n".join(strings_of(notebook.metadata))):
        yield Found(_message(secret.kind, secret.shown), _HINT, part="metadata of the notebook")


def _in_cell(cell: Cell) -> Iterator[Found]:
    seen: set[tuple[str, str]] = set()
    for part, text, _ in cell.texts:
        for secret in secrets_in(text):
            place = line_of(text, secret.start) if part == "source" else part
            # One value stands in each MIME type of an output, and often several times.
            value = (place, text[secret.start : secret.end])
            if value not in seen:
                seen.add(value)
                yield Found(_message(secret.kind, secret.shown), _HINT, cell, place)


def _message(kind: str, shown: str) -> str:
    return f"This looks like {kind} ({shown})."
