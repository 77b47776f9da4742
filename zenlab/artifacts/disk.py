"""Errors of the disk, told in words that a user can act on."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_ELSEWHERE = "or set another artifact_store in zenlab.yaml"


@contextmanager
def writing(what: str, where: Path | str, elsewhere: str = _ELSEWHERE) -> Iterator[None]:
    """Turn an `OSError` of the block into an `ArtifactError`.

    Args:
        what: what is being written, for the message: "the artifact".
        where: the file or folder.
        elsewhere: the way out, as the end of a sentence.

    Raises:
        ArtifactError: the disk is full, may not be written, or failed otherwise.
    """
    try:
        yield
    except OSError as error:
        reason, hint = explain(error, elsewhere)
        raise ArtifactError(
            f"Cannot write {what}: {reason}.", where=str(where), hint=hint
        ) from error


def explain(error: OSError, elsewhere: str = _ELSEWHERE) -> tuple[str, str]:
    """What is wrong, as the end of a sentence, and what to do.

    Args:
        error: what the system said.
        elsewhere: see `writing`.
    """
    code = error.errno
    if code in _FULL:
        return "the disk is full", f"Free some space there, {elsewhere}. Nothing was kept."
    if code == errno.EFBIG:
        return (
            "the file is larger than this process may write",
            f"Raise the limit on file sizes (`ulimit -f`), {elsewhere}. Nothing was kept.",
        )
    if code in _READ_ONLY:
        return (
            "this user may not write there",
            f"Ask for the right to write, {elsewhere}. Nothing was kept.",
        )
    return f"{error}", f"Check the disk, {elsewhere}. Nothing was kept."


def remove(folder: Path) -> None:
    """Remove a folder with all that it holds, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)


def empty(folder: Path) -> None:
    """Remove what a folder holds, as far as that is possible; the folder stays."""
    for entry in list(folder.iterdir()) if folder.is_dir() else []:
        if entry.is_dir() and not entry.is_symlink():
            remove(entry)
        else:
            entry.unlink(missing_ok=True)
