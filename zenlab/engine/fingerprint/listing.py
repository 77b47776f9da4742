"""The source behind a fingerprint, kept for people: which functions, classes and constants counted.

A bundle (`bundle.py`) is a program, of notebook code alone; a listing is no program, and is there
for all code of the user's own. `why` and `compare` read two of them to show the line that differs.
Both are kept, since code may move from a notebook to a module without another fingerprint, and
must not lose its bundle by that.
"""

from __future__ import annotations

import json
import re
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.cells import is_cell
from zenlab.engine.fingerprint.model import Reached

if TYPE_CHECKING:
    from zenlab.engine.fingerprint.model import Fingerprint

NOTEBOOK = "notebook"
"""What stands for the file of a cell, whose own name is another one in each session."""

_MOST_CHARACTERS = 500_000
_HIDDEN = "<hidden>"
_SECRET = re.compile(
    r"passw|passphrase|secret|credential|api_?key|access_?key|private_?key|(?:^|_)token(?:$|_)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"-?[\d.]+|True|False|None")


def listing(mark: Fingerprint) -> str:
    """What a fingerprint has reached, as a text to be stored: JSON, for `read_listing`.

    Methods stand in the text of their class. Files outside of the repository are named without
    their folders, and constants with a name like `API_KEY` without their value.

    Args:
        mark: the fingerprint.
    """
    entries = mark.reached
    classes = [e for e in entries if e.kind == "class" and e.text]
    kept: list[Reached] = []
    characters = 0
    for entry in entries:
        if entry.kind == "function" and any(_holds(cls, entry) for cls in classes):
            continue
        characters += len(entry.text)
        if characters > _MOST_CHARACTERS:
            break
        kept.append(_for_store(entry))
    # In ASCII: a file's name may have bytes that are no text.
    return json.dumps([astuple(entry) for entry in kept], separators=(",", ":"))


def read_listing(text: str) -> tuple[Reached, ...]:
    """What `listing` wrote: the code itself first, then all that it reaches.

    Args:
        text: of the store; one that is no listing gives nothing.
    """
    try:
        return tuple(Reached(*entry) for entry in json.loads(text))
    except (ValueError, TypeError):
        return ()


def _for_store(entry: Reached) -> Reached:
    file, text, digest = entry.file, entry.text, entry.digest
    if is_cell(file):
        file = NOTEBOOK
    elif Path(file).is_absolute():
        file = Path(file).name
    looks_secret = _SECRET.search(entry.name) or _SECRET.search(text)
    if entry.kind == "constant" and looks_secret and not _HARMLESS.fullmatch(text):
        text, digest = _HIDDEN, ""
    return replace(entry, file=file, text=text, digest=digest)


def _holds(cls: Reached, function: Reached) -> bool:
    last = cls.line + cls.text.count("\n")
    return cls.file == function.file and cls.line <= function.line <= last
