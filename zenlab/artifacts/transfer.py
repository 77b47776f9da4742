"""Moving the files of one artifact: several at once, large ones in pieces, in bounded memory.

Uploads go through the client library's own `put_file`, which sends a large file in parts: s3fs
several at once, gcsfs one after the other in one session. Downloads ask for ranges, several at
once, whatever the library: a piece that fails is asked for again, not the whole file.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

from zenlab.artifacts.checksums import agrees
from zenlab.artifacts.faults import DamagedOnTheWayError, passes, patiently
from zenlab.artifacts.manifest import damaged
from zenlab.artifacts.progress import TELL_SECONDS, Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from zenlab.artifacts.manifest import FileEntry
    from zenlab.artifacts.progress import Part

WORKERS = 8
"""How many requests of one artifact are under way at once."""

SENDINGS = 3
"""How often a file is sent that does not arrive whole."""

PIECE = 8 << 20
"""The bytes of a piece: eight of them under way are 64 MiB. S3 takes no less than 5 MiB."""

S3_PIECES = 10_000

GCS_PIECE = 16 << 20
"""The same to GCS, where the pieces of a file go one after the other, each with a round trip.
A file that is sent alone goes in pieces of twice that."""


def in_parallel(jobs: Sequence[Callable[[], None]], meter: Meter) -> None:
    """Do all jobs, some at once, and tell in this thread how far they are.

    Args:
        jobs: each counts with the meter, so that it ends soon when the meter is stopped.
        meter: of the transfer.

    Raises:
        Exception: the first that a job has raised, when all others have ended.
    """
    if len(jobs) == 1 and meter.quiet:
        jobs[0]()  # most artifacts are one small file
        return
    pool = ThreadPoolExecutor(min(WORKERS, len(jobs)), thread_name_prefix="zenlab-transfer")
    waiting = True
    try:
        pending = {pool.submit(job) for job in jobs}
        while pending:
            done, pending = wait(pending, TELL_SECONDS, FIRST_EXCEPTION)
            meter.tell()
            for future in done:
                future.result()
    except BaseException as error:
        meter.stop()
        # After an interrupt nobody waits for a request that may take a minute to fail.
        waiting = isinstance(error, Exception)
        raise
    finally:
        pool.shutdown(wait=waiting, cancel_futures=True)


class Uploader:
    """Sends the files of one artifact.

    Args:
        fs: the fsspec file system.
        kind: `gcs`, `s3` or another scheme.
        entries: the files, of the manifest.
        meter: of the transfer.
    """

    def __init__(self, fs: Any, kind: str, entries: Sequence[FileEntry], meter: Meter) -> None:
        self._fs = fs
        self._entries = entries
        self._meter = meter
        self._options: dict[str, Any] = {}
        # S3 takes 10,000 pieces of a file.
        self.piece = max(PIECE, -(-max(entry.size for entry in entries) // S3_PIECES))
        large = sum(entry.size > PIECE for entry in entries)
        at_once = max(1, min(WORKERS, large))
        if kind == "s3":
            self._options = {"chunksize": self.piece}
            if "max_concurrency" in signature(fs._put_file).parameters:  # noqa: SLF001 - newer s3fs
                # Half of the workers: s3fs and what is below it have each piece twice.
                self._options["max_concurrency"] = max(1, WORKERS // 2 // at_once)
        elif kind == "gcs":
            self.piece = GCS_PIECE if at_once > 1 else 2 * GCS_PIECE
            self._options = {"chunksize": self.piece}

    def send_all(self, folder: Path, remote: str) -> None:
        """Send the files, and check that they have arrived: those that have not are sent again.

        Args:
            folder: where they lie here.
            remote: where they go in the file system.

        Raises:
            DamagedOnTheWayError: a file arrives damaged, however often it is sent.
        """
        sent = {entry.path: self._meter.part() for entry in self._entries}
        left = list(self._entries)
        for _ in range(SENDINGS):
            in_parallel(
                [
                    partial(self._send, folder / one.path, f"{remote}/{one.path}", sent[one.path])
                    for one in left
                ],
                self._meter,
            )
            # One request for all; what it tells is what the store has, not what it was told.
            there = patiently(lambda: self._fs.find(remote, detail=True))
            left = [one for one in left if not self._has_arrived(folder, remote, one, there)]
            if not left:
                return
        raise DamagedOnTheWayError(f"{remote}/{left[0].path} does not arrive as it was sent")

    def _send(self, file: Path, remote: str, part: Part) -> None:
        callback = _callback(part)

        def once() -> None:
            part.set(0)
            self._fs.put_file(str(file), remote, callback=callback, **self._options)

        patiently(once)
        part.set(file.stat().st_size)

    def _has_arrived(
        self, folder: Path, remote: str, entry: FileEntry, there: Mapping[str, Any]
    ) -> bool:
        path = f"{remote}/{entry.path}"
        info = there.get(path)
        if info is None or int(info["size"]) != entry.size:
            return False
        if agrees(folder / entry.path, info, self.piece) is False:
            return _sha256(self._fs, path) == entry.sha256
        return True


class Downloader:
    """Brings files here, in pieces.

    Args:
        fs: the fsspec file system.
        meter: of the transfer.
        writing: turns what the local disk says in its block into an error for the user.
    """

    def __init__(
        self, fs: Any, meter: Meter, writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._fs = fs
        self._meter = meter
        self._writing = writing

    def jobs(self, remote: str, entry: FileEntry, file: Path) -> list[Callable[[], None]]:
        """What there is to do for one file, which is made with its size here.

        Args:
            remote: its path in the file system.
            entry: of the manifest.
            file: where it goes; nothing is there.
        """
        with self._writing():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as made:
                made.truncate(entry.size)
        # A file without bytes is one piece, too: whether it is there, and empty.
        starts = range(0, max(1, entry.size), PIECE)
        return [partial(self._fetch, remote, entry, file, start) for start in starts]

    def _fetch(self, remote: str, entry: FileEntry, file: Path, start: int) -> None:
        part = self._meter.part()
        last = start + PIECE >= entry.size
        # One byte beyond the end, which a longer file would have.
        end = entry.size + 1 if last else start + PIECE
        wanted = entry.size - start if last else PIECE

        def once() -> None:
            part.set(0)
            try:
                data = self._fs.cat_file(remote, start=start, end=end)
            except FileNotFoundError:
                raise
            except Exception as error:
                if passes(error) or not self._is_shorter(remote, start):
                    raise
                data = b""  # a range that begins behind the end is refused
            if len(data) != wanted:
                self._complain(remote, entry)
            with self._writing():
                _write_at(file, data, start)
            part.set(wanted)

        patiently(once)

    def _is_shorter(self, remote: str, start: int) -> bool:
        return int(self._fs.info(remote)["size"]) <= start

    def _complain(self, remote: str, entry: FileEntry) -> None:
        size = int(self._fs.info(remote)["size"])
        if size == entry.size:
            raise DamagedOnTheWayError(f"a piece of {remote} came cut off")
        raise damaged(remote, f"it has {size:,} bytes instead of {entry.size:,}")


def _write_at(file: Path, data: bytes, start: int) -> None:
    descriptor = os.open(file, os.O_WRONLY)
    try:
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, start)
            view, start = view[written:], start + written
    finally:
        os.close(descriptor)


def _sha256(fs: Any, remote: str) -> str:
    digest = hashlib.sha256()
    size = int(fs.info(remote)["size"])
    for start in range(0, size, PIECE):
        digest.update(fs.cat_file(remote, start=start, end=min(size, start + PIECE)))
    return digest.hexdigest()


def _callback(part: Part) -> Any:
    """What client libraries tell while they send a file, counted. They may begin anew."""
    from fsspec.callbacks import Callback

    class Counting(Callback):  # type: ignore[misc] # fsspec has no types
        def relative_update(self, inc: int = 1) -> None:
            part.add(inc)

        def absolute_update(self, value: int) -> None:
            part.set(value)

    return Counting()
