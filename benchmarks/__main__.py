"""`python -m benchmarks [NAME ...]`: measure, print one table, write `build/bench.json`."""

from __future__ import annotations

import importlib
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

from benchmarks import report

if TYPE_CHECKING:
    from benchmarks.harness import Row

NAMES = (
    "extension",
    "panel",
    "cached",
    "steps",
    "table",
    "compare",
    "paint",
    "flights",
    "roundtrips",
    "remote",
    "statistics",
    "quickstart",
)


def main(names: list[str]) -> int:
    """Run benchmarks; 1 if one of them could not be done. A missed target is no error."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark '{unknown[0]}'; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    failed = False
    for name in names or NAMES:
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        started = time.perf_counter()
        try:
            rows += importlib.import_module(f"benchmarks.{name}").measure()
        except Exception:  # noqa: BLE001 - the others are still worth something
            print("failed", file=sys.stderr)
            traceback.print_exc()
            failed = True
            continue
        seconds[name] = time.perf_counter() - started
        print(f"{seconds[name]:.0f} s", file=sys.stderr)
    if rows:
        print(report.table(rows))
        report.write(rows, seconds)
    return 1 if failed else 0


def _with_bytecode() -> None:
    """Start again where Python would not keep bytecode, or keep it elsewhere.

    Else each process that is measured would compile all that it imports; and for packages whose
    installer has done so already, it would not, which favours these.
    """
    cache = str(report.FILE.with_name("pycache"))
    if sys.flags.dont_write_bytecode or sys.pycache_prefix != cache:
        environment = os.environ | {"PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-m", "benchmarks", *sys.argv[1:]]
        os.execve(sys.executable, command, environment)  # noqa: S606


if __name__ == "__main__":
    _with_bytecode()
    raise SystemExit(main(sys.argv[1:]))
