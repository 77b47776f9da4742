"""The Jupyter server's side of `zenlab doctor`: it may run in another Python than the kernel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.repo.doctor import Check

EXTENSION = "zenlab-labextension"
"""The name of the JupyterLab extension: its folder among those of a server."""

_TIMEOUT_S = 30

_PROGRAM = f"""
import importlib.metadata as m, json, os, sys
def version(name):
    try:
        return m.version(name)
    except m.PackageNotFoundError:
        return None
try:
    from jupyter_core.paths import jupyter_path
    places = jupyter_path("labextensions")
except ImportError:
    places = []
found = [p for p in places if os.path.isfile(os.path.join(p, {EXTENSION!r}, "package.json"))]
names = ["jupyterlab", "notebook", "jupyter_server", "zenlab"]
about = {{"python": sys.version.split()[0], "prefix": sys.prefix, "extension": None}}
if found:
    with open(os.path.join(found[0], {EXTENSION!r}, "package.json")) as file:
        about["extension"] = json.load(file).get("version", "")
print(json.dumps(about | {{"versions": {{name: version(name) for name in names}}}}))
"""


def check_server() -> Iterator[Check]:
    """Which Jupyter server there is, and whether it has zenlab's extension."""
    from zenlab._version import __version__
    from zenlab.repo.doctor import Check

    python = find_python()
    if python is None:
        yield Check(
            "jupyter server", "notice", "No Jupyter server was found: none runs this, none on PATH."
        )
        return
    about = ask(python)
    if about is None:
        yield Check(
            "jupyter server",
            "notice",
            f"The server's Python, {python}, does not answer.",
            "Run zenlab doctor in a terminal of the server.",
        )
        return
    versions = {name: version for name, version in about["versions"].items() if version}
    listed = ", ".join(
        f"{name} {version}" for name, version in versions.items() if name != "zenlab"
    )
    place = "the kernel's environment" if about["prefix"] == sys.prefix else about["prefix"]
    yield Check(
        "jupyter server",
        "ok" if "jupyterlab" in versions or "notebook" in versions else "notice",
        f"Python {about['python']} in {place}: {listed or 'no JupyterLab'}",
    )
    extension = about["extension"]
    if extension is None:
        yield Check(
            "jupyter server",
            "notice",
            "JupyterLab extension: not installed (panels are static tables).",
            _install(python),
        )
    elif versions.get("zenlab", __version__) != __version__:
        yield Check(
            "jupyter server",
            "notice",
            f"It has zenlab {versions['zenlab']}, and the kernel {__version__}.",
            f"In the server's environment: pip install zenlab=={__version__}",
        )
    else:
        yield Check("jupyter server", "ok", f"JupyterLab extension {extension}".rstrip())


def hint_without_extension() -> str:
    """What to do if the server that started this kernel lacks the extension; empty if it has it.

    Empty as well where no server of Jupyter's did: other front ends have no use for it.
    """
    python = _parent()
    about = None if python is None else ask(python)
    if about is None or about["extension"] is not None:
        return ""
    if not {"jupyterlab", "notebook"}.intersection(k for k, v in about["versions"].items() if v):
        return ""
    return (
        "Panels are static tables here: the Jupyter server has no zenlab. "
        f"{_install(about['prefix'])}"
    )


def _install(python: str) -> str:
    from zenlab._version import __version__

    return (
        f"In the server's environment ({python}): pip install zenlab=={__version__}, "
        "then reload the page."
    )


def find_python() -> str | None:
    """The Python of the server that started this kernel, or of the `jupyter` on PATH."""
    if (parent := _parent()) is not None:
        return parent
    for program in ("jupyter-lab", "jupyter-notebook", "jupyter-server", "jupyter"):
        beside = Path(sys.executable).with_name(program)
        found = shutil.which(program) or (str(beside) if beside.is_file() else None)
        if found is not None:
            return _interpreter(Path(found))
    return None


def _parent() -> str | None:
    """The Python of the process that started this kernel, as it was called."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        # Not /proc/.../exe: it would leave the virtual environment.
        command = Path(f"/proc/{parent}/cmdline").read_bytes().split(b"\0")[0].decode()
    except (OSError, UnicodeDecodeError):
        return None
    return command if Path(command).is_absolute() and "python" in Path(command).name else None


def ask(python: str) -> dict[str, Any] | None:
    """What a Python says of the Jupyter in its environment, or None."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own Python
            [python, "-c", _PROGRAM],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
            cwd=Path(python).parent,
        )
        about: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    return about


def _interpreter(script: Path) -> str | None:
    """What a script that pip has installed is run with."""
    try:
        with script.open("rb") as file:
            line = file.readline(4096)
    except OSError:
        return None
    if line.startswith(b"#!") and b"python" in line:
        return line[2:].decode(errors="replace").strip().strip('"')
    return None
