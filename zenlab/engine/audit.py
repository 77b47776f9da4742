"""Notices files of the repository that a step opens without having declared them.

What code reads behind the key's back is how a wrong hit comes about, so the run says it. Python's
audit hooks see what is opened through Python (https://peps.python.org/pep-0578/), not what a
C++ library opens by itself.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CODE = (".py", ".pyc", ".pyi", ".so", ".ipynb")
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT

_watching: list[tuple[str, set[str]]] = []
_installed = False
_here = threading.local()


def leave_out_this_thread() -> None:
    """What the present thread opens is not the running step's: it works beside it."""
    _here.left_out = True


@contextlib.contextmanager
def opened_files(root: Path, declared: Iterable[str] = ()) -> Iterator[set[str]]:
    """Collect the files below `root` that are opened for reading while the context lasts.

    Args:
        root: the repository's folder. Its hidden folders and code files do not count.
        declared: the paths that the step has declared.

    Yields:
        Paths relative to `root`, filled as files are opened.
    """
    global _installed  # noqa: PLW0603 - an audit hook can never be removed, so there is one
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    folder = _real(root) + os.sep
    seen: set[str] = set()
    entry = (folder, seen)
    _watching.append(entry)
    try:
        yield seen
    finally:
        _watching.remove(entry)
        seen.difference_update(os.path.relpath(os.path.realpath(p), folder) for p in declared)


@lru_cache(maxsize=16)
def _real(root: Path) -> str:
    return str(root.resolve())


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watching or event != "open" or getattr(_here, "left_out", False):
        return
    path, mode, flags = args
    if isinstance(path, int) or (isinstance(flags, int) and flags & _WRITE_FLAGS):
        return
    if isinstance(mode, str) and any(c in mode for c in "wax+"):
        return
    absolute = os.path.realpath(os.fsdecode(path))
    for folder, seen in _watching:
        if absolute.startswith(folder) and not absolute.endswith(_CODE):
            relative = absolute[len(folder) :]
            hidden = any(part.startswith(".") for part in Path(relative).parts)
            if not hidden and not Path(absolute).is_dir():
                seen.add(relative)
