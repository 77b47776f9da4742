"""The quickstart's first run: a copy of the notebook in a new repository, nothing cached."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import nbformat
import pygit2
from nbclient import NotebookClient

from benchmarks.harness import Row, Stat, scratch

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
TARGET_S = 60
TARGET_MB = 1000
PEAK = (
    "import runpy as _r\n"
    f"print('peak', _r.run_path({str(Path(__file__).with_name('harness.py'))!r})['peak_rss_mb']())"
)


def measure() -> list[Row]:
    """Wall seconds from the start of the kernel to its end, and its most memory."""
    folder = Path(scratch())
    try:
        pygit2.init_repository(str(folder))
        for name in ("quickstart.ipynb", "zenlab.yaml"):
            shutil.copy(NOTEBOOKS / name, folder)
        document = nbformat.read(folder / "quickstart.ipynb", as_version=4)
        document.cells.append(nbformat.v4.new_code_cell(PEAK))
        os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not the user's
        client = NotebookClient(
            document,
            timeout=600,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            extra_arguments=["--IPKernelApp.log_level=40"],
            store_widget_state=False,
        )
        # Nothing is compiled yet either, as after the set-up of a fresh clone.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": str(folder / "pycache")}
        started = time.perf_counter()
        client.execute(env=environment)
        seconds = time.perf_counter() - started
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = "".join(o.get("text", "") for o in document.cells[-1].outputs)
    peak = re.search(r"peak ([\d.]+)", said)
    assert peak is not None, said
    return [
        Row("quickstart, first run", "s", Stat((seconds,)), TARGET_S),
        Row("quickstart: kernel's peak memory", "MB", Stat((float(peak[1]),)), TARGET_MB),
    ]
