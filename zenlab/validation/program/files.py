"""Results on disk: written beside and renamed, the same bytes for the same result."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from .problems import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, content: bytes) -> None:
    """Write a file as a whole."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as error:
        raise RefusedError(f"The result cannot be written: {error}.", where=str(file)) from error


def write_json(file: Path, value: Any) -> None:
    """Write canonical JSON."""
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, indent=1)
    write(file, text.encode() + b"\n")


def read(file: Path, what: str) -> bytes:
    """Read a file; `what` says what it is, for the message if it is not there."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise RefusedError(f"{what} cannot be read: {error.strerror}.", where=str(file)) from error
