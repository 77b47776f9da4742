"""Whether a source has changed since a commit: cheap first, by content where that is in doubt.

The stamp of a local file is its size, times and inode. In another clone these are others for the
same bytes, so a commit also keeps a digest of the file. It is compared only where the size is
equal and the rest is not, and what was found is remembered in `.zenlab/file-digests` of the clone:
a file is digested once, and again when it changes.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import InitializationException
from zenlab.core.workspace import current_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zenlab.datasources.source_files import SourceFile

CHEAP = 5
"""Name, size, mtime, ctime, inode: what a look at the file tells. The digest is the sixth."""

_FILE = "file-digests"
_MAX_LINES = 5_000
_FRESH_NS = 100_000_000
"""A file that was written so shortly ago can be written again without another time."""

_known: dict[Path, tuple[tuple[int, int], dict[str, str]]] = {}


def sealed(files: Sequence[SourceFile], stamp: list[Any]) -> list[Any]:
    """A stamp with the digests of its local files, for the record of a commit.

    Args:
        files: the files as they are now, after they were read.
        stamp: what they were before. A file that has changed since gets no digest: nobody knows
            which of its bytes were read.
    """
    now = {tuple(file.stamp): file for file in files if file.path is not None}
    found = []
    for entry in stamp:
        file = now.get(tuple(entry)) if len(entry) == CHEAP else None
        digest = _digest(file) if file is not None else None
        found.append(entry if digest is None else [*entry, digest])
    return found


def differs(files: Sequence[SourceFile], recorded: Any) -> bool:
    """Whether files are others than those of a commit's stamp.

    Args:
        files: the files as they are now.
        recorded: the stamp of the commit; one of an earlier zenlab has no digests, and then other
            times count as a change.
    """
    if not isinstance(recorded, list) or len(recorded) != len(files):
        return True
    return any(_differs(file, entry) for file, entry in zip(files, recorded, strict=True))


def _differs(file: SourceFile, recorded: Any) -> bool:
    if file.path is None or not isinstance(recorded, list) or len(recorded) < CHEAP:
        return bool(file.stamp != recorded)
    if file.stamp == recorded[:CHEAP]:
        return False
    if len(recorded) <= CHEAP or file.stamp[:2] != recorded[:2]:
        return True
    return bool(_digest(file) != recorded[CHEAP])


def _digest(file: SourceFile) -> str | None:
    """The SHA-256 of a local file's bytes; None if it changes meanwhile, or cannot be read."""
    assert file.path is not None
    memory = _memory()
    # Tabs part the columns; a name with a line end in it is not remembered.
    key = "\t".join(map(str, [*file.stamp[1:CHEAP], file.path]))
    known = _load(memory).get(key) if memory is not None else None
    if known is not None:
        return known
    try:
        with file.path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        stat = file.path.stat()
    except OSError:
        return None
    if [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino] != file.stamp[1:CHEAP]:
        return None
    if memory is not None and "\n" not in key and time.time_ns() - stat.st_mtime_ns > _FRESH_NS:
        _remember(memory, key, digest)
    return digest


def _memory() -> Path | None:
    try:
        return current_workspace().root / ".zenlab" / _FILE
    except (InitializationException, RuntimeError):
        return None


def _load(memory: Path) -> dict[str, str]:
    """What is remembered; read again when another process has added to it."""
    try:
        stat = memory.stat()
    except OSError:
        return {}
    stamp = stat.st_mtime_ns, stat.st_size
    known = _known.get(memory)
    if known is None or known[0] != stamp:
        try:
            lines = memory.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        except OSError:
            return {}
        rows = (line.partition("\t") for line in lines[-_MAX_LINES:])
        known = _known[memory] = (stamp, {key: digest for digest, _, key in rows if key})
    return known[1]


def _remember(memory: Path, key: str, digest: str) -> None:
    """Add a line: one write, so that two processes do not mix theirs."""
    try:
        memory.parent.mkdir(exist_ok=True)
        with memory.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(f"{digest}\t{key}\n")
    except OSError:
        return  # it will be digested again
