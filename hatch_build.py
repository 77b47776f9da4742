"""Builds the JupyterLab extension and the widget for wheel and sdist, where there is Node.

What it makes, `zenlab/labextension` and `zenlab/widget`, is not in Git. It remembers what it was
made from, so that it is built once for wheel, sdist and an editable install, and again after an
edit. Without Node the package is built without its panels coming alive: a warning says so, and
`ZENLAB_REQUIRE_LABEXTENSION=1` makes that an error.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "labextension"
OUTPUT = ROOT / "zenlab" / "labextension"
WIDGET = ROOT / "zenlab" / "widget"
STAMP = "sources.sha256"
REQUIRED = "ZENLAB_REQUIRE_LABEXTENSION"

# What the result depends on: not the tests, nor how the sources are checked.
PARTS = (
    *("package.json", "yarn.lock", ".yarnrc.yml", "tsconfig.json", "install.json"),
    "build-widget.mjs",
    *("src/**/*.ts", "style/*"),
)

_JLPM = "from jupyter_builder.jlpm import main; main()"


class LabExtensionHook(BuildHookInterface[Any]):
    """hatchling calls it before it collects the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the extension's files, or say that they are missing."""
        del version, build_data
        ensure(self.app.display_warning)


def ensure(warn: Any = print) -> bool:
    """Build the extension unless what is there is up to date; whether it is there.

    Args:
        warn: is told if it cannot be built here.

    Raises:
        RuntimeError: it cannot be built here, and has to be.
        subprocess.CalledProcessError: its sources have an error.
    """
    wanted = digest()
    if wanted is None or (built() and (OUTPUT / STAMP).read_text("utf-8").strip() == wanted):
        return built()  # an sdist has the result, and may have no sources
    OUTPUT.mkdir(parents=True, exist_ok=True)  # the wheel is made of what is in it
    missing = [name for name in ("node",) if shutil.which(name) is None]
    if not missing and not _importable("jupyter_builder"):
        missing = ["jupyter-builder"]
    if missing:
        text = f"{missing[0]} is missing: zenlab's JupyterLab extension is not built"
        if os.environ.get(REQUIRED, "") not in ("", "0"):
            raise RuntimeError(text)
        warn(f"{text}; panels will be static tables")
        # Of other sources than these: worse than none.
        shutil.rmtree(WIDGET, ignore_errors=True)
        shutil.rmtree(OUTPUT)
        OUTPUT.mkdir()
        return False
    # The programs of this environment come first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "YARN_ENABLE_TELEMETRY": "0"}
    shutil.rmtree(SOURCES / "lib", ignore_errors=True)
    for arguments in (["install", "--immutable"], ["build"]):
        done = subprocess.run(
            [sys.executable, "-c", _JLPM, *arguments],
            cwd=SOURCES,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != 0:
            sys.stderr.buffer.write(done.stdout)
            done.check_returncode()
    (OUTPUT / STAMP).write_text(wanted + "\n", encoding="utf-8")
    return True


def built() -> bool:
    """Whether there is a result, of whatever sources."""
    files = (OUTPUT / "package.json", OUTPUT / STAMP, WIDGET / "widget.js")
    return all(file.is_file() for file in files)


def digest() -> str | None:
    """What the result is made from; None where the sources are not there."""
    files = sorted({file for part in PARTS for file in SOURCES.glob(part) if file.is_file()})
    if not files:
        return None
    content = hashlib.sha256()
    for file in files:
        content.update(file.relative_to(SOURCES).as_posix().encode() + b"\0")
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest()


def _importable(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


if __name__ == "__main__":
    ensure()
