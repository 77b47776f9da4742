"""Makes the worker's environment from a lock, with uv or with pip alone.

An environment is made beside its place and renamed when it is complete, so that nobody ever sees
half of one; of two installers, the second waits and finds the work done.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.core.errors import WorkerError
from zenlab.validation.environment import (
    MARKER,
    WorkerEnvironment,
    examine,
    lock_digest,
)
from zenlab.validation.interpreters import find_python
from zenlab.validation.pip_settings import uv_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DISK_GB = 1.5
"""What the environment takes; the download is about a third of it."""

_PROGRAM = Path(__file__).parent / "program" / "main.py"
_TAIL_LINES = 15


def check_program(python: Path) -> str:
    """Let the worker's program load TFDV once.

    Args:
        python: the interpreter of a new environment.

    Returns:
        What it says of itself: `tfdv 1.16.1, ...`.

    Raises:
        WorkerError: it cannot.
    """
    return _run([str(python), "-I", str(_PROGRAM), "--version"], "TFDV cannot be loaded").strip()


def install(
    folder: Path,
    lock: Path,
    *,
    python: str | None = None,
    wheelhouse: Path | None = None,
    force: bool = False,
    uv: str | None = None,
    check: Callable[[Path], str] = check_program,
    say: Callable[[str], None] = lambda _text: None,
) -> WorkerEnvironment:
    """Make an environment, unless it is there.

    Args:
        folder: its place.
        lock: requirements with hashes, and nothing else to install.
        python: the Python 3.11 to use; searched by default.
        wheelhouse: a folder with all wheels; then no index is asked.
        force: make it anew even if it is there.
        uv: the path of uv; searched by default; empty: pip alone.
        check: is given the new environment's Python, and raises if it is not good.
        say: is given a line a stage.

    Returns:
        The environment.

    Raises:
        WorkerError: it cannot be made; nothing is left of it, and what was there before is there.
    """
    digest = lock_digest(lock)
    with _alone(folder, say):
        found, _ = examine(folder, digest)
        if found is not None and not force:
            say(f"The TFDV worker is installed: {folder}")
            return found
        if wheelhouse is not None and not wheelhouse.is_dir():
            raise WorkerError("There is no such folder of wheels.", where=str(wheelhouse))
        uv = find_uv() if uv is None else uv
        interpreter = find_python(python, alone=not uv)
        making = Path(tempfile.mkdtemp(prefix=f"{folder.name}.making-", dir=folder.parent))
        try:
            say(f"Making the TFDV worker with {interpreter} and {'uv' if uv else 'pip'} ...")
            _fill(making, interpreter, lock, wheelhouse, uv)
            said = check(making / "bin" / "python")
            marker = {"lock": digest, "python": str(interpreter), "says": said}
            (making / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
            making.chmod(0o755)  # mkdtemp's is private, and a shared one is for everybody
            _put(making, folder)
        except OSError as error:
            raise WorkerError(
                f"The TFDV worker cannot be written: {error.strerror or error}.",
                where=str(error.filename or folder),
                hint=f"It needs {DISK_GB} GB there, and the right to write.",
            ) from error
        finally:
            shutil.rmtree(making, ignore_errors=True)
        say(f"The TFDV worker is installed: {folder} ({said})")
    return WorkerEnvironment(folder, folder / "bin" / "python", digest)


def remove(folder: Path) -> bool:
    """Remove an environment.

    Args:
        folder: its place.

    Returns:
        Whether there was one.

    Raises:
        WorkerError: the folder is something else, or may not be removed.
    """
    if not folder.exists():
        return False
    if not (folder / MARKER).exists() and not (folder / "pyvenv.cfg").exists():
        raise WorkerError(
            "This is no environment of a TFDV worker: it is left as it is.", where=str(folder)
        )
    with _alone(folder, lambda _text: None):
        try:
            _discard(folder)
        except OSError as error:
            raise WorkerError(
                f"The TFDV worker cannot be removed: {error.strerror or error}.", where=str(folder)
            ) from error
    return True


def find_uv() -> str:
    """The path of a uv that works: of this environment, or on PATH. Empty if there is none."""
    folders = [sysconfig.get_path("scripts"), *os.environ.get("PATH", "").split(os.pathsep)]
    for folder in filter(None, folders):
        candidate = shutil.which("uv", path=folder)
        if candidate and _works(candidate):
            return candidate
    return ""


def _works(uv: str) -> bool:
    try:
        command = [uv, "--version"]
        done = subprocess.run(command, check=False, capture_output=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0  # a pyenv shim can exist and fail


def _fill(
    making: Path, interpreter: Path, lock: Path, wheelhouse: Path | None, uv: str | None
) -> None:
    """A virtual environment with the packages of the lock."""
    what = "The packages of the TFDV worker cannot be installed"
    offline = [] if wheelhouse is None else ["--no-index", "--find-links", str(wheelhouse)]
    # Wheels only: a build would want a compiler, and packages that no lock names.
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", *offline]
    python = str(making / "bin" / "python")
    if uv:
        variables = {**os.environ, **uv_variables()}
        if wheelhouse is not None:
            for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"):
                variables.pop(name, None)
        variables.pop("VIRTUAL_ENV", None)
        venv = [uv, "venv", "-q", "--clear", "--python", str(interpreter), str(making)]
        _run(venv, "The environment cannot be made", env=variables)
        command = [uv, "pip", "install", "-q", "--python", python, *options, "-r", str(lock)]
        _run(command, what, env=variables)
    else:
        venv = [str(interpreter), "-I", "-m", "venv", "--clear", str(making)]
        _run(venv, "The environment cannot be made")
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options]
        _run([*command, "-r", str(lock)], what)


def _put(making: Path, folder: Path) -> None:
    """Rename to its place. What was there is removed only then."""
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    try:
        making.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _discard(folder: Path) -> None:
    gone = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    folder.rename(gone)
    shutil.rmtree(gone)


@contextmanager
def _alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the place against other installers, and clear what dead ones have left."""
    import fcntl

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        file = (folder.parent / f"{folder.name}.lock").open("a+")
    except OSError as error:
        raise WorkerError(
            f"The TFDV worker cannot be installed there: {error.strerror}.",
            where=str(folder.parent),
            hint="Choose a folder that you may write to.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another process installs the TFDV worker: waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left in folder.parent.glob(f"{folder.name}.*-*"):
            if left.name.startswith((f"{folder.name}.making-", f"{folder.name}.old-")):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _run(command: Sequence[str], what: str, *, env: dict[str, str] | None = None) -> str:
    """Run a command; its output."""
    try:
        done = subprocess.run(  # noqa: S603 - commands of this module
            command, check=False, capture_output=True, text=True, env=env
        )
    except OSError as error:
        raise WorkerError(f"{what}: {error}.", where=command[0]) from error
    if done.returncode == 0:
        return done.stdout
    lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    raise WorkerError(
        f"{what}: {Path(command[0]).name} ended with {done.returncode}.",
        where=command[0],
        hint="It said:\n" + "\n".join(lines[-_TAIL_LINES:]),
    )
