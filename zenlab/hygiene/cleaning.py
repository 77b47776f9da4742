"""Repairs over a notebook: as a document, as the bytes of a file, and the file itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import NotebookError
from zenlab.core.files import rewrite_atomically
from zenlab.hygiene import noise, repairs
from zenlab.hygiene.document import parse_notebook
from zenlab.hygiene.layout import layout_of
from zenlab.hygiene.rules import ALLOW

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.hygiene.repairs import Repair

REPAIRS = {
    "timing": repairs.timing,
    "absolute-path": repairs.absolute_path,
    "widget-state": repairs.widget_state,
    "script": repairs.script,
}
"""How rules are repaired, by their names."""


@dataclass(frozen=True)
class Cleaned:
    """A notebook after its repair.

    Args:
        content: the bytes of the file as they should be; the same ones if nothing is repaired.
        repairs: what was repaired.
    """

    content: bytes
    repairs: tuple[Repair, ...]


def clean_document(document: dict[str, Any], *, counts: bool = False) -> list[Repair]:
    """Repair a notebook in place.

    Cells that may break a rule (`zenlab:allow-RULE`) are left alone by its repair.

    Args:
        document: the JSON of an `.ipynb` file, of the form that `parse_notebook` accepts.
        counts: whether execution counts are taken out, too.

    Returns:
        What was repaired; a second call finds nothing.

    Example:
        >>> cell = {"cell_type": "raw", "metadata": {"execution": {}}, "source": ""}
        >>> document = {"cells": [cell], "metadata": {}, "nbformat": 4}
        >>> [str(repair) for repair in clean_document(document)], cell["metadata"]
        (["cell 1, metadata: metadata 'execution' taken out"], {})
    """
    done: list[Repair] = []
    for part in (document, *document["cells"]):
        part["metadata"] = part.get("metadata") or {}  # what is null is none
    for rule, repair in REPAIRS.items():
        done += repair(_without_allowed(document, rule))
    done += noise.metadata(document)
    done += noise.outputs(document)
    if counts:
        done += noise.counts(document)
    return done


def clean_bytes(path: Path, content: bytes, *, counts: bool = False) -> Cleaned:
    """Repair the content of a notebook's file.

    What is not repaired keeps its bytes: line ends, indentation and order are those of the file.

    Args:
        path: what the file is called in messages.
        content: all of it.
        counts: whether execution counts are taken out, too.

    Raises:
        NotebookError: it is no notebook, or cannot be written again.
    """
    parse_notebook(path, content)
    document = json.loads(content)
    done = clean_document(document, counts=counts)
    if not done:
        return Cleaned(content, ())
    try:
        return Cleaned(layout_of(content, json.loads(content)).write(document), tuple(done))
    except RecursionError:  # what can be read need not be writable
        raise NotebookError(
            "The file has JSON that is nested too deep to be written again. It is as it was.",
            where=str(path),
            hint="Show less in the output that has it, or clear that output.",
        ) from None


def clean_file(path: Path, *, counts: bool = False, write: bool = True) -> Cleaned:
    """Repair a notebook's file: whole or not at all, and only if something is to be repaired.

    Args:
        path: the file.
        counts: whether execution counts are taken out, too.
        write: False says what would be repaired, and changes nothing.

    Raises:
        DoesNotExistException: there is no such file.
        NotebookError: it is no notebook, or cannot be read or written.
    """
    from zenlab.hygiene.document import read_bytes

    content = read_bytes(path)
    cleaned = clean_bytes(path, content, counts=counts)
    if write and cleaned.content != content:
        try:
            rewrite_atomically(path, cleaned.content)
        except OSError as error:
            raise NotebookError(
                f"The file cannot be written: {error.strerror or error}. It is as it was.",
                where=str(path),
            ) from None
    return cleaned


def _without_allowed(document: dict[str, Any], rule: str) -> dict[str, Any]:
    """The document with empty cells in place of those that may break a rule."""
    is_allowed = [f"{ALLOW}{rule}" in _tags(cell) for cell in document["cells"]]
    cells: list[dict[str, Any]] = [
        {"metadata": {}} if allowed else cell
        for cell, allowed in zip(document["cells"], is_allowed, strict=True)
    ]
    if rule == "widget-state" and any(is_allowed):
        return {"cells": cells, "metadata": {}}  # the state that they may have is the notebook's
    return {**document, "cells": cells}


def _tags(cell: dict[str, Any]) -> list[Any]:
    tags = cell["metadata"].get("tags")
    return tags if isinstance(tags, list) else []
