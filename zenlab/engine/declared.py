"""Files and environment variables that a step declares: what its code does not show."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_digests: dict[tuple[str, int, int, int], str] = {}


def file_digests(files: Iterable[str], root: Path, slot: str) -> dict[str, str]:
    """The content digest of each declared file, by its path relative to the repository.

    Args:
        files: paths relative to `root`.
        root: the repository's folder.
        slot: the step that declares them, for messages.

    Raises:
        DoesNotExistException: a file is not there.
    """
    return {name: _file_digest(root, name, slot) for name in sorted(set(files))}


def env_digests(names: Iterable[str]) -> dict[str, str]:
    """A digest of each variable's value; the value itself, which may be a secret, stays here."""
    found = {}
    for name in sorted(set(names)):
        value = os.environ.get(name)
        found[name] = (
            "unset" if value is None else hashlib.sha256(f"{name}={value}".encode()).hexdigest()
        )
    return found


def _file_digest(root: Path, name: str, slot: str) -> str:
    path = root / name
    try:
        stat = path.stat()
    except OSError:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DoesNotExistException(
            f"Step '{slot}' declares the file '{name}', which is not there.",
            where=slot,
            hint=suggest(path.name, siblings),
        ) from None
    stamp = (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    if stamp not in _digests:
        with path.open("rb") as file:
            _digests[stamp] = hashlib.file_digest(file, "sha256").hexdigest()
    return _digests[stamp]
