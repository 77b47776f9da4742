"""Text: one UTF-8 file, without any change of line ends."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zenlab.artifacts.manifest import Described, write_hashed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts.manifest import Stored

FORMAT = "text"
VERSION = 1

_FILE = "value.txt"


def accepts(value: object) -> bool:
    """Whether the value is text."""
    return isinstance(value, str)


def write(value: str, folder: Path) -> Described:
    """Write the text as `value.txt`. Lone surrogates, as odd file names have, are kept."""
    data = value.encode("utf-8", "surrogatepass")
    write_hashed(folder / _FILE, data)
    return Described(FORMAT, VERSION, hashlib.sha256(data).hexdigest())


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> str:  # noqa: ARG001 - as all formats
    """The text."""
    return (folder / _FILE).read_bytes().decode("utf-8", "surrogatepass")
