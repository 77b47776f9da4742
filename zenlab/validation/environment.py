"""Where the TFDV worker's own Python environment is.

TFDV needs a Python and packages that no data-science environment has, so it lives in an
environment of its own, made from a lock that ships with zenlab (`validation/locks`). It is looked
for at one place only, which the first of these decides:

1. `ZENLAB_WORKER`: a folder, such as one that an administrator made for everybody;
2. `.venv-worker` in a clone of zenlab itself;
3. `$XDG_CACHE_HOME/zenlab/worker/<digest of the lock>`, the user's own.

Looking is cheap: a few file accesses, no process.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zenlab.core.errors import WorkerError, WorkerMissingError

__all__ = [
    "INSTALL",
    "MARKER",
    "VARIABLE",
    "Place",
    "WorkerEnvironment",
    "WorkerMissingError",
    "cache_folder",
    "examine",
    "find_worker_environment",
    "lock_digest",
    "lock_file",
    "state",
    "worker_place",
]

VARIABLE = "ZENLAB_WORKER"
MARKER = "zenlab-worker.json"
"""Written last, when an environment is complete; says which lock it was made from."""

INSTALL = "zenlab worker install"

_LOCKS = Path(__file__).parent / "locks"
_CLONE = Path(__file__).parents[2]
_PLATFORMS = {
    ("linux", "x86_64"): "linux-x86_64-py311",
    ("darwin", "arm64"): "macos-arm64-py311",
}


@dataclass(frozen=True)
class Place:
    """Where the environment belongs, whether it is there or not.

    Attributes:
        folder: of the environment.
        origin: who decided on it.
    """

    folder: Path
    origin: Literal["variable", "clone", "cache"]


@dataclass(frozen=True)
class WorkerEnvironment:
    """An installed environment.

    Attributes:
        folder: of the environment.
        python: its interpreter.
        lock: the digest of the lock that it was made from.
    """

    folder: Path
    python: Path
    lock: str


def find_worker_environment() -> WorkerEnvironment:
    """The installed environment.

    Raises:
        WorkerMissingError: there is none, or none that fits; the hint says what to do.

    Example:
        >>> find_worker_environment().python  # doctest: +SKIP
        PosixPath('.../.cache/zenlab/worker/3d1fe35b8f0c2a67/bin/python')
    """
    place = worker_place()
    found, reason = examine(place.folder, lock_digest(lock_file()))
    if found is None:
        raise WorkerMissingError(
            f"The TFDV worker, which makes statistics, schemas and anomalies, {reason}.",
            where=str(place.folder),
            hint=_hint(place),
        )
    return found


def examine(folder: Path, lock: str) -> tuple[WorkerEnvironment | None, str]:
    """Whether a folder has a complete environment of that lock.

    Args:
        folder: where it should be.
        lock: the digest of the lock.

    Returns:
        The environment, or None and why it is none: the end of a sentence.
    """
    python = folder / "bin" / "python"
    try:
        made = json.loads((folder / MARKER).read_text(encoding="utf-8"))["lock"]
    except FileNotFoundError:
        return None, "is not installed"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"cannot be read ({error})"
    if made != lock:
        return None, "was installed for another version of zenlab"
    if not python.exists():
        return None, "has lost the Python that it was made with"
    return WorkerEnvironment(folder, python, lock), ""


def worker_place() -> Place:
    """Where the environment belongs.

    Raises:
        WorkerMissingError: there is no lock for this platform.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Place(Path(named).expanduser().absolute(), "variable")
    if (_CLONE / "requirements" / "worker").is_dir():
        return Place(_CLONE / ".venv-worker", "clone")
    return Place(cache_folder() / lock_digest(lock_file())[:16], "cache")


def cache_folder() -> Path:
    """The worker's part of the user's cache folder; it need not exist."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "zenlab" / "worker"


def lock_file() -> Path:
    """The lock of this platform.

    Raises:
        WorkerMissingError: there is none.
    """
    name = _PLATFORMS.get((sys.platform, platform.machine().lower()))
    if name is None:
        here = f"{platform.system()} {platform.machine()}"
        raise WorkerMissingError(
            f"TFDV cannot be installed on {here}: statistics, schemas and anomalies are off.",
            hint="It runs on Linux x86_64 and macOS arm64. All else of zenlab works here.",
        )
    return _LOCKS / f"{name}.txt"


def state() -> Literal["installed", "missing", "unsupported"]:
    """Whether the worker is installed; for `make setup`."""
    try:
        place, digest = worker_place(), lock_digest(lock_file())
    except WorkerMissingError:
        return "unsupported"
    return "missing" if examine(place.folder, digest)[0] is None else "installed"


def lock_digest(lock: Path) -> str:
    """The digest of a lock: 64 hexadecimal digits.

    Raises:
        WorkerError: it cannot be read.
    """
    try:
        return hashlib.sha256(lock.read_bytes()).hexdigest()
    except OSError as error:
        raise WorkerError(
            f"The lock of the TFDV worker cannot be read: {error.strerror}.",
            where=str(lock),
            hint="Install zenlab again.",
        ) from error


def _hint(place: Place) -> str:
    if place.origin == "variable":
        return (
            f"{VARIABLE} names this folder. Let '{INSTALL}' make it there, name another folder, "
            "or unset the variable."
        )
    if place.origin == "clone":
        return f"Run 'make setup', or '{INSTALL}'."
    return f"Run '{INSTALL}' in a terminal, or '%zen worker install --yes' in a notebook."
