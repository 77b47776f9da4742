"""`ArtifactStore`: folders of files, written once, made visible at once, checked when read.

An artifact is visible when its `manifest.json` exists, and that file is written last. Nobody
relies on more than this of a file system or an object store: each attempt writes to a uri of its
own, and the metadata store says which of them counts.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from zenlab.artifacts import disk, recent
from zenlab.artifacts.manifest import (
    MANIFEST,
    Described,
    Stored,
    check_files,
    damaged,
    is_checked,
    make_manifest,
    read_manifest,
    remember_checked,
    walk_files,
)
from zenlab.artifacts.places import LocalPlace, open_place
from zenlab.artifacts.uris import check_uri
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa


class ArtifactStore:
    """The artifacts of a team, or of one repository.

    Args:
        root: a local folder, as a path or a `file://` URL, or any URL that fsspec opens.
        cache_dir: where artifacts of a remote store are kept for reading; `ZENLAB_CACHE_DIR` or a
            folder in the user's cache by default. A local store needs none: it is read in place.
        cache_size: the most bytes of that cache; `ZENLAB_CACHE_SIZE` or 20 GB by default.
        storage_options: arguments of the client library (gcsfs, s3fs, ...), such as an
            `endpoint_url`; where they are secrets, they are never shown.

    Example:
        >>> store = ArtifactStore("/tmp/example-artifacts")
        >>> folder = store.stage("json/ab/abcd/1-me/value")
        >>> _ = (folder / "value.json").write_text("1")
        >>> stored = store.publish("json/ab/abcd/1-me/value", folder, Described("json", 1, "00"))
        >>> store.fetch(stored).name, store.exists(stored.uri)
        ('value', True)
        >>> store.delete(stored.uri)
    """

    def __init__(
        self,
        root: str | Path,
        *,
        cache_dir: Path | None = None,
        cache_size: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._place = open_place(str(root), cache_dir, cache_size, storage_options or {})

    def __repr__(self) -> str:
        return f"<ArtifactStore {self.root}>"

    @property
    def root(self) -> str:
        """The folder or the URL of the store, without secrets."""
        return self._place.root

    def stage(self, uri: str) -> Path:
        """An empty local folder for the artifact at this uri, which nobody else writes.

        On a local store it is the artifact's final folder, so that publishing copies nothing.

        Args:
            uri: where the artifact will lie, relative to the root; unique to this attempt.

        Raises:
            ArtifactError: the uri is unsafe or has been published, or the store is read-only.
        """
        return self._place.stage(check_uri(uri))

    def publish(self, uri: str, staged: Path, described: Described) -> Stored:
        """Make a staged artifact visible, for good.

        Args:
            uri: the uri that was staged.
            staged: the folder that `stage` gave, with the files in it.
            described: what the writer of the files said.

        Returns:
            What the metadata store has to keep.

        Raises:
            ArtifactError: the store is full or read-only. Then nothing is visible.
            StoreError: the store cannot be reached, or refuses. Then nothing is visible.
        """
        check_uri(uri)
        manifest = make_manifest(staged, described)
        encoded = manifest.encode()
        stored = manifest.stored(uri, encoded)
        folder = self._place.publish(uri, staged, manifest, encoded)
        if folder is not None:
            remember_checked(folder, stored.manifest_sha256)
        if described.rows is not None:
            recent.keep(stored.manifest_sha256, described.rows)
        return stored

    def fetch(self, stored: Stored) -> Path:
        """The local folder of an artifact, with every file checked.

        Size and SHA-256 of each file are checked against the manifest, and the manifest against
        what was recorded: once per process, and again when a file's time, size or inode change.

        Args:
            stored: what `publish` gave.

        Raises:
            ArtifactError: the artifact is lost or damaged; the message names the file.
            StoreError: the store cannot be reached, or refuses.
        """
        check_uri(stored.uri)
        folder = self._place.fetch(stored)
        try:
            self._check(folder, stored)
        except ArtifactError:
            if not self._place.forget(stored):
                raise
            # It was the local copy: what the store has is checked before it gets here.
            folder = self._place.fetch(stored)
            self._check(folder, stored)
        return folder

    def rows(self, stored: Stored) -> pa.Table | None:
        """The rows of a small dataset that this process has written, without reading its files.

        Args:
            stored: what `publish` gave.

        Returns:
            None if they have to be read: they are not known, or something about the files has
            changed since.
        """
        rows = recent.find(stored.manifest_sha256)
        if rows is None or not isinstance(self._place, LocalPlace):
            return None
        folder = self._place.fetch(stored)
        return rows if is_checked(folder, stored.manifest_sha256) else None

    def copy(self, stored: Stored, uri: str) -> Stored:
        """Publish the same files at another uri.

        Args:
            stored: a published artifact.
            uri: where the copy will lie.

        Returns:
            The record of the copy: equal but for its uri.
        """
        source = self.fetch(stored)
        folder = self.stage(uri)
        try:
            with disk.writing("the copy of an artifact", folder):
                for name, file in walk_files(source):
                    target = folder / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, target)
        except BaseException:
            disk.empty(folder)
            raise
        described = Described(
            format=stored.format,
            format_version=stored.format_version,
            content_digest=stored.content_digest,
            num_rows=stored.num_rows,
            summary=stored.summary,
        )
        return self.publish(uri, folder, described)

    def exists(self, uri: str) -> bool:
        """Whether an artifact is visible at this uri."""
        return self._place.exists(check_uri(uri))

    def delete(self, uri: str) -> None:
        """Remove an artifact, or all artifacts of an attempt, finished or not. Never complains.

        Each artifact loses its manifest first, so that a deletion that is cut off leaves nothing
        visible that is not whole.

        Args:
            uri: of an artifact, or of a folder of artifacts; the root itself is refused.
        """
        self._place.delete(check_uri(uri))

    def uris(self, prefix: str = "") -> Iterator[str]:
        """The uris of all visible artifacts, in the order of their names.

        Args:
            prefix: only those at or below this uri; all by default.
        """
        return self._place.uris(check_uri(prefix) if prefix else "")

    def _check(self, folder: Path, stored: Stored) -> None:
        where = str(folder)
        if is_checked(folder, stored.manifest_sha256):
            return
        try:
            data = (folder / MANIFEST).read_bytes()
        except FileNotFoundError:
            problem = f"{MANIFEST} is missing" if folder.is_dir() else "its folder is missing"
            raise damaged(where, problem) from None
        except OSError as error:
            raise damaged(where, f"{MANIFEST} cannot be read ({error.strerror})") from error
        check_files(folder, read_manifest(data, stored, where))
        remember_checked(folder, stored.manifest_sha256)
