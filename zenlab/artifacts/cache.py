"""The local copies of a remote store's artifacts: of bounded size, shared by all clones of a user.

    entries/<key>-<size>     a whole, checked artifact; the folder's time is its last use
    work/<lease>-<purpose>   what one process writes, downloads or removes just now
    leases, lock             who uses what: see `leases`

Entries come by one rename and go by one, so that no process sees half of one. What a living
process has used since it began is not removed: its datasets are files that are read when they are
asked for.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.artifacts import disk
from zenlab.artifacts.leases import leases_of
from zenlab.artifacts.manifest import MANIFEST
from zenlab.core.errors import ParameterError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER_VARIABLE = "ZENLAB_CACHE_DIR"
SIZE_VARIABLE = "ZENLAB_CACHE_SIZE"

DEFAULT_BYTES = 20_000_000_000
DEFAULT_SHARE = 0.2
"""Of the disk, where 20 GB would be more than that."""

ROOM = 0.1
"""The share that is freed beyond the bound, so that not each new artifact has to look again."""

DOUBT_SECONDS = 24 * 3600
"""Where the file system has no locks, what was used since counts as in use."""

_ELSEWHERE = f"run `zenlab cache clean`, or set {FOLDER_VARIABLE} to a folder elsewhere"

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(?i)\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*")


@dataclass(frozen=True, slots=True)
class Usage:
    """What the cache holds.

    Attributes:
        folder: where it lies.
        limit: how many bytes it may hold.
        size: how many it holds.
        entries: how many artifacts.
        in_use: how many of them living processes use.
        processes: how many processes these are.
    """

    folder: Path
    limit: int
    size: int
    entries: int
    in_use: int
    processes: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed: how many artifacts, and their bytes."""

    entries: int
    size: int


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    key: str
    size: int
    used_at: float


class LocalCache:
    """The cache in a folder.

    Args:
        folder: on one file system; `default_folder()` is the user's.
        limit: how many bytes it may hold; `default_limit` if None. Artifacts in use count, and
            stay: while they are more than this, the cache is larger.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self._folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links
        self._limit = limit
        self._leases = leases_of(self._folder)
        self._entries = self._folder / "entries"
        self._work = self._folder / "work"
        self._seen: int | None = None
        """How many bytes all entries had when they were last counted; None: not yet."""
        self._added = 0
        """How many bytes this process has added since."""

    @property
    def limit(self) -> int:
        """How many bytes it may hold.

        Raises:
            ParameterError: the environment variable is not a size.
        """
        if self._limit is None:
            self._limit = default_limit(self._folder)
        return self._limit

    def find(self, key: str, size: int) -> Path | None:
        """The folder of an artifact, which from now on stays as long as this process lives.

        Args:
            key: a name for the artifact: letters and digits.
            size: of its files.

        Returns:
            None if it is not here.
        """
        path = self._path(key, size)
        if self._leases.holds(path.name):
            return path if (path / MANIFEST).exists() else None
        if not path.exists():  # without the lock: most that is not here was never here
            return None
        with self._leases.reading():
            if not (path / MANIFEST).exists():
                return None
            self._leases.add(path.name)
        with suppress(OSError):
            os.utime(path)  # of the folder: the files' times tell that they are unchanged
        return path

    def work(self, purpose: str) -> Path:
        """A new folder that is removed, some day, when this process has died and left it behind.

        Args:
            purpose: a word for its name.

        Raises:
            StoreError: the disk is full, or may not be written.
            ParameterError: the bound is not a size: now, not when all has been moved.
        """
        _ = self.limit
        with self.writing():
            self._work.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=f"{self._leases.name}-{purpose}-", dir=self._work))

    def put(self, folder: Path, key: str, size: int) -> Path:
        """Take in a whole artifact, its manifest included.

        Args:
            folder: what `work` gave; it is moved.
            key: see `find`.
            size: of its files.

        Returns:
            Its folder in the cache: another process may have been faster with an equal one.
        """
        path = self._path(key, size)
        with self.writing():
            self._entries.mkdir(parents=True, exist_ok=True)
            with self._leases.reading():
                self._leases.add(path.name)
                try:
                    folder.rename(path)
                except OSError:
                    if not (path / MANIFEST).exists():
                        raise
                    disk.remove(folder)
                    return path
            os.utime(path)  # renaming leaves the time of the last file that was written
        self._added += size
        with suppress(OSError):  # what was asked for is here; the rest can be tidied next time
            self._settle()
        return path

    def drop(self, key: str, size: int) -> bool:
        """Remove an artifact, whoever uses it: it is damaged, or gone from the store.

        Returns:
            Whether it was here.
        """
        return self._remove(self._path(key, size))

    def drop_all(self, keys: set[str]) -> None:
        """Remove artifacts whose sizes are not known; see `drop`."""
        for entry in self._list():
            if entry.key in keys:
                self._remove(entry.path)

    def usage(self) -> Usage:
        """Count what is here."""
        entries = self._list()
        used: dict[str, set[str]] = {}
        if self._folder.is_dir():
            with self._leases.removing():
                used = self._leases.living() or {}
        names = {name for names in used.values() for name in names}
        return Usage(
            folder=self._folder,
            limit=self.limit,
            size=sum(entry.size for entry in entries),
            entries=len(entries),
            in_use=sum(entry.path.name in names for entry in entries),
            processes=sum(bool(names) for names in used.values()),
        )

    def trim(self, keep: int, *, room: bool = True) -> Cleaned:
        """Remove what was not used for the longest time, until no more than so many bytes are left.

        Artifacts that a living process uses stay. What dead processes left half done is removed.

        Args:
            keep: how many bytes may stay.
            room: whether to remove a tenth more once something has to go.

        Raises:
            OSError: the folder cannot be read.
        """
        if not self._folder.is_dir():
            return Cleaned(0, 0)
        entries = sorted(self._list(), key=lambda entry: (entry.used_at, entry.key))
        left = sum(entry.size for entry in entries)
        goal = int(keep * (1 - ROOM)) if room and left > keep else keep
        trash = self.work("trash")  # before the lock, which a new lease would wait for
        removed: list[_Entry] = []
        with self._leases.removing():
            living = self._leases.living()
            used = _in_use(entries, living)
            for number, entry in enumerate(entries):
                if left <= goal:
                    break
                if entry.path.name not in used:
                    with suppress(FileNotFoundError):  # another process was faster
                        entry.path.rename(trash / str(number))
                        removed.append(entry)
                    left -= entry.size
            left_behind = _left_behind(self._work, living)
        for folder in (trash, *left_behind):
            disk.remove(folder)
        self._seen, self._added = left, 0
        return Cleaned(len(removed), sum(entry.size for entry in removed))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn an `OSError` of the block into an error that says what to do.

        Raises:
            StoreError: the disk is full, or may not be written.
        """
        try:
            yield
        except OSError as error:
            reason, hint = disk.explain(error, _ELSEWHERE)
            raise StoreError(
                f"The local cache of artifacts cannot be written: {reason}.",
                where=str(self._folder),
                hint=hint,
            ) from error

    def _settle(self) -> None:
        """Keep the bound, and tidy up once a process; mostly nothing but two comparisons."""
        if self._seen is not None:
            # Other processes add, too: count again before this one alone has added a twentieth.
            within = self._seen + self._added <= self.limit
            if within and self._added <= self.limit // 20:
                return
        self.trim(self.limit)

    def _remove(self, path: Path) -> bool:
        if not path.exists():
            return False
        trash = self.work("trash")
        try:
            with self._leases.removing():
                path.rename(trash / "0")
        except FileNotFoundError:  # another process was faster
            return False
        finally:
            disk.remove(trash)
        return True

    def _list(self) -> list[_Entry]:
        return list(self._scan()) if self._entries.is_dir() else []

    def _scan(self) -> Iterator[_Entry]:
        with os.scandir(self._entries) as found:
            for item in found:
                key, _, size = item.name.rpartition("-")
                with suppress(FileNotFoundError, ValueError):
                    yield _Entry(Path(item.path), key, int(size), item.stat().st_mtime)

    def _path(self, key: str, size: int) -> Path:
        return self._entries / f"{key}-{size}"


def _in_use(entries: list[_Entry], living: dict[str, set[str]] | None) -> set[str]:
    if living is not None:
        return {name for names in living.values() for name in names}
    recent = time.time() - DOUBT_SECONDS
    return {entry.path.name for entry in entries if entry.used_at > recent}


def _left_behind(work: Path, living: dict[str, set[str]] | None) -> list[Path]:
    """Folders of processes that are gone."""
    recent = time.time() - DOUBT_SECONDS
    found = []
    for folder in work.iterdir():
        if living is None:
            with suppress(FileNotFoundError):
                if folder.stat().st_mtime < recent:
                    found.append(folder)
        elif "-".join(folder.name.split("-")[:2]) not in living:
            found.append(folder)
    return found


def default_folder() -> Path:
    """The user's cache folder: `ZENLAB_CACHE_DIR`, else in the cache folder of the system."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "zenlab" / "artifacts"


def default_limit(folder: Path) -> int:
    """How many bytes a cache may hold: `ZENLAB_CACHE_SIZE`, else 20 GB, or 20 % of a small disk.

    Args:
        folder: of the cache; it need not exist.

    Raises:
        ParameterError: the variable is not a size.
    """
    if named := os.environ.get(SIZE_VARIABLE):
        return parse_size(named, SIZE_VARIABLE)
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return min(DEFAULT_BYTES, int(shutil.disk_usage(existing).total * DEFAULT_SHARE))


def parse_size(text: str, where: str) -> int:
    """Bytes from words such as `20 GB`, `500M`, `1.5 TiB`.

    Args:
        text: a number and a unit; bytes without one.
        where: whose value it is, for the message.

    Raises:
        ParameterError: it is not a size.

    Example:
        >>> parse_size("1.5 GB", "--keep"), parse_size("2KiB", "--keep")
        (1500000000, 2048)
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ParameterError(
            f"{text!r} is no size.", where=where, hint="Write a number and a unit, such as 20GB."
        )
    number, unit, binary = match.groups()
    factor = _UNITS[unit.lower()]
    if binary and factor > 1:
        factor = 1024 ** (list(_UNITS).index(unit.lower()))
    return int(float(number) * factor)
