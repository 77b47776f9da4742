"""`%load_ext` in a fresh IPython, against a bare IPython start."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time

from benchmarks.harness import Row, Stat, SystemFailedError, scratch

ROUNDS = 12
ROUNDS_OF_PEERS = 4  # they take seconds
TARGET_MS = 80
HEAVY = ("pandas", "numpy", "pyarrow", "sqlalchemy", "plotly", "sklearn")
EXTENSIONS = {
    "bare": "pass",
    "zenlab": "%load_ext zenlab",
    "Hamilton": "%load_ext hamilton.plugins.jupyter_magic",
}
LIST = (
    "import sys, json; found = {m.partition('.')[0] for m in list(sys.modules)}; "
    "print(json.dumps(sorted(found)))"
)


def measure() -> list[Row]:
    """The median of differences of neighbouring starts."""
    folder = scratch()
    try:
        lines = dict(EXTENSIONS)
        if importlib.util.find_spec("hamilton") is None:
            del lines["Hamilton"]
        modules = {name: _modules(line, folder) for name, line in lines.items()}  # the warm-up
        if "zenlab" not in modules["zenlab"]:
            raise SystemFailedError("%load_ext zenlab did not load it")
        heavy = sorted(set(HEAVY) & (modules["zenlab"] - modules["bare"]))
        times: dict[str, list[float]] = {name: [] for name in lines}
        for number in range(ROUNDS):
            for name, line in lines.items():
                if name not in ("bare", "zenlab") and number >= ROUNDS_OF_PEERS:
                    continue
                started = time.perf_counter()
                _ipython(line, folder)
                times[name].append((time.perf_counter() - started) * 1000)
    finally:
        shutil.rmtree(folder)
    bare = times.pop("bare")
    added = {
        name: Stat(tuple(a - b for a, b in zip(seen, bare, strict=False)))
        for name, seen in times.items()
    }
    ours = added.pop("zenlab")
    return [
        Row(
            "%load_ext in a fresh IPython: added",
            "ms",
            ours,
            TARGET_MS,
            added,
            facts={
                "bare IPython": f"{Stat(tuple(bare)).median:.0f} ms",
                "heavy modules imported": ", ".join(heavy) or "none",
            },
        )
    ]


def _ipython(line: str, folder: str) -> str:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", "-c", line]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"IPYTHONDIR": folder},
    )
    # An extension that cannot be loaded is a warning with a traceback, and exit code 0.
    if done.returncode or "Error" in done.stdout + done.stderr:
        raise SystemFailedError(f"{line}\n{done.stdout}{done.stderr}")
    return done.stdout


def _modules(line: str, folder: str) -> set[str]:
    return set(json.loads(_ipython(f"{line}\n{LIST}", folder).splitlines()[-1]))
