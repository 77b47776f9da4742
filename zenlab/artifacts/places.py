"""The two places where a store can lie: a local folder, and whatever fsspec opens.

A local folder is used in place, without fsspec: staging gives the final folder and publishing
writes one small file. A remote place stages in a temporary folder, uploads, and reads through a
local cache.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from zenlab.artifacts import disk
from zenlab.artifacts.manifest import MANIFEST
from zenlab.core.errors import ArtifactError, StoreError, ZenlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    def forget(self, uri: str) -> None:
        """Drop a local copy that turned out to be damaged."""

    def exists(self, uri: str) -> bool:
        """Whether the manifest exists."""

    def delete(self, uri: str) -> None:
        """Remove all at and below a uri, manifests first."""

    def uris(self, prefix: str) -> Iterator[str]:
        """The uris of all manifests at and below a prefix, sorted."""


def open_place(root: str, cache_dir: Path | None) -> Place:
    """The place for a path or URL."""
    scheme = root.split("://", 1)[0] if "://" in root else ""
    if scheme in ("", "file", "local"):
        path = unquote(urlsplit(root).path) if scheme else root
        return LocalPlace(Path(path).expanduser())
    return RemotePlace(root, cache_dir or _user_cache())


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

    def forget(self, uri: str) -> None:
        """Nothing: a local store has no copies."""

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


class RemotePlace:
    """An object store or another file system, through fsspec.

    Args:
        url: such as `gs://bucket/folder`.
        cache_dir: where fetched artifacts are kept, and new ones are staged.
    """

    def __init__(self, url: str, cache_dir: Path) -> None:
        from fsspec.core import url_to_fs

        self.root = re.sub(r"(?<=://)[^/@]*@", "", url).rstrip("/")
        self._url = url.rstrip("/")
        try:
            # A listing that is kept is stale after another client's write.
            self._fs, self._base = url_to_fs(self._url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise StoreError(
                f"The artifact store cannot be opened: {error}.",
                where=self.root,
                hint="Install what it needs: pip install 'zenlab[gcs]', [s3] or [azure].",
            ) from error
        self._cache = cache_dir / hashlib.sha256(self.root.encode()).hexdigest()[:16]

    def stage(self, uri: str) -> Path:
        if self.exists(uri):
            raise ArtifactError(
                f"The artifact '{uri}' exists, and artifacts are never changed.",
                where=self.root,
                hint="Write to a uri of your own: each attempt has its fence and owner in it.",
            )
        with disk.writing("the artifact", self._cache):
            _make_folder(self._cache / "staged")
            return Path(tempfile.mkdtemp(dir=self._cache / "staged"))

    def publish(self, uri: str, staged: Path, manifest: Manifest, encoded: bytes) -> Path | None:
        with self._reaching("written"):
            for entry in manifest.files:
                self._fs.makedirs(self._remote(uri, entry.path).rpartition("/")[0], exist_ok=True)
                self._fs.put_file(str(staged / entry.path), self._remote(uri, entry.path))
            self._fs.pipe_file(self._remote(uri, MANIFEST), encoded)
        disk.remove(staged)
        return None

    def fetch(self, stored: Stored) -> Path:
        folder = self._cache / "read" / stored.uri
        if (folder / MANIFEST).exists():
            return folder
        with disk.writing("the local copy of an artifact", folder):
            _make_folder(folder.parent)
            fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            with self._reaching("read"):
                self._download(stored.uri, fresh)
            with suppress(OSError):  # another process was faster; its copy is as good
                fresh.rename(folder)
        finally:
            disk.remove(fresh)
        return folder

    def forget(self, uri: str) -> None:
        disk.remove(self._cache / "read" / uri)

    def exists(self, uri: str) -> bool:
        with self._reaching("read"):
            return bool(self._fs.exists(self._remote(uri, MANIFEST)))

    def delete(self, uri: str) -> None:
        with self._reaching("changed"):
            for found in list(self.uris(uri)):
                self._fs.rm_file(self._remote(found, MANIFEST))
            with suppress(FileNotFoundError):
                self._fs.rm(self._remote(uri), recursive=True)
        self.forget(uri)

    def uris(self, prefix: str) -> Iterator[str]:
        base = self._remote(prefix) if prefix else self._base
        with self._reaching("read"):
            try:
                files = self._fs.find(base)
            except FileNotFoundError:
                return
        start = len(self._base.rstrip("/")) + 1
        end = f"/{MANIFEST}"
        last = ""
        for uri in sorted(f[start : -len(end)] for f in files if f.endswith(end)):
            if not last or not uri.startswith(f"{last}/"):  # below: a file that a model calls so
                yield uri
                last = uri

    def _remote(self, uri: str, file: str = "") -> str:
        return "/".join(part for part in (self._base.rstrip("/"), uri, file) if part)

    def _download(self, uri: str, folder: Path) -> None:
        base = self._remote(uri)
        for remote in self._fs.find(base):
            target = folder / str(remote)[len(base) + 1 :]
            if not target.resolve().is_relative_to(folder.resolve()):
                raise ArtifactError(f"The store names a file outside of '{uri}'.", where=remote)
            _make_folder(target.parent)
            self._fs.get_file(remote, str(target))

    def _reaching(self, verb: str) -> _Reaching:
        return _Reaching(self.root, verb)


class _Reaching:
    """Turns what a client library raises into a `StoreError`."""

    def __init__(self, root: str, verb: str) -> None:
        self._root = root
        self._verb = verb

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, ZenlabError):
            raise StoreError(
                f"The artifact store cannot be {self._verb}: {error}.",
                where=self._root,
                hint="Check the network and your rights there; `zenlab config list` shows the URL.",
            ) from error


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


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "zenlab" / "artifacts"
