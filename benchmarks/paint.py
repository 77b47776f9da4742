"""From an output to its picture: big panels in JupyterLab, beside pandas' tables of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from benchmarks.harness import Row, Stat, SystemFailedError

_ROOT = Path(__file__).resolve().parents[1]
PYTHON = _ROOT / ".venv" / "bin" / "python"
"""Of the environment that has the browser's driver; that of the benchmarks has none."""
TARGET_MS = 1000
SECONDS = 600


def measure() -> list[Row]:
    """The panels, in turn with what JupyterLab makes of pandas' HTML."""
    done = subprocess.run(
        [str(PYTHON), "-m", "benchmarks.systems.browser"],
        cwd=_ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode != 0:
        raise SystemFailedError(f"browser:\n{done.stderr}")
    return [
        Row(
            figure,
            "ms",
            Stat(tuple(seen["panel"])),
            TARGET_MS,
            {"pandas' HTML": Stat(tuple(seen["pandas"]))},
            facts={
                "rows drawn": seen["rows"],
                "the first one of a page": f"{seen['first']:.0f} ms",
            },
        )
        for figure, seen in json.loads(done.stdout.splitlines()[-1]).items()
    ]
