"""The two places where a store can lie: a local folder, and whatever fsspec opens (`remote`).

A local folder is used in place, without fsspec: staging gives the final folder and publishing
writes one small file. A remote place stages in the local cache, uploads, and reads through it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from zenlab.artifacts import disk
from zenlab.artifacts.manifest import MANIFEST
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zenlab.artifacts.manifest import Manifest, Stored


class Place(Protocol):
    """What `ArtifactStore` needs of a place. Uris have been checked before."""

    root: str

    def stage(self, uri: str) -> Path:
        """An empty local folder."""

    def publish(self, uri: str, staged: Path, manifest: Manifest, encoded: bytes) -> Path | None:
        """Bring the files to the place if need be, then the encoded manifest.

        Returns:
            The folder in which they can be read right now, if there is one.
        """

    def fetch(self, stored: Stored) -> Path:
        """The local folder of the files. They are checked by the caller."""

    def forget(self, stored: Stored) -> bool:
        """Drop a local copy that turned out to be damaged; whether there was one."""

    def exists(self, uri: str) -> bool:
        """Whether the manifest exists."""

    def delete(self, uri: str) -> None:
        """Remove all at and below a uri, manifests first."""

    def uris(self, prefix: str) -> Iterator[str]:
        """The uris of all manifests at and below a prefix, sorted."""


def open_place(
    root: str, cache_dir: Path | None, cache_size: int | None, options: Mapping[str, Any]
) -> Place:
    """The place for a path or URL. Nothing is reached yet.

    Args:
        root: a path or a URL.
        cache_dir: see `ArtifactStore`.
        cache_size: see `ArtifactStore`.
        options: arguments of the client library of a remote place.
    """
    scheme = root.split("://", 1)[0] if "://" in root else ""
    if scheme in ("", "file", "local"):
        path = unquote(urlsplit(root).path) if scheme else root
        return LocalPlace(Path(path).expanduser())
    from zenlab.artifacts.cache import LocalCache, default_folder
    from zenlab.artifacts.remote import RemotePlace

    return RemotePlace(root, LocalCache(cache_dir or default_folder(), cache_size), options)


class LocalPlace:
    """A folder of this machine, or of a file system that is mounted here.

    Files are not forced to the disk (fsync): the embedded database does not do it either, a
    killed process loses nothing, and after a power cut the check on reading finds what is torn.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would follow links
        self.root = str(self._root)

    def stage(self, uri: str) -> Path:
        folder = self._root / uri
        with disk.writing("the artifact", folder):
            if _make_new_folder(folder):
                return folder
            if (folder / MANIFEST).exists():
                raise ArtifactError(
                    f"The artifact '{uri}' exists, and artifacts are never changed.",
                    where=str(folder),
                    hint="Write to a uri of your own: each attempt has its fence and owner in it.",
                )
            disk.empty(folder)
        return folder

    def publish(
        self,
        uri: str,
        staged: Path,
        manifest: Manifest,  # noqa: ARG002 - the files lie there already
        encoded: bytes,
    ) -> Path | None:
        folder = self._root / uri
        if staged != folder:
            raise ArtifactError(
                f"'{uri}' was staged in another folder.",
                where=str(staged),
                hint="Publish the folder that stage() gave for this uri.",
            )
        with disk.writing("the artifact", folder):
            _write_whole(str(folder / MANIFEST), encoded)
        return folder

    def fetch(self, stored: Stored) -> Path:
        return self._root / stored.uri

    def forget(self, stored: Stored) -> bool:  # noqa: ARG002 - a local store has no copies
        return False

    def exists(self, uri: str) -> bool:
        return (self._root / uri / MANIFEST).is_file()

    def delete(self, uri: str) -> None:
        folder = self._root / uri
        if not folder.is_dir():
            return
        with disk.writing("the deletion of an artifact", folder):
            for manifest in sorted(folder.rglob(MANIFEST)):
                manifest.unlink(missing_ok=True)
            disk.remove(folder)
        for parent in folder.relative_to(self._root).parents:
            with suppress(OSError):  # not empty: others have artifacts there
                if parent.parts:
                    (self._root / parent).rmdir()

    def uris(self, prefix: str) -> Iterator[str]:
        start = self._root / prefix
        for parent, folders, files in os.walk(start):
            folders.sort()
            if MANIFEST in files:
                folders.clear()  # what lies below belongs to this artifact
                yield Path(parent).relative_to(self._root).as_posix()


def _write_whole(file: str, data: bytes) -> None:
    """Write a file so that it is seen with all its bytes or not at all."""
    partial = Path(f"{file}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents, also while `delete` of another process removes empty ones."""
    for _ in range(5):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            return
    folder.mkdir(parents=True, exist_ok=True)


def _make_new_folder(folder: Path) -> bool:
    """Make a folder and its parents; False if it was there already."""
    for _ in range(5):
        try:
            os.makedirs(folder)  # noqa: PTH103 - Path.mkdir tries from the end, and raises each time
        except FileExistsError:
            return False
        except FileNotFoundError:  # another process has just removed an empty parent
            continue
        return True
    _make_folder(folder)
    return False
