"""An artifact store in a bucket, or wherever else fsspec reaches.

An artifact's files are uploaded and checked first, its manifest last and in one request, so that
nobody sees half of one. It is read through a local cache: the manifest says which files there are,
and nothing comes into the cache before its SHA-256 has been checked.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from zenlab.artifacts import disk
from zenlab.artifacts.clients import close_url, kind_of, open_url
from zenlab.artifacts.faults import Fault, cause_of, fault_of, patiently, store_error
from zenlab.artifacts.manifest import (
    MANIFEST,
    check_files,
    damaged,
    read_manifest,
    remember_checked,
)
from zenlab.artifacts.progress import Meter
from zenlab.artifacts.transfer import PIECE, Downloader, Uploader, in_parallel
from zenlab.core.errors import ArtifactError, StoreError, ZenlabError
from zenlab.core.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from zenlab.artifacts.cache import LocalCache
    from zenlab.artifacts.manifest import Manifest, Stored

_END = f"/{MANIFEST}"


class RemotePlace:
    """An object store or another file system, through fsspec.

    Args:
        url: such as `gs://bucket/folder`.
        cache: where fetched artifacts are kept, and new ones are staged.
        options: arguments of the client library.
    """

    def __init__(self, url: str, cache: LocalCache, options: Mapping[str, Any]) -> None:
        self._url = url.rstrip("/")
        self.root = mask(self._url)
        self._options = options
        self._cache = cache
        # Two servers may have buckets of one name.
        server = "".join(str(options.get(name, "")) for name in ("endpoint_url", "client_kwargs"))
        self._identity = f"{self._url}\n{server}"
        self._staged: dict[str, Path] = {}
        self._opened: tuple[int, Any, str] | None = None

    def stage(self, uri: str) -> Path:
        if self.exists(uri):
            raise ArtifactError(
                f"The artifact '{uri}' exists, and artifacts are never changed.",
                where=self.root,
                hint="Write to a uri of your own: each attempt has its fence and owner in it.",
            )
        if (before := self._staged.pop(uri, None)) is not None:
            disk.remove(before)
        folder = self._cache.work("staged")
        self._staged[uri] = folder
        return folder

    def publish(self, uri: str, staged: Path, manifest: Manifest, encoded: bytes) -> Path | None:
        meter = Meter("uploading", uri, manifest.size)
        with self._reaching("written"):
            fs = self._fs
            uploader = Uploader(fs, kind_of(self._url), manifest.files, meter)
            folders = {self._remote(uri, entry.path).rpartition("/")[0] for entry in manifest.files}
            if kind_of(self._url) not in ("gcs", "s3"):  # object stores have no folders
                for folder in sorted(folders):
                    fs.makedirs(folder, exist_ok=True)
            uploader.send_all(staged, self._remote(uri))
            patiently(lambda: fs.pipe_file(self._remote(uri, MANIFEST), encoded))
        self._staged.pop(uri, None)
        try:
            (staged / MANIFEST).write_bytes(encoded)
            return self._cache.put(staged, self._key(uri), manifest.size)
        except (OSError, StoreError):  # it is in the store: that there is no copy is no failure
            disk.remove(staged)
            return None

    def fetch(self, stored: Stored) -> Path:
        found = self._cache.find(self._key(stored.uri), stored.size)
        return found if found is not None else self._download(stored)

    def forget(self, stored: Stored) -> bool:
        return self._cache.drop(self._key(stored.uri), stored.size)

    def exists(self, uri: str) -> bool:
        with self._reaching("read"):
            return self._read_piece(uri, 0, 1) is not None  # `exists` would be two requests

    def delete(self, uri: str) -> None:
        for staged in [one for one in self._staged if one == uri or one.startswith(f"{uri}/")]:
            disk.remove(self._staged.pop(staged))
        with self._reaching("changed"):
            fs, base = self._fs, self._remote(uri)
            files = self._find(base)
            visible = [file for file in files if file.endswith(_END)]
            meter = Meter("deleting", uri, 0)
            for some in (visible, [file for file in files if not file.endswith(_END)]):
                if some:
                    in_parallel([partial(_remove, fs, file) for file in some], meter)
            if kind_of(self._url) not in ("gcs", "s3") and fs.exists(base):
                fs.rm(base, recursive=True)  # folders that are empty now
        start = len(self._base.rstrip("/")) + 1
        self._cache.drop_all({self._key(file[start : -len(_END)]) for file in visible})

    def uris(self, prefix: str) -> Iterator[str]:
        with self._reaching("read"):
            files = self._find(self._remote(prefix))
            start = len(self._base.rstrip("/")) + 1
        last = ""
        for uri in sorted(f[start : -len(_END)] for f in files if f.endswith(_END)):
            if not last or not uri.startswith(f"{last}/"):  # below: a file that a model calls so
                yield uri
                last = uri

    def _download(self, stored: Stored) -> Path:
        uri, where = stored.uri, f"{self.root}/{stored.uri}"
        with self._reaching("read"):
            encoded = self._read_manifest(uri)
        if encoded is None:
            raise damaged(where, f"{MANIFEST} is missing")
        manifest = read_manifest(encoded, stored, where)
        fresh = self._cache.work("download")
        try:
            with self._reaching("read"):
                self._bring(uri, manifest, fresh)
            check_files(fresh, manifest, where)
            with self._cache.writing():
                (fresh / MANIFEST).write_bytes(encoded)
            folder = self._cache.put(fresh, self._key(uri), stored.size)
        finally:
            disk.remove(fresh)
        remember_checked(folder, stored.manifest_sha256)
        return folder

    def _bring(self, uri: str, manifest: Manifest, folder: Path) -> None:
        meter = Meter("downloading", uri, manifest.size)
        downloader = Downloader(self._fs, meter, self._cache.writing)
        try:
            jobs = [
                job
                for entry in manifest.files
                for job in downloader.jobs(
                    self._remote(uri, entry.path), entry, folder / entry.path
                )
            ]
            in_parallel(jobs, meter)
        except FileNotFoundError as error:
            self._check_bucket(error, "read")
            where = f"{self.root}/{uri}"
            missing = [
                e.path for e in manifest.files if not self._fs.exists(self._remote(uri, e.path))
            ]
            raise damaged(f"{where}/{missing[0]}" if missing else where, "it is missing") from None

    def _read_manifest(self, uri: str) -> bytes | None:
        """The manifest, or None: one request, unless it is enormous."""
        pieces: list[bytes] = []
        while (piece := self._read_piece(uri, len(pieces) * PIECE, PIECE)) is not None:
            pieces.append(piece)
            if len(piece) < PIECE:
                break
        return b"".join(pieces) if pieces else None

    def _read_piece(self, uri: str, start: int, size: int) -> bytes | None:
        """A piece of the manifest, or None if it is not there."""
        fs, file = self._fs, self._remote(uri, MANIFEST)
        try:
            data: bytes = patiently(lambda: fs.cat_file(file, start=start, end=start + size))
        except FileNotFoundError as error:
            self._check_bucket(error, "read")
            return None
        return data

    def _find(self, base: str) -> list[str]:
        try:
            found = patiently(lambda: self._fs.find(base))
        except FileNotFoundError:
            return []
        return [str(file) for file in found]

    def _check_bucket(self, error: FileNotFoundError, verb: str) -> None:
        """Tell a bucket that is not there from an object that is not there.

        Raises:
            StoreError: there is no such bucket.
        """
        missing = fault_of(error) is Fault.MISSING
        if not missing and kind_of(self._url) in ("gcs", "s3"):
            try:
                self._fs.info(self._base.partition("/")[0])
            except FileNotFoundError:
                missing = True
            except Exception:  # noqa: BLE001, S110 - who may read objects need not see the bucket
                pass
        if missing:
            raise store_error(error, verb, self.root, Fault.MISSING) from cause_of(error)

    @property
    def _fs(self) -> Any:
        return self._open()[1]

    @property
    def _base(self) -> str:
        return self._open()[2]

    def _open(self) -> tuple[int, Any, str]:
        # At the first use: a run that comes from the cache needs no client library. And anew after
        # a fork, which the clients do not survive.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), *open_url(self._url, self._options))
        return self._opened

    def _key(self, uri: str) -> str:
        return hashlib.sha256(f"{self._identity}\n{uri}".encode()).hexdigest()[:40]

    def _remote(self, uri: str, file: str = "") -> str:
        return "/".join(part for part in (self._base.rstrip("/"), uri, file) if part)

    @contextmanager
    def _reaching(self, verb: str) -> Iterator[None]:
        """Turn what a client library raises into a `StoreError`."""
        try:
            yield
        except ZenlabError:
            raise
        except Exception as error:  # noqa: BLE001 - libraries raise some thirty kinds
            if isinstance(error, FileNotFoundError):
                self._check_bucket(error, verb)
            if fault_of(error) in (Fault.CREDENTIALS, Fault.DENIED):
                close_url(self._url)
                self._opened = None
            raise store_error(error, verb, self.root) from cause_of(error)


def _remove(fs: Any, file: str) -> None:
    with suppress(FileNotFoundError):  # somebody else, or an answer that was lost
        patiently(lambda: fs.rm_file(file))
