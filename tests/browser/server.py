"""A real JupyterLab (and Notebook 7) for the browser tests: everything of it in one folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "zenlab" / "labextension"
NAME = "zenlab-labextension"
KERNEL = "Python 3 (ipykernel)"
"""As ipykernel calls itself: a front end writes the name of its kernel into the notebook."""

_OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


class Lab:
    """A server process: `url`, and `folder`, whose notebooks it opens.

    Args:
        place: an empty folder.
        extension: whether it has zenlab's extension; without, it is in an environment of its own.
    """

    def __init__(self, place: Path, *, extension: bool = True) -> None:
        python = sys.executable if extension else _environment_without(place)
        self.folder = place / "notebooks"
        self.data = place / "data"
        self.folder.mkdir(parents=True)
        self._log = place / "server.log"
        labextensions = self._labextensions(place, extension=extension)
        settings = place / "config" / "labconfig"
        settings.mkdir(parents=True)
        (settings / "default_setting_overrides.json").write_text(json.dumps(_OVERRIDES))
        self._kernel()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(python, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"),
                    *(f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"),
                    *("--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"),
                    "--JupyterNotebookApp.expose_app_in_browser=True",
                    "--LabApp.extension_manager=readonly",
                    f"--ServerApp.root_dir={self.folder}",
                    f"--LabApp.app_dir={Path(sys.prefix) / 'share' / 'jupyter' / 'lab'}",
                    f"--LabApp.labextensions_path={labextensions}",
                    f"--JupyterNotebookApp.labextensions_path={labextensions}",
                ],
                env=self._environment(place),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def log(self) -> str:
        """What the server and its kernels have said."""
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        """Stop it, with its kernels."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _environment(self, place: Path) -> dict[str, str]:
        paths = {
            "HOME": "home",
            "TMPDIR": "tmp",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }
        for name in paths.values():
            (place / name).mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
        return {
            **kept,
            **{name: str(place / folder) for name, folder in paths.items()},
            "JUPYTER_PREFER_ENV_PATH": "0",
            "JUPYTER_PATH": str(self.data),
            "PYTHONPATH": str(ROOT),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }

    @staticmethod
    def _labextensions(place: Path, *, extension: bool) -> Path:
        """Those of this environment, such as Notebook's; of ours the one that was just built."""
        folder = place / "labextensions"
        folder.mkdir()
        for known in (Path(sys.prefix) / "share" / "jupyter" / "labextensions").glob("*"):
            if known.name not in (NAME, "nbdime-jupyterlab"):  # whose fonts Notebook refuses
                (folder / known.name).symlink_to(known, target_is_directory=True)
        if extension:
            (folder / NAME).symlink_to(EXTENSION, target_is_directory=True)
        return folder

    def _kernel(self) -> None:
        """The kernel of this interpreter: one that is installed elsewhere may be another."""
        spec = self.data / "kernels" / "python3"
        spec.mkdir(parents=True)
        arguments = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (spec / "kernel.json").write_text(
            json.dumps({"argv": arguments, "display_name": KERNEL, "language": "python"})
        )

    def _wait(self) -> None:
        for _ in range(600):
            if self._process.poll() is not None:
                raise RuntimeError(f"JupyterLab has ended:\n{self.log()}")
            try:
                with urllib.request.urlopen(f"{self.url}/api/status", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"JupyterLab does not answer:\n{self.log()}")


def _environment_without(place: Path) -> str:
    """The Python of an environment for the server alone; all packages but zenlab are this one's."""
    folder = place / "server"
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(packages) / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / "etc").symlink_to(Path(sys.prefix) / "etc")  # which of Jupyter's extensions are on
    return str(folder / "bin" / "python")


def chromium() -> str:
    """The browser, which is the system's."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise RuntimeError("There is no chromium on PATH: install Debian's package chromium.")
    return found
