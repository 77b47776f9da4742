"""The environment in which steps are executed: Python, platform, packages, lock files.

A key knows the packages that a step reaches, as `major.minor`; this is all the rest, for people who
ask why a result cannot be had again. It enters no key.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from zenlab.engine.setting import Setting

LOCKS = (
    "requirements*.txt",
    "requirements*.lock",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "pylock.*.toml",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "environment.yml",
    "environment.yaml",
)
"""The files at a repository's root that say which packages there should be."""

_DIST_INFO = re.compile(
    r"(?P<name>[A-Za-z0-9][^-]*)-(?P<version>[^-]+)(-py[\d.]+)?\.(dist|egg)-info"
)
_MOST_BYTES = 20_000_000

_packages: dict[tuple[tuple[str, int], ...], dict[str, str]] = {}
_locks: dict[tuple[str, int, int, int], str] = {}


@dataclass(frozen=True)
class Environment:
    """An environment.

    Attributes:
        python: such as `3.13.1`.
        implementation: `CPython`.
        system: `Linux`.
        machine: `x86_64`.
        libc: `glibc 2.36`; "" where there is none to be told.
        packages: version by name, names as PyPI compares them.
        locks: digest by file, of the lock files at the repository's root.
    """

    python: str
    implementation: str
    system: str
    machine: str
    libc: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    locks: dict[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The environment to be stored: JSON, the same for the same environment."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_environment(text: str) -> Environment:
    """What `Environment.text` was made of; parts that a newer zenlab has added are left out.

    Args:
        text: as it was stored.
    """
    found: dict[str, Any] = json.loads(text)
    known = {name: found[name] for name in Environment.__dataclass_fields__ if name in found}
    return Environment(**known)


def present_environment(folders: Iterable[Path]) -> Environment:
    """The environment of this process as it is now.

    A package that is installed while the process lives counts from then on, although what has been
    imported stays what it was.

    Args:
        folders: where lock files may lie: the repository's root, and that of its work tree.
    """
    python, implementation, system, machine, libc = _platform()
    locks = {name: digest for folder in folders for name, digest in _lock_files(folder)}
    packages = installed_packages()
    return Environment(python, implementation, system, machine, libc, packages, locks)


def record_environment(run_id: int, setting: Setting) -> None:
    """Say in the metadata store in which environment a run executes its steps.

    Args:
        run_id: of a run that executes something.
        setting: where it takes place.
    """
    found = present_environment(dict.fromkeys((setting.code_root, setting.root)))
    setting.metadata.put_environment(run_id, found.digest, found.text)


@cache
def _platform() -> tuple[str, str, str, str, str]:
    libc = " ".join(part for part in platform.libc_ver() if part)
    return (
        platform.python_version(),
        platform.python_implementation(),
        platform.system(),
        platform.machine(),
        libc,
    )


def installed_packages() -> dict[str, str]:
    """The version of each distribution that can be imported, by its normalised name, sorted.

    By the names of their metadata folders, which takes a tenth of the time of reading them.
    """
    stamps = []
    for entry in sys.path:
        try:
            stamps.append((entry, os.stat(entry or ".").st_mtime_ns))  # noqa: PTH116 - at every run
        except OSError:
            continue
    key = tuple(stamps)
    known = _packages.get(key)
    if known is None:
        found: dict[str, str] = {}
        for entry, _ in key:
            for name, version in _in_folder(entry or "."):
                found.setdefault(name, version)  # the first one on the path is imported
        known = dict(sorted(found.items()))
        _packages.clear()
        _packages[key] = known
    return known


def _in_folder(folder: str) -> Iterator[tuple[str, str]]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are enough
    except OSError:  # a zip file, or a folder that is gone
        return
    for name in names:
        match = _DIST_INFO.fullmatch(name)
        if match is not None:
            yield re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"]


def _lock_files(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are enough
    except OSError:
        return
    for name in names:
        if any(fnmatch(name, pattern) for pattern in LOCKS):
            digest = _file_digest(folder / name)
            if digest is not None:
                yield name, digest


def _file_digest(path: Path) -> str | None:
    """The digest of a lock file, whatever its line ends; read again only when it has changed."""
    try:
        stat = path.stat()
        stamp = (str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp not in _locks:
            if stat.st_size > _MOST_BYTES:
                return None
            data = path.read_bytes().replace(b"\r\n", b"\n")
            _locks[stamp] = hashlib.sha256(data).hexdigest()
        return _locks[stamp]
    except OSError:
        return None
