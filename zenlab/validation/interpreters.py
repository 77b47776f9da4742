"""A Python 3.11 for the worker. Every candidate is executed: a pyenv shim can exist and fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.core.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = (3, 11)
_SECONDS = 20
_PROBE = """\
import sys
if sys.version_info[:2] != ({0}, {1}): sys.exit(1)
{2}
print(getattr(sys, "_base_executable", None) or sys.executable)  # not a virtual environment
"""


def find_python(wanted: str | None, *, alone: bool = False) -> Path:
    """A working Python 3.11.

    Args:
        wanted: a command or a path: this one or none. By default the Python that runs here, those
            on PATH, and pyenv's versions are tried in turn.
        alone: it has to make environments by itself, with `venv` and `ensurepip`; uv needs neither.

    Returns:
        The path of the real interpreter.

    Raises:
        WorkerError: there is none; the hint says how to get one.
    """
    need = "with venv and ensurepip " if alone else ""
    if wanted:
        found = _try(wanted, alone=alone)
        if found is None:
            raise WorkerError(
                f"'{wanted}' is not a working Python 3.11 {need}for the TFDV worker.",
                hint="Name another one with --python, or leave the option out to have it searched.",
            )
        return found
    for candidate in _candidates():
        found = _try(candidate, alone=alone)
        if found is not None:
            return found
    raise WorkerError(
        f"There is no working Python 3.11 {need}here, which the TFDV worker needs.",
        where="searched: this Python, PATH, pyenv's versions",
        hint="Debian 12: apt-get install python3.11 python3.11-venv    "
        "pyenv: pyenv install 3.11\n"
        "Or say where it is: zenlab worker install --python PATH",
    )


def _candidates() -> Iterator[str]:
    seen: set[str] = set()
    name = f"python{VERSION[0]}.{VERSION[1]}"
    yield sys.executable
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for command in (name, "python3"):
            found = shutil.which(command, path=folder) if folder else None
            if found is not None and found not in seen:
                seen.add(found)
                yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for path in sorted(pyenv.glob(f"versions/{VERSION[0]}.{VERSION[1]}*/bin/python")):
        yield str(path)


def _try(command: str, *, alone: bool) -> Path | None:
    probe = _PROBE.format(*VERSION, "import ensurepip, venv" if alone else "")
    try:
        done = subprocess.run(  # noqa: S603 - what it runs is our probe
            [command, "-I", "-c", probe],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.split("\n")
    return Path(lines[0]) if done.returncode == 0 and lines[0] else None
