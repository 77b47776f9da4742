"""Writing files that somebody else may read at the same time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str | bytes) -> None:
    """Replace a file by new content; a reader sees the old one or the new one, whole.

    Args:
        path: the file; folders above it are made.
        text: written as UTF-8, with the same line ends everywhere; bytes as they are.

    Raises:
        OSError: it cannot be written. What was there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        # mkstemp makes files that only the owner can read; these are committed, or passed on.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def rewrite_atomically(path: Path, content: bytes) -> None:
    """Replace the content of a file that is there; a reader sees the old one or the new one, whole.

    Its mode stays, and a symbolic link stays one.

    Args:
        path: the file.
        content: its new bytes.

    Raises:
        OSError: it cannot be written. What was there stays.
    """
    path = path.resolve(strict=True)
    mode = path.stat().st_mode
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(mode & 0o7777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
