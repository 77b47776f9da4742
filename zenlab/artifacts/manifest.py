"""What an artifact is: the records that describe it, and the manifest that lies beside it.

The manifest names each file with its size and SHA-256. The metadata store keeps the SHA-256 of
the manifest, so that one recorded number vouches for every byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from zenlab.artifacts.uris import check_file
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError

MANIFEST = "manifest.json"
"""The name of the manifest. It is written last: an artifact without it does not exist."""

MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Described:
    """What a writer says about the files that it has just written.

    Attributes:
        format: `parquet`, `json`, `skops`, `custom`, `text` or `files`.
        format_version: of that format; a reader refuses one that it does not know.
        content_digest: of the values, not of the bytes (64 hexadecimal digits).
        num_rows: of a dataset, else None.
        summary: a few plain facts for panels and messages, such as the columns.
        rows: of a small dataset, the Arrow table that the files will give. Not recorded.
    """

    format: str
    format_version: int
    content_digest: str
    num_rows: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    rows: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A published artifact: all that is needed to find, check and read it again.

    Attributes:
        uri: relative to the root of the store.
        format: see `Described`.
        format_version: see `Described`.
        content_digest: see `Described`.
        manifest_sha256: of the bytes of the manifest.
        size: of all files, in bytes, the manifest not counted.
        num_rows: see `Described`.
        summary: see `Described`.
    """

    uri: str
    format: str
    format_version: int
    content_digest: str
    manifest_sha256: str
    size: int
    num_rows: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)


class FileEntry(msgspec.Struct, frozen=True):
    """One file: its path relative to the artifact, with `/`; size in bytes; SHA-256."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The content of `manifest.json`."""

    version: int
    format: str
    format_version: int
    content_digest: str
    num_rows: int | None
    summary: dict[str, Any]
    files: list[FileEntry]

    def encode(self) -> bytes:
        """The canonical bytes: equal manifests are equal files."""
        return canonical.encode(msgspec.to_builtins(self)) + b"\n"

    @property
    def size(self) -> int:
        """The bytes of all files, the manifest not counted."""
        return sum(entry.size for entry in self.files)

    def stored(self, uri: str, encoded: bytes) -> Stored:
        """The record of this manifest at a uri.

        Args:
            uri: where the artifact lies.
            encoded: what `encode` gave.
        """
        return Stored(
            uri=uri,
            format=self.format,
            format_version=self.format_version,
            content_digest=self.content_digest,
            manifest_sha256=hashlib.sha256(encoded).hexdigest(),
            size=self.size,
            num_rows=self.num_rows,
            summary=self.summary,
        )


def make_manifest(folder: Path, described: Described) -> Manifest:
    """Describe all files of a folder.

    Args:
        folder: the staged artifact. Empty folders in it do not count.
        described: what the writer said.

    Raises:
        ArtifactError: the folder holds a link, a device, or no file at all.
    """
    entries = [
        FileEntry(path=name, size=file.stat().st_size, sha256=file_sha256(file))
        for name, file in walk_files(folder)
    ]
    if not entries:
        raise ArtifactError(
            "An artifact without a file cannot be stored.",
            where=str(folder),
            hint="Write at least one file.",
        )
    return Manifest(
        version=MANIFEST_VERSION,
        format=described.format,
        format_version=described.format_version,
        content_digest=described.content_digest,
        num_rows=described.num_rows,
        summary=described.summary,
        files=entries,
    )


def read_manifest(data: bytes, stored: Stored, where: str) -> Manifest:
    """Check and decode a manifest.

    Args:
        data: the bytes of the file.
        stored: what the metadata store recorded.
        where: the place of the file, for messages.

    Raises:
        ArtifactError: it is not the manifest that was recorded, or a newer program wrote it.
    """
    if hashlib.sha256(data).hexdigest() != stored.manifest_sha256:
        raise damaged(f"{where}/{MANIFEST}", "the manifest is not the one that was recorded")
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise damaged(f"{where}/{MANIFEST}", f"the manifest cannot be read ({error})") from None
    if manifest.version > MANIFEST_VERSION:
        raise ArtifactError(
            f"The artifact has a manifest of version {manifest.version}, this zenlab reads up to "
            f"{MANIFEST_VERSION}.",
            where=where,
            hint="Update zenlab: pip install -U zenlab.",
        )
    for entry in manifest.files:
        if problem := check_file(entry.path):
            raise damaged(where, f"the manifest names the file {entry.path!r}: {problem}")
    return manifest


def check_files(folder: Path, manifest: Manifest, where: str | None = None) -> None:
    """Check each file of a local artifact against its manifest.

    A file whose path, size, time and inode are those of a file that this process has already
    read through is not read again.

    Args:
        folder: where the files lie.
        manifest: what they should be.
        where: where they come from, for messages; the folder by default.

    Raises:
        ArtifactError: a file is missing, damaged, or not in the manifest; the message says which.
    """
    where = where or str(folder)
    for entry in manifest.files:
        file, named = folder / entry.path, f"{where}/{entry.path}"
        try:
            size = file.stat().st_size
            if size != entry.size:
                raise damaged(named, f"it has {size:,} bytes instead of {entry.size:,}")
            found = file_sha256(file)
        except FileNotFoundError:
            raise damaged(named, "it is missing") from None
        except OSError as error:
            raise damaged(named, f"it cannot be read ({error.strerror})") from error
        if found != entry.sha256:
            raise damaged(named, "its content is not what was written (SHA-256 differs)")
    expected = {entry.path for entry in manifest.files}
    for name, _ in walk_files(folder):
        if name not in expected:
            raise damaged(f"{where}/{name}", "it does not belong to the artifact")


def is_checked(folder: Path, manifest_sha256: str) -> bool:
    """Whether this process has checked the artifact, and nothing in its folder has changed since.

    Args:
        folder: where its files lie.
        manifest_sha256: of the manifest that is expected there.
    """
    known = _checked.get(str(folder))
    return known is not None and known == (manifest_sha256, _stamps(folder))


def remember_checked(folder: Path, manifest_sha256: str) -> None:
    """Note that the folder holds just what this manifest says: it was checked, or written."""
    with _known_lock:
        if len(_checked) >= _MOST_KNOWN:
            _checked.clear()
        _checked[str(folder)] = (manifest_sha256, _stamps(folder))


def _stamps(folder: Path) -> frozenset[_Stamp]:
    """What all files of a folder, the manifest among them, look like from outside."""
    found: list[_Stamp] = []
    with contextlib.suppress(OSError):  # it is gone: that is no stamp of anything
        folders = [str(folder)]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
                        found.append((entry.path, *stamp))
    return frozenset(found)


def damaged(where: str, problem: str) -> ArtifactError:
    """The error for an artifact that is not what was written."""
    return ArtifactError(
        f"The artifact is damaged: {problem}.",
        where=where,
        hint="Run the pipeline again: a damaged result is computed anew. "
        "If it comes back, check the disk or who else writes there.",
    )


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file, computed once per process and (path, mtime, size, inode)."""
    stamp = _stamp(file)
    known = _known.get(stamp[0])
    if known is not None and known[0] == stamp:
        return known[1]
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    _remember(stamp, found)
    return found


def write_hashed(file: Path, data: Any) -> None:
    """Write a new file, whose SHA-256 is known from then on without reading it.

    Args:
        file: a path where nothing is.
        data: bytes, or anything with a buffer of them.

    Raises:
        OSError: the disk is full or read-only.
    """
    with file.open("xb") as stream:
        stream.write(data)
    _remember(_stamp(file), hashlib.sha256(data).hexdigest())


def _stamp(file: Path) -> _Stamp:
    name = str(file)
    status = os.stat(name)  # noqa: PTH116 - on the path of each step, and a Path is slower
    return name, status.st_mtime_ns, status.st_size, status.st_ino


def _remember(stamp: _Stamp, sha256: str) -> None:
    with _known_lock:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[stamp[0]] = (stamp, sha256)


_MOST_KNOWN = 50_000
_Stamp = tuple[str, int, int, int]
"""Path, mtime in ns, size in bytes, inode."""
_known: dict[str, tuple[_Stamp, str]] = {}
_checked: dict[str, tuple[str, frozenset[_Stamp]]] = {}
_known_lock = threading.Lock()


def walk_files(folder: Path) -> list[tuple[str, Path]]:
    """Relative names and paths of all files but the manifest, in the order of their names.

    Raises:
        ArtifactError: the folder holds a link.
    """
    found: list[tuple[str, Path]] = []
    _walk(str(folder), "", found)
    return sorted(found)


def _walk(folder: str, prefix: str, found: list[tuple[str, Path]]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            relative = prefix + entry.name
            if entry.is_symlink():
                raise ArtifactError(
                    f"'{relative}' is a link, which an artifact cannot hold.",
                    where=entry.path,
                    hint="Copy the file instead of linking it.",
                )
            if entry.is_dir():
                _walk(entry.path, f"{relative}/", found)
            elif entry.is_file() and relative != MANIFEST:
                found.append((relative, Path(entry.path)))
