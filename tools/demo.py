"""`make demo`: execute a copy of the quickstart, and say for each step where its result came from.

The first time the steps are executed; the second time all of them come from the cache, and
anything else is an error.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from zenlab.hygiene import clean_file
from zenlab.repo import Repository

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
QUICKSTART = NOTEBOOKS / "quickstart.ipynb"
COPY = ROOT / "build" / "demo" / "quickstart.ipynb"
STAMP = NOTEBOOKS / ".zenlab" / "demo"


def main() -> int:
    """Run the demo; the exit code."""
    repository = Repository(NOTEBOOKS)
    seen = {run.id for run in repository.metadata.runs(repository.project, limit=100)}
    fingerprint = _fingerprint()
    cached_before = STAMP.exists() and STAMP.read_text() == fingerprint
    print(f"Executing a copy of {QUICKSTART.relative_to(ROOT)} ...", flush=True)
    started = time.perf_counter()
    try:
        execute(QUICKSTART, COPY)
    except CellExecutionError as error:
        print(f"The quickstart failed: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - started
    executed, cached = _report(repository, seen)
    print(f"{executed} executed, {cached} cached")
    if cached_before and executed:
        print("Nothing has changed since the last demo, so nothing should have been executed.")
        return 1
    if executed + cached == 0:
        print("The quickstart has run no pipeline.")
        return 1
    STAMP.write_text(fingerprint)
    print(f"The executed copy, after {seconds:.1f} s: {COPY.relative_to(ROOT)}.")
    print("Open the notebooks with: make lab")
    return 0


def execute(notebook: Path, copy: Path) -> None:
    """Execute a notebook in its own folder, and write the result elsewhere."""
    document: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        document,
        extra_arguments=["--IPKernelApp.log_level=40"],  # not that it speaks plain TCP to itself
        timeout=1800,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
        record_timing=False,
        store_widget_state=False,
    )
    client.execute()
    copy.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(document, copy)  # type: ignore[no-untyped-call]
    clean_file(copy)  # the version of Python is no news


def _report(repository: Repository, seen: set[int]) -> tuple[int, int]:
    """Print a line a step of each new run; how many were executed and how many cached."""
    runs = [r for r in repository.metadata.runs(repository.project, limit=100) if r.id not in seen]
    executed = cached = 0
    for run in reversed(runs):
        print(f"{run.pipeline_name}: {run.status}")
        found = repository.metadata.executions([r.execution_id for r in run.resolved])
        seconds = {e.id: e.seconds for e in found}
        for step in run.resolved:
            hit = step.how == "hit"
            took = 0.0 if hit else seconds[step.execution_id]
            print(f"  {step.slot:<14} {'cached' if hit else 'executed':<9} {took:7.2f} s")
        executed += run.executed
        cached += run.cached
    return executed, cached


def _fingerprint() -> str:
    """Changes with everything that may rightly make the demo execute again."""
    digest = hashlib.sha256(sys.version.encode())
    for file in [*sorted((ROOT / "zenlab").rglob("*.py")), ROOT / "requirements" / "dev.txt"]:
        digest.update(file.read_bytes())
    document: Any = nbformat.read(QUICKSTART, as_version=4)  # type: ignore[no-untyped-call]
    digest.update("\n".join(cell.source for cell in document.cells).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
